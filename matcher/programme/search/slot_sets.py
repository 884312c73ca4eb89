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
_MOST_ROUNDS = 100
_EASE = 1e-6


@dataclass(frozen=True)
class _Sets:
    """All sets of topics that one slot can hold, as sets x rooms, and what each is worth.

    An empty room holds the number after the last topic.
    """

    topics: NDArray[np.int64]
    values: NDArray[np.float64]


def slot_set_bound(places: Places) -> float | None:
    """Return the most weight that any timetable could grant, or None where that is not known.

    A timetable is a choice of one set of topics per slot, no topic twice, as long as each topic
    runs once and in one slot. The linear program over all sets (Dantzig and Wolfe 1960) can only be
    better. Sets are taken in as its prices call for them; the bound is that of the dual, so that it
    holds whenever the solver stops.
    """
    sessions = places.problem.sessions
    slots = sum(slot.kind != "break" for slot in places.problem.slots)
    if not slots or places.timeline.has_overlaps:
        return None
    if any(session.repeats > 1 or session.duration > 1 for session in sessions):
        return None
    rooms = min(len(places.problem.rooms), len(sessions))
    crowd = gather(places, places.wishes)
    count = sum(comb(len(sessions), size) for size in range(1, rooms + 1))
    if count > _MOST_SETS or count * rooms * len(crowd.members) > _MOST_NUMBERS:
        return None
    return _mixed(_all_sets(places, crowd, rooms), len(sessions), slots)


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


def _mixed(sets: _Sets, sessions: int, slots: int) -> float:
    """Solve the linear program over the sets by column generation; return the best dual bound."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    goal = solver.Objective()
    goal.SetMaximization()
    of_topic = [solver.Constraint(-solver.infinity(), 1.0) for _ in range(sessions)]
    of_slots = solver.Constraint(-solver.infinity(), float(slots))
    prices = np.zeros(sessions + 1)
    bound, taken = np.inf, set()
    for _ in range(_MOST_ROUNDS):
        gains = sets.values - prices[sets.topics].sum(axis=1)
        dearest = max(float(gains.max(initial=0.0)), 0.0)
        bound = min(bound, float(prices.sum()) + slots * dearest)
        wanted = np.argsort(-gains)[:_TAKEN_AT_ONCE].tolist()
        fresh = [number for number in wanted if gains[number] > _EASE and number not in taken]
        if not fresh or (solver.NumVariables() and dearest <= of_slots.dual_value() + _EASE):
            break
        taken.update(fresh)
        for number in fresh:
            variable = solver.NumVar(0.0, solver.infinity(), "")
            goal.SetCoefficient(variable, float(sets.values[number]))
            of_slots.SetCoefficient(variable, 1.0)
            for topic in sets.topics[number].tolist():
                if topic < sessions:
                    of_topic[topic].SetCoefficient(variable, 1.0)
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            break
        prices[:sessions] = [max(row.dual_value(), 0.0) for row in of_topic]
    return bound
