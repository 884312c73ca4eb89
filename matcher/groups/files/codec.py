"""A matching problem as JSON: read with every fault's path, and written so that it reads back the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcher.codec import check_schema, shown
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.files.schema import GROUPS_SCHEMA, RULES_SCHEMA
from matcher.groups.model.asked import MEMBERS
from matcher.groups.model.layer import (
    RULES,
    Attribute,
    AttributeKind,
    Group,
    Layer,
    Member,
    Partition,
    Travel,
    Value,
    Weight,
)
from matcher.groups.model.problem import Problem
from matcher.groups.model.times import EXPECTED, quarters, spans

# A checked JSON object; what is inside is known from the schema.
_Object = Mapping[str, Any]


def read_problem(document: object) -> Problem:
    """Build a problem from parsed JSON.

    Raises:
        InvalidProblemError: with every fault, by JSON path or by member, attribute and layer.
    """
    check_schema(document, GROUPS_SCHEMA)
    root: _Object = in_rounds(document)  # type: ignore[arg-type] # an object, says the schema
    members = tuple(_member(item) for item in root["members"])
    faults: list[Fault] = []
    attributes = _attributes(root, faults)
    numbers = {member.id: number for number, member in enumerate(members)}
    names = [attribute.name for attribute in attributes]
    layers = tuple(
        _layer(item, f"$.layers[{place}]", numbers, names, faults)
        for place, item in enumerate(root.get("layers", [{}]))
    )
    if faults:
        raise InvalidProblemError(*faults)
    return Problem(
        members,
        attributes,
        layers,
        repeated_pair=float(root.get("repeated_pair", 0.0)),
        giver_cap=_whole(root.get("giver_cap")),
        is_fair=root.get("fair", False),
        each_pair_once=root.get("each_pair_once", False),
    )


def with_rules(problem: Problem, document: object) -> Problem:
    """Return a problem of one layer that asks for what a document says, by the names of a layer's rules.

    Raises:
        InvalidProblemError: with every fault.
    """
    check_schema(document, RULES_SCHEMA)
    item: _Object = document  # type: ignore[assignment] # an object, says the schema
    numbers = {member.id: number for number, member in enumerate(problem.members)}
    faults: list[Fault] = []
    (layer,) = problem.layers
    asked = _rules(item, "$", numbers, faults)
    if faults:
        raise InvalidProblemError(*faults)
    moved = float(item.get("moved", layer.moved))
    return replace(problem, layers=(replace(layer, moved=moved, **asked),))


def of_rounds(problem: Problem, rounds: int) -> Problem:
    """Return a problem of one layer as one of so many rounds, in which no pair meets twice."""
    (layer,) = problem.layers
    layers = tuple(replace(layer, name=f"{layer.name} {n + 1}") for n in range(rounds))
    return replace(problem, layers=layers, each_pair_once=True)


def in_rounds(root: _Object) -> _Object:
    """Return a document with a layer of its own for each round of a layer that has several.

    They have the layer's name and a number; who has opted out of the layer is in none of them.
    """
    layers: list[_Object] = root.get("layers", [{}])
    names: dict[str, list[str]] = {}
    every: list[_Object] = []
    for layer in layers:
        plain = {key: value for key, value in layer.items() if key != "rounds"}
        name, rounds = layer.get("name", "networks"), int(layer.get("rounds", 1))
        names[name] = [name] if rounds < 2 else [f"{name} {n + 1}" for n in range(rounds)]
        every += [plain | {"name": each} for each in names[name]]
    if len(every) == len(layers):
        return {**root, "layers": every}
    members = [
        {
            **member,
            "opt_out": [each for name in member["opt_out"] for each in names.get(name, [name])],
        }
        if "opt_out" in member
        else member
        for member in root["members"]
    ]
    return {**root, "layers": every, "members": members}


def write_problem(problem: Problem) -> dict[str, object]:
    """Return the problem as a JSON document that `read_problem` reads back the same."""
    document: dict[str, object] = {
        "members": [_member_document(problem, number) for number in range(len(problem.members))],
        "attributes": [
            {"name": each.name, "kind": each.kind}
            | ({"levels": list(each.levels)} if each.levels else {})
            for each in problem.attributes
        ],
        "layers": [_layer_document(problem, layer) for layer in problem.layers],
        "repeated_pair": problem.repeated_pair,
        "fair": problem.is_fair,
        "each_pair_once": problem.each_pair_once,
    }
    if problem.giver_cap is not None:
        document["giver_cap"] = problem.giver_cap
    return document


def _member(item: _Object) -> Member:
    return Member(
        id=item["id"],
        name=item.get("name", ""),
        body=item.get("body", ""),
        is_operational=item.get("operational"),
        most_networks=_whole(item.get("most_networks")),
        most_asked=_whole(item.get("most_asked")),
        seeks=tuple(item.get("seeks", ())),
        offers=tuple(item.get("offers", ())),
        roles=tuple(item.get("roles", ())),
        opt_out=tuple(item.get("opt_out", ())),
    )


def _whole(value: float | None) -> int | None:
    """Take a whole number, which JSON may also write as 3.0."""
    return None if value is None else int(value)


def _attributes(root: _Object, faults: list[Fault]) -> tuple[Attribute, ...]:
    """Read the attributes that are declared, or else every name that a member has a value for."""
    items: list[_Object] = root["members"]
    found = list(dict.fromkeys(name for item in items for name in item.get("values", {})))
    declared: list[_Object] = root.get("attributes", [])
    kinds: dict[str, _Object] = {item["name"]: item for item in declared}
    for place, item in enumerate(items):
        for name in {**item.get("values", {}), **item.get("certainty", {})}:
            if declared and name not in kinds:
                expected = f"one of the attributes {', '.join(kinds)}"
                faults.append(Fault(f"$.members[{place}]", shown(name), expected))
    return tuple(
        _attribute(name, kinds.get(name, {}), items, faults) for name in (list(kinds) or found)
    )


def _attribute(
    name: str, declared: _Object, items: Sequence[_Object], faults: list[Fault]
) -> Attribute:
    cells = [item.get("values", {}).get(name) for item in items]
    kind: AttributeKind = declared.get("kind") or _kind(cells)
    certainty = [item.get("certainty", {}).get(name, 1.0) for item in items]
    return Attribute(
        name,
        kind,
        tuple(
            _value(cell, kind, f"$.members[{place}].values.{name}", faults)
            for place, cell in enumerate(cells)
        ),
        levels=tuple(declared.get("levels", ())),
        certainty=() if all(each == 1.0 for each in certainty) else tuple(map(float, certainty)),
    )


def _kind(cells: Sequence[object]) -> AttributeKind:
    known = [cell for cell in cells if cell is not None]
    lists = [cell for cell in known if isinstance(cell, list)]
    if known and len(lists) == len(known):
        is_named = any(isinstance(one, str) for cell in lists for one in cell)
        return "set" if is_named or not any(lists) else "place"
    if all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known):
        return "number"
    return "category"


def _value(cell: object, kind: AttributeKind, where: str, faults: list[Fault]) -> Value | None:
    """Take a cell as it is; in a category, true, false and numbers are names like any other."""
    if isinstance(cell, list):
        return _listed(cell, kind, where, faults)
    if cell is None or isinstance(cell, str):
        return cell
    if kind in ("category", "order") or isinstance(cell, bool):
        return shown(cell)
    return cell if isinstance(cell, int | float) else None


def _listed(cell: list[Any], kind: AttributeKind, where: str, faults: list[Fault]) -> Value | None:
    """Read a list: names, free times, or latitude and longitude."""
    is_named = all(isinstance(one, str) for one in cell)
    if is_named and kind == "times":
        try:
            return quarters(cell)
        except ValueError as error:
            faults.append(Fault(where, shown(str(error)), EXPECTED))
            return None
    if is_named and (kind == "set" or len(cell) != 2):
        return frozenset(cell)
    return (cell[0], cell[1])


def _layer(
    item: _Object, where: str, numbers: Mapping[str, int], names: list[str], faults: list[Fault]
) -> Layer:
    smallest, largest = item.get("sizes", (3, 4))
    unlike = item.get("unlike", ())
    weights = item.get("weights", dict.fromkeys(names, 1.0))
    faults += [
        Fault(f"{where}.unlike", shown(name), "an attribute with a weight")
        for name in unlike
        if name not in weights
    ]
    unknown = item.get("unknown", "skip")
    travel = item.get("longest_travel")
    history: list[Partition] = []
    for partition in item.get("history", ()):
        known = (tuple(numbers[m] for m in group if m in numbers) for group in partition)
        history.append(tuple(group for group in known if group))
    return Layer(
        name=item.get("name", "networks"),
        smallest=int(smallest),
        largest=int(largest),
        weights=tuple(
            Weight(name, float(weight), is_unlike=name in unlike)
            for name, weight in weights.items()
        ),
        metric=item.get("metric", "gower"),
        is_standardised=item.get("standardise", False),
        cost=item.get("cost", "peer-mean"),
        unknown=None if unknown == "skip" else float(unknown),
        known_floor=float(item.get("known_floor", 0.0)),
        weight=float(item.get("weight", 1.0)),
        role=item.get("role", ""),
        together=_groups(item, "together", where, numbers, faults),
        apart=_groups(item, "apart", where, numbers, faults),
        history=tuple(history),
        stability=float(item.get("stability", 0.0)),
        novelty=float(item.get("novelty", 0.0)),
        moved=float(item.get("moved", 0.0)),
        horizon=_whole(item.get("horizon")),
        is_experience=item.get("experience", False),
        longest_travel=None
        if travel is None
        else _travel(travel, f"{where}.longest_travel", numbers, faults),
        expertise=float(item.get("expertise", 0.0)),
        **_rules(item, where, numbers, faults),
    )


def _rules(
    item: _Object, where: str, numbers: Mapping[str, int], faults: list[Fault]
) -> dict[str, Any]:
    """Read what a layer asks for, by the fields of the layer."""
    return {
        rule.attribute: _numbers(item[rule.name], f"{where}.{rule.name}", numbers, faults)
        if rule.schema is MEMBERS
        else rule.read(item[rule.name])
        for rule in RULES
        if rule.name in item
    }


def _numbers(
    names: Sequence[str], where: str, numbers: Mapping[str, int], faults: list[Fault]
) -> Group:
    """Return members by their places."""
    faults += [
        Fault(where, shown(name), "the id of a member") for name in names if name not in numbers
    ]
    return tuple(numbers[name] for name in names if name in numbers)


def _travel(item: _Object, where: str, numbers: Mapping[str, int], faults: list[Fault]) -> Travel:
    return Travel(
        float(item["km"]),
        item.get("otherwise", "never"),
        float(item.get("cost", 0.0)),
        _groups(item, "near", where, numbers, faults) if "near" in item else None,
    )


def _groups(
    item: _Object, rule: str, where: str, numbers: Mapping[str, int], faults: list[Fault]
) -> tuple[Group, ...]:
    groups: list[Group] = []
    for place, names in enumerate(item.get(rule, ())):
        strangers = [name for name in names if name not in numbers]
        if strangers:
            here = f"{where}.{rule}[{place}]"
            faults.append(Fault(here, shown(strangers[0]), "the id of a member"))
        else:
            groups.append(tuple(numbers[name] for name in names))
    return tuple(groups)


def _member_document(problem: Problem, number: int) -> dict[str, object]:
    member = problem.members[number]
    document: dict[str, object] = {"id": member.id}
    texts = {"name": member.name, "body": member.body}
    limits = {
        "operational": member.is_operational,
        "most_networks": member.most_networks,
        "most_asked": member.most_asked,
    }
    lists = {
        "seeks": member.seeks,
        "offers": member.offers,
        "roles": member.roles,
        "opt_out": member.opt_out,
    }
    document |= {name: text for name, text in texts.items() if text}
    document |= {name: limit for name, limit in limits.items() if limit is not None}
    document |= {name: list(items) for name, items in lists.items() if items}
    document["values"] = {
        attribute.name: _cell(attribute, value)
        for attribute in problem.attributes
        if (value := attribute.values[number]) is not None
    }
    certainty = {
        attribute.name: attribute.certainty[number]
        for attribute in problem.attributes
        if attribute.certainty
    }
    return document | ({"certainty": certainty} if certainty else {})


def _cell(attribute: Attribute, value: Value) -> object:
    if isinstance(value, frozenset):
        return list(spans(value)) if attribute.kind == "times" else sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _layer_document(problem: Problem, layer: Layer) -> dict[str, object]:
    document: dict[str, object] = {
        "name": layer.name,
        "sizes": [layer.smallest, layer.largest],
        "weights": {weight.attribute: weight.weight for weight in layer.weights},
        "unlike": [weight.attribute for weight in layer.weights if weight.is_unlike],
        "metric": layer.metric,
        "standardise": layer.is_standardised,
        "cost": layer.cost,
        "unknown": "skip" if layer.unknown is None else layer.unknown,
        "known_floor": layer.known_floor,
        "weight": layer.weight,
        "role": layer.role,
        "together": [_named(problem, group) for group in layer.together],
        "apart": [_named(problem, group) for group in layer.apart],
        "history": [[_named(problem, group) for group in each] for each in layer.history],
        "stability": layer.stability,
        "novelty": layer.novelty,
        "moved": layer.moved,
        "experience": layer.is_experience,
        "expertise": layer.expertise,
        **{
            rule.name: _named(problem, rule.of(layer))
            if rule.schema is MEMBERS
            else rule.written(layer)
            for rule in RULES
            if rule.is_asked(layer) or rule.default is not None
        },
    }
    if layer.horizon is not None:
        document["horizon"] = layer.horizon
    travel = layer.longest_travel
    if travel is not None:
        document["longest_travel"] = {
            "km": travel.km,
            "otherwise": travel.otherwise,
            "cost": travel.cost,
        } | ({} if travel.near is None else {"near": [_named(problem, p) for p in travel.near]})
    return document


def _named(problem: Problem, group: Group) -> list[str]:
    return [problem.members[number].id for number in group]
