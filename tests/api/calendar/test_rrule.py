"""How events repeat: the one engine, beside dateutil, for our own series and for other people's."""

import itertools
from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from api.calendar.rrule import (
    Rule,
    RuleError,
    TooMuchWorkError,
    Work,
    parts_of,
    rule_of,
    starts,
)

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAYS = {"HOURLY": 20, "DAILY": 900, "WEEKLY": 900, "MONTHLY": 900, "YEARLY": 2500}


def read(text: str) -> Rule:
    return rule_of(parts_of(text), None)


@st.composite
def rules(draw: st.DrawFn) -> str:  # noqa: C901 - one line of the grammar after the other
    freq = draw(st.sampled_from(sorted(DAYS)))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]

    def some(name: str, values: list[int]) -> None:
        found = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
        parts.append(f"{name}={','.join(map(str, found))}")

    if draw(st.booleans()):
        some("BYMONTH", list(range(1, 13)))
    day = draw(st.sampled_from(["", "BYDAY", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"]))
    is_plain = freq not in {"MONTHLY", "YEARLY"}
    # dateutil finds nothing for numbered and plain weekdays together, where RFC 5545 means either
    numbers = st.sampled_from(["1", "-1", "2", "+3", "-5"] if draw(st.booleans()) else [""])
    if day == "BYDAY" or (day == "BYWEEKNO" and freq == "YEARLY"):
        found = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True))
        plain = is_plain or day == "BYWEEKNO"
        parts.append("BYDAY=" + ",".join(f"{'' if plain else draw(numbers)}{one}" for one in found))
    if day == "BYWEEKNO" and freq == "YEARLY":
        some("BYWEEKNO", [1, 2, 10, 20, 37, 51, -2, -10])
    if day == "BYYEARDAY" and freq == "YEARLY":
        some("BYYEARDAY", [1, 2, 59, 60, 100, 200, 365, -1, -2, -60])
    if day == "BYMONTHDAY" and freq != "WEEKLY":
        some("BYMONTHDAY", [1, 2, 13, 28, -1, -3, -28])
    if draw(st.booleans()):
        some("BYMINUTE", [0, 15, 59])
    if freq != "HOURLY" and draw(st.booleans()):
        some("BYHOUR", [0, 9, 23])
    # dateutil begins the first week's set at DTSTART; RFC 5545 counts positions in the whole week
    if len(parts) > 2 and freq != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1, -2]))}")
    parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(parts)


@settings(max_examples=40)
@given(rules(), st.dates(date(2020, 1, 1), date(2026, 12, 31)))
def test_rules_give_the_times_that_dateutil_gives(rule: str, day: date) -> None:
    first = datetime(day.year, day.month, day.day, 9, 30)  # noqa: DTZ001 - local times
    last = first + timedelta(days=DAYS[rule[5:].partition(";")[0]])
    told = itertools.takewhile(lambda one: one <= last, rrulestr(rule, dtstart=first))
    assert list(starts(read(rule), first, last)) == list(told)


def test_a_position_counts_in_the_whole_week_also_in_the_first_one() -> None:
    """RFC 5545 3.3.10: the week's first of Monday and Wednesday is the Monday before the start."""
    rule = read("FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1;COUNT=2")
    first = datetime(2020, 1, 1, 9, 30)  # noqa: DTZ001 - a Wednesday, local
    found = list(starts(rule, first, first + timedelta(days=30)))
    assert [one.date() for one in found] == [date(2020, 1, 6), date(2020, 1, 13)]


@settings(max_examples=25)
@given(rules(), st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(1, 100))
def test_a_series_may_be_followed_from_the_middle(rule: str, day: date, share: int) -> None:
    first = datetime(day.year, day.month, day.day, 9, 30)  # noqa: DTZ001 - local times
    length = DAYS[rule[5:].partition(";")[0]]
    last, since = (first + timedelta(days=length * part / 100) for part in (100, share))
    whole = [one for one in starts(read(rule), first, last) if one >= since]
    assert [one for one in starts(read(rule), first, last, since) if one >= since] == whole


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=WEEKLY;BYDAY=1TU;COUNT=3", [5, 12, 19]),  # a number means nothing in a week
        ("freq=weekly;count=2;", [5, 12]),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=2", [5, 12]),
        ("FREQ=YEARLY;BYWEEKNO=2;COUNT=2", [12]),  # no weekday told: DTSTART's
        ("FREQ=WEEKLY;RSCALE=GREGORIAN;SKIP=OMIT;COUNT=2", [5, 12]),
        ("FREQ=WEEKLY;COUNT=2;X-NOTE=x", [5, 12]),
        ("FREQ=DAILY;COUNT=2;COUNT=2", [5, 6]),
    ],
)
def test_what_programs_write_is_read_as_they_mean_it(rule: str, days: list[int]) -> None:
    first, last = datetime(2027, 1, 5, 9), datetime(2027, 3, 1)  # noqa: DTZ001 - local times
    assert [one.day for one in starts(read(rule), first, last)] == days


@pytest.mark.parametrize(
    "rule",
    [
        *(
            "COUNT=3",
            "FREQ=NEVER",
            "FREQ=WEEKLY;INTERVAL=-1",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY;COUNT=0",
        ),
        *("FREQ=WEEKLY;WKST=XX", "FREQ=DAILY;COUNT=2;COUNT=3", "FREQ=DAILY;BYEASTER=1", "FREQ"),
        *(
            "FREQ=YEARLY;RSCALE=HEBREW",
            "FREQ=DAILY;BYHOUR=25",
            "FREQ=DAILY;BYMONTHDAY=0",
            "FREQ=DAILY;COUNT=",
        ),
        "FREQ=MONTHLY;BYMONTHDAY=31;RSCALE=GREGORIAN;SKIP=FORWARD",
    ],
)
def test_a_rule_that_is_not_followed_is_told(rule: str) -> None:
    with pytest.raises(RuleError):
        read(rule)


def test_work_is_counted_and_ends() -> None:
    first, last = datetime(2027, 1, 5, 9), datetime(2400, 1, 1)  # noqa: DTZ001 - local times
    never = read("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert list(starts(never, first, last)) == []
    with pytest.raises(TooMuchWorkError):
        list(starts(never, first, last, work=Work(1000)))
