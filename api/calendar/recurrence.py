"""How a series repeats: the rule as calendars write it (RFC 5545 3.3.10), and the moments that it gives."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from api.calendar import rrule
from api.kit.clock import STOCKHOLM, to_local

MOST = 110  # two years of weeks
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST_WEEK = 5  # a month's fifth Tuesday is meant as its last: four months of five have only four


class Every(StrEnum):
    """How often; months keep the weekday and its number in the month ("the first Tuesday")."""

    WEEK = "week"
    SECOND_WEEK = "second_week"
    FOURTH_WEEK = "fourth_week"
    MONTH = "month"
    SECOND_MONTH = "second_month"
    QUARTER = "quarter"


_STEPS = {
    Every.WEEK: ("WEEKLY", 1),
    Every.SECOND_WEEK: ("WEEKLY", 2),
    Every.FOURTH_WEEK: ("WEEKLY", 4),
    Every.MONTH: ("MONTHLY", 1),
    Every.SECOND_MONTH: ("MONTHLY", 2),
    Every.QUARTER: ("MONTHLY", 3),
}


def week_of_month(day: date) -> int:
    """Return which of its weekdays in the month a day is: 1 to 4, or -1 for the fifth, the last."""
    number = (day.day - 1) // 7 + 1
    return -1 if number == _LAST_WEEK else number


def rule_of(every: Every, first: datetime, last: datetime) -> str:
    """Return the RRULE of what begins at `first` and repeats until `last`, both aware, both included."""
    unit, interval = _STEPS[every]
    day = to_local(first).date()
    weekday = _WEEKDAYS[day.weekday()]
    number = f"{week_of_month(day)}" if unit == "MONTHLY" else ""
    return f"FREQ={unit};INTERVAL={interval};BYDAY={number}{weekday};UNTIL={_until(last)}"


def every_of(rule: str) -> Every:
    """Return how often a rule of ours repeats."""
    parts = dict(part.split("=") for part in rule.split(";"))
    step = (parts["FREQ"], int(parts["INTERVAL"]))
    return next(every for every, known in _STEPS.items() if known == step)


def until(rule: str, last: datetime) -> str:
    """Return a rule that ends with the moment `last`: UNTIL is in UTC (RFC 5545 3.3.10)."""
    return f"{rule.rsplit(';UNTIL=', 1)[0]};UNTIL={_until(last)}"


def last_of(rule: str) -> datetime:
    """Return the moment that a rule of ours ends with."""
    return datetime.strptime(rrule.parts_of(rule)["UNTIL"], "%Y%m%dT%H%M%S%z")


def starts_of(rule: str, first: datetime) -> list[datetime]:
    """Return the moments that a rule gives, in UTC: the clock time repeats, not the instant."""
    parts = rrule.parts_of(rule)
    until = to_local(last_of(rule)).replace(tzinfo=None)
    local = to_local(first).replace(tzinfo=None)
    repeats = rrule.starts(rrule.rule_of(parts, until), local, until)
    found = [
        moment.replace(tzinfo=STOCKHOLM).astimezone(UTC) for moment in islice(repeats, MOST + 1)
    ]
    if len(found) > MOST:
        message = f"more than {MOST} occurrences: {rule}"
        raise ValueError(message)
    return found


def same_length(start: datetime, first: datetime, ends: datetime) -> datetime:
    """Return when an occurrence ends that lasts as long as the first one does."""
    return start + (ends - first)


def end_of_day(day: date) -> datetime:
    """Return the last moment of a local day, in UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM) + timedelta(days=1)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def _until(last: datetime) -> str:
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%SZ}"
