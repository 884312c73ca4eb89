"""The linear relaxation over a pool of networks: prices for all rows, subset-row cuts, and a bound."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.groups.cover.problem import FloatArray, IntArray
from matcher.groups.layers.pool import Pool
from matcher.milp import always, solve_watched

# A column whose reduced cost is above this does not lower the relaxation any more.
NO_GAIN = -1e-9
# Columns taken in at once: the cheapest few of each seat.
PER_SEAT = 6
# A cut that is violated by less moves the bound too little for what it costs.
VIOLATION = 0.03
CUTS_AT_ONCE = 60
CUTS_PER_SEAT = 4


class Relaxation:
    """The pool's linear program, solved by GLOP over few columns, the others held back by price.

    `prices` (rows) and `cut_prices` are the duals of the last solve; `lower_bound` leaves the
    pool's constant out.
    """

    def __init__(self, pool: Pool, keep_going: Callable[[], bool] = always) -> None:
        self.pool = pool
        self._keep_going = keep_going
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        # Without presolve the basis of the last solve is where the next begins.
        self._solver.SetSolverSpecificParametersAsString("use_preprocessing:false")
        self._infinity = self._solver.infinity()
        self._goal = self._solver.Objective()
        self._goal.SetMinimization()
        # A seat that stays empty costs more than any true choice, so that the LP has a solution.
        outside = 100.0 * (1.0 + float(np.abs(pool.costs).max(initial=0.0)))
        self._rows = []
        self._empty = []
        for low, high in zip(pool.rows.lower.tolist(), pool.rows.upper.tolist(), strict=True):
            row = self._solver.Constraint(max(low, -self._infinity), min(high, self._infinity))
            self._rows.append(row)
            if low > -np.inf:
                empty = self._solver.NumVar(0.0, self._infinity, "")
                self._goal.SetCoefficient(empty, outside)
                row.SetCoefficient(empty, 1.0)
                self._empty.append(empty)
        self._variables: dict[int, pywraplp.Variable] = {}
        self._cuts: list[tuple[int, ...]] = []
        self._cut_rows: list[pywraplp.Constraint] = []
        self.prices = np.zeros(len(pool.rows))
        self.cut_prices = np.zeros(0)
        self.reduced = pool.costs.copy()
        self.lower_bound = -np.inf
        self.left_empty = np.inf
        for column in range(pool.networks, len(pool.costs)):
            self._take(column)

    def add(self, columns: list[int]) -> None:
        """Take columns in by number."""
        for column in columns:
            if column not in self._variables:
                self._take(column)

    def converge(self) -> bool:
        """Take columns in until none lowers the relaxation; False when GLOP gave up or time is."""
        pool = self.pool
        while True:
            if solve_watched(self._solver, self._keep_going) != pywraplp.Solver.OPTIMAL:
                return False
            # Read at once: a value read after a change of the model is logged line by line.
            values = {key: var.solution_value() for key, var in self._variables.items()}
            self.left_empty = sum(variable.solution_value() for variable in self._empty)
            prices = np.array([row.dual_value() for row in self._rows])
            # Where only the upper end binds, a price above 0 is rounding.
            self.prices = np.where(np.isneginf(pool.rows.lower), np.minimum(prices, 0.0), prices)
            self.cut_prices = np.array([min(0.0, row.dual_value()) for row in self._cut_rows])
            self.reduced = self._reduced()
            fresh = self._cheapest()
            if not fresh:
                self._values = values
                self.lower_bound = self._bound()
                return True
            self.add(fresh)

    def cut(self) -> bool:
        """Add the most violated subset-row cuts on three seats of a layer; False when there are none.

        Of three seats in a layer, at most one network can hold two or more (Jepsen et al. 2008).
        """
        found = self._violated()
        used: Counter[int] = Counter()
        known = set(self._cuts)
        added = 0
        for _, seats in sorted(found, reverse=True):
            if seats in known or max(used[seat] for seat in seats) >= CUTS_PER_SEAT:
                continue
            used.update(seats)
            self._add_cut(seats)
            added += 1
            if added >= CUTS_AT_ONCE:
                break
        return added > 0

    @property
    def cuts(self) -> tuple[tuple[int, ...], ...]:
        """The cuts so far, as seats: at most one network holds two of three."""
        return tuple(self._cuts)

    def within(self, objective: float) -> IntArray:
        """Number the networks that can stand in a choice no dearer than this, and all other columns."""
        slack = 1e-9 * (1.0 + abs(self.lower_bound))
        kept = self.reduced <= objective - self.lower_bound + slack
        kept[self.pool.networks :] = True
        return np.flatnonzero(kept)

    def _take(self, column: int) -> None:
        variable = self._solver.NumVar(0.0, self._infinity, "")
        self._goal.SetCoefficient(variable, float(self.pool.costs[column]))
        for row, value in self.pool.rows.entries(column):
            self._rows[row].SetCoefficient(variable, value)
        if column < self.pool.networks:
            seats = set(self.pool.seats[column].tolist())
            for number, cut in enumerate(self._cuts):
                if len(seats.intersection(cut)) >= 2:
                    self._cut_rows[number].SetCoefficient(variable, 1.0)
        self._variables[column] = variable

    def _reduced(self) -> FloatArray:
        """Every column's cost less what its rows and cuts are worth."""
        reduced = self.pool.costs - self.pool.rows.priced(self.prices)
        active = np.flatnonzero(self.cut_prices < -1e-12)
        if len(active):
            inside = np.zeros((len(self.pool.seat_of) + 1, len(active)), dtype=np.int8)
            for number, cut in enumerate(active.tolist()):
                inside[list(self._cuts[cut]), number] = 1
            held = np.zeros((self.pool.networks, len(active)), dtype=np.int8)
            for column in range(self.pool.seats.shape[1]):
                held += inside[self.pool.seats[:, column]]
            reduced[: self.pool.networks] -= (held >= 2) @ self.cut_prices[active]
        return np.asarray(reduced)

    def _cheapest(self) -> list[int]:
        """Name the columns with the lowest reduced costs, a few for each seat."""
        networks = self.reduced[: self.pool.networks]
        candidates = np.flatnonzero(networks < NO_GAIN)
        order = candidates[np.argsort(networks[candidates], kind="stable")][:5000]
        used: Counter[int] = Counter()
        chosen = []
        for column in order.tolist():
            seats = [s for s in self.pool.seats[column].tolist() if s < len(self.pool.seat_of)]
            if column not in self._variables and min(used[seat] for seat in seats) < PER_SEAT:
                used.update(seats)
                chosen.append(column)
        return chosen

    def _bound(self) -> float:
        """What the prices alone prove, with what rounding in the reduced costs can amount to given up."""
        rows = self.pool.rows
        end = np.where(self.prices > 0.0, rows.lower, rows.upper)
        value = float((self.prices * end).sum() + self.cut_prices.sum())
        least = float(np.minimum(self.reduced, 0.0).min(initial=0.0))
        # No choice holds more columns than this: a seat's network, a seat left out, a pair's surplus.
        most = len(self.pool.rows) * len(self.pool.problem.layers)
        return value + least * most - 1e-11 * (1.0 + abs(value))

    def _violated(self) -> list[tuple[float, tuple[int, ...]]]:
        """List the triples of seats that fractional networks cover too much, with the excess."""
        total = len(self.pool.seat_of)
        pairs: dict[tuple[int, ...], float] = defaultdict(float)
        triples: dict[tuple[int, ...], float] = defaultdict(float)
        for column, value in self._values.items():
            if column < self.pool.networks and 1e-7 < value < 1.0 - 1e-7:
                seats = sorted(seat for seat in self.pool.seats[column].tolist() if seat < total)
                for pair in combinations(seats, 2):
                    pairs[pair] += value
                for triple in combinations(seats, 3):
                    triples[triple] += value
        near: dict[int, list[int]] = defaultdict(list)
        for one, other in sorted(pairs):
            near[one].append(other)
        found: list[tuple[float, tuple[int, ...]]] = []
        for one, later in near.items():
            for other, third in combinations(later, 2):
                if (other, third) in pairs:
                    load = pairs[one, other] + pairs[one, third] + pairs[other, third]
                    # A network with all three seats is in all three pairs, and counts once.
                    excess = load - 2 * triples.get((one, other, third), 0.0) - 1.0
                    if excess > VIOLATION:
                        found.append((excess, (one, other, third)))
        return found

    def _add_cut(self, seats: tuple[int, ...]) -> None:
        row = self._solver.Constraint(-self._infinity, 1.0)
        for column, variable in self._variables.items():
            if column < self.pool.networks:
                held = sum(seat in seats for seat in self.pool.seats[column].tolist())
                if held >= 2:
                    row.SetCoefficient(variable, 1.0)
        self._cuts.append(seats)
        self._cut_rows.append(row)
