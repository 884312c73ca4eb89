"""A solution as the JSON document that `samkrets match` writes."""

import math

from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import Group, Layer, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.groups.model.times import spans
from matcher.groups.rules import (
    group_cost,
    is_digital,
    member_cost,
    penalties,
    shared,
    times_asked,
    width_km,
)
from matcher.proof import Budget

Document = dict[str, object]


def solution_document(
    problem: Problem, solution: Solution, budget: Budget, seconds: float
) -> Document:
    """Write a solution with its proof and the evidence per member; one layer is written without a list."""
    proof = solution.proof
    document: Document = {
        "status": "optimal" if solution.is_optimal else "feasible",
        "objective": proof.objective,
        "lower_bound": proof.lower_bound if math.isfinite(proof.lower_bound) else None,
        "gap": proof.gap if math.isfinite(proof.gap) else None,
        "seconds": round(seconds, 3),
        "seed": budget.seed,
        "bound_method": solution.method,
    }
    layers = [
        _layer_document(problem, layer, partition)
        for layer, partition in zip(problem.layers, solution.networks, strict=True)
    ]
    if len(layers) == 1:
        document |= {name: value for name, value in layers[0].items() if name != "layer"}
    else:
        document["layers"] = layers
    if solution.fairness is not None:
        fairness = solution.fairness
        document["price_of_fairness"] = fairness.price
        document["fair"] = {"levels": list(fairness.levels), "proven": fairness.proven}
    wishes = penalties(problem, solution.networks)
    document["penalties"] = [
        {"rule": wish.rule, "subjects": list(wish.subjects), "cost": wish.cost} for wish in wishes
    ]
    asked = times_asked(problem, solution.networks)
    if asked:
        document["asked"] = {problem.members[number].id: n for number, n in sorted(asked.items())}
    return document


def _layer_document(problem: Problem, layer: Layer, partition: Partition) -> Document:
    how = measure(problem, layer)
    seat = {member: group for group in partition for member in group}
    return {
        "layer": layer.name,
        "metric": layer.metric,
        "cost": layer.cost,
        "sizes": [layer.smallest, layer.largest],
        "groups": [_group_document(problem, how, group) for group in partition],
        "members": [
            _member_document(problem, how, seat[member], member) for member in sorted(seat)
        ],
    }


def _group_document(problem: Problem, how: Measure, group: Group) -> Document:
    document: Document = {"members": list(problem.ids(group)), "cost": group_cost(how, group)}
    travel = how.layer.longest_travel
    if travel is not None:
        km = width_km(problem, group)
        document["km"] = round(km, 1)
        document["form"] = "digital" if is_digital(problem, travel, group) else "in_person"
    for wish in how.layer.in_common:
        document["in_common"] = _shared(document, "in_common", wish.attribute, problem, group)
    for meeting in how.layer.can_meet:
        document["can_meet"] = _shared(document, "can_meet", meeting.attribute, problem, group)
    return document


def _shared(
    document: Document, key: str, attribute: str, problem: Problem, group: Group
) -> dict[str, list[str]]:
    """Add what all of a group share of an attribute, free times as spans; nothing where nobody's is known."""
    found = document.get(key)
    told: dict[str, list[str]] = dict(found) if isinstance(found, dict) else {}
    held = shared(problem, attribute, group)
    if held is not None:
        told[attribute] = list(spans(held)) if key == "can_meet" else sorted(held)
    return told


def _member_document(problem: Problem, how: Measure, group: Group, member: int) -> Document:
    document: Document = {
        "id": problem.members[member].id,
        "dissimilarity": member_cost(how, group, member),
        "reasons": reasons(how, group, member),
    }
    known = known_share(how, member)
    if known < 1.0:
        document["known"] = known
        if known < how.layer.known_floor:
            document["below_known_floor"] = True
    return document


def reasons(how: Measure, group: Group, member: int) -> list[Document]:
    """Return each attribute's mean dissimilarity to the others, where it counts in any pair at all."""
    pairs = [how.parts(member, other) for other in sorted(group) if other != member]
    found: list[Document] = []
    for place, weight in enumerate(how.layer.weights):
        values = [value for parts in pairs if (value := parts[place].dissimilarity) is not None]
        if values:
            found.append(
                {
                    "attribute": weight.attribute,
                    "weight": weight.weight,
                    "dissimilarity": math.fsum(values) / len(values),
                }
            )
    return found


def known_share(how: Measure, member: int) -> float:
    """Return the share of the layer's weight that lies on attributes known of a member."""
    weights = [weight.weight for weight in how.layer.weights]
    known = [
        weight
        for weight, attribute in zip(weights, how.attributes, strict=True)
        if attribute.values[member] is not None
    ]
    return math.fsum(known) / math.fsum(weights) if any(weights) else 1.0
