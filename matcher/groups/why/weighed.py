"""How much networks hang on what weighs and on what is not known: each other way solved, and compared."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.model.layer import Attribute, Layer, Networks, Partition, Value, Weight
from matcher.groups.model.problem import Problem, alone
from matcher.groups.rules import cost
from matcher.groups.solve import solve
from matcher.groups.why.explain import Pair, pairs_of
from matcher.proof import Budget

Weightings = Mapping[str, tuple[Weight, ...]]
"""Weights of one layer by a key."""


LEAST_GAIN = 1e-6


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that is not known of a member, and what would change with one value of it.

    value: what it could be, as it is of another member. gain: how much better other networks of the
    layer would then be than those that are best now. moved: members whose company would change.
    """

    member: int
    attribute: str
    value: Value
    gain: float
    moved: tuple[int, ...]


def weighed(
    problem: Problem, place: int, weights: tuple[Weight, ...], budget: Budget
) -> Networks | None:
    """Return all networks as they would be if a layer weighed otherwise; None where none were found."""
    layers = list(problem.layers)
    layers[place] = replace(layers[place], weights=weights)
    try:
        return solve(replace(problem, layers=tuple(layers), is_fair=False), budget).networks
    except (InfeasibleError, NoSolutionInTimeError):
        return None


def held(networks: Networks, others: Iterable[Networks]) -> tuple[frozenset[Pair], ...]:
    """Return, layer by layer, the pairs that share a network in these and in all the other networks."""
    found = [frozenset(pairs_of(partition)) for partition in networks]
    for other in others:
        found = [pairs & pairs_of(partition) for pairs, partition in zip(found, other, strict=True)]
    return tuple(found)


def unknown_values(problem: Problem, layer: Layer) -> Iterator[tuple[int, Attribute, Value]]:
    """Name what is not known of members and is weighed in a layer, with each value that others have."""
    for weight in layer.weights:
        attribute = problem.attribute(weight.attribute)
        if not weight.weight or attribute.kind not in {"category", "order"}:
            continue
        known = sorted({str(value) for value in attribute.values if value is not None})
        for member in problem.participants(layer):
            if attribute.values[member] is None:
                for value in known:
                    yield member, attribute, value


def what_it_changes(
    problem: Problem,
    layer: Layer,
    fact: tuple[int, Attribute, Value],
    before: Partition,
    budget: Budget,
) -> Unknown | None:
    """Return whose company in a layer, looked at by itself, changes when a fact is known to be so.

    before: the layer's best networks as things stand. None where none were found in the time.
    """
    member, attribute, value = fact
    values = tuple(value if at == member else old for at, old in enumerate(attribute.values))
    certainty = tuple(1.0 if at == member else old for at, old in enumerate(attribute.certainty))
    told = replace(attribute, values=values, certainty=certainty)
    attributes = tuple(told if one.name == attribute.name else one for one in problem.attributes)
    changed = replace(alone(problem, layer), attributes=attributes)
    try:
        found = best_alone(changed, layer, budget)
    except (InfeasibleError, NoSolutionInTimeError):
        return None
    gain = cost(changed, (before,)) - cost(changed, (found,))
    old, new = _company(before), _company(found)
    moved = tuple(sorted(one for one in old if old[one] != new.get(one)))
    # Networks that are no worse are no reason to change.
    is_better = gain > LEAST_GAIN
    return Unknown(
        member, attribute.name, value, gain if is_better else 0.0, moved if is_better else ()
    )


def best_alone(problem: Problem, layer: Layer, budget: Budget) -> Partition:
    """Return a layer's best networks, the layer by itself.

    Raises:
        InfeasibleError: when its rules cannot all hold.
        NoSolutionInTimeError: nothing was found in the time given.
    """
    by_itself = replace(alone(problem, layer), is_fair=False)
    free = tuple(replace(member, most_networks=None) for member in by_itself.members)
    return solve(replace(by_itself, members=free), budget).networks[0]


def _company(partition: Partition) -> dict[int, frozenset[int]]:
    return {member: frozenset(group) for group in partition for member in group}
