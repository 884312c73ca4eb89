"""Large-neighbourhood search whose move is an exact choice among columns, guided by reduced costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.groups.cover.columns import Columns, best_per_member, from_groups, join, pad
from matcher.groups.cover.construct import far_first, tour
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.local_search import LocalSearch
from matcher.groups.cover.partition import partition_columns
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import Listing, list_from
from matcher.groups.cover.problem import BoolArray, Cover, FloatArray, Groups, IntArray, fits

# Columns in one choice, and chains followed when listing them.
IN_CHOICE = 1_500
# Columns that each member keeps in the choice that ends a dive.
EACH = 12
CHAINS = 6_000
# Members in a neighbourhood, from the first to the widest.
NARROW, WIDE = 30, 300


@dataclass(frozen=True, slots=True)
class Move:
    """A neighbourhood: groups to partition anew, and what they cost over the bound together."""

    own: Columns
    over: float

    def replaced(self, groups: Groups, better: Groups) -> Groups | None:
        """Put better groups in the place of its own; None when those are not there any more."""
        own = set(self.own.rows())
        kept = tuple(group for group in groups if group not in own)
        return (*kept, *better) if len(groups) - len(kept) == len(own) else None


class Neighbourhoods:
    """Re-partitions of nearby groups, by a choice among the columns that could do better there.

    By the prices of the bound, an incumbent costs more than the bound by the sum of its groups'
    reduced costs. Where that sum is large there is something to gain, and only groups whose
    reduced cost is within what the neighbourhood's groups have can take part in the gain.
    """

    def __init__(self, generation: Generation, seed: int) -> None:
        self._generation = generation
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._width = float(NARROW)
        values = generation.master.values
        columns = generation.master.columns.take(np.arange(len(values)))
        self._support = columns.take(values > 1e-6)
        self._tried: set[tuple[tuple[int, ...], int, bool]] = set()
        # Whether all widths were tried around every group that has something to gain.
        self.is_exhausted = False
        self.reprice()

    def reprice(self) -> None:
        """Take the newest prices."""
        generation = self._generation
        self._prices = Prices(generation.prices.members + generation.slack, generation.prices.cuts)
        self._tried.clear()

    def propose(self, groups: Groups, busy: frozenset[tuple[int, ...]]) -> Move | None:
        """Draw a neighbourhood of groups that are not busy; None when this width is exhausted."""
        own = from_groups(self._generation.cover, groups)
        listed = own.rows()
        free = np.array([group not in busy for group in listed])
        reduced = np.maximum(self._generation.reduced(own), 1e-9)
        by_price = bool(self._rng.integers(2))
        seed = self._pick(listed, np.where(free, reduced, 0.0), by_price=by_price)
        if seed is None:
            if not busy:
                self._width *= 1.5
            self.is_exhausted = self._width > min(WIDE, 1.5 * self._generation.cover.n)
            if self.is_exhausted:
                self._width = float(NARROW)
                self._tried.clear()
            return None
        self._tried.add((listed[seed], int(self._width), by_price))
        distance = self._steps(own, seed) if by_price else self._distances(own, seed)
        inside = self._first(own, np.where(free, distance, np.inf))
        return Move(own.take(inside), float(reduced[inside].sum()))

    def _pick(self, listed: Groups, reduced: FloatArray, *, by_price: bool) -> int | None:
        """Draw a group not tried at this width, by what it costs over the bound."""
        width = int(self._width)
        fresh = np.array([(group, width, by_price) not in self._tried for group in listed])
        # A group that costs next to nothing over the bound has nothing to gain around it.
        chance = np.where(fresh & (reduced > 1e-4 * reduced.max()), reduced, 0.0)
        if not chance.any():
            return None
        return int(self._rng.choice(len(listed), p=chance / chance.sum()))

    def _distances(self, own: Columns, seed: int) -> FloatArray:
        """How far each group is from one group, itself first."""
        cover = self._generation.cover
        centre = own.groups[seed][own.groups[seed] < cover.n]
        near = np.append(cover.dense[centre].min(0), np.inf)
        distance = near[own.groups].min(1)
        distance[seed] = -1.0
        return np.asarray(distance)

    def _steps(self, own: Columns, seed: int) -> FloatArray:
        """How many of the LP solution's columns lie between each group and one group."""
        n = own.n
        steps = np.full(n + 1, np.inf)
        steps[own.groups[seed]] = 0.0
        steps[n] = np.inf
        for step in range(1, 12):
            reached = np.isfinite(steps[own.groups]).any(1)
            inside = own.groups[reached]
            steps[inside] = np.minimum(steps[inside], step - 0.5)
            steps[n] = np.inf
            if np.isfinite(steps[:n]).sum() >= self._width:
                break
            columns = self._support.groups
            linked = columns[np.isfinite(steps[columns]).any(1)]
            steps[linked] = np.minimum(steps[linked], step)
            steps[n] = np.inf
        return np.asarray(steps[own.groups].min(1))

    def _first(self, own: Columns, distance: FloatArray) -> IntArray:
        """Numbers of the groups at least distance, up to the width in members."""
        order = np.argsort(distance, kind="stable")
        order = order[np.isfinite(distance[order])]
        count = int(np.searchsorted(np.cumsum(own.sizes[order]), self._width)) + 1
        return order[: max(2, count)]

    def choose(self, move: Move, seconds: float, keep_going: Callable[[], bool]) -> Groups | None:
        """Choose anew among the columns inside a neighbourhood; None when no better.

        Reads only what does not change between two calls of `reprice`, so threads may share it.
        """
        own = move.own
        inside = np.zeros(own.n + 1, dtype=np.bool_)
        inside[own.groups] = True
        inside[own.n] = False
        listed = self.columns_inside(np.flatnonzero(inside), move.over, keep_going)
        columns = join([own, listed], self._generation.cover).distinct()
        if len(columns) <= len(own):
            return None
        chosen = choose_inside(columns, inside[: own.n], len(own), seconds, self._seed, keep_going)
        if chosen is None or chosen.costs.sum() >= own.costs.sum() * (1 - 1e-10) - 1e-12:
            return None
        return chosen.rows()

    def columns_inside(
        self, members: IntArray, over: float, keep_going: Callable[[], bool]
    ) -> Columns:
        """Columns of some members only, reduced cost within `over`, the least first."""
        found, _ = columns_inside(self._generation.cover, self._prices, members, over, keep_going)
        return found.take(np.arange(min(len(found), IN_CHOICE)))

    def dive(self, gap: float, noise: float, left: Callable[[], float]) -> Groups | None:
        """Dive from the LP's solution and choose among columns for the members then left.

        gap: what the incumbent may be above the bound. left: seconds that the choice may take.
        """
        generation = self._generation
        cover = generation.cover
        fixed = generation.dive(self._rng, noise, 60)
        if not left():
            return None
        n = fixed.n
        use = np.bincount(fixed.groups.ravel(), minlength=n + 1)[:n]
        if use.max(initial=0) > 1:
            # A column of twins taken twice stands for two groups, of which only one is named.
            return None
        fixed = _leave_enough(fixed, cover)
        free = np.ones(n + 1, dtype=np.bool_)
        free[fixed.groups] = False
        free[n] = True
        members = np.flatnonzero(free[:n])
        if not len(members):
            return fixed.rows()
        near = [generation.master.columns, generation.pool]
        near = [columns.take(np.flatnonzero(free[columns.groups].all(1))) for columns in near]
        near.append(self.columns_inside(members, gap, generation.keep_going))
        columns = join(near, cover).distinct()
        reduced = generation.reduced(columns)
        # Far members' columns are dear by any price: each member keeps some of its best.
        best = best_per_member(columns, reduced, EACH)
        cheap = columns.take(np.argsort(reduced, kind="stable")[:IN_CHOICE])
        # With a filter a quick way may make forbidden groups: then the columns must do alone.
        quick = self._construct(members) if cover.allowed is None else ()
        own = from_groups(cover, quick)
        columns = join([own, best, cheap], cover).distinct()
        rest = choose_inside(columns, free[:n], len(own), left(), self._seed, generation.keep_going)
        if rest is None and not quick:
            return None
        return (*fixed.rows(), *(quick if rest is None else rest.rows()))

    def _construct(self, members: IntArray) -> Groups:
        """Partition some members by the quick ways alone."""
        cover = self._generation.cover.restricted(members)
        found: list[Groups] = []
        for way in (far_first, tour):
            search = LocalSearch(cover, way(cover, self._rng))
            search.run(self._generation.keep_going)
            found.append(search.groups)
        best = min(found, key=cover.objective)
        return tuple(tuple(members[list(group)].tolist()) for group in best)


def columns_inside(
    cover: Cover,
    prices: Prices,
    members: IntArray,
    over: float,
    keep_going: Callable[[], bool],
    chains: int | None = None,
) -> tuple[Columns, FloatArray]:
    """Columns of some members only with a reduced cost within `over`, the least first, and that cost.

    Where too many are within, fewer are asked for; where wild prices put too many below nothing
    at all, the lightest are listed.
    """
    most = CHAINS if chains is None else chains
    place = np.ix_(members, members)
    inner = Prices(prices.members[members])
    parts = []
    smaller: Listing | None = None
    for size in cover.sizes:
        if size == 1 or size > len(members):
            continue
        costs = cover.scale[size] * cover.dense[place]
        if cover.extra is not None:
            costs = costs + cover.extra[place]
        if prices.pairs is not None:
            costs = costs + prices.pairs[place]
        weights = inner.weights(costs, size)
        if smaller is None:
            limit = over + 1e-9
        listing = list_from(smaller, weights, size, limit, most, give_up=True)
        while not listing.is_complete and keep_going():
            limit /= 2.0
            is_least = limit < 1e-9
            listing = list_from(smaller, weights, size, limit, most, give_up=not is_least)
            if is_least:
                break
        if cover.smallest_decide:
            # Larger groups within a limit hold a smaller one within it.
            smaller = listing
        groups = members[listing.groups]
        groups = groups[cover.permits(groups)]
        parts.append(pad(cover, groups, cover.costs(groups)))
    columns = join(parts, cover)
    reduced = columns.reduced(prices.members) + prices.charge(columns.groups)
    order = np.argsort(reduced, kind="stable")
    order = order[reduced[order] <= over + 1e-9]
    return columns.take(order), reduced[order]


def _leave_enough(fixed: Columns, cover: Cover) -> Columns:
    """Drop the last columns until the members outside can be partitioned by size."""
    kept = len(fixed)
    covered = np.concatenate([[0], np.cumsum(fixed.sizes)])
    while kept and not fits(cover, int(cover.n - covered[kept])):
        kept -= 1
    return fixed.take(np.arange(kept))


def choose_inside(
    columns: Columns,
    inside: BoolArray,
    hinted: int,
    seconds: float,
    seed: int,
    keep_going: Callable[[], bool],
    nodes: int | None = None,
) -> Columns | None:
    """Partition the members inside by columns that lie there; the first `hinted` are a solution."""
    members = np.flatnonzero(inside)
    place = np.full(columns.n + 1, len(members), dtype=np.int64)
    place[members] = np.arange(len(members))
    small = Columns(len(members), place[columns.groups], columns.costs)
    hint = None
    if hinted:
        hint = np.zeros(len(columns), dtype=np.bool_)
        hint[:hinted] = True
    choice = partition_columns(
        small, seconds=seconds, seed=seed, hint=hint, keep_going=keep_going, nodes=nodes
    )
    return None if choice.chosen is None else columns.take(np.array(choice.chosen))
