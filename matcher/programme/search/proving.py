"""A bound where a slot holds too many sets of topics to list: the best mix of those worth looking at, proven.

Prices are found on sets that a narrow search grows (column generation); then all that could grant more over
them than a limit are grown, and where none is left the limit is proven, from a wide one to closer ones. Each set
that is left stands in one slot at most.
"""

from collections.abc import Callable, Iterator

import numpy as np

from matcher.programme.search.demand import Demand, Numbers
from matcher.programme.search.grown_sets import Grown, GrownSets
from matcher.programme.search.rooted import RootedSets
from matcher.programme.search.slot_sets import WEIGHT_OF_KNOWN, Mix

# Parts of each size that a narrow search keeps; each time nothing new comes twice as many, up to so many.
_NARROW, _WIDE = 100, 400
_TAKEN_AT_ONCE = 200
# A quarter of the sets taken in are the best, whatever is in them.
_BEST_SHARE = 0.25
# Limits above what is expected, as shares of it, and the parts of one size that are kept at most.
_LIMITS = tuple(0.08 * 0.6**step for step in range(16))
_MOST_PARTS = 1_000_000
_SAMPLES = 300


def proven_bounds(
    demand: Demand, slots: int, rooms: int, keep_going: Callable[[], bool]
) -> Iterator[float]:
    """Yield ever closer bounds as they are proven, while there is time."""
    prices = _Prices(demand, slots, rooms, keep_going)
    sets = RootedSets(demand, rooms, _MOST_PARTS, keep_going)
    for share in _LIMITS:
        while True:
            limit = prices.limit(share)
            above = sets.above(prices.known, limit)
            if above is None:
                return
            yield most_granted(demand, prices.known, slots, limit, above)
            if not above:
                break
            # The narrow search missed them.
            prices.settle(above)


def most_granted(
    demand: Demand, prices: Numbers, slots: int, limit: float, above: list[tuple[int, ...]]
) -> float:
    """Return what a timetable grants at most when all sets but some grant no more than a limit over the prices.

    above: those that grant more, each of which stands in one slot at most, as its topics do. limit: at least 0.
    """
    over = sorted(
        (demand.value(one) - prices[list(one)].sum() - limit for one in above), reverse=True
    )
    return float(prices.sum() + slots * limit + sum(over[:slots]))


class _Prices:
    """Prices of the topics at which the best sets found grant least over them."""

    def __init__(
        self, demand: Demand, slots: int, rooms: int, keep_going: Callable[[], bool]
    ) -> None:
        self._demand, self._slots = demand, slots
        self._keep_going = keep_going
        self._sets = GrownSets(demand, rooms, keep_going)
        self._mix = Mix(len(demand.rows), slots)
        self.known = _first_prices(demand, rooms)
        self.settle([], _NARROW)

    def limit(self, share: float) -> float:
        """Return what a set may grant over the prices where the bound is a share above what is expected."""
        return float((self._expected * (1 + share) - self.known.sum()) / self._slots)

    def settle(self, sets: list[tuple[int, ...]], widest: int = _WIDE) -> None:
        """Take some sets in, and those that the program over all of them calls for until nothing new comes.

        widest: parts of each size that the search for them keeps at most.

        Sets are asked for at prices between the best known and the program's own (Wentges 1997), and at
        its own before it is given up.
        """
        self._expected, parts, weight = np.inf, _NARROW, WEIGHT_OF_KNOWN
        prices = self._taken_in(sets)
        while self._keep_going():
            asked = weight * self.known + (1 - weight) * prices
            found = self._sets.best(asked, parts)
            if not len(found.gains):
                break
            # Also of the sets that the search has missed this time.
            dearest = max(float(found.gains[0]), self._mix.dearest(asked))
            expected = float(asked.sum() + self._slots * dearest)
            if expected < self._expected:
                self._expected, self.known = expected, asked
            before = self._mix.size
            prices = self._taken_in(_various(found, len(asked)))
            if self._mix.size > before:
                weight = WEIGHT_OF_KNOWN
            elif weight:
                weight = 0.0
            elif parts < widest:
                self._expected, parts = np.inf, 2 * parts
            else:
                break

    def _taken_in(self, sets: list[tuple[int, ...]]) -> Numbers:
        """Take some sets in; return the prices of the program over all so far."""
        for one in sets:
            self._mix.take(one, self._demand.value(one))
        prices = self._mix.prices() if self._mix.size else None
        return self.known if prices is None else prices


def _various(found: Grown, topics: int) -> list[tuple[int, ...]]:
    """Return some of the best sets, so that no topic is in many more of them than the others are."""
    held = np.zeros(topics + 1)
    held[topics] = np.inf
    quota = 2 * _TAKEN_AT_ONCE * found.topics.shape[1] // topics + 1
    chosen = list[tuple[int, ...]]()
    for one in found.topics:
        if len(chosen) < _BEST_SHARE * _TAKEN_AT_ONCE or held[one].min() < quota:
            held[one] += 1
            chosen.append(tuple(topic for topic in one.tolist() if topic < topics))
        if len(chosen) == _TAKEN_AT_ONCE:
            break
    return chosen


def _first_prices(demand: Demand, rooms: int) -> Numbers:
    """Return what each topic adds on the average to others drawn at random that fill a slot with it."""
    draw = np.random.default_rng(0)
    topics = len(demand.rows)
    added = np.zeros(topics)
    for _ in range(_SAMPLES):
        others = draw.permutation(topics)[: rooms - 1]
        free = ~demand.rows[others].any(axis=0)
        added += demand.rows @ (free * demand.steps)
    return np.maximum(added / _SAMPLES + demand.extra, 0.0)
