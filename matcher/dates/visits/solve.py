"""Study visits as a flow: the most visitors with a host, most of the aims met, the fewest hours, exactly.

Each visitor goes to one host or none, each host takes some: an assignment, solved in milliseconds
also for hundreds, so that a page may ask for it.
"""

import numpy as np

from matcher.dates.visits.problem import (
    Pair,
    Pairing,
    VisitProblem,
    missed_weight,
    seen,
    told_apart,
    worth,
)
from matcher.flow import choose
from matcher.proof import Proof


def pair_visits(problem: VisitProblem) -> Pairing:
    """Pair visitors with hosts; leaving everybody out is always possible, so never infeasible."""
    shape = (len(problem.visitors), len(problem.hosts))
    apart = told_apart(problem)
    cost = np.full(shape, -1, dtype=np.int64)
    missed = np.zeros(shape, dtype=np.int64)
    # A minute is worth more than all there is to see.
    minute = 1 + sum(len(visitor.wants) for visitor in problem.visitors)
    for row, visitor in enumerate(problem.visitors):
        for column, host in enumerate(problem.hosts):
            if (visitor.id, host.id) in apart:
                there = apart[visitor.id, host.id] * minute
                cost[row, column] = max(0, there - seen(visitor, host))
                missed[row, column] = missed_weight(visitor, host)
    if cost.size == 0:
        return _pairing(problem, ())
    # An aim met is worth more than all journeys together, and a visit more than all aims.
    aim = 1 + len(problem.visitors) * int(cost.max(initial=0))
    visit = (1 + len(problem.visitors) * int(missed.max(initial=0))) * aim
    sent = choose(
        np.where(cost >= 0, visit - aim * missed - cost, 0),
        np.ones(len(problem.visitors), dtype=np.int64),
        np.array([host.capacity for host in problem.hosts], dtype=np.int64),
    )
    places = np.argwhere(sent > 0).tolist()
    pairs = tuple((problem.visitors[row].id, problem.hosts[column].id) for row, column in places)
    return _pairing(problem, pairs)


def _pairing(problem: VisitProblem, pairs: tuple[Pair, ...]) -> Pairing:
    return Pairing(pairs, *map(_proven, worth(problem, pairs)))


def _proven(objective: int) -> Proof:
    return Proof(float(objective), float(objective))
