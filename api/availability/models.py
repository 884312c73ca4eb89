"""Tables: a poll for a network's time, its options, whom it asks, and who can when."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.meetings.models import MeetingForm


class PollState(StrEnum):
    """Whether answers are taken, or a time has been booked, or the poll was called off."""

    OPEN = "open"
    BOOKED = "booked"
    CLOSED = "closed"


class AnswerValue(StrEnum):
    """What somebody says of a time."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Poll(Versioned, SQLModel, table=True):
    """A question to a network or a group: when do we meet? `meeting_id` is the meeting to move, or the one made.

    Where `each_picks`, everybody takes one of the times for themselves, and it is theirs alone.

    `address` is the unguessable end of the link that members pass on; it lets whoever has it see the
    times and add an answer of their own, never what others answered.
    """

    __tablename__ = "poll"

    id: str = Field(default_factory=new_id, primary_key=True)
    network_id: str | None = Field(default=None, foreign_key="network.id", index=True)
    group_id: str | None = Field(default=None, foreign_key="meeting_group.id", index=True)
    meeting_id: str | None = Field(default=None, foreign_key="meeting.id", index=True)
    address: str = Field(unique=True)
    theme: str
    focus: str = ""  # of a group's meeting; a network's has its agenda
    each_picks: bool = False
    form: MeetingForm = Field(sa_type=text_enum(MeetingForm))
    town: str = ""
    video_url: str = ""  # of the meeting that it becomes
    asked_by: str = ""  # the function whose times they are; empty: NCH's
    answer_by: date | None = None  # the last day; whoever has not answered is reminded before it
    state: PollState = Field(default=PollState.OPEN, sa_type=text_enum(PollState))
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_example: bool = False
    version: int = 1


class PollOption(SQLModel, table=True):
    """A time that is asked about; a withdrawn one keeps its answers, should it come back."""

    __tablename__ = "poll_option"

    id: str = Field(default_factory=new_id, primary_key=True)
    poll_id: str = Field(foreign_key="poll.id", index=True)
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_withdrawn: bool = False
    # Of a time that somebody has taken for themselves: whose it is, and the meeting that came of it.
    taken_by: str | None = Field(default=None, foreign_key="function.id", index=True)
    meeting_id: str | None = Field(default=None, foreign_key="meeting.id", index=True)


class PollAsked(SQLModel, table=True):
    """A function that a poll asks: one mail with a link of its own, and one row of answers."""

    __tablename__ = "poll_asked"
    __table_args__ = (UniqueConstraint("poll_id", "function_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    poll_id: str = Field(foreign_key="poll.id", index=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    reminded_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class PollLink(SQLModel, table=True):
    """A mailed link of whoever a poll asks; only the hash of its token is kept."""

    __tablename__ = "poll_link"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    asked_id: str = Field(foreign_key="poll_asked.id", index=True)


class PollAnswer(SQLModel, table=True):
    """Somebody's answer: a function's, or found again by its own secret link, of which the hash is kept."""

    __tablename__ = "poll_answer"
    __table_args__ = (UniqueConstraint("poll_id", "function_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    poll_id: str = Field(foreign_key="poll.id", index=True)
    function_id: str | None = Field(default=None, foreign_key="function.id", index=True)
    name: str
    key_hash: str = Field(unique=True)
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PollMark(SQLModel, table=True):
    """What an answer says of an option; a time without a mark has not been answered."""

    __tablename__ = "poll_mark"

    answer_id: str = Field(foreign_key="poll_answer.id", primary_key=True)
    option_id: str = Field(foreign_key="poll_option.id", primary_key=True)
    value: AnswerValue = Field(sa_type=text_enum(AnswerValue))
