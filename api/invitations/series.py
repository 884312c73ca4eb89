"""Places in a series: one invitation to the whole, and one of its own where an occurrence differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.models import Invitation, Partstat, Place
from api.invitations.told import take_from_series


@dataclass(frozen=True, slots=True)
class PlaceChanged:
    """News: somebody else comes to an event for a function, or nobody, or the answer is another."""

    event_id: str
    function_id: str


# What an occurrence's place begins with: whoever has the series' place, and what they have been told.
_TAKEN_OVER = (
    "function_id",
    "name",
    "address",
    "language",
    "is_optional",
    "organizer",
    "place",
    "partstat",
    "sent_sequence",
    "told_sequence",
    "answer_sequence",
    "answered_at",
    "created_at",
)


def places(session: Session, event: Event) -> list[Invitation]:
    """Return an event's places; those of its series are an occurrence's too, unless it has its own."""
    own = queries.of_event(session, event.id)
    if event.series_id is None:
        return own
    known = {one.function_id for one in own}
    return own + [
        one
        for one in queries.of_event(session, event.series_id)
        if one.function_id not in known and one.place is not Place.WITHDRAWN
    ]


def place_at(session: Session, series_place: Invitation, occurrence: Event) -> Invitation:
    """Return a place of its own at an occurrence for whoever has one in its series."""
    known = queries.of_function(session, occurrence.id, series_place.function_id)
    if known is not None:
        return known
    number = 1 + max((one.number for one in queries.of_event(session, occurrence.id)), default=0)
    taken = {name: getattr(series_place, name) for name in _TAKEN_OVER}
    made = Invitation(event_id=occurrence.id, number=number, **taken)
    session.add(made)
    session.flush()
    take_from_series(session, series_place, occurrence, made)
    return made


def take_over(session: Session, occurrence: Event) -> None:
    """Give an occurrence that has changed a place for each who was asked to the series before that."""
    if occurrence.series_id is None:
        return
    for one in queries.of_event(session, occurrence.series_id):
        if one.sent_sequence is None:
            continue  # the mail about the series tells of all its dates, as they are then
        if one.place is Place.INVITED and one.told_sequence < occurrence.sequence:
            place_at(session, one, occurrence)


def follow(session: Session, series_place: Invitation, before: str) -> None:
    """Let the places at occurrences go where the series' place has gone from the address `before`.

    Nobody gets a mail of this: what is sent about the series holds its occurrences.
    """
    for one in at_occurrences(session, series_place):
        if one.address != before or one.place is Place.WITHDRAWN:
            continue
        one.place = series_place.place
        one.name, one.address = series_place.name, series_place.address
        one.language = series_place.language
        one.organizer, one.unconfirmed = series_place.organizer, ""
        one.partstat, one.answered_at, one.answer_sequence = Partstat.NEEDS_ACTION, None, -1
        one.sent_sequence = series_place.sent_sequence
        one.told_sequence = max(one.told_sequence, series_place.told_sequence)
        session.add(one)


def has_series_place(session: Session, invited: Invitation, event: Event) -> bool:
    """Return whether a place at an occurrence goes along with one in its series."""
    if event.series_id is None:
        return False
    found = queries.of_function(session, event.series_id, invited.function_id)
    return found is not None and found.place is not Place.WITHDRAWN


def at_occurrences(session: Session, series_place: Invitation) -> Sequence[Invitation]:
    """Return the places at a series' dates that go with a place in it."""
    ids = [one.id for one in calendar.occurrences(session, series_place.event_id)]
    return queries.of_function_at(session, ids, series_place.function_id) if ids else []
