"""Somebody's own calendar, read as busy, perhaps busy or free and nothing else: no text of it is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.availability.models import AnswerValue
from api.availability.service import Time
from api.calendar.reading.book import Book, TooManyError, read
from api.calendar.reading.events import Event
from api.calendar.reading.parts import UnreadableError
from api.calendar.reading.unread import Unread
from api.calendar.reading.words import bare_address
from api.kit.errors import FieldFault

MOST_BYTES = 2_000_000
MOST_EVENTS = 20_000

_TOO_LARGE = "Filen är för stor. Exportera bara de närmaste månaderna."
_UNREADABLE = "Filen gick inte att läsa som kalender. Exportera kalendern som en ics-fil (i Outlook: Arkiv, Spara kalender) och försök igen."
_PACKED = "Filen är packad. Packa upp den och välj ics-filen som ligger i den."
_AT_LEAST = timedelta(seconds=1)
_FREE = {"TRANSPARENT", "1"}  # vCalendar 1.0 counts
_FREE_IN_OUTLOOK = {"FREE", "WORKINGELSEWHERE"}
_NOT_MINE = {"DECLINED", "DELEGATED"}


class Kind(StrEnum):
    """What a span says of its owner."""

    BUSY = "busy"
    TENTATIVE = "tentative"


@dataclass(frozen=True, slots=True)
class Span:
    """When a calendar's owner is busy; aware moments in UTC, `ends_at` exclusive."""

    starts_at: datetime
    ends_at: datetime
    kind: Kind

    def touches(self, asked: Time) -> bool:
        """Whether it takes some of a time; what has no length takes the moment that it is at."""
        ends = max(self.ends_at, self.starts_at + _AT_LEAST)
        return self.starts_at < asked.ends_at and asked.starts_at < ends


@dataclass(frozen=True, slots=True)
class Told:
    """What a calendar says of the times asked about, and what of it was not read.

    None is a time that nothing read takes but something unread could: it stays open.
    """

    answers: Mapping[str, AnswerValue | None]
    unread: tuple[Unread, ...] = ()


def answers_from(content: bytes, asked: Mapping[str, Time]) -> Told:
    """Return for each time (by its id) `no` where the calendar is busy, `maybe` where perhaps, else `yes`.

    A time that something unread could take is never `yes`: it stays open.

    Raises:
        FieldFault: when the file is no calendar, or too large.
    """
    if not asked:
        return Told({})
    first = min(one.starts_at for one in asked.values())
    last = max(one.ends_at for one in asked.values())
    spans, left = spans_of(_opened(content), Time(first, last))
    return Told({name: _answer(one, spans, left) for name, one in asked.items()}, tuple(left))


def busy_in(content: bytes, window: Time) -> tuple[tuple[Span, ...], tuple[Unread, ...]]:
    """Return when a calendar is busy in a window, and what of it was not read.

    Raises:
        FieldFault: when the file is no calendar, or too large.
    """
    spans, left = spans_of(_opened(content), window)
    return tuple(spans), tuple(left)


def _answer(asked: Time, spans: Iterable[Span], left: Iterable[Unread]) -> AnswerValue | None:
    kinds = {one.kind for one in spans if one.touches(asked)}
    if Kind.BUSY in kinds:
        return AnswerValue.NO
    if kinds:
        return AnswerValue.MAYBE
    is_open = any(one.could_touch(asked.starts_at, asked.ends_at) for one in left)
    return None if is_open else AnswerValue.YES


def _opened(content: bytes) -> Book:
    if len(content) > MOST_BYTES:
        raise FieldFault("calendar", _TOO_LARGE)
    if content.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise FieldFault("calendar", _PACKED)
    try:
        return read(content, MOST_EVENTS)
    except TooManyError as error:
        raise FieldFault("calendar", _TOO_LARGE) from error
    except UnreadableError as error:
        raise FieldFault("calendar", _UNREADABLE) from error


def spans_of(book: Book, window: Time) -> tuple[list[Span], list[Unread]]:
    """Return when a calendar is busy in a window, in order and not merged, and what was not read of it.

    What could touch no time within the window is told too.
    """
    owner = _owner(book)
    found, left = book.unfolded(window.starts_at, window.ends_at)
    spans = [
        Span(one.start, one.end, kind)
        for one in found
        if (kind := _kind(one.event, owner)) is not None
    ]
    spans += [
        Span(one.start, one.end, Kind.TENTATIVE if one.is_tentative else Kind.BUSY)
        for one in book.free_busy
    ]
    spans = [one for one in spans if one.touches(window)]
    return sorted(spans, key=lambda one: (one.starts_at, one.ends_at)), _weighed(book, left, owner)


def _weighed(book: Book, left: Iterable[Unread], owner: str) -> list[Unread]:
    """Let what belongs to a free event take no time: it is told, but leaves nothing open."""
    free: dict[str, bool] = {}
    for event in book.events:
        free[event.uid] = free.get(event.uid, True) and _kind(event, owner) is None
    return [
        Unread(one.uid, one.property, one.value, one.why)
        if one.uid and free.get(one.uid, False)
        else one
        for one in left
    ]


def _kind(event: Event, owner: str) -> Kind | None:
    """Return what an event makes its owner; None for free, declined and called off."""
    outlook = event.text_of("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    is_free = event.text_of("TRANSP").upper() in _FREE or outlook in _FREE_IN_OUTLOOK
    if is_free or event.is_cancelled:
        return None
    answer = _own_answer(event, owner)
    status = event.text_of("STATUS").upper()
    if answer in _NOT_MINE or status in _NOT_MINE:
        return None
    if "TENTATIVE" in {outlook, status, answer}:
        return Kind.TENTATIVE
    return Kind.BUSY


def _own_answer(event: Event, owner: str) -> str:
    """Return how the owner has answered: the attendee that is known as the owner, or the only one."""
    told = {
        bare_address(line.param("EMAIL") or line.value): line.param("PARTSTAT").upper()
        for line in event.part.all("ATTENDEE")
    }
    own = bare_address(event.text_of("X-MOZ-INVITED-ATTENDEE")) or owner
    if own in told:
        return told[own]
    return next(iter(told.values())) if len(told) == 1 else ""


def _owner(book: Book) -> str:
    """Return the owner's address: the calendar's name (Google), else the one whom all events know."""
    name = bare_address(book.name)
    if "@" in name:
        return name
    people: Counter[str] = Counter()
    events = 0
    for event in book.events:
        told = {
            bare_address(line.param("EMAIL") or line.value)
            for line in (*event.part.all("ATTENDEE"), *event.part.all("ORGANIZER"))
        }
        events += bool(told)
        people.update(told)
    everywhere = [one for one, number in people.items() if number == events]
    return everywhere[0] if events > 1 and len(everywhere) == 1 else ""
