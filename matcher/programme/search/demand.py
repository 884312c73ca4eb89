"""What sets of topics side by side grant at most: a count of people and weights, and a sum over topics."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matcher.programme.places import Places
from matcher.programme.search.crowd import gather

Numbers = NDArray[np.float64]

# So many sets that hold a topic say which price of its seats bounds it best.
_SAMPLES = 200


@dataclass(frozen=True)
class Demand:
    """Who wishes for what at least how much, a column for each group of equal people and weight that occurs.

    A set grants the steps of the columns that one of its topics or more is in, and the `extra` of each of
    its topics: what hosts lose who lead it instead of taking the best, and what its seats are worth.
    `rows` is topics x columns; `apart` says of topics x topics that they share a host.
    """

    rows: NDArray[np.bool_]
    steps: Numbers
    extra: Numbers
    apart: NDArray[np.bool_]

    @classmethod
    def of(cls, places: Places, slots: int) -> Self:
        """Return the demand when everybody is here in every slot, with seats priced where that is closer."""
        crowd = gather(places, places.wishes)
        sizes = crowd.count.max(axis=0).astype(np.float64)
        worth = crowd.worth.astype(np.float64)
        hosting = worth >= crowd.hosting
        wishes = worth - crowd.hosting * hosting
        seats = _seats(places)
        free = cls._priced(wishes, hosting, sizes, _apart(places), np.zeros(len(worth)), seats)
        prices = _prices_of_seats(wishes, sizes, seats, slots)
        if not prices.any():
            return free
        return cls._priced(wishes, hosting, sizes, free.apart, prices, seats)

    @classmethod
    def _priced(
        cls,
        wishes: Numbers,
        hosting: NDArray[np.bool_],
        sizes: Numbers,
        apart: NDArray[np.bool_],
        prices: Numbers,
        seats: Numbers,
    ) -> Self:
        """Whoever takes a seat that has a price is worth so much less, and each such seat so much."""
        worth = np.maximum(wishes - prices[:, None], 0)
        best = worth.max(axis=0)
        # A host counts as one who has the best, and what he or she wishes less is taken off.
        extra = ((wishes - best) * hosting) @ sizes + prices * seats
        worth = np.where(hosting, best, worth)
        rows, steps = [np.zeros((len(worth), 0), dtype=np.bool_)], [np.zeros(0)]
        below = np.zeros(worth.shape[1])
        while True:
            # The next weight of each group, all groups at once.
            level = np.where(worth > below, worth, np.inf).min(axis=0)
            some = np.isfinite(level)
            if not some.any():
                break
            rows.append(worth[:, some] >= level[some])
            steps.append((level - below)[some] * sizes[some])
            below = np.where(some, level, below)
        return cls(np.hstack(rows), np.concatenate(steps), extra, apart)

    def value(self, topics: tuple[int, ...]) -> float:
        """Return what a set grants at most."""
        some = list(topics)
        return float(self.rows[some].any(axis=0) @ self.steps + self.extra[some].sum())

    def beside(self, root: list[int], others: list[int]) -> "Demand":
        """Return what sets of some other topics grant beside a root of topics: those whom it satisfies left out."""
        left = ~self.rows[root].any(axis=0)
        rows, steps = self.rows[others][:, left], self.steps[left]
        # Who wishes for one topic only adds to what that topic grants by itself.
        wished = rows.sum(axis=0)
        alone, several = wished == 1, wished > 1
        extra = self.extra[others] + rows[:, alone] @ steps[alone]
        return Demand(rows[:, several], steps[several], extra, self.apart[np.ix_(others, others)])


def _apart(places: Places) -> NDArray[np.bool_]:
    """Return topics x topics: they share a host."""
    hosts = [session.hosts for session in places.problem.sessions]
    return np.array(
        [
            [place != column and not one.isdisjoint(other) for column, other in enumerate(hosts)]
            for place, one in enumerate(hosts)
        ],
        dtype=np.bool_,
    ).reshape(len(hosts), len(hosts))


def _seats(places: Places) -> Numbers:
    """Return the seats that the largest room of each topic leaves beside its hosts."""
    everyone = len(places.problem.people)
    rooms = [everyone if room.capacity is None else room.capacity for room in places.problem.rooms]
    possible = places.cells.any(axis=1)
    hosts = [len(session.hosts) for session in places.problem.sessions]
    most = np.where(possible, np.array(rooms, dtype=np.float64), 0.0).max(axis=1, initial=0.0)
    return np.asarray(most - np.array(hosts), dtype=np.float64)


def _prices_of_seats(wishes: Numbers, sizes: Numbers, seats: Numbers, slots: int) -> Numbers:
    """Return what a seat of each topic costs: more than nothing only where more people wish for it than fit.

    Any price gives a bound (the dual of the transportation problem); the best one is a weight that occurs.
    """
    prices = np.zeros(len(wishes))
    draw = np.random.default_rng(0)
    beside = max(len(wishes) // slots - 1, 0)
    for topic in np.flatnonzero((wishes > 0) @ sizes > seats):
        others = np.delete(np.arange(len(wishes)), topic)
        best = np.stack(
            [
                wishes[draw.permutation(others)[:beside]].max(axis=0, initial=0.0)
                for _ in range(_SAMPLES)
            ]
        )
        tried = np.unique(wishes[topic])
        most = [
            float((np.maximum(best, wishes[topic] - price) @ sizes).mean()) + price * seats[topic]
            for price in tried
        ]
        prices[topic] = tried[int(np.argmin(most))]
    return prices
