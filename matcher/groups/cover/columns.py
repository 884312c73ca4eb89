"""Columns of the set-partitioning master: candidate groups and their costs in numpy arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from matcher.groups.cover.problem import BoolArray, Cover, Cut, FloatArray, Groups, IntArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Groups of mixed sizes, k x width, members rising, short rows filled up with the number n."""

    n: int
    groups: IntArray
    costs: FloatArray

    def __len__(self) -> int:
        return len(self.costs)

    @property
    def sizes(self) -> IntArray:
        """How many members each group has."""
        return np.asarray((self.groups < self.n).sum(1), dtype=np.int64)

    def take(self, which: IntArray | BoolArray) -> Columns:
        """Some of the columns."""
        return Columns(self.n, self.groups[which], self.costs[which])

    def keys(self) -> IntArray:
        """Give each group a 64-bit key: the sum of a fixed random number per member (Zobrist 1970).

        Two different groups among a million share a key with probability under 1e-7.
        """
        return np.asarray(zobrist(self.n)[self.groups].sum(1), dtype=np.int64)

    def distinct(self) -> Columns:
        """Drop repeats, keeping first occurrences in order."""
        _, first = np.unique(self.keys(), return_index=True)
        return self.take(np.sort(first).astype(np.int64))

    def reduced(self, duals: FloatArray) -> FloatArray:
        """Cost minus the members' prices (n of them), cuts not counted."""
        priced = np.append(duals, 0.0)
        total = self.costs.copy()
        for position in range(self.groups.shape[1]):
            total -= priced[self.groups[:, position]]
        return total

    def times(self, cut: Cut) -> IntArray:
        """How often each group counts in a cut."""
        inside = np.zeros(self.n + 1, dtype=np.int64)
        inside[list(cut.members)] = 1
        return np.asarray(inside[self.groups].sum(1) // cut.divisor, dtype=np.int64)

    def rows(self) -> Groups:
        """Plain tuples of members."""
        return tuple(
            tuple(int(member) for member in row if member < self.n) for row in self.groups.tolist()
        )


def zobrist(n: int) -> IntArray:
    """Give each of n members, and the filler n, its fixed random 64-bit number; the filler's is 0."""
    bits = np.random.default_rng(20080229).integers(
        np.iinfo(np.int64).min, np.iinfo(np.int64).max, n + 1, dtype=np.int64
    )
    bits[n] = 0
    return bits


def pad(cover: Cover, groups: IntArray, costs: FloatArray) -> Columns:
    """Columns from k groups of one size (k x m)."""
    width = max(cover.sizes, default=1)
    filled = np.full((len(groups), width), cover.n, dtype=np.int64)
    filled[:, : groups.shape[1]] = np.sort(groups, axis=1)
    return Columns(cover.n, filled, costs)


def join(parts: Iterable[Columns], cover: Cover) -> Columns:
    """One set of columns from several."""
    kept = [part for part in parts if len(part)]
    if not kept:
        width = max(cover.sizes, default=1)
        return Columns(cover.n, np.empty((0, width), dtype=np.int64), np.empty(0))
    return Columns(
        cover.n,
        np.concatenate([part.groups for part in kept]),
        np.concatenate([part.costs for part in kept]),
    )


def from_groups(cover: Cover, groups: Iterable[Iterable[int]]) -> Columns:
    """Columns for plain groups, filters not looked at, in order of size."""
    by_size: dict[int, list[list[int]]] = {}
    for group in groups:
        members = sorted(int(member) for member in group)
        by_size.setdefault(len(members), []).append(members)
    parts = []
    for _, rows in sorted(by_size.items()):
        array = np.array(rows, dtype=np.int64)
        parts.append(pad(cover, array, cover.costs(array)))
    return join(parts, cover)


def from_few(cover: Cover, groups: Iterable[Iterable[int]]) -> Columns:
    """Columns for the groups of one partition, without a table of all pairs, in the order given."""
    rows = [sorted(int(member) for member in group) for group in groups]
    width = max(cover.sizes, default=1)
    filled = np.full((len(rows), width), cover.n, dtype=np.int64)
    for number, row in enumerate(rows):
        filled[number, : len(row)] = row
    costs = [cover.objective((row,)) - cover.constant for row in rows]
    return Columns(cover.n, filled, np.array(costs))


def best_per_member(columns: Columns, value: FloatArray, most: int) -> Columns:
    """Columns that are among the `most` best of some member, the best first."""
    width = columns.groups.shape[1]
    members = columns.groups.ravel()
    values = np.repeat(value, width)
    order = np.lexsort((values, members))
    members = members[order]
    start = np.searchsorted(members, np.arange(columns.n + 1))
    rank = np.arange(len(members)) - start[members]
    kept = (rank < most) & (members < columns.n)
    which = np.unique(order[kept] // width)
    return columns.take(which[np.argsort(value[which], kind="stable")].astype(np.int64))


def column_count(cover: Cover) -> int:
    """How many groups of the allowed sizes there are, before any filter."""
    return sum(comb(cover.n, size) for size in cover.sizes)


def all_columns(cover: Cover) -> Columns:
    """Every allowed group with its cost; for small n only (see `column_count`)."""
    parts = []
    for size in cover.sizes:
        groups = subsets(cover.n, size)
        groups = groups[cover.permits(groups)]
        parts.append(pad(cover, groups, cover.costs(groups)))
    return join(parts, cover)


def near_columns(cover: Cover, near: int, most: int = 120) -> Columns:
    """Allowed groups of a member and some of its `near` nearest, about `most` a member and size."""
    parts = []
    if cover.smallest == 1:
        parts.append(pad(cover, np.arange(cover.n)[:, None], np.zeros(cover.n)))
    table = cover.dense.copy()
    np.fill_diagonal(table, np.inf)
    for size in cover.sizes:
        reach = min(near, cover.n - 1)
        while reach > size - 1 and comb(reach, size - 1) > most:
            reach -= 1
        if size == 1 or reach < size - 1:
            continue
        nearest = np.argpartition(table, reach - 1, axis=1)[:, :reach]
        picks = np.array(list(combinations(range(reach), size - 1)))
        members = np.repeat(np.arange(cover.n), len(picks))
        others = nearest[:, picks].reshape(-1, size - 1)
        groups = np.column_stack([members, others]).astype(np.int64)
        groups = pad(cover, groups, np.zeros(len(groups))).distinct().groups[:, :size]
        groups = groups[cover.permits(groups)]
        parts.append(pad(cover, groups, cover.costs(groups)))
    return join(parts, cover)


def subsets(n: int, size: int) -> IntArray:
    """All subsets of 0..n-1 of one size, in lexicographic order, C(n, size) x size."""
    rows = np.arange(n)[:, None]
    for _ in range(1, size):
        room = n - 1 - rows[:, -1]
        start = np.repeat(rows[:, -1] + 1 - np.cumsum(room) + room, room)
        rows = np.column_stack([np.repeat(rows, room, axis=0), start + np.arange(room.sum())])
    return np.asarray(rows, dtype=np.int64)
