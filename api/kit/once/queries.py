"""All SQL over used keys."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete

from api.kit.once.models import Acted


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
