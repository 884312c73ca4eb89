"""Stored documents as frozen records: JSON text in, a record out, each text read once."""

from collections.abc import Hashable
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

T = TypeVar("T")

# A proof without any bound has an infinite gap, which the stored text has always held as `Infinity`.
AS_STORED = ConfigDict(ser_json_inf_nan="constants", extra="ignore")


def read(kind: type[T], text: str) -> T:
    """Return the record that `write` wrote; what the record does not know is left out.

    Raises:
        ValidationError: when the text is no such record, which only a damaged row holds.
    """
    return cast("T", _read(cast("Hashable", kind), text))


def of(kind: type[T], document: object) -> T:
    """Return the record of a document that is no text: an engine's answer.

    Raises:
        ValidationError: when the document is no such record.
    """
    return cast("T", _adapter(cast("Hashable", kind)).validate_python(document))


def write(record: object) -> str:
    """Return a record as JSON text, its defaults too: what they are may be another tomorrow."""
    return _adapter(cast("Hashable", type(record))).dump_json(record).decode()


@lru_cache(maxsize=64)
def _read(kind: Hashable, text: str) -> object:
    return _adapter(kind).validate_json(text)


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", kind))
