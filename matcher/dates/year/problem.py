"""A year of meetings: every series together, the people in each, and the days that are open."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, get_args

from matcher.dates.meeting.problem import FORM, HOURS, ID, ClosedDays, Form
from matcher.documents.fields import (
    DAY,
    FLAG,
    TEXT,
    count,
    list_of,
    one_of,
    record_of,
    said,
    set_of,
    stands,
)

Part = Literal["day", "morning", "afternoon"]

NUMBER: Final = count(1, 60)
WEEKDAYS: Final = set_of(count(1, 7), least=1)
DAYS: Final = set_of(DAY, 0, unique=False)
DAYS_IN_A_ROW: Final = count(1, 5)
GAP: Final = count(1, 731)
# ISO weekdays, Monday 1 to Friday 5.
WORKING_DAYS = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """One meeting of a series, numbered from 1."""

    series: str
    number: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """Something else that somebody is to do on a day, in hours of work with the journey."""

    day: date = field(metadata=said(DAY, name="date"))
    hours: float = field(metadata=said(HOURS))


@dataclass(frozen=True, slots=True)
class Attendee:
    """Someone (or a whole body, counted `heads`) who attends series; days when they cannot.

    `school_days` are days when schools near them are usually closed, `journey` is hours there and
    back to a meeting in person whose place is not chosen yet, and `engagements` are what counts in
    their weeks and months beside the series. `booked` is what a booked meeting of a series really
    takes of them in hours, with the journey to its own place; without it, it counts as a new one.
    """

    id: str = field(metadata=said(ID))
    unavailable: frozenset[date] = stands(DAYS, default=frozenset())
    heads: int = stands(count(1, 1000), default=1)
    school_days: frozenset[date] = stands(DAYS, default=frozenset())
    journey: float = stands(HOURS, default=0.0)
    engagements: tuple[Engagement, ...] = stands(list_of(record_of(Engagement), 0), default=())
    booked: Mapping[Meeting, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """Meetings of one kind: how many, who comes, how long, how far apart and within which span.

    `hours` is one meeting's on the clock, all its days together.

    `attached_to` names another series: each meeting is half an hour added to that one's meeting of
    the same number, so it has that meeting's day. `required` must all be free on the day.
    """

    id: str = field(metadata=said(ID))
    count: int = field(metadata=said(NUMBER))
    people: frozenset[str]
    name: str = stands(TEXT, default="")
    form: Form = stands(FORM, default="in_person")
    part: Part = stands(one_of(*get_args(Part)), default="day")
    days: int = stands(DAYS_IN_A_ROW, default=1)
    weekdays: frozenset[int] = stands(WEEKDAYS, "ISO weekdays, Monday 1 to Sunday 7", WORKING_DAYS)
    min_gap_days: int = stands(GAP, default=1)
    earliest: date | None = stands(DAY)
    latest: date | None = stands(DAY)
    attached_to: str | None = stands(ID)
    required: frozenset[str] = frozenset()
    hours: float = stands(HOURS, default=0.0)


@dataclass(frozen=True, slots=True)
class Held:
    """A day that a meeting already has; a locked one may not move.

    A booked one is a fact: it stays, whatever its day is, and opens that day to no other meeting.
    """

    day: date
    locked: bool = stands(FLAG, default=False)
    booked: bool = stands(FLAG, default=False)


@dataclass(frozen=True, slots=True)
class YearProblem:
    """Everything that decides the days of a year's meetings; first and last day included."""

    first: date
    last: date
    series: tuple[Series, ...]
    people: tuple[Attendee, ...] = ()
    closed: tuple[ClosedDays, ...] = ()
    current: Mapping[Meeting, Held] = field(default_factory=dict)
    today: date | None = None
    notice_weeks: int = 0
    max_per_week: int = 1
    max_hours_per_month: float | None = None

    @property
    def booked(self) -> frozenset[Meeting]:
        """The meetings that are booked, each as the one whose day it has."""
        return frozenset(self.carrier(one) for one, held in self.current.items() if held.booked)

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        """Every meeting, series by series."""
        return tuple(Meeting(s.id, n) for s in self.series for n in range(1, s.count + 1))

    @property
    def by_id(self) -> dict[str, Series]:
        """The series by their ids."""
        return {series.id: series for series in self.series}

    def span(self, series: Series) -> tuple[date, date]:
        """First and last day that a series may use."""
        return max(self.first, series.earliest or self.first), min(
            self.last, series.latest or self.last
        )

    def wanted_day(self, meeting: Meeting) -> date:
        """The day it has; or else its share of the series' span, evenly spaced."""
        held = self.current.get(meeting)
        if held is not None:
            return held.day
        series = self.by_id[meeting.series]
        first, last = self.span(series)
        step = ((last - first).days + 1) / series.count
        return first + timedelta(days=math.floor((meeting.number - 0.5) * step))

    def carrier(self, meeting: Meeting) -> Meeting:
        """The meeting whose day it has: itself, or the one it is attached to."""
        parent = self.by_id[meeting.series].attached_to
        return meeting if parent is None else Meeting(parent, meeting.number)


Calendar = Mapping[Meeting, date]
"""The first day of every meeting."""
