"""Somebody's own calendar, read as busy or free and nothing else: no text of it is kept or returned."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from api.availability.models import AnswerValue
from api.availability.service import Time
from api.calendar.reading import (
    BROKEN,
    UnreadableError,
    components,
    length_of,
    moment,
    occurrences,
    replaced,
)
from api.kit.errors import FieldFault

MOST_BYTES = 2_000_000
MOST_EVENTS = 20_000
# A repeating event can be written so that following it takes seconds; a whole file may take this long.
LONGEST_SECONDS = 3.0

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
        read = components(content, MOST_EVENTS)
    except UnreadableError as error:
        raise FieldFault("calendar", _UNREADABLE) from error
    moved = {place for event in read.events if (place := _replaces(event)) is not None}
    began = time.perf_counter()
    for event in read.events:
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise FieldFault("calendar", _TOO_LARGE)
        if _is_busy(event):
            yield from _spans_of(event, window, moved)
    for part in read.free_busy:
        yield from _spans_told(part)


def _replaces(event: Any) -> tuple[str, datetime] | None:  # noqa: ANN401 - icalendar's component
    """Return which occurrence of which series an event stands in for, if any."""
    try:
        place = replaced(event)
    except BROKEN:
        return None
    return None if place is None else (str(event.get("UID", "")), place)


def _is_busy(event: Any) -> bool:  # noqa: ANN401 - icalendar's component
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    return str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() != "FREE"


def _spans_of(event: Any, window: Time, moved: set[tuple[str, datetime]]) -> Iterator[Time]:  # noqa: ANN401 - icalendar's component
    try:
        length = _length(event)
        begins = list(occurrences(event, window.starts_at - length, window.ends_at))
    except BROKEN:
        return  # an event that cannot be read says nothing of when its owner is busy
    uid = str(event.get("UID", ""))
    is_series = _replaces(event) is None
    for begin in begins:
        if not (is_series and (uid, begin) in moved):
            yield Time(begin, begin + length)


def _length(event: Any) -> timedelta:  # noqa: ANN401 - icalendar's component
    whole_day = not isinstance(event["DTSTART"].dt, datetime)
    told = length_of(event)
    return (timedelta(days=whole_day)) if told is None else max(told, timedelta())


def _spans_told(part: Any) -> Iterator[Time]:  # noqa: ANN401 - icalendar's component
    told = part.get("FREEBUSY", [])
    for period in told if isinstance(told, list) else [told]:
        try:
            kind = str(period.params.get("FBTYPE", "BUSY")).upper()
            span = Time(moment(period.start), moment(period.end))
        except BROKEN:
            continue
        if kind != "FREE":
            yield span


def _is_taken(asked: Time, taken: Iterable[Time]) -> bool:
    return any(one.starts_at < asked.ends_at and asked.starts_at < one.ends_at for one in taken)
