"""A year's calendar against brute force, each rule on its own, least change and hard days."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import holidays
import pytest

from matcher.dates.meeting.problem import ClosedDays, Form
from matcher.dates.year.problem import (
    Attendee,
    Engagement,
    Held,
    Meeting,
    Part,
    Series,
    YearProblem,
)
from matcher.dates.year.rules import (
    YEAR_LEVELS,
    crowds,
    levels,
    meetings_of,
    overloads,
    violations,
)
from matcher.dates.year.solve import solve_year
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget, Progress

BUDGET = Budget(seconds=20.0, workers=1, seed=0)
EVERYONE = frozenset({"a", "b", "c"})


def small_year(seed: int) -> YearProblem:
    """Little more than a week with at most four free meetings, so that every calendar can be tried."""
    draw = random.Random(seed)
    first = date(2026, 12, 14) + timedelta(days=draw.randint(0, 20))
    last = first + timedelta(days=draw.randint(7, 9))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    people = tuple(
        Attendee(
            name,
            frozenset(draw.sample(days, 2)),
            draw.choice([1, 1, 4]),
            frozenset(draw.sample(days, draw.choice([0, 3]))),
            draw.choice([0.0, 1.5, 4.25]),
            tuple(Engagement(day, 3.0) for day in draw.sample(days, draw.choice([0, 0, 1, 2]))),
        )
        for name in sorted(EVERYONE)
    )
    forum = Series(
        "forum",
        2,
        EVERYONE,
        days=draw.choice([1, 2]),
        min_gap_days=draw.choice([1, 4]),
        hours=draw.choice([0.0, 6.0]),
    )
    series = [replace(forum, required=frozenset(draw.sample(["a", "b"], draw.choice([0, 1]))))]
    for name in ("net1", "net2")[: draw.randint(1, 2)]:
        who = frozenset(draw.sample(sorted(EVERYONE), 2))
        parts: list[Part] = ["day", "morning", "afternoon"]
        forms: list[Form] = ["in_person", "digital"]
        series.append(
            Series(
                name,
                1,
                who,
                form=draw.choice(forms),
                part=draw.choice(parts),
                weekdays=frozenset({1, 2, 3, 4}),
                hours=2.0,
            )
        )
    if draw.random() < 0.4:
        rider = Series("rider", 1, frozenset({"c"}), part="morning", attached_to="forum")
        series.append(rider)
    shut = draw.choice(days)
    problem = YearProblem(
        first,
        last,
        tuple(series),
        people,
        (ClosedDays(shut, shut, "closed"),),
        today=first - timedelta(weeks=2),
        notice_weeks=draw.choice([0, 2]),
        max_hours_per_month=draw.choice([None, 4.0, 12.0]),
    )
    held = {
        meeting: Held(draw.choice(days), draw.random() < 0.2, draw.random() < 0.3)
        for meeting in problem.meetings
        if meeting.series != "rider" and draw.random() < 0.3
    }
    problem = replace(problem, current=held)
    return replace(problem, people=tuple(_with_own_hours(draw, problem, one) for one in people))


def _with_own_hours(draw: random.Random, problem: YearProblem, person: Attendee) -> Attendee:
    """Give a person hours of their own to what is booked, now and then."""
    own = sorted(one for one in meetings_of(problem, person) if one in problem.booked)
    return replace(
        person, booked={one: draw.choice([0.0, 3.5, 9.0]) for one in own if draw.random() < 0.7}
    )


def best_by_trying_all(problem: YearProblem) -> tuple[int, ...] | None:
    days = [
        problem.first + timedelta(days=n) for n in range((problem.last - problem.first).days + 1)
    ]
    free = [meeting for meeting in problem.meetings if problem.carrier(meeting) == meeting]
    best: tuple[int, ...] | None = None
    for choice in product(days, repeat=len(free)):
        own = dict(zip(free, choice, strict=True))
        calendar = {meeting: own[problem.carrier(meeting)] for meeting in problem.meetings}
        if not violations(problem, calendar):
            worth = levels(problem, calendar)
            best = worth if best is None else min(best, worth)
    return best


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=() if n < 6 else pytest.mark.full) for n in range(24)]
)
def test_calendar_agrees_with_brute_force_on_every_level(seed: int) -> None:
    problem = small_year(seed)
    best = best_by_trying_all(problem)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve_year(problem, BUDGET)
        return
    calendar, proofs = solve_year(problem, BUDGET)
    assert violations(problem, calendar) == ()
    assert levels(problem, calendar) == best
    assert all(proofs[name].status == "optimal" for name in YEAR_LEVELS)
    assert tuple(proofs[name].objective for name in YEAR_LEVELS) == best


def plain(
    *series: Series,
    closed: tuple[ClosedDays, ...] = (),
    today: date | None = None,
    notice_weeks: int = 0,
) -> YearProblem:
    people = tuple(Attendee(name) for name in sorted(EVERYONE))
    span = date(2027, 1, 4), date(2027, 12, 17)
    return YearProblem(*span, series, people, closed, today=today, notice_weeks=notice_weeks)


def test_meetings_stand_outside_holidays_midsummer_eve_and_squeeze_days() -> None:
    free = holidays.country_holidays("SE", years=[2027], categories=("public", "de_facto"))
    shut = [ClosedDays(day, day, name) for day, name in free.items()]
    assert any(date(2027, 6, 25) in closed for closed in shut), "midsummer eve is given as data"
    shut.append(ClosedDays(date(2027, 5, 7), date(2027, 5, 7), "det är en klämdag", "squeeze_day"))
    last_week = Series("s", 1, EVERYONE, earliest=date(2027, 6, 24), latest=date(2027, 6, 26))
    ascension = Series("t", 1, EVERYONE, earliest=date(2027, 5, 6), latest=date(2027, 5, 9))
    calendar, _ = solve_year(plain(last_week, closed=tuple(shut)), BUDGET)
    assert calendar == {Meeting("s", 1): date(2027, 6, 24)}
    with pytest.raises(InfeasibleError) as caught:
        solve_year(plain(ascension, closed=tuple(shut)), BUDGET)
    assert caught.value.conflict == (
        "no meeting on closed days",
        "t within its span and on its weekdays",
    )


def test_leap_day_week_53_and_days_when_clocks_change_are_plain_days() -> None:
    for day in (date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 28), date(2027, 10, 31)):
        every = frozenset(range(1, 8))
        series = Series("s", 1, EVERYONE, earliest=day, latest=day, weekdays=every)
        problem = replace(plain(series), first=date(2026, 1, 1), last=date(2028, 12, 31))
        assert solve_year(problem, BUDGET)[0] == {Meeting("s", 1): day}


def test_week_53_and_week_1_are_two_weeks_for_crowding() -> None:
    problem = plain(Series("s", 2, EVERYONE, weekdays=frozenset(range(1, 8))))
    problem = replace(problem, first=date(2026, 12, 1), last=date(2027, 1, 31))
    meetings = problem.meetings
    apart = dict(zip(meetings, (date(2027, 1, 3), date(2027, 1, 4)), strict=True))
    same = dict(zip(meetings, (date(2026, 12, 31), date(2027, 1, 1)), strict=True))
    assert (levels(problem, apart)[2], levels(problem, same)[2]) == (0, 3)


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=() if n < 4 else pytest.mark.full) for n in range(12)]
)
def test_what_is_booked_in_a_closed_span_stays_and_opens_it_to_nothing_else(seed: int) -> None:
    draw = random.Random(seed)
    summer = ClosedDays(date(2027, 6, 22), date(2027, 8, 14), "summer", "other")
    spring = ClosedDays(date(2027, 2, 22), date(2027, 2, 26), "sportlov", "school_break")
    series = [
        Series(f"s{n}", draw.randint(3, 6), EVERYONE, part="morning", min_gap_days=14)
        for n in range(2)
    ]
    span = draw.choice([summer, spring])
    length = (span.last - span.first).days
    day = span.first + timedelta(days=draw.randint(0, length))
    booked = {Meeting("s0", 2): Held(day, booked=True), Meeting("s1", 3): Held(day, booked=True)}
    problem = replace(plain(*series, closed=(summer, spring)), current=booked)
    calendar, _ = solve_year(problem, BUDGET)
    assert violations(problem, calendar) == ()
    inside = {one for one, at in calendar.items() if at in summer or at in spring}
    assert inside == set(booked), "also two booked at once, which nobody asks this year to undo"


def test_caps_over_weeks_and_months_are_kept_or_named() -> None:
    """Who has more than the cap, when, and whether that was so before."""
    everyone = tuple(
        Attendee(name, journey=4.0, engagements=(Engagement(date(2027, 1, 13), 6.0),))
        for name in ("a", "b")
    )
    series = Series("s", 2, frozenset({"a", "b"}), hours=4.0)
    problem = replace(plain(series), people=everyone, max_hours_per_month=15.0)
    problem = replace(problem, last=date(2027, 2, 28))
    calendar, _ = solve_year(problem, BUDGET)
    assert (crowds(problem, calendar), overloads(problem, calendar)) == ([], [])
    booked = replace(problem, current={Meeting("s", 1): Held(date(2027, 1, 14), booked=True)})
    calendar, _ = solve_year(booked, BUDGET)
    (week, other) = crowds(booked, calendar)
    assert (week.person, week.period, week.extra, week.fixed) == ("a", (2027, 2), 1, True)
    assert other.person == "b"
    assert overloads(booked, calendar) == []
    tight = replace(booked, max_hours_per_month=7.5)
    calendar, _ = solve_year(tight, BUDGET)
    found = [(one.period, one.extra, one.fixed) for one in overloads(tight, calendar)]
    assert found == 2 * [((2027, 1), 6.5 * 60, True), ((2027, 2), 30, False)]


def test_a_booked_meeting_costs_what_it_really_costs_each() -> None:
    """It is far away for one: the month is full for that one, and the next meeting goes elsewhere."""
    forum = Series("forum", 2, EVERYONE, min_gap_days=1, hours=4.0, form="digital")
    first = Meeting("forum", 1)
    problem = replace(
        plain(forum),
        current={first: Held(date(2027, 1, 12), booked=True)},
        max_hours_per_month=12.0,
    )
    people = tuple(
        replace(one, booked={first: 11.0}) if one.id == "b" else one for one in problem.people
    )
    far = replace(problem, people=people)
    same_month = {first: date(2027, 1, 12), Meeting("forum", 2): date(2027, 1, 20)}
    assert overloads(problem, same_month) == []
    assert [(one.person, one.extra) for one in overloads(far, same_month)] == [("b", 180)]
    calendar, _ = solve_year(far, BUDGET)
    assert overloads(far, calendar) == []


def test_weeks_when_schools_are_usually_closed_are_left_where_others_are_open() -> None:
    home = frozenset(date(2027, 2, 22) + timedelta(days=n) for n in range(5))
    series = Series("s", 1, EVERYONE, earliest=date(2027, 2, 22), latest=date(2027, 3, 2))
    problem = plain(series)
    people = tuple(replace(one, school_days=home) for one in problem.people)
    calendar, _ = solve_year(replace(problem, people=people), BUDGET)
    assert calendar == {Meeting("s", 1): date(2027, 3, 1)}


def test_when_a_day_is_lost_only_its_meeting_moves_and_to_the_nearest_day() -> None:
    series = [Series(f"s{n}", 4, EVERYONE, min_gap_days=30) for n in range(3)]
    problem = plain(*series)
    calendar, _ = solve_year(problem, BUDGET)
    lost = Meeting("s1", 2)
    changed = replace(
        problem,
        current={meeting: Held(day) for meeting, day in calendar.items()},
        closed=(ClosedDays(calendar[lost], calendar[lost]),),
    )
    again, proofs = solve_year(changed, BUDGET)
    assert {meeting for meeting in calendar if again[meeting] != calendar[meeting]} == {lost}
    assert proofs["moved"].objective == proofs["moved"].lower_bound == 1
    assert abs((again[lost] - calendar[lost]).days) <= 4


def test_half_an_hour_added_to_a_meeting_has_its_day_and_is_no_double_booking() -> None:
    forum = Series("forum", 3, EVERYONE, part="morning", min_gap_days=60)
    rider = Series("rider", 2, EVERYONE, part="morning", attached_to="forum")
    calendar, _ = solve_year(plain(forum, rider), BUDGET)
    for number in (1, 2):
        assert calendar[Meeting("rider", number)] == calendar[Meeting("forum", number)]


def test_moved_meeting_needs_notice_and_one_that_stays_does_not() -> None:
    soon = date(2027, 1, 12)
    problem = plain(Series("s", 1, EVERYONE), today=date(2027, 1, 11), notice_weeks=6)
    kept, _ = solve_year(replace(problem, current={Meeting("s", 1): Held(soon)}), BUDGET)
    assert kept == {Meeting("s", 1): soon}
    shut = (ClosedDays(soon, soon),)
    moved, _ = solve_year(
        replace(problem, current={Meeting("s", 1): Held(soon)}, closed=shut), BUDGET
    )
    assert moved == {Meeting("s", 1): date(2027, 2, 22)}


def test_too_many_meetings_for_the_span_name_the_rules_that_clash() -> None:
    tight = Series("s", 3, EVERYONE, min_gap_days=10, latest=date(2027, 1, 15))
    with pytest.raises(InfeasibleError) as caught:
        solve_year(plain(tight, Series("t", 2, EVERYONE)), BUDGET)
    assert caught.value.conflict == (
        "s within its span and on its weekdays",
        "3 meetings of s at least 10 days apart",
    )


def test_no_time_is_an_answer_of_its_own() -> None:
    series = [Series(f"s{n}", 10, EVERYONE) for n in range(5)]
    with pytest.raises(NoSolutionInTimeError):
        solve_year(plain(*series), Budget(seconds=1e-6))


def test_progress_is_told_and_may_stop_the_search() -> None:
    told: list[str] = []

    def note(progress: Progress) -> bool:
        told.append(progress.phase)
        return len(told) < 3

    series = [Series(f"s{n}", 4, EVERYONE, min_gap_days=20) for n in range(3)]
    calendar, _ = solve_year(plain(*series), BUDGET, note)
    assert told
    assert told[0].startswith("year: ")
    assert violations(plain(*series), calendar) == ()
