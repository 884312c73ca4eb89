"""Layers with too many networks to list: each by itself for its bound and good networks, then together."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from matcher.clock import Clock
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.cover.bounds import nearest_floor
from matcher.groups.cover.columns import Columns, from_groups, join, near_columns
from matcher.groups.cover.exact import BranchAndPrice
from matcher.groups.cover.local_search import LocalSearch
from matcher.groups.cover.problem import Cover, Groups, check_sizes
from matcher.groups.cover.solve import EXACT
from matcher.groups.cover.solve import cover as find_cover
from matcher.groups.layers.joint import Joint
from matcher.groups.layers.pool import build_pool
from matcher.groups.layers.standing import kept_columns, start_of
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.layer import Group, Layer, Networks, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.proof import OnProgress, Progress, Proof
from matcher.requirement import Requirement

# Share of the time for the layers one by one.
ALONE = 0.45
# Networks of a layer among which the layers are solved together, and how many of a member's nearest
# make more of them.
PROMISING, NEAR = 8_000, 8
METHOD = "each layer by column generation; together among the promising networks of each"


@dataclass(frozen=True, slots=True)
class Alone:
    """What a layer by itself gives: a partition (None: there is none), its bound, and good networks.

    other: a partition to start from besides: of as many networks as are asked for, where their number is
        a rule, or of those that stand, where moving costs.
    """

    groups: Groups | None
    lower_bound: float
    columns: Columns
    other: Groups | None = None


def solve_widely(
    problem: Problem, clock: Clock, hint: Networks | None = None, executor: Executor | None = None
) -> Solution:
    """Find good networks of all layers together, with a bound from each layer by itself.

    What binds layers together only adds to what they cost, so that the sum of their bounds holds.

    Raises:
        InfeasibleError: some layer alone has no partition that its rules allow.
        NoSolutionInTimeError: none was found that the rules over several layers allow.
    """
    places = [place for place, layer in enumerate(problem.layers) if problem.participants(layer)]
    alone: dict[int, Alone] = {}
    met: set[Group] = set()
    for number, place in enumerate(places):
        left = ALONE * clock.budget.seconds - clock.seconds
        share = min(clock.left, max(0.5, left / (len(places) - number)))
        budget = replace(clock.budget, seconds=share)
        layer = problem.layers[place]
        # Rounds that each pair meets in once: those who have met are apart in the next.
        cover = cover_of(problem, replace(layer, apart=(*layer.apart, *sorted(met))))
        turned = _turned(problem, places, number, alone)
        own_clock = Clock(budget, _stopped_with(clock))
        alone[place] = _solve_alone(cover, own_clock, executor, turned)
        if problem.each_pair_once:
            bound = _bound_of_round(problem, place, alone)
            columns = join([from_groups(cover, turned or ()), alone[place].columns], cover)
            alone[place] = replace(
                alone[place], lower_bound=bound, other=turned, columns=columns.distinct()
            )
            met |= _pairs_of(problem, place, alone[place].groups or ())
        if layer.moved > 0.0 and cover.n <= EXACT:
            alone[place] = _kept(problem, layer, cover, alone[place])
        alone[place] = _counted(layer, cover, alone[place], clock)
        if alone[place].groups is None and not met and not _has_spare(problem):
            raise InfeasibleError(Requirement("all", note=f"the rules of {layer.name}"))
    bound = sum(each.lower_bound for each in alone.values())
    if _has_spare(problem):
        bound = _bound_with_spare(problem)
    clock.tell(METHOD, bound=bound)
    pool = build_pool(problem, {place: each.columns for place, each in alone.items()})
    joint = Joint(pool, clock, is_whole=False)
    others = {
        place: replace(each, groups=each.other) for place, each in alone.items() if each.other
    }
    starts = [hint, _networks(problem, alone)]
    if others:
        starts.append(_networks(problem, alone | others))
    for networks in starts:
        if networks is not None:
            joint.start_from(networks)
    joint.run()
    if joint.columns is None:
        raise NoSolutionInTimeError(clock.budget.seconds)
    objective = joint.objective + pool.constant
    # The same costs and gains, summed in two orders, are no gap where they add up to nothing.
    rounding = 1e-12 * (1.0 + abs(pool.constant))
    proof = Proof(objective, objective if bound >= objective - rounding else bound)
    return Solution(pool.decoded(joint.columns), proof, proof.status == "optimal", METHOD)


def _stopped_with(clock: Clock) -> OnProgress:
    """Follow a part of the work only to stop it with the whole."""

    def follow(_progress: Progress) -> bool:
        return clock.keep_going()

    return follow


def _solve_alone(
    cover: Cover, clock: Clock, executor: Executor | None, hint: Groups | None
) -> Alone:
    """Solve one layer as if there were no other."""
    near = near_columns(cover, NEAR)
    nothing = float(nearest_floor(cover).sum()) + cover.constant
    try:
        check_sizes(cover)
        if cover.n > EXACT:
            found = find_cover(cover, clock.budget, None, clock.follow, executor)
            columns = join([from_groups(cover, found.groups), near], cover)
        else:
            solve = BranchAndPrice(cover, clock, hint)
            found = solve.run()
            columns = join([solve.promising(PROMISING), near], cover)
    except InfeasibleError:
        return Alone(None, nothing, near)
    except NoSolutionInTimeError:
        return Alone((), nothing, near)
    return Alone(found.groups, found.proof.lower_bound, columns.distinct())


def _turned(
    problem: Problem, places: list[int], number: int, alone: dict[int, Alone]
) -> Groups | None:
    """Deal the first round's networks out anew, for a round that repeats no pair; None where that is not known.

    Each network is turned one seat further for each of its members: two meet in two of the rounds
    only where a product of a difference in seats and one in rounds is a multiple of the networks.
    """
    first = alone.get(places[0])
    if not problem.each_pair_once or not number or first is None or not first.groups:
        return None
    layers = [problem.layers[place] for place in places]
    if any(problem.participants(layer) != problem.participants(layers[0]) for layer in layers):
        return None
    dealt: list[list[int]] = [[] for _ in first.groups]
    for row, group in enumerate(first.groups):
        for seat, member in enumerate(group):
            dealt[(row + seat * number) % len(dealt)].append(member)
    return tuple(tuple(sorted(group)) for group in dealt)


def _bound_of_round(problem: Problem, place: int, alone: dict[int, Alone]) -> float:
    """Bound a round without who has met apart: by the first that asks for the same, else without prices."""
    layer = problem.layers[place]
    same = [each for each in alone if replace(problem.layers[each], name=layer.name) == layer]
    members = problem.participants(layer)
    if problem.participants(problem.layers[same[0]]) == members and (
        same[0] != place or len(alone) == 1
    ):
        return alone[same[0]].lower_bound
    cover = cover_of(problem, layer)
    return float(nearest_floor(cover).sum()) + cover.constant


def _pairs_of(problem: Problem, place: int, groups: Groups) -> set[Group]:
    members = problem.participants(problem.layers[place])
    return {
        tuple(sorted((members[one], members[other])))
        for group in groups
        for one, other in combinations(group, 2)
    }


def _kept(problem: Problem, layer: Layer, cover: Cover, found: Alone) -> Alone:
    """Add what stands since the newest round, with little changed."""
    stands = start_of(problem, layer, cover)
    kept = [kept_columns(problem, layer, cover), from_groups(cover, stands or ())]
    columns = join([*kept, found.columns], cover).distinct()
    return replace(found, columns=columns, other=stands)


def _counted(layer: Layer, cover: Cover, found: Alone, clock: Clock) -> Alone:
    """Add a partition of the number of networks asked for: those found as a walk, cut evenly and improved.

    A search by moves and exchanges keeps the number that it starts with.
    """
    if layer.number_of_networks is None or not found.groups:
        return found
    least, most = layer.number_of_networks
    least = max(least, -(-cover.n // cover.largest))
    most = min(most, cover.n // cover.smallest)
    count = min(max(len(found.groups), least), most)
    if count < least or cover.n > EXACT:
        return found
    walk = np.array([member for group in found.groups for member in group])
    parts = tuple(tuple(part.tolist()) for part in np.array_split(walk, count))
    search = LocalSearch(cover, parts)
    search.run(clock.keep_going)
    columns = join([found.columns, from_groups(cover, search.groups)], cover).distinct()
    return replace(found, columns=columns, other=search.groups)


def _networks(problem: Problem, alone: dict[int, Alone]) -> Networks:
    """Put the layers' own partitions side by side."""
    found: list[Partition] = []
    for place, layer in enumerate(problem.layers):
        members = problem.participants(layer)
        groups = alone[place].groups if place in alone else ()
        found.append(tuple(tuple(members[seat] for seat in group) for group in groups or ()))
    return tuple(found)


def _has_spare(problem: Problem) -> bool:
    """Whether some member is left out of a layer that is open to it."""
    return any(
        problem.networks_of(number) < len(problem.open_layers(number))
        for number in range(len(problem.members))
    )


def _bound_with_spare(problem: Problem) -> float:
    """Bound networks from below when members are left out: each in the layers that cost it least."""
    total = 0.0
    floors: list[list[float]] = [[] for _ in problem.members]
    for layer in problem.layers:
        members = problem.participants(layer)
        if members:
            cover = cover_of(problem, layer)
            total += cover.constant
            for member, floor in zip(members, nearest_floor(cover).tolist(), strict=True):
                floors[member].append(floor)
    for number, own in enumerate(floors):
        total += sum(sorted(own)[: problem.networks_of(number)])
    return total - 1e-9 * (1.0 + float(np.abs(total)))
