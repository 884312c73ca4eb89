"""All SQL over jobs."""

from sqlmodel import Session, col, select, update

from api.jobs.models import Job, JobState

OPEN = (JobState.QUEUED, JobState.RUNNING)


def job(session: Session, job_id: str) -> Job | None:
    """Return a job as it is in the database now."""
    return session.get(Job, job_id, populate_existing=True)


def job_to_change(session: Session, job_id: str) -> Job | None:
    """Return a job, locked until the transaction ends (SQLite's writer is alone anyway)."""
    return session.get(Job, job_id, populate_existing=True, with_for_update=True)


def job_by_key(session: Session, idempotency_key: str) -> Job | None:
    """Return the job that was submitted with this key."""
    return session.exec(select(Job).where(Job.idempotency_key == idempotency_key)).first()


def open_job_ids(session: Session) -> list[str]:
    """Return the jobs that have not ended, oldest first."""
    statement = select(Job.id).where(col(Job.state).in_(OPEN)).order_by(col(Job.created_at), Job.id)
    return list(session.exec(statement))


def newest(session: Session, limit: int) -> list[Job]:
    """Return the newest jobs."""
    statement = select(Job).order_by(col(Job.created_at).desc(), col(Job.id).desc()).limit(limit)
    return list(session.exec(statement))


def write_if_current(
    session: Session, job_id: str, attempt: int, values: dict[str, object]
) -> bool:
    """Write to a running job unless a newer attempt has begun; return whether it was written."""
    statement = (
        update(Job)
        .where(col(Job.id) == job_id)
        .where(col(Job.state) == JobState.RUNNING)
        .where(col(Job.attempt) == attempt)
        .values(**values)
        .returning(col(Job.id))
    )
    return session.exec(statement).first() is not None
