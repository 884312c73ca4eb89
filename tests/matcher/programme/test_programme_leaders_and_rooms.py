"""A leader rests between sessions, and a session is in rooms that it may and likes to be in: against all timetables."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product

import pytest

from matcher.programme.files.codec import problem_from_document
from matcher.programme.files.writing import problem_document
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Person, Problem, Room, Run, Session, Slot, Timetable
from matcher.programme.repair.verdicts import verdicts
from matcher.programme.rules.scores import scores
from matcher.programme.rules.violations import violations
from matcher.programme.solve import solve
from matcher.proof import Budget


def _slot(name: str, hour: int, minute: int = 0) -> Slot:
    start = datetime.fromisoformat(f"2027-02-23T{hour:02}:{minute:02}")
    return Slot(name, start, start.replace(hour=hour + 1), "d")


SLOTS = (_slot("s1", 9), _slot("s2", 10), _slot("s3", 11, 30))
PEOPLE = (
    Person("p", {"a": 3, "b": 2, "c": 1}),
    Person("q", {"b": 2, "c": 2}),
    Person("h"),
)


def _problem(pause: float, *sessions: Session) -> Problem:
    rooms = (Room("r1", 10), Room("r2", 10))
    return Problem(SLOTS, rooms, sessions, PEOPLE, leader_pause=pause)


def _everything(problem: Problem) -> Iterator[Timetable]:
    """Every timetable of single runs, with its best agendas."""
    cells = [None, *((slot.id, room.id) for slot in problem.slots for room in problem.rooms)]
    places = Places(problem)
    for chosen in product(cells, repeat=len(problem.sessions)):
        runs = tuple(
            Run(one.id, *cell)
            for one, cell in zip(problem.sessions, chosen, strict=True)
            if cell is not None
        )
        if not any(one.rule != "hosts_attend" for one in violations(problem, Timetable(runs))):
            yield Timetable(runs, agendas=choose_slot_by_slot(places, runs))


@pytest.mark.parametrize("pause", [0, 30, 60, 120])
def test_a_leader_has_the_pause_and_the_rest_is_as_good_as_can_be(pause: float) -> None:
    led = frozenset({"h"})
    problem = _problem(pause, Session("a", hosts=led), Session("b", hosts=led), Session("c"))
    best = min(scores(problem, one).key for one in _everything(problem))
    found = solve(problem, Budget(5.0, 1, 0))
    assert violations(problem, found.timetable) == ()
    assert found.scores.key == best
    assert problem_from_document(problem_document(problem)) == problem


def test_two_sessions_too_close_for_their_leader_break_the_rule_by_name() -> None:
    led = frozenset({"h"})
    problem = _problem(60, Session("a", hosts=led), Session("b", hosts=led), Session("c"))
    timetable = Timetable((Run("a", "s1", "r1"), Run("b", "s2", "r1")))
    assert [one.rule for one in violations(problem, timetable) if one.rule == "leader_pause"]
    verdict = verdicts(problem, timetable, "b")
    assert verdict["s3", "r1"].broken == ()
    assert [one.rule for one in verdict["s2", "r2"].broken] == ["leader_pause"]


def test_rooms_that_a_session_may_not_or_would_rather_be_in() -> None:
    problem = _problem(
        0,
        Session("a", forbidden_rooms=frozenset({"r1"})),
        Session("b", preferred_rooms=frozenset({"r2"})),
        Session("c", preferred_rooms=frozenset({"r1"})),
    )
    best = min(scores(problem, one).key for one in _everything(problem))
    found = solve(problem, Budget(5.0, 1, 0))
    at = {run.session: run.room for run in found.timetable.runs}
    assert (at["a"], at["b"]) == ("r2", "r2")
    assert found.scores.key == best
    assert problem_from_document(problem_document(problem)) == problem
