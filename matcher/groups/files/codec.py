"""A matching problem as JSON: read with every fault's path, and written so that it reads back the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from matcher.documents.fields import read_fields, stated, stated_in, written
from matcher.documents.reader import Reader
from matcher.documents.schema import check_schema
from matcher.documents.text import shown
from matcher.groups.files.schema import GROUPS_SCHEMA, RULES_SCHEMA
from matcher.groups.files.table import compared
from matcher.groups.model.asked import ATTRIBUTES, MEMBERS
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
    members = tuple(Member(**read_fields(Member, item)) for item in root["members"])
    reader = Reader()
    attributes = _attributes(root, reader)
    numbers = {member.id: number for number, member in enumerate(members)}
    names = [attribute.name for attribute in attributes]
    layers = tuple(
        _layer(item, f"$.layers[{place}]", numbers, names, reader)
        for place, item in enumerate(root.get("layers", [{}]))
    )
    reader.finish()
    return Problem(
        members,
        attributes,
        layers,
        **read_fields(Problem, root),
    )


def read_rules(document: object) -> _Object:
    """Return a document that says what a layer asks for, checked.

    Raises:
        InvalidProblemError: with every fault.
    """
    check_schema(document, RULES_SCHEMA)
    return document  # type: ignore[return-value] # an object, says the schema


def named_in(rules: _Object) -> tuple[str, ...]:
    """Name the attributes that the rules of a document are about, each once."""
    names: list[str] = []
    for rule in RULES:
        asked = rules.get(rule.name, ())
        if rule.item is not None:
            names += [one["attribute"] for one in asked]
        elif rule.kind is ATTRIBUTES:
            names += asked
    return tuple(dict.fromkeys(names))


def with_rules(problem: Problem, rules: _Object) -> Problem:
    """Return a problem of one layer that asks for what a document says, by the names of a layer's rules.

    Values are compared as the cells of a members file are: case, blanks and composition make no difference.

    Raises:
        InvalidProblemError: with every fault.
    """
    numbers = {member.id: number for number, member in enumerate(problem.members)}
    reader = Reader()
    (layer,) = problem.layers
    asked = _fields(reader, _as_spelled(problem, rules), "$", numbers)
    reader.finish()
    return replace(problem, layers=(replace(layer, **asked),))


def _as_spelled(problem: Problem, rules: _Object) -> _Object:
    """Return rules whose values are spelled as the members' are."""
    spelled = {
        (attribute.name, compared(text)): text
        for attribute in problem.attributes
        for text in _texts(attribute)
    }

    def one(item: _Object) -> _Object:
        if "value" not in item:
            return item
        value = spelled.get((item["attribute"], compared(item["value"])), item["value"])
        return {**item, "value": value}

    items = {rule.name for rule in RULES if rule.item is not None}
    return {name: [*map(one, each)] if name in items else each for name, each in rules.items()}


def _texts(attribute: Attribute) -> Iterator[str]:
    """Yield the names that an attribute has."""
    yield from attribute.levels
    for value in attribute.values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, frozenset):
            yield from value


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
    return {
        "members": [_member_document(problem, number) for number in range(len(problem.members))],
        "attributes": [stated(each) for each in problem.attributes],
        "layers": [_layer_document(problem, layer) for layer in problem.layers],
        **_known(written(problem)),
    }


def _known(document: Mapping[str, object]) -> dict[str, object]:
    """Leave out what nobody has said."""
    return {name: value for name, value in document.items() if value is not None}


def _attributes(root: _Object, reader: Reader) -> tuple[Attribute, ...]:
    """Read the attributes that are declared, or else every name that a member has a value for."""
    items: list[_Object] = root["members"]
    found = list(dict.fromkeys(name for item in items for name in item.get("values", {})))
    declared: list[_Object] = root.get("attributes", [])
    kinds: dict[str, _Object] = {item["name"]: item for item in declared}
    for place, item in enumerate(items):
        for name in {**item.get("values", {}), **item.get("certainty", {})}:
            if declared and name not in kinds:
                expected = f"one of the attributes {', '.join(kinds)}"
                reader.fault(f"$.members[{place}]", name, expected)
    return tuple(
        _attribute(name, kinds.get(name, {}), items, reader) for name in (list(kinds) or found)
    )


def _attribute(name: str, declared: _Object, items: Sequence[_Object], reader: Reader) -> Attribute:
    cells = [item.get("values", {}).get(name) for item in items]
    kind: AttributeKind = declared.get("kind") or _kind(cells)
    certainty = [item.get("certainty", {}).get(name, 1.0) for item in items]
    return Attribute(
        name,
        kind,
        tuple(
            _value(cell, kind, f"$.members[{place}].values.{name}", reader)
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


def _value(cell: object, kind: AttributeKind, where: str, reader: Reader) -> Value | None:
    """Take a cell as it is; in a category, true, false and numbers are names like any other."""
    if isinstance(cell, list):
        return _listed(cell, kind, where, reader)
    if cell is None or isinstance(cell, str):
        return cell
    if kind in ("category", "order") or isinstance(cell, bool):
        return shown(cell)
    return cell if isinstance(cell, int | float) else None


def _listed(cell: list[Any], kind: AttributeKind, where: str, reader: Reader) -> Value | None:
    """Read a list: names, free times, or latitude and longitude."""
    is_named = all(isinstance(one, str) for one in cell)
    if is_named and kind == "times":
        try:
            return quarters(cell)
        except ValueError as error:
            reader.fault(where, str(error), EXPECTED)
            return None
    if is_named and (kind == "set" or len(cell) != 2):
        return frozenset(cell)
    return (cell[0], cell[1])


def _layer(
    item: _Object, where: str, numbers: Mapping[str, int], names: list[str], reader: Reader
) -> Layer:
    smallest, largest = item.get("sizes", (3, 4))
    unlike = item.get("unlike", ())
    weights = item.get("weights", dict.fromkeys(names, 1.0))
    reader.known(f"{where}.unlike", unlike, weights, "an attribute with a weight")
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
        unknown=None if unknown == "skip" else float(unknown),
        together=_groups(reader, item, "together", where, numbers),
        apart=_groups(reader, item, "apart", where, numbers),
        history=tuple(history),
        longest_travel=None
        if travel is None
        else _travel(reader, travel, f"{where}.longest_travel", numbers),
        **_fields(reader, item, where, numbers),
    )


def _fields(
    reader: Reader, item: _Object, where: str, numbers: Mapping[str, int]
) -> dict[str, Any]:
    """Read what stands in a layer as it is; members that it names by their places."""
    found = reader.fields(Layer, where, item)
    for one in stated_in(Layer):
        if one.kind is MEMBERS and one.attribute in found:
            at = f"{where}.{one.name}"
            found[one.attribute] = _numbers(reader, found[one.attribute], at, numbers)
    return found


def _numbers(reader: Reader, names: Sequence[str], where: str, numbers: Mapping[str, int]) -> Group:
    """Return members by their places."""
    reader.known(where, names, numbers, "the id of a member")
    return tuple(numbers[name] for name in names if name in numbers)


def _travel(reader: Reader, item: _Object, where: str, numbers: Mapping[str, int]) -> Travel:
    near = _groups(reader, item, "near", where, numbers) if "near" in item else None
    return Travel(near=near, **reader.fields(Travel, where, item))


def _groups(
    reader: Reader, item: _Object, rule: str, where: str, numbers: Mapping[str, int]
) -> tuple[Group, ...]:
    return tuple(
        _numbers(reader, names, f"{where}.{rule}[{place}]", numbers)
        for place, names in enumerate(item.get(rule, ()))
    )


def _member_document(problem: Problem, number: int) -> dict[str, object]:
    member = problem.members[number]
    document: dict[str, object] = stated(member)
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
        "unknown": "skip" if layer.unknown is None else layer.unknown,
        "together": [_named(problem, group) for group in layer.together],
        "apart": [_named(problem, group) for group in layer.apart],
        "history": [[_named(problem, group) for group in each] for each in layer.history],
        **_known(written(layer)),
    }
    for one in stated_in(Layer):
        if one.kind is MEMBERS:
            document[one.name] = _named(problem, getattr(layer, one.attribute))
    travel = layer.longest_travel
    if travel is not None:
        document["longest_travel"] = written(travel) | (
            {} if travel.near is None else {"near": [_named(problem, p) for p in travel.near]}
        )
    return document


def _named(problem: Problem, group: Group) -> list[str]:
    return [problem.members[number].id for number in group]
