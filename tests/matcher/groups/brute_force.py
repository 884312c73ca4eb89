"""The oracle for tiny problems: every way to put members in networks, judged by the plain rules."""

from collections.abc import Iterator
from itertools import combinations, product

from matcher.groups.model.layer import Group, Networks, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.rules import cost, member_costs, violations


def best_networks(problem: Problem) -> tuple[float, Networks] | None:
    """The cheapest networks that break no rule; None where there are none."""
    allowed = allowed_networks(problem)
    return min(((cost(problem, each), each) for each in allowed), default=None)


def fairest_levels(problem: Problem) -> tuple[float, ...]:
    """The best vector of dissimilarities, worst first, levels within 1e-9 alike."""
    vectors = [member_costs(problem, each) for each in allowed_networks(problem)]
    return min(vectors, key=lambda vector: [round(value, 8) for value in vector])


def allowed_networks(problem: Problem) -> list[Networks]:
    """Every choice of one partition per layer that breaks no rule."""
    layers = []
    for layer in problem.layers:
        members = problem.participants(layer)
        fixed = all(problem.networks_of(m) == len(problem.open_layers(m)) for m in members)
        bases = [members] if fixed else _subsets(members)
        layers.append(
            [
                partition
                for base in bases
                for partition in partitions(base, layer.smallest, layer.largest)
            ]
        )
    return [networks for networks in product(*layers) if not violations(problem, networks)]


def partitions(members: Group, smallest: int, largest: int) -> Iterator[Partition]:
    """Every partition of members into groups of the sizes allowed."""
    if not members:
        yield ()
        return
    first, rest = members[0], members[1:]
    for size in range(smallest, largest + 1):
        for others in combinations(rest, size - 1):
            left = tuple(member for member in rest if member not in others)
            for more in partitions(left, smallest, largest):
                yield ((first, *others), *more)


def _subsets(members: Group) -> list[Group]:
    return [subset for size in range(len(members) + 1) for subset in combinations(members, size)]
