"""What is left of a budget: parts of parts, and what is counted in work whatever the clock shows."""

from time import perf_counter

import pytest

from bench.programme.instances import national_meeting
from matcher import effort as efforts
from matcher.effort import Effort
from matcher.programme.files.codec import problem_from_document
from matcher.programme.solve import solve
from matcher.proof import Budget

WORK = 1.5


def test_parts_share_what_is_left_and_what_one_saves_goes_to_the_next() -> None:
    whole = Effort(Budget(1000.0, work=8.0))
    half = whole.part(0.5)
    assert half.work == 4.0
    quarter = half.part(0.5)
    quarter.spend(1.0)
    assert (quarter.work, half.work, whole.work) == (1.0, 3.0, 7.0)
    assert whole.part(0.5).work == 3.5
    assert half.used == 0.25
    half.spend(3.0)
    assert half.is_over
    assert quarter.is_over, "a part cannot outlast the whole"
    assert not whole.is_over


def test_a_part_is_at_least_what_is_asked_for_and_never_more_than_there_is() -> None:
    whole = Effort(Budget(1000.0, work=1.0))
    assert whole.part(0.1, work=0.5).work == 0.5
    assert whole.part(0.1, work=2.0).work == 1.0


def test_where_work_is_counted_seconds_end_only_the_whole() -> None:
    whole = Effort(Budget(1000.0, work=8.0))
    assert whole.part(0.1).part(0.1).seconds > 900
    assert whole.budget(0.01).seconds > 900
    assert Effort(Budget(1000.0)).part(0.1).seconds <= 100


def test_without_work_seconds_alone_decide() -> None:
    whole = Effort(Budget(1000.0))
    whole.spend(10.0**9)
    assert not whole.is_over
    assert whole.budget(0.5).work is None
    assert 0.0 <= whole.used < 1.0
    assert Effort(Budget(0.0)).is_over


def test_a_machine_of_a_tenth_of_the_speed_makes_the_same_programme_of_the_same_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = problem_from_document(national_meeting())
    quick = solve(problem, Budget(1000.0, 2, 1, WORK))
    with monkeypatch.context() as patched:
        patched.setattr(efforts, "perf_counter", lambda: 10 * perf_counter())
        slow = solve(problem, Budget(1000.0, 2, 1, WORK))
    assert slow.timetable == quick.timetable
    assert slow.proven == quick.proven
    assert slow.upper_bound == quick.upper_bound
