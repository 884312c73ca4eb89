"""Two hundred random years: summer, breaks and caps are kept, or what was not is named with its reason."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from matcher.dates.meeting.problem import ClosedDays
from matcher.dates.year.problem import (
    Attendee,
    Calendar,
    Engagement,
    Held,
    Meeting,
    Series,
    YearProblem,
)
from matcher.dates.year.rules import crowds, overloads
from matcher.dates.year.solve import solve_year
from matcher.proof import Budget

YEAR = 2027
SUMMER = ClosedDays(date(YEAR, 6, 22), date(YEAR, 8, 14), "sommar", "other")
CAP = 20.0
# The quick suite tries the first five years, the long one two hundred.
BUNCHES = [
    range(5),
    *(pytest.param(range(n, n + 20), marks=pytest.mark.full) for n in range(5, 200, 20)),
]


def random_year(seed: int) -> YearProblem:
    """Return a year of 4 to 8 bodies in circles, with breaks, and meetings booked anywhere at all."""
    draw = random.Random(seed)
    bodies = [f"rc{n}" for n in range(draw.randint(4, 8))]
    monday = date.fromisocalendar(YEAR, draw.randint(7, 10), 1)
    spring = ClosedDays(monday, monday + timedelta(days=4), "sportlov", "school_break")
    everyone = frozenset(bodies)
    series = [
        Series("national", 2, everyone, days=2, weekdays=frozenset({2, 3, 4}), min_gap_days=60)
    ]
    series[0] = replace(series[0], hours=12.0)
    for number in range(draw.randint(2, 4)):
        who = frozenset(draw.sample(bodies, 3))
        circle = Series(f"circle{number}", draw.randint(2, 5), who, form="digital", part="morning")
        series.append(replace(circle, hours=2.0, min_gap_days=21))
    people = tuple(
        Attendee(
            one,
            journey=draw.choice([0.0, 3.0, 9.0]),
            engagements=tuple(
                Engagement(date(YEAR, draw.randint(1, 12), draw.randint(1, 28)), 6.0)
                for _ in range(draw.randint(0, 4))
            ),
        )
        for one in bodies
    )
    first, last = date(YEAR, 1, 7), date(YEAR, 12, 18)
    booked: dict[Meeting, Held] = {}
    for one in series:
        if draw.random() < 0.6:
            # Anywhere at all, and every second time inside the summer or the break.
            span = draw.choice([SUMMER, spring]) if draw.random() < 0.5 else None
            day = span.first if span else first + timedelta(days=draw.randint(7, 330))
            number = int((day - first) / (last - first) * one.count) + 1
            booked[Meeting(one.id, number)] = Held(day, booked=True)
    people = tuple(
        replace(one, booked={at: draw.choice([2.0, 8.0, 15.0]) for at in sorted(booked)})
        for one in people
    )
    return YearProblem(
        first,
        last,
        tuple(series),
        people,
        (SUMMER, spring),
        booked,
        max_hours_per_month=CAP,
    )


def named_by_hand(problem: YearProblem, calendar: Calendar) -> tuple[set[object], set[object]]:
    """Count each one's weeks and months anew, without the engine's rules."""
    weeks, months = set[object](), set[object]()
    for person in problem.people:
        mine = [
            (calendar[one], one)
            for one in calendar
            if person.id in problem.by_id[one.series].people
        ]
        in_week = Counter(day.isocalendar()[:2] for day, _ in mine)
        others = Counter(one.day.isocalendar()[:2] for one in person.engagements)
        weeks |= {
            (person.id, tuple(week))
            for week in in_week
            if in_week[week] + others[week] > max(1, others[week])
        }
        hours = Counter[tuple[int, int]]()
        other_hours = Counter[tuple[int, int]]()
        for day, one in mine:
            series = problem.by_id[one.series]
            travel = person.journey if series.form == "in_person" else 0.0
            spent = person.booked.get(one, series.hours + travel)
            hours[day.year, day.month] += round(60 * spent)
        for engagement in person.engagements:
            other_hours[engagement.day.year, engagement.day.month] += round(60 * engagement.hours)
        months |= {
            (person.id, month)
            for month in hours
            if hours[month] + other_hours[month] > max(60 * CAP, other_hours[month])
        }
    return weeks, months


@pytest.mark.parametrize("bunch", BUNCHES, ids=str)
def test_a_random_year_keeps_summer_breaks_and_caps_or_names_who_and_why(bunch: range) -> None:
    for seed in bunch:
        problem = random_year(seed)
        calendar, proofs = solve_year(problem, Budget(seconds=60.0, workers=1, seed=seed))
        for meeting, day in calendar.items():
            held = problem.current.get(meeting)
            if held is not None:
                assert day == held.day, "what is booked stays"
                continue
            length = problem.by_id[meeting.series].days
            for offset in range(length):
                there = day + timedelta(days=offset)
                assert not any(there in closed for closed in problem.closed), (seed, meeting)
        weeks, months = named_by_hand(problem, calendar)
        crowded, overloaded = crowds(problem, calendar), overloads(problem, calendar)
        assert {(one.person, one.period) for one in crowded} == weeks, seed
        assert {(one.person, one.period) for one in overloaded} == months, seed
        # What goes beyond a cap was booked before, or it is proven that no year has less of it.
        for level, found in (("crowded", crowded), ("overloaded", overloaded)):
            is_proven = proofs[level].status == "optimal"
            assert all(one.fixed for one in found) or is_proven, (seed, level)
