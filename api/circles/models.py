"""Tables: who helps a newcomer into a circle."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id


class Buddy(SQLModel, table=True):
    """A post in another RC of a circle whose holder helps a newcomer begin; ids only."""

    __tablename__ = "buddy"

    id: str = Field(default_factory=new_id, primary_key=True)
    hand_over_id: str = Field(foreign_key="hand_over.id", unique=True)
    function_id: str = Field(foreign_key="function.id", index=True)  # the newcomer's
    person_id: str = Field(foreign_key="person.id", index=True)  # the newcomer
    buddy_function_id: str = Field(foreign_key="function.id", index=True)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
