"""Tables: events as calendars know them, who they concern, and their rendered fragments."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum


class Level(StrEnum):
    """How much a calendar may tell."""

    BUSY = "busy"
    NEUTRAL = "neutral"
    INTERNAL = "internal"


class ScopeKind(StrEnum):
    """Whom or what a feed is for."""

    PERSON = "person"
    FUNCTION = "function"
    RC = "rc"
    NETWORK = "network"
    MEETING = "meeting"
    TRACK = "track"
    ROLE = "role"


class Event(SQLModel, table=True):
    """One event in people's calendars; `subject` is the meeting or session that it stands for.

    A series is an event with a rule. Each of its occurrences is an event too, known to calendars
    by the series' UID and the moment that the rule gives it (RFC 5545 3.8.4.4).
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    uid: str = Field(default_factory=new_id, unique=True)  # RFC 7986 5.3: random, for ever
    subject_kind: str
    subject_id: str
    sequence: int = 0  # RFC 5545 3.8.7.4; never falls
    status: str = "CONFIRMED"  # CONFIRMED, TENTATIVE, CANCELLED
    # strictly later at each revision: DTSTAMP and LAST-MODIFIED
    revised_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    cancelled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    starts_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    first_day: date | None = None  # whole-day events have days instead of moments
    last_day: date | None = None  # inclusive
    neutral_sv: str  # "Nätverksträff": what a shared calendar may show
    neutral_en: str
    title_sv: str  # the real title, for level internal
    title_en: str
    town: str = ""  # empty: digital, or not decided yet
    is_town_open: bool = False  # people meet in a room, in a town that is not decided yet
    room: str = ""
    video_url: str = ""  # the room of a digital meeting: for those invited, never at level busy
    agenda_sv: str = ""  # purpose, task, preparation and headings; level internal
    agenda_en: str = ""
    page: str  # path of the page to read more on, for signed-in viewers
    is_protected: bool = False  # always shown as busy
    is_deadline: bool = False  # "answer by": only in feeds that ask for deadlines
    is_example: bool = False
    rule: str = ""  # of a series: RRULE
    ends_by: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime)
    )  # of a series: when the last of its occurrences ends
    series_id: str | None = Field(default=None, foreign_key="event.id", index=True)
    original_start: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime)
    )  # of an occurrence: when the rule has it
    is_apart: bool = False  # an occurrence moved past its neighbour: an event of its own for ever
    is_left_out: bool = False  # an occurrence whose cancelling has been told for long enough


class EventAudience(SQLModel, table=True):
    """Whose feeds an event is in."""

    __tablename__ = "event_audience"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    scope_kind: ScopeKind = Field(primary_key=True, sa_type=text_enum(ScopeKind))
    scope_id: str = Field(primary_key=True, index=True)


class EventFragment(SQLModel, table=True):
    """An event's VEVENT octets for a level and language, rendered when the event changed."""

    __tablename__ = "event_fragment"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    level: Level = Field(primary_key=True, sa_type=text_enum(Level))
    language: str = Field(primary_key=True)
    octets: bytes
