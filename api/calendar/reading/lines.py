"""One content line taken apart: name, parameters, value (RFC 5545 3.1), also where quotes are missing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# A name may have a group before it, as in vCard ("item1.DTSTART").
_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)[ \t]*(?=[;:])")
# What a value begins with, where a parameter without quotes may hold colons ("TZID=GMT+05:30:2027...").
_TIMED = re.compile(r"\s*\d{4}-?\d{2}-?\d{2}(?!\d)")
_ADDRESS = re.compile(
    r"\s*(mailto:|[^\s:;@]+@|urn:|/|https?:|invalid:|data:|cid:|<)", re.IGNORECASE
)
_TIMES = {
    *("DTSTART", "DTEND", "DTSTAMP", "RECURRENCE-ID", "EXDATE", "RDATE", "DUE", "FREEBUSY"),
    *("LAST-MODIFIED", "CREATED"),
}
_ADDRESSES = {"ATTENDEE", "ORGANIZER"}


@dataclass(frozen=True, slots=True)
class Line:
    """A content line; names are in upper case, a parameter's value stands without its quotes."""

    name: str
    params: dict[str, str]
    value: str

    def param(self, name: str) -> str:
        """Return a parameter's value, empty where it is not given."""
        return self.params.get(name, "")


def line_of(text: str) -> Line | None:
    """Take a line apart; None where it is none (a text that nobody folded)."""
    found = _NAME.match(text)
    if found is None:
        return None
    name = found[1].upper()
    at = _value_at(name, text, found.end())
    if at is None:
        return None
    return Line(name, _params(text[found.end() : at]), text[at + 1 :])


def _value_at(name: str, text: str, start: int) -> int | None:
    """Return where the colon before the value is."""
    if text[start] == ":":
        return start
    outside = list(_outside(text, start, ":"))
    if not outside:  # quotes that never close
        outside = [at for at, letter in enumerate(text) if letter == ":" and at >= start]
    sign = _TIMED if name in _TIMES else _ADDRESS if name in _ADDRESSES else None
    if sign is not None:
        told = (at for at in outside if sign.match(text, at + 1))
        return next(told, outside[0] if outside else None)
    return outside[0] if outside else None


def _outside(text: str, start: int, sought: str) -> Iterator[int]:
    """Yield where a letter stands outside quotes."""
    is_quoted = False
    for at in range(start, len(text)):
        letter = text[at]
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == sought and not is_quoted:
            yield at


def _params(text: str) -> dict[str, str]:
    """Return the parameters of `;A=B;C="D"`; of one that is told twice the first counts."""
    found: dict[str, str] = {}
    ends = [*_outside(text, 0, ";"), len(text)]
    for begin, end in pairwise(ends):
        name, _, value = text[begin + 1 : end].partition("=")
        if name.strip():
            found.setdefault(name.strip().upper(), value.strip().strip('"').strip())
    return found
