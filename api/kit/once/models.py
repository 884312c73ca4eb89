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
