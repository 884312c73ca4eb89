"""The smallest set of wishes that cannot all hold, each as one sentence."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from matcher.errors import InfeasibleError
from matcher.groups.clock import Clock
from matcher.groups.layer import Group, Layer
from matcher.groups.pool import build_pool, pool_size
from matcher.groups.problem import Problem
from matcher.groups.program import choose
from matcher.groups.wishes import Wish, group_sentence, wishes
from matcher.proof import Budget

# More groups than these are not listed to find out which wishes can stay.
LIST_ALL = 60_000
# Seconds for leaving out wishes one by one; what is not tried by then stays in the list.
SECONDS = 20.0


def smallest_conflict(problem: Problem, error: InfeasibleError) -> InfeasibleError:
    """Explain an infeasible problem by wishes such that leaving out any one lets the others hold."""
    for layer in problem.layers:
        members = problem.participants(layer)
        if any(problem.networks_of(m) < len(problem.open_layers(m)) for m in members):
            continue  # who is left out of this layer is open
        found = _sizes(layer, len(members)) or _together_and_apart(problem, layer, members)
        if found:
            return InfeasibleError(*found)
    clock = Clock(Budget(SECONDS))
    part = next((each for each in _layers_alone(problem) if _is_impossible(each, clock)), problem)
    sizes = [
        f"sizes: networks of {size_range(layer)} for {len(part.participants(layer))} members"
        for layer in part.layers
    ]
    needed = _needed(part, clock)
    if pool_size(part) > LIST_ALL:
        return InfeasibleError(*error.conflict, *(wish.sentence for wish in needed))
    return InfeasibleError(*(wish.sentence for wish in needed), *dict.fromkeys(sizes))


def _needed(problem: Problem, clock: Clock) -> list[Wish]:
    """Leave out each wish without which the others still cannot all hold (deletion filter)."""
    needed: list[Wish] = []
    rest = list(wishes(problem))
    while rest:
        wish = rest.pop(0)
        without = wish.without(problem)
        if clock.keep_going() and _is_impossible(without, clock):
            problem = without
        else:
            needed.append(wish)
    return needed


def _layers_alone(problem: Problem) -> list[Problem]:
    """Make one problem of each layer, when there are several; limits over layers do not bind there."""
    if len(problem.layers) == 1:
        return []
    alone = []
    for layer in problem.layers:
        members = tuple(
            replace(
                member,
                opt_out=tuple(name for name in member.opt_out if name == layer.name),
                most_networks=None,
            )
            for member in problem.members
        )
        alone.append(replace(problem, members=members, layers=(layer,), repeated_pair=0.0))
    return alone


def _is_impossible(problem: Problem, clock: Clock) -> bool:
    """Tell whether surely no networks keep every rule; False where that is not known."""
    if pool_size(problem) > LIST_ALL:
        return False
    pool = build_pool(problem)
    every = np.arange(len(pool.costs))
    free = np.zeros(len(pool.costs))
    found = choose(pool, every, free, seconds=clock.left, seed=0, keep_going=clock.keep_going)
    return found.columns is None and found.is_finished


def _sizes(layer: Layer, count: int) -> list[str]:
    fewest, most = -(-count // layer.largest), count // layer.smallest
    if fewest <= most:
        return []
    members = f"{count} members" if count != 1 else "1 member"
    return [f"sizes: networks of {size_range(layer)} cannot hold exactly {members}"]


def size_range(layer: Layer) -> str:
    """Say which sizes a layer's networks may have."""
    if layer.smallest == layer.largest:
        return str(layer.smallest)
    return f"{layer.smallest} to {layer.largest}"


def _together_and_apart(problem: Problem, layer: Layer, members: Group) -> list[str]:
    """Find a contradiction in what is asked of who sits with whom, by following the wishes alone."""
    open_to = set(members)
    wishes = [tuple(m for m in group if m in open_to) for group in layer.together]
    best: list[str] = []
    for group in layer.apart:
        for first, second in combinations([m for m in group if m in open_to], 2):
            chain = _chain(wishes, first, second)
            if chain and (not best or len(chain) + 1 < len(best)):
                best = [
                    group_sentence(problem, "together", wishes[number]) for number in sorted(chain)
                ]
                best.append(group_sentence(problem, "apart", (first, second)))
    return best or _too_many_together(problem, layer, wishes)


def _chain(wishes: list[Group], first: int, second: int) -> list[int]:
    """Find the fewest wishes that tie two members together, each sharing a member with the next."""
    paths = [[number] for number, wish in enumerate(wishes) if first in wish]
    seen = {path[0] for path in paths}
    for path in paths:  # breadth first: the list grows while it is walked
        if second in wishes[path[-1]]:
            return path
        for number, wish in enumerate(wishes):
            if number not in seen and set(wish) & set(wishes[path[-1]]):
                seen.add(number)
                paths.append([*path, number])
    return []


def _too_many_together(problem: Problem, layer: Layer, wishes: list[Group]) -> list[str]:
    """Find wishes that tie more members together than a network holds, none of them superfluous."""
    for start in range(len(wishes)):
        chosen = [start]
        joined = set(wishes[start])
        for _ in wishes:
            if len(joined) > layer.largest:
                break
            more = [n for n in range(len(wishes)) if n not in chosen and joined & set(wishes[n])]
            if not more:
                break
            chosen.append(max(more, key=lambda number: len(set(wishes[number]) - joined)))
            joined |= set(wishes[chosen[-1]])
        if len(joined) > layer.largest:
            needed = _thinned(wishes, chosen, layer.largest)
            sentences = [group_sentence(problem, "together", wishes[number]) for number in needed]
            return [*sentences, f"sizes: at most {layer.largest} members in a network"]
    return []


def _thinned(wishes: list[Group], chosen: list[int], largest: int) -> list[int]:
    """Leave out each wish without which the rest still tie too many together."""
    for number in list(chosen):
        rest = [other for other in chosen if other != number]
        if max(map(len, joined_sets([wishes[other] for other in rest])), default=0) > largest:
            chosen = rest
    return chosen


def joined_sets(groups: list[Group]) -> list[set[int]]:
    """Join groups that share members."""
    joined: list[set[int]] = []
    for group in groups:
        touching = [each for each in joined if each & set(group)]
        joined = [each for each in joined if not each & set(group)]
        joined.append(set(group).union(*touching))
    return joined
