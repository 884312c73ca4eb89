"""Table: jobs; the truth about each, whatever the engine that delivers them remembers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum


class JobState(StrEnum):
    """Where a job is; the last three are ends, reached once."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by somebody, or by its time limit; the best found is kept
    FAILED = "failed"


ENDS = frozenset({JobState.DONE, JobState.STOPPED, JobState.FAILED})


class Job(SQLModel, table=True):
    """One long piece of work."""

    __tablename__ = "job"

    id: str = Field(default_factory=new_id, primary_key=True)
    idempotency_key: str = Field(unique=True)
    kind: str
    payload: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    requested_by: str  # a person's id, or "system"
    page: str = "/"  # where its result is looked at
    time_limit_s: float
    memory_limit_mb: int
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))

    state: JobState = Field(
        default=JobState.QUEUED, sa_type=text_enum(JobState), index=True, nullable=False
    )
    attempt: int = 0  # the fence: only the newest attempt may write
    worker: str = ""
    started_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    seen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))  # last heartbeat
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    stop_requested_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))

    phase: str = ""
    incumbent: float | None = None
    lower_bound: float | None = None
    gap: float | None = None
    trail: list[list[float | None]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # [seconds, incumbent, lower bound] at each step
    best: dict[str, object] | None = Field(default=None, sa_column=Column(JSON))
    result: dict[str, object] | None = Field(default=None, sa_column=Column(JSON))
    error: str = ""  # a Swedish source text
