"""All SQL over the log."""

from collections.abc import Collection, Iterator

from sqlmodel import Session, col, func, select

from api.audit.models import AuditEntry, AuditHead

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


def newest(session: Session) -> AuditEntry | None:
    """Return the newest row, only to look at."""
    statement = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)
    return session.exec(statement).first()


def head(session: Session) -> AuditHead | None:
    """Return the log's signed head; None before the first signed row."""
    return session.get(AuditHead, 1)


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


def actors(session: Session, kind: str, action: str, ids: Collection[str]) -> dict[str, str]:
    """Return who last did one thing to each of these subjects, by the subject's id."""
    statement = (
        select(AuditEntry.subject_id, AuditEntry.actor)
        .where(AuditEntry.subject_kind == kind, AuditEntry.action == action)
        .where(col(AuditEntry.subject_id).in_(ids))
        .order_by(col(AuditEntry.number))
    )
    return dict(session.exec(statement).all())


def count(session: Session, kind: str) -> int:
    """Return how many rows there are about a kind of subject; of all when `kind` is empty."""
    statement = select(func.count()).select_from(AuditEntry)
    return session.exec(
        statement.where(AuditEntry.subject_kind == kind) if kind else statement
    ).one()


def page(session: Session, kind: str, size: int, skip: int) -> list[AuditEntry]:
    """Return a stretch of rows, newest first, about a kind of subject; of all when `kind` is empty."""
    statement = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(size).offset(skip)
    return list(
        session.exec(statement.where(AuditEntry.subject_kind == kind) if kind else statement)
    )


def numbered(session: Session, numbers: Collection[int]) -> list[AuditEntry]:
    """Return the rows with these numbers, newest first."""
    statement = select(AuditEntry).where(col(AuditEntry.number).in_(numbers))
    return list(session.exec(statement.order_by(col(AuditEntry.number).desc())))


def kinds(session: Session) -> tuple[str, ...]:
    """Return the kinds of subjects in the log."""
    statement = select(AuditEntry.subject_kind).distinct().order_by(AuditEntry.subject_kind)
    return tuple(session.exec(statement))
