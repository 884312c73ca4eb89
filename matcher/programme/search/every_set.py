"""Every set of topics that one slot can hold, each with what it grants: made of two halves, counted in bits."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from matcher.programme.search.bits import WishBits, Words
from matcher.programme.search.crowd import Floats
from matcher.programme.search.grid import Ints

# So many sets are held at most, two octets each, and so many words counted: about 20 seconds.
_MOST_SETS = 64_000_000
_MOST_WORDS = 4 * 10**9
# Of each block of sets so many first halves are looked at for sets worth taking in.
_TAKEN_OF_A_BLOCK = 8
# So many sets are counted at once, to stay in a core's own cache.
_AT_ONCE = 800
# More than the sums of a dozen short numbers below 65,536 can be off.
_ROUNDING = 0.05


@dataclass(frozen=True)
class _Half:
    """Sets of a few topics, as sets x topics, and the bits of all who wish for one of them, words x sets."""

    topics: Ints
    words: Words

    @classmethod
    def of(cls, wishes: WishBits, size: int, place: int) -> "_Half":
        """Return all sets of a size, in the order of one of their topics: the last (-1), or the first downwards (0)."""
        total = len(wishes.words)
        every = list(combinations(range(total), size))
        topics = np.array(every, dtype=np.int64).reshape(len(every), size)
        if size:
            key = topics[:, place] if place else -topics[:, place]
            topics = topics[np.argsort(key, kind="stable")]
        words = np.zeros((wishes.words.shape[1], len(topics)), dtype=np.uint64)
        for column in range(size):
            words |= wishes.words[topics[:, column]].T
        return cls(topics, words)


@dataclass(frozen=True)
class _Block:
    """What the sets grant whose first half ends with one topic: first halves x second halves."""

    first: _Half
    second: _Half
    low: int
    values: NDArray[np.uint16]

    def topics(self, row: int, column: int) -> tuple[int, ...]:
        """Return the topics of a set."""
        first, second = self.first.topics[self.low + row], self.second.topics[column]
        return (*first.tolist(), *second.tolist())


class EverySet:
    """All sets of at most as many topics as rooms, and what each grants when all who wish are here."""

    def __init__(
        self, wishes: WishBits, steps: Floats, rooms: int, keep_going: Callable[[], bool]
    ) -> None:
        """Count them; `is_whole` tells whether the time sufficed."""
        self._wishes, self._steps = wishes, steps
        self._keep_going = keep_going
        self._blocks: list[_Block] = []
        self.is_whole = all(self._count(size) for size in range(1, rooms + 1))

    @staticmethod
    def fits(wishes: WishBits, steps: Floats, rooms: int) -> bool:
        """Tell whether there are few enough sets, of whole weights that two octets hold."""
        total, width = wishes.words.shape
        sets = sum(comb(total, size) for size in range(1, rooms + 1))
        most = float(np.bitwise_count(np.bitwise_or.reduce(wishes.words, axis=0)) @ abs(steps))
        return (
            sets <= _MOST_SETS
            and sets * width <= _MOST_WORDS
            and bool((steps == np.rint(steps)).all())
            and most <= np.iinfo(np.uint16).max
        )

    def _count(self, size: int) -> bool:
        """Count all sets of a size; tell whether the time sufficed."""
        first = _Half.of(self._wishes, size - size // 2, -1)
        second = _Half.of(self._wishes, size // 2, 0)
        ends = first.topics[:, -1]
        for last in range(len(self._wishes.words)):
            if not self._keep_going():
                return False
            low, high = np.searchsorted(ends, [last, last + 1]).tolist()
            later = int((second.topics[:, 0] > last).sum()) if size > 1 else 1
            if low < high and later:
                values = self._values(first.words[:, low:high], second.words[:, :later])
                self._blocks.append(_Block(first, second, low, values))
        return True

    def _values(self, first: Words, second: Words) -> NDArray[np.uint16]:
        """Return first halves x second halves: what each set grants."""
        values = np.empty((first.shape[1], second.shape[1]), dtype=np.uint16)
        for low in range(0, second.shape[1], _AT_ONCE):
            some = np.ascontiguousarray(second[:, low : low + _AT_ONCE])
            both = np.empty_like(some)
            counts = np.empty(both.shape, dtype=np.uint8)
            numbers = np.empty(both.shape, dtype=np.float32)
            for row in range(len(values)):
                np.bitwise_or(some, first[:, row, None], out=both)
                np.bitwise_count(both, out=counts)
                np.copyto(numbers, counts)
                values[row, low : low + _AT_ONCE] = self._steps @ numbers
        return values

    def best(
        self, prices: NDArray[np.float64], most: int
    ) -> tuple[float, list[tuple[tuple[int, ...], float]]]:
        """Return the most that a set grants over the prices of its topics, and some of the best sets."""
        dearest, found = 0.0, list[tuple[float, tuple[int, ...], float]]()
        short = prices.astype(np.float32)
        for block in self._blocks:
            rows = slice(block.low, block.low + len(block.values))
            # What the first half costs is the same for a whole row.
            second = short[block.second.topics[: block.values.shape[1]]].sum(axis=1)
            gains = block.values - second
            best = gains.max(axis=1) - short[block.first.topics[rows]].sum(axis=1)
            dearest = max(dearest, float(best.max()))
            some = np.argpartition(-best, min(_TAKEN_OF_A_BLOCK, len(best)) - 1)
            for row in some[:_TAKEN_OF_A_BLOCK].tolist():
                column = int(gains[row].argmax())
                found.append(
                    (float(best[row]), block.topics(row, column), float(block.values[row, column]))
                )
        return dearest + _ROUNDING, [(topics, value) for _, topics, value in nlargest(most, found)]
