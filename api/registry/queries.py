"""All SQL over the register."""

from sqlmodel import Session, select

from api.registry.models import Rc


def rc(session: Session, rc_id: str) -> Rc | None:
    """Return the RC with this key."""
    return session.get(Rc, rc_id)


def rcs(session: Session) -> list[Rc]:
    """Return every RC by key."""
    return list(session.exec(select(Rc).order_by(Rc.id)))
