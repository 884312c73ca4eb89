"""All SQL over used keys."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete

from api.kit.once.models import Acted, Answered


def use(session: Session, key: str, at: datetime) -> bool:
    """Write a key down; False when it was used before.

    Whoever comes second with the same key waits for the first to commit or to roll back.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(Acted) if is_postgresql else sqlite.insert(Acted)
    statement = insert.values(key=key, at=at).on_conflict_do_nothing()
    return session.execute(statement.returning(col(Acted.key))).first() is not None


def forget(session: Session, before: datetime) -> None:
    """Delete the keys that were used before a moment."""
    session.exec(delete(Acted).where(col(Acted.at) <= before))
    session.exec(delete(Answered).where(col(Answered.at) <= before))


def answered(session: Session, key: str) -> Answered | None:
    """Return the answer that is kept under a key."""
    return session.get(Answered, key)


def keep(session: Session, answer: Answered) -> None:
    """Keep an answer, unless another is kept under its key already."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(Answered) if is_postgresql else sqlite.insert(Answered)
    session.execute(insert.values(**answer.model_dump()).on_conflict_do_nothing())
