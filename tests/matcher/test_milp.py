"""Linear solvers that heed a stop: hard programs end at once when told to, with what they have."""

import random
from collections.abc import Callable

import pytest
from ortools.linear_solver import pywraplp

from matcher.milp import solve_to_proof, solve_watched


def knapsacks(count: int = 60) -> pywraplp.Solver:
    """Make a program with equations that take SCIP far longer than a test may take."""
    draw = random.Random(1)
    solver = pywraplp.Solver.CreateSolver("SCIP")
    items = [solver.BoolVar("") for _ in range(count)]
    for row in range(30):
        weight = sum(draw.randint(0, 99) * item for item in items)
        total = draw.randint(1000, 1500)
        solver.Add(weight == total if row < 3 else weight <= total)
    solver.Maximize(sum(draw.randint(0, 99) * item for item in items))
    return solver


def times(count: int) -> Callable[[], bool]:
    left = [True] * count
    return lambda: bool(left and left.pop())


def test_a_solve_told_to_stop_ends_unproven() -> None:
    status = solve_to_proof(knapsacks(), seconds=300.0, seed=0, keep_going=times(3))
    assert status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.INFEASIBLE)


def test_an_exception_in_the_caller_ends_the_solve_too() -> None:
    solver = knapsacks()

    def torn() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_watched(solver, torn)


def test_an_easy_program_is_solved_to_proof() -> None:
    solver = pywraplp.Solver.CreateSolver("SCIP")
    one, other = solver.IntVar(0, 9, ""), solver.IntVar(0, 9, "")
    solver.Add(2 * one + 3 * other <= 12)
    solver.Maximize(one + 2 * other)
    assert solve_to_proof(solver, seconds=10.0, seed=0) == pywraplp.Solver.OPTIMAL
    assert solver.Objective().Value() == 8.0
