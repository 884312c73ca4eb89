"""How events repeat (RFC 5545 3.3.10), ours and other people's: followed step by step, never past an end.

dateutil looks for a day that never comes until the year 9999, which takes it seconds for a rule such as
FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30. Here the work is bounded by the days between the first and the end,
and counted: `Work` is what one file may cost.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

_CLOCKED = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}  # seconds
_DAYS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
FREQUENCIES = (*_CLOCKED, *_DAYS)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WEEK = 7
_YEAR = 12  # months
_DAY = 86_400  # seconds
_FOLLOWED = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS"),
    *("BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSECOND"),
}
_SAYING_NOTHING = {"RSCALE": "GREGORIAN", "SKIP": "OMIT"}  # RFC 7529: what holds anyway


class RuleError(ValueError):
    """A rule that is not followed here: broken, or with parts that nobody knows."""


class TooMuchWorkError(RuleError):
    """Following the rules of one file would take more steps than a file may cost."""


class Work:
    """A count of steps that one reading may take; a step is a day looked at or a time made."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Count some steps.

        Raises:
            TooMuchWorkError: when none are left.
        """
        self.left -= steps
        if self.left < 0:
            raise TooMuchWorkError("too many steps")


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
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0


_NAMED_AGAIN = re.compile(r"\s*RRULE\s*:", re.IGNORECASE)


def parts_of(text: str) -> dict[str, str]:
    """Return a rule's parts by their upper-case names; empty parts (a last semicolon) are passed over.

    So is the property's name where a program writes it twice.

    Raises:
        RuleError: when a part has no name or no value, or stands twice with another value.
    """
    found: dict[str, str] = {}
    for part in _NAMED_AGAIN.sub("", text).split(";"):
        if not part.strip():
            continue
        name, equals, value = (one.strip().upper() for one in part.partition("="))
        if not equals or not name or not value or found.get(name, value) != value:
            raise RuleError(f"the part {part.strip()!r}")
        found[name] = value
    return found


def rule_of(parts: Mapping[str, str], until: datetime | None) -> Rule:
    """Read a rule from its parts; `until` is its UNTIL in local time.

    INTERVAL=0, as Exchange writes, is taken as 1 (so do the other readers).

    Raises:
        RuleError: naming the part that is not followed.
    """
    for name, value in parts.items():
        is_known = name in _FOLLOWED or name.startswith("X-")
        if not is_known and _SAYING_NOTHING.get(name) != value:
            raise RuleError(f"{name}={value}")
    freq = parts.get("FREQ", "")
    if freq not in FREQUENCIES:
        raise RuleError(f"FREQ={freq}")
    week_start = parts.get("WKST", "MO")
    if week_start not in _WEEKDAYS:
        raise RuleError(f"WKST={week_start}")
    return Rule(
        freq=freq,
        interval=_one(parts, "INTERVAL", 0) or 1,
        count=_one(parts, "COUNT", 1),
        until=until,
        weekdays=_weekdays(parts, is_numbered=freq in {"MONTHLY", "YEARLY"}),
        month_days=_numbers(parts, "BYMONTHDAY", -31, 31),
        months=_numbers(parts, "BYMONTH", 1, 12),
        year_days=_numbers(parts, "BYYEARDAY", -366, 366),
        weeks=_numbers(parts, "BYWEEKNO", -53, 53),
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        seconds=tuple(min(one, 59) for one in _numbers(parts, "BYSECOND", 0, 60)),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
        week_start=_WEEKDAYS.index(week_start),
    )


def _one(parts: Mapping[str, str], name: str, least: int) -> int | None:
    if name not in parts:
        return None
    told = _numbers(parts, name, least, 10**9)
    if len(told) != 1:
        raise RuleError(f"{name}={parts[name]}")
    return told[0]


def _numbers(parts: Mapping[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    """Return a part's numbers; 0 where numbers count from either end says nothing."""
    told = parts.get(name)
    if told is None:
        return ()
    try:
        numbers = tuple(int(one) for one in told.split(",") if one.strip())
    except ValueError as error:
        raise RuleError(f"{name}={told}") from error
    if not numbers or not all(least <= one <= most and (one or least >= 0) for one in numbers):
        raise RuleError(f"{name}={told}")
    return numbers


def _weekdays(parts: Mapping[str, str], *, is_numbered: bool) -> tuple[tuple[int, int], ...]:
    """Return the weekdays; numbers count only in months and years, as other readers have it."""
    is_numbered = is_numbered and "BYWEEKNO" not in parts
    found = []
    for told in parts.get("BYDAY", "").split(","):
        match = _BYDAY.fullmatch(told.strip())
        if match is None:
            if told.strip() or "BYDAY" in parts:
                raise RuleError(f"BYDAY={parts['BYDAY']}")
            continue
        found.append((int(match[1] or 0) if is_numbered else 0, _WEEKDAYS.index(match[2])))
    return tuple(found)


def starts(
    rule: Rule,
    first: datetime,
    last: datetime,
    since: datetime = datetime.min,  # noqa: DTZ901 - local times without zone
    work: Work | None = None,
) -> Iterator[datetime]:
    """Yield when a rule that begins at `first` begins again, until `last`; local times, in order.

    Times before `since` may be left out, which spares an old series its years: only a rule with COUNT
    is followed from its beginning. `first` itself is yielded only where the rule gives it.

    Raises:
        TooMuchWorkError: when it costs more than `work` has left.
    """
    work = work or Work(10**7)
    rule = _completed(rule, first)
    end = last if rule.until is None else min(last, rule.until)
    since = first if rule.count is not None else max(first, since)
    found = 0
    sets = _clocked if rule.freq in _CLOCKED else _dated
    for times in sets(rule, first, since, end, work):
        for moment in _at_positions(rule, times):
            if moment < first:
                continue
            if moment > end or found == rule.count:
                return
            found += 1
            yield moment


def _completed(rule: Rule, first: datetime) -> Rule:
    """What a rule does not say of the day and the time, the first one says."""
    weekdays, month_days, months = rule.weekdays, rule.month_days, rule.months
    is_told = weekdays or month_days or rule.year_days
    if rule.freq == "WEEKLY" or (rule.freq == "YEARLY" and rule.weeks):
        weekdays = weekdays if is_told else ((0, first.weekday()),)
    elif rule.freq in {"MONTHLY", "YEARLY"} and not is_told:
        month_days = (first.day,)
        months = months or ((first.month,) if rule.freq == "YEARLY" else ())
    at = FREQUENCIES.index(rule.freq)
    return replace(
        rule,
        weekdays=weekdays,
        month_days=month_days,
        months=months,
        hours=rule.hours or ((first.hour,) if at > 2 else ()),
        minutes=rule.minutes or ((first.minute,) if at > 1 else ()),
        seconds=rule.seconds or ((first.second,) if at > 0 else ()),
    )


def _at_positions(rule: Rule, times: Sequence[datetime]) -> Iterable[datetime]:
    if not rule.positions:
        return times
    wanted = {at - 1 if at > 0 else len(times) + at for at in rule.positions}
    return [moment for at, moment in enumerate(times) if at in wanted]


def _dated(
    rule: Rule, first: datetime, since: datetime, end: datetime, work: Work
) -> Iterator[list[datetime]]:
    """Yield the times of each day, week, month or year that the rule visits."""
    times = sorted({time(h, m, s) for h in rule.hours for m in rule.minutes for s in rule.seconds})
    for days in _periods(rule, first.date(), since.date(), end.date()):
        work.spend(len(days))
        fits = [day for day in days if _fits(rule, day)]
        if len(times) > 1:
            work.spend(len(fits) * len(times))
        yield [datetime.combine(day, at) for day in fits for at in times]


def _clocked(
    rule: Rule, first: datetime, since: datetime, end: datetime, work: Work
) -> Iterator[list[datetime]]:
    """Yield the times of each hour, minute or second that the rule visits."""
    unit = _CLOCKED[rule.freq]
    origin = first.replace(minute=0, second=0) if unit > 60 else first
    origin = origin.replace(second=0) if unit > 1 else origin
    step = unit * rule.interval
    for ordinal in range(since.toordinal(), end.toordinal() + 1):
        work.spend()
        day = date.fromordinal(ordinal)
        if not _fits(rule, day):
            continue
        midnight = datetime.combine(day, time())
        behind = int((origin - midnight).total_seconds())
        for second in range(behind if behind > 0 else behind % step, _DAY, step):
            work.spend()
            yield _times_in(rule, midnight + timedelta(seconds=second), unit)


def _times_in(rule: Rule, begin: datetime, unit: int) -> list[datetime]:
    """Return the times in one hour, minute or second that fit the clock parts of a rule."""
    if rule.hours and begin.hour not in rule.hours:
        return []
    minutes = sorted(set(rule.minutes)) if unit > 60 else [begin.minute]
    seconds = sorted(set(rule.seconds)) if unit > 1 else [begin.second]
    if (rule.minutes and begin.minute not in rule.minutes and unit <= 60) or (
        unit == 1 and rule.seconds and begin.second not in rule.seconds
    ):
        return []
    return [begin.replace(minute=minute, second=at) for minute in minutes for at in seconds]


def _periods(rule: Rule, first: date, since: date, last: date) -> Iterator[Sequence[date]]:
    """Yield the days of each day, week, month or year visited, none begun after `last`.

    Those that end before `since` are passed over.
    """
    if rule.freq in {"DAILY", "WEEKLY"}:
        length = 1 if rule.freq == "DAILY" else _WEEK
        behind = 0 if length == 1 else (first.weekday() - rule.week_start) % _WEEK
        start, step = first.toordinal() - behind, rule.interval * length
        start += max(0, since.toordinal() - length - start) // step * step
        for ordinal in range(max(start, 1), last.toordinal() + 1, step):
            yield [date.fromordinal(at) for at in range(ordinal, ordinal + length) if at <= _MOST]
        return
    length = 1 if rule.freq == "MONTHLY" else _YEAR
    start = first.year * _YEAR + (first.month - 1 if length == 1 else 0)
    step = rule.interval * length
    start += max(0, since.year * _YEAR + since.month - 1 - length - start) // step * step
    end = last.year * _YEAR + last.month - 1
    for number in range(start, end + 1, step):
        yield [day for at in range(length) for day in _month(number + at)]


_MOST = date.max.toordinal()


def _month(number: int) -> list[date]:
    year, month = number // _YEAR, number % _YEAR + 1
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.month_days:
        from_end = day.day - monthrange(day.year, day.month)[1] - 1
        if day.day not in rule.month_days and from_end not in rule.month_days:
            return False
    if rule.year_days and not _is_year_day(rule, day):
        return False
    if rule.weeks and not _is_in_weeks(rule, day):
        return False
    if not rule.weekdays:
        return True
    return any(
        day.weekday() == weekday and (number == 0 or number in _numbers_of(rule, day))
        for number, weekday in rule.weekdays
    )


def _is_year_day(rule: Rule, day: date) -> bool:
    place = day.timetuple().tm_yday
    return place in rule.year_days or place - _length_of(day.year) - 1 in rule.year_days


def _is_in_weeks(rule: Rule, day: date) -> bool:
    """Whether a day lies in one of the weeks of its week's year, told from either end."""
    middle = day.toordinal() - (day.weekday() - rule.week_start) % _WEEK + 3
    if not 1 <= middle <= _MOST:
        return False
    # The week belongs to the year that holds its fourth day (ISO 8601, for any first weekday).
    fourth = date.fromordinal(middle)
    number = (fourth.timetuple().tm_yday - 1) // _WEEK + 1
    weeks = number + (_length_of(fourth.year) - fourth.timetuple().tm_yday) // _WEEK
    return number in rule.weeks or number - weeks - 1 in rule.weeks


def _length_of(year: int) -> int:
    return 365 + (monthrange(year, 2)[1] == 29)


def _numbers_of(rule: Rule, day: date) -> tuple[int, int]:
    """Return which of its weekdays a day is, from the front and from the back, of its month or year."""
    if rule.freq == "YEARLY" and not rule.months:
        place = day.timetuple().tm_yday
        length = _length_of(day.year)
    else:
        place, length = day.day, monthrange(day.year, day.month)[1]
    return (place - 1) // _WEEK + 1, -((length - place) // _WEEK) - 1


def end_of_day(day: date) -> datetime:
    """Return the last second of a day: an UNTIL that is a day counts whole."""
    return datetime.combine(day, time(23, 59, 59))
