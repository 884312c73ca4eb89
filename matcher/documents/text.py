"""JSON text in and out of the engine: read strictly, written the same way everywhere."""

import json
import math
import re
import unicodedata

from matcher.errors import Fault, InvalidProblemError

# An escaped half of a character beyond 16 bits; both halves together are one letter.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_SHOWN_VALUE = 60


class _RefusedError(ValueError):
    """JSON that means nothing here: what stands there, and what is expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.fault = Fault("$", found, expected)


def read_json(text: str) -> object:
    """Parse JSON text as RFC 8259 has it: no NaN, no Infinity, no key twice.

    Texts come composed (Unicode NFC), as the cells of a table do: one name in two spellings is one name.

    Raises:
        InvalidProblemError: with the line and column where the text stops being JSON.
    """
    text = text.removeprefix("\ufeff")
    try:
        document: object = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            object_pairs_hook=_object_with_unique_keys,
        )
        if _SURROGATE.search(text):
            _refuse_half_characters(document)
        if not text.isascii() or "\\u" in text:
            document = _composed(document)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        found = (
            shown(text[error.pos :][:20]) if text[error.pos :].strip() else "the end of the text"
        )
        expected = f"JSON ({error.msg[:1].lower()}{error.msg[1:]})"
        raise InvalidProblemError(Fault(where, found, expected)) from error
    except _RefusedError as error:
        raise InvalidProblemError(error.fault) from error
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


def _composed(value: object) -> object:
    """Return a document with each text composed, the names of objects too."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(each) for each in value]
    if isinstance(value, dict):
        names = (unicodedata.normalize("NFC", name) for name in value)
        return _object_with_unique_keys([*zip(names, map(_composed, value.values()), strict=True)])
    return value


def _refuse_constant(name: str) -> float:
    raise _RefusedError(name, "a finite number")


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _RefusedError(digits[:_LONGEST_SHOWN_VALUE], "a number that a 64-bit float can hold")
    return value


def _object_with_unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RefusedError(f"{shown(twice)} twice in an object", "each name once")
    return unique
