"""Table: a meeting's way in, in its planner's words, and the function to ring."""

from sqlmodel import Field, SQLModel

from api.kit.db import Versioned


class Arrival(Versioned, SQLModel, table=True):
    """How to get in at a national meeting; guests come for half an hour and have no time to look."""

    __tablename__ = "meeting_arrival"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    way_in: str = ""  # "Entrén mot torget, säg ditt namn i receptionen"; never a home address
    contact_id: str | None = Field(default=None, foreign_key="function.id", index=True)
    version: int = 1
