"""Other people's calendars (RFC 5545) through one door: only what times need gets past it, with limits.

Names, addresses and places (ATTENDEE, ORGANIZER, LOCATION ...) are left at the door. So is VTIMEZONE:
icalendar keeps what such a part says for the whole process, and the next person's file would be read
with it. A time zone is known by its name instead, also by the name that Windows gives it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from typing import Any
from zoneinfo import available_timezones

from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from api.calendar.rrule import RuleError, end_of_day, rule_of, starts
from api.kit.clock import STOCKHOLM

# What the parser raises over other people's calendars, found by mutating files.
BROKEN = (
    AttributeError,
    BrokenCalendarProperty,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)
KEPT = {
    *("BEGIN", "END", "VERSION", "METHOD", "UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP"),
    *("STATUS", "CLASS", "TRANSP", "SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "DURATION"),
    *("RRULE", "RDATE", "EXDATE", "EXRULE", "FREEBUSY", "X-MICROSOFT-CDO-BUSYSTATUS"),
}
SKIPPED = {"VTIMEZONE", "VALARM"}
DEEPEST = 8
# Following an older series from its beginning costs more than it tells.
OLDEST_SERIES = timedelta(days=366 * 10)

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"\r\n|\n|\r")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_TZID = re.compile(r';TZID=("[^"]*"|[^;:"]*)', re.IGNORECASE)
_UNKNOWN = "X-UNKNOWN-TZID"


class UnreadableError(ValueError):
    """The bytes are no whole calendar, or hold more events than the reader takes."""


@dataclass(frozen=True, slots=True)
class Components:
    """The parts of a file that tell times, in its order, as icalendar's components."""

    events: tuple[Any, ...]
    free_busy: tuple[Any, ...]
    method: str


def components(content: bytes, most_events: int) -> Components:
    """Read a file of one or more calendars.

    Raises:
        UnreadableError: when it is no whole calendar, or holds more events than `most_events`.
    """
    lines = list(_kept_lines(content.decode("utf-8-sig", "replace")))
    if sum(line == "BEGIN:VEVENT" for line in lines) > most_events:
        raise UnreadableError("too many events")
    try:
        calendars = Calendar.from_ical("\r\n".join((*lines, "")).encode(), multiple=True)
        if not calendars:
            raise UnreadableError("no calendar")
        return Components(
            events=tuple(event for one in calendars for event in one.walk("VEVENT")),
            free_busy=tuple(part for one in calendars for part in one.walk("VFREEBUSY")),
            method=next((str(one["METHOD"]).upper() for one in calendars if "METHOD" in one), ""),
        )
    except BROKEN as error:
        raise UnreadableError("no calendar") from error


def _kept_lines(text: str) -> Iterator[str]:
    """Yield the lines to parse, unfolded; parts must open and close in order, a calendar outermost."""
    opened: list[str] = []
    for line in _LINE.split(_FOLD.sub("", text)):
        found = _NAME.match(line)
        name = found[0].upper() if found else ""
        if name not in KEPT:
            continue
        part = line.partition(":")[2].strip().upper()
        if name == "BEGIN":
            if len(opened) == DEEPEST or bool(opened) == (part == "VCALENDAR"):
                raise UnreadableError("parts are nested")
            opened.append(part)
        elif not opened:
            raise UnreadableError("a line outside the calendar")
        is_skipped = not SKIPPED.isdisjoint(opened)
        if name == "END" and opened.pop() != part:
            raise UnreadableError("parts overlap")
        if not is_skipped:
            yield f"{name}:{part}" if name in {"BEGIN", "END"} else _with_known_zone(line)
    if opened:
        raise UnreadableError("the calendar is cut off")


def _with_known_zone(line: str) -> str:
    head, colon, value = _split(line)
    found = _TZID.search(head)
    if found is None:
        return line
    told = found[1].strip('"')
    name = zone_name(told)
    zone = f";TZID={name}" if name else f';{_UNKNOWN}="{told}"'
    return f"{head[: found.start()]}{zone}{head[found.end() :]}{colon}{value}"


def _split(line: str) -> tuple[str, str, str]:
    """Return a content line's name with parameters, the colon, and the value (quotes may hide colons)."""
    is_quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == ":" and not is_quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""


@lru_cache(maxsize=512)
def zone_name(told: str) -> str:
    """Return the IANA name that a TZID means, or an empty text when it is unknown.

    Known are IANA's names, also behind a program's prefix (RFC 5545 3.2.19), those of Windows (CLDR
    windowsZones), and the long names of Exchange that list Stockholm.
    """
    plain = told.strip().strip("/")
    if plain in WINDOWS_TO_OLSON:
        return WINDOWS_TO_OLSON[plain]
    if plain.startswith("(") and "Stockholm" in plain:
        return STOCKHOLM.key
    parts = plain.split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    return next((end for end in ends if end in available_timezones()), "")


def unknown_zone(prop: Any) -> str:  # noqa: ANN401 - icalendar's property
    """Return the name of the time zone that a time gives and nobody knows, or an empty text."""
    return str(prop.params.get(_UNKNOWN, ""))


def moment(value: date | datetime) -> datetime:
    """Return an aware moment: a whole day starts at midnight in Sweden, as does a floating time."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - made aware below
    aware = value.replace(tzinfo=STOCKHOLM) if value.tzinfo is None else value
    return aware.astimezone(UTC)


def replaced(event: Any) -> datetime | None:  # noqa: ANN401 - icalendar's component
    """Return the occurrence of its series that an event stands in for, if any (RFC 5545 3.8.4.4)."""
    return moment(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None


def length_of(event: Any) -> timedelta | None:  # noqa: ANN401 - icalendar's component
    """Return how long an event lasts, perhaps less than nothing; None when it does not say."""
    if "DTEND" in event:
        return moment(event["DTEND"].dt) - moment(event["DTSTART"].dt)
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    return None


def occurrences(event: Any, since: datetime, last: datetime) -> Iterator[datetime]:  # noqa: ANN401 - icalendar's component
    """Yield when an event begins between two moments, both included, in UTC, and in order.

    The clock time repeats in the zone that the event is written in, not the instant.

    Raises:
        RuleError: when its rule is not followed here, or its series is older than OLDEST_SERIES.
        *BROKEN: when it cannot be read.
    """
    first = event["DTSTART"].dt
    rules = [] if "RECURRENCE-ID" in event else _listed(event, "RRULE")
    if "EXRULE" in event or len(rules) > 1 or any(name == "RRULE" for name, _ in event.errors):
        raise RuleError("more than one rule, or a broken one")
    if rules and moment(first) < since - OLDEST_SERIES:
        raise RuleError("too old")
    repeated = _repeated(rules[0], first, last) if rules else iter((moment(first),))
    told = () if "RECURRENCE-ID" in event else _listed(event, "RDATE")
    without = _left_out(event)
    before: datetime | None = None
    for begin in merge(repeated, sorted(moment(one.dt) for dates in told for one in dates.dts)):
        if since <= begin <= last and begin != before and not _is_in(begin, without):
            yield begin
        before = begin


def _repeated(rule: Any, first: date | datetime, last: datetime) -> Iterator[datetime]:  # noqa: ANN401 - icalendar's vRecur
    zone = (first.tzinfo if isinstance(first, datetime) else None) or STOCKHOLM
    local = moment(first).astimezone(zone).replace(tzinfo=None)
    until = rule.get("UNTIL", [None])[0]
    if isinstance(until, datetime):
        until = until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until
    elif until is not None:
        until = end_of_day(until)
    latest = last.astimezone(zone).replace(tzinfo=None)
    for begin in starts(rule_of(rule, until), local, latest):
        yield begin.replace(tzinfo=zone).astimezone(UTC)


def _left_out(event: Any) -> set[date | datetime]:  # noqa: ANN401 - icalendar's component
    """Return the moments and the whole days of EXDATE."""
    dates = [one.dt for dates in _listed(event, "EXDATE") for one in dates.dts]
    return {moment(one) if isinstance(one, datetime) else one for one in dates}


def _is_in(begin: datetime, without: set[date | datetime]) -> bool:
    return begin in without or begin.astimezone(STOCKHOLM).date() in without


def _listed(event: Any, name: str) -> list[Any]:  # noqa: ANN401 - icalendar's component
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]
