"""Every group that prices overrate, over all members, a block of pairs at a time and never a table of all pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from matcher.groups.cover.prices import Prices
from matcher.groups.cover.problem import BoolArray, Cover, Cut, FloatArray, IntArray

# Weights looked at together.
_CELLS = 3_000_000
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
            (one, other, cut.weight / len(cut.members))
            for cut in cuts
            for one in cut.members
            for other in cut.members
            if one != other
        ]
        table = np.array(entries, dtype=np.float64).reshape(-1, 3)
        order = np.argsort(table[:, 0], kind="stable")
        table = table[order]
        return Relief(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])

    def add(self, table: FloatArray, rows: IntArray) -> None:
        """Add to a table of weights of some members (rising) with all."""
        if not len(self.one):
            return
        place = np.minimum(np.searchsorted(rows, self.one), len(rows) - 1)
        here = rows[place] == self.one
        np.add.at(table, (place[here], self.other[here]), self.weight[here])


@dataclass(frozen=True, slots=True)
class Overrated:
    """Lists the groups of one size with a negative reduced cost, by their lightest pair.

    duals: a price for every member. cuts: subset-row cuts in the whole problem's numbers.
    """

    cover: Cover
    duals: FloatArray
    cuts: tuple[Cut, ...] = ()
    relief: Relief = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "relief", Relief.of(self.cuts))

    def listed(
        self, block: IntArray, size: int, cap: int, keep_going: Callable[[], bool]
    ) -> tuple[IntArray, FloatArray] | None:
        """List the allowed groups of `size` whose chain begins at a member of the block (rising).

        Each group has one chain of lightest subsets (see `pricing.list_groups`), down to a pair; it
        belongs to the block of the pair's lower member, so that blocks that hold every member once
        list every group. Returns groups and reduced costs; None when over `cap` or out of time.
        """
        groups, weights = self._pairs(block, size)
        slack = 1e-12 * (1.0 + float(np.abs(weights).max(initial=0.0)))
        stars = np.stack([weights, weights], axis=1)
        for _ in range(3, size + 1):
            grown = self._grown(groups, weights, stars, size, slack, cap, keep_going)
            if grown is None:
                return None
            groups, weights, stars = grown
        allowed = weights < 0.0
        groups, weights = groups[allowed], weights[allowed]
        if self.cover.allowed is not None:
            fits = self.cover.permits(groups)
            groups, weights = groups[fits], weights[fits]
        reduced = weights + self._surplus(groups) + self.cover.beyond(groups)
        below = reduced < 0.0
        return groups[below], reduced[below]

    def _weights(self, rows: IntArray, size: int) -> FloatArray:
        """Pair weights of some members (rising) with all."""
        cover = self.cover
        others = np.arange(cover.n)
        share = self.duals / (size - 1)
        table = cover.scale[size] * cover.distances.block(rows, others)
        if cover.extra is not None:
            table = table + cover.extra[np.ix_(rows, others)]
        table -= share[rows][:, None]
        table -= share[others][None, :]
        self.relief.add(table, rows)
        table[rows[:, None] == others[None, :]] = _FAR
        return np.asarray(table, dtype=np.float64)

    def _pairs(self, block: IntArray, size: int) -> tuple[IntArray, FloatArray]:
        step = max(1, _CELLS // self.cover.n)
        groups, weights = [], []
        for start in range(0, len(block), step):
            rows = block[start : start + step]
            table = self._weights(rows, size)
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
        n = self.cover.n
        start = 0
        while start < len(order):
            if count > cap or not keep_going():
                return None
            part = order[start : start + max(1, _CELLS // n)]
            start += len(part)
            rows, place = np.unique(groups[part], return_inverse=True)
            place = place.reshape(len(part), held)
            # A new member's star is over `held` pairs, and with the set's weight under the limit.
            columns, table = self._reached(rows, size, (slack - float(weights[part[0]])) / held)
            near = (place, columns, table)
            found = self._added(groups[part], weights[part], stars[part], near, slack)
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

    def _reached(self, rows: IntArray, size: int, limit: float) -> tuple[IntArray, FloatArray]:
        """Return the members that weigh under a limit with any of some, and those weights."""
        n = self.cover.n
        table = np.empty((len(rows), n))
        step = max(1, _CELLS // n)
        for start in range(0, len(rows), step):
            table[start : start + step] = self._weights(rows[start : start + step], size)
        columns = np.flatnonzero(table.min(0) <= limit)
        return columns, np.ascontiguousarray(table[:, columns])

    def _added(
        self,
        sets: IntArray,
        base: FloatArray,
        inner: FloatArray,
        near: tuple[IntArray, IntArray, FloatArray],
        slack: float,
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        place, columns, table = near
        held = sets.shape[1]
        rows_, adds_, reach_ = [], [], []
        step = max(1, _CELLS // max(1, len(columns)))
        for start in range(0, len(sets), step):
            here = place[start : start + step]
            star = table[here[:, 0]]
            for position in range(1, held):
                star = star + table[here[:, position]]
            row, added = np.nonzero(star < (slack - base[start : start + step])[:, None])
            reach_.append(star[row, added])
            rows_.append(row + start)
            adds_.append(added)
        row, added, reach = np.concatenate(rows_), np.concatenate(adds_), np.concatenate(reach_)
        ok: BoolArray = np.ones(len(row), dtype=np.bool_)
        grown = np.empty((len(row), held + 1))
        for position in range(held):
            grown[:, position] = inner[row, position] + table[place[row, position], added]
            ok &= grown[:, position] <= reach + slack
        grown[:, held] = reach
        row, added, reach, grown = row[ok], added[ok], reach[ok], grown[ok]
        joined = np.concatenate([sets[row], columns[added][:, None]], axis=1)
        return joined, base[row] + reach, grown

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
            Cut(tuple(np.searchsorted(every, cut.members).tolist()), cut.weight) for cut in near
        )
        return Prices(self.duals[every], local).surplus(np.searchsorted(every, groups))


def _first_of_each(groups: IntArray) -> IntArray:
    """Row numbers that keep one of each equal row."""
    order = np.lexsort(groups.T[::-1])
    ordered = groups[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(1)
    return np.asarray(order[fresh], dtype=np.int64)
