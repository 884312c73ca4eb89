"""What an event is to one person: theirs, perhaps, only good to know, or gone; one's own calendar tells no more.

Calendars and agendas are made of functions' events; places and answers say who of a function's
people comes. Whoever has declined, or given the place away, is not busy then.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from sqlmodel import Session

from api.accounts import queries as accounts
from api.calendar import queries as calendar
from api.calendar.models import ScopeKind
from api.invitations import queries
from api.invitations.models import Invitation, Partstat, Place
from api.programme import queries as programme

# What stands in calendars for a national meeting beside its sessions; the meeting's id comes first.
PARTS_OF_MEETING = {"break", "journey"}


class Stance(IntEnum):
    """What an event is to somebody; of several functions' the highest counts."""

    GONE = 0  # declined, given away, taken back: not in one's calendar
    FREE = 1  # somebody else's of the function, or one waits for a seat: takes no time
    MAYBE = 2  # answered "perhaps"
    COMES = 3


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is: the person's address, and the functions held and deputised for."""

    address: str
    held: frozenset[str]
    deputised: frozenset[str] = frozenset()


class Ref(NamedTuple):
    """What is asked about: an event, the series that it is of, and what it stands for."""

    event_id: str
    series_id: str | None
    subject_kind: str
    subject_id: str


def owner_of_person(session: Session, person_id: str) -> Owner | None:
    """Return a person as the owner of a calendar."""
    person = accounts.person(session, person_id)
    if person is None:
        return None
    mine = [function for function, _ in accounts.functions_of(session, person_id)]
    held = frozenset(one.id for one in mine if one.holder_id == person_id)
    return Owner(person.email, held, frozenset(one.id for one in mine) - held)


def owner_of_function(session: Session, function_id: str) -> Owner | None:
    """Return whose time a function's calendar tells: its holder's; None when nobody holds it."""
    function = queries.function(session, function_id)
    holder = (
        accounts.person(session, function.holder_id) if function and function.holder_id else None
    )
    return Owner(holder.email, frozenset({function_id})) if holder is not None else None


def stances(session: Session, owner: Owner, refs: Collection[Ref]) -> dict[str, Stance]:
    """Return what each event is to the owner, by its id; what comes by no function of theirs comes."""
    mine = owner.held | owner.deputised
    ids = {one.event_id for one in refs} | {one.series_id for one in refs if one.series_id}
    audiences = calendar.audiences(session, ids)
    places = queries.places_of_functions(session, mine)
    meeting_events = _meeting_events(session, refs) if places else {}
    found: dict[str, Stance] = {}
    for ref in refs:
        scopes = audiences[ref.event_id] | audiences.get(ref.series_id or "", frozenset())
        by = sorted(one for kind, one in scopes if kind is ScopeKind.FUNCTION and one in mine)
        known = (ref.event_id, ref.series_id, meeting_events.get(ref.event_id))
        found[ref.event_id] = max(
            (_stance(owner, one, _first(places, known, one)) for one in by), default=Stance.COMES
        )
    return found


def _first(
    places: dict[tuple[str, str], Invitation], event_ids: Iterable[str | None], function_id: str
) -> Invitation | None:
    """Return a function's own place at the first of these events at which it has one."""
    for event_id in event_ids:
        if event_id and (event_id, function_id) in places:
            return places[event_id, function_id]
    return None


def _stance(owner: Owner, function_id: str, place: Invitation | None) -> Stance:
    is_held = function_id in owner.held
    if place is None:
        return Stance.COMES if is_held else Stance.FREE
    if place.place is Place.WITHDRAWN:
        return Stance.GONE
    if place.address != owner.address:
        return Stance.GONE if is_held else Stance.FREE
    if place.partstat is Partstat.DECLINED:
        return Stance.GONE
    if place.place is Place.WAITING:
        return Stance.FREE
    return Stance.MAYBE if place.partstat is Partstat.TENTATIVE else Stance.COMES


def _meeting_events(session: Session, refs: Collection[Ref]) -> dict[str, str]:
    """Return the event of the meeting that a session, or a journey to it, is part of, by their events' ids."""
    sessions = {one.subject_id: one.event_id for one in refs if one.subject_kind == "session"}
    meeting_of = programme.meetings_of_sessions(session, sessions)
    wanted = {event_id: meeting_of[one] for one, event_id in sessions.items() if one in meeting_of}
    wanted |= {
        one.event_id: one.subject_id.partition("/")[0]
        for one in refs
        if one.subject_kind in PARTS_OF_MEETING
    }
    events = calendar.events_of(session, "meeting", set(wanted.values())) if wanted else {}
    return {one: events[meeting].id for one, meeting in wanted.items() if meeting in events}


def sessions_of_others(
    session: Session, person_id: str, session_ids: Collection[str]
) -> frozenset[str]:
    """Return those of a programme's sessions that a person does not come to: declined or given away."""
    owner = owner_of_person(session, person_id)
    if owner is None or not session_ids:
        return frozenset()
    events = calendar.events_of(session, "session", session_ids)
    told = stances(
        session, owner, [Ref(one.id, None, "session", key) for key, one in events.items()]
    )
    return frozenset(key for key, one in events.items() if told[one.id] is Stance.GONE)
