"""The sets of topics that grant most over prices, grown topic by topic, and proof that there are no others.

What a part of a set counts for the whole (`estimates`) is on the average over the parts never less than what
the set grants. So of a set that grants more than a limit over the prices of its topics some part with one
topic less is estimated above it, of that part another, and so on: whoever keeps all parts above the limit
and adds every topic to each of them finds every such set. If none is left, no set grants so much.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.search.demand import Demand, Numbers
from matcher.programme.search.estimates import estimates
from matcher.programme.search.grid import Ints

Short: TypeAlias = NDArray[np.float32]
Topics: TypeAlias = NDArray[np.unsignedinteger]

# Sets of so many topics (or of all rooms, where those are fewer) are all kept in hand.
_FIRST = 3
_MOST_IN_HAND = 1_500_000
# So many columns are summed up in short numbers at once, and how much such a sum may be off.
_COLUMNS = 512
_OFF = _COLUMNS * 2.0**-23
# Parts looked at at once, and so many found that they are sorted out.
_PARTS, _TIMES = 128, 8
_WIDER, _LEAST_GAIN = 4, 1e-3
_WORD = 8
_ABOUT = 16


@dataclass(frozen=True)
class Grown:
    """Sets as sets x topics in rising order, the number after the last topic for an empty room, with their gains."""

    topics: Topics
    gains: Numbers

    @classmethod
    def none(cls, size: int, kind: np.dtype[np.unsignedinteger]) -> "Grown":
        """Return no sets of a size."""
        return cls(np.zeros((0, size), dtype=kind), np.zeros(0))

    @classmethod
    def each_once(cls, several: list["Grown"]) -> "Grown":
        """Return the sets of several, those that stand in more than one of them once."""
        topics = np.concatenate([one.topics for one in several])
        gains = np.concatenate([one.gains for one in several])
        octets = topics.view(np.uint8)
        words = np.pad(octets, ((0, 0), (0, -octets.shape[1] % _WORD))).view(np.uint64)
        order = np.lexsort(words.T)
        is_new = np.append(True, (words[order[1:]] != words[order[:-1]]).any(axis=1))[: len(order)]
        return cls(topics[order[is_new]], gains[order[is_new]])

    def best(self, most: int) -> "Grown":
        """Return so many that gain most, the best first."""
        order = np.argsort(-self.gains, kind="stable")[:most]
        return Grown(self.topics[order], self.gains[order])


class GrownSets:
    """All sets of at most as many topics as rooms, of which only those worth looking at are ever made."""

    def __init__(
        self, demand: Demand, rooms: int, keep_going: Callable[[], bool] = lambda: True
    ) -> None:
        """Estimate all sets of the first size."""
        self._demand, self.rooms = demand, rooms
        self._keep_going = keep_going
        self._empty = len(demand.rows)
        nobody = np.zeros((1, len(demand.steps)), dtype=np.bool_)
        rows = np.vstack([demand.rows, nobody])
        self._own = rows.astype(np.int16)
        self._rows = [
            np.ascontiguousarray(rows[:, low : low + _COLUMNS].T.astype(np.float32))
            for low in range(0, rows.shape[1], _COLUMNS)
        ]
        apart = np.pad(demand.apart, ((0, 1), (0, 1)))
        np.fill_diagonal(apart[:-1, :-1], val=True)
        self._apart = apart
        self._steps = demand.steps.astype(np.float32)
        self._fill_tables(rows.sum(axis=0))
        self._first = min(_FIRST, rooms)
        self._fill_hand()

    @staticmethod
    def fits(topics: int, rooms: int) -> bool:
        """Tell whether the first sets are few enough to be kept in hand."""
        first = min(_FIRST, rooms)
        return first > 1 and comb(topics + first, first) <= _MOST_IN_HAND

    def _fill_tables(self, wished: Ints) -> None:
        """Note what a column counts in a part of each size, by how many of its topics are in the part."""
        # One at least, also where nobody is left who wishes for anything.
        first, kinds = min(_FIRST, self.rooms), np.unique(np.append(wished, 1))
        length = self.rooms + 2
        self._offset = (np.searchsorted(kinds, wished) * length).astype(np.int16)
        # About so many topics: residual problems share their tables.
        about = (self._empty // _ABOUT + 1) * _ABOUT
        tables = [estimates(one, about, self.rooms, first) for one in kinds.tolist()]
        self._counts = {
            size: np.concatenate([_lengthened(table[size], length) for table in tables])
            for size in range(first, self.rooms + 1)
        }
        self._off = {size: self._rounding(size) for size in self._counts}

    def _fill_hand(self) -> None:
        """Estimate all sets of the first size: what single topics, pairs and threes count."""
        table = self._counts[self._first]
        none, one, two, three = (table[self._offset + found] for found in range(4))
        rows, steps = self._own.astype(np.float64), self._demand.steps
        alone = rows @ ((one - none) * steps)
        pairs = (rows * ((two - 2 * one + none) * steps)) @ rows.T
        total = alone[:, None] + alone + pairs + float(none @ steps)
        numbers = np.arange(self._empty + 1)
        # Several rooms may be empty.
        rises = (numbers[:, None] < numbers) | (numbers[:, None] + numbers == 2 * self._empty)
        rises &= ~self._apart
        mask = rises
        if self._first == _FIRST:
            more = (three - 3 * two + 3 * one - none) * steps
            total = total[:, :, None] + (pairs + alone)[:, None, :] + pairs
            for topic, row in enumerate(self._own[:-1]):
                some = np.flatnonzero(row)
                total[topic] += (rows[:, some] * more[some]) @ rows[:, some].T
            mask = rises[:, :, None] & rises & (~self._apart)[:, None, :]
        self._hand = np.array(np.nonzero(mask), dtype=np.min_scalar_type(self._empty))
        self._values = total[mask]

    def best(self, prices: Numbers, parts: int) -> Grown:
        """Return the best sets found when so many parts of each size are kept: not always the best there are.

        Parts are kept as long as exchanging one topic of a whole set makes the best one better.
        """
        costs = self._costs(prices)
        grown = self._from_hand(costs, -np.inf, _WIDER * parts)
        for size in range(self._first + 1, self.rooms + 1):
            grown = self._longer(grown.topics, size, costs, -np.inf, parts)
        found, best = grown.best(parts), -np.inf
        while self.rooms > self._first and found.gains.max(initial=-np.inf) > best + _LEAST_GAIN:
            best = float(found.gains[0])
            fewer = [np.delete(found.topics, column, axis=1) for column in range(self.rooms)]
            once = Grown.each_once([Grown(one, found.gains) for one in fewer])
            found = self._longer(once.topics, self.rooms, costs, -np.inf, parts)
        return found

    def above(self, prices: Numbers, limit: float, most: int) -> Grown | None:
        """Return every set that grants more than a limit over the prices of its topics.

        None where a size has so many parts above it as `most`, or the time did not suffice.
        """
        costs = self._costs(prices)
        grown = self._from_hand(costs, limit, most)
        for size in range(self._first + 1, self.rooms + 1):
            if len(grown.gains) >= most:
                return None
            grown = self._longer(grown.topics, size, costs, limit, most)
        return grown if len(grown.gains) < most and self._keep_going() else None

    def _costs(self, prices: Numbers) -> Numbers:
        return np.append(prices - self._demand.extra, 0.0)

    def _from_hand(self, costs: Numbers, limit: float, most: int) -> Grown:
        """Return the sets in hand that are above a limit, at most so many."""
        share = costs * (self.rooms / self._first)
        gains = self._values - share[self._hand].sum(axis=0)
        if len(gains) > most:
            limit = max(limit, float(np.partition(gains, len(gains) - most)[len(gains) - most]))
        some = np.flatnonzero(gains > limit - self._off[self._first])[:most]
        return Grown(self._hand[:, some].T, gains[some])

    def _longer(self, parts: Topics, size: int, costs: Numbers, limit: float, most: int) -> Grown:
        """Return the sets one topic larger than some parts that are above a limit, at most so many."""
        table = self._counts[size].astype(np.float32)
        share = costs * (self.rooms / size)
        found, fresh, waiting = Grown.none(size, parts.dtype), list[Grown](), 0
        for low in range(0, len(parts), _PARTS):
            if not self._keep_going():
                break
            some = parts[low : low + _PARTS]
            gains = self._by_one(some, table)
            gains -= share + share[some].sum(axis=1)[:, None]
            row, topic = np.nonzero(gains > limit - self._off[size])
            sets = np.column_stack([some[row], topic.astype(some.dtype)])
            fresh.append(Grown(np.sort(sets, axis=1), gains[row, topic]))
            waiting += len(row)
            if waiting > _TIMES * most or low + _PARTS >= len(parts):
                found = Grown.each_once([found, *fresh]).best(most)
                fresh, waiting = [], 0
                if len(found.gains) == most:
                    limit = max(limit, float(found.gains[-1]))
        return found

    def _by_one(self, parts: Topics, table: Short) -> Numbers:
        """Return what some parts count with each topic more; minus infinity where it may not be added."""
        places = self._own[parts[:, 0]] + self._offset
        for column in parts.T[1:]:
            places += self._own[column]
        now = np.take(table, places)
        more = (np.take(table, places + 1) - now) * self._steps
        now *= self._steps
        total = np.zeros((len(parts), self._empty + 1))
        for place, rows in enumerate(self._rows):
            total += more[:, place * _COLUMNS : (place + 1) * _COLUMNS] @ rows
        total += now.sum(axis=1, dtype=np.float64)[:, None]
        total[self._apart[parts].any(axis=1)] = -np.inf
        return total

    def _rounding(self, size: int) -> float:
        """Return how much sums of short numbers may be off for parts of a size."""
        steps = np.diff(self._counts[size].reshape(-1, self.rooms + 2), axis=1)
        largest = np.repeat(abs(steps).max(axis=1), self.rooms + 2)[self._offset] * self._steps
        return _OFF * max(float((largest @ self._own.T).max()), 1.0)


def _lengthened(table: Numbers, length: int) -> Numbers:
    return np.append(table, np.full(length - len(table), table[-1]))
