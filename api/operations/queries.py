"""SQL over the whole database, for checks and copies."""

from datetime import datetime

from sqlalchemy import MetaData, Table
from sqlmodel import Session, col, func, select, text

from api.jobs.models import Job, JobState
from api.outbox.models import Mail, MailState


def answers(session: Session) -> bool:
    """Return True when the database answers at all."""
    return session.execute(select(1)).scalar() == 1


def revision(session: Session) -> str:
    """Return the migration that the database stands at; empty when it was never migrated."""
    try:
        return str(session.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    except Exception as error:
        if "alembic_version" in str(error):
            return ""
        raise


def waits_since(session: Session, moment: datetime) -> int:
    """Return how many jobs have waited for a worker since before the moment."""
    statement = (
        select(func.count())
        .select_from(Job)
        .where(Job.state == JobState.QUEUED)
        .where(col(Job.created_at) < moment)
    )
    return session.exec(statement).one()


def jobs_by_state(session: Session) -> dict[JobState, int]:
    """Return the number of jobs in each state."""
    rows = session.exec(select(Job.state, func.count()).group_by(col(Job.state)))
    found = {JobState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in JobState}


def mail_by_state(session: Session) -> dict[MailState, int]:
    """Return the number of mails in each state."""
    rows = session.exec(select(Mail.state, func.count()).group_by(col(Mail.state)))
    found = {MailState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in MailState}


def row_counts(session: Session, tables: MetaData) -> dict[str, int]:
    """Return the number of rows of every table."""
    return {table.name: _count(session, table) for table in tables.sorted_tables}


def _count(session: Session, table: Table) -> int:
    return int(session.execute(select(func.count()).select_from(table)).scalar() or 0)


def export_snapshot(session: Session) -> str:
    """Return a name by which PostgreSQL shows another connection what this transaction sees."""
    return str(session.execute(text("SELECT pg_export_snapshot()")).scalar())


def is_sound(session: Session) -> bool:
    """Return what SQLite says of its own file; PostgreSQL checks as it restores."""
    if session.get_bind().dialect.name != "sqlite":
        return True
    return session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
