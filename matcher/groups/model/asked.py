"""Rules that a layer may ask for: each is said once, where its field stands.

A field made by `asked` is read, written and described in files, taken back in the search for what
clashes, and told in a sentence, by what stands there. What it means stands in
`matcher.groups.rules`, and once more, for the solver, in `matcher.groups.layers.by_network`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Final

from matcher.documents.fields import (
    NAME,
    Kind,
    count,
    described,
    list_of,
    number,
    record_of,
    said,
    written,
)

LARGEST_COST: Final = 1e9
COUNT: Final = described(count(0, 1e6), "a whole number, 0 or more")
COST: Final = described(number(0, LARGEST_COST), "a cost, 0 or more")
ATTRIBUTES: Final = described(list_of(NAME), "names of attributes")
# In a file ids, in a layer the members' places: whoever reads a layer puts them in.
MEMBERS: Final = replace(described(list_of(NAME), "ids of members"), among="members")
RANGE: Final = described(list_of(count(0, 1e6), 2, 2), "[fewest, most]")


@dataclass(frozen=True, slots=True)
class Item:
    """One of several wishes of a rule, about an attribute; a file has an object with its fields' names.

    of_kinds: the kinds of attribute that it can be asked of.
    """

    of_kinds: ClassVar[tuple[str, ...]] = ()
    attribute: str = field(metadata=said(NAME))

    @property
    def names(self) -> tuple[str, ...]:
        """Its names, in order: what a sentence calls {0} and {1}."""
        return tuple(str(value) for value in written(self).values() if isinstance(value, str))

    @property
    def numbers(self) -> tuple[float, ...]:
        """Its numbers, in order: what a sentence calls {n}."""
        values = written(self).values()
        return tuple(value for value in values if isinstance(value, int | float))


@dataclass(frozen=True, slots=True)
class Told:
    """One wish of a rule as it is told: its names (members by their places, else texts) and numbers."""

    names: tuple[Any, ...]
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule that a layer may ask for.

    name: its one name, in files, rules and words. kind: what stands in a file. sentence: English,
    {n} and {m} its numbers, {0} the first of its names, {all} all of them. holds_in_parts: whether the parts of a network that keeps it keep it.
    item: of a rule that is several wishes, each of them one.
    """

    name: str
    kind: Kind
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

    def attributes(self, layer: object) -> tuple[str, ...]:
        """Name the attributes that it is about."""
        if self.item is not None:
            return tuple(each.attribute for each in self.of(layer))
        return tuple(self.of(layer)) if self.kind is ATTRIBUTES else ()

    def told(self, layer: object) -> Iterator[Told]:
        """Tell each wish of the rule that a layer has, once."""
        value = self.of(layer)
        if self.item is not None:
            for one in dict.fromkeys(value):
                yield Told(one.names, one.numbers)
        elif self.kind is RANGE:
            yield from () if value is None else [Told((), value)]
        elif self.is_asked(layer):
            names = tuple(value) if isinstance(value, tuple) else ()
            yield Told(names, (value,) if self.kind is COUNT else ())


def asked(
    default: Any,  # noqa: ANN401 - the field's own type
    name: str,
    kind: Kind | type[Item],
    sentence: str,
    *,
    holds_in_parts: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Make the field of a rule that is not asked for when it has its default."""
    item = kind if isinstance(kind, type) else None
    known = list_of(record_of(kind)) if isinstance(kind, type) else kind
    rule = Asked(name, known, sentence, holds_in_parts, item)
    return field(default=default, metadata={"asked": rule, **said(known, name=name)})


def rules_of(layer: type[Any]) -> tuple[Asked, ...]:
    """Return the rules that a layer's class has fields for."""
    found = []
    for one in fields(layer):
        rule = one.metadata.get("asked")
        if rule is not None:
            found.append(replace(rule, attribute=one.name, default=one.default))
    return tuple(found)
