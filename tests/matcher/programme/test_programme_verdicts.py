"""What is said of a place before a session is put there is what the plain rules say when it stands there."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from matcher.documents.text import write_json
from matcher.programme.explain import missed_wishes
from matcher.programme.files.codec import read_problem
from matcher.programme.files.writing import problem_document
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.places import Places
from matcher.programme.problem import Person, Problem, Room, Run, Session, Slot, Timetable
from matcher.programme.repair.verdicts import Full, runs_after, verdicts
from matcher.programme.rules.case import Case
from matcher.programme.rules.scores import scores
from matcher.programme.rules.violations import violations


def _random_problem(seed: int) -> tuple[Problem, Timetable]:
    draw = random.Random(seed)
    slots = tuple(Slot(f"s{n}", kind="plenary" if n == 3 else "parallel") for n in range(4))
    rooms = (Room("r1", 3), Room("r2", 30))
    names = [f"t{n}" for n in range(5)]
    sessions = tuple(
        Session(
            name,
            hosts=frozenset({f"h{draw.randrange(3)}"}),
            unavailable_slots=frozenset(draw.sample([one.id for one in slots], draw.randrange(2))),
        )
        for name in names
    )
    people = tuple(
        Person(f"p{n}", {name: float(draw.randrange(4)) for name in names}) for n in range(8)
    )
    problem = Problem(slots, rooms, sessions, people)
    cells = [(slot.id, room.id) for slot in slots for room in rooms]
    runs = tuple(Run(name, *cell) for name, cell in zip(names, draw.sample(cells, 5), strict=True))[
        :4
    ]
    return problem, Timetable(runs, agendas=choose_slot_by_slot(Places(problem), runs))


@pytest.mark.parametrize("seed", range(12))
def test_a_verdict_is_what_comes_of_the_move(seed: int) -> None:
    problem, timetable = _random_problem(seed)
    places = Places(problem)
    now = scores(problem, timetable).attended_weight
    for session in problem.sessions:
        mine = {(run.slot, run.room) for run in timetable.runs if run.session == session.id}
        found = verdicts(problem, timetable, session.id)
        assert (None in found) == bool(mine)
        assert not mine & found.keys()
        for place, verdict in found.items():
            runs = runs_after(timetable.runs, session.id, place)
            after = Timetable(runs, agendas=choose_slot_by_slot(places, runs))
            said = {(one.rule, one.subjects) for one in verdict.broken}
            broken = {(one.rule, one.subjects) for one in violations(problem, after)}
            known = {(one.rule, one.subjects) for one in violations(problem, timetable)}
            assert said <= broken, "nothing is said that does not come"
            about_people = {"hosts_attend", "person_in_one_place", "room_capacity"}
            new = {one for one in broken - known if one[0] not in about_people}
            assert new <= said, "nothing comes that is not said"
            assert verdict.is_clash == bool(said)
            if place is not None and not verdict.is_clash:
                weight = scores(problem, after).attended_weight
                assert verdict.weight == pytest.approx(weight - now)
                moved = {run.session for run in {*runs} ^ {*timetable.runs}}
                assert {*verdict.full} == _too_small(problem, after, moved)


def _too_small(problem: Problem, timetable: Timetable, sessions: set[str]) -> set[Full]:
    """The sessions whose room is full while somebody who wants them is free, as the reasons of what is missed say."""
    rooms = {room.id: room.capacity or 0 for room in problem.rooms}
    missed = list(missed_wishes(problem, timetable))
    found = set()
    for run in timetable.runs:
        left = [
            one for one in missed if one.session == run.session and one.reason.kind == "room_full"
        ]
        if left and run.session in sessions:
            wanting = len(timetable.attendance(run)) + len(left)
            found.add(Full(run.session, wanting, rooms[run.room]))
    return found


def test_a_run_in_a_slot_or_a_room_that_is_gone_grants_nothing_and_is_moved_as_any_other() -> None:
    problem, timetable = _random_problem(1)
    here, *others = timetable.runs
    for gone in (replace(here, slot="before"), replace(here, room="before")):
        kept = replace(timetable, runs=(gone, *others))
        found = verdicts(problem, kept, here.session)
        without = verdicts(problem, replace(timetable, runs=tuple(others)), here.session)
        there = (here.slot, here.room)
        assert found[there].weight == without[there].weight
        assert found[None].weight == 0.0
        assert verdicts(problem, kept, others[0].session)


def test_a_time_of_its_own_takes_people_from_what_it_overlaps_and_holds_a_long_session_alone() -> (
    None
):
    nine = datetime.fromisoformat("2026-10-01T09:00")

    def slot(name: str, begins: int, ends: int, *, whole: bool = False) -> Slot:
        start, end = (nine + timedelta(minutes=one) for one in (begins, ends))
        return Slot(name, start, end, "d", is_whole=whole)

    slots = (slot("s1", 0, 60), slot("own", 25, 55, whole=True), slot("s2", 60, 120))
    sessions = (Session("a"), Session("b", duration=2), Session("c"))
    people = (Person("p", {"a": 1.0, "b": 2.0}), Person("q", {"c": 1.0}))
    problem = Problem(slots, (Room("r"), Room("q")), sessions, people)
    runs = (Run("a", "s1", "r"), Run("c", "s2", "r"))
    timetable = Timetable(runs, agendas=choose_greedily(Places(problem), runs))
    found = verdicts(problem, timetable, "b", [("own", "q"), ("own", "r"), ("s1", "q")])
    beside, inside, whole = (found[place] for place in (("own", "q"), ("own", "r"), ("s1", "q")))
    assert (beside.is_clash, beside.weight) == (False, 1.0), "b for a: nobody is in both"
    assert [one.rule for one in inside.broken] == ["one_session_in_a_room"]
    assert (whole.is_clash, whole.weight) == (False, 1.0), (
        "as long as it is elsewhere: two in a row"
    )
    moved = runs_after(runs, "b", ("own", "q"))
    after = Timetable(moved, agendas=choose_greedily(Places(problem), moved))
    assert violations(problem, after) == ()
    assert Case(problem, after).filled(Run("b", "own", "q")) == {"own"}
    assert read_problem(write_json(problem_document(problem))) == problem
