"""Solve a matching problem: pick the method, check the answer against the plain rules, and state its proof."""

import math
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from itertools import combinations
from time import perf_counter

from matcher.clock import Clock
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.cover.bounds import nearest_floor
from matcher.groups.cover.problem import Groups
from matcher.groups.cover.solve import cover as find_cover
from matcher.groups.layers.annealing import annealed
from matcher.groups.layers.dealing import dealt
from matcher.groups.layers.fair import made_fair
from matcher.groups.layers.in_turns import binds_by_pairs_only, solve_in_turns
from matcher.groups.layers.joint import solve_jointly
from matcher.groups.layers.pool import build_pool, pool_size
from matcher.groups.layers.standing import start_of
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.layers.too_many_to_list import solve_widely
from matcher.groups.model.layer import Group, Layer, Networks, Partition
from matcher.groups.model.problem import Problem, alone
from matcher.groups.model.solution import Solution
from matcher.groups.rules import cost, violations
from matcher.groups.why_not.conflict import is_surely_impossible, smallest_conflict, too_few_to_meet
from matcher.proof import Budget, OnProgress, Progress, Proof

# More groups than these, over all layers, are not all listed to solve the layers together.
LIST_ALL = 500_000
# Share of the time for a start from each layer by itself.
ALONE = 0.1
# Rounds are made anew in turn so often at the most, in this share of the time that is left; annealing before it has its own.
TURNS, IN_TURN, ANNEALED = 5, 0.3, 0.3
# Among so few networks the best rounds are chosen at once.
FEW = 1_000
DEALT = "rounds dealt out by exchanges, each made anew with the others held"
# Seconds that finding the smallest set of rules that cannot all hold may take at least.
EXPLAIN = 5.0


class SolverError(AssertionError):
    """The solver's answer does not stand up to the plain rules: a fault of ours, never of the input."""


def solve(
    problem: Problem,
    budget: Budget,
    hint: Networks | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Solution:
    """Find the best networks for all layers together.

    hint: networks to start from, as from the last solve; rules they break are mended.
    executor: where the regions of many members are worked on, such as a cluster's; else here.

    Raises:
        InfeasibleError: with the smallest set of rules that cannot all hold.
        NoSolutionInTimeError: the budget ended before any networks were found.
    """
    clock = Clock(budget, on_progress)
    if too_few_to_meet(problem):
        raise smallest_conflict(problem, max(clock.left, EXPLAIN))
    try:
        # Half of the time is kept for fairness, whose first level needs networks to start from.
        share = replace(budget, seconds=budget.seconds / 2) if problem.is_fair else budget
        if is_joint(problem):
            found = _together(problem, Clock(share, on_progress), hint, executor)
        else:
            found = _layer_by_layer(problem, share, hint, on_progress, executor)
    except InfeasibleError as error:
        # What is wrong is worth a few seconds more than the budget had left.
        raise smallest_conflict(problem, max(clock.left, EXPLAIN)) from error
    except NoSolutionInTimeError as error:
        if is_surely_impossible(problem, EXPLAIN):
            raise smallest_conflict(problem, EXPLAIN) from error
        raise
    found = checked(problem, found)
    return checked(problem, made_fair(problem, found, clock)) if problem.is_fair else found


def checked(problem: Problem, found: Solution) -> Solution:
    """Return the solution with its objective by the plain rules.

    Raises:
        SolverError: a rule is broken, or the cost is not what the solver said.
    """
    broken = violations(problem, found.networks)
    if broken:
        raise SolverError(f"the solver broke {broken[0].rule}: {broken[0].message}")
    objective = cost(problem, found.networks)
    claimed = found.proof.objective
    tolerance = 1e-6 * max(1.0, abs(objective))
    # A choice that was stopped early may price a pair that its networks do not repeat: the rules'
    # lower cost then counts. A proven claim must be the cost itself.
    is_loose = not found.is_optimal and claimed > objective
    if abs(objective - claimed) > tolerance and not is_loose:
        raise SolverError(f"the rules say {objective!r}, the solver {claimed!r}")
    # The same partition, summed in another order: the bound follows the objective it was proven for.
    bound = min(objective, found.proof.lower_bound)
    if found.proof.lower_bound >= claimed:
        bound = objective
    return replace(found, proof=Proof(objective, bound))


def is_joint(problem: Problem) -> bool:
    """Tell whether what one layer's networks are says something about another's."""
    layers = problem.layers
    shares_caps = sum(layer.is_experience for layer in layers) > 1 and any(
        problem.most_asked(number) is not None for number in range(len(problem.members))
    )
    repeats = (problem.repeated_pair > 0.0 or problem.each_pair_once) and len(layers) > 1
    return _has_limits(problem) or shares_caps or repeats


def _has_limits(problem: Problem) -> bool:
    """Tell whether somebody has no place in a layer that is open to it."""
    return any(
        problem.networks_of(number) < len(problem.open_layers(number))
        for number in range(len(problem.members))
    )


def has_group_costs(problem: Problem, layer: Layer) -> bool:
    """Tell whether networks of a layer cost more than a plain sum over their pairs, or are counted."""
    if layer.number_of_networks is not None or (layer.moved > 0.0 and layer.history):
        return True
    is_sought = layer.expertise > 0.0 and any(member.seeks for member in problem.members)
    travel = layer.longest_travel
    return is_sought or (travel is not None and travel.otherwise == "digital" and travel.cost > 0.0)


def _together(
    problem: Problem, clock: Clock, hint: Networks | None, executor: Executor | None
) -> Solution:
    """Solve layers together, from the list of all networks that they may need where that is not too long."""
    if pool_size(problem) > LIST_ALL:
        if binds_by_pairs_only(problem):
            try:
                return solve_in_turns(problem, clock, hint, executor)
            except NoSolutionInTimeError:
                clock.ask("each layer by itself found none")
        if problem.each_pair_once:
            return _rounds_widely(problem, clock, hint, executor)
        return solve_widely(problem, clock, hint, executor)
    if hint is None and len(problem.layers) > 1:
        hint = _one_by_one(problem, clock)
    return _with_floor(problem, solve_jointly(build_pool(problem), clock, hint))


def _one_by_one(problem: Problem, clock: Clock) -> Networks | None:
    """Solve each layer as if there were no other, quickly: what is good for each is a start for all."""
    seconds = min(clock.left, ALONE * clock.budget.seconds)

    def follow(_progress: Progress) -> bool:
        return clock.keep_going()

    budget = replace(clock.budget, seconds=seconds)
    if problem.each_pair_once:
        return _rounds(problem, clock, budget, follow)
    try:
        return _layer_by_layer(problem, budget, None, follow, None).networks
    except (InfeasibleError, NoSolutionInTimeError):
        return None


def _rounds(problem: Problem, clock: Clock, budget: Budget, follow: OnProgress) -> Networks | None:
    """Make rounds in which no pair meets twice: one after the other and dealt out, then both made better."""
    starts = [dealt(problem, clock.keep_going, budget.seed)]
    with suppress(InfeasibleError, NoSolutionInTimeError):
        starts.append(_one_after_another(problem, budget, follow))
    made = [one for one in starts if one is not None]
    if not made:
        return None
    found = min(made, key=lambda one: cost(problem, one))
    if pool_size(problem) > FEW:
        end = clock.seconds + ANNEALED * clock.left

        def goes_on() -> bool:
            return clock.keep_going() and clock.seconds < end

        found = annealed(problem, made, goes_on, budget.seed)
    return _in_turn(problem, clock, found)


def _rounds_widely(
    problem: Problem, clock: Clock, hint: Networks | None, executor: Executor | None
) -> Solution:
    """Solve rounds of too many networks to list; those dealt out and made anew in turn where that finds no better."""
    rounds = _one_by_one(problem, clock)
    try:
        found = solve_widely(problem, clock, hint, executor)
    except NoSolutionInTimeError:
        if rounds is None:
            raise
        found = None
    if rounds is None or (found and found.proof.objective <= cost(problem, rounds)):
        assert found is not None  # noqa: S101 - else it was raised
        return found
    bound = found.proof.lower_bound if found else -math.inf
    proof = Proof(cost(problem, rounds), min(bound, cost(problem, rounds)))
    return _with_floor(problem, Solution(rounds, proof, proof.status == "optimal", DEALT))


def _with_floor(problem: Problem, found: Solution) -> Solution:
    """Return rounds with a bound that is no worse than what each member's nearest cost; the others as they are."""
    if not problem.each_pair_once or _has_limits(problem):
        return found
    objective, floor = found.proof.objective, sum(_floor(problem, one) for one in problem.layers)
    bound = max(found.proof.lower_bound, min(floor, objective))
    proof = Proof(objective, bound)
    return replace(found, proof=proof, is_optimal=proof.status == "optimal")


def _in_turn(problem: Problem, clock: Clock, rounds: Networks) -> Networks:
    """Make each round anew with the others held, while that helps."""

    def follow(_progress: Progress) -> bool:
        return clock.keep_going()

    found, end = [*rounds], clock.seconds + IN_TURN * clock.left
    for _ in range(TURNS):
        before = cost(problem, tuple(found))
        for place, layer in enumerate(problem.layers):
            others = [one for at, partition in enumerate(found) if at != place for one in partition]
            met = {pair for group in others for pair in combinations(sorted(group), 2)}
            fresh = replace(layer, apart=(*layer.apart, *sorted(met)))
            own = alone(replace(problem, each_pair_once=False), fresh)
            left = (end - clock.seconds) / len(problem.layers)
            if left <= 0.0 or not found[place]:
                continue
            share = replace(clock.budget, seconds=left)
            try:
                (better,) = _layer_by_layer(own, share, (found[place],), follow, None).networks
            except (InfeasibleError, NoSolutionInTimeError):
                continue
            if cost(own, (better,)) < cost(own, (found[place],)):
                found[place] = better
        if cost(problem, tuple(found)) >= before or not clock.keep_going():
            break
    return tuple(found)


def _floor(problem: Problem, layer: Layer) -> float:
    """Return what no networks of a layer cost less than, by each member's nearest."""
    if not problem.participants(layer):
        return 0.0
    numbers = cover_of(problem, layer)
    return float(nearest_floor(numbers).sum()) + numbers.constant


def _one_after_another(problem: Problem, budget: Budget, follow: OnProgress) -> Networks:
    """Solve each layer with those apart who meet in the layers before it."""
    share = replace(budget, seconds=budget.seconds / len(problem.layers))
    found: list[Partition] = []
    met: set[Group] = set()
    for layer in problem.layers:
        fresh = replace(layer, apart=(*layer.apart, *sorted(met)))
        own = alone(replace(problem, each_pair_once=False), fresh)
        (partition,) = _layer_by_layer(own, share, None, follow, None).networks
        found.append(partition)
        met |= {pair for group in partition for pair in combinations(sorted(group), 2)}
    return tuple(found)


def _layer_by_layer(
    problem: Problem,
    budget: Budget,
    hint: Networks | None,
    on_progress: OnProgress | None,
    executor: Executor | None,
) -> Solution:
    """Solve layers that have nothing to do with each other, each within its share of the time."""
    start = perf_counter()
    networks: list[Partition] = []
    objective = bound = 0.0
    methods: list[str] = []
    for place, layer in enumerate(problem.layers):
        members = problem.participants(layer)
        if not members:
            networks.append(())
            continue
        left = budget.seconds - (perf_counter() - start)
        share = replace(budget, seconds=max(0.0, left / (len(problem.layers) - place)))
        if has_group_costs(problem, layer) and not _is_cover(problem, layer):
            own = None if hint is None else (hint[place],)
            found = _together(alone(problem, layer), Clock(share, on_progress), own, executor)
            (partition,), proof, method = found.networks, found.proof, found.method
        else:
            earlier = None if hint is None else _local(hint[place], members, layer)
            numbers = cover_of(problem, layer)
            if earlier is None and layer.standing:
                earlier = start_of(problem, layer, numbers)
            covering = find_cover(numbers, share, earlier, on_progress, executor)
            partition = tuple(tuple(members[one] for one in group) for group in covering.groups)
            proof, method = covering.proof, covering.method
        networks.append(partition)
        objective += proof.objective
        bound += proof.lower_bound
        methods.append(method)
    proof = Proof(objective, bound)
    method = "; ".join(dict.fromkeys(methods))
    return Solution(tuple(networks), proof, proof.status == "optimal", method)


def _is_cover(problem: Problem, layer: Layer) -> bool:
    """Tell whether a layer with costs of whole networks, too many to list, needs no more than pricing."""
    keeps = layer.number_of_networks is not None or layer.moved > 0.0
    return not keeps and pool_size(alone(problem, layer)) > LIST_ALL


def _local(partition: Partition, members: Group, layer: Layer) -> Groups | None:
    """Number a hint's members by their place among the participants; None where it fits them not."""
    if not all(layer.smallest <= len(group) <= layer.largest for group in partition):
        return None
    places = {member: place for place, member in enumerate(members)}
    seated = sorted(member for group in partition for member in group)
    if seated != sorted(members):
        return None
    return tuple(tuple(places[member] for member in group) for group in partition)
