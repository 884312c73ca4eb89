"""The step from the cheapest networks to the fairest, with what fairness costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.clock import Clock
from matcher.groups.cover.columns import Columns, from_groups, join, near_columns, pad
from matcher.groups.cover.pricing import list_groups
from matcher.groups.cover.problem import Cover, FloatArray
from matcher.groups.cover.solve import EXACT
from matcher.groups.layers.leximin import Leximin
from matcher.groups.layers.pool import build_pool, dissimilarities, pool_size
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.layer import Networks
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Fairness, Solution
from matcher.groups.rules import cost, member_costs
from matcher.proof import Proof

# More groups than these are not all listed for fairness: only those in which nobody is worse off
# than the worst off of the cheapest networks. When those are more than the second number, fewer are listed; the fairest networks among these are then found, and no level is proven.
LIST_ALL, LISTED = 400_000, 30_000
# Each try lists groups whose members are so much nearer to each other.
NEARER = 0.8
# Groups of a member and this many of its nearest are among those listed whatever they cost.
NEAR = 8


def made_fair(problem: Problem, cheapest: Solution, clock: Clock) -> Solution:
    """Return the fairest networks, the cheapest among them; the bound is that of the cheapest of all."""
    bound = cheapest.proof.lower_bound
    networks, proven, is_optimal = cheapest.networks, 0, False
    most = max((len(problem.participants(layer)) for layer in problem.layers), default=0)
    if clock.keep_going() and most <= EXACT:
        listed, is_whole = None, True
        if pool_size(problem, is_every=True) > LIST_ALL:
            listed, is_whole = _no_worse(problem, networks, clock)
        pool = build_pool(problem, listed, is_every=True)
        found = Leximin(pool, pool.encoded(networks), clock).run()
        networks = pool.decoded(found.columns)
        if is_whole:
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


def _no_worse(
    problem: Problem, networks: Networks, clock: Clock
) -> tuple[dict[int, Columns], bool]:
    """List the groups in which nobody is worse off than the worst off; tell whether that is all of them.

    Fairer networks hold no others, so that what is proven about a whole list holds for the problem.
    """
    worst = max(member_costs(problem, networks), default=0.0)
    listed: dict[int, Columns] = {}
    is_whole = True
    for place, layer in enumerate(problem.layers):
        members = problem.participants(layer)
        if not members:
            continue
        cover = cover_of(problem, layer)
        seat = {member: number for number, member in enumerate(members)}
        own = [[seat[member] for member in group] for group in networks[place]]
        parts = [from_groups(cover, own), near_columns(cover, NEAR)]
        among, limit = dissimilarities(problem, layer), worst
        while clock.keep_going():
            within = _within(cover, among, limit, LISTED // len(problem.layers), clock)
            if within is not None:
                parts.append(within)
                break
            limit *= NEARER
            is_whole = False
        else:
            is_whole = False
        listed[place] = join(parts, cover).distinct()
    return listed, is_whole


def _within(
    cover: Cover, among: FloatArray, limit: float, most: int, clock: Clock
) -> Columns | None:
    """List all allowed groups whose members' mean dissimilarities are within a limit; None if too many."""
    parts = []
    for size in cover.sizes:
        if size == 1:
            parts.append(pad(cover, np.arange(cover.n)[:, None], np.zeros(cover.n)))
            continue
        # Means within the limit add up to no more than this over the pairs.
        total = size * (size - 1) / 2 * limit * (1 + 1e-9) + 1e-9
        listing = list_groups(among, size, total, most, give_up=True, keep_going=clock.keep_going)
        if not listing.is_complete:
            return None
        groups = listing.groups[cover.permits(listing.groups)]
        parts.append(pad(cover, groups, cover.costs(groups)))
    return join(parts, cover)
