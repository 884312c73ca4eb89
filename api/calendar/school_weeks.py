"""When schools are usually closed, by county: weeks that hardly change, known before anybody enters a date.

A usual week is no rule, only a reason to look elsewhere; the exact dates of a year take its place.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from api.calendar.days import SchoolBreak, holiday_name

DATA = Path(__file__).parent / "data" / "school_break_weeks.csv"
SPRING, EASTER, AUTUMN = "sportlov", "påsklov", "höstlov"
# Exact dates that reach into these weeks of the year are that break's, whatever it is called.
_SPRING_WEEKS, _AUTUMN_WEEKS = range(6, 12), range(43, 46)


@dataclass(frozen=True, slots=True)
class UsualBreak:
    """A week, Monday to Friday, when the schools of some counties are usually closed."""

    name: str
    first: date
    last: date
    counties: frozenset[str]  # two digits, SCB; empty: all of them


@dataclass(frozen=True, slots=True)
class _Weeks:
    county: str
    spring: tuple[int, ...]
    autumn: int


def usual_breaks(year: int, exact: Iterable[SchoolBreak]) -> tuple[UsualBreak, ...]:
    """Return the usual breaks of a year, but for those whose exact dates are entered."""
    known = tuple(exact)
    return tuple(one for one in _usual(year) if not _is_known(one, known))


def closed_near(county: str, found: Iterable[UsualBreak]) -> frozenset[date]:
    """Return the days on which the schools of a county are usually closed."""
    return frozenset(
        one.first + timedelta(days=n)
        for one in found
        if not one.counties or county in one.counties
        for n in range((one.last - one.first).days + 1)
    )


@cache
def _usual(year: int) -> tuple[UsualBreak, ...]:
    return tuple(sorted(_all(year), key=lambda one: one.first))


def _all(year: int) -> Iterator[UsualBreak]:
    by_week: dict[tuple[str, int], set[str]] = {}
    for one in _table():
        for week in one.spring:
            by_week.setdefault((SPRING, week), set()).add(one.county)
        by_week.setdefault((AUTUMN, one.autumn), set()).add(one.county)
    everywhere = {one.county for one in _table()}
    for (name, week), counties in by_week.items():
        monday = date.fromisocalendar(year, week, 1)
        where = frozenset() if counties == everywhere else frozenset(counties)
        yield UsualBreak(name, monday, monday + timedelta(days=4), where)
    # Schools close the week before Easter Sunday or the one after it.
    easter = _easter(year)
    for monday in (easter - timedelta(days=6), easter + timedelta(days=1)):
        yield UsualBreak(EASTER, monday, monday + timedelta(days=4), frozenset())


@cache
def _easter(year: int) -> date:
    # From 22 March to 25 April (the Gregorian calendar's earliest and latest Easter Sunday).
    days = (date(year, 3, 22) + timedelta(days=n) for n in range(35))
    return next(day for day in days if holiday_name(day) == "Påskdagen")


def _is_known(usual: UsualBreak, exact: tuple[SchoolBreak, ...]) -> bool:
    return any(_season(one) == usual.name for one in exact if one.first.year == usual.first.year)


def _season(one: SchoolBreak) -> str:
    middle = one.first + (one.last - one.first) / 2
    week = middle.isocalendar().week
    if abs((middle - _easter(middle.year)).days) <= 7:
        return EASTER
    return SPRING if week in _SPRING_WEEKS else AUTUMN if week in _AUTUMN_WEEKS else ""


@cache
def _table() -> tuple[_Weeks, ...]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(
            _Weeks(row["county_code"], _weeks(row["sportlov_weeks"]), int(row["hostlov_week"]))
            for row in csv.DictReader(file)
        )


def _weeks(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    return tuple(range(int(first), int(last or first) + 1))
