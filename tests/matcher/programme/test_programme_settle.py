import random
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest

from matcher.effort import Effort
from matcher.programme.files.codec import problem_from_document
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Run, Timetable
from matcher.programme.rooms.reorder import reorder_slots
from matcher.programme.rooms.settle import settle_rooms
from matcher.programme.rules.scores import scores
from matcher.programme.rules.violations import violations
from matcher.programme.structure.construct import construct
from matcher.proof import Budget

SLOTS, ROOMS = 3, 3


def meeting(seed: int, **first_session: object) -> tuple[Places, Timetable]:
    draw = random.Random(seed)
    names = [f"t{number}" for number in range(SLOTS * ROOMS)]
    document: dict[str, Any] = {
        "slots": [{"id": f"s{number}"} for number in range(SLOTS)],
        "rooms": [{"id": f"r{number}", "capacity": 6 + number} for number in range(ROOMS)],
        "sessions": [{"id": name} for name in names],
        "people": [
            {"id": f"p{number}", "wishes": dict.fromkeys(draw.sample(names, 4), 1)}
            for number in range(12)
        ],
    }
    document["sessions"][0].update(first_session)
    places = Places(problem_from_document(document))
    runs = construct(places, Budget(1.0, 1, 0))
    return places, Timetable(runs, agendas=choose_slot_by_slot(places, runs))


def hops_and_fit(places: Places, timetable: Timetable) -> tuple[float, float]:
    levels = scores(places.problem, timetable).levels
    return levels["hopping"], levels["room_fit"]


def every_choice_of_rooms(timetable: Timetable) -> list[tuple[Run, ...]]:
    by_slot: dict[str, list[Run]] = {}
    for run in timetable.runs:
        by_slot.setdefault(run.slot, []).append(run)
    choices = [
        [
            [replace(run, room=room) for run, room in zip(runs, order, strict=True)]
            for order in permutations([f"r{number}" for number in range(ROOMS)], len(runs))
        ]
        for runs in by_slot.values()
    ]
    return [tuple(run for slot in chosen for run in slot) for chosen in product(*choices)]


@pytest.mark.parametrize("seed", range(4))
def test_rooms_for_fixed_agendas_are_as_good_as_the_best_of_all_choices(seed: int) -> None:
    places, timetable = meeting(seed)
    settled = settle_rooms(places, timetable, 5.0)
    assert violations(places.problem, settled) == ()
    assert settled.agendas == timetable.agendas
    every = [replace(timetable, runs=runs) for runs in every_choice_of_rooms(timetable)]
    best = min(hops_and_fit(places, one) for one in every if not violations(places.problem, one))
    assert hops_and_fit(places, settled) == best


def test_pinned_run_keeps_its_room() -> None:
    places, timetable = meeting(1, pin={"slot": "s1", "room": "r2"})
    settled = settle_rooms(places, timetable, 5.0)
    assert Run("t0", "s1", "r2") in settled.runs
    assert violations(places.problem, settled) == ()


@pytest.mark.parametrize("seed", range(4))
def test_exchanged_slots_lower_no_level_and_break_no_rule(seed: int) -> None:
    places, timetable = meeting(seed, unavailable_slots=["s0"])
    settled = settle_rooms(places, timetable, 5.0)
    reordered = reorder_slots(places, settled, Effort(Budget(5.0)))
    assert violations(places.problem, reordered) == ()
    before, after = scores(places.problem, settled), scores(places.problem, reordered)
    assert after.key <= before.key
    assert after.attended_weight == before.attended_weight
