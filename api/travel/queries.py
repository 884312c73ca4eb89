"""All SQL over legs."""

from sqlmodel import Session, col, select, update

from api.travel.models import TravelLeg


def corrections(session: Session) -> list[TravelLeg]:
    """Return every correction, in the order of the towns."""
    statement = select(TravelLeg).order_by(TravelLeg.a, TravelLeg.b, TravelLeg.mode)
    return list(session.exec(statement))


def replace(session: Session, new: TravelLeg) -> bool:
    """Write a correction over version `new.version - 1`; False when that is not the one that stands."""
    if new.version == 1:
        if session.get(TravelLeg, (new.a, new.b, new.mode)) is not None:
            return False
        session.add(new)
        session.flush()
        return True
    statement = (
        update(TravelLeg)
        .where(
            col(TravelLeg.a) == new.a,
            col(TravelLeg.b) == new.b,
            col(TravelLeg.mode) == new.mode,
            col(TravelLeg.version) == new.version - 1,
        )
        .values(
            hours=new.hours,
            basis=new.basis,
            version=new.version,
            changed_by=new.changed_by,
            changed_at=new.changed_at,
        )
    )
    return bool(session.exec(statement).rowcount)
