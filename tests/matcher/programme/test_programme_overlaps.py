"""Slots that overlap: sessions of 20, 45 and 60 minutes side by side, without a fine grid."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, product

import pytest

from matcher.errors import Fault, InvalidProblemError
from matcher.programme.explain import unplaced
from matcher.programme.files.codec import problem_from_document
from matcher.programme.problem import (
    Attendance,
    Person,
    Problem,
    Room,
    Run,
    Session,
    Slot,
    Timetable,
)
from matcher.programme.rules.violations import violations
from matcher.programme.solve import solve
from matcher.proof import Budget

NINE = datetime.fromisoformat("2026-10-01T09:00")


def slot(name: str, begins: int, ends: int, kind: str = "parallel") -> Slot:
    """A slot by the minutes after nine."""
    start, end = (NINE + timedelta(minutes=one) for one in (begins, ends))
    return Slot(name, start, end, "d", kind)  # type: ignore[arg-type]


MIXED = (slot("short1", 0, 20), slot("long", 0, 45), slot("short2", 20, 40), slot("late", 45, 65))


def broken(problem: Problem, runs: Sequence[Run], **agendas: str) -> set[str]:
    lines = {
        name: tuple(Attendance(run.slot, run.session) for run in runs if run.session in sessions)
        for name, sessions in agendas.items()
    }
    return {one.rule for one in violations(problem, Timetable(tuple(runs), agendas=lines))}


def test_what_overlaps_is_at_once_and_what_only_meets_a_third_is_not() -> None:
    sessions = (Session("a"), Session("b"), Session("c", hosts=frozenset({"h"})))
    problem = Problem(MIXED, (Room("r"), Room("q")), sessions, (Person("p"), Person("h")))
    short1, long = Run("a", "short1", "r"), Run("b", "long", "r")
    assert broken(problem, (short1, long)) == {"one_session_in_a_room"}
    assert broken(problem, (short1, Run("b", "long", "q")), p="ab") == {"person_in_one_place"}
    assert broken(problem, (short1, Run("b", "short2", "r")), p="ab") == set()
    assert broken(problem, (long, Run("a", "late", "r")), p="ab") == set()


def test_a_long_session_goes_on_in_what_begins_when_its_slot_has_ended() -> None:
    problem = Problem(MIXED, (Room("r"),), (Session("a", duration=2), Session("b")), ())
    assert broken(problem, (Run("a", "short1", "r"), Run("b", "late", "r"))) == set()
    assert broken(problem, (Run("a", "short1", "r"), Run("b", "short2", "r"))) == {
        "one_session_in_a_room"
    }
    assert broken(problem, (Run("a", "long", "r"),)) == set()
    assert broken(problem, (Run("a", "late", "r"),)) == {"fits_the_day"}


def test_a_room_that_is_taken_and_a_person_who_is_away_are_so_for_the_time() -> None:
    room = Room("r", unavailable_slots=frozenset({"short2"}))
    away = Person("p", unavailable_slots=frozenset({"short2"}))
    problem = Problem(MIXED, (room, Room("q")), (Session("a"),), (away,))
    assert broken(problem, (Run("a", "long", "r"),)) == {"room_suits"}
    assert broken(problem, (Run("a", "long", "q"),), p="a") == {"person_in_one_place"}
    assert broken(problem, (Run("a", "short1", "r"),), p="a") == set()


def test_nothing_runs_beside_a_plenary_and_all_may_where_it_is_empty() -> None:
    slots = (slot("all", 0, 30, "plenary"), slot("one", 10, 40), slot("two", 10, 50))
    sessions = (Session("a"), Session("b"))
    problem = Problem(slots, (Room("r"), Room("q")), sessions, ())
    beside = (Run("a", "all", "r"), Run("b", "one", "q"))
    assert broken(problem, beside) == {"plenary_stands_alone"}
    assert broken(problem, (Run("a", "one", "r"), Run("b", "two", "q"))) == set()


def test_slots_stand_in_the_order_in_which_they_begin() -> None:
    document: dict[str, list[dict[str, str]]] = {
        "slots": [
            {"id": "a", "start": "2026-10-01T09:00", "end": "2026-10-01T10:00"},
            {"id": "b", "start": "2026-10-01T09:20", "end": "2026-10-01T09:40"},
        ],
        "rooms": [{"id": "r"}],
        "sessions": [{"id": "t"}],
        "people": [],
    }
    assert [one.id for one in problem_from_document(document).slots] == ["a", "b"]
    document["slots"].reverse()
    with pytest.raises(InvalidProblemError) as caught:
        problem_from_document(document)
    (fault,) = caught.value.faults
    assert isinstance(fault, Fault)
    assert fault.where == "$.slots[1].start"


def _random_problem(draw: random.Random) -> Problem:
    times = sorted(
        (begins, begins + draw.choice((20, 30, 45, 60)))
        for begins in draw.choices(range(0, 100, 10), k=4)
    )
    kinds = [draw.choice(("parallel", "parallel", "parallel", "plenary")) for _ in times]
    slots = tuple(
        slot(f"s{n}", *time, kind) for n, (time, kind) in enumerate(zip(times, kinds, strict=True))
    )
    names = [f"t{n}" for n in range(3)]
    people = tuple(
        Person(
            f"p{n}",
            {name: float(draw.randrange(4)) for name in names},
            unavailable_slots=frozenset(
                draw.sample([one.id for one in slots], draw.choice((0, 1)))
            ),
        )
        for n in range(3)
    )
    sessions = tuple(
        Session(
            name,
            hosts=frozenset(draw.sample([one.id for one in people], draw.choice((0, 1)))),
            duration=draw.choice((1, 1, 2)),
            unavailable_slots=frozenset(
                draw.sample([one.id for one in slots], draw.choice((0, 1)))
            ),
            prerequisites=frozenset({"t0"} if name == "t2" and draw.random() < 0.5 else ()),
        )
        for name in names
    )
    rooms = (Room("r", draw.choice((2, 9))), Room("q", 9, unavailable_slots=frozenset({"s0"})))
    return Problem(slots, rooms, sessions, people)


def _best(problem: Problem) -> float:
    """The most weight by trying every choice of runs and, for each, every agenda of each person."""
    cells: list[tuple[str, str] | None] = [None]
    cells += [(one.id, room.id) for one in problem.slots for room in problem.rooms]
    most = 0.0
    for chosen in product(cells, repeat=len(problem.sessions)):
        runs = tuple(
            Run(session.id, *cell)
            for session, cell in zip(problem.sessions, chosen, strict=True)
            if cell is not None
        )
        hosted = {one.id: _hosted(problem, runs, one.id) for one in problem.people}
        if not violations(problem, Timetable(runs, agendas=hosted)):
            most = max(most, _attended(problem, runs, hosted))
    return most


def _hosted(problem: Problem, runs: Sequence[Run], person: str) -> tuple[Attendance, ...]:
    hosts = {one.id: one.hosts for one in problem.sessions}
    return tuple(Attendance(run.slot, run.session) for run in runs if person in hosts[run.session])


def _attended(
    problem: Problem, runs: tuple[Run, ...], hosted: dict[str, tuple[Attendance, ...]]
) -> float:
    """The best agendas beside what each hosts, all people tried together where seats bind."""
    choices = []
    for person in problem.people:
        own = []
        for more in _subsets([one for one in runs if _line(one) not in hosted[person.id]]):
            agenda = (*hosted[person.id], *map(_line, more))
            if not violations(problem, Timetable(runs, agendas={**hosted, person.id: agenda})):
                own.append((sum(person.wishes[line.session] for line in agenda), agenda))
        choices.append(own)
    most = 0.0
    for together in product(*choices):
        worth = sum(weight for weight, _ in together)
        if worth > most:
            names = [one.id for one in problem.people]
            agendas = dict(zip(names, (agenda for _, agenda in together), strict=True))
            if not violations(problem, Timetable(runs, agendas=agendas)):
                most = worth
    return most


def _line(run: Run) -> Attendance:
    return Attendance(run.slot, run.session)


def _subsets(runs: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    for size in range(len(runs) + 1):
        yield from combinations(runs, size)


def _agrees(seed: int) -> bool:
    problem = _random_problem(random.Random(seed))
    solution = solve(problem, Budget(3.0, 1, seed))
    assert violations(problem, solution.timetable) == ()
    running = {run.session for run in solution.timetable.runs}
    assert set(unplaced(problem, solution.timetable)) == {"t0", "t1", "t2"} - running
    best = _best(problem)
    assert solution.scores.attended_weight <= best + 1e-9
    assert best <= solution.upper_bound + 1e-6
    return solution.scores.attended_weight == pytest.approx(best)


def test_the_best_of_all_plans_is_found_where_slots_overlap() -> None:
    assert all(_agrees(seed) for seed in range(6))


@pytest.mark.full
def test_the_best_of_all_plans_is_found_for_many_where_slots_overlap() -> None:
    assert all(_agrees(seed) for seed in range(6, 120))
