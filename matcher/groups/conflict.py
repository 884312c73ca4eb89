"""The smallest set of wishes that cannot all hold, each as one sentence."""

from itertools import combinations

from matcher.errors import InfeasibleError
from matcher.groups.layer import Group, Layer
from matcher.groups.problem import Problem


def smallest_conflict(problem: Problem, error: InfeasibleError) -> InfeasibleError:
    """Explain an infeasible problem by wishes such that leaving out any one lets the others hold."""
    for layer in problem.layers:
        members = problem.participants(layer)
        found = _sizes(layer, len(members)) or _together_and_apart(problem, layer, members)
        if found:
            return InfeasibleError(*found)
    return error


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
                best = [together_sentence(problem, wishes[number]) for number in sorted(chain)]
                best.append(apart_sentence(problem, (first, second)))
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
            sentences = [together_sentence(problem, wishes[number]) for number in needed]
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


def together_sentence(problem: Problem, group: Group) -> str:
    """Say that members are to share a network."""
    return f"together: {', '.join(problem.members[number].id for number in group)}"


def apart_sentence(problem: Problem, group: Group) -> str:
    """Say that members are not to share a network."""
    return f"apart: {', '.join(problem.members[number].id for number in group)}"
