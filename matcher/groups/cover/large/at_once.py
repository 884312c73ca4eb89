"""All members priced at once: the linear relaxation over near groups, and a dive from it to a partition."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import comb
from time import perf_counter

import numpy as np
from ortools.linear_solver import pywraplp

from matcher.errors import InfeasibleError
from matcher.groups.cover.columns import Columns, best_per_member, from_few, join, pad
from matcher.groups.cover.large.bound import CORE, RunAll
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.large.region import ListTask, RegionTask, price_block, solve_region
from matcher.groups.cover.large.split import small_cover, split
from matcher.groups.cover.problem import BoolArray, Cover, FloatArray, Groups, IntArray, fits
from matcher.milp import solve_watched

# Nearest of each member whose groups are known from the start, and how many groups of a size.
NEAR, EACH_SIZE = 12, 40
# Rounds of prices at most; a group that is less over its prices than this (mean cost per member = 1) is no gain.
ROUNDS, IMPROVES = 10, -1e-3
# New groups per member and round; those per member in a step of the dive.
PER_MEMBER, IN_DIVE = 8, 30
# The part of the time left that a block's listing may take.
A_BLOCK = 4
# A round is begun when the time left is this many times what the last one took: the prices still have to be made to hold.
MARGIN = 2.5
# How near the first-order method comes: what it leaves is taken off the prices afterwards.
EXACTLY = 1e-4
# Its steps at most: some thousands do where it comes to an end at all.
STEPS = 20_000
# What leaving a member out costs, in times of what its group or the mean costs.
OUTSIDE = 20.0
# Rounds of prices in each step of a dive.
AGAIN = 4
# In a dive: groups over this are taken; else the best, one for so many members left.
LIKELY, MEMBERS_A_STEP = 0.7, 60
# Members left that branch-and-price takes over: the later a dive chooses, the worse it does.
REST = 1_200
# So many members left are priced anew in a dive.
PRICED = 3_000


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
        dear = self._pool.costs / self._pool.sizes
        # The partition's own groups come first and stay, dear or not.
        kept = best_per_member(self._pool, dear, PER_MEMBER)
        self._columns = join([self._pool.take(np.arange(len(own))), kept], cover).distinct()
        self._values = np.zeros(len(self._columns))
        self._duals = np.zeros(cover.n)

    def prices(self) -> FloatArray | None:
        """Generate groups until none is worth more than it costs; the members' prices, None when too late."""
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
            before = len(self._columns)
            self._columns = join([self._columns, *self._worth(number)], self._cover).distinct()
            took = perf_counter() - start
            if len(self._columns) == before and number:
                break
        return self._duals * self._unit if found else None

    def _worth(self, number: int) -> list[Columns]:
        """Groups that cost less than their members' prices: known ones, and after the first round any."""
        reduced = self._pool.reduced(self._duals)
        gains = np.flatnonzero(reduced < IMPROVES)
        parts = [best_per_member(self._pool.take(gains), reduced[gains], PER_MEMBER)]
        if not number:
            return parts
        cover = self._cover
        overrated = Overrated(cover, self._duals * self._unit)
        blocks = split(cover, None, CORE, np.random.default_rng(number))
        for size in cover.sizes:
            if size == 1:
                continue
            tasks = (ListTask(overrated, block, size, self._left() / A_BLOCK) for block in blocks)
            for result in self._run_all(price_block, tasks):
                if result.groups is None:
                    continue
                costs = result.reduced / self._unit
                for position in range(size):
                    costs = costs + self._duals[result.groups[:, position]]
                found = pad(cover, result.groups, costs)
                lack = result.reduced / self._unit
                parts.append(
                    best_per_member(found.take(lack < IMPROVES), lack[lack < IMPROVES], PER_MEMBER)
                )
        return parts

    def _solve(
        self, columns: Columns, members: IntArray | None = None
    ) -> tuple[FloatArray, FloatArray] | None:
        """Relax over some members (None = all): their prices (all others' 0) and the groups' shares."""
        if self._left() <= 0.0:
            return None
        every = np.arange(self._cover.n) if members is None else members
        solver = pywraplp.Solver.CreateSolver("PDLP")
        solver.SetSolverSpecificParametersAsString(
            "termination_criteria { simple_optimality_criteria { "
            f"eps_optimal_absolute: {EXACTLY} eps_optimal_relative: {EXACTLY} }} "
            f"iteration_limit: {STEPS} }} num_threads: {self._workers()}"
        )
        infinity = solver.infinity()
        goal = solver.Objective()
        goal.SetMinimization()
        rows = {member: solver.Constraint(1.0, 1.0) for member in every.tolist()}
        for member, row in rows.items():
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
        duals = np.zeros(self._cover.n)
        duals[every] = [row.dual_value() for row in rows.values()]
        return duals, values

    def dive(self, seed: int, seconds: float) -> Groups | None:
        """Take the groups that the relaxation is sure of, relax over the rest, and so on; None when that fails.

        seconds: what the exact choice for the last members may take.
        """
        cover = self._cover
        free = np.ones(cover.n + 1, dtype=np.bool_)
        taken: list[tuple[int, ...]] = []
        known = join([self._columns, self._pool], cover).distinct()
        columns, duals = self._columns, self._duals
        values = np.append(self._values, np.zeros(len(columns) - len(self._values)))
        while True:
            surest = self._surest(columns, values, free)
            if not surest:
                return None
            taken += surest
            members = np.flatnonzero(free[: cover.n])
            if len(members) <= REST:
                break
            known = known.take(np.flatnonzero(free[known.groups].all(1)))
            known = join([known, self._near_inside(members)], cover).distinct()
            columns = best_per_member(known, known.reduced(duals), IN_DIVE)
            for _ in range(AGAIN):
                solved = self._solve(columns, members)
                if solved is None:
                    return None
                duals, values = solved
                more = [self._priced_inside(members, duals)]
                reduced = known.reduced(duals)
                gains = np.flatnonzero(reduced < IMPROVES)
                more.append(best_per_member(known.take(gains), reduced[gains], PER_MEMBER))
                before = len(columns)
                columns = join([columns, *more], cover).distinct()
                if len(columns) == before:
                    break
            values = np.append(values, np.zeros(len(columns) - len(values)))
            known = join([known, columns], cover).distinct()
        while taken and not fits(cover, int(free[: cover.n].sum())):
            free[list(taken.pop())] = True
        members = np.flatnonzero(free[: cover.n])
        if not len(members):
            return tuple(taken)
        rest = self._rest(members, seconds, seed)
        return None if rest is None else (*taken, *rest)

    def _rest(self, members: IntArray, seconds: float, seed: int) -> Groups | None:
        """Partition the last members by branch-and-price."""
        part = small_cover(self._cover, members)
        try:
            rest = solve_region(RegionTask(members, part, None, seconds, seed, is_quick=False))
        except InfeasibleError:
            # With a filter, what was taken may have left members that do not go together.
            return None
        if rest.groups is None:
            return None
        return tuple(tuple(members[list(group)].tolist()) for group in rest.groups)

    def _surest(
        self, columns: Columns, values: FloatArray, free: BoolArray
    ) -> list[tuple[int, ...]]:
        """Take the likely groups, else some of the best, and strike their members off `free`."""
        order = np.argsort(-values, kind="stable")
        sure = order[values[order] > LIKELY]
        most = max(1, int(free[: columns.n].sum()) // MEMBERS_A_STEP)
        taken = []
        for group in columns.take(sure if len(sure) >= most else order[:most]).rows():
            if free[list(group)].all():
                free[list(group)] = False
                taken.append(group)
        return taken

    def _priced_inside(self, members: IntArray, duals: FloatArray) -> Columns:
        """Groups of the members left that cost less than the last prices, those fixed before being gone."""
        if len(members) > PRICED:
            return join([], self._cover)
        part = small_cover(self._cover, members)
        overrated = Overrated(part, duals[members] * self._unit)
        parts = []
        for size in part.sizes:
            if size == 1:
                continue
            task = ListTask(overrated, np.arange(len(members)), size, self._left() / A_BLOCK)
            result = price_block(task)
            if result.groups is not None:
                costs = result.reduced / self._unit
                groups = members[result.groups]
                for position in range(size):
                    costs = costs + duals[groups[:, position]]
                lack = result.reduced / self._unit
                gains = lack < IMPROVES
                found = pad(self._cover, groups[gains], costs[gains])
                parts.append(best_per_member(found, lack[gains], PER_MEMBER))
        return join(parts, self._cover)

    def _near_inside(self, members: IntArray) -> Columns:
        """Groups of the members left and their nearest among these."""
        found = near_groups(small_cover(self._cover, members), NEAR, EACH_SIZE)
        place = np.append(members, self._cover.n)
        return Columns(self._cover.n, place[found.groups], found.costs / self._unit)


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
