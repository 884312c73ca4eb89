"""Why these networks: evidence per member, what else could have been, and how firmly the answer stands.

Everything here is data; the service words it. Nothing here knows how a solver works: where another
answer is needed, the same `solve` is asked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.geo import great_circle_km
from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import Group, Layer, Networks, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.groups.rules import cost, member_cost, place_attribute, violations, width_km
from matcher.proof import Budget, OnProgress

Pair = tuple[int, int]

# An attribute that differs by at most the first is alike in a network, by at least the second unlike.
ALIKE, DIFFERENT = 0.15, 0.6
# A member whose best possible peers are this far or farther needs the digital form.
FAR_KM = 300.0
# With less of the weight known than this, the ground under a match is thin.
THIN = 0.5
# Peers looked at when the best network of a member is sought among many.
NEAREST = 24
# So many networks share so few pairs that a planner would call them another answer.
CLEARLY_DIFFERENT = 0.3
# What a pair of an answer already found costs, as shares of a network's mean cost, tried in turn.
PRICES = (0.05, 0.15, 0.4, 1.0)


@dataclass(frozen=True, slots=True)
class Share:
    """One attribute between a member and its network: 0 alike to 1 unlike, over the pairs that are known."""

    attribute: str
    weight: float
    dissimilarity: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a member is where it is.

    alike, different: attributes by what they say, heaviest first. unknown: attributes not known of it.
    km: to the farthest of its network; nearest_km: how wide the closest network it could be in is at
    least. is_digital: the best possible peers are far. is_thin: little is known.
    """

    member: int
    group: Group
    dissimilarity: float
    alike: tuple[Share, ...]
    different: tuple[Share, ...]
    unknown: tuple[str, ...]
    known: float
    km: float
    nearest_km: float
    is_digital: bool
    is_thin: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes from one solution to another, judged by the first one's problem.

    cost: of the second less that of the first, by the first problem's rules.
    made, broken: pairs per layer. worse, better: members' dissimilarity changes per layer, largest
    first, as (member, change). pairs: how many there are in either, over all layers.
    """

    cost: float
    made: tuple[frozenset[Pair], ...]
    broken: tuple[frozenset[Pair], ...]
    worse: tuple[tuple[tuple[int, float], ...], ...]
    better: tuple[tuple[tuple[int, float], ...], ...]
    pairs: int

    @property
    def share(self) -> float:
        """The share of all pairs, in either, that are not in both: 0 the same, 1 nothing in common."""
        changed = sum(len(pairs) for pairs in (*self.made, *self.broken))
        return changed / max(1, self.pairs)


@dataclass(frozen=True, slots=True)
class BestGroup:
    """The network a member would have been best off in, and what that would cost all others together.

    cost_to_others: None when the rest cannot then be placed (is_impossible), or was not in the time
        given.
    """

    group: Group
    dissimilarity: float
    cost_to_others: float | None
    is_impossible: bool = False


def evidence(
    problem: Problem, networks: Networks, place: int, about: Collection[int] | None = None
) -> tuple[Evidence, ...]:
    """Give the evidence for members of a layer (None: for all of them), in the members' order."""
    layer = problem.layers[place]
    how = measure(problem, layer)
    seat = {member: group for group in networks[place] for member in group}
    asked = sorted(seat if about is None else seat.keys() & set(about))
    return tuple(_evidence(problem, how, seat[member], member) for member in asked)


def compare(problem: Problem, first: Networks, second: Networks) -> Difference:
    """Tell what changes from the first networks to the second."""
    made, broken, worse, better = [], [], [], []
    pairs = 0
    for layer, before, after in zip(problem.layers, first, second, strict=True):
        old, new = pairs_of(before), pairs_of(after)
        made.append(frozenset(new - old))
        broken.append(frozenset(old - new))
        pairs += len(old | new)
        how = measure(problem, layer)
        was, now = _costs(how, before), _costs(how, after)
        changes = [(m, now[m] - was[m]) for m in sorted(set(was) & set(now))]
        changes.sort(key=lambda change: -abs(change[1]))
        worse.append(tuple(change for change in changes if change[1] > 1e-9))
        better.append(tuple(change for change in changes if change[1] < -1e-9))
    price = cost(problem, second) - cost(problem, first)
    return Difference(price, tuple(made), tuple(broken), tuple(worse), tuple(better), pairs)


def _solve(
    problem: Problem,
    budget: Budget,
    hint: Networks | None = None,
    on_progress: OnProgress | None = None,
) -> Solution:
    from matcher.groups.solve import solve  # noqa: PLC0415 - the solver is loaded by whoever solves

    return solve(problem, budget, hint, on_progress)


def what_if(
    problem: Problem,
    networks: Networks,
    changed: Problem,
    budget: Budget,
    on_progress: OnProgress | None = None,
) -> tuple[Solution, Difference]:
    """Solve a changed problem and tell the difference, judged by the original one's rules.

    Raises:
        InfeasibleError: the changed wishes cannot all hold.
    """
    solution = _solve(changed, budget, networks, on_progress)
    return solution, compare(problem, networks, solution.networks)


def with_together(problem: Problem, place: int, group: Group) -> Problem:
    """Return the problem with members forced into one network of a layer."""
    return _with_layer(problem, place, together=(*problem.layers[place].together, group))


def with_apart(problem: Problem, place: int, group: Group) -> Problem:
    """Return the problem with members forbidden to share a network of a layer."""
    return _with_layer(problem, place, apart=(*problem.layers[place].apart, group))


def with_kept(problem: Problem, place: int, group: Group) -> Problem:
    """Return the problem with exactly these members as one network of a layer."""
    kept = with_together(problem, place, group)
    for other in problem.participants(problem.layers[place]):
        if other not in group:
            kept = with_apart(kept, place, (group[0], other))
    return kept


def with_weight(problem: Problem, place: int, attribute: str, weight: float) -> Problem:
    """Return the problem with another weight for an attribute of a layer."""
    weights = tuple(
        replace(each, weight=weight) if each.attribute == attribute else each
        for each in problem.layers[place].weights
    )
    return _with_layer(problem, place, weights=weights)


def best_group(
    problem: Problem, solution: Solution, place: int, member: int, budget: Budget
) -> BestGroup | None:
    """Find the network that a member would be best off in by itself, and its price for the others."""
    layer = problem.layers[place]
    how = measure(problem, layer)
    members = problem.participants(layer)
    candidates = [
        (member_cost(how, group, member), group)
        for group in _groups_with(how, members, member)
        if _is_allowed(problem, place, group)
    ]
    if not candidates:
        return None
    dissimilarity, group = min(candidates)
    if any(set(group) == set(own) for own in solution.networks[place]):
        return BestGroup(group, dissimilarity, 0.0)
    forced = with_kept(problem, place, group)
    try:
        other_solution = _solve(forced, budget, solution.networks)
    except InfeasibleError:
        return BestGroup(group, dissimilarity, None, is_impossible=True)
    except NoSolutionInTimeError:
        return BestGroup(group, dissimilarity, None)
    own = _member_total(problem, solution.networks, member)
    own_then = _member_total(problem, other_solution.networks, member)
    total = other_solution.proof.objective - solution.proof.objective
    return BestGroup(group, dissimilarity, total - (own_then - own))


def alternatives(
    problem: Problem, solution: Solution, budget: Budget, *, count: int = 3, within: float = 0.05
) -> tuple[tuple[Solution, Difference], ...]:
    """Find clearly different networks that cost at most a share `within` more, best first.

    Pairs of the networks found so far are made to cost ever more until the answer is another one.
    """
    found: list[tuple[Solution, Difference]] = []
    known = [solution.networks]
    objective = solution.proof.objective
    step = replace(budget, seconds=budget.seconds / max(1, 4 * count))
    seats = max(1, sum(len(partition) for partition in solution.networks))
    for share in PRICES * count:
        if len(found) >= count:
            break
        price = share * abs(objective) / seats
        try:
            other = _solve(_with_pairs_priced(problem, known, price), step)
        except NoSolutionInTimeError:
            continue
        differences = [compare(problem, networks, other.networks) for networks in known]
        is_near = differences[0].cost <= within * abs(objective) + 1e-9
        if is_near and min(each.share for each in differences) >= CLEARLY_DIFFERENT:
            found.append((other, differences[0]))
            known.append(other.networks)
    return tuple(sorted(found, key=lambda item: item[1].cost))


def steady_pairs(
    problem: Problem, place: int, budget: Budget, *, samples: int = 40, spread: float = 0.5
) -> dict[Pair, float]:
    """Tell in which share of sampled weightings each pair shares a network of a layer.

    Every weight is multiplied by a factor between 1 - spread and 1 + spread, drawn anew for each
    sample. The layer is looked at by itself. Pairs that never meet are left out. A weighting that is
    not solved in its share of the time does not count; where most are not, nothing is said.
    """
    random = np.random.default_rng(budget.seed)
    layer = problem.layers[place]
    alone = replace(problem, layers=(layer,), repeated_pair=0.0, is_fair=False)
    alone = replace(
        alone,
        members=tuple(
            replace(m, opt_out=tuple(n for n in m.opt_out if n == layer.name), most_networks=None)
            for m in problem.members
        ),
    )
    met: Counter[Pair] = Counter()
    step = replace(budget, seconds=budget.seconds / samples)
    hint: Networks | None = None
    solved = 0
    for _ in range(samples):
        factors = random.uniform(1.0 - spread, 1.0 + spread, len(layer.weights)).tolist()
        weights = tuple(
            replace(weight, weight=weight.weight * factor)
            for weight, factor in zip(layer.weights, factors, strict=True)
        )
        try:
            hint = _solve(_with_layer(alone, 0, weights=weights), step, hint).networks
        except NoSolutionInTimeError:
            continue
        solved += 1
        met.update(pairs_of(hint[0]))
    if 2 * solved < samples:
        return {}
    return {pair: count / solved for pair, count in sorted(met.items())}


def pairs_of(partition: Partition) -> set[Pair]:
    """Return all pairs that share a network."""
    return {pair for group in partition for pair in combinations(sorted(group), 2)}


def _evidence(problem: Problem, how: Measure, group: Group, member: int) -> Evidence:
    shares = sorted(_shares(how, group, member), key=lambda share: -share.weight)
    unknown = tuple(
        attribute.name for attribute in how.attributes if attribute.values[member] is None
    )
    weight = math.fsum(each.weight for each in how.layer.weights)
    lost = math.fsum(each.weight for each in how.layer.weights if each.attribute in unknown)
    known = 1.0 - lost / weight if weight > 0.0 else 1.0
    nearest = _nearest_km(problem, how.layer, member)
    return Evidence(
        member=member,
        group=tuple(sorted(group)),
        dissimilarity=member_cost(how, group, member),
        alike=tuple(share for share in shares if share.dissimilarity <= ALIKE),
        different=tuple(share for share in shares if share.dissimilarity >= DIFFERENT),
        unknown=unknown,
        known=known,
        km=max((width_km(problem, (member, other)) for other in group), default=0.0),
        nearest_km=nearest,
        is_digital=nearest > FAR_KM,
        is_thin=known < max(THIN, how.layer.known_floor),
    )


def _shares(how: Measure, group: Group, member: int) -> Iterator[Share]:
    pairs = [how.parts(member, other) for other in group if other != member]
    for place, weight in enumerate(how.layer.weights):
        known = [
            value
            for parts in pairs
            if parts[place].is_known and (value := parts[place].dissimilarity) is not None
        ]
        if known and weight.weight > 0.0:
            yield Share(weight.attribute, weight.weight, math.fsum(known) / len(known))


def _nearest_km(problem: Problem, layer: Layer, member: int) -> float:
    """How far the last of the closest peers is that a smallest network would need."""
    places = place_attribute(problem)
    where = places.values if places is not None else ()
    own = where[member] if where else None
    if not isinstance(own, tuple):
        return 0.0
    others = (where[other] for other in problem.participants(layer) if other != member)
    kilometres = sorted(
        great_circle_km(own, other) if isinstance(other, tuple) else 0.0 for other in others
    )
    needed = layer.smallest - 1
    return kilometres[needed - 1] if len(kilometres) >= needed > 0 else 0.0


def _costs(how: Measure, partition: Partition) -> dict[int, float]:
    return {member: member_cost(how, group, member) for group in partition for member in group}


def _member_total(problem: Problem, networks: Networks, member: int) -> float:
    """What a member itself bears in all layers: its mean dissimilarity times the layer's weight."""
    return math.fsum(
        layer.weight * member_cost(measure(problem, layer), group, member)
        for layer, partition in zip(problem.layers, networks, strict=True)
        for group in partition
        if member in group
    )


def _groups_with(how: Measure, members: Group, member: int) -> Iterator[Group]:
    others = sorted(
        (other for other in members if other != member),
        key=lambda other: how.between(member, other),
    )[:NEAREST]
    for size in range(how.layer.smallest, how.layer.largest + 1):
        for rest in combinations(others, size - 1):
            yield tuple(sorted((member, *rest)))


def _is_allowed(problem: Problem, place: int, group: Group) -> bool:
    """Whether a network breaks no rule by itself; who else is placed where does not matter."""
    about_all = {"most_networks", "giver_cap", "together"}
    alone: list[Partition] = [() for _ in problem.layers]
    alone[place] = (group,)
    broken = violations(problem, tuple(alone))
    is_whole = all(
        not set(group) & set(wish) or set(wish) <= set(group)
        for wish in problem.layers[place].together
    )
    return is_whole and all(violation.rule in about_all for violation in broken)


def _with_layer(problem: Problem, place: int, **changes: object) -> Problem:
    layers = list(problem.layers)
    layers[place] = replace(layers[place], **changes)  # type: ignore[arg-type] # fields of Layer
    return replace(problem, layers=tuple(layers))


def _with_pairs_priced(problem: Problem, known: list[Networks], price: float) -> Problem:
    """Make each pair of the networks found so far cost, beside what the history costs."""
    layers = []
    for place, layer in enumerate(problem.layers):
        # The newest round stands first only where its pairs are to be kept.
        newest = layer.history[:1] if layer.history and layer.stability > 0.0 else ((),)
        found = tuple(networks[place] for networks in known)
        if layer.novelty > 0.0:
            older = layer.history[1:]
            horizon = None if layer.horizon is None else layer.horizon + len(found)
            history = (*newest, *found, *older)
            layers.append(replace(layer, history=history, horizon=horizon, novelty=layer.novelty))
        else:
            layers.append(replace(layer, history=(*newest, *found), horizon=None, novelty=price))
    return replace(problem, layers=tuple(layers), is_fair=False)
