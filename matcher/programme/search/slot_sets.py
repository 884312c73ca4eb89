"""A bound from what one slot can hold: every set of topics side by side, mixed by a linear program."""

from dataclasses import dataclass
from itertools import chain, combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from matcher.programme.places import Places
from matcher.programme.search.crowd import Crowd, gather

SLOT_SETS = (
    "the best mix of sets of topics side by side, one set per slot and each topic in one of them,"
    " seats and excluded slots left out: valid for every timetable of this problem"
)

# So many numbers are looked at in about a second.
_MOST_NUMBERS = 4 * 10**8
_MOST_SETS = 300_000
_CHUNK = 4_096
_TAKEN_AT_ONCE = 100
_MOST_ROUNDS = 200
WEIGHT_OF_KNOWN = 0.6
_CLOSE = 1e-7


@dataclass(frozen=True)
class _Sets:
    """All sets of topics that one slot can hold, as sets x rooms, and what each is worth.

    An empty room holds the number after the last topic.
    """

    topics: NDArray[np.int64]
    values: NDArray[np.float64]

    def best(
        self, prices: NDArray[np.float64], most: int
    ) -> tuple[float, list[tuple[tuple[int, ...], float]]]:
        """Return the most that a set grants over the prices of its topics, and some of the best sets."""
        gains = self.values - np.append(prices, 0.0)[self.topics].sum(axis=1)
        wanted = np.argsort(-gains)[:most]
        found = zip(self.topics[wanted].tolist(), self.values[wanted].tolist(), strict=True)
        return max(float(gains.max(initial=0.0)), 0.0), [
            (tuple(topic for topic in one if topic < len(prices)), value) for one, value in found
        ]


def slot_set_bound(places: Places) -> float | None:
    """Return the most weight that any timetable could grant, or None where that is not known.

    A timetable is a choice of one set of topics per slot, no topic twice, as long as each topic
    runs once and in one slot. The linear program over all sets (Dantzig and Wolfe 1960) can only be
    better. Sets are taken in as its prices call for them; the bound is that of the dual, so that it
    holds whenever the solver stops.
    """
    sessions = places.problem.sessions
    slots = slots_side_by_side(places)
    if not slots:
        return None
    rooms = min(len(places.problem.rooms), len(sessions))
    crowd = gather(places, places.wishes)
    count = sum(comb(len(sessions), size) for size in range(1, rooms + 1))
    if count > _MOST_SETS or count * rooms * len(crowd.members) > _MOST_NUMBERS:
        return None
    return _mixed(_all_sets(places, crowd, rooms), len(sessions), slots)


def slots_side_by_side(places: Places) -> int:
    """Return how many slots hold a set of topics each; 0 where a topic takes more than one place in them."""
    sessions = places.problem.sessions
    if places.timeline.has_overlaps:
        return 0
    if any(session.repeats > 1 or session.duration > 1 for session in sessions):
        return 0
    return sum(slot.kind != "break" for slot in places.problem.slots)


def _all_sets(places: Places, crowd: Crowd, rooms: int) -> _Sets:
    """Return every set of at most as many topics as rooms, but those with a host in two places."""
    sessions = places.problem.sessions
    total = len(sessions)
    sets = chain.from_iterable(combinations(range(total), size) for size in range(1, rooms + 1))
    topics = np.array([(*one, *[total] * (rooms - len(one))) for one in sets], dtype=np.int64)
    clash = np.zeros((total + 1, total + 1), dtype=np.bool_)
    for one, other in combinations(range(total), 2):
        clash[one, other] = not sessions[one].hosts.isdisjoint(sessions[other].hosts)
    for left, right in combinations(range(rooms), 2):
        topics = topics[~clash[topics[:, left], topics[:, right]]]
    values = [_values(crowd, topics[low : low + _CHUNK]) for low in range(0, len(topics), _CHUNK)]
    return _Sets(topics, np.concatenate(values))


def _values(crowd: Crowd, topics: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what each set grants when everybody is here and takes the best, hosts their own."""
    nothing = np.zeros((1, crowd.worth.shape[1]), dtype=np.float32)
    worth = np.vstack([crowd.worth, nothing])
    best = worth[topics[:, 0]].copy()
    for column in range(1, topics.shape[1]):
        np.maximum(best, worth[topics[:, column]], out=best)
    best -= crowd.hosting * (best >= crowd.hosting)
    values: NDArray[np.float64] = best.astype(np.float64) @ crowd.count.max(axis=0)
    return values


class Mix:
    """The linear program of so many sets side by side, each topic in one of them at most, over the sets taken in."""

    def __init__(self, sessions: int, slots: int) -> None:
        solver = pywraplp.Solver.CreateSolver("GLOP")
        solver.Objective().SetMaximization()
        self._solver = solver
        self._of_topic = [solver.Constraint(-solver.infinity(), 1.0) for _ in range(sessions)]
        self._of_slots = solver.Constraint(-solver.infinity(), float(slots))
        self._taken = dict[tuple[int, ...], float]()

    @property
    def size(self) -> int:
        """How many sets are taken in."""
        return len(self._taken)

    @property
    def value(self) -> float:
        """What the best mix grants."""
        return float(self._solver.Objective().Value())

    def take(self, topics: tuple[int, ...], value: float) -> None:
        """Take a set in, if it is a new one."""
        if topics in self._taken:
            return
        self._taken[topics] = value
        variable = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(variable, value)
        self._of_slots.SetCoefficient(variable, 1.0)
        for topic in topics:
            self._of_topic[topic].SetCoefficient(variable, 1.0)

    def dearest(self, prices: NDArray[np.float64]) -> float:
        """Return the most that a set taken in grants over the prices of its topics."""
        costs = prices.tolist()
        return max(
            (value - sum(costs[topic] for topic in one) for one, value in self._taken.items()),
            default=-np.inf,
        )

    def prices(self) -> NDArray[np.float64] | None:
        """Return the prices of the topics in the best mix; None where the solver finds none."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return np.array([max(row.dual_value(), 0.0) for row in self._of_topic])


def _mixed(sets: _Sets, sessions: int, slots: int) -> float:
    """Solve the linear program over the sets by column generation; return the best dual bound.

    Sets are asked for at prices between the best known and the program's own, which swing less (Wentges
    1997).
    """
    mix, bound, value, weight = Mix(sessions, slots), np.inf, 0.0, 0.0
    known = prices = np.zeros(sessions)
    for _ in range(_MOST_ROUNDS):
        asked = weight * known + (1 - weight) * prices
        dearest, wanted = sets.best(asked, _TAKEN_AT_ONCE)
        found = float(asked.sum()) + slots * dearest
        if found < bound:
            bound, known = found, asked
        before = mix.size
        for one in wanted:
            mix.take(*one)
        is_fresh = mix.size > before
        if bound - value <= _CLOSE * bound or (not is_fresh and not weight):
            break
        weight = WEIGHT_OF_KNOWN if is_fresh else 0.0
        solved = mix.prices()
        if solved is None:
            break
        value, prices = mix.value, solved
    return bound
