"""How other people's events repeat (RFC 5545 3.3.10), followed day by day and never past an end.

dateutil looks for a day that never comes until the year 9999, which takes it seconds for a rule such as
FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30. Here the work is bounded by the days between the first and the end.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_FOLLOWED = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"),
}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WEEK = 7
_YEAR = 12  # months


class RuleError(ValueError):
    """A rule that is not followed here: by the hour, by the week of the year, or broken."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule read; weekdays are (number in its month or year or 0, weekday from Monday = 0)."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None  # local time where the event is, included
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


def rule_of(parts: Mapping[str, Any], until: datetime | None) -> Rule:
    """Read a rule as icalendar parses it, where every part is a list; `until` is its UNTIL in local time.

    Raises:
        RuleError: when it repeats more often than daily, has parts that are not followed, or is broken.
    """
    names = {str(name).upper() for name in parts}
    if not names <= _FOLLOWED or len(parts.get("FREQ", ())) != 1:
        raise RuleError("parts that are not followed")
    freq = str(parts["FREQ"][0]).upper()
    interval = _numbers(parts, "INTERVAL") or (1,)
    count = _numbers(parts, "COUNT")
    if freq not in FREQUENCIES or len(interval) != 1 or interval[0] < 1 or len(count) > 1:
        raise RuleError("how often is not followed")
    week_start = str(parts.get("WKST", ["MO"])[0]).upper()
    if week_start not in _WEEKDAYS:
        raise RuleError("WKST is no weekday")
    return Rule(
        freq=freq,
        interval=interval[0],
        count=count[0] if count else None,
        until=until,
        weekdays=tuple(_weekday(str(value)) for value in parts.get("BYDAY", ())),
        month_days=_numbers(parts, "BYMONTHDAY"),
        months=_numbers(parts, "BYMONTH"),
        positions=_numbers(parts, "BYSETPOS"),
        week_start=_WEEKDAYS.index(week_start),
    )


def _numbers(parts: Mapping[str, Any], name: str) -> tuple[int, ...]:
    try:
        return tuple(int(value) for value in parts.get(name, ()))
    except (TypeError, ValueError) as error:
        raise RuleError(name) from error


def _weekday(text: str) -> tuple[int, int]:
    found = _BYDAY.fullmatch(text.upper())
    if found is None:
        raise RuleError("BYDAY is no weekday")
    return int(found[1] or 0), _WEEKDAYS.index(found[2])


def starts(rule: Rule, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield when what begins at `first` begins again, until `last`; local times without zone, in order."""
    rule = _completed(rule, first)
    end = last if rule.until is None else min(last, rule.until)
    found = 0
    for days in _periods(rule, first.date(), end.date()):
        for day in _chosen(rule, days):
            moment = datetime.combine(day, first.time())
            if moment < first:
                continue
            if moment > end or found == rule.count:
                return
            found += 1
            yield moment


def _completed(rule: Rule, first: datetime) -> Rule:
    """What a rule does not say of the day, the first one says."""
    weekdays, month_days, months = rule.weekdays, rule.month_days, rule.months
    if not weekdays and not month_days and rule.freq != "DAILY":
        if rule.freq == "WEEKLY":
            weekdays = ((0, first.weekday()),)
        else:
            month_days = (first.day,)
        if rule.freq == "YEARLY" and not months:
            months = (first.month,)
    return replace(rule, weekdays=weekdays, month_days=month_days, months=months)


def _periods(rule: Rule, first: date, last: date) -> Iterator[Sequence[date]]:
    """Yield the days of each day, week, month or year that the rule visits, none begun after `last`."""
    if rule.freq in {"DAILY", "WEEKLY"}:
        length = 1 if rule.freq == "DAILY" else _WEEK
        behind = 0 if length == 1 else (first.weekday() - rule.week_start) % _WEEK
        start = first.toordinal() - behind
        for ordinal in range(start, last.toordinal() + 1, rule.interval * length):
            yield [date.fromordinal(ordinal + step) for step in range(length)]
        return
    length = 1 if rule.freq == "MONTHLY" else _YEAR
    start = first.year * _YEAR + (first.month - 1 if length == 1 else 0)
    end = last.year * _YEAR + last.month - 1
    for number in range(start, end + 1, rule.interval * length):
        yield [day for step in range(length) for day in _month(number + step)]


def _month(number: int) -> list[date]:
    year, month = number // _YEAR, number % _YEAR + 1
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _chosen(rule: Rule, days: Sequence[date]) -> list[date]:
    """Return those days of a period that fit all parts, and of them those at BYSETPOS."""
    fits = [day for day in days if _fits(rule, day)]
    if not rule.positions:
        return fits
    wanted = {at - 1 if at > 0 else len(fits) + at for at in rule.positions}
    return [day for at, day in enumerate(fits) if at in wanted]


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        from_end = day.day - monthrange(day.year, day.month)[1] - 1
        if day.day not in rule.month_days and from_end not in rule.month_days:
            return False
    if not rule.weekdays:
        return True
    return any(
        day.weekday() == weekday and (number == 0 or number in _numbers_of(rule, day))
        for number, weekday in rule.weekdays
    )


def _numbers_of(rule: Rule, day: date) -> tuple[int, int]:
    """Return which of its weekdays a day is, from the front and from the back, of its month or year."""
    if rule.freq == "YEARLY" and not rule.months:
        place = day.timetuple().tm_yday
        length = (date(day.year, 12, 31) - date(day.year, 1, 1)).days + 1
    else:
        place, length = day.day, monthrange(day.year, day.month)[1]
    return (place - 1) // _WEEK + 1, -((length - place) // _WEEK) - 1


def end_of_day(day: date) -> datetime:
    """Return the last second of a day: an UNTIL that is a day counts whole."""
    return datetime.combine(day, time(23, 59, 59))
