"""Layers that only repeated pairs bind: solved in turns, and bounded together, beside brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from matcher.clock import Clock
from matcher.errors import InfeasibleError
from matcher.groups import solve as engine
from matcher.groups.layers import in_turns
from matcher.groups.layers.in_turns import Turns, binds_by_pairs_only, solve_in_turns
from matcher.groups.model.layer import Attribute, Layer, Member, Travel, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.rules import cost, violations
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks
from tests.matcher.groups.test_layers import problems


@settings(max_examples=40)
@given(problems())
def test_layers_in_turns_keep_the_rules_and_are_bounded_together(problem: Problem) -> None:
    everywhere = tuple(replace(member, most_networks=None) for member in problem.members)
    layers = tuple(
        replace(layer, is_experience=layer.is_experience and place == 0)
        for place, layer in enumerate(problem.layers)
    )
    problem = replace(problem, members=everywhere, layers=layers, repeated_pair=0.4)
    assume(binds_by_pairs_only(problem))
    best = best_networks(problem)
    try:
        solution = solve_in_turns(problem, Clock(Budget(5.0, 1)))
    except InfeasibleError:
        assert best is None
        return
    assert best is not None
    assert violations(problem, solution.networks) == ()
    assert solution.proof.objective == pytest.approx(cost(problem, solution.networks), abs=1e-9)
    assert solution.proof.lower_bound <= best[0] + 1e-9
    assert not solution.is_optimal or solution.proof.objective == pytest.approx(best[0], abs=1e-6)


def _near_in_both(count: int) -> Problem:
    """Two layers in which the same members are near each other, and a price for meeting twice."""
    draw = np.random.default_rng(0)
    places = tuple((56.0 + 8 * draw.random(), 12.0 + 6 * draw.random()) for _ in range(count))
    skills = ["consent", "digital", "phone"]
    members = tuple(
        Member(f"m{n}", seeks=(skills[n % 3],), offers=(skills[(n // 3) % 3],))
        for n in range(count)
    )
    near = Layer(
        "near", 3, 4, (Weight("geography", 1.0),), longest_travel=Travel(150.0, "digital", 0.05)
    )
    other = Layer("other", 3, 4, (Weight("geography", 1.0), Weight("x", 0.2)), expertise=0.1)
    attributes = (
        Attribute("geography", "place", places),
        Attribute("x", "number", tuple(draw.random(count).tolist())),
    )
    return Problem(members, attributes, (near, other), repeated_pair=0.05)


def test_prices_of_pairs_raise_the_bound_and_turns_lower_the_cost() -> None:
    problem = _near_in_both(24)
    turns = Turns(problem, Clock(Budget(60.0, 1)), None)
    turns.alone(None)
    alone, first = turns.lower_bound, turns.objective
    turns.price_pairs()
    turns.improve()
    proven = engine.solve(problem, Budget(60.0, 1))
    assert proven.is_optimal
    assert alone + 1e-3 < turns.lower_bound <= proven.proof.objective + 1e-9
    assert proven.proof.objective - 1e-9 <= turns.objective < first - 1e-3


def test_workers_in_other_processes_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = _near_in_both(24)
    monkeypatch.setattr(in_turns, "LONG", 0.0)
    monkeypatch.setattr(engine, "LIST_ALL", 1_000)
    solution = engine.solve(problem, Budget(20.0, 2))
    assert solution.method == in_turns.METHOD
    assert violations(problem, solution.networks) == ()
    assert solution.proof.lower_bound <= solution.proof.objective


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_before_the_first_turn_is_over_still_gives_networks(
    monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    problem = _near_in_both(24)
    monkeypatch.setattr(in_turns, "LONG", 0.0)
    monkeypatch.setattr(engine, "LIST_ALL", 1_000)
    solution = engine.solve(problem, Budget(600.0, workers), None, lambda _progress: False)
    assert violations(problem, solution.networks) == ()
    assert solution.proof.lower_bound <= solution.proof.objective
