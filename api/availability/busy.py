"""Somebody's own calendar, read as busy or free and nothing else: no text of it is kept or returned."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty

from api.availability.models import AnswerValue
from api.availability.service import Time
from api.clock import STOCKHOLM
from api.errors import FieldFault

MOST_BYTES = 2_000_000
MOST_EVENTS = 20_000
# A repeating event can be written so that following it takes seconds; a whole file may take this long.
LONGEST_SECONDS = 3.0
# Older series are taken to have ended.
OLDEST_SERIES = timedelta(days=366 * 10)
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

# What the parser raises over other people's calendars, found by mutating files.
_BROKEN = (
    AttributeError,
    BrokenCalendarProperty,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)
_TOO_LARGE = "Filen är för stor. Spara ut bara de närmaste månaderna."
_UNREADABLE = "Filen gick inte att läsa som kalender. Spara ut kalendern som .ics och försök igen."


def answers_from(content: bytes, asked: dict[str, Time]) -> dict[str, AnswerValue]:
    """Return `no` for each time (by its id) that the calendar is busy at, `yes` for the others.

    Raises:
        FieldFault: when the file is no calendar, or too large.
    """
    if len(content) > MOST_BYTES:
        raise FieldFault("calendar", _TOO_LARGE)
    if not asked:
        return {}
    first = min(one.starts_at for one in asked.values())
    last = max(one.ends_at for one in asked.values())
    taken = list(busy_spans(content, Time(first, last)))
    return {
        name: AnswerValue.NO if _is_taken(one, taken) else AnswerValue.YES
        for name, one in asked.items()
    }


def busy_spans(content: bytes, window: Time) -> Iterator[Time]:
    """Yield when the calendar is busy within a window; free, cancelled and broken events are not.

    Raises:
        FieldFault: when the file is no calendar.
    """
    try:
        calendars = Calendar.from_ical(content, multiple=True)
        events: list[Any] = [event for one in calendars for event in one.walk("VEVENT")]
        free_busy: list[Any] = [part for one in calendars for part in one.walk("VFREEBUSY")]
    except _BROKEN as error:
        raise FieldFault("calendar", _UNREADABLE) from error
    if not calendars or len(events) > MOST_EVENTS:
        raise FieldFault("calendar", _UNREADABLE)
    moved = {place for event in events if (place := _replaces(event)) is not None}
    began = time.perf_counter()
    for event in events:
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise FieldFault("calendar", _TOO_LARGE)
        if _is_busy(event):
            yield from _spans_of(event, window, moved)
    for part in free_busy:
        yield from _spans_told(part)


def _replaces(event: Any) -> tuple[str, datetime] | None:  # noqa: ANN401 - icalendar's component
    """Return which occurrence of which series an event stands in for, if any."""
    try:
        return str(event.get("UID", "")), _moment(event["RECURRENCE-ID"].dt)
    except _BROKEN:
        return None


def _is_busy(event: Any) -> bool:  # noqa: ANN401 - icalendar's component
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    return str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() != "FREE"


def _spans_of(event: Any, window: Time, moved: set[tuple[str, datetime]]) -> Iterator[Time]:  # noqa: ANN401 - icalendar's component
    try:
        start = event["DTSTART"].dt
        length = _length(event, start)
        begins = list(_starts(event, _moment(start), length, window))
        left_out = _left_out(event)
    except _BROKEN:
        return  # an event that cannot be read says nothing of when its owner is busy
    uid = str(event.get("UID", ""))
    is_series = _replaces(event) is None
    for begin in begins:
        is_elsewhere = is_series and (uid, begin) in moved
        if begin not in left_out and not is_elsewhere:
            yield Time(begin, begin + length)


def _starts(event: Any, start: datetime, length: timedelta, window: Time) -> Iterable[datetime]:  # noqa: ANN401 - icalendar's component
    if "RRULE" not in event or _replaces(event) is not None:
        return [start]
    if start < window.starts_at - OLDEST_SERIES:
        return []
    rules = event["RRULE"] if isinstance(event["RRULE"], list) else [event["RRULE"]]
    found: list[datetime] = []
    for rule in rules:
        if str(rule["FREQ"][0]).upper() not in FREQUENCIES:
            continue
        # The clock time repeats, not the instant: a 9 o'clock stays 9 o'clock over a clock change.
        local = start.astimezone(STOCKHOLM).replace(tzinfo=None)
        plain = {name: value for name, value in rule.items() if name != "UNTIL"}
        until = [_moment(value) for value in rule.get("UNTIL", [])]
        repeats = rrulestr(type(rule)(plain).to_ical().decode(), dtstart=local)
        earliest = (window.starts_at - length).astimezone(STOCKHOLM).replace(tzinfo=None)
        latest = window.ends_at.astimezone(STOCKHOLM).replace(tzinfo=None)
        for begin in repeats.between(earliest, latest, inc=True):
            moment = begin.replace(tzinfo=STOCKHOLM).astimezone(UTC)
            if not until or moment <= until[0]:
                found.append(moment)
    return found


def _length(event: Any, start: date | datetime) -> timedelta:  # noqa: ANN401 - icalendar's component
    if "DTEND" in event:
        return max(_moment(event["DTEND"].dt) - _moment(start), timedelta())
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return max(length, timedelta())
    return timedelta() if isinstance(start, datetime) else timedelta(days=1)


def _left_out(event: Any) -> set[datetime]:  # noqa: ANN401 - icalendar's component
    lists = event.get("EXDATE", [])
    lists = lists if isinstance(lists, list) else [lists]
    return {_moment(one.dt) for dates in lists for one in dates.dts}


def _spans_told(part: Any) -> Iterator[Time]:  # noqa: ANN401 - icalendar's component
    told = part.get("FREEBUSY", [])
    for period in told if isinstance(told, list) else [told]:
        try:
            kind = str(period.params.get("FBTYPE", "BUSY")).upper()
            span = Time(_moment(period.start), _moment(period.end))
        except _BROKEN:
            continue
        if kind != "FREE":
            yield span


def _moment(value: date | datetime) -> datetime:
    """Return an aware moment: a whole day starts at midnight in Sweden, as does a floating time."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - made aware below
    aware = value.replace(tzinfo=STOCKHOLM) if value.tzinfo is None else value
    return aware.astimezone(UTC)


def _is_taken(asked: Time, taken: Iterable[Time]) -> bool:
    return any(one.starts_at < asked.ends_at and asked.starts_at < one.ends_at for one in taken)
