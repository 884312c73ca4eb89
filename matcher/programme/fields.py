"""Fields of a session, room or person that stand in a file as they are: each said once, where it stands.

A field made by `stands` is read, written, described and checked in files by what stands there
(`matcher.programme.files`), and left out of a problem in the search for what clashes when it `closes`
slots. What it means stands in `matcher.programme.rules`, and once more, for the solver, in
`matcher.programme.places`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

Json = dict[str, Any]

LONGEST_ID: Final = 200
_TIME: Final = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value stands in a file; `among` is the list in which the ids that it names stand."""

    schema: Mapping[str, Any]
    read: Callable[[Any], Any] = lambda value: value
    write: Callable[[Any], object] = lambda value: value
    among: str = ""


def time_text(moment: datetime | None) -> str | None:
    """Return a local time as it stands in a file."""
    return moment.strftime("%Y-%m-%dT%H:%M") if moment else None


FLAG: Final = Kind({"type": "boolean"})
TEXT: Final = Kind({"type": "string"})
TIME: Final = Kind({"type": "string", "pattern": _TIME}, datetime.fromisoformat, time_text)


def one_id(among: str = "") -> Kind:
    """An id, of something in a list where one is named."""
    return Kind({"type": "string", "minLength": 1, "maxLength": LONGEST_ID}, among=among)


def ids(among: str = "") -> Kind:
    """A set of ids; in a file a list without repeats."""
    items = {**one_id().schema, "description": "an id"}
    return Kind(
        {"type": "array", "items": items, "uniqueItems": True}, frozenset, sorted, among=among
    )


def count(least: int, most: int) -> Kind:
    """A whole number; 3.0 is one too."""
    return Kind({"type": "integer", "minimum": least, "maximum": most}, int)


def one_of(*values: str) -> Kind:
    """One of some words."""
    return Kind({"enum": list(values)})


@dataclass(frozen=True, slots=True)
class Stated:
    """A field as it stands in a file under `name`."""

    name: str
    kind: Kind
    description: str
    closes: bool
    attribute: str = ""  # the dataclass' field


_STATED: dict[type[Any], tuple[Stated, ...]] = {}  # dataclass -> what of it stands in files


def stands(
    kind: Kind,
    description: str,
    default: Any = None,  # noqa: ANN401 - the field's own type
    *,
    name: str = "",
    closes: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Make a field that may stand in a file, under its own name when none is given."""
    return field(default=default, metadata={"stands": Stated(name, kind, description, closes)})


def stated_in(record: type[Any]) -> tuple[Stated, ...]:
    """Return the fields of a dataclass that stand in files as they are."""
    if record not in _STATED:
        _STATED[record] = tuple(
            replace(said, name=said.name or one.name, attribute=one.name)
            for one in fields(record)
            if (said := one.metadata.get("stands")) is not None
        )
    return _STATED[record]


def properties(record: type[Any]) -> Json:
    """Return the JSON Schema of each field of a dataclass."""
    return {
        one.name: {**one.kind.schema, "description": _described(one)} for one in stated_in(record)
    }


def _described(one: Stated) -> str:
    suffix = ": local time YYYY-MM-DDTHH:MM" if one.kind is TIME else ""
    return f"{one.description}{suffix}"


def read_fields(record: type[Any], item: Mapping[str, Any]) -> Json:
    """Return the arguments that make a dataclass from what stands in a checked file."""
    return {
        one.attribute: one.kind.read(item[one.name])
        for one in stated_in(record)
        if item.get(one.name) is not None
    }


def written(record: Any) -> Json:  # noqa: ANN401 - any of the dataclasses
    """Return what stands in a file, empty values too."""
    found = ((one, getattr(record, one.attribute)) for one in stated_in(type(record)))
    return {one.name: None if value is None else one.kind.write(value) for one, value in found}


def opened(record: Any) -> Any:  # noqa: ANN401 - the same dataclass
    """Return a record without what closes slots to it."""
    closing = {one.attribute for one in stated_in(type(record)) if one.closes}
    empty = {one.name: one.default for one in fields(record) if one.name in closing}
    return replace(record, **empty)
