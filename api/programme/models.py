"""Tables: the published programme of a meeting, version by version."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum


class Focus(StrEnum):
    """What a track is about, said beforehand, since RC are in different phases."""

    START_UP = "start_up"
    SUBJECT = "subject_matters"


class Track(SQLModel, table=True):
    """A themed track of a meeting."""

    __tablename__ = "track"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    key: str  # stable within the meeting, from version to version
    name_sv: str
    name_en: str
    focus: Focus = Field(sa_type=text_enum(Focus))


class Slot(SQLModel, table=True):
    """A stretch of time in which sessions run in parallel, one in each room; or a break."""

    __tablename__ = "slot"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    key: str
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_break: bool = False
    name_sv: str = ""
    name_en: str = ""


class Room(SQLModel, table=True):
    """A room with its capacity in persons."""

    __tablename__ = "room"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    key: str
    name: str
    capacity: int
    is_digital: bool = False


class ProgrammeSession(SQLModel, table=True):
    """A session: never without purpose, task, leader and preparation."""

    __tablename__ = "programme_session"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    key: str
    theme_id: str = ""  # the wish that it answers, in the theme bank
    title_sv: str
    title_en: str
    purpose_sv: str
    purpose_en: str
    task_sv: str
    task_en: str
    leader: str  # a function, not a person: "NCH, processledare"
    preparation_sv: str
    preparation_en: str
    format: str
    gives_guest_sv: str = ""  # what it gives a guest who comes for this alone
    gives_guest_en: str = ""
    slot_id: str | None = Field(default=None, foreign_key="slot.id")
    room_id: str | None = Field(default=None, foreign_key="room.id")
    track_id: str | None = Field(default=None, foreign_key="track.id")
    reason_sv: str = ""  # why it does not run, when it has no slot
    reason_en: str = ""
    demand: int = 0  # RC that asked for it
    method_sv: str = ""  # how people work in it
    method_en: str = ""
    link: str = ""  # for those who take part from afar
    minutes: int | None = None  # from the slot's beginning; None: the whole slot


class ProgrammeOutline(Versioned, SQLModel, table=True):
    """What a meeting's next programme is made of, as its planner has it: one document a meeting.

    `content` is `api.programme.content.to_json` as text. A proposal keeps the content that it was
    planned from; the texts of a session are changed here and in what is published at once.
    """

    __tablename__ = "programme_outline"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    survey_id: str = ""  # whose wishes count; empty when nobody was asked
    content: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    version: int = 1


class Attendance(SQLModel, table=True):
    """One line of a personal agenda: a function attends a session."""

    __tablename__ = "attendance"

    session_id: str = Field(foreign_key="programme_session.id", primary_key=True)
    function_id: str = Field(foreign_key="function.id", primary_key=True, index=True)


class Seat(SQLModel, table=True):
    """Where a function sits in a round of a case round; tables and rounds count from 1."""

    __tablename__ = "table_seat"

    session_id: str = Field(foreign_key="programme_session.id", primary_key=True)
    round_number: int = Field(primary_key=True)
    function_id: str = Field(foreign_key="function.id", primary_key=True, index=True)
    table_number: int
