"""All SQL over the register."""

from sqlmodel import Session, col, select

from api.registry.models import Rc


def rc(session: Session, rc_id: str) -> Rc | None:
    """Return the RC with this key."""
    return session.get(Rc, rc_id)


def rcs(session: Session) -> list[Rc]:
    """Return every RC by key."""
    return list(session.exec(select(Rc).order_by(Rc.id)))


def rcs_by_id(session: Session, rc_ids: list[str]) -> dict[str, Rc]:
    """Return the RC with these keys."""
    rows = session.exec(select(Rc).where(col(Rc.id).in_(rc_ids)))
    return {row.id: row for row in rows}
