"""The choice among listed networks as a mixed-integer program (SCIP), with rows of our own besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.groups.cover.problem import FloatArray, IntArray
from matcher.groups.layers.pool import Pool
from matcher.milp import always, solve_to_proof

# SCIP's own searches for better solutions cost ten times what they bring here: its relaxation is
# tight after the first cuts, and incumbents come from choices among few networks.
_SEARCHES = (
    "adaptivediving",
    "alns",
    "clique",
    "coefdiving",
    "conflictdiving",
    "crossover",
    "distributiondiving",
    "farkasdiving",
    "feaspump",
    "fracdiving",
    "gins",
    "guideddiving",
    "linesearchdiving",
    "locks",
    "lpface",
    "pscostdiving",
    "rens",
    "rins",
    "vbounds",
    "veclendiving",
)
_NO_SEARCHES = tuple(f"heuristics/{search}/freq = -1" for search in _SEARCHES)


# A program whose making takes a larger share of the time left than this would not be solved in the
# rest: SCIP copies and presolves it first, and cannot be interrupted while it does.
MAKING = 0.25
# Columns made between two looks at the clock.
_LOOK_EVERY = 500


@dataclass(frozen=True, slots=True)
class Limit:
    """A row over all columns of the pool: the sum of the chosen columns' values is at most `upper`."""

    values: FloatArray
    upper: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: columns of the pool, their total, a bound, and whether the search is finished.

    columns: None when nothing was found; with `is_finished` that means that nothing can be.
    """

    columns: list[int] | None
    objective: float
    lower_bound: float
    is_finished: bool


def choose(  # noqa: PLR0913 - one program, each part by its name
    pool: Pool,
    kept: IntArray,
    costs: FloatArray,
    *,
    seconds: float,
    seed: int,
    limits: tuple[Limit, ...] = (),
    cuts: tuple[tuple[int, ...], ...] = (),
    hint: list[int] | None = None,
    keep_going: Callable[[], bool] = always,
) -> Chosen:
    """Choose among the kept columns so that every row of the pool and every limit holds.

    kept: numbers of columns, networks and others. costs: of all columns of the pool. cuts: seats of
    which at most half are in networks that hold two of them (see `Relaxation.cut`). Where the time is
    too short even to begin, nothing is chosen and the search is not finished.
    """
    start = perf_counter()
    solver = pywraplp.Solver.CreateSolver("SCIP")
    infinity = solver.infinity()
    rows = [
        solver.Constraint(max(low, -infinity), min(high, infinity))
        for low, high in zip(pool.rows.lower.tolist(), pool.rows.upper.tolist(), strict=True)
    ]
    more = [solver.Constraint(-infinity, limit.upper) for limit in limits]
    held = _held(pool, kept, cuts)
    cut_rows = [solver.Constraint(-infinity, float(len(cut) // 2)) for cut in cuts]
    goal = solver.Objective()
    goal.SetMinimization()
    variables = []
    for number, column in enumerate(kept.tolist()):
        if number % _LOOK_EVERY == 0 and perf_counter() - start > MAKING * seconds:
            return Chosen(None, np.inf, -np.inf, is_finished=False)
        is_network = column < pool.networks
        variable = solver.BoolVar("") if is_network else solver.NumVar(0.0, infinity, "")
        goal.SetCoefficient(variable, float(costs[column]))
        for row, value in pool.rows.entries(column):
            rows[row].SetCoefficient(variable, value)
        for limit, constraint in zip(limits, more, strict=True):
            if limit.values[column]:
                constraint.SetCoefficient(variable, float(limit.values[column]))
        for cut in held.get(number, ()):
            cut_rows[cut].SetCoefficient(variable, 1.0)
        variables.append(variable)
    if hint is not None:
        inside = set(hint)
        solver.SetHint(variables, [float(column in inside) for column in kept.tolist()])
    left = seconds - (perf_counter() - start)
    status = solve_to_proof(
        solver, seconds=left, seed=seed, keep_going=keep_going, settings=_NO_SEARCHES
    )
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        is_infeasible = status == pywraplp.Solver.INFEASIBLE
        bound = np.inf if is_infeasible else -np.inf
        return Chosen(None, np.inf, bound, is_finished=is_infeasible)
    columns = [
        column
        for column, variable in zip(kept.tolist(), variables, strict=True)
        if column < pool.networks and variable.solution_value() > 0.5
    ]
    return Chosen(
        columns,
        float(goal.Value()),
        float(goal.BestBound()),
        is_finished=status == pywraplp.Solver.OPTIMAL,
    )


def _held(pool: Pool, kept: IntArray, cuts: tuple[tuple[int, ...], ...]) -> dict[int, list[int]]:
    """Name the cuts in which each kept network holds two seats, by its place among those kept."""
    found: dict[int, list[int]] = {}
    seats = pool.seats[kept[kept < pool.networks]]
    places = np.flatnonzero(kept < pool.networks)
    for number, cut in enumerate(cuts):
        inside = np.isin(seats, cut).sum(1) >= 2
        for place in places[inside].tolist():
            found.setdefault(place, []).append(number)
    return found
