import random
from itertools import product
from typing import Any

import pytest

from matcher.programme.files.codec import problem_from_document
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rules.violations import violations
from matcher.programme.search.bounds import per_person_bound, weight_bound
from matcher.programme.search.improve import granted
from matcher.programme.search.slot_sets import slot_set_bound
from matcher.programme.solve import solve
from matcher.proof import Budget

SLOTS, ROOMS, TOPICS = 2, 2, 5


def document(seed: int) -> dict[str, Any]:
    draw = random.Random(seed)
    names = [f"t{number}" for number in range(TOPICS)]
    people = [
        {"id": f"p{number}", "wishes": {name: draw.randint(1, 3) for name in draw.sample(names, 3)}}
        for number in range(7)
    ]
    sessions: list[dict[str, Any]] = [{"id": name} for name in names]
    sessions[0]["hosts"] = ["p0"]
    sessions[1]["hosts"] = ["p0", "p1"]
    sessions[2]["unavailable_slots"] = ["s0"]
    return {
        "slots": [{"id": f"s{number}"} for number in range(SLOTS)],
        "rooms": [{"id": f"r{number}", "capacity": 3 + 2 * number} for number in range(ROOMS)],
        "sessions": sessions,
        "people": people,
    }


def best_of_all(places: Places) -> float:
    """The most weight that any timetable grants: every topic in every cell, or nowhere."""
    cells = [None, *product(range(SLOTS), range(ROOMS))]
    best = 0.0
    for chosen in product(cells, repeat=TOPICS):
        used = [cell for cell in chosen if cell is not None]
        runs = tuple(
            Run(f"t{topic}", f"s{cell[0]}", f"r{cell[1]}")
            for topic, cell in enumerate(chosen)
            if cell is not None
        )
        if len(used) != len(set(used)):
            continue
        if any(one.rule != "hosts_attend" for one in violations(places.problem, Timetable(runs))):
            continue
        best = max(best, granted(places, runs) or 0.0)
    return best


# The second has to look long for its proof.
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.full), 2])
def test_bound_holds_for_every_timetable_and_the_plan_reaches_the_best(seed: int) -> None:
    problem = problem_from_document(document(seed))
    places = Places(problem)
    best = best_of_all(places)
    mixed = slot_set_bound(places)
    assert mixed is not None
    assert best <= mixed + 1e-6
    assert best <= weight_bound(places).weight + 1e-6 <= per_person_bound(places) + 2e-6
    solution = solve(problem, Budget(600.0, 1, 0))
    assert solution.scores.attended_weight == pytest.approx(best)
    assert ("wished_weight" in solution.proven) == (solution.gap == 0)


def test_bound_of_slot_sets_is_silent_where_a_topic_runs_twice() -> None:
    rich = document(1)
    rich["sessions"][0]["repeats"] = 2
    assert slot_set_bound(Places(problem_from_document(rich))) is None


def _survey() -> Problem:
    draw = random.Random(5)
    names = [f"t{number}" for number in range(8)]
    survey = {
        "slots": [{"id": f"s{number}"} for number in range(4)],
        "rooms": [{"id": "r0"}, {"id": "r1"}],
        "sessions": [{"id": name} for name in names],
        "people": [
            {"id": f"p{number}", "wishes": dict.fromkeys(draw.sample(names, 4), 1)}
            for number in range(40)
        ],
    }
    return problem_from_document(survey)


def test_sets_of_a_survey_bound_what_a_person_alone_cannot() -> None:
    places = Places(_survey())
    mixed = slot_set_bound(places)
    assert mixed is not None
    assert mixed < per_person_bound(places)


@pytest.mark.full
def test_sets_of_a_survey_prove_its_plan() -> None:
    assert solve(_survey(), Budget(600.0, 1, 0)).gap == 0
