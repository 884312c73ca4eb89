"""All SQL over ways in."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from api.accounts.models import Function, Person
from api.meetings.models import Meeting, MeetingState
from api.programme.arrival.models import Arrival
from api.programme.models import ProgrammeSession, Slot


def arrival(session: Session, meeting_id: str) -> Arrival | None:
    """Return a meeting's way in."""
    return session.get(Arrival, meeting_id)


def contact(session: Session, function_id: str) -> tuple[Function, Person | None] | None:
    """Return a function and its holder."""
    statement = (
        select(Function, Person)
        .outerjoin(Person, col(Function.holder_id) == Person.id)
        .where(Function.id == function_id)
    )
    found = session.exec(statement).first()
    return (found[0], found[1]) if found else None


def meetings_with_contact(session: Session, changed: str) -> list[str]:
    """Return the meetings whose contact is this function, or is held by this person."""
    statement = (
        select(Arrival.meeting_id)
        .join(Function, col(Arrival.contact_id) == Function.id)
        .where((col(Function.id) == changed) | (col(Function.holder_id) == changed))
    )
    return list(session.exec(statement))


def agencies_heard(session: Session, but_meeting_id: str) -> dict[str, datetime]:
    """Return when each agency last spoke at another meeting: session key -> start."""
    statement = (
        select(ProgrammeSession.key, func.max(col(Slot.starts_at)))
        .join(Slot, col(ProgrammeSession.slot_id) == Slot.id)
        .join(Meeting, col(ProgrammeSession.meeting_id) == Meeting.id)
        .where(ProgrammeSession.format == "agency", Meeting.state == MeetingState.PUBLISHED)
        .where(ProgrammeSession.meeting_id != but_meeting_id)
        .group_by(ProgrammeSession.key)
    )
    return dict(session.exec(statement).all())
