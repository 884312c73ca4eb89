"""Fairness: the members' dissimilarities, worst first, made as good as possible level by level.

A level is settled by the fewest members that must be at or above a value. The value is always the
one that the best networks so far reach, so each solve either lowers it or proves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.clock import Clock
from matcher.groups.cover.problem import BoolArray, FloatArray, IntArray
from matcher.groups.layers.choose import Chosen, Limit, choose
from matcher.groups.layers.pool import Pool

# Two dissimilarities closer than this are one level.
SAME_LEVEL = 1e-9
# A sum of such powers is led by its largest terms, so that a cheap first solve comes near leximin.
POWER = 12.0


@dataclass(frozen=True, slots=True)
class Fairest:
    """The columns chosen, and how many levels (members, worst first) are proven."""

    columns: list[int]
    proven: int
    is_total_proven: bool


class Leximin:
    """One run over a pool, from networks that are known to be possible."""

    def __init__(self, pool: Pool, start: list[int], clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._seats = len(pool.seat_of)
        self._is_seat: BoolArray = pool.seats < self._seats
        self._ranks = _ranks(pool.seat_costs, self._is_seat)
        self._best = start
        self._limits: list[Limit] = []
        self._kept = np.arange(len(pool.costs), dtype=np.int64)

    def run(self) -> Fairest:
        """Settle level after level, then the cheapest total among all fairest networks."""
        total = len(self._levels())
        self._try_powers()
        settled = 0
        while settled < total and self._clock.keep_going():
            level = self._levels()[settled]
            # The best networks so far have no more seats above this level; nor may better ones.
            self._hold(level + 1, settled)
            found = self._fewest_at(level)
            if found.columns is None or not found.is_finished:
                # Not proven, and yet it may be fairer.
                if found.columns is not None and self._is_fairer(found.columns):
                    self._best = found.columns
                break
            fewest = round(found.objective)
            self._best = found.columns
            if fewest > settled:
                self._hold(level, fewest)
                settled = fewest
        is_total_proven = settled == total and self._cheapest()
        return Fairest(self._best, settled, is_total_proven)

    def _levels(self) -> list[int]:
        """The ranks of all seats in the best networks so far, worst first."""
        ranks = self._ranks[self._best][self._is_seat[self._best]]
        return sorted(ranks.tolist(), reverse=True)

    def _at_or_above(self, level: int) -> FloatArray:
        """How many seats of each column have at least this rank; 0 for columns that are no networks."""
        counts = np.zeros(len(self._pool.costs))
        counts[: self._pool.networks] = ((self._ranks >= level) & self._is_seat).sum(1)
        return counts

    def _fewest_at(self, level: int) -> Chosen:
        return self._choose(self._at_or_above(level))

    def _hold(self, level: int, most: int) -> None:
        """Allow so many seats at or above a level from now on; drop columns with more by themselves."""
        counts = self._at_or_above(level)
        self._kept = self._kept[counts[self._kept] <= most]
        # As many seats, at a level no lower: said by the new row too.
        self._limits = [limit for limit in self._limits if limit.upper != most]
        if counts[self._kept].any():
            self._limits.append(Limit(counts, float(most)))

    def _cheapest(self) -> bool:
        found = self._choose(self._pool.costs)
        if found.columns is not None:
            self._best = found.columns
        return found.is_finished

    def _try_powers(self) -> None:
        """Begin near the end: the cheapest sum of high powers of the members' dissimilarities."""
        worst = float(self._pool.seat_costs[self._best][self._is_seat[self._best]].max(initial=0.0))
        if worst <= 0.0:
            return
        powers = np.where(self._is_seat, (self._pool.seat_costs / worst) ** POWER, 0.0).sum(1)
        costs = np.zeros(len(self._pool.costs))
        costs[: self._pool.networks] = powers
        # No networks with a worse-off member than today's worst can be fairer.
        level = self._levels()[0]
        self._kept = self._kept[self._at_or_above(level + 1)[self._kept] == 0]
        found = self._choose(costs)
        if found.columns is not None and self._is_fairer(found.columns):
            self._best = found.columns

    def _is_fairer(self, columns: list[int]) -> bool:
        before = self._levels()
        ranks = self._ranks[columns][self._is_seat[columns]]
        return sorted(ranks.tolist(), reverse=True) < before

    def _choose(self, costs: FloatArray) -> Chosen:
        inside = set(self._kept.tolist())
        hint = self._best if inside.issuperset(self._best) else None
        return choose(
            self._pool,
            self._kept,
            costs,
            seconds=self._clock.left,
            seed=self._clock.budget.seed,
            limits=tuple(self._limits),
            hint=hint,
            keep_going=self._clock.keep_going,
        )


def _ranks(costs: FloatArray, is_seat: BoolArray) -> IntArray:
    """Number the different dissimilarities from the lowest; those within 1e-9 have one number."""
    values, place = np.unique(costs[is_seat], return_inverse=True)
    steps = np.concatenate([[0], np.cumsum(np.diff(values) > SAME_LEVEL)])[: len(values)]
    ranks = np.zeros(costs.shape, dtype=np.int64)
    ranks[is_seat] = steps[place]
    return ranks
