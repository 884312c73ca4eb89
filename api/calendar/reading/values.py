"""Times, lengths and periods as programs write them (RFC 5545 3.3), and as the RFC would have them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from api.calendar.reading.lines import Line

# A TZID's zone; None where nobody knows it.
Zones = Callable[[str], tzinfo | None]

_MOMENT = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[Tt ]?(\d{2}):?(\d{2})?:?(\d{2})?(?:[.,]\d+)?"
    r"\s*([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_DURATION = re.compile(
    r"([+-])?P(?:0+Y)?(?:0+M)?(?:(\d+)W)?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?",
    re.IGNORECASE,
)
_MONTHS = re.compile(r"[+-]?P(\d+[WD])*\d+M", re.IGNORECASE)  # or minutes whose T is missing
_OFFSET = re.compile(r"([+-]?)(\d{2}):?(\d{2})?:?(\d{2})?")
_LONGEST = timedelta(days=366 * 50)
# Moments are compared in UTC: years at the ends of the calendar have no room for an offset.
_YEARS = range(2, 9999)


class ValueFaultError(ValueError):
    """A value that is no time, length or period; `reason` says what is missing of it."""

    def __init__(self, line: Line, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"{line.name}:{line.value}: {reason}")


@dataclass(frozen=True, slots=True)
class When:
    """A time as it is written: a clock time where it is, and in which zone; None is a floating one.

    A day is its midnight, without zone. `unknown` is a TZID that nobody knows: then `zone` is None.
    """

    local: datetime
    zone: tzinfo | None = None
    is_day: bool = False
    unknown: str = ""

    def at(self, floating: tzinfo) -> datetime:
        """Return the moment in UTC; a day and a floating time are in the zone given."""
        return self.local.replace(tzinfo=self.zone or floating).astimezone(UTC)

    def day_in(self, zone: tzinfo, floating: tzinfo) -> date:
        """Return the day it falls on in a zone; a day is itself."""
        return self.local.date() if self.is_day else self.at(floating).astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Length:
    """How long something lasts: days by the calendar, and a time by the clock (RFC 5545 3.3.6)."""

    days: int
    clock: timedelta


def whens(line: Line, zones: Zones) -> tuple[When, ...]:
    """Return the times of a line, one or a list; vCalendar 1.0 parts them with semicolons.

    Raises:
        ValueFaultError: when one of them is no time.
    """
    told = [one for one in re.split(r"[,;]", line.value) if one.strip()]
    return tuple(when(line, one, zones) for one in told)


def when(line: Line, text: str, zones: Zones) -> When:
    """Read one time of a line.

    `Z` wins over TZID, which must not stand beside it (RFC 5545 3.2.19). Read as well are days as
    moments and moments as days, missing seconds, fractions, ISO 8601's dashes and colons, its offsets,
    hour 24 and the leap second.

    Raises:
        ValueFaultError: when it is no time.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueFaultError(line, "no time")
    try:
        day = date(*map(int, found.group(1, 2, 3)))
    except ValueError as error:
        raise ValueFaultError(line, "no such day") from error
    if day.year not in _YEARS:
        raise ValueFaultError(line, "no year of ours")
    midnight = datetime.combine(day, time())
    if found[4] is None or line.param("VALUE").upper() == "DATE":
        return When(midnight, is_day=True)
    local = midnight + _clock(line, found)
    zone, unknown = _zone(line, found[7] or "", zones)
    return When(local, zone, unknown=unknown)


def _clock(line: Line, found: re.Match[str]) -> timedelta:
    hour, minute, second = (int(found[at] or 0) for at in (4, 5, 6))
    is_right = hour < 24 and minute < 60 and second <= 60
    if not is_right and (hour, minute, second) != (24, 0, 0):
        raise ValueFaultError(line, "no such time of day")
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(line: Line, sign: str, zones: Zones) -> tuple[tzinfo | None, str]:
    if sign in {"Z", "z"}:
        return UTC, ""
    if sign:
        return timezone(offset(line, sign)), ""
    told = line.param("TZID")
    if not told:
        return None, ""
    zone = zones(told)
    return zone, "" if zone else told


def length(line: Line) -> Length:
    """Read a DURATION, perhaps of less than nothing; Android's `P3600S` and `PT` too, and no years and months.

    Raises:
        ValueFaultError: when it is none, or longer than anything that happens.
    """
    found = _DURATION.fullmatch(line.value.strip())
    if found is None or _MONTHS.fullmatch(line.value.strip()):
        raise ValueFaultError(line, "no length")
    sign = -1 if found[1] == "-" else 1
    try:
        weeks, days, hours, minutes, seconds = (int(one or 0) for one in found.group(2, 3, 4, 5, 6))
        clock = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        told = timedelta(weeks=weeks, days=days) + clock
    except (OverflowError, ValueError) as error:
        raise ValueFaultError(line, "too long") from error
    if told > _LONGEST:
        raise ValueFaultError(line, "too long")
    return Length(sign * (weeks * 7 + days), sign * clock)


def says_a_length(line: Line) -> bool:
    """Whether a DURATION names a unit at all, which `PT` does not."""
    return any(letter.isdigit() for letter in line.value)


def offset(line: Line, text: str) -> timedelta:
    """Read an offset from UTC, east being positive.

    Raises:
        ValueFaultError: when it is none, or a day or more.
    """
    found = _OFFSET.fullmatch(text.strip())
    if found is None:
        raise ValueFaultError(line, "no offset")
    hours, minutes, seconds = (int(found[at] or 0) for at in (2, 3, 4))
    told = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if told >= timedelta(days=1) or minutes > 59 or seconds > 59:
        raise ValueFaultError(line, "no offset")
    return -told if found[1] == "-" else told


@dataclass(frozen=True, slots=True)
class Period:
    """A time with its end, or with its length, or with neither (RFC 5545 3.3.9)."""

    start: When
    end: When | None = None
    length: Length | None = None


def periods(line: Line, zones: Zones) -> tuple[Period, ...]:
    """Return the periods of a line.

    Raises:
        ValueFaultError: when one of them is none.
    """
    return tuple(_period(line, one, zones) for one in line.value.split(",") if one.strip())


def _period(line: Line, text: str, zones: Zones) -> Period:
    begin, slash, end = text.partition("/")
    start = when(Line(line.name, {**line.params, "VALUE": ""}, begin), begin, zones)
    if not slash:
        return Period(start)
    if "P" in end.upper():
        return Period(start, length=length(Line(line.name, {}, end)))
    return Period(start, end=when(Line(line.name, {**line.params, "VALUE": ""}, end), end, zones))
