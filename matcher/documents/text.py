"""JSON text in and out of the engine: read strictly, written the same way everywhere."""

import json
import math
import re

from matcher.errors import Fault, InvalidProblemError

# An escaped half of a character beyond 16 bits; both halves together are one letter.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_SHOWN_VALUE = 60


def read_json(text: str) -> object:
    """Parse JSON text as RFC 8259 has it: no NaN, no Infinity, no key twice.

    Raises:
        InvalidProblemError: with the line and column where the text stops being JSON.
    """
    try:
        document: object = json.loads(
            text.removeprefix("\ufeff"),
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            object_pairs_hook=_object_with_unique_keys,
        )
        if _SURROGATE.search(text):
            _refuse_half_characters(document)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidProblemError(Fault(where, shown(text[error.pos :][:20]), error.msg)) from error
    except RecursionError as error:
        fault = Fault("$", "lists or objects nested too deep", "at most some hundred levels")
        raise InvalidProblemError(fault) from error
    except ValueError as error:
        raise InvalidProblemError(Fault("$", "an unreadable number", str(error))) from error
    return document


def write_json(document: object) -> str:
    """Write a document as JSON text: UTF-8 letters as they are, two spaces of indent, a last newline."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def shown(value: object) -> str:
    """Return a value as it stands in JSON, cut to what fits on a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN_VALUE else text[:_LONGEST_SHOWN_VALUE] + "…"


def _refuse_half_characters(document: object) -> None:
    """Refuse text that no UTF-8 file can hold, which JSON can write with an escape."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        around = error.object[max(0, error.start - 20) : error.end + 20]
        fault = Fault("$", json.dumps(around), "whole characters, not half a surrogate pair")
        raise InvalidProblemError(fault) from error


def _refuse_constant(name: str) -> float:
    message = f"numbers that are finite, not {name}"
    raise ValueError(message)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        message = f"numbers that a 64-bit float can hold, not {digits[:_LONGEST_SHOWN_VALUE]}"
        raise ValueError(message)
    return value


def _object_with_unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"each name once in an object, not {shown(twice)} twice"
        raise ValueError(message)
    return unique
