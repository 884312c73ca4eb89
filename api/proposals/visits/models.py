"""Table: study visits that a host has been asked about, and the one line that came home from each."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum

LONGEST_LINE = 200


class VisitState(StrEnum):
    """The host has been asked, has answered, or is asked no more."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class VisitAsk(Versioned, SQLModel, table=True):
    """A host asked whether it takes a visit; a day is proposed to the two when it has said yes."""

    __tablename__ = "visit_ask"

    id: str = Field(default_factory=new_id, primary_key=True)
    visitor_rc: str = Field(index=True)
    host_rc: str = Field(index=True)
    theme_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))  # what there is to see
    state: VisitState = Field(default=VisitState.ASKED, sa_type=text_enum(VisitState))
    token_hash: str | None = Field(default=None, unique=True)  # SHA-256, hexadecimal
    function_id: str | None = None  # whose mail the link came in
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    meeting_id: str | None = Field(default=None, foreign_key="meeting.id", index=True)
    learnt: str = ""  # at most LONGEST_LINE characters, by the visitor
    version: int = 1
