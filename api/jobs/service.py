"""Submitting, following and stopping jobs, and the fence that lets each end once."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.audit.service import SYSTEM, record
from api.jobs import queries
from api.jobs.handlers import JobProgress, Json
from api.jobs.models import ENDS, Job, JobState
from api.kit.clock import now
from api.kit.db import announce
from api.kit.errors import MissingError

TIME_LIMIT_S = 300.0
MEMORY_LIMIT_MB = 4096
SILENCE = timedelta(seconds=30)  # a worker writes every second
MAX_ATTEMPTS = 25  # a job that takes its worker down this often is not tried again


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A job has ended, once; `result` is its result or the best found, None when there is none."""

    job_id: str
    kind: str
    state: JobState
    payload: Json
    result: Json | None
    requested_by: str


def submit(
    session: Session,
    kind: str,
    payload: Json,
    idempotency_key: str,
    *,
    requested_by: str = SYSTEM,
    page: str = "/",
    time_limit_s: float = TIME_LIMIT_S,
    memory_limit_mb: int = MEMORY_LIMIT_MB,
) -> Job:
    """Queue a job; a worker takes it once this transaction is committed.

    Submitting the same key again gives the first job back, whatever its state.
    """
    found = queries.job_by_key(session, idempotency_key)
    if found is not None:
        return found
    job = Job(
        idempotency_key=idempotency_key,
        kind=kind,
        payload=payload,
        requested_by=requested_by,
        page=page,
        time_limit_s=time_limit_s,
        memory_limit_mb=memory_limit_mb,
        created_at=now(),
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # somebody submitted the same key at the same moment
        found = queries.job_by_key(session, idempotency_key)
        if found is None:
            raise
        return found
    record(session, requested_by, "submitted", ("job", job.id), after={"kind": kind})
    return job


def follow(session: Session, job_id: str) -> Job:
    """Return a job.

    Raises:
        MissingError: when there is none.
    """
    job = queries.job(session, job_id)
    if job is None:
        raise MissingError
    return job


def newest(session: Session, limit: int = 50) -> list[Job]:
    """Return the newest jobs."""
    return queries.newest(session, limit)


def is_silent(job: Job) -> bool:
    """Return whether a running job's worker has not been heard of for SILENCE."""
    if job.state is not JobState.RUNNING or job.seen_at is None:
        return False
    return job.seen_at + SILENCE < now()


def stop(session: Session, job_id: str, actor: str = SYSTEM) -> Job:
    """Ask a job to end with the best it has; one that has not begun ends at once, one that ended stays."""
    job = queries.job_to_change(session, job_id)
    if job is None:
        raise MissingError
    if job.state in ENDS or job.stop_requested_at is not None:
        return job
    job.stop_requested_at = now()
    record(session, actor, "asked_to_stop", ("job", job.id))
    if job.state is JobState.QUEUED:
        _end(session, job, JobState.STOPPED, None, "")
    session.add(job)
    return job


# What follows is the worker's side.


def begin(session: Session, job_id: str, worker: str) -> Job | None:
    """Start a new attempt at a job, which shuts every earlier attempt out; None when it has ended."""
    job = queries.job_to_change(session, job_id)
    if job is None or job.state in ENDS:
        return None
    if job.attempt >= MAX_ATTEMPTS:
        _end(
            session,
            job,
            JobState.FAILED,
            job.best,
            "Beräkningen avbröts flera gånger. Kontakta den som sköter driften.",
        )
        return None
    if job.stop_requested_at is not None:  # asked to stop while its worker was away
        _end(session, job, JobState.STOPPED, job.best, "")
        return None
    job.state = JobState.RUNNING
    job.attempt += 1
    job.worker = worker
    job.started_at = job.started_at or now()
    job.seen_at = now()
    session.add(job)
    return job


def note_progress(
    session: Session,
    job_id: str,
    attempt: int,
    progress: JobProgress | None = None,
    best: Json | None = None,
) -> bool:
    """Write a heartbeat, with progress where there is news; False when this attempt is shut out."""
    values: dict[str, object] = {"seen_at": now()}
    if progress is not None:
        values.update(
            phase=progress.phase,
            incumbent=progress.incumbent,
            lower_bound=progress.lower_bound,
            gap=progress.gap,
            trail=progress.trail,
        )
    if best is not None:
        values["best"] = best
    return queries.write_if_current(session, job_id, attempt, values)


def must_stop(session: Session, job_id: str, attempt: int) -> bool:
    """Return whether the attempt should end: somebody asked, or a newer attempt has begun."""
    job = queries.job(session, job_id)
    if job is None or job.attempt != attempt or job.state is not JobState.RUNNING:
        return True
    return job.stop_requested_at is not None


def finish(
    session: Session, job_id: str, attempt: int, state: JobState, result: Json | None, error: str
) -> bool:
    """End a job; False, and nothing written, when a newer attempt has begun or it ended before."""
    job = queries.job_to_change(session, job_id)
    if job is None or job.attempt != attempt or job.state is not JobState.RUNNING:
        return False
    _end(session, job, state, result, error)
    return True


def _end(session: Session, job: Job, state: JobState, result: Json | None, error: str) -> None:
    job.state, job.result, job.error = state, result, error
    job.best = None
    job.finished_at = now()
    session.add(job)
    session.flush()
    after: Json = {"state": state.value, "attempt": job.attempt, "has_result": result is not None}
    record(session, SYSTEM, "ended", ("job", job.id), after=after)
    announce(session, JobFinished(job.id, job.kind, state, job.payload, result, job.requested_by))
