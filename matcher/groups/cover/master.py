"""The linear master of the set partitioning: GLOP, warm from solve to solve as columns come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.groups.cover.columns import Columns, zobrist
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.problem import Cut, FloatArray, IntArray
from matcher.groups.cover.twins import Twins
from matcher.milp import always, solve_watched

# What leaving a member out costs at least, in units of the mean cost per member.
OUTSIDE = 1e4


class Master:
    """Cover each class of members as often as it has members, at least cost; cuts are rows too.

    Costs are expected in a unit near 1 per member. One column per class leaves a member outside at
    a price that no true partition pays, so that the LP always has a solution.

    held: what each class costs in other groups (NaN = it has none): its price is then held at that.
    """

    def __init__(
        self,
        twins: Twins,
        width: int,
        keep_going: Callable[[], bool] = always,
        held: FloatArray | None = None,
    ) -> None:
        self._keep_going = keep_going
        self._twins = twins
        self._n = len(twins.classes)
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        # Without presolve the basis of the last solve is where the next begins.
        self._solver.SetSolverSpecificParametersAsString("use_preprocessing:false")
        self._infinity = self._solver.infinity()
        self._goal = self._solver.Objective()
        self._goal.SetMinimization()
        self._rows = [self._solver.Constraint(float(d), float(d)) for d in twins.demand]
        self._outside = []
        for number, row in enumerate(self._rows):
            is_held = held is not None and not np.isnan(held[number])
            # In other groups as often as is wanted, also less than not at all: its price cannot move.
            variable = self._solver.NumVar(-self._infinity if is_held else 0.0, self._infinity, "")
            price = (
                float(held[number]) if held is not None and is_held else OUTSIDE + 10.0 * self._n
            )
            self._goal.SetCoefficient(variable, price)
            row.SetCoefficient(variable, 1.0)
            self._outside.append(variable)
        self._variables: list[pywraplp.Variable] = []
        self._cut_rows: list[pywraplp.Constraint] = []
        self._by_member: list[list[int]] = [[] for _ in range(self._n)]
        self._keys = zobrist(self._n)
        self._seen: set[int] = set()
        self.cuts: list[Cut] = []
        self._groups: list[IntArray] = []
        self._costs: list[FloatArray] = []
        self._width = width
        self.values = np.empty(0)
        self.left_out = 0.0
        self._fixed: list[int] = []

    @property
    def columns(self) -> Columns:
        """All columns in the LP, in order of arrival."""
        if not self._groups:
            return Columns(self._n, np.empty((0, self._width), dtype=np.int64), np.empty(0))
        self._groups = [np.concatenate(self._groups)]
        self._costs = [np.concatenate(self._costs)]
        return Columns(self._n, self._groups[0], self._costs[0])

    def add(self, columns: Columns) -> int:
        """Add the columns that are new, in plain form; return how many were."""
        plain = Columns(self._n, self._twins.plain(columns.groups), columns.costs)
        keys = plain.keys().tolist()
        fresh = []
        for number, key in enumerate(keys):
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(number)
        if not fresh:
            return 0
        new = plain.take(np.array(fresh, dtype=np.int64))
        self._groups.append(new.groups)
        self._costs.append(new.costs)
        classes = self._twins.classes.tolist()
        for members, cost in zip(new.rows(), new.costs.tolist(), strict=True):
            variable = self._solver.NumVar(0.0, self._infinity, "")
            self._goal.SetCoefficient(variable, cost)
            counts: dict[int, int] = {}
            touched: dict[int, int] = {}
            for member in members:
                counts[classes[member]] = counts.get(classes[member], 0) + 1
                for cut in self._by_member[member]:
                    touched[cut] = touched.get(cut, 0) + 1
            for row, count in counts.items():
                self._rows[row].SetCoefficient(variable, float(count))
            for cut, count in touched.items():
                if times := count // self.cuts[cut].divisor:
                    self._cut_rows[cut].SetCoefficient(variable, float(times))
            self._variables.append(variable)
        return len(fresh)

    def add_cut(self, cut: Cut) -> None:
        """Add a cut, whatever its weight, on whole classes of twins."""
        row = self._solver.Constraint(-self._infinity, float(cut.most))
        counts = self.columns.times(cut)
        for number in np.flatnonzero(counts).tolist():
            row.SetCoefficient(self._variables[number], float(counts[number]))
        for member in cut.members:
            self._by_member[member].append(len(self.cuts))
        self.cuts.append(cut)
        self._cut_rows.append(row)

    def solve(self) -> tuple[float, Prices]:
        """Solve the LP over the columns so far: its value and prices. Sets `values`, `left_out`.

        Raises:
            ArithmeticError: GLOP gave up or was stopped; the caller falls back on what it has.
        """
        if solve_watched(self._solver, self._keep_going) != pywraplp.Solver.OPTIMAL:
            raise ArithmeticError("the linear master was not solved to its end")
        # Read at once: a value read after a change of the model is logged line by line.
        self.values = np.array([variable.solution_value() for variable in self._variables])
        self.left_out = sum(variable.solution_value() for variable in self._outside)
        rows = np.array([row.dual_value() for row in self._rows])
        cuts = tuple(
            replace(cut, weight=-price)
            for cut, row in zip(self.cuts, self._cut_rows, strict=True)
            if (price := row.dual_value()) < -1e-12
        )
        return self._goal.Value(), Prices(rows[self._twins.classes], cuts)

    def fix(self, columns: list[int]) -> None:
        """Hold columns, by number, at one each until `release`."""
        for number in columns:
            self._variables[number].SetLb(1.0)
            self._fixed.append(number)

    def release(self) -> None:
        """Let all columns held go."""
        for number in self._fixed:
            self._variables[number].SetLb(0.0)
        self._fixed = []
