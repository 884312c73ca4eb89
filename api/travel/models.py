"""Table: NCH's own corrections of the shipped legs."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned


class TravelLeg(Versioned, SQLModel, table=True):
    """A leg as NCH knows it, in place of the shipped one; `hours` is None where there is none."""

    __tablename__ = "travel_leg"

    a: str = Field(primary_key=True)  # two towns, the first in the alphabet's order first
    b: str = Field(primary_key=True)
    mode: str = Field(primary_key=True)
    hours: float | None = None  # centre to centre, both ways
    basis: str = ""
    version: int = 1
    changed_by: str  # a person's id
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
