"""Table: the links to a meeting's materials."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id


class Material(SQLModel, table=True):
    """A link: what lies behind it keeps its own rights and its own erasing."""

    __tablename__ = "material"
    __table_args__ = (UniqueConstraint("meeting_id", "address"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    title: str
    address: str  # https only
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
