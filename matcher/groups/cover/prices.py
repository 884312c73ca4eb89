"""Dual prices of the master: members' prices and subset-row cuts, and what they make of a group."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from matcher.groups.cover.problem import Cut, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of n members and of cuts; only cuts with a price are kept.

    members: n prices. cuts: each with its price.
    """

    members: FloatArray
    cuts: tuple[Cut, ...] = ()
    pairs: FloatArray | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Sum the prices of the cuts that each pair stands in."""
        if not self.cuts:
            return
        table = np.zeros((len(self.members), len(self.members)))
        for cut in self.cuts:
            table[np.ix_(cut.members, cut.members)] += cut.relief
        np.fill_diagonal(table, 0.0)
        object.__setattr__(self, "pairs", table)

    @property
    def total(self) -> float:
        """Right-hand sides times prices: the dual objective."""
        return float(self.members.sum()) - sum(cut.weight * cut.most for cut in self.cuts)

    def weights(self, pair_costs: FloatArray, size: int) -> FloatArray:
        """Pair weights whose sum over a group of `size` is at most its reduced cost.

        Members' prices are spread over the size - 1 pairs that a member has. Of a cut on T with
        price s, a group with c members in T pays s * floor(c / 2) >= (s / |T|) * c (c - 1) / 2,
        so that each pair in T may carry s / |T|. Where more than two members make one count, pairs carry nothing.
        """
        share = self.members / (size - 1)
        weights = pair_costs - share[:, None] - share[None, :]
        if self.pairs is not None:
            weights += self.pairs
        return weights

    def surplus(self, groups: IntArray) -> FloatArray:
        """What the cuts charge each group of one size (k x m) beyond `weights`; at least 0."""
        extra = np.zeros(len(groups))
        if not self.cuts or not len(groups) or self.pairs is None:
            return extra
        charge = self.charge(groups)
        for first, second in combinations(range(groups.shape[1]), 2):
            extra += self.pairs[groups[:, first], groups[:, second]]
        return np.asarray(np.maximum(charge - extra, 0.0), dtype=np.float64)

    def charge(self, groups: IntArray) -> FloatArray:
        """What the cuts charge each of k groups (k x width, filled with n)."""
        total = np.zeros(len(groups))
        if not self.cuts or not len(groups):
            return total
        n = len(self.members)
        triples = [cut for cut in self.cuts if len(cut.members) == 3 and cut.divisor == 2]
        longer = [cut for cut in self.cuts if len(cut.members) != 3 or cut.divisor != 2]
        if triples:
            total += _triple_charge(n, triples, groups)
        if longer:
            total += _charge_of_all(n, longer, groups)
        return total


def _triple_charge(n: int, cuts: list[Cut], groups: IntArray) -> FloatArray:
    """Charge of cuts on three members: one per pair inside, less two per whole triple inside."""
    pairs = np.zeros((n + 1, n + 1))
    keys = np.empty(len(cuts), dtype=np.int64)
    prices = np.array([cut.weight for cut in cuts])
    for number, cut in enumerate(cuts):
        a, b, c = sorted(cut.members)
        keys[number] = (a * (n + 1) + b) * (n + 1) + c
        for i, j in ((a, b), (a, c), (b, c)):
            pairs[i, j] += cut.weight
            pairs[j, i] += cut.weight
    order = np.argsort(keys)
    keys, prices = keys[order], prices[order]
    total = np.zeros(len(groups))
    width = groups.shape[1]
    for first, second in combinations(range(width), 2):
        total += pairs[groups[:, first], groups[:, second]]
    touched = np.flatnonzero(total > 0.0)
    near = np.sort(groups[touched], axis=1)
    less = np.zeros(len(touched))
    for first, second, third in combinations(range(width), 3):
        key = (near[:, first] * (n + 1) + near[:, second]) * (n + 1) + near[:, third]
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        less += np.where(keys[place] == key, prices[place], 0.0)
    total[touched] -= 2.0 * less
    return total


def _charge_of_all(n: int, cuts: list[Cut], groups: IntArray) -> FloatArray:
    """Charge of cuts of any kind; few have more than one member of a group."""
    members = np.concatenate([np.array(cut.members, dtype=np.int64) for cut in cuts])
    numbers = np.repeat(np.arange(len(cuts)), [len(cut.members) for cut in cuts])
    numbers = numbers[np.argsort(members, kind="stable")]
    degree = np.bincount(members, minlength=n + 1)
    first = np.cumsum(degree) - degree
    flat = groups.ravel()
    many = degree[flat]
    row = np.repeat(np.repeat(np.arange(len(groups)), groups.shape[1]), many)
    inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    key = np.sort(row * len(cuts) + numbers[np.repeat(first[flat], many) + inside])
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(begins, append=len(key))
    row, number = np.divmod(key[begins], len(cuts))
    weight = np.array([cut.weight for cut in cuts])
    divisor = np.array([cut.divisor for cut in cuts])
    charges = (count // divisor[number]) * weight[number]
    return np.bincount(row, charges, minlength=len(groups)).astype(np.float64, copy=False)
