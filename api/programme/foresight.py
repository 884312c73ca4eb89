"""What publishing a programme would do to the sessions' events in calendars, without doing it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import Event
from api.calendar.service import CANCELLED, CONFIRMED, is_news
from api.meetings.models import Meeting, MeetingState
from api.programme import queries
from api.programme.content import ProgrammePlan, ends_at
from api.programme.service import details_of


@dataclass(frozen=True, slots=True)
class ForeseenEvent:
    """An event whose invited would be told: a session gets another time or place, or is off.

    becomes: the event as it would be, not stored.
    """

    event: Event
    is_off: bool
    becomes: Event


def foreseen_events(session: Session, meeting: Meeting, plan: ProgrammePlan) -> list[ForeseenEvent]:
    """Return the events that publishing a plan would change so that the invited are told."""
    found: list[ForeseenEvent] = []
    if meeting.state is MeetingState.PROPOSED:
        own = calendar.event_of(session, "meeting", meeting.id)
        found += [_foreseen(own, {"status": CONFIRMED})] if own else []
    slots = {slot.key: slot for slot in plan.slots}
    rooms = {room.key: room for room in plan.rooms}
    planned = {one.key: one for one in plan.sessions}
    for known in queries.programme(session, meeting.id).sessions:
        event = calendar.event_of(session, "session", known.id)
        wanted = planned.get(known.key)
        if event is None:
            continue
        if wanted is None or wanted.slot is None:
            found += [_foreseen(event, {"status": CANCELLED})] if event.status != CANCELLED else []
            continue
        slot = slots[wanted.slot]
        room = rooms[wanted.room] if wanted.room else None
        # Of what calendars show only time and place are news, and those come from the plan.
        details = replace(
            details_of(meeting, known, slot, None),
            room=room.name if room else "",
            ends_at=ends_at(slot.starts_at, slot.ends_at, wanted.minutes),
        )
        if is_news(event, details):
            told = {
                name: getattr(details, name) for name in ("starts_at", "ends_at", "town", "room")
            }
            found.append(_foreseen(event, {**told, "status": CONFIRMED}))
    return found


def _foreseen(event: Event, changed: Mapping[str, object]) -> ForeseenEvent:
    """Return an event beside what it becomes; the row itself stays as it is."""
    as_it_is = {name: getattr(event, name) for name in Event.model_fields}
    becomes = Event(**as_it_is | {"sequence": event.sequence + 1} | dict(changed))
    return ForeseenEvent(event, is_off=becomes.status == CANCELLED, becomes=becomes)
