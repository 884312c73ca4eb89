"""All SQL over the log."""

from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from api.audit.models import AuditEntry

_CHAIN_LOCK = 0x5A4D4B52  # "SMKR": any number that no other advisory lock uses


def last_entry(session: Session) -> AuditEntry | None:
    """Return the newest row; nobody else adds one before this transaction ends.

    SQLite's writer is alone anyway. PostgreSQL needs a lock taken before reading: a row lock would
    let the one who waited see the row that was newest when its statement began.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    statement = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)
    return session.exec(statement).first()


def entries(session: Session) -> Iterator[AuditEntry]:
    """Yield every row, oldest first."""
    yield from session.exec(select(AuditEntry).order_by(col(AuditEntry.number)))


def entries_about(session: Session, kind: str, subject_id: str) -> list[AuditEntry]:
    """Return the rows about one thing, newest first."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.subject_kind == kind)
        .where(AuditEntry.subject_id == subject_id)
        .order_by(col(AuditEntry.number).desc())
    )
    return list(session.exec(statement))
