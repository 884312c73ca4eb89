"""Every group that prices overrate, over all members, a block of pairs at a time and never a table of all pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import completable, lightest_halves
from matcher.groups.cover.problem import BoolArray, Cover, Cut, FloatArray, IntArray

# Weights looked at together, and sets.
_CELLS, _SETS = 1_500_000, 4_000
_FAR = 1e18


@dataclass(frozen=True, slots=True)
class Relief:
    """What cuts add to pair weights, as sparse entries: see `Prices.weights`."""

    one: IntArray
    other: IntArray
    weight: FloatArray

    @staticmethod
    def of(cuts: tuple[Cut, ...]) -> Relief:
        """Spread the cuts' prices over their pairs, each pair both ways."""
        entries = [
            (one, other, cut.relief)
            for cut in cuts
            if cut.relief
            for one in cut.members
            for other in cut.members
            if one != other
        ]
        table = np.array(entries, dtype=np.float64).reshape(-1, 3)
        order = np.argsort(table[:, 0], kind="stable")
        table = table[order]
        return Relief(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])

    def add(self, table: FloatArray, rows: IntArray, others: IntArray) -> None:
        """Add to a table of weights of some members (rising) with others (rising)."""
        if not len(self.one) or not table.size:
            return
        place = np.minimum(np.searchsorted(rows, self.one), len(rows) - 1)
        column = np.minimum(np.searchsorted(others, self.other), len(others) - 1)
        here = (rows[place] == self.one) & (others[column] == self.other)
        np.add.at(table, (place[here], column[here]), self.weight[here])


@dataclass(frozen=True, slots=True)
class Overrated:
    """Lists the groups of one size with a negative reduced cost, by their lightest pair.

    duals: a price for every member. cuts: subset-row cuts in the whole problem's numbers. lightest: what
    `halves` gives of every member for the size that is listed, which ends chains early; None does without.
    """

    cover: Cover
    duals: FloatArray
    cuts: tuple[Cut, ...] = ()
    lightest: FloatArray | None = None
    relief: Relief = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "relief", Relief.of(self.cuts))

    def listed(
        self, block: IntArray, size: int, cap: int, keep_going: Callable[[], bool]
    ) -> tuple[IntArray, FloatArray] | None:
        """List the allowed groups of `size` whose chain begins at a member of the block (rising).

        Returns groups and reduced costs; None when over `cap` or out of time.
        """
        groups = self.chained(block, size, cap, keep_going)
        return None if groups is None else self.overrated(*groups)

    def chained(
        self, block: IntArray, size: int, cap: int, keep_going: Callable[[], bool]
    ) -> tuple[IntArray, FloatArray] | None:
        """List the groups of `size` with pair weights under 0, whose chain begins at a member of the block.

        Each group has one chain of lightest subsets (see `pricing.list_groups`), down to a pair; it
        belongs to the block of the pair's lower member, so that blocks that hold every member once
        list every group. Returns groups and weights; None when over `cap` or out of time.
        """
        groups, weights = self._pairs(block, size)
        slack = 1e-12 * (1.0 + float(np.abs(weights).max(initial=0.0)))
        stars = np.stack([weights, weights], axis=1)
        for _ in range(3, size + 1):
            grown = self._grown(groups, weights, stars, size, slack, cap, keep_going)
            if grown is None:
                return None
            groups, weights, stars = grown
        below = weights < 0.0
        return groups[below], weights[below]

    def lengthened(
        self, sets: IntArray, cap: int, keep_going: Callable[[], bool]
    ) -> tuple[IntArray, FloatArray] | None:
        """List the groups of one member more than `sets` that hold one of those with pair weights under 0, and have such.

        Where the smallest sizes decide (`Cover.smallest_decide`), every such group holds a smaller one: cuts
        only add pairs that weigh more than nothing. None when over `cap` or out of time.
        """
        held = sets.shape[1]
        parts: list[tuple[IntArray, FloatArray]] = []
        count = 0
        for start in range(0, len(sets), _SETS):
            part = sets[start : start + _SETS]
            part = part[self._inside(part, held) < 0.0]
            base = self._inside(part, held + 1)
            rows, place = np.unique(part, return_inverse=True)
            place = place.reshape(part.shape)
            limit = -float(base.min(initial=0.0)) / held
            columns, table, _ = self._reached(rows, held + 1, limit)
            step = max(1, _CELLS // max(1, len(columns)))
            for begin in range(0, len(part), step):
                if count > cap or not keep_going():
                    return None
                star = _stars(table, place[begin : begin + step])
                row, added = np.nonzero(star < -base[begin : begin + step, None])
                count += len(row)
                joined = np.column_stack([part[begin + row], columns[added]])
                parts.append((np.sort(joined, axis=1), base[begin + row] + star[row, added]))
        if not parts:
            return np.empty((0, held + 1), dtype=np.int64), np.empty(0)
        groups, weights = (np.concatenate([part[item] for part in parts]) for item in range(2))
        once = _first_of_each(groups)
        return groups[once], weights[once]

    def _inside(self, sets: IntArray, size: int) -> FloatArray:
        """What each set's pairs weigh in groups of a size."""
        rows, place = np.unique(sets, return_inverse=True)
        place = place.reshape(sets.shape)
        table = self.weights(rows, size, rows)
        total = np.zeros(len(sets))
        for one, other in combinations(range(sets.shape[1]), 2):
            total += table[place[:, one], place[:, other]]
        return total

    def overrated(self, groups: IntArray, weights: FloatArray) -> tuple[IntArray, FloatArray]:
        """Of groups with pair weights under 0, the allowed ones whose reduced cost is, and that cost."""
        if self.cover.allowed is not None:
            fits = self.cover.permits(groups)
            groups, weights = groups[fits], weights[fits]
        reduced = weights + self._surplus(groups) + self.cover.beyond(groups)
        below = reduced < 0.0
        return groups[below], reduced[below]

    def weights(self, rows: IntArray, size: int, others: IntArray | None = None) -> FloatArray:
        """Pair weights of some members (rising) with all, or with some (rising); no member with itself."""
        cover = self.cover
        others = np.arange(cover.n) if others is None else others
        share = self.duals / (size - 1)
        table = cover.scale[size] * cover.distances.block(rows, others)
        if cover.extra is not None:
            table = table + cover.extra[np.ix_(rows, others)]
        table -= share[rows][:, None]
        table -= share[others][None, :]
        self.relief.add(table, rows, others)
        table[rows[:, None] == others[None, :]] = _FAR
        return np.asarray(table, dtype=np.float64)

    def halves(self, block: IntArray, size: int) -> FloatArray:
        """Half of the sum of the 1 to size - 2 lightest weights of a block's members (rising), for `lightest`."""
        most = min(size - 2, self.cover.n)
        step = max(1, _CELLS // self.cover.n)
        parts = [
            lightest_halves(self.weights(block[start : start + step], size), most)
            for start in range(0, len(block), step)
        ]
        return np.concatenate(parts)

    def _pairs(self, block: IntArray, size: int) -> tuple[IntArray, FloatArray]:
        step = max(1, _CELLS // self.cover.n)
        groups, weights = [], []
        for start in range(0, len(block), step):
            rows = block[start : start + step]
            table = self.weights(rows, size)
            first, second = np.nonzero(table < 0.0)
            after = second > rows[first]
            groups.append(np.stack([rows[first], second], axis=1)[after])
            weights.append(table[first, second][after])
        return np.concatenate(groups), np.concatenate(weights)

    def _grown(
        self,
        groups: IntArray,
        weights: FloatArray,
        stars: FloatArray,
        size: int,
        slack: float,
        cap: int,
        keep_going: Callable[[], bool],
    ) -> tuple[IntArray, FloatArray, FloatArray] | None:
        """Add to each set the members that keep it negative and have the largest star in it."""
        held = groups.shape[1]
        parts: list[tuple[IntArray, FloatArray, FloatArray]] = []
        count = 0
        # The lightest first: those beyond reach of a light set need not be looked at for others.
        order = np.argsort(weights, kind="stable")
        for start in range(0, len(order), _SETS):
            part = order[start : start + _SETS]
            rows, place = np.unique(groups[part], return_inverse=True)
            place = place.reshape(len(part), held)
            # A new member's star is over `held` pairs, and with the set's weight under the limit.
            limit = (slack - float(weights[part[0]])) / held
            columns, table, nearest = self._reached(rows, size, limit)
            after = size - held - 1 if self.lightest is not None else 0
            light = self._least_besides(columns, held * nearest, after)
            step = max(1, _CELLS // max(1, len(columns)))
            for begin in range(0, len(part), step):
                if count > cap or not keep_going():
                    return None
                some = part[begin : begin + step]
                near = (place[begin : begin + step], columns, table)
                found = _added(groups[some], weights[some], stars[some], near, light, after, slack)
                count += len(found[1])
                parts.append(found)
        if not parts:
            empty = np.empty((0, held + 1))
            return empty.astype(np.int64), np.empty(0), empty
        joined, total, inside = (
            np.concatenate([part[item] for part in parts]) for item in range(3)
        )
        turn = np.argsort(joined, axis=1)
        joined = np.take_along_axis(joined, turn, axis=1)
        inside = np.take_along_axis(inside, turn, axis=1)
        once = _first_of_each(joined)
        return joined[once], total[once], inside[once]

    def _least_besides(
        self, columns: IntArray, star: FloatArray, after: int
    ) -> tuple[FloatArray, FloatArray]:
        """What members share with `after` others at least; and what the lightest of all else do with their stars.

        columns: members whose stars are known. star: a bound on every member's.
        """
        if not after or self.lightest is None:
            return np.empty(0), np.empty(0)
        light = self.lightest[:, after - 1]
        others = star + light
        others[columns] = np.inf
        most = min(after + 1, len(others))
        return light[columns], np.partition(others, most - 1)[:most]

    def _reached(
        self, rows: IntArray, size: int, limit: float
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return the members that weigh under a limit with any of some, those weights, and each one's least."""
        n = self.cover.n
        nearest = np.full(n, np.inf)
        step = max(1, _CELLS // n)
        for start in range(0, len(rows), step):
            some = self.weights(rows[start : start + step], size)
            np.minimum(nearest, some.min(0), out=nearest)
        columns = np.flatnonzero(nearest <= limit)
        return columns, self.weights(rows, size, columns), nearest

    def _surplus(self, groups: IntArray) -> FloatArray:
        """What the cuts charge groups beyond their relief."""
        if not self.cuts or not len(groups):
            return np.zeros(len(groups))
        inside = np.unique(groups)
        held = np.zeros(self.cover.n, dtype=np.bool_)
        held[inside] = True
        near = tuple(cut for cut in self.cuts if held[list(cut.members)].sum() > 1)
        if not near:
            return np.zeros(len(groups))
        every = np.unique(np.concatenate([inside, *(np.array(cut.members) for cut in near)]))
        local = tuple(
            replace(cut, members=tuple(np.searchsorted(every, cut.members).tolist()))
            for cut in near
        )
        return Prices(self.duals[every], local).surplus(np.searchsorted(every, groups))


def _added(
    sets: IntArray,
    base: FloatArray,
    inner: FloatArray,
    near: tuple[IntArray, IntArray, FloatArray],
    light: tuple[FloatArray, FloatArray],
    after: int,
    slack: float,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Sets with each member added that keeps them negative, leaves room for those after, and has the largest star."""
    place, columns, table = near
    held = sets.shape[1]
    star = _stars(table, place)
    row, added = completable(star, slack - base, slack - base, after, *light)
    reach = star[row, added]
    ok: BoolArray = np.ones(len(row), dtype=np.bool_)
    grown = np.empty((len(row), held + 1))
    for position in range(held):
        grown[:, position] = inner[row, position] + table[place[row, position], added]
        ok &= grown[:, position] <= reach + slack
    grown[:, held] = reach
    row, added, reach, grown = row[ok], added[ok], reach[ok], grown[ok]
    joined = np.concatenate([sets[row], columns[added][:, None]], axis=1)
    return joined, base[row] + reach, grown


def _stars(table: FloatArray, place: IntArray) -> FloatArray:
    """What each column of a table weighs with sets of its rows, sets x columns."""
    star = table[place[:, 0]]
    for position in range(1, place.shape[1]):
        star += table[place[:, position]]
    return star


def _first_of_each(groups: IntArray) -> IntArray:
    """Row numbers that keep one of each equal row."""
    order = np.lexsort(groups.T[::-1])
    ordered = groups[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(1)
    return np.asarray(order[fresh], dtype=np.int64)
