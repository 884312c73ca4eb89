"""Events: put into people's calendars, moved and cancelled; octets are rendered as they change."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session

from api.calendar import queries
from api.calendar.fragments import crosses, fragments, held
from api.calendar.models import Event, Level, ScopeKind
from api.kit.db import announce, base_url_of, new_id
from api.kit.errors import MissingError

CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"

# A change of one of these is a new SEQUENCE (RFC 5545 3.8.7.4; place and the shown name are ours):
# invitations are then sent anew and old answers are void. Any other change is a new revision only.
SIGNIFICANT = (
    *("starts_at", "ends_at", "first_day", "last_day", "status"),
    *("town", "is_town_open", "room", "rule"),
)


class Subject(NamedTuple):
    """What an event stands for: a meeting, a session, a deadline."""

    kind: str
    id: str


class Scope(NamedTuple):
    """Whose calendars: everybody's in a network, an RC's, a person's ..."""

    kind: ScopeKind
    id: str


class Within(NamedTuple):
    """An occurrence's place in its series: whose series, and the moment that the rule gives it."""

    series: Subject
    original_start: datetime


@dataclass(frozen=True, slots=True)
class EventChanged:
    """News: an event was put, changed, moved to others or cancelled; `scopes` are old and new."""

    event_id: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetails:
    """What an event is about; either two aware moments (end exclusive) or two days (inclusive).

    Raises:
        ValueError: when the times are naive, missing, mixed or end before they start.
    """

    neutral_sv: str
    neutral_en: str
    title_sv: str
    title_en: str
    page: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    town: str = ""
    is_town_open: bool = False
    room: str = ""
    video_url: str = ""
    agenda_sv: str = ""
    agenda_en: str = ""
    is_protected: bool = False
    is_example: bool = False
    is_deadline: bool = False
    is_tentative: bool = False

    def __post_init__(self) -> None:
        moments = (self.starts_at, self.ends_at)
        days = (self.first_day, self.last_day)
        given = sum(value is not None for value in (*moments, *days))
        if given != 2 or (None in moments) == (None in days):
            raise ValueError("an event has either starts_at and ends_at, or first_day and last_day")
        if self.starts_at is not None and self.ends_at is not None:
            if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
                raise ValueError(f"an event's moments are aware: {self.starts_at} {self.ends_at}")
            is_ordered = self.starts_at < self.ends_at
        else:
            is_ordered = str(self.first_day) <= str(self.last_day)  # ISO 8601 sorts as text
        if not is_ordered:
            raise ValueError(f"an event ends after it starts: {moments} {days}")


def new_uid() -> str:
    """Return a UID: random, for ever, without host or person (RFC 7986 5.3)."""
    return new_id()


def put_event(
    session: Session,
    subject: Subject,
    details: EventDetails,
    audience: Collection[Scope],
    at: datetime,
    *,
    within: Within | None = None,
) -> Event:
    """Create a subject's event or bring it up to date; SEQUENCE and revision move only on a change.

    A cancelled event that is put again takes place again, under the same UID. With `within` it is
    an occurrence of a series that has been put before.

    Raises:
        MissingError: when there is no such series.
    """
    own: dict[str, Any] = {}
    if within is not None:
        series = queries.event_to_change(session, *within.series)
        if series is None:
            raise MissingError
        own = {"series_id": series.id, "original_start": within.original_start}
    return _put(session, subject, _wanted(details), frozenset(audience), at, own)


def put_series(
    session: Session,
    subject: Subject,
    details: EventDetails,
    rule: str,
    audience: Collection[Scope],
    at: datetime,
) -> Event:
    """Create a series or bring it up to date; `details` are its first occurrence's.

    Calendars show only the moments of the rule that an occurrence is put for.
    """
    wanted = _wanted(details) | {"rule": rule}
    return _put(session, subject, wanted, frozenset(audience), at, {})


def _put(
    session: Session,
    subject: Subject,
    wanted: dict[str, Any],
    audience: frozenset[Scope],
    at: datetime,
    own: dict[str, Any],
) -> Event:
    found = queries.event_to_change(session, subject.kind, subject.id)
    scopes = frozenset(Scope(*scope) for scope in audience)
    if found is None:
        made = Event(
            uid=new_uid(),
            subject_kind=subject.kind,
            subject_id=subject.id,
            created_at=at,
            revised_at=at,
            **wanted,
            **own,
        )
        session.add(made)
        session.flush()
        queries.replace_audience(session, made.id, scopes)
        publish(session, made, scopes)
        return made
    before = scopes_of(session, found)
    is_revised = _revise(session, found, wanted, at)
    if scopes != before:
        queries.replace_audience(session, found.id, scopes)
    if is_revised or scopes != before:
        publish(session, found, scopes | before)
    return found


def _wanted(details: EventDetails) -> dict[str, Any]:
    values = {field.name: getattr(details, field.name) for field in fields(details)}
    is_tentative = values.pop("is_tentative")
    return values | {"status": TENTATIVE if is_tentative else CONFIRMED}


def is_news(event: Event, details: EventDetails) -> bool:
    """Whether putting these details into an event is told to the invited: another time or place."""
    status = TENTATIVE if details.is_tentative else CONFIRMED
    told = (name for name in SIGNIFICANT if hasattr(details, name))  # a series' rule is no detail
    return event.status != status or any(
        getattr(event, name) != getattr(details, name) for name in told
    )


def cancel_event(session: Session, subject: Subject, at: datetime) -> Event | None:
    """Mark a subject's event as cancelled and keep it for a while; None when there is no event."""
    found = queries.event_to_change(session, subject.kind, subject.id)
    if found is None or found.status == CANCELLED:
        return found
    _revise(session, found, {"status": CANCELLED}, at)
    publish(session, found, scopes_of(session, found))
    return found


def forget_occurrence(session: Session, subject: Subject, at: datetime) -> None:
    """Take an occurrence away that nobody has been told of; the caller puts its series after that.

    One that something hangs on stays as cancelled.
    """
    event = queries.event_to_change(session, subject.kind, subject.id)
    if event is not None and not queries.is_event_removed(session, event):
        cancel_event(session, subject, at)


def put_audience(session: Session, subject: Subject, audience: Collection[Scope]) -> None:
    """Put a subject's event, also a past or a cancelled one, into exactly these calendars."""
    found = queries.event_to_change(session, *subject)
    if found is None:
        return
    scopes, before = frozenset(audience), scopes_of(session, found)
    if scopes != before:
        queries.replace_audience(session, found.id, scopes)
        announce(session, EventChanged(found.id, scopes | before))


def protect_event(session: Session, subject: Subject, at: datetime, *, is_protected: bool) -> None:
    """Show a subject's event, also a cancelled one, only as busy from now on, or as it is again."""
    found = queries.event_to_change(session, *subject)
    if found is not None and _revise(session, found, {"is_protected": is_protected}, at):
        publish(session, found, scopes_of(session, found))


def _revise(session: Session, event: Event, wanted: dict[str, object], at: datetime) -> bool:
    """Write the wanted values; return whether any differed.

    A series and its occurrences count their SEQUENCE together: a client that compares an
    occurrence's with its series' always finds the newer one higher.
    """
    changed = {name for name, value in wanted.items() if getattr(event, name) != value}
    if not changed:
        return False
    series_id = event.series_id or (event.id if event.rule else None)
    newest = queries.newest_sequence(session, series_id) if series_id else event.sequence
    for name in changed:
        setattr(event, name, wanted[name])
    if not changed.isdisjoint(SIGNIFICANT):
        event.sequence = newest + 1
    touch(event, at)
    if "status" in changed:
        event.cancelled_at = event.revised_at if event.status == CANCELLED else None
    event.is_left_out = event.is_left_out and event.status == CANCELLED
    if "starts_at" in changed and event.series_id and not event.is_apart:
        session.add(event)
        event.is_apart = crosses(event, queries.occurrences(session, event.series_id))
    return True


def touch(event: Event, at: datetime) -> None:
    """Make a new revision: two changes in one second, or a clock set back, still give two times."""
    event.revised_at = max(at, event.revised_at + timedelta(seconds=1))


def publish(session: Session, event: Event, scopes: frozenset[Scope]) -> None:
    """Render an event's octets, or those of the series that it is in, and tell the higher features."""
    session.add(event)
    session.flush()
    shown = session.get_one(Event, event.series_id) if event.series_id else event
    occurrences = occurrences_of(session, shown)
    if shown.rule:
        alone = [one for one in occurrences if one.is_apart and not one.is_left_out]
        ends = [one.ends_at for one in (*held(shown, occurrences).values(), *alone) if one.ends_at]
        shown.ends_by = max(ends, default=shown.ends_at)
    made = fragments(shown, base_url_of(session), occurrences)
    stored = queries.fragments_of(session, shown.id)
    if _first_of(made) != _first_of(stored) and shown.revised_at < event.revised_at:
        shown.revised_at = event.revised_at  # a gap in the rule came or went with an occurrence
        made = fragments(shown, base_url_of(session), occurrences)
    if shown is event or made != stored:
        queries.replace_fragments(session, shown.id, made)
        announce(session, EventChanged(shown.id, scopes))
    session.flush()
    if shown is not event:
        announce(session, EventChanged(event.id, scopes))


def _first_of(octets: dict[tuple[Level, str], bytes]) -> dict[tuple[Level, str], bytes]:
    """Return a series' own VEVENTs, without its occurrences'."""
    return {key: found.partition(b"END:VEVENT")[0] for key, found in octets.items()}


def occurrences_of(session: Session, event: Event) -> list[Event]:
    """Return the occurrences of a series; a single event has none."""
    return queries.occurrences(session, event.id) if event.rule else []


def scopes_of(session: Session, event: Event) -> frozenset[Scope]:
    """Return whose calendars an event is in."""
    return frozenset(Scope(*scope) for scope in queries.audience(session, event.id))
