"""What a problem must fulfil before anything is reckoned: every fault with its place and what is expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from matcher.documents.text import shown
from matcher.groups.model.asked import ATTRIBUTES, COUNT, LARGEST_COST, MEMBERS, RANGE, Item
from matcher.groups.model.layer import RULES, Attribute, Layer, Member

FaultParts = tuple[str, str, str]
"""Where, what stands there, what is expected."""

# Squares and sums of values up to here stay far inside a 64-bit float.
LARGEST_NUMBER = 1e100


def problem_faults(
    members: tuple[Member, ...], attributes: tuple[Attribute, ...], layers: tuple[Layer, ...]
) -> list[FaultParts]:
    """Every fault of a problem: members first, then attributes, then layers."""
    faults = list(_member_faults(members, layers))
    names = Counter(attribute.name for attribute in attributes)
    faults += [
        (f"attribute {name}", f"{count} attributes of this name", "each name once")
        for name, count in names.items()
        if count > 1
    ]
    ids = [member.id for member in members]
    for attribute in attributes:
        faults += attribute_faults(attribute, ids)
    if not layers:
        faults.append(("layers", "none", "at least one layer"))
    layer_names = Counter(layer.name for layer in layers)
    faults += [
        (f"layer {name}", f"{count} layers of this name", "each name once")
        for name, count in layer_names.items()
        if count > 1
    ]
    known = {attribute.name: attribute for attribute in attributes}
    for layer in layers:
        faults += _layer_faults(layer, members, known)
    return faults


def attribute_faults(attribute: Attribute, members: list[str]) -> Iterator[FaultParts]:
    """Every value that does not fit the attribute's kind."""
    where = f"attribute {attribute.name}"
    if len(attribute.values) != len(members):
        yield where, f"{len(attribute.values)} values", f"one for each of {len(members)} members"
        return
    if attribute.certainty and len(attribute.certainty) != len(members):
        yield where, f"{len(attribute.certainty)} certainties", f"{len(members)} or none"
    for certainty in attribute.certainty:
        if not 0.0 <= certainty <= 1.0:
            yield where, f"a certainty of {certainty:g}", "0 to 1"
            break
    if attribute.kind == "order" and len(set(attribute.levels)) != max(len(attribute.levels), 2):
        yield where, f"levels {', '.join(attribute.levels)}", "two or more different levels"
    for name, value in zip(members, attribute.values, strict=True):
        expected = _misfit(attribute, value)
        if expected:
            yield f"member {name}, {where}", _as_written(value), expected


def _as_written(value: object) -> str:
    """Return a value as it stands in a file."""
    if isinstance(value, frozenset | tuple):
        return shown(sorted(value) if isinstance(value, frozenset) else list(value))
    return str(value)


def _misfit(attribute: Attribute, value: object) -> str:
    """Say what is expected in the place of a value that does not fit; nothing where it does."""
    if value is None:
        return ""
    fits, expected = {
        "number": (_is_number(value), f"a number between -{LARGEST_NUMBER:g} and its opposite"),
        "place": (_is_place(value), "latitude -90 to 90 and longitude -180 to 180"),
        "set": (isinstance(value, frozenset), "a list of texts"),
        "times": (isinstance(value, frozenset), "a list of spans, start/end"),
    }.get(attribute.kind, (isinstance(value, str), "a text"))
    if not fits:
        return expected
    if attribute.kind == "order" and value not in attribute.levels:
        return f"one of {', '.join(attribute.levels)}"
    return ""


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -LARGEST_NUMBER <= value <= LARGEST_NUMBER  # false for NaN too


def _is_place(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    limits = zip(value, (90.0, 180.0), strict=True)
    return all(_is_number(degrees) and abs(degrees) <= limit for degrees, limit in limits)


def _member_faults(members: tuple[Member, ...], layers: tuple[Layer, ...]) -> Iterator[FaultParts]:
    if not members:
        yield "members", "0 members", "at least one"
    counts = Counter(member.id for member in members)
    for key, count in counts.items():
        if count > 1:
            yield f"member {key}", f"{count} members of this id", "each id once"
    names = {layer.name for layer in layers}
    for member in members:
        where = f"member {member.id}"
        if not member.id:
            yield "members", "an empty id", "an id"
        for limit, name in (
            (member.most_networks, "most_networks"),
            (member.most_asked, "most_asked"),
        ):
            if limit is not None and limit < 0:
                yield f"{where}, {name}", str(limit), "0 or more"
        for name in member.opt_out:
            if name not in names:
                yield f"{where}, opt_out", name, f"one of {', '.join(sorted(names))}"


def _layer_faults(
    layer: Layer, members: tuple[Member, ...], known: dict[str, Attribute]
) -> Iterator[FaultParts]:
    where = f"layer {layer.name}" if layer.name else "layers"
    if not layer.name:
        yield where, "an empty name", "a name"
    if not 2 <= layer.smallest <= layer.largest:
        yield (
            f"{where}, sizes",
            f"{layer.smallest}-{layer.largest}",
            "smallest-largest, at least 2: nobody is left alone",
        )
    yield from _weight_faults(layer, members, known, where)
    costs = {
        "stability": layer.stability,
        "novelty": layer.novelty,
        "moved": layer.moved,
        "expertise": layer.expertise,
        "weight": layer.weight,
    }
    for name, cost in costs.items():
        yield from _number_faults(f"{where}, {name}", cost, LARGEST_COST)
    if layer.unknown is not None:
        yield from _number_faults(f"{where}, unknown", layer.unknown, 1.0)
    yield from _number_faults(f"{where}, known_floor", layer.known_floor, 1.0)
    yield from _rule_faults(layer, members, known, where)
    yield from _history_faults(layer, members, where)


def _asked_faults(
    layer: Layer, members: tuple[Member, ...], known: dict[str, Attribute], where: str
) -> Iterator[FaultParts]:
    for asked in RULES:
        value = asked.of(layer)
        if asked.kind is COUNT and value < 0:
            yield f"{where}, {asked.name}", str(value), "0 or more"
        if asked.kind is MEMBERS and len(set(value)) < len(value):
            found = ", ".join(members[number].id for number in value)
            yield f"{where}, {asked.name}", found, "each member once"
        if asked.kind is RANGE and value is not None and not 0 <= value[0] <= value[1]:
            yield f"{where}, {asked.name}", f"{value[0]} to {value[1]}", "fewest, most; 0 or more"
        for name in asked.attributes(layer):
            if name not in known:
                yield f"{where}, {asked.name}", name, f"one of {', '.join(known) or 'none'}"
            elif asked.kind is ATTRIBUTES and known[name].kind in ("set", "times", "place"):
                found = f"{name}, of kind {known[name].kind}"
                yield f"{where}, {asked.name}", found, "a category, an order or a number"
        for item in value if asked.item is not None else ():
            if item.attribute in known:
                yield from _item_faults(item, known[item.attribute], f"{where}, {asked.name}")


def _item_faults(item: Item, attribute: Attribute, where: str) -> Iterator[FaultParts]:
    if attribute.kind not in item.of_kinds:
        expected = f"an attribute of kind {' or '.join(item.of_kinds)}"
        yield where, f"{attribute.name}, of kind {attribute.kind}", expected
        return
    for number in item.numbers:
        yield from _number_faults(f"{where} {attribute.name}", number, LARGEST_COST)
    value = getattr(item, "value", None)
    known: set[object] = {*attribute.levels}
    for one in attribute.values:
        known |= one if isinstance(one, frozenset) else {one} - {None}
    if value is not None and value not in known:
        found = f"{attribute.name} {value}"
        yield where, found, f"one of {', '.join(sorted(map(str, known))) or 'its values'}"


def _rule_faults(
    layer: Layer, members: tuple[Member, ...], known: dict[str, Attribute], where: str
) -> Iterator[FaultParts]:
    if layer.horizon is not None and layer.horizon < 0:
        yield f"{where}, horizon", str(layer.horizon), "0 or more rounds"
    yield from _asked_faults(layer, members, known, where)
    for rule, groups in (("together", layer.together), ("apart", layer.apart)):
        for group in groups:
            if len(group) < 2 or len(set(group)) < len(group):
                found = ", ".join(members[number].id for number in group)
                yield f"{where}, {rule}", found, "two or more different members"
    if layer.longest_travel is not None:
        yield from _number_faults(f"{where}, longest_travel", layer.longest_travel.km, LARGEST_COST)
        yield from _number_faults(f"{where}, travel cost", layer.longest_travel.cost, LARGEST_COST)
        near = layer.longest_travel.near
        if near is not None and layer.longest_travel.otherwise == "never":
            yield f"{where}, longest_travel", "near", "only with otherwise digital"
        for pair in near or ():
            if len(set(pair)) != 2:
                found = ", ".join(members[number].id for number in pair)
                yield f"{where}, longest_travel, near", found, "two different members"
        if near is None and not any(attribute.kind == "place" for attribute in known.values()):
            yield (
                f"{where}, longest_travel",
                "no places",
                "an attribute with latitude and longitude",
            )


def _weight_faults(
    layer: Layer, members: tuple[Member, ...], known: dict[str, Attribute], where: str
) -> Iterator[FaultParts]:
    counts = Counter(weight.attribute for weight in layer.weights)
    for weight in layer.weights:
        if weight.attribute not in known:
            yield f"{where}, weights", weight.attribute, f"one of {', '.join(known) or 'none'}"
            continue
        yield from _number_faults(
            f"{where}, weight of {weight.attribute}", weight.weight, LARGEST_COST
        )
        if counts[weight.attribute] > 1:
            yield f"{where}, weights", weight.attribute, "each attribute once"
        if layer.metric == "sqeuclidean":
            attribute = known[weight.attribute]
            if attribute.kind != "number":
                yield f"{where}, attribute {attribute.name}", attribute.kind, "a number"
            if None in attribute.values:
                member = members[attribute.values.index(None)].id
                yield f"member {member}, attribute {attribute.name}", "unknown", "a number"
            if weight.is_unlike:
                yield f"{where}, weights", f"unlike {attribute.name}", "likeness with sqeuclidean"
    if layer.weights and not any(weight.weight > 0 for weight in layer.weights):
        yield f"{where}, weights", "0 for every attribute", "at least one weight above 0"


def _history_faults(layer: Layer, members: tuple[Member, ...], where: str) -> Iterator[FaultParts]:
    for age, partition in enumerate(layer.history):
        seated = Counter(number for group in partition for number in group)
        twice = [number for number, count in seated.items() if count > 1]
        if twice:
            found = f"{members[twice[0]].id} in two networks"
            yield f"{where}, history {age + 1}", found, "each member in one at most"


def _number_faults(where: str, value: float, most: float) -> Iterable[FaultParts]:
    if not 0.0 <= value <= most:  # false for NaN too
        yield where, f"{value:g}", f"0 to {most:g}"
