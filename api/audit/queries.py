"""All SQL over the log."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from api.audit.models import AuditEntry


def last_entry(session: Session) -> AuditEntry | None:
    """Return the newest row, locked until the transaction ends where the database can."""
    statement = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)
    return session.exec(statement.with_for_update()).first()


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
