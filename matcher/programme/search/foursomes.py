"""A bound where a slot holds too many topics to look at every set: through all sets of four of them.

What a set S of topics grants is a sum over people and weights of "at least one of my topics is in S".
With n of them in S, a polynomial in the binomials of n that is at least 1 from n = 1 on (Dawson and
Sankoff 1967; Prekopa 1988) bounds that from above, and is a sum over the single topics, pairs and threes
of S. Shared among the fours that hold them, it is a sum over the fours of S. A timetable chooses so many
fours, each topic and each pair of topics in so many of them: prices for these leave the dearest fours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matcher.programme.search.bits import Words, bits_of
from matcher.programme.search.crowd import Floats
from matcher.programme.search.grid import Ints

_FOUR, _DEGREE = 4, 3
# About ten million fours: a minute's work of one core would be more.
_MOST_TOPICS = 130
# People by how many topics they wish for: few wishes allow a closer polynomial.
_CLASSES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (7, 8), (9, 10**6))
_SWEEPS, _STEPS = 30, 15
# So many times the fours of a timetable are kept in hand between two looks at all of them.
_IN_HAND, _AT_MOST = 60, 6
# A step aims at so much less than the bound has come to; it is halved where that no longer helps.
_EASE, _LEAST_EASE = 0.01, 0.002
_LEAST_GAIN = 2e-4
# What the sum of a few dozen short numbers can be off.
_ROUNDING = 1e-3


class Foursomes:
    """All fours of topics, each with its part of what the sets that hold it grant at most."""

    def __init__(
        self, worth: Floats, sizes: Ints, slots: int, rooms: int, keep_going: Callable[[], bool]
    ) -> None:
        """Work them out; `is_whole` tells whether the time sufficed.

        worth: topics x groups, hosting left out. sizes: people of each group.
        """
        missing = max(slots * rooms - len(worth), 0)
        # Nobody wishes for what stands in an empty room.
        self._worth = np.vstack([worth, np.zeros((missing, worth.shape[1]), dtype=np.float32)])
        self._sizes = sizes
        self._slots, self._rooms = slots, rooms
        self._total = len(self._worth)
        self._keep_going = keep_going
        self._pairs = np.array(
            [
                (one, other)
                for one in range(self._total)[::-1]
                for other in range(one + 1, self._total)
            ]
        )
        self.is_whole = self._fill()

    @staticmethod
    def fits(topics: int, slots: int, rooms: int) -> bool:
        """Tell whether the fours are few enough, and a slot holds one at least."""
        return rooms >= _FOUR and max(topics, slots * rooms) <= _MOST_TOPICS

    def bound(self) -> float:
        """Return the least bound found: prices made better on the fours in hand, then a look at all."""
        fours = self._slots * comb(self._rooms, _FOUR)
        # Where not every topic has a cell, one may stand nowhere: then no topic is paid for standing.
        least = 0.0 if self._total > self._slots * self._rooms else -np.inf
        prices = known = _Prices.first(self._means(), self._rooms, least)
        hand, best, ease = _Hand.empty(), np.inf, _EASE
        for sweep in range(_SWEEPS):
            if sweep and not self._keep_going():
                break
            fresh = self._dearest(prices, _IN_HAND * fours)
            found = prices.cost + fresh.most(prices, fours).sum() + fours * _ROUNDING
            if found > best * (1 - _LEAST_GAIN):
                ease /= 2
            if found < best:
                best, known = float(found), prices
            if ease < _LEAST_EASE:
                break
            hand = hand.joined(fresh, self._total, known, _AT_MOST * _IN_HAND * fours)
            prices = known.better(hand, fours, ease, self._keep_going)
        return best

    def _fill(self) -> bool:
        """Work out what each four grants; tell whether the time sufficed."""
        one, two, three = self._moments()
        share = [1 / comb(self._rooms - size, _FOUR - size) for size in (1, 2, 3)]
        one, two, three = one * share[0], two * share[1], three * share[2]
        self._blocks: list[Floats] = []
        left, right = self._pairs.T
        # What a third topic adds to a pair after it, by itself and with each of the two.
        beside = two[:, left] + two[:, right] + three[:, left, right]
        alone = one[left] + one[right] + two[left, right]
        for second in range(1, self._total - 2):
            if not self._keep_going():
                return False
            later = int((left > second).sum())
            left_, right_ = left[:later], right[:later]
            block = beside[:second, :later] + (alone[:later] + beside[second, :later])
            block += three[:second, second][:, left_]
            block += three[:second, second][:, right_]
            block += (one[:second] + one[second] + two[:second, second])[:, None]
            self._blocks.append(block)
        return True

    def _moments(self) -> tuple[Floats, Floats, Floats]:
        """Return what single topics, pairs and threes (in rising order) count for, all people together."""
        words, factors = self._bits()
        total = self._total
        one = _counts(words) @ factors[0]
        two = np.zeros((total, total), dtype=np.float32)
        three = np.zeros((total, total, total), dtype=np.float32)
        for first in range(total):
            both = words[first] & words
            two[first] = _counts(both) @ factors[1]
            for second in range(first + 1, total):
                three[first, second, second + 1 :] = (
                    _counts(both[second] & words[second + 1 :]) @ factors[2]
                )
        return one, two, three

    def _bits(self) -> tuple[Words, Floats]:
        """Return topics x words of who wishes, a class of people after the other, and the factor of each word."""
        words, factors = [], []
        levels = np.unique(self._worth[self._worth > 0])
        for level, step in zip(levels.tolist(), np.diff(levels, prepend=0).tolist(), strict=True):
            wishes = self._worth >= level
            many = wishes.sum(axis=0)
            for low, high in _CLASSES:
                some = (many >= low) & (many <= high)
                if some.any():
                    words.append(bits_of(np.repeat(wishes[:, some], self._sizes[some], axis=1)))
                    counts = np.repeat(many[some], self._sizes[some])
                    of_class = step * _polynomial(counts, self._slots, self._rooms)
                    factors.append(np.repeat(of_class[:, None], words[-1].shape[1], axis=1))
        return np.hstack(words), np.hstack(factors).astype(np.float32)

    def _means(self) -> NDArray[np.float64]:
        """Return for each topic the mean of the fours that hold it."""
        sums = np.zeros(self._total)
        left, right = self._pairs.T
        for second, block in enumerate(self._blocks, 1):
            later = block.shape[1]
            sums[:second] += block.sum(axis=1)
            of_pairs = block.sum(axis=0)
            sums[second] += of_pairs.sum()
            np.add.at(sums, left[:later], of_pairs)
            np.add.at(sums, right[:later], of_pairs)
        means: NDArray[np.float64] = sums / comb(self._total - 1, _FOUR - 1)
        return means

    def _dearest(self, prices: "_Prices", many: int) -> "_Hand":
        """Return about so many fours that grant most over the prices."""
        left, right = self._pairs.T
        topic, pair = prices.topics.astype(np.float32), prices.pairs.astype(np.float32)
        beside = pair[:, left] + pair[:, right]
        alone = topic[left] + topic[right] + pair[left, right]
        least, size = -np.inf, 0
        fours, gains, values = list[Ints](), list[Floats](), list[Floats]()
        for second in range(self._total - 3, 0, -1):
            block = self._blocks[second - 1]
            later = block.shape[1]
            over = block - beside[:second, :later]
            over -= alone[:later] + beside[second, :later]
            over -= (topic[:second] + topic[second] + pair[:second, second])[:, None]
            places = np.flatnonzero(over.reshape(-1) > least)
            first, column = np.divmod(places, later)
            here = np.full(len(first), second)
            fours.append(np.stack([first, here, left[column], right[column]], axis=1))
            gains.append(over.reshape(-1)[places])
            values.append(block.reshape(-1)[places])
            size += len(places)
            if size > 2 * many:
                every = np.concatenate(gains)
                order = np.argpartition(-every, many - 1)[:many]
                fours, gains = [np.concatenate(fours)[order]], [every[order]]
                values, size = [np.concatenate(values)[order]], many
                least = float(gains[0].min())
        return _Hand(np.concatenate(fours), np.concatenate(values).astype(np.float64))


@dataclass(frozen=True)
class _Hand:
    """Some fours, as fours x 4 topics in rising order, and what each grants."""

    fours: Ints
    values: NDArray[np.float64]

    @classmethod
    def empty(cls) -> "_Hand":
        """Return no fours."""
        return cls(np.zeros((0, _FOUR), dtype=np.int64), np.zeros(0))

    def most(self, prices: "_Prices", many: int) -> NDArray[np.float64]:
        """Return the gains of so many that grant most over the prices."""
        gains = self.values - prices.of(self.fours)
        return np.partition(gains, len(gains) - many)[len(gains) - many :]

    def joined(self, other: "_Hand", total: int, prices: "_Prices", many: int) -> "_Hand":
        """Return these and others, each once, at most so many: those that grant most over the prices."""
        fours = np.concatenate([self.fours, other.fours])
        values = np.concatenate([self.values, other.values])
        _, once = np.unique(fours @ total ** np.arange(_FOUR), return_index=True)
        hand = _Hand(fours[once], values[once])
        if len(once) <= many:
            return hand
        gains = hand.values - prices.of(hand.fours)
        kept = np.argpartition(-gains, many - 1)[:many]
        return _Hand(hand.fours[kept], hand.values[kept])


class _Prices:
    """What topics and pairs of topics cost a four that holds them; what a timetable pays for all of them."""

    def __init__(
        self, topics: NDArray[np.float64], pairs: NDArray[np.float64], rooms: int, least: float
    ) -> None:
        self.topics, self.pairs = np.maximum(topics, least), np.maximum(pairs, 0)
        self._rooms, self._least = rooms, least
        # So many fours of a timetable hold a topic, and a pair that stands in one slot.
        self._of_topic, self._of_pair = comb(rooms - 1, 3), comb(rooms - 2, 2)
        self.cost = float(self._of_topic * self.topics.sum() + self._of_pair * self.pairs.sum())

    @classmethod
    def first(cls, means: NDArray[np.float64], rooms: int, least: float) -> "_Prices":
        """Return prices at which topics are alike as far as each by itself goes."""
        return cls(means - means.mean(), np.zeros((len(means), len(means))), rooms, least)

    def of(self, fours: Ints) -> NDArray[np.float64]:
        """Return what each of some fours costs."""
        costs: NDArray[np.float64] = self.topics[fours].sum(axis=1)
        for one, other in _PAIRS:
            costs += self.pairs[fours[:, one], fours[:, other]]
        return costs

    def better(
        self, hand: _Hand, many: int, ease: float, keep_going: Callable[[], bool]
    ) -> "_Prices":
        """Return the best prices that some steps along subgradients find where these fours are all."""
        now = best = self
        least, total = np.inf, len(self.topics)
        for _ in range(_STEPS):
            if not keep_going():
                break
            gains = hand.values - now.of(hand.fours)
            taken = np.argpartition(-gains, many - 1)[:many]
            found = now.cost + gains[taken].sum()
            if found < least:
                least, best = found, now
            chosen = hand.fours[taken]
            slack = self._of_topic - np.bincount(chosen.reshape(-1), minlength=total)
            cells = np.concatenate([chosen[:, i] * total + chosen[:, j] for i, j in _PAIRS])
            held = np.bincount(cells, minlength=total * total).reshape(total, total)
            free = np.where((held > self._of_pair) | (now.pairs > 0), self._of_pair - held, 0)
            step = ease * found / (np.square(slack).sum() + np.square(free).sum() + 1)
            topics, pairs = now.topics - step * slack, now.pairs - step * free
            now = _Prices(topics, pairs, self._rooms, self._least)
        return best


_PAIRS = tuple(combinations(range(_FOUR), 2))


def _counts(words: Words) -> Floats:
    return np.bitwise_count(words).astype(np.float32)


def _polynomial(wished: Ints, slots: int, rooms: int) -> NDArray[np.float64]:
    """Return the factors of n, n over 2 and n over 3 whose sum is at least 1 for n from 1 on.

    wished: how many topics each of some people wishes for; the sum is as small as can be for them if
    topics stood anywhere.
    """
    solver = pywraplp.Solver.CreateSolver("GLOP")
    most = min(int(wished.max()), rooms)
    degree = min(_DEGREE, most)
    factors = [solver.NumVar(-solver.infinity(), solver.infinity(), "") for _ in range(degree)]
    expected = solver.Objective()
    expected.SetMinimization()
    for many in range(1, most + 1):
        chance = sum(
            comb(wish, many) * (1 / slots) ** many * (1 - 1 / slots) ** (wish - many)
            for wish in wished.tolist()
        )
        enough = solver.Constraint(1.0, solver.infinity())
        for size, factor in enumerate(factors, 1):
            enough.SetCoefficient(factor, comb(many, size))
            coefficient = expected.GetCoefficient(factor) + chance * comb(many, size)
            expected.SetCoefficient(factor, coefficient)
    solver.Solve()
    found = np.zeros(_DEGREE)
    found[:degree] = [factor.solution_value() for factor in factors]
    # The solver keeps its rows within a billionth or so: made good by the first factor.
    sums = [
        sum(comb(n, j) * found[j - 1] for j in range(1, _DEGREE + 1)) for n in range(1, most + 1)
    ]
    found[0] += max(1 - min(sums), 0.0)
    return found
