"""Everything that can be said beside an answer, as one JSON document: what `explain` finds, member by member.

For each layer: the network each member would have been best off in and its price for the others,
who is far, of whom little is known, and which pairs hold under other weights. For all layers
together: clearly different networks that cost nearly as little.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from matcher.clock import Clock
from matcher.groups.model.layer import Attribute, Networks, Partition, Value, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.groups.rules import cost
from matcher.groups.why.explain import (
    CLEARLY_DIFFERENT,
    Difference,
    Pair,
    alternatives,
    best_group,
    evidence,
    steady_pairs,
    what_if,
)
from matcher.groups.why.weighed import (
    Weightings,
    best_alone,
    held,
    unknown_values,
    weighed,
    what_it_changes,
)
from matcher.proof import Budget, OnProgress, Proof

Document = dict[str, object]
OnStep = Callable[[float, Document], bool | None]
"""Called with the share done and the document so far; False stops and keeps what there is."""

# A pair that shares a network in this share of the weightings holds, whatever weighs most.
STEADY = 0.95
# Shares of the time for steady pairs and for alternatives; each member's best network gets the rest.
STEADY_SHARE, ALTERNATIVES_SHARE = 0.1, 0.3
# Shares of the time, at the most, for other weightings and for what is not known.
WEIGHED_SHARE, UNKNOWN_SHARE = 0.2, 0.2
# Most members need little: a hard one may take so many times an even share of what is left.
HARD = 2.0
# Seconds that a step has at least, when the time is over: enough for what is at hand.
LEAST = 0.05


def study(
    problem: Problem,
    networks: Networks,
    budget: Budget,
    *,
    count: int = 3,
    with_steady: bool = True,
    weightings: Weightings | None = None,
    on_step: OnStep | None = None,
) -> Document:
    """Return all that can be said about networks; stopped early, what was found by then.

    count: how many clearly different networks to look for. with_steady: whether to sample weightings.
    weightings: ways to weigh the first layer: then each is solved, a pair is steady when it shares a
    network in these and in all of those, and what is not known is tried value by value.
    """
    solution = Solution(networks, Proof(cost(problem, networks), 0.0), is_optimal=False, method="")
    layers: list[Document] = [
        {"layer": layer.name, "members": _members(problem, networks, place), "steady": []}
        for place, layer in enumerate(problem.layers)
    ]
    document: Document = {
        "objective": solution.proof.objective,
        "clearly_different": CLEARLY_DIFFERENT,
        "layers": layers,
        "alternatives": [],
        "weighed": [],
        "unknown": [],
    }
    steps = [*_weighed_steps(problem, solution, budget, document, weightings or {})]
    is_sampled = with_steady and not weightings
    steps += _steps(problem, solution, budget, document, count, with_steady=is_sampled)
    for done, step in enumerate(steps):
        if on_step is not None and on_step(done / len(steps), document) is False:
            break
        step()
    return document


def _steps(
    problem: Problem,
    solution: Solution,
    budget: Budget,
    document: Document,
    count: int,
    *,
    with_steady: bool,
) -> Iterator[Callable[[], None]]:
    layers: list[Document] = document["layers"]  # type: ignore[assignment] # made just above
    clock = Clock(budget)

    def share(part: float) -> Budget:
        """A part of the time that is left then: what one step does not need, later ones have."""
        return replace(budget, seconds=max(LEAST, clock.left * min(1.0, part)))

    if with_steady:
        part = STEADY_SHARE / len(layers)
        for place, row in enumerate(layers):
            yield lambda place=place, row=row: row.update(  # type: ignore[misc]
                steady=_steady(problem, place, share(part))
            )
    if count:
        yield lambda: document.update(
            alternatives=_alternatives(problem, solution, share(ALTERNATIVES_SHARE), count)
        )
    rows: list[tuple[int, Document]] = [
        (place, member)
        for place, row in enumerate(layers)
        for member in row["members"]  # type: ignore[attr-defined] # as above
    ]
    for done, (place, member) in enumerate(rows):
        part = HARD / (len(rows) - done)
        yield lambda place=place, member=member, part=part: member.update(  # type: ignore[misc]
            best=_best(problem, solution, place, str(member["id"]), share(part))
        )


def _weighed_steps(
    problem: Problem, solution: Solution, budget: Budget, document: Document, weightings: Weightings
) -> Iterator[Callable[[], None]]:
    """Solve each other way to weigh the first layer, then each value of what is not known there."""
    if not weightings:
        return
    layers: list[Document] = document["layers"]  # type: ignore[assignment] # made by `study`
    ways: list[Networks] = []
    rows: list[Document] = document["weighed"]  # type: ignore[assignment] # as above
    share = replace(budget, seconds=max(LEAST, WEIGHED_SHARE * budget.seconds / len(weightings)))

    def weigh(key: str, weights: tuple[Weight, ...]) -> None:
        found = weighed(problem, 0, weights, share)
        if found is None:
            return
        ways.append(found)
        rows.append({"key": key, "networks": _by_id(problem, found)})
        for row, pairs in zip(layers, held(solution.networks, ways), strict=True):
            row["steady"] = [
                {"members": list(problem.ids(pair)), "share": 1.0} for pair in sorted(pairs)
            ]

    for key, weights in weightings.items():
        yield lambda key=key, weights=weights: weigh(key, weights)  # type: ignore[misc]
    layer = problem.layers[0]
    facts = list(unknown_values(problem, layer))
    own = replace(budget, seconds=max(LEAST, UNKNOWN_SHARE * budget.seconds / (len(facts) + 1)))
    before: list[Partition] = []

    def tried(fact: tuple[int, Attribute, Value]) -> None:
        if not before:
            before.append(best_alone(problem, layer, own))
        found = what_it_changes(problem, layer, fact, before[0], own)
        if found is not None and found.moved:
            unknown: list[Document] = document["unknown"]  # type: ignore[assignment] # as above
            unknown.append(
                {
                    "id": problem.members[found.member].id,
                    "attribute": found.attribute,
                    "value": found.value,
                    "gain": found.gain,
                    "moved": [problem.members[one].id for one in found.moved],
                }
            )
            unknown.sort(key=_weight)

    for fact in facts:
        yield lambda fact=fact: tried(fact)  # type: ignore[misc]


def _weight(unknown: Document) -> tuple[int, float]:
    """Sort first what would change the company of most members, then what would gain most."""
    moved = unknown["moved"]
    return -len(moved) if isinstance(moved, list) else 0, -float(str(unknown["gain"]))


def wondered(
    problem: Problem,
    networks: Networks,
    changed: Problem,
    budget: Budget,
    on_progress: OnProgress | None = None,
) -> Document:
    """Solve a changed problem and return what changes, judged by the original one's rules.

    Raises:
        InfeasibleError: the changed wishes cannot all hold.
        NoSolutionInTimeError: nothing was found in the time given.
    """
    solution, difference = what_if(problem, networks, changed, budget, on_progress)
    names = [layer.name for layer in problem.layers]

    def pairs(found: Iterable[frozenset[Pair]]) -> Document:
        return {
            name: [list(problem.ids(pair)) for pair in sorted(each)]
            for name, each in zip(names, found, strict=True)
        }

    def members(found: Iterable[Iterable[tuple[int, float]]]) -> Document:
        return {
            name: [{"id": problem.members[one].id, "change": change} for one, change in each]
            for name, each in zip(names, found, strict=True)
        }

    return {
        "status": "optimal" if solution.is_optimal else "feasible",
        "objective": solution.proof.objective,
        "lower_bound": solution.proof.lower_bound,
        "networks": _by_id(problem, solution.networks),
        "cost": difference.cost,
        "made": pairs(difference.made),
        "broken": pairs(difference.broken),
        "worse": members(difference.worse),
        "better": members(difference.better),
    }


def _members(problem: Problem, networks: Networks, place: int) -> list[Document]:
    return [
        {
            "id": problem.members[one.member].id,
            "group": list(problem.ids(one.group)),
            "dissimilarity": one.dissimilarity,
            "alike": [share.attribute for share in one.alike],
            "different": [share.attribute for share in one.different],
            "unknown": list(one.unknown),
            "known": one.known,
            "km": round(one.km, 1),
            "nearest_km": round(one.nearest_km, 1),
            "is_digital": one.is_digital,
            "is_thin": one.is_thin,
        }
        for one in evidence(problem, networks, place)
    ]


def _steady(problem: Problem, place: int, budget: Budget) -> list[Document]:
    if not problem.layers[place].weights:
        return []
    return [
        {"members": list(problem.ids(pair)), "share": share}
        for pair, share in steady_pairs(problem, place, budget).items()
        if share >= STEADY
    ]


def _alternatives(
    problem: Problem, solution: Solution, budget: Budget, count: int
) -> list[Document]:
    return [
        {
            "networks": _by_id(problem, other.networks),
            "cost": difference.cost,
            "different": difference.share,
            "pairs": _pairs_changed(difference),
        }
        for other, difference in alternatives(problem, solution, budget, count=count)
    ]


def _best(
    problem: Problem, solution: Solution, place: int, member: str, budget: Budget
) -> Document | None:
    number = problem.number(member)
    found = best_group(problem, solution, place, number, budget)
    if found is None:
        return None
    is_own = any(set(group) == set(found.group) for group in solution.networks[place])
    return {
        "group": list(problem.ids(found.group)),
        "dissimilarity": found.dissimilarity,
        "cost_to_others": found.cost_to_others,
        "is_impossible": found.is_impossible,
        "is_own": is_own,
    }


def _by_id(problem: Problem, networks: Networks) -> Document:
    return {
        layer.name: [list(problem.ids(group)) for group in partition]
        for layer, partition in zip(problem.layers, networks, strict=True)
    }


def _pairs_changed(difference: Difference) -> int:
    return sum(len(pairs) for pairs in difference.made)
