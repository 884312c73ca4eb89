"""Times proposed to a circle: against every possible one, and each thing that speaks against a time."""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations

import pytest

from matcher.dates.times.propose import MIDWEEK, Proposed, Taken, TimesProblem, candidates, propose

MONDAY = date(2027, 3, 1)


def problem(**changed: object) -> TimesProblem:
    free = TimesProblem(
        MONDAY, MONDAY + timedelta(days=13), 60, {"a": (), "b": ()}, _none, _none, {}
    )
    return replace(free, **changed)  # type: ignore[arg-type] # by name above


def _none(_day: date) -> str:
    return ""


@pytest.mark.parametrize("seed", range(20))
def test_what_is_proposed_is_the_best_and_of_equals_the_earliest(seed: int) -> None:
    draw = random.Random(seed)
    days = [MONDAY + timedelta(days=n) for n in range(14)]

    def spans() -> tuple[Taken, ...]:
        return tuple(
            Taken(
                datetime.combine(day, datetime.min.time()) + timedelta(hours=draw.randint(7, 15)),
                datetime.combine(day, datetime.min.time()) + timedelta(hours=draw.randint(15, 18)),
                draw.random() < 0.3,
            )
            for day in draw.sample(days, 9)
        )

    shut = set(draw.sample(days, 3))
    odd = set(draw.sample(days, 4))
    asked = problem(
        busy={name: spans() for name in "abc"},
        closed=lambda day: "det är helg" if day in shut else "",
        discouraged=lambda day: "lov" if day in odd else "",
        weeks={"a": frozenset({(2027, draw.choice([9, 10]))})},
    )
    found = propose(asked)
    every = list(candidates(asked))
    best: dict[date, Proposed] = {}
    for one in every:
        day = one.starts.date()
        best[day] = min(best.get(day, one), one, key=lambda it: (it.cost, it.starts))
    assert len(found) == min(3, len(best))
    assert len({one.starts.date() for one in found}) == len(found), "on different days"
    worth = sorted((one.cost, one.starts) for one in found)
    tried = [
        sorted((one.cost, one.starts) for one in some)
        for some in combinations(best.values(), len(found))
    ]
    assert worth == min(tried)
    assert not {one.starts.date() for one in found} & shut


def test_a_free_circle_gets_three_midweek_days_and_a_full_week_is_passed_by() -> None:
    found = propose(problem())
    days = [date(2027, 3, day) for day in (2, 3, 4)]
    assert [one.starts for one in found] == [datetime.combine(day, time(9)) for day in days]
    assert {one.starts.isoweekday() for one in found} <= MIDWEEK
    full = problem(weeks={"a": frozenset({(2027, 9)})})
    assert {one.starts.date() for one in propose(full)} == {date(2027, 3, n) for n in (9, 10, 11)}
    noon = time(12)
    whole = Taken(
        datetime.combine(date(2027, 2, 28), noon), datetime.combine(date(2027, 3, 15), noon)
    )
    away = problem(
        busy={"a": (whole,), "b": ()},
    )
    assert [one.away for one in propose(away)] == 3 * [("a",)], "better than nothing, and said"
