"""Rules about one network that a layer may ask for: each is said once, where its field stands.

A field made by `asked` is read, written and described in files, taken back in the search for what
clashes, and told in a sentence, by what stands there. What it means stands in
`matcher.groups.rules`, and once more, for the solver, in `matcher.groups.layers.to_cover`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule about one network.

    name: its one name, in files, rules and words. schema: what stands in a file. sentence: English,
    {n} a count, {all} names. holds_in_parts: whether the parts of a network that keeps it keep it.
    """

    name: str
    schema: Mapping[str, object]
    sentence: str
    holds_in_parts: bool
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
        return tuple(value) if isinstance(value, list) else value

    def written(self, layer: object) -> object:
        """Return what stands in a file."""
        value = self.of(layer)
        return list(value) if isinstance(value, tuple) else value


def asked(
    default: Any,  # noqa: ANN401 - the field's own type
    name: str,
    schema: Mapping[str, object],
    sentence: str,
    *,
    holds_in_parts: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Make the field of a rule that is not asked for when it has its default."""
    return field(default=default, metadata={"asked": Asked(name, schema, sentence, holds_in_parts)})


def rules_of(layer: type[Any]) -> tuple[Asked, ...]:
    """Return the rules that a layer's class has fields for."""
    found = []
    for one in fields(layer):
        rule = one.metadata.get("asked")
        if rule is not None and one.default is not MISSING:
            said = (rule.name, rule.schema, rule.sentence, rule.holds_in_parts)
            found.append(Asked(*said, one.name, one.default))
    return tuple(found)
