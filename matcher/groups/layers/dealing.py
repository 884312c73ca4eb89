"""Rounds in which no pair meets twice, dealt out by exchanges: a start where a round after the other finds no end.

The social golfers' problem: members of one network change places with those of another, the best exchange first
and none soon taken back (tabu search after Dotú and Van Hentenryck 2005), until nobody meets anybody again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from matcher.groups.model.layer import Group, Layer, Networks
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations

# Exchanges that may be tried before it is given up, for each member of each round; and how long one is not taken back.
EXCHANGES, TABU = 60, 10
# Each exchange looks at every pair in every round.
MOST_MEMBERS = 300


def dealt(problem: Problem, keep_going: Callable[[], bool], seed: int) -> Networks | None:
    """Return rounds that keep every rule; None where exchanges find none, or a rule asks for more than they heed."""
    rounds = [
        _Round(problem, place, layer)
        for place, layer in enumerate(problem.layers)
        if problem.participants(layer)
    ]
    if len(problem.members) > MOST_MEMBERS or any(one.count < 1 for one in rounds):
        return None
    deal = _Deal(problem, rounds, np.random.default_rng(seed))
    for step in range(EXCHANGES * len(problem.members) * len(rounds)):
        if not deal.repeated() or not keep_going():
            break
        deal.exchange(step)
    networks = deal.networks()
    return None if violations(problem, networks) else networks


class _Round:
    """One layer: who takes part, in how many networks, and who must not meet there."""

    def __init__(self, problem: Problem, place: int, layer: Layer) -> None:
        self.place, self.members = place, np.array(problem.participants(layer), dtype=np.int64)
        self.count = _networks_of(layer, len(self.members))
        everybody = len(problem.members)
        self.apart = np.zeros((everybody, everybody), dtype=np.int64)
        for group in layer.apart:
            for one, other in combinations(group, 2):
                self.apart[one, other] = self.apart[other, one] = 1


def _networks_of(layer: Layer, members: int) -> int:
    """Return how many networks there are: as many as can be, for the fewest pairs; 0 where none can be."""
    fewest, most = -(-members // layer.largest), members // layer.smallest
    if layer.number_of_networks is not None:
        fewest = max(fewest, layer.number_of_networks[0])
        most = min(most, layer.number_of_networks[1])
    return most if fewest <= most else 0


class _Deal:
    """Who sits where in each round, and how often each pair meets."""

    def __init__(self, problem: Problem, rounds: list[_Round], rng: np.random.Generator) -> None:
        self._rounds, self._rng = rounds, rng
        self._layers = len(problem.layers)
        count = len(problem.members)
        self._seats = [np.full(count, -1, dtype=np.int64) for _ in rounds]
        self._meets = np.zeros((count, count), dtype=np.int64)
        for seats, one in zip(self._seats, rounds, strict=True):
            seats[rng.permutation(one.members)] = np.arange(len(one.members)) % one.count
            self._meets += self._together(seats)
        self._tabu: dict[tuple[int, int, int], int] = {}
        self._fewest = np.inf

    @staticmethod
    def _together(
        seats: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Return 1 for each pair that shares a network (members x members)."""
        same = (seats[:, None] == seats[None, :]) & (seats[:, None] >= 0)
        np.fill_diagonal(same, val=False)
        return np.asarray(same, dtype=np.int64)

    def repeated(self) -> int:
        """Return how many meetings too many there are."""
        again = int(np.maximum(self._meets - 1, 0).sum()) // 2
        kept = [
            (self._together(seats) & one.apart).sum() // 2
            for seats, one in zip(self._seats, self._rounds, strict=True)
            if one.apart.any()
        ]
        return again + int(sum(kept))

    def exchange(self, step: int) -> None:
        """Let the two change places that lessen the repeats most, and were not exchanged lately."""
        now = self.repeated()
        self._fewest = min(self._fewest, now)
        best: tuple[int, int, int, int] | None = None
        for number, (seats, one) in enumerate(zip(self._seats, self._rounds, strict=True)):
            own = self._together(seats)
            met = self._meets + one.apart
            again, any_time = (met >= 2).astype(np.int64), (met >= 1).astype(np.int64)
            spared = (own * again).sum(1)
            meets = own @ any_time
            change = meets + meets.T - spared[:, None] - spared[None, :]
            # One in a meeting too many and anybody of another network.
            is_open = (seats[:, None] >= 0) & (seats[None, :] >= 0)
            is_open &= (seats[:, None] != seats[None, :]) & (spared > 0)[:, None]
            for (at, first, second), until in self._tabu.items():
                if at == number and until > step and now + change[first, second] >= self._fewest:
                    is_open[first, second] = is_open[second, first] = False
            if not is_open.any():
                continue
            least = int(change[is_open].min())
            if best is None or least < best[0]:
                ties = np.argwhere(is_open & (change == least))
                first, second = ties[int(self._rng.integers(len(ties)))].tolist()
                best = (least, number, first, second)
        if best is not None:
            self._swap(*best[1:], step)

    def _swap(self, number: int, first: int, second: int, step: int) -> None:
        seats = self._seats[number]
        self._meets -= self._together(seats)
        seats[first], seats[second] = seats[second], seats[first]
        self._meets += self._together(seats)
        until = step + TABU + int(self._rng.integers(TABU))
        pair = (number, min(first, second), max(first, second))
        self._tabu = {key: end for key, end in self._tabu.items() if end > step} | {pair: until}

    def networks(self) -> Networks:
        """Return who sits together, layer by layer."""
        found: list[tuple[Group, ...]] = [()] * self._layers
        for seats, one in zip(self._seats, self._rounds, strict=True):
            found[one.place] = tuple(
                tuple(np.flatnonzero(seats == network).tolist()) for network in range(one.count)
            )
        return tuple(found)
