"""The choice among listed groups: set partitioning by SCIP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.groups.cover.columns import Columns
from matcher.groups.cover.problem import BoolArray, Cut
from matcher.groups.cover.twins import Twins, no_twins
from matcher.milp import always, solve_to_proof


@dataclass(frozen=True, slots=True)
class Choice:
    """What the solver chose: columns by number, their total, and a bound on every choice."""

    chosen: tuple[int, ...] | None
    objective: float
    lower_bound: float
    is_optimal: bool
    is_infeasible: bool


def partition_columns(
    columns: Columns,
    *,
    seconds: float,
    seed: int = 0,
    twins: Twins | None = None,
    hint: BoolArray | None = None,
    keep_going: Callable[[], bool] = always,
    nodes: int | None = None,
    cuts: Iterable[Cut] = (),
) -> Choice:
    """Choose columns so that each member is in exactly one, at least cost.

    twins: interchangeable members share a row, which is covered as often as they are many; a column
    may then be chosen more than once. nodes: of SCIP's search at most, which, unlike seconds, are as
    many on a slow machine. cuts: subset-row cuts that are rows too, so that the
    search begins where the relaxation with them ended.
    """
    solver = pywraplp.Solver.CreateSolver("SCIP")
    twins = no_twins(columns.n) if twins is None else twins
    classes, demand = twins.classes, twins.demand
    constraints = [solver.Constraint(float(count), float(count)) for count in demand]
    goal = solver.Objective()
    goal.SetMinimization()
    variables = []
    for members, cost in zip(columns.rows(), columns.costs.tolist(), strict=True):
        counts: dict[int, int] = {}
        for member in members:
            row = int(classes[member])
            counts[row] = counts.get(row, 0) + 1
        most = min(int(demand[row]) // count for row, count in counts.items())
        variable = solver.IntVar(0.0, float(most), "")
        goal.SetCoefficient(variable, cost)
        for row, count in counts.items():
            constraints[row].SetCoefficient(variable, float(count))
        variables.append(variable)
    for cut in cuts:
        row = solver.Constraint(-solver.infinity(), float(cut.most))
        times = columns.times(cut)
        for number in np.flatnonzero(times).tolist():
            row.SetCoefficient(variables[number], float(times[number]))
    # So many groups at most: implied, but not by the relaxation, which would have a fraction of one more.
    most = int(demand.sum()) // max(1, int(columns.sizes.min(initial=columns.n)))
    together = solver.Constraint(0.0, float(most))
    for variable in variables:
        together.SetCoefficient(variable, 1.0)
    if hint is not None:
        solver.SetHint(variables, hint.astype(np.float64).tolist())
    settings = () if nodes is None else (f"limits/nodes = {nodes}",)
    status = solve_to_proof(
        solver, seconds=seconds, seed=seed, keep_going=keep_going, settings=settings
    )
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        infeasible = status == pywraplp.Solver.INFEASIBLE
        return Choice(None, float("inf"), float("-inf"), is_optimal=False, is_infeasible=infeasible)
    chosen = tuple(
        number
        for number, variable in enumerate(variables)
        for _ in range(round(variable.solution_value()))
    )
    return Choice(
        chosen,
        float(columns.costs[list(chosen)].sum()),
        float(goal.BestBound()),
        is_optimal=status == pywraplp.Solver.OPTIMAL,
        is_infeasible=False,
    )
