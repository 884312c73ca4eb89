"""Table: whom a session's leader is looked for among, in order, and what each has answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum


class AskState(StrEnum):
    """A candidate waits for its turn, has been asked, has answered, or is asked no more."""

    WAITING = "waiting"
    ASKED = "asked"
    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class LeaderAsk(Versioned, SQLModel, table=True):
    """One candidate for one session of one meeting; the first in order who says yes leads."""

    __tablename__ = "leader_ask"
    __table_args__ = (UniqueConstraint("meeting_id", "session_key", "function_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    session_key: str  # as in the programme: a theme's id
    title_sv: str
    title_en: str
    rc_id: str = Field(index=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    place: int  # in the order of asking, from 0
    state: AskState = Field(default=AskState.WAITING, sa_type=text_enum(AskState))
    token_hash: str | None = Field(default=None, unique=True)  # SHA-256, hexadecimal
    asked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    is_example: bool = False
    version: int = 1
