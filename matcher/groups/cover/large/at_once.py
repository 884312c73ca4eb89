"""All members priced at once: the linear relaxation over near groups, and the parts it falls into."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb
from time import perf_counter

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.groups.cover.bounds import per_member
from matcher.groups.cover.columns import Columns, best_per_member, from_few, join, pad
from matcher.groups.cover.large.bound import CORE, RunAll, to_list
from matcher.groups.cover.large.grown import grow_block
from matcher.groups.cover.large.linked import Links, parts_of
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.large.region import ListTask, PricedBlock, price_block
from matcher.groups.cover.large.split import fitting, small_cover, split
from matcher.groups.cover.problem import Cover, FloatArray, Groups, IntArray
from matcher.milp import solve_watched

# Nearest of each member whose groups are known from the start, and how many groups of a size.
NEAR, EACH_SIZE = 12, 40
# Rounds of prices at most; a group that is less over its prices than this (mean cost per member = 1) is no gain.
ROUNDS, IMPROVES = 30, -1e-3
# New groups per member and round.
PER_MEMBER = 8
# Times that prices are lowered at most.
LOWERED = 6
# The part of the time left that a block's listing may take.
A_BLOCK = 4
# A round is begun when the time left is this many times what the last one took: the prices still have to be made to hold.
MARGIN = 2.5
# How near the first-order method comes: what it leaves is taken off the prices afterwards.
EXACTLY = 2e-4
# Its steps at most: some thousands do where it comes to an end at all.
STEPS = 20_000
# What leaving a member out costs, in times of what its group or the mean costs.
OUTSIDE = 20.0
# A round of prices that members lack a smaller share of than this is the last.
SETTLED = 2e-3
# Members in a part at most: larger ones are cut in two.
PART = 240


class AtOnce:
    """One relaxation over all members, solved by a first-order method (PDLP; Applegate et al. 2021).

    Its steps are products of a sparse matrix, so that thousands of members take seconds where the simplex
    method takes minutes, and its prices lie in the middle of the best ones, which steadies the generation.
    """

    def __init__(
        self,
        cover: Cover,
        groups: Groups,
        left: Callable[[], float],
        workers: Callable[[], int],
        run_all: RunAll,
    ) -> None:
        self._cover = cover
        self._left = left
        self._workers = workers
        self._run_all = run_all
        self._unit = abs(cover.objective(groups) - cover.constant) / cover.n or 1.0
        own = from_few(cover, groups)
        self._outside = np.ones(cover.n + 1)
        for position in range(own.groups.shape[1]):
            self._outside[own.groups[:, position]] = np.maximum(1.0, own.costs / self._unit)
        self._outside = OUTSIDE * self._outside[: cover.n]
        near = join([own, near_groups(cover, NEAR, EACH_SIZE)], cover).distinct()
        self._pool = Columns(near.n, near.groups, near.costs / self._unit)
        self._sizes = cover.sizes[:1] if cover.smallest_decide else cover.sizes
        # Larger groups can only be dearer there, except as the partition's own, which come first and stay.
        useful = self._pool.take(self._pool.sizes <= self._sizes[-1])
        kept = best_per_member(useful, useful.costs / useful.sizes, PER_MEMBER)
        self._columns = join([self._pool.take(np.arange(len(own))), kept], cover).distinct()
        self._values = np.zeros(len(self._columns))
        self._duals = np.zeros(cover.n)

    def prices(self) -> FloatArray | None:
        """Generate groups until none is worth more than it costs; the members' prices, None when too late.

        Groups are grown about each member while that lowers the relaxation, then every group is listed.
        """
        found = False
        took = 0.0
        for number in range(ROUNDS):
            start = perf_counter()
            if self._left() < MARGIN * took:
                break
            solved = self._solve(self._columns)
            if solved is None:
                break
            found = True
            self._duals, self._values = solved
            if number:
                worth, lack = self._worth(number, grow_block)
                if lack < SETTLED:
                    worth, lack = self._worth(number, price_block)
                if lack < SETTLED:
                    break
            else:
                worth = []
            count = len(self._columns)
            self._columns = join([self._columns, *self._known(), *worth], self._cover).distinct()
            if number and len(self._columns) == count:
                break
            took = perf_counter() - start
        if not found:
            return None
        self._lower()
        return self._duals * self._unit

    def _lower(self) -> None:
        """Take off the prices what groups grown about each member lack.

        Next to nothing where they are the best there are; but the time may have been up before that, and what
        wild prices overrate is more than can be listed.
        """
        for number in range(LOWERED):
            before = self._duals
            left = np.ones(self._cover.n)
            worth, _ = self._worth(number, grow_block)
            for columns in worth:
                # In proportion to their prices: shares alike would take from others what one wild price lacks.
                dear = Columns(columns.n, columns.groups, np.zeros(len(columns)))
                part = columns.costs / -dear.reduced(np.maximum(before, 0.0))
                np.minimum(left, per_member(len(left), columns.groups, part, 1.0), out=left)
            self._duals = np.where(before > 0.0, left * before, before)
            if float((before - self._duals).sum()) < SETTLED * abs(self._duals.sum()):
                break

    def _known(self) -> list[Columns]:
        """Known groups that cost less than their members' prices."""
        reduced = self._pool.reduced(self._duals)
        gains = np.flatnonzero((reduced < IMPROVES) & (self._pool.sizes <= self._sizes[-1]))
        return [best_per_member(self._pool.take(gains), reduced[gains], PER_MEMBER)]

    def _worth(
        self, number: int, work: Callable[[ListTask], PricedBlock]
    ) -> tuple[list[Columns], float]:
        """Groups that cost less than their members' prices, found block by block.

        Also the share of all prices that these members lack together: so much less at most is the relaxation worth.
        """
        cover = self._cover
        parts = []
        least = np.zeros(cover.n)
        blocks = split(cover, None, CORE, np.random.default_rng(number))
        for size in self._sizes:
            if size == 1:
                continue
            prices = self._duals * self._unit
            overrated = Overrated(cover, prices)
            if work is price_block:
                overrated = to_list(cover, prices, (), size, blocks, self._run_all)
            tasks = (ListTask(overrated, block, size, self._left() / A_BLOCK) for block in blocks)
            for result in self._run_all(work, tasks):
                if result.groups is None:
                    continue
                lack = result.reduced / self._unit
                costs = lack.copy()
                for position in range(size):
                    costs += self._duals[result.groups[:, position]]
                found = pad(cover, result.groups, costs)
                np.minimum(least, per_member(cover.n, result.groups, lack / size, 0.0), out=least)
                gains = lack < IMPROVES
                parts.append(best_per_member(found.take(gains), lack[gains], PER_MEMBER))
        return parts, -float(least.sum() / self._duals.sum())

    def _solve(self, columns: Columns) -> tuple[FloatArray, FloatArray] | None:
        """Relax over all members: their prices and the groups' shares."""
        if self._left() <= 0.0:
            return None
        solver = pywraplp.Solver.CreateSolver("PDLP")
        solver.SetSolverSpecificParametersAsString(
            "termination_criteria { simple_optimality_criteria { "
            f"eps_optimal_absolute: {EXACTLY} eps_optimal_relative: {EXACTLY} }} "
            f"iteration_limit: {STEPS} }} num_threads: {self._workers()}"
        )
        infinity = solver.infinity()
        goal = solver.Objective()
        goal.SetMinimization()
        rows = [solver.Constraint(1.0, 1.0) for _ in range(self._cover.n)]
        for member, row in enumerate(rows):
            outside = solver.NumVar(0.0, infinity, "")
            goal.SetCoefficient(outside, float(self._outside[member]))
            row.SetCoefficient(outside, 1.0)
        variables = []
        for group, cost in zip(columns.rows(), columns.costs.tolist(), strict=True):
            variable = solver.NumVar(0.0, infinity, "")
            goal.SetCoefficient(variable, cost)
            for member in group:
                rows[member].SetCoefficient(variable, 1.0)
            variables.append(variable)
        if solve_watched(solver, lambda: self._left() > 0.0) != pywraplp.Solver.OPTIMAL:
            return None
        values = np.array([variable.solution_value() for variable in variables])
        return np.array([row.dual_value() for row in rows]), values

    def parts(self) -> tuple[list[tuple[int, ...]], list[IntArray]]:
        """Groups that the relaxation is sure of, and the others' members in parts that are partitioned apart."""
        values = np.append(self._values, np.zeros(len(self._columns) - len(self._values)))
        sure, parts = parts_of(self._cover, self._columns, values)
        found = []
        for members in parts:
            if len(members) <= PART:
                found.append(members)
                continue
            inside = small_cover(self._cover, members)
            pieces = split(inside, None, PART, np.random.default_rng(len(members)))
            found += [members[piece] for piece in fitting(inside, pieces)]
        return sure, found

    def links(self, prices: FloatArray) -> Links:
        """The known groups that tie members to one another by prices that hold."""
        known = join([self._columns, self._pool], self._cover).distinct()
        return Links.of(known, prices / self._unit)


def near_groups(cover: Cover, near: int, most: int) -> Columns:
    """Allowed groups of a member and some of its `near` nearest, at most `most` a member and size.

    Like `near_columns`, without a table of all pairs.
    """
    n, reach = cover.n, min(near, cover.n - 1)
    every = np.arange(n)
    picks = {}
    for size in cover.sizes:
        among = reach
        while among > size - 1 and comb(among, size - 1) > most:
            among -= 1
        if 1 < size <= among + 1:
            chosen = np.array(list(combinations(range(1, among + 1), size - 1)))
            picks[size] = np.column_stack([np.zeros(len(chosen), dtype=np.int64), chosen])
    groups: dict[int, list[IntArray]] = {size: [] for size in picks}
    costs: dict[int, list[FloatArray]] = {size: [] for size in picks}
    for start in range(0, n, CORE):
        rows = every[start : start + CORE]
        table = cover.distances.block(rows, every)
        table[np.arange(len(rows)), rows] = -1.0
        nearest = np.argpartition(table, reach, axis=1)[:, : reach + 1]
        order = np.argsort(np.take_along_axis(table, nearest, axis=1), axis=1, kind="stable")
        nearest = np.take_along_axis(nearest, order, axis=1)
        for around in nearest:
            inside = cover.distances.block(around, around)
            for size, chosen in picks.items():
                total = np.zeros(len(chosen))
                for one, other in combinations(range(size), 2):
                    total += inside[chosen[:, one], chosen[:, other]]
                groups[size].append(around[chosen])
                costs[size].append(cover.scale[size] * total)
    parts = []
    if cover.smallest == 1:
        parts.append(pad(cover, every[:, None], cover.beyond(every[:, None])))
    for size in picks:
        listed = pad(cover, np.concatenate(groups[size]), np.concatenate(costs[size])).distinct()
        plain = listed.groups[:, :size]
        ok = cover.permits(plain)
        plain = plain[ok]
        parts.append(pad(cover, plain, listed.costs[ok] + cover.beyond(plain)))
    return join(parts, cover)
