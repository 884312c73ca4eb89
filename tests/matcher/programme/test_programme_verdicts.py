"""What is said of a place before a session is put there is what the plain rules say when it stands there."""

import random

import pytest

from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Person, Problem, Room, Run, Session, Slot, Timetable
from matcher.programme.repair.verdicts import runs_after, verdicts
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
