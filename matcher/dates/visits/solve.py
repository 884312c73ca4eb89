"""Study visits as a flow: first the most visitors with a host, then the fewest hours, exactly.

Each visitor goes to one host or none, each host takes some: an assignment, solved in milliseconds
also for hundreds, so that a page may ask for it.
"""

import numpy as np

from matcher.dates.visits.problem import Pairing, VisitProblem, hours_of, obstacle
from matcher.flow import choose
from matcher.proof import Proof


def pair_visits(problem: VisitProblem) -> Pairing:
    """Pair visitors with hosts; leaving everybody out is always possible, so never infeasible."""
    minutes = np.full((len(problem.visitors), len(problem.hosts)), -1, dtype=np.int64)
    for row, visitor in enumerate(problem.visitors):
        for column, host in enumerate(problem.hosts):
            if obstacle(problem, visitor, host) is None:
                minutes[row, column] = round(60.0 * hours_of(problem, visitor, host))
    if minutes.size == 0:
        return Pairing((), _proven(len(problem.visitors)), _proven(0))
    # One visit more is worth more than all journeys together.
    visit = 1 + len(problem.visitors) * int(minutes.max(initial=0))
    sent = choose(
        np.where(minutes >= 0, visit - minutes, 0),
        np.ones(len(problem.visitors), dtype=np.int64),
        np.array([host.capacity for host in problem.hosts], dtype=np.int64),
    )
    places = np.argwhere(sent > 0).tolist()
    pairs = tuple((problem.visitors[row].id, problem.hosts[column].id) for row, column in places)
    travelled = sum(int(minutes[row, column]) for row, column in places)
    return Pairing(pairs, _proven(len(problem.visitors) - len(pairs)), _proven(travelled))


def _proven(objective: int) -> Proof:
    return Proof(float(objective), float(objective))
