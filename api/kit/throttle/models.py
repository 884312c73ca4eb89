"""Table: what was counted against a limit, for as long as the longest limit looks back."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id


class Hit(SQLModel, table=True):
    """One use; whose it was can be recognised only with the service's secret."""

    __tablename__ = "hit"

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(index=True)  # HMAC-SHA-256 of the limit and the client or address, hexadecimal
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
