"""Rules that a layer may ask for: each is said once, where its field stands.

A field made by `asked` is read, written and described in files, taken back in the search for what
clashes, and told in a sentence, by what stands there. What it means stands in
`matcher.groups.rules`, and once more, for the solver, in `matcher.groups.layers.by_network`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar

COUNT: Mapping[str, object] = {
    "type": "integer",
    "minimum": 0,
    "maximum": 1e6,
    "description": "a whole number, 0 or more",
}
FLAG: Mapping[str, object] = {"type": "boolean"}
ATTRIBUTES: Mapping[str, object] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "description": "names of attributes",
}
# In a file ids, in a layer the members' places.
MEMBERS: Mapping[str, object] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "description": "ids of members",
}
RANGE: Mapping[str, object] = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 1e6},
    "minItems": 2,
    "maxItems": 2,
    "description": "[fewest, most]",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One of several wishes of a rule, about an attribute; a file has an object with its fields' names.

    of_kinds: the kinds of attribute that it can be asked of.
    """

    of_kinds: ClassVar[tuple[str, ...]] = ()
    schema: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    attribute: str

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Item":
        """Return the item that stands in a file, where a whole number may be written 3.0."""
        return cls(**{one.name: one.type(given[one.name]) for one in fields(cls)})  # type: ignore[operator]

    def written(self) -> dict[str, object]:
        """Return what stands in a file."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, in order: what a sentence calls {0} and {1}."""
        return tuple(str(value) for value in self.written().values() if isinstance(value, str))

    @property
    def numbers(self) -> tuple[float, ...]:
        """Its numbers, in order: what a sentence calls {n}."""
        values = self.written().values()
        return tuple(value for value in values if isinstance(value, int | float))


def items_of(kind: type[Item]) -> Mapping[str, object]:
    """Return the schema of a list of items."""
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": list(kind.schema),
            "additionalProperties": False,
            "properties": {name: dict(each) for name, each in kind.schema.items()},
        },
    }


@dataclass(frozen=True, slots=True)
class Told:
    """One wish of a rule as it is told: its names (members by their places, else texts) and numbers."""

    names: tuple[Any, ...]
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that a layer may ask for.

    name: its one name, in files, rules and words. schema: what stands in a file. sentence: English,
    {n} and {m} its numbers, {0} the first of its names, {all} all of them. holds_in_parts: whether the parts of a network that keeps it keep it.
    item: of a rule that is several wishes, each of them one.
    """

    name: str
    schema: Mapping[str, object]
    sentence: str
    holds_in_parts: bool
    item: type[Item] | None = None
    attribute: str = ""  # the field of Layer
    default: Any = None

    def of(self, layer: object) -> Any:  # noqa: ANN401 - the field's own type
        """Return what a layer asks."""
        return getattr(layer, self.attribute)

    def is_asked(self, layer: object) -> bool:
        """Whether a layer asks for it."""
        return bool(self.of(layer) != self.default)

    def read(self, value: object) -> Any:  # noqa: ANN401 - the field's own type
        """Return the field's value from a file's, which its schema has checked."""
        if self.schema is COUNT:
            return int(value)  # type: ignore[call-overload] # a number, perhaps 3.0
        if self.schema is RANGE and isinstance(value, list):
            return tuple(map(int, value))
        if self.item is not None and isinstance(value, list):
            return tuple(self.item.read(each) for each in value)
        return tuple(value) if isinstance(value, list) else value

    def written(self, layer: object) -> object:
        """Return what stands in a file."""
        value = self.of(layer)
        if self.item is not None:
            return [each.written() for each in value]
        return list(value) if isinstance(value, tuple) else value

    def attributes(self, layer: object) -> tuple[str, ...]:
        """Name the attributes that it is about."""
        if self.item is not None:
            return tuple(each.attribute for each in self.of(layer))
        return tuple(self.of(layer)) if self.schema is ATTRIBUTES else ()

    def told(self, layer: object) -> Iterator[Told]:
        """Tell each wish of the rule that a layer has, once."""
        value = self.of(layer)
        if self.item is not None:
            for one in dict.fromkeys(value):
                yield Told(one.names, one.numbers)
        elif self.schema is RANGE:
            yield from () if value is None else [Told((), value)]
        elif self.is_asked(layer):
            names = tuple(value) if isinstance(value, tuple) else ()
            yield Told(names, (value,) if self.schema is COUNT else ())


def asked(
    default: Any,  # noqa: ANN401 - the field's own type
    name: str,
    schema: Mapping[str, object] | type[Item],
    sentence: str,
    *,
    holds_in_parts: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Make the field of a rule that is not asked for when it has its default."""
    item = schema if isinstance(schema, type) else None
    known = items_of(schema) if isinstance(schema, type) else schema
    return field(
        default=default, metadata={"asked": Asked(name, known, sentence, holds_in_parts, item)}
    )


def rules_of(layer: type[Any]) -> tuple[Asked, ...]:
    """Return the rules that a layer's class has fields for."""
    found = []
    for one in fields(layer):
        rule = one.metadata.get("asked")
        if rule is not None and one.default is not MISSING:
            said = (rule.name, rule.schema, rule.sentence, rule.holds_in_parts, rule.item)
            found.append(Asked(*said, one.name, one.default))
    return tuple(found)
