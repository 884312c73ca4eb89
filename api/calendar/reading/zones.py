"""The time zones of one file: its own VTIMEZONE parts, in a namespace of its own, then names.

What one file says of "W. Europe Standard Time" is true of that file alone: nothing is kept between
two readings (RFC 5545 3.6.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from api.calendar.reading.lines import Line
from api.calendar.reading.names import exactly_named, zone_named
from api.calendar.reading.parts import Part
from api.calendar.reading.values import ValueFaultError, offset, when, whens
from api.calendar.rrule import Rule, RuleError, Work, end_of_day, parts_of, rule_of, starts

_MOST_ONSETS = 2_000  # of one observance: clocks change twice a year
_MOST_OBSERVANCES = 400
_MOST_ZONES = 200  # of one file; the world has some hundred
_MOST_UNKNOWN = 40  # names that are looked for among all names, which takes a while


class ZoneError(ValueError):
    """A VTIMEZONE that does not say what the offset is."""


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT part: from each of its onsets the offset is `to`."""

    first: datetime  # local, without zone
    before: timedelta
    to: timedelta
    rules: tuple[Rule, ...] = ()
    also: tuple[datetime, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it goes on for ever."""
        return any(rule.until is None and rule.count is None for rule in self.rules)

    def onsets(self, year: int, work: Work) -> list[datetime]:
        """Return its onsets around a year, and all of those that end some time; local times."""
        until = datetime(year + 1, 12, 31)  # noqa: DTZ001 - local times
        found = {self.first, *self.also}
        for rule in self.rules:
            is_open = rule.until is None and rule.count is None
            since = datetime(max(year - 2, 1), 1, 1) if is_open else self.first  # noqa: DTZ001 - the same
            told = starts(rule, self.first, until, since, work)
            found.update(islice(told, _MOST_ONSETS + 1))
        if len(found) > _MOST_ONSETS:
            raise ZoneError("the clocks change too often")
        return sorted(one for one in found if one <= until)


class DefinedZone(tzinfo):
    """A zone as a file's VTIMEZONE defines it."""

    def __init__(self, name: str, observances: Iterable[Observance], work: Work) -> None:
        self.name = name
        self._observances = tuple(observances)
        self._work = work
        self._changes: dict[int, list[tuple[datetime, timedelta, timedelta]]] = {}
        if not 0 < len(self._observances) <= _MOST_OBSERVANCES:
            raise ZoneError("no observance")

    @property
    def is_whole(self) -> bool:
        """Whether the parts tell the offset of any year: what one changes from, another changes to."""
        last = [one for one in self._observances if one.is_open]
        if not last:
            newest = max(self._observances, key=lambda one: max(one.first, *one.also, one.first))
            last = [newest] if not any(one.rules for one in self._observances) else []
            is_fixed = len({one.to for one in self._observances}) == 1
            return bool(last) and is_fixed
        return {one.before for one in last} <= {one.to for one in last}

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return the offset at a local time: in the hour that is not there, the one before it."""
        if dt is None:
            return self._observances[0].to
        local = dt.replace(tzinfo=None)
        found = self._first_before()
        for at, before, to in self._around(local.year):
            # Where clocks go back the first of the two is meant, unless `fold` says the second.
            late = max(before, to)
            if local < at + (late if not dt.fold or to > before else to):
                break
            found = to
        return found

    def dst(self, dt: datetime | None) -> timedelta:
        """Return nothing: which part of an offset is summer time makes no difference here."""
        del dt
        return timedelta()

    def tzname(self, dt: datetime | None) -> str:
        """Return the zone's name in its file."""
        del dt
        return self.name

    def fromutc(self, dt: datetime) -> datetime:
        """Return a moment in this zone."""
        plain = dt.replace(tzinfo=None)
        found = self._first_before()
        is_second = False
        for at, before, to in self._around(plain.year):
            if plain < at:
                break
            found = to
            is_second = to < before and plain < at + (before - to)
        return (plain + found).replace(tzinfo=self, fold=int(is_second))

    def _first_before(self) -> timedelta:
        return min(self._observances, key=lambda one: one.first).before

    def _around(self, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
        """Return the changes up to the end of the next year, as moments in UTC, in order."""
        if year not in self._changes:
            self._changes[year] = sorted(
                (onset - one.before, one.before, one.to)
                for one in self._observances
                for onset in one.onsets(year, self._work)
            )
        return self._changes[year]


class Zones:
    """The zones that one file knows: those it defines, then those that go by a name."""

    def __init__(self, definitions: Iterable[Part], work: Work) -> None:
        self.faults: list[tuple[str, str]] = []  # TZID, reason
        self._work = work
        self._defined: dict[str, DefinedZone] = {}
        self._aliases: dict[str, str] = {}
        self._unknown: set[str] = set()
        for part in islice(definitions, _MOST_ZONES):
            self._define(part)

    def _define(self, part: Part) -> None:
        name = part.value_of("TZID")
        key = _key(name)
        for alias in ("X-LIC-LOCATION", "TZID-ALIAS-OF"):
            if part.value_of(alias):
                self._aliases.setdefault(key, part.value_of(alias))
        try:
            zone = DefinedZone(
                name, map(_observance, part.within("STANDARD", "DAYLIGHT")), self._work
            )
            zone.utcoffset(datetime(2026, 7, 1))  # noqa: DTZ001 - may raise, here and not later
        except (ValueError, OverflowError) as error:
            self.faults.append((name, str(error)))
        else:
            self._defined.setdefault(key, zone)

    def __call__(self, tzid: str) -> tzinfo | None:
        """Return a TZID's zone; None when it is neither defined nor known.

        A definition that covers some years only (a list of dates, a part that is missing) gives way to
        the zone of that name, where there is one.
        """
        key = _key(tzid)
        defined = self._defined.get(key)
        if defined is not None and defined.is_whole:
            return defined
        named = self._named(tzid)
        if named is None and key in self._aliases:
            named = self._named(self._aliases[key])
        return named or defined

    def _named(self, tzid: str) -> tzinfo | None:
        """Return the zone of a name; after many unknown ones slips are not looked for any more."""
        is_looked_for = len(self._unknown) < _MOST_UNKNOWN or tzid in self._unknown
        found = zone_named(tzid) if is_looked_for else exactly_named(tzid)
        if found is None:
            self._unknown.add(tzid)
        return found


def _key(tzid: str) -> str:
    plain = tzid.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    return " ".join(plain.strip().strip('"').strip("/").casefold().split())


def _observance(part: Part) -> Observance:
    start = part.first("DTSTART")
    before, to = (_offset(part, name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    first = when(start, start.value, _nowhere).local if start else datetime(1970, 1, 1)  # noqa: DTZ001 - local
    also = tuple(one.local for line in part.all("RDATE") for one in whens(_plain(line), _nowhere))
    rules = tuple(_rule(line, before) for line in part.all("RRULE"))
    return Observance(first, before, to, rules, also)


def _plain(line: Line) -> Line:
    return Line(line.name, {}, ",".join(one.partition("/")[0] for one in line.value.split(",")))


def _offset(part: Part, name: str) -> timedelta:
    line = part.first(name)
    other = part.first("TZOFFSETTO" if name == "TZOFFSETFROM" else "TZOFFSETFROM")
    if line is None and name == "TZOFFSETFROM":
        line = other
    if line is None:
        raise ZoneError(f"no {name}")
    return offset(line, line.value)


def _rule(line: Line, before: timedelta) -> Rule:
    try:
        parts = parts_of(line.value)
        told = parts.get("UNTIL")
        if told is None:
            return rule_of(parts, None)
        one = when(line, told, _nowhere)
    except ValueFaultError as error:
        raise RuleError("UNTIL") from error
    until = end_of_day(one.local.date()) if one.is_day else one.local
    # UNTIL of an observance is in UTC (RFC 5545 3.3.10), its onsets are local.
    return rule_of(parts, until + before if one.zone is UTC else until)


def _nowhere(tzid: str) -> tzinfo | None:
    del tzid
    return None


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment that a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
