"""Tables: newcomers and their buddies, times away, whose turn it is to convene, and whether circles met."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum


class Buddy(SQLModel, table=True):
    """A post in another RC of a circle whose holder helps a newcomer begin; ids only."""

    __tablename__ = "buddy"

    id: str = Field(default_factory=new_id, primary_key=True)
    hand_over_id: str = Field(foreign_key="hand_over.id", unique=True)
    function_id: str = Field(foreign_key="function.id", index=True)  # the newcomer's
    person_id: str = Field(foreign_key="person.id", index=True)  # the newcomer
    buddy_function_id: str = Field(foreign_key="function.id", index=True)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class Absence(Versioned, SQLModel, table=True):
    """A holder who is away for a time; meanwhile the deputy holds the post, and the holder is its deputy."""

    __tablename__ = "absence"

    id: str = Field(default_factory=new_id, primary_key=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)  # who is away
    deputy_id: str = Field(foreign_key="person.id", index=True)
    starts_on: date
    until: date  # the last day away
    deputy_hands_over: bool = False  # as it was before, to be so again
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    begun_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    begun_by: str = ""  # the hand-over that began it
    ended_by: str = ""  # and the one that ended it
    version: int = 1


LONGEST_LINE = 200


class TurnEnd(StrEnum):
    """How a turn to convene ended."""

    MET = "met"  # the circle met, and the next has the turn
    DECLINED = "declined"
    PASSED = "passed"  # the circle chose another, or the RC left it


class Convening(SQLModel, table=True):
    """An RC's turn to convene a circle; the one without an end is whose turn it is."""

    __tablename__ = "convening"

    id: str = Field(default_factory=new_id, primary_key=True)
    network_id: str = Field(foreign_key="network.id", index=True)
    rc_id: str = Field(index=True)
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    chosen_by: str = ""  # a person of the circle; empty: proposed by turns and load
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    end: TurnEnd | None = Field(default=None, sa_type=text_enum(TurnEnd))


class CircleCare(Versioned, SQLModel, table=True):
    """What a circle has said of its next time, and whether it rests."""

    __tablename__ = "circle_care"

    network_id: str = Field(foreign_key="network.id", primary_key=True)
    agenda: list[str] = Field(
        sa_column=Column(JSON, nullable=False)
    )  # keys, in order; empty: as usual
    line: str = ""  # for the next time; at most LONGEST_LINE characters, never about a case
    resting_until: date | None = None
    nudged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    version: int = 1


class HeldAnswer(StrEnum):
    """Whether a planned meeting took place."""

    YES = "yes"
    NO = "no"
    MOVED = "moved"


class Held(Versioned, SQLModel, table=True):
    """Whether a circle's meeting took place: asked the day after, answered by anybody in the circle."""

    __tablename__ = "held"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    network_id: str = Field(foreign_key="network.id", index=True)
    rc_id: str = ""  # that was asked
    person_id: str = ""  # whose mail the link came in
    token_hash: str | None = Field(default=None, unique=True)  # SHA-256, hexadecimal
    asked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    answer: HeldAnswer | None = Field(default=None, sa_type=text_enum(HeldAnswer))
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    answered_by: str = ""  # a person's id; empty: by the link
    is_counted: bool = False  # the turn has passed on after it
    version: int = 1


class PulseAnswer(StrEnum):
    """What circles give, in one word."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class PulseBallot(SQLModel, table=True):
    """A link that answers the pulse once; it says that somebody may, never who or what."""

    __tablename__ = "pulse_ballot"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    season: str = Field(index=True)  # 2027-1 in spring, 2027-2 in autumn
    is_used: bool = False


class PulseVote(SQLModel, table=True):
    """An answer to the pulse, over all circles together: no circle, person or moment."""

    __tablename__ = "pulse_vote"

    id: str = Field(default_factory=new_id, primary_key=True)
    season: str = Field(index=True)
    answer: PulseAnswer = Field(sa_type=text_enum(PulseAnswer))
