"""What a value of a document is, said once: how it is described, read and written.

A `Kind` is the word for one sort of value. A field of a record made by `stands` says its kind where it stands,
and is read, written, described and checked by that; an object of a document is a record (`record_of`,
`read_fields`, `written`). The three engines' documents are made of these words and of no others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Final

from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError

Json = dict[str, Any]

LONGEST_ID: Final = 200
_TIME: Final = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value stands in a document; `among` is the list in which the ids that it names stand.

    `read` takes what the schema has let through, and raises `InvalidProblemError` with a path from here for
    what no schema sees: a day that the calendar does not have.
    """

    schema: Mapping[str, Any]
    read: Callable[[Any], Any] = lambda value: value
    write: Callable[[Any], object] = lambda value: value
    among: str = ""

    def said(self, description: str) -> Json:
        """Return the schema of a value that is this and means that."""
        return {**self.schema, **({"description": description} if description else {})}


def time_text(moment: datetime | None) -> str | None:
    """Return a local time as it stands in a file."""
    return moment.strftime("%Y-%m-%dT%H:%M") if moment else None


def day_of(text: str) -> date:
    """Read a local date. Raises InvalidProblemError for one that the calendar does not have."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidProblemError(
            Fault("", shown(text), "a date that exists, YYYY-MM-DD")
        ) from error


def time_of(text: str) -> datetime:
    """Read a local clock time. Raises InvalidProblemError for one that the calendar does not have."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        expected = "a clock time that exists, YYYY-MM-DDTHH:MM"
        raise InvalidProblemError(Fault("", shown(text), expected)) from error


def moment_of(text: str) -> date | datetime:
    """Read a local date or a local clock time."""
    return time_of(text) if "T" in text else day_of(text)


FLAG: Final = Kind({"type": "boolean"})
TEXT: Final = Kind({"type": "string"})
NAME: Final = Kind({"type": "string", "minLength": 1})
NUMBER: Final = Kind({"type": "number"})
PLAIN: Final = Kind({"type": ["number", "string", "boolean", "null"]})
TIME: Final = Kind({"type": "string", "pattern": _TIME}, time_of, time_text)
DAY: Final = Kind(
    {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "description": "a local date, YYYY-MM-DD",
    },
    day_of,
    date.isoformat,
)
WHEN: Final = Kind(
    {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$",
        "description": "a local date or clock time, YYYY-MM-DD or YYYY-MM-DDTHH:MM",
    },
    moment_of,
)


def one_id(among: str = "") -> Kind:
    """An id, of something in a list where one is named."""
    return Kind({**NAME.said("an id"), "maxLength": LONGEST_ID}, among=among)


def ids(among: str = "") -> Kind:
    """A set of ids; in a file a list without repeats."""
    return set_of(one_id(among))


def count(least: float, most: float) -> Kind:
    """A whole number; 3.0 is one too."""
    return Kind({"type": "integer", "minimum": least, "maximum": most}, int)


def number(least: float, most: float) -> Kind:
    """A number."""
    return Kind({"type": "number", "minimum": least, "maximum": most}, float)


def one_of(*values: str) -> Kind:
    """One of some words."""
    return Kind({"enum": list(values)})


def described(kind: Kind, description: str) -> Kind:
    """The same, which means that wherever it stands."""
    return replace(kind, schema=kind.said(description))


def or_null(kind: Kind) -> Kind:
    """The same, or null for what is not known."""
    return replace(kind, schema={**kind.schema, "type": [kind.schema["type"], "null"]})


def list_of(
    kind: Kind, least: int | None = None, most: int | None = None, *, unique: bool = False
) -> Kind:
    """A list of values, in order."""
    return Kind(
        _listed(kind, least, most, unique=unique),
        lambda values: _each(kind, values),
        lambda values: [kind.write(value) for value in values],
        kind.among,
    )


def set_of(
    kind: Kind, least: int | None = None, most: int | None = None, *, unique: bool = True
) -> Kind:
    """A set of values; in a document a list, without repeats when `unique`."""
    return Kind(
        _listed(kind, least, most, unique=unique),
        lambda values: frozenset(_each(kind, values)),
        lambda values: [kind.write(value) for value in sorted(values)],
        kind.among,
    )


def object_of(kind: Kind) -> Kind:
    """An object whose names are free and whose values are of one kind."""
    return Kind(
        {"type": "object", "additionalProperties": dict(kind.schema)},
        lambda values: {name: kind.read(value) for name, value in values.items()},
        lambda values: {name: kind.write(value) for name, value in values.items()},
        kind.among,
    )


def record_of(record: type[Any]) -> Kind:
    """An object with the fields of a record, no other."""
    return Kind(
        object_schema(needed(record), **properties(record)),
        lambda item: record(**read_fields(record, item)),
        stated,
    )


def _listed(kind: Kind, least: int | None, most: int | None, *, unique: bool) -> Json:
    bounds = {"minItems": least, "maxItems": most, "uniqueItems": True if unique else None}
    return {
        "type": "array",
        "items": dict(kind.schema),
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }


def _each(kind: Kind, values: Iterable[Any]) -> tuple[Any, ...]:
    """Read each value; the faults of all of them are told at once."""
    found: list[Any] = []
    faults: list[Fault] = []
    for place, value in enumerate(values):
        try:
            found.append(kind.read(value))
        except InvalidProblemError as error:
            faults += under(f"[{place}]", error.faults)
    if faults:
        raise InvalidProblemError(*faults)
    return tuple(found)


def under(where: str, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults by their paths from further out."""
    return tuple(replace(fault, where=f"{where}{fault.where}") for fault in faults)


def object_schema(required: Iterable[str], /, **known: Mapping[str, Any]) -> Json:
    """Return the schema of an object with these names and no others."""
    return open_schema(required, **known) | {"additionalProperties": False}


def open_schema(required: Iterable[str], /, **known: Mapping[str, Any]) -> Json:
    """Return the schema of an object with these names, and others that do not matter."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: dict(schema) for name, schema in known.items()},
    }


def array_schema(items: Mapping[str, Any], least: int = 0) -> Json:
    """Return the schema of a list of what another schema describes."""
    return {"type": "array", "items": dict(items), "minItems": least}


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
    description: str = "",
    default: Any = None,  # noqa: ANN401 - the field's own type
    *,
    name: str = "",
    closes: bool = False,
) -> Any:  # noqa: ANN401 - as dataclasses.field
    """Make a field that may stand in a file, under its own name when none is given.

    default: what holds when it does not stand there. What must stand there is `field(metadata=said(...))`.
    """
    return field(default=default, metadata=said(kind, description, name=name, closes=closes))


def said(kind: Kind, description: str = "", *, name: str = "", closes: bool = False) -> Json:
    """Return what a field's metadata says of it in files."""
    return {"stands": Stated(name, kind, description, closes)}


def stated_in(record: type[Any]) -> tuple[Stated, ...]:
    """Return the fields of a dataclass that stand in files as they are."""
    if record not in _STATED:
        _STATED[record] = tuple(
            replace(found, name=found.name or one.name, attribute=one.name)
            for one in fields(record)
            if (found := one.metadata.get("stands")) is not None
        )
    return _STATED[record]


def needed(record: type[Any]) -> tuple[str, ...]:
    """Name the fields of a dataclass that must stand in a file."""
    without = {one.name for one in fields(record) if one.default is MISSING}
    return tuple(one.name for one in stated_in(record) if one.attribute in without)


def properties(record: type[Any]) -> Json:
    """Return the JSON Schema of each field of a dataclass."""
    return {one.name: one.kind.said(_described(one)) for one in stated_in(record)}


def _described(one: Stated) -> str:
    suffix = ": local time YYYY-MM-DDTHH:MM" if one.kind is TIME else ""
    return f"{one.description}{suffix}"


def read_fields(record: type[Any], item: Mapping[str, Any]) -> Json:
    """Return the arguments that make a dataclass from what stands in a checked document.

    Raises:
        InvalidProblemError: with every fault by its path from here.
    """
    found, faults = read_what_can_be(record, item)
    if faults:
        raise InvalidProblemError(*faults)
    return found


def read_what_can_be(record: type[Any], item: Mapping[str, Any]) -> tuple[Json, list[Fault]]:
    """Return the arguments that make a dataclass, without those that are faults, and the faults."""
    found: Json = {}
    faults: list[Fault] = []
    for one in stated_in(record):
        value = item.get(one.name)
        if value is None:
            continue
        try:
            found[one.attribute] = one.kind.read(value)
        except InvalidProblemError as error:
            faults += under(f".{one.name}", error.faults)
    return found, faults


def written(record: Any) -> Json:  # noqa: ANN401 - any of the dataclasses
    """Return what stands in a file, empty values too."""
    found = ((one, getattr(record, one.attribute)) for one in stated_in(type(record)))
    return {one.name: None if value is None else one.kind.write(value) for one, value in found}


def stated(record: Any) -> Json:  # noqa: ANN401 - any of the dataclasses
    """Return what stands in a file of what is not as it is when nothing is said."""
    silent = {one.name: one.default for one in fields(record)}
    return {
        one.name: one.kind.write(value)
        for one in stated_in(type(record))
        if (value := getattr(record, one.attribute)) != silent[one.attribute]
    }


def opened(record: Any) -> Any:  # noqa: ANN401 - the same dataclass
    """Return a record without what closes slots to it."""
    closing = {one.attribute for one in stated_in(type(record)) if one.closes}
    empty = {one.name: one.default for one in fields(record) if one.name in closing}
    return replace(record, **empty)
