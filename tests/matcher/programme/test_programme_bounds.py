import random
from itertools import combinations, product
from math import comb
from typing import Any

import numpy as np
import pytest

from matcher.effort import Effort
from matcher.programme.files.codec import problem_from_document
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rooms.assign import assign_rooms
from matcher.programme.rules.violations import violations
from matcher.programme.search.annealing import Annealing
from matcher.programme.search.bounding import Bounding
from matcher.programme.search.bounds import (
    GROWN_SETS,
    PER_PERSON,
    Bound,
    closer_bound,
    per_person_bound,
    weight_bound,
)
from matcher.programme.search.columns import Bits, Numbers
from matcher.programme.search.crowd import gather
from matcher.programme.search.demand import Demand
from matcher.programme.search.estimates import estimates
from matcher.programme.search.grown_sets import GrownSets
from matcher.programme.search.improve import granted
from matcher.programme.search.proving import most_granted
from matcher.programme.search.rooted import RootedSets
from matcher.programme.search.slot_sets import slot_set_bound
from matcher.programme.solve import solve
from matcher.programme.watch import Watch
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


def _crowd_document(seed: int, topics: int, rooms: int) -> dict[str, Any]:
    """Two slots; many wishes of three weights, hosts who wish too, one of two topics, and rooms too small for some."""
    draw = random.Random(seed)
    names = [f"t{number}" for number in range(topics)]
    people = [
        {
            "id": f"p{number}",
            "wishes": {
                name: draw.choice((1, 2, 3.5)) for name in draw.sample(names, draw.randint(1, 6))
            },
        }
        for number in range(30)
    ]
    people[0]["wishes"] = dict.fromkeys(names, 1)  # everything: many of one slot
    sessions: list[dict[str, Any]] = [{"id": name} for name in names]
    for topic, host in ((0, "p1"), (1, "p1"), (2, "p2")):
        sessions[topic]["hosts"] = [host]
    sessions[3]["unavailable_slots"] = ["s1"]
    return {
        "slots": [{"id": "s0"}, {"id": "s1"}],
        "rooms": [{"id": f"r{number}", "capacity": 4 + number} for number in range(rooms)],
        "sessions": sessions,
        "people": people,
    }


def _best_split(places: Places, rooms: int) -> float:
    """The most that two slots grant, a topic in one of them at most."""
    topics = range(len(places.problem.sessions))
    best = 0.0
    for first in combinations(topics, min(rooms, len(topics))):
        left = [topic for topic in topics if topic not in first]
        for other in combinations(left, min(rooms, len(left))):
            runs = tuple(
                Run(f"t{topic}", f"s{slot}", f"r{room}")
                for slot, chosen in enumerate((first, other))
                for room, topic in enumerate(chosen)
            )
            if {0, 1} <= set(first) or {0, 1} <= set(other) or 3 in other:
                continue
            best = max(best, granted(places, assign_rooms(places, runs)) or 0.0)
    return best


@pytest.mark.parametrize(
    ("topics", "rooms"), [(7, 2), (7, 3), (8, 4), (7, 4), (9, 4), (10, 5), (9, 5), (9, 6)]
)
def test_grown_sets_bound_every_timetable(topics: int, rooms: int) -> None:
    """With every cell filled, with cells to spare, and with a topic too many."""
    for seed in range(2):
        places = Places(problem_from_document(_crowd_document(seed, topics, rooms)))
        first = Bound(per_person_bound(places), PER_PERSON)
        closest = closer_bound(places, first, lambda: True)
        assert _best_split(places, rooms) <= closest.weight < first.weight


def _demand(seed: int, topics: int = 10) -> Demand:
    draw = np.random.default_rng(seed)
    apart = np.zeros((topics, topics), dtype=np.bool_)
    apart[0, 1] = apart[1, 0] = True
    rows = draw.random((topics, 60)) < 0.3
    rows[:, 0] = True
    return Demand(rows, draw.choice([0.5, 1.0, 2.0], 60), draw.random(topics) - 0.7, apart)


@pytest.mark.parametrize("rooms", [2, 3, 4, 5, 7])
def test_every_set_above_a_limit_is_grown_and_no_other(rooms: int) -> None:
    for seed in range(4):
        demand = _demand(seed)
        prices = np.random.default_rng(seed).random(10) * 8
        gains = {
            one: demand.value(one) - prices[list(one)].sum()
            for size in range(rooms + 1)
            for one in combinations(range(10), size)
            if not {0, 1} <= set(one)
        }
        limit = float(np.quantile(list(gains.values()), 0.95))
        rooted = RootedSets(demand, rooms, 10**6, lambda: True).above(prices, limit)
        found = GrownSets(demand, rooms).above(prices, limit, 10**6)
        assert rooted is not None
        assert found is not None
        sets = [tuple(topic for topic in one if topic < 10) for one in found.topics.tolist()]
        assert len(set(sets)) == len(sets)
        assert {one for one, gain in gains.items() if gain > limit} == {
            one for one, gain in zip(sets, found.gains, strict=True) if gain > limit
        }
        assert len(set(rooted)) == len(rooted)
        assert {one for one in rooted if gains[one] > limit} == {
            one for one, gain in gains.items() if gain > limit
        }
        assert found.gains == pytest.approx([gains[one] for one in sets], abs=1e-3)


@pytest.mark.parametrize("share", [0.8, 0.95, 0.99, 1.0])
def test_sets_above_a_limit_count_for_one_slot_each(share: float) -> None:
    for seed in range(5):
        demand = _demand(seed, topics=8)
        prices = np.random.default_rng(seed).random(8) * 8
        sets = [
            one
            for size in range(5)
            for one in combinations(range(8), size)
            if not {0, 1} <= set(one)
        ]
        gains = [demand.value(one) - prices[list(one)].sum() for one in sets]
        limit = max(0.0, share * max(gains))
        above = RootedSets(demand, 4, 10**6, lambda: True).above(prices, limit)
        assert above is not None
        best = max(
            demand.value(one) + demand.value(other)
            for one, other in combinations(sets, 2)
            if not set(one) & set(other)
        )
        assert best <= most_granted(demand, prices, 2, limit, above) + 1e-9


def test_too_many_parts_above_a_limit_prove_nothing() -> None:
    demand = _demand(0)
    assert GrownSets(demand, 5).above(np.zeros(10), 0.0, 50) is None
    assert GrownSets(demand, 5, lambda: False).above(np.zeros(10), 1000.0, 50) is None
    assert RootedSets(demand, 5, 50, lambda: True).above(np.zeros(10), 0.0) is None


@pytest.mark.parametrize(
    ("wished", "topics", "whole"), [(1, 9, 5), (3, 20, 6), (7, 30, 8), (12, 121, 10)]
)
def test_parts_are_on_the_average_estimated_no_lower_than_the_set(
    wished: int, topics: int, whole: int
) -> None:
    """Drawn in one go from a whole set, which holds n wished topics: the hypergeometric mean."""
    tables = estimates(wished, topics, whole, 4)
    for size in range(4, whole + 1):
        for n in range(min(wished, whole) + 1):
            mean = sum(
                comb(n, found) * comb(whole - n, size - found) / comb(whole, size) * count
                for found, count in enumerate(tables[size].tolist())
                if size - found <= whole - n and found <= n
            )
            assert mean >= (n > 0) - 1e-9


def _wider() -> Problem:
    """A survey whose sets are too many to list at once, with hosts who are elsewhere than they wish."""
    draw = random.Random(2)
    names = [f"t{number}" for number in range(36)]
    return problem_from_document(
        {
            "slots": [{"id": f"s{number}"} for number in range(6)],
            "rooms": [{"id": f"r{number}"} for number in range(6)],
            "sessions": [
                {"id": name, "hosts": [f"p{number}"]} for number, name in enumerate(names)
            ],
            "people": [
                {
                    "id": f"p{number}",
                    "wishes": {one: draw.randint(1, 3) for one in draw.sample(names, 8)},
                }
                for number in range(60)
            ],
        }
    )


def test_a_closer_bound_is_found_where_sets_are_too_many_to_list() -> None:
    places = Places(_wider())
    first = weight_bound(places)
    assert slot_set_bound(places) is None
    closest = closer_bound(places, first, lambda: True)
    assert closest.method == GROWN_SETS
    solution = solve(places.problem, Budget(1.0, 1, 0))
    assert solution.scores.attended_weight <= closest.weight < first.weight


def test_a_bound_that_time_cut_short_is_the_one_known_before() -> None:
    places = Places(_wider())
    first = weight_bound(places)
    assert closer_bound(places, first, lambda: False) == first


@pytest.mark.parametrize("workers", [1, 2])
def test_bounding_beside_the_search_and_after_it_gives_the_same(workers: int) -> None:
    places = Places(_survey())
    known = Bound(per_person_bound(places), "")
    effort = Effort(Budget(600.0, workers, 0))
    bounding = Bounding(places, known, effort, Watch())
    bounding.is_wanted = True
    with bounding:
        bounding.work_alone()
        if bounding.beside is not None:
            bounding.beside.join()
    found = bounding.closer(known)
    assert found == closer_bound(places, known, lambda: True)
    assert found.weight < known.weight


def test_a_bounding_process_that_is_lost_costs_no_more_than_the_closer_bound() -> None:
    places = Places(_survey())
    known = Bound(per_person_bound(places), "")
    bounding = Bounding(places, known, Effort(Budget(600.0, 2, 0)), Watch())
    bounding.is_wanted = True
    with bounding:
        assert bounding.beside is not None
        bounding.beside.kill()
        bounding.beside.join()
        assert bounding.beside.exitcode
    assert bounding.closer(known) == known


def test_bits_say_of_every_swap_what_numbers_say() -> None:
    """Also with people who are here in some slots only, hosts, empty cells and topics that do not run."""
    written = document(0)
    written["people"][1]["unavailable_slots"] = ["s1"]
    written["sessions"].append({"id": "t5"})
    places = Places(problem_from_document(written))
    runs = (Run("t3", "s0", "r0"), Run("t0", "s0", "r1"), Run("t4", "s1", "r1"))
    search = Annealing(places, gather(places, places.wishes), runs, 0)
    bits = Bits(search.grid, search.value_of, search.count)
    numbers = Numbers(search.grid, search.value_of, search.count)
    total = len(search.grid.entry)
    for cell in range(total):
        for one, other in zip(
            bits.after(cell, 0, total), numbers.after(cell, 0, total), strict=True
        ):
            assert one.tolist() == other.tolist()
    assert bits.slot_value.tolist() == numbers.slot_value.tolist()
    assert isinstance(search.columns, Bits)
