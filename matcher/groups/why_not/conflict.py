"""The smallest set of rules that cannot all hold."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from matcher.clock import Clock
from matcher.errors import InfeasibleError
from matcher.groups.layers.choose import choose
from matcher.groups.layers.pool import build_pool, pool_size
from matcher.groups.model.layer import RULES, Group, Layer
from matcher.groups.model.problem import Problem
from matcher.groups.why_not.feasible import can_be_seated, joined_sets
from matcher.groups.why_not.wishes import of_group, wishes
from matcher.hitting import fewest_that_clash
from matcher.proof import Budget
from matcher.requirement import Requirement

# More groups than these are not listed to find out which wishes can stay.
LIST_ALL = 60_000
# Seconds at most for finding the smallest set; an irreducible one comes sooner.
SECONDS = 20.0


def is_surely_impossible(problem: Problem, seconds: float) -> bool:
    """Tell whether who sits with whom, and sizes, alone rule out all networks; quick, whatever the size."""
    clock = Clock(Budget(seconds))
    if too_few_to_meet(problem):
        return True
    alone = _layers_alone(_rules_only(problem))
    return any(_can_be_seated(part, part.layers[0], clock) is False for part in alone)


def smallest_conflict(problem: Problem, seconds: float = SECONDS) -> InfeasibleError:
    """Explain an infeasible problem by the fewest rules that cannot all hold.

    Sizes are one rule of each layer, every wish as it was asked for is another. Where the time, or
    the number of networks, is too much, a set that may be larger than need be is returned.
    """
    clock = Clock(Budget(min(seconds, SECONDS)))
    problem = _rules_only(problem)
    alone = _layers_alone(problem)
    for part in alone:
        layer = part.layers[0]
        found = _sizes(layer, len(part.participants(layer)), _where(problem, layer))
        if found:
            return InfeasibleError(*found)
    clashes = [_clash(part, problem, clock) for part in alone if _is_possible(part, clock) is False]
    if clashes:
        return InfeasibleError(*min(clashes, key=len))
    return InfeasibleError(*_clash(problem, problem, clock))


def _rules_only(problem: Problem) -> Problem:
    """Take away what only costs: whether rules can hold has nothing to do with it."""
    named = {name for layer in problem.layers for rule in RULES for name in rule.attributes(layer)}
    kept = tuple(each for each in problem.attributes if each.kind == "place" or each.name in named)
    layers = tuple(
        replace(
            layer,
            weights=(),
            history=layer.history[:1] if layer.standing else (),
            stability=0.0,
            novelty=0.0,
            moved=0.0,
            expertise=0.0,
        )
        for layer in problem.layers
    )
    return replace(problem, attributes=kept, layers=layers, repeated_pair=0.0)


def _where(problem: Problem, layer: Layer) -> str:
    return layer.name if len(problem.layers) > 1 else ""


def _layers_alone(problem: Problem) -> list[Problem]:
    """Make one problem of each layer that all take part in; limits over layers do not bind there.

    Who is left out of any other layer is open, so that such a layer says nothing on its own.
    """
    alone = []
    for layer in problem.layers:
        members = problem.participants(layer)
        if any(problem.networks_of(m) < len(problem.open_layers(m)) for m in members):
            continue
        own = tuple(
            replace(
                member,
                opt_out=tuple(name for name in member.opt_out if name == layer.name),
                most_networks=None,
            )
            for member in problem.members
        )
        alone.append(replace(problem, members=own, layers=(layer,)))
    return alone


def _clash(part: Problem, whole: Problem, clock: Clock) -> list[Requirement]:
    """Return the fewest requirements, sizes among them where they are to blame."""
    where = _where(whole, part.layers[0])
    every = wishes(part, is_layer_named=len(whole.layers) > 1)

    def holds(chosen: Sequence[int]) -> bool | None:
        fewer = part
        for number, wish in enumerate(every):
            if number not in chosen:
                fewer = wish.without(fewer)
        return _is_possible(fewer, clock)

    without_sizes = _tied_and_apart(part, where) if len(part.layers) == 1 else []
    if len(without_sizes) == 2:
        return without_sizes  # sizes and one wish would be two as well
    needed = [every[n] for n in fewest_that_clash(len(every), holds, clock.keep_going)]
    asked = [wish.asked for wish in needed]
    sizes = [_sizes_of(part, layer, _where(whole, layer), asked) for layer in part.layers]
    with_sizes = [*asked, *dict.fromkeys(sizes)]
    return min([each for each in (without_sizes, with_sizes) if each], key=len)


def _is_possible(problem: Problem, clock: Clock) -> bool | None:
    """Tell whether any networks keep every rule; None where that is not known."""
    if too_few_to_meet(problem):
        return False
    if not clock.keep_going():
        return None
    alone = _layers_alone(problem)
    seated = [_can_be_seated(part, part.layers[0], clock) for part in alone]
    if False in seated:
        return False
    others = {wish.asked.rule for wish in wishes(problem)} - {"together", "apart"}
    if None not in seated and len(alone) == len(problem.layers) and not others:
        return True
    return _can_be_chosen(problem, clock)


def _can_be_chosen(problem: Problem, clock: Clock) -> bool | None:
    """Tell whether any choice among all networks keeps every rule; None where they are too many or time is out."""
    if pool_size(problem, is_every=True) > LIST_ALL:
        return None
    pool = build_pool(problem, is_every=True)
    every = np.arange(len(pool.costs))
    free = np.zeros(len(pool.costs))
    found = choose(pool, every, free, seconds=clock.left, seed=0, keep_going=clock.keep_going)
    if found.columns is not None:
        return True
    return False if found.is_finished else None


def too_few_to_meet(problem: Problem) -> bool:
    """Whether somebody would have to meet more members, each once, than there are."""
    if not problem.each_pair_once:
        return False
    for number in range(len(problem.members)):
        layers = problem.open_layers(number)
        least = sum(problem.layers[place].smallest - 1 for place in layers)
        if problem.networks_of(number) == len(layers) and least >= len(problem.members):
            return True
    return False


def _can_be_seated(problem: Problem, layer: Layer, clock: Clock) -> bool | None:
    members = set(problem.participants(layer))
    counts = [(-(-len(members) // layer.largest), len(members) // layer.smallest)]
    if layer.number_of_networks is not None:
        counts.append(layer.number_of_networks)
    if layer.leaders:
        leading = len(members.intersection(layer.leaders))
        counts.append((leading, leading))
    if max(least for least, _ in counts) > min(most for _, most in counts):
        return False

    def present(groups: tuple[Group, ...]) -> list[Group]:
        return [tuple(member for member in group if member in members) for group in groups]

    return can_be_seated(
        len(members),
        range(layer.smallest, layer.largest + 1),
        present(layer.together),
        present(layer.apart),
        clock.left,
    )


def _sizes(layer: Layer, count: int, where: str) -> list[Requirement]:
    fewest, most = -(-count // layer.largest), count // layer.smallest
    if fewest <= most:
        return []
    return [Requirement("divides", (), (layer.smallest, layer.largest, count), where)]


def _sizes_of(part: Problem, layer: Layer, where: str, asked: list[Requirement]) -> Requirement:
    if {one.rule for one in asked} == {"together"} and len(part.layers) == 1:
        tied = [g for g in layer.together if of_group(part, "together", g, where) in asked]
        members = set(part.participants(layer))
        if max(len(block & members) for block in joined_sets(tied)) > layer.largest:
            return Requirement("largest", (), (layer.largest,), where)
    count = len(part.participants(layer))
    return Requirement("sizes", (), (layer.smallest, layer.largest, count), where)


def _tied_and_apart(problem: Problem, where: str) -> list[Requirement]:
    """Find a contradiction in what is asked of who sits with whom, whatever the sizes."""
    layer = problem.layers[0]
    open_to = set(problem.participants(layer))
    tied = [tuple(m for m in group if m in open_to) for group in layer.together]
    best: list[Requirement] = []
    for group in layer.apart:
        for first, second in combinations([m for m in group if m in open_to], 2):
            chain = _chain(tied, first, second)
            if chain and (not best or len(chain) + 1 < len(best)):
                asked = [("together", layer.together[number]) for number in sorted(chain)]
                asked.append(("apart", group))
                best = [of_group(problem, rule, members, where) for rule, members in asked]
    return best


def _chain(tied: list[Group], first: int, second: int) -> list[int]:
    """Find the fewest wishes that tie two members together, each sharing a member with the next."""
    paths = [[number] for number, wish in enumerate(tied) if first in wish]
    seen = {path[0] for path in paths}
    for path in paths:  # breadth first: the list grows while it is walked
        if second in tied[path[-1]]:
            return path
        for number, wish in enumerate(tied):
            if number not in seen and set(wish) & set(tied[path[-1]]):
                seen.add(number)
                paths.append([*path, number])
    return []
