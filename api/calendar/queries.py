"""All SQL over events, their audiences and their fragments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_
from sqlalchemy import select as sql_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, or_, select

from api.calendar.models import Event, EventAudience, EventFragment, Level, ScopeKind
from api.kit.clock import to_local
from api.kit.db import for_change, in_pairs

Scoped = tuple[ScopeKind, str]


@dataclass(frozen=True, slots=True)
class Placed:
    """What a feed needs to know of an event: when it is, whether it is off, and its octets."""

    id: str
    subject_kind: str
    subject_id: str
    is_series: bool
    uid: str
    starts_at: datetime | None
    ends_at: datetime | None
    ends_by: datetime | None
    first_day: date | None
    last_day: date | None
    cancelled_at: datetime | None
    octets: bytes


def event(session: Session, event_id: str) -> Event | None:
    """Return an event."""
    return session.get(Event, event_id)


def event_of(session: Session, kind: str, subject_id: str) -> Event | None:
    """Return the event of a subject, only to look at."""
    statement = select(Event).where(Event.subject_kind == kind, Event.subject_id == subject_id)
    return session.exec(statement).first()


def event_to_change(session: Session, kind: str, subject_id: str) -> Event | None:
    """Return the event of a subject, locked and read anew until the transaction ends."""
    statement = select(Event).where(Event.subject_kind == kind, Event.subject_id == subject_id)
    anew = statement.execution_options(populate_existing=True)
    return session.exec(for_change(session, anew)).first()


def events_of(session: Session, kind: str, subject_ids: Collection[str]) -> dict[str, Event]:
    """Return the events of several subjects of a kind, by subject, only to look at."""
    statement = select(Event).where(
        Event.subject_kind == kind, col(Event.subject_id).in_(subject_ids)
    )
    return {one.subject_id: one for one in session.exec(statement.order_by(Event.id))}


def audiences(session: Session, event_ids: Collection[str]) -> dict[str, frozenset[Scoped]]:
    """Return whom each of these events concerns."""
    statement = select(EventAudience).where(col(EventAudience.event_id).in_(event_ids))
    found: dict[str, set[Scoped]] = {event_id: set() for event_id in event_ids}
    for row in session.exec(statement):
        found[row.event_id].add((row.scope_kind, row.scope_id))
    return {event_id: frozenset(scopes) for event_id, scopes in found.items()}


def events(session: Session, ids: Collection[str] | None = None) -> list[Event]:
    """Return every event, or those of these that are left."""
    statement = select(Event) if ids is None else select(Event).where(col(Event.id).in_(ids))
    return list(session.exec(statement.order_by(Event.id)))


def event_ids(session: Session) -> list[str]:
    """Return every event's id."""
    return list(session.exec(select(Event.id).order_by(Event.id)))


def occurrences(session: Session, series_id: str) -> list[Event]:
    """Return a series' occurrences in the order of its rule."""
    statement = select(Event).where(Event.series_id == series_id)
    return list(session.exec(statement.order_by(col(Event.original_start))))


def occurrences_of_all(session: Session, series_ids: Collection[str]) -> dict[str, list[Event]]:
    """Return the occurrences of several series, each in the order of its rule."""
    statement = select(Event).where(col(Event.series_id).in_(series_ids))
    found: dict[str, list[Event]] = {one: [] for one in series_ids}
    for one in session.exec(statement.order_by(col(Event.original_start))):
        found[one.series_id or ""].append(one)
    return found


def occurrence_at(session: Session, series_id: str, original_start: datetime) -> Event | None:
    """Return the occurrence that a series' rule has at a moment."""
    statement = select(Event).where(
        Event.series_id == series_id, Event.original_start == original_start
    )
    return session.exec(statement).first()


def cancelled_occurrences(session: Session) -> list[Event]:
    """Return the cancelled occurrences that calendars still show as such."""
    statement = (
        select(Event)
        .where(col(Event.series_id).is_not(None), col(Event.cancelled_at).is_not(None))
        .where(col(Event.is_left_out).is_(False))
        .order_by(col(Event.series_id), col(Event.original_start))
    )
    return list(session.exec(statement))


def newest_sequence(session: Session, series_id: str) -> int:
    """Return the highest SEQUENCE of a series and its occurrences."""
    statement = select(Event.sequence).where(
        or_(Event.id == series_id, Event.series_id == series_id)
    )
    return max(session.exec(statement), default=0)


def is_event_removed(session: Session, found: Event) -> bool:
    """Remove an event unless other rows hang on it; tell whether it is gone."""
    try:
        with session.begin_nested():
            for table in (EventFragment, EventAudience):
                session.exec(delete(table).where(col(table.event_id) == found.id))
            session.exec(delete(Event).where(col(Event.id) == found.id))
    except IntegrityError:
        return False
    session.expunge(found)
    return True


def audience(session: Session, event_id: str) -> frozenset[Scoped]:
    """Return whose feeds an event is in."""
    rows = session.exec(select(EventAudience).where(EventAudience.event_id == event_id))
    return frozenset((row.scope_kind, row.scope_id) for row in rows)


def replace_audience(session: Session, event_id: str, scopes: Collection[Scoped]) -> None:
    """Put an event into exactly these scopes."""
    session.exec(delete(EventAudience).where(col(EventAudience.event_id) == event_id))
    session.add_all(
        EventAudience(event_id=event_id, scope_kind=kind, scope_id=scope_id)
        for kind, scope_id in sorted(scopes)
    )


def replace_fragments(
    session: Session, event_id: str, octets: dict[tuple[Level, str], bytes]
) -> None:
    """Store an event's octets for every level and language."""
    session.exec(delete(EventFragment).where(col(EventFragment.event_id) == event_id))
    session.add_all(
        EventFragment(event_id=event_id, level=level, language=language, octets=made)
        for (level, language), made in octets.items()
    )


def fragments_of(session: Session, event_id: str) -> dict[tuple[Level, str], bytes]:
    """Return an event's stored octets by level and language."""
    rows = session.exec(select(EventFragment).where(EventFragment.event_id == event_id))
    return {(row.level, row.language): row.octets for row in rows}


def fragment(session: Session, event_id: str, level: Level, language: str) -> bytes | None:
    """Return an event's octets at a level and in a language."""
    found = session.get(EventFragment, (event_id, level, language))
    return found.octets if found else None


def placed(
    session: Session,
    scopes: Collection[Scoped],
    level: Level,
    language: str,
    *,
    with_deadlines: bool = False,
) -> list[Placed]:
    """Return the events in any of these scopes, each once, with their octets; in no set order."""
    in_scope = in_pairs(col(EventAudience.scope_kind), col(EventAudience.scope_id), scopes)
    ids = select(EventAudience.event_id).where(in_scope)
    statement = (
        sql_select(
            col(Event.id),
            col(Event.subject_kind),
            col(Event.subject_id),
            col(Event.rule) != "",
            col(Event.uid),
            col(Event.starts_at),
            col(Event.ends_at),
            col(Event.ends_by),
            col(Event.first_day),
            col(Event.last_day),
            col(Event.cancelled_at),
            col(EventFragment.octets),
        )
        .join(EventFragment, col(EventFragment.event_id) == col(Event.id))
        .where(col(EventFragment.level) == level, col(EventFragment.language) == language)
        .where(col(Event.id).in_(ids))
    )
    if not with_deadlines:
        statement = statement.where(col(Event.is_deadline).is_(False))
    return [Placed(*row) for row in session.execute(statement)]


def events_between(
    session: Session, scopes: Collection[Scoped], since: datetime, until: datetime
) -> list[Event]:
    """Return the events in any of these scopes that begin in a stretch of time, earliest first.

    A series is there as its occurrences.
    """
    in_scope = in_pairs(col(EventAudience.scope_kind), col(EventAudience.scope_id), scopes)
    ids = select(EventAudience.event_id).where(in_scope)
    by_moment = and_(col(Event.starts_at) >= since, col(Event.starts_at) < until)
    by_day = and_(
        col(Event.first_day) >= to_local(since).date(),
        col(Event.first_day) < to_local(until).date(),
    )
    statement = select(Event).where(col(Event.id).in_(ids)).where(or_(by_moment, by_day))
    statement = statement.where(Event.rule == "")
    return sorted(session.exec(statement), key=_in_time)


def _in_time(event: Event) -> tuple[date, str, str]:
    if event.starts_at is not None:
        return to_local(event.starts_at).date(), event.starts_at.isoformat(), event.uid
    return event.first_day or date.max, "", event.uid
