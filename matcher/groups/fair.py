"""The step from the cheapest networks to the fairest, with what fairness costs."""

from __future__ import annotations

from dataclasses import replace

from matcher.groups.clock import Clock
from matcher.groups.leximin import Leximin
from matcher.groups.pool import build_pool, pool_size
from matcher.groups.problem import Problem
from matcher.groups.rules import cost, member_costs
from matcher.groups.solution import Fairness, Solution
from matcher.proof import Proof

# More groups than these are not all listed for fairness; the answer is then the cheapest one, with
# no level proven.
LIST_ALL = 400_000


def made_fair(problem: Problem, cheapest: Solution, clock: Clock) -> Solution:
    """Return the fairest networks, the cheapest among them; the bound is that of the cheapest of all."""
    bound = cheapest.proof.lower_bound
    networks, proven, is_optimal = cheapest.networks, 0, False
    if pool_size(problem) <= LIST_ALL and clock.keep_going():
        pool = build_pool(problem)
        found = Leximin(pool, pool.encoded(cheapest.networks), clock).run()
        networks = pool.decoded(found.columns)
        proven, is_optimal = found.proven, found.is_total_proven
    objective = cost(problem, networks)
    levels = member_costs(problem, networks)
    fairness = Fairness(levels, proven, _price(objective, bound))
    return replace(
        cheapest,
        networks=networks,
        proof=Proof(objective, min(bound, objective)),
        is_optimal=is_optimal and proven == len(levels),
        fairness=fairness,
    )


def _price(objective: float, bound: float) -> float | None:
    if objective == bound:
        return 1.0
    return objective / bound if bound > 0.0 else None
