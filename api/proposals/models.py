"""Tables: proposals on their way from a problem to a published version, and what is held over one just now."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum


class ProposalKind(StrEnum):
    """What is proposed."""

    NETWORKS = "networks"
    PROGRAMME = "programme"
    YEAR = "year"
    ROUNDS = "rounds"


class ProposalState(StrEnum):
    """How far a proposal has come; a published one never changes again."""

    SOLVING = "solving"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Proposal(Versioned, SQLModel, table=True):
    """A stored problem with its answer: at once audit trail, benchmark instance and regression test."""

    __tablename__ = "proposal"

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: ProposalKind = Field(sa_type=text_enum(ProposalKind), index=True)
    state: ProposalState = Field(sa_type=text_enum(ProposalState), index=True)
    title: str
    meeting_id: str | None = Field(default=None, foreign_key="meeting.id")
    settings: str = Field(sa_column=Column(Text, nullable=False))  # JSON: what the planner chose
    problem: str = Field(sa_column=Column(Text, nullable=False))  # JSON: the engine's format
    solution: str | None = Field(default=None, sa_column=Column(Text))  # JSON: the engine's format
    study: str | None = Field(
        default=None, sa_column=Column(Text)
    )  # JSON: what else could have been
    study_job_id: str | None = None
    conflict: str | None = Field(default=None, sa_column=Column(Text))  # JSON: wishes that clash
    compared_with: str | None = None  # the proposal that this one is a changed copy of
    engine_version: str
    seed: int = 0
    time_limit_s: float = 60.0
    job_id: str | None = None
    created_by: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    is_example: bool = False
    version: int = 1


class PickedUp(SQLModel, table=True):
    """A session that a planner holds in the hand, over a programme's grid, until it is let go or forgotten."""

    __tablename__ = "picked_up"

    proposal_id: str = Field(foreign_key="proposal.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True)
    session_key: str
    until: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
