"""Annealing of rounds keeps every rule, never makes them dearer, and finds the best of small ones."""

import random
from itertools import combinations

import pytest

from matcher.groups.files.codec import read_problem
from matcher.groups.layers.annealing import annealed
from matcher.groups.layers.dealing import dealt
from matcher.groups.model.problem import Problem
from matcher.groups.rules import cost, violations
from tests.matcher.groups.brute_force import best_networks


def _problem(seed: int, count: int, rounds: int, **layer: object) -> Problem:
    rng = random.Random(seed)
    members = [
        {"id": f"m{n}", "values": {"area": rng.randint(0, 9), "kind": rng.choice("ab")}}
        for n in range(count)
    ]
    return read_problem(
        {
            "members": members,
            "each_pair_once": True,
            "layers": [{"name": "table", "sizes": [2, 3], "rounds": rounds, **layer}],
        }
    )


def _always() -> bool:
    return True


@pytest.mark.parametrize("seed", range(4))
def test_small_rounds_end_as_good_as_brute_force_has_them(seed: int) -> None:
    wishes: list[dict[str, object]] = [
        {},
        {"weights": {"area": 1}, "unlike": ["area"], "cost": "pair-sum"},
        {"history": [[["m0", "m1", "m2"]]], "novelty": 2},
        {"apart": [["m0", "m1"]], "at_least": [{"attribute": "kind", "value": "a", "count": 0}]},
    ]
    problem = _problem(seed, 6, 2, **wishes[seed % 4])
    best, start = best_networks(problem), dealt(problem, _always, seed)
    assert best is not None
    assert start is not None
    found = annealed(problem, [start], _always, seed)
    assert violations(problem, found) == ()
    # As many tables as the start has, which need not be the best number of them.
    assert best[0] - 1e-9 <= cost(problem, found) <= cost(problem, start)
    if [len(one) for one in found] == [len(one) for one in best[1]]:
        assert cost(problem, found) == pytest.approx(best[0])


def test_rounds_that_a_circle_is_to_be_kept_out_of_leave_it_where_dealing_did_not() -> None:
    circles = [[f"m{n}" for n in range(first, first + 4)] for first in range(0, 16, 4)]
    problem = _problem(1, 16, 2, sizes=[4, 4], history=[circles], novelty=2, weights={"area": 0.1})
    start = dealt(problem, _always, 0)
    assert start is not None
    found = annealed(problem, [start], _always, 0)
    assert violations(problem, found) == ()
    together = {frozenset(pair) for circle in circles for pair in combinations(circle, 2)}
    sat = [
        frozenset(problem.members[one].id for one in pair)
        for part in found
        for table in part
        for pair in combinations(table, 2)
    ]
    assert not together & {*sat}
    # The same from the same seed; and who is told to stop gives back what it had.
    assert annealed(problem, [start], _always, 0) == found
    assert annealed(problem, [start], lambda: False, 0) == start


def test_rules_that_forbid_every_exchange_leave_the_rounds_as_they_are() -> None:
    problem = _problem(0, 4, 2, sizes=[2, 2], number_of_networks=[2, 2])
    start = (((0, 1), (2, 3)), ((0, 2), (1, 3)))
    assert cost(problem, annealed(problem, [start], _always, 0)) <= cost(problem, start)
    whole = _problem(0, 3, 1, sizes=[3, 3])
    assert annealed(whole, [(((0, 1, 2),),)], _always, 0) == (((0, 1, 2),),)
