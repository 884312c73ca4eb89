"""What a page's data look like as JSON, said as JSON Schema: the types of its dataclasses, as `api.v1.showing` writes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from sqlmodel import SQLModel

# What no answer holds, wherever it stands: secrets, what only a form needs, and how to reach people, which
# GET /bodies/{body_id} says to whom it may.
UNSAID: Final = re.compile(
    r"token|hash|secret|sealed|(^|_)nonce|^faults$|^form$|^(email|phone|mailbox)$"
)
PERSON: Final = ("id", "name")  # of a person's row: the rest is read at /bodies/{body_id}

Schema = dict[str, Any]
SIMPLE: Final[Mapping[type, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},  # null: not a number, or without end
    str: {"type": "string"},
    datetime: {"type": "string"},  # with its zone or without it, as the page has it
    date: {"type": "string", "format": "date"},
    time: {"type": "string"},
    NoneType: {"type": "null"},
}


class Shapes:
    """The schemas of pages and of all that they are made of, each under a name of its own."""

    def __init__(self, taken: Mapping[str, object]) -> None:
        self.schemas: dict[str, Schema] = {}
        self._taken = taken
        self._names: dict[type, str] = {}

    def of(self, kind: Any) -> Schema:  # noqa: ANN401, PLR0911 - any annotation; one line a kind
        """Return the schema of a type; `{}` is any value."""
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Literal:
            return {"enum": list(parts)}
        if origin in {Union, UnionType}:
            return _either([self.of(one) for one in parts])
        if isinstance(origin, type):
            return self._of_many(origin, parts)
        if not isinstance(kind, type):
            return {}
        if issubclass(kind, Enum):
            return {"enum": [one.value for one in kind]}
        simple = next((one for one in kind.__mro__ if one in SIMPLE), None)
        if simple is not None:
            return SIMPLE[simple]
        return self._named(kind) if is_dataclass(kind) or issubclass(kind, SQLModel) else {}

    def _of_many(self, origin: type, parts: tuple[Any, ...]) -> Schema:
        if issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(parts[1])}
        if issubclass(origin, tuple) and parts[1:] != (...,):
            places = [self.of(one) for one in parts]
            count = len(places)
            return {"type": "array", "prefixItems": places, "minItems": count, "maxItems": count}
        is_list = issubclass(origin, Sequence | AbstractSet)
        return {"type": "array", "items": self.of(parts[0])} if is_list else {}

    def _named(self, kind: type) -> Schema:
        if kind not in self._names:
            self._names[kind] = self._name(kind)
            self.schemas[self._names[kind]] = {}  # before its parts: they may lead back
            properties = {name: self.of(one) for name, one in _said(kind)}
            self.schemas[self._names[kind]] = {
                "type": "object",
                "title": kind.__name__,
                "description": (kind.__doc__ or "").split("\n")[0],
                "properties": properties,
                "required": list(properties),
            }
        return {"$ref": f"#/components/schemas/{self._names[kind]}"}

    def _name(self, kind: type) -> str:
        """Return the name of a class, with so many of its rooms in front as tell it from the others."""
        rooms = kind.__module__.split(".")[1:]
        for count in range(len(rooms) + 1):
            before = "".join(room.title().replace("_", "") for room in rooms[len(rooms) - count :])
            name = before + kind.__name__
            if name not in self._taken and name not in self.schemas:
                return name
        raise AssertionError(kind)  # two classes of one module have two names


def _said(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield what is said of a row or a dataclass: name and type."""
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        names: tuple[str, ...] = tuple(one.name for one in fields(kind))
    elif kind.__name__ == "Person":
        names = PERSON
    else:
        names = tuple(kind.model_fields)  # type: ignore[attr-defined] # a row's
    return ((name, hints[name]) for name in names if not UNSAID.search(name))


def _either(schemas: list[Schema]) -> Schema:
    """Return the schema of a value of any of these."""
    unlike = [one for place, one in enumerate(schemas) if one not in schemas[:place]]
    if {} in unlike or not unlike:
        return {}
    return unlike[0] if len(unlike) == 1 else {"anyOf": unlike}
