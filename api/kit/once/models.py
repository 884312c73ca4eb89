"""Table: the idempotency keys of forms and requests that have acted."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime


class Acted(SQLModel, table=True):
    """A key that was used; written in the transaction that acted, so that both are or neither is."""

    __tablename__ = "acted"

    key: str = Field(primary_key=True)  # SHA-256, hexadecimal: the form's token stays secret
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class Answered(SQLModel, table=True):
    """The answer to an act of the API that came with a key: whoever asks again gets the same."""

    __tablename__ = "answered"

    key: str = Field(primary_key=True)  # SHA-256, hexadecimal
    body: str  # SHA-256 of what was sent: the same key with something else is a mistake
    status: int
    answer: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
