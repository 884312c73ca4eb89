"""All SQL over counted uses."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, select

from api.kit.clock import CLOCKS_DIFFER
from api.kit.throttle.models import Hit

LONGEST_WINDOW = timedelta(hours=1)  # longer than any limit's


def take_turns(session: Session, key: str) -> None:
    """Let those who count with one key do so one after the other (SQLite's writer is alone anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def count(session: Session, key: str, since: datetime) -> int:
    """Return how many uses there were after a moment."""
    statement = select(func.count()).select_from(Hit).where(Hit.key == key)
    return session.exec(statement.where(*_after(since))).one()


def _after(since: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """After the moment; what a clock that went ahead has counted shuts nobody out for so long."""
    return col(Hit.at) > since, col(Hit.at) < since + LONGEST_WINDOW + CLOCKS_DIFFER


def oldest(session: Session, key: str, since: datetime) -> datetime | None:
    """Return the first use after a moment."""
    statement = select(Hit.at).where(Hit.key == key).where(*_after(since))
    return session.exec(statement.order_by(col(Hit.at)).limit(1)).first()


def forget(session: Session, before: datetime) -> None:
    """Delete what no limit looks back to."""
    session.exec(delete(Hit).where(col(Hit.at) <= before))
