"""All SQL over the register."""

from collections.abc import Collection

from sqlmodel import Session, col, delete, select

from api.registry.models import CheckLink, FactCheck, Rc


def rc(session: Session, rc_id: str) -> Rc | None:
    """Return the RC with this key."""
    return session.get(Rc, rc_id)


def rcs(session: Session) -> list[Rc]:
    """Return every RC by key."""
    return list(session.exec(select(Rc).order_by(Rc.id)))


def names(session: Session) -> dict[str, str]:
    """Return every RC's name by its key, in the order of keys."""
    return dict(session.exec(select(Rc.id, Rc.name).order_by(Rc.id)).all())


def seats(session: Session) -> list[tuple[str, str | None, float | None, float | None]]:
    """Return every RC's key with its seat's town, latitude and longitude, by key."""
    statement = select(Rc.id, Rc.seat_city, Rc.seat_lat, Rc.seat_lon)
    found = session.exec(statement.order_by(Rc.id))
    return [(rc_id, city, lat, lon) for rc_id, city, lat, lon in found]


def rcs_by_id(session: Session, ids: Collection[str]) -> list[Rc]:
    """Return the RC with these keys that there are, by key."""
    return list(session.exec(select(Rc).where(col(Rc.id).in_(ids)).order_by(Rc.id)))


def checks(session: Session, rc_ids: Collection[str]) -> list[FactCheck]:
    """Return every time that these RC's facts were said to be right, the oldest first."""
    statement = select(FactCheck).where(col(FactCheck.rc_id).in_(rc_ids))
    return list(session.exec(statement.order_by(col(FactCheck.at), FactCheck.id)))


def check_link(session: Session, token_hash: str) -> CheckLink | None:
    """Return the link that a token's hash belongs to."""
    return session.get(CheckLink, token_hash)


def check_links(session: Session) -> dict[str, CheckLink]:
    """Return each RC's latest link, by RC."""
    return {one.rc_id: one for one in session.exec(select(CheckLink))}


def end_check_links(session: Session, *, rc_id: str = "", function_id: str = "") -> None:
    """End an RC's link, or those that went to a post."""
    column, value = (CheckLink.rc_id, rc_id) if rc_id else (CheckLink.function_id, function_id)
    session.execute(delete(CheckLink).where(col(column) == value))
    session.flush()
