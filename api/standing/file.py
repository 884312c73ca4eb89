"""A planner's calendar file as standing meetings: which can be read in, and why the others cannot."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.calendar.reading.book import Book, read
from api.calendar.reading.events import Event
from api.calendar.reading.parts import UnreadableError
from api.calendar.reading.series import Occurrence, Series, Unfolding
from api.calendar.reading.unread import Unread, Why
from api.kit.errors import FieldFault
from api.kit.i18n import later
from api.kit.mail import has_address
from api.standing.text import LONGEST_NAME, first_paragraph, plain

MOST_BYTES = 1_000_000
MOST_EVENTS = 500
MOST_OCCURRENCES = 110  # two years of weeks: a weekly meeting without end is read as far as AHEAD
MOST_MEETINGS = 2_000
AHEAD = timedelta(days=731)  # the coming 24 months
LONGEST = timedelta(days=7)
# How far back a series is followed: an occurrence that was to be ahead may have been moved into the past.
BEHIND = timedelta(days=366)
# What leaves a meeting uncertain although its times were read; the rest of a file's faults do not.
_PASSED_OVER = {Why.NO_MATCH, Why.ENDS_BEFORE, Why.ENDS_EARLY}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not read in: a Swedish source text, and what fills its places."""

    text: str
    values: dict[str, object] = field(default_factory=dict)


class RefusedError(Exception):
    """An event that is not read in."""

    def __init__(self, text: str, **values: object) -> None:
        self.reason = Reason(text, values)
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Told:
    """One meeting as the file tells it; of a cancelled one only which it is."""

    recurrence_id: str
    starts_at: datetime
    ends_at: datetime
    name: str
    focus: str  # may be empty: then the form's
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An event of the file with its repeats; nothing of it is read in when there is a reason."""

    uid: str  # the UID's hash
    name: str
    told: tuple[Told, ...] = ()  # those ahead, earliest first
    passed: frozenset[str] = frozenset()  # those that have begun, by occurrence
    is_whole: bool = False  # the series itself is in the file, not only exceptions from it
    reason: Reason | None = None


def read_events(content: bytes, at: datetime) -> tuple[FileEvent, ...]:
    """Return the events of a file in its order.

    Raises:
        FieldFault: when the file is too large, is no calendar, or holds none or too many events.
    """
    if len(content) > MOST_BYTES:
        raise FieldFault(
            "file",
            "Filen är större än 1 MB. Exportera bara kalendern med de återkommande träffarna.",
        )
    try:
        book = read(content, MOST_EVENTS)
    except UnreadableError as error:
        raise FieldFault("file", _NO_CALENDAR, most=MOST_EVENTS) from error
    if book.is_cut:
        raise FieldFault("file", _NO_CALENDAR, most=MOST_EVENTS)
    if not book.series:
        raise FieldFault("file", "Det finns inga händelser i filen.")
    found = events_of(book, at)
    if sum(len(event.told) for event in found) > MOST_MEETINGS:
        raise FieldFault(
            "file",
            "Filen innehåller fler än %(most)s träffar. Exportera bara kalendern med de återkommande träffarna.",
            most=MOST_MEETINGS,
        )
    return found


_NO_CALENDAR = "Filen gick inte att läsa som en hel kalender med högst %(most)s händelser. Exportera den som en ics-fil på nytt."


def events_of(book: Book, at: datetime) -> tuple[FileEvent, ...]:
    """Return the events of a calendar that has been read, in its order."""
    return tuple(_event(series, book, at) for series in book.series)


def hash_of_uid(uid: str) -> str:
    """Return what an event is known as: its UID may name a person or a machine."""
    return hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()


def _event(series: Series, book: Book, at: datetime) -> FileEvent:
    hashed = hash_of_uid(series.uid)
    name = plain(series.first.text_of("SUMMARY"))[:LONGEST_NAME]
    if not series.uid:
        text = later(
            "Saknar det id-nummer (UID) som Samkrets behöver för att känna igen träffen nästa gång."
        )
        return FileEvent(hashed, name, reason=Reason(text))
    try:
        _insist_on_known(series.faults)
        found = _told(series, book, at)
    except RefusedError as error:
        return FileEvent(hashed, name, reason=error.reason)
    ahead = tuple(one for one in found if one.starts_at > at)
    passed = frozenset(one.recurrence_id for one in found if one.starts_at <= at)
    return FileEvent(hashed, name, ahead, passed, series.master is not None)


def _told(series: Series, book: Book, at: datetime) -> list[Told]:
    """Return an event's meetings in order; of a single one also if it has passed."""
    for event in (series.master, *series.exceptions):
        if event is not None and not event.is_cancelled:
            _insist_on_times(event)
    last = at + AHEAD
    if not series.is_repeated:
        begins = series.first.begins
        if begins > last:
            raise RefusedError(later("Ligger mer än 24 månader fram."))
        unfolding = Unfolding(series, begins, begins, book.work)
    else:
        unfolding = Unfolding(series, at - BEHIND, last, book.work)
        if any(_is_too_late(event, last) for event in series.exceptions):
            raise RefusedError(later("Ligger mer än 24 månader fram."))
    _insist_on_known(unfolding.unread)
    if sum(one.start > at for one in unfolding.occurrences) > MOST_OCCURRENCES:
        raise RefusedError(
            later(
                "Upprepas fler än %(most)s gånger de närmaste 24 månaderna. Sätt ett slutdatum i din kalender."
            ),
            most=MOST_OCCURRENCES,
        )
    return list(_meetings(unfolding.occurrences))


def _is_too_late(exception: Event, last: datetime) -> bool:
    return not exception.is_cancelled and exception.start is not None and exception.begins > last


def _meetings(occurrences: tuple[Occurrence, ...]) -> Iterator[Told]:
    known: dict[int, tuple[str, str]] = {}
    told: dict[str, Told] = {}
    for one in occurrences:
        key = _key(one.place) if one.place else ""
        if one.event.is_cancelled:
            begin = one.place or one.start
            told.setdefault(key, Told(key, begin, begin, "", "", is_cancelled=True))
            continue
        texts = known.setdefault(one.event.number, _texts(one.event))
        told[key] = Told(key, one.start, one.end, *texts, is_cancelled=False)
    yield from sorted(told.values(), key=lambda one: (one.starts_at, one.recurrence_id))


def _insist_on_known(faults: tuple[Unread, ...] | list[Unread]) -> None:
    """Refuse an event of which something was not understood, naming the property and its value."""
    for fault in faults:
        if fault.why in _PASSED_OVER:
            continue
        if fault.why is Why.NO_START:
            raise RefusedError(later("Saknar starttid."))
        value = plain(fault.value)[:LONGEST_NAME]
        if fault.why is Why.UNKNOWN_ZONE:
            text = later("Har tidszonen ”%(zone)s”, som är okänd. Välj en annan i din kalender.")
            raise RefusedError(text, zone=value)
        if fault.why is Why.RULE:
            text = later("Upprepas på ett sätt som Samkrets inte läser: %(value)s.")
            raise RefusedError(text, value=value)
        if fault.why is Why.TOO_OFTEN:
            raise RefusedError(later("Upprepas oftare än Samkrets följer: %(value)s."), value=value)
        text = later("Går inte att läsa: %(property)s är ”%(value)s”.")
        raise RefusedError(text, property=fault.property, value=value)


def _insist_on_times(event: Event) -> None:
    if event.start is None:
        raise RefusedError(later("Saknar starttid."))
    if event.start.is_day:
        raise RefusedError(
            later(
                "Är en heldag. Träffar har klockslag: sätt ett i din kalender och läs in filen igen."
            )
        )
    if event.end is None and event.length is None:
        raise RefusedError(later("Saknar sluttid."))
    ends = event.ends_from(event.start.local)
    if ends <= event.begins:
        raise RefusedError(later("Sluttiden är inte senare än starttiden."))
    if ends - event.begins > LONGEST:
        raise RefusedError(later("Pågår längre än en vecka."))


def _texts(event: Event) -> tuple[str, str]:
    """Return an event's name and focus, which are all that is taken of its words."""
    if event.text_of("CLASS").upper() in {"PRIVATE", "CONFIDENTIAL"}:
        raise RefusedError(later("Är markerad som privat i din kalender."))
    name = plain(event.text_of("SUMMARY"))
    if not name:
        raise RefusedError(later("Saknar namn."))
    if len(name) > LONGEST_NAME:
        raise RefusedError(
            later("Har ett namn som är längre än %(most)s tecken."), most=LONGEST_NAME
        )
    if has_address(name):
        raise RefusedError(
            later(
                "Har en adress eller ett långt nummer i namnet. Ta bort det i din kalender och läs in filen igen."
            )
        )
    return name, first_paragraph(event.text_of("DESCRIPTION"))


def _key(begin: datetime) -> str:
    return f"{begin:%Y%m%dT%H%M%SZ}"
