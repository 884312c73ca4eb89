"""Events: put into people's calendars, moved and cancelled; octets are rendered as they change."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from api.calendar import queries
from api.calendar.fragments import fragments
from api.calendar.models import Event, ScopeKind
from api.db import announce, base_url_of, new_id

CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"

# A change of one of these is a new SEQUENCE (RFC 5545 3.8.7.4; place and the shown name are ours):
# invitations are then sent anew and old answers are void. Any other change is a new revision only.
SIGNIFICANT = ("starts_at", "ends_at", "first_day", "last_day", "status", "town", "room")


class Subject(NamedTuple):
    """What an event stands for: a meeting, a session, a deadline."""

    kind: str
    id: str


class Scope(NamedTuple):
    """Whose calendars: everybody's in a network, an RC's, a person's ..."""

    kind: ScopeKind
    id: str


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
    room: str = ""
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
) -> Event:
    """Create a subject's event or bring it up to date; SEQUENCE and revision move only on a change.

    A cancelled event that is put again takes place again, under the same UID.
    """
    found = queries.event_of(session, subject.kind, subject.id)
    wanted = {
        field.name: getattr(details, field.name)
        for field in fields(details)
        if field.name != "is_tentative"
    }
    wanted["status"] = TENTATIVE if details.is_tentative else CONFIRMED
    scopes = frozenset(Scope(*scope) for scope in audience)
    if found is None:
        made = Event(
            uid=new_uid(),
            subject_kind=subject.kind,
            subject_id=subject.id,
            created_at=at,
            revised_at=at,
            **wanted,
        )
        session.add(made)
        session.flush()
        queries.replace_audience(session, made.id, scopes)
        _publish(session, made, scopes)
        return made
    before = frozenset(Scope(*scope) for scope in queries.audience(session, found.id))
    is_revised = _revise(found, wanted, at)
    if scopes != before:
        queries.replace_audience(session, found.id, scopes)
    if is_revised or scopes != before:
        _publish(session, found, scopes | before)
    return found


def is_news(event: Event, details: EventDetails) -> bool:
    """Whether putting these details into an event is told to the invited: another time or place."""
    status = TENTATIVE if details.is_tentative else CONFIRMED
    return event.status != status or any(
        getattr(event, name) != getattr(details, name) for name in SIGNIFICANT if name != "status"
    )


def cancel_event(session: Session, subject: Subject, at: datetime) -> Event | None:
    """Mark a subject's event as cancelled and keep it for a while; None when there is no event."""
    found = queries.event_of(session, subject.kind, subject.id)
    if found is None or found.status == CANCELLED:
        return found
    _revise(found, {"status": CANCELLED}, at)
    _publish(session, found, _audience(session, found))
    return found


def render_again(session: Session) -> int:
    """Render every event's octets anew, e.g. after the base URL changed; return how many differ."""
    changed = 0
    for event in queries.events(session):
        made = fragments(event, base_url_of(session))
        if made != queries.fragments_of(session, event.id):
            changed += 1
            _publish(session, event, _audience(session, event))
    return changed


def _revise(event: Event, wanted: dict[str, object], at: datetime) -> bool:
    """Write the wanted values; return whether any differed."""
    changed = {name for name, value in wanted.items() if getattr(event, name) != value}
    if not changed:
        return False
    for name in changed:
        setattr(event, name, wanted[name])
    if not changed.isdisjoint(SIGNIFICANT):
        event.sequence += 1
    # Two changes in one second, or a clock set back, still give two revision times.
    event.revised_at = max(at, event.revised_at + timedelta(seconds=1))
    event.cancelled_at = event.revised_at if event.status == CANCELLED else None
    return True


def _publish(session: Session, event: Event, scopes: frozenset[Scope]) -> None:
    session.add(event)
    session.flush()
    queries.replace_fragments(session, event.id, fragments(event, base_url_of(session)))
    session.flush()
    announce(session, EventChanged(event.id, scopes))


def _audience(session: Session, event: Event) -> frozenset[Scope]:
    return frozenset(Scope(*scope) for scope in queries.audience(session, event.id))
