"""The sorts of facts: how each is read from a cell of a table or a form, written to one, and told as JSON."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any

from api.kit.i18n import LANGUAGES, Said, Speaker, compared, later
from api.registry.reference import counties, municipalities

Value = str | int | float | bool | date | list[str] | dict[str, str] | StrEnum | None

LONGEST_TEXT = 2_000
LONGEST_WORD = 40  # of a list that goes on
RESERVED_KEYS = frozenset({"nytt", "lan", "inlasning"})  # pages beside /rc/{rc_id}
_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")

_ANY_FAULT = later("Det värdet går inte att använda. Välj eller skriv ett annat.")
_OPEN_FAULT = later("Välj i listan, eller skriv högst 40 tecken.")
_COUNT_FAULT = later("Skriv ett helt tal, bara siffror.")
_YES_OR_NO = {"yes": later("Ja"), "no": later("Nej")}
_ANSWERS = {"yes": True, "ja": True, "true": True, "sant": True} | {
    "no": False,
    "nej": False,
    "false": False,
    "falskt": False,
}


class CellError(ValueError):
    """A cell that cannot be used; `expected` says what may stand there."""

    def __init__(self, source: str, **values: object) -> None:
        self.expected = Said(source, **values)
        super().__init__(source)


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of fact.

    read: from a filled cell to the value; raises CellError. json: the type in JSON.
    words: the closed vocabulary, value to Swedish source text; empty where any value will do.
    fault: what a form says of a cell that cannot be read.
    """

    read: Callable[[str], Value]
    json: Any  # an annotation for Pydantic
    words: Mapping[str, str] = field(default_factory=dict)
    fault: str = _ANY_FAULT
    is_list: bool = False
    is_long: bool = False  # forms give it several lines
    is_open: bool = False  # its words are offered, and others may be written


def write(value: object) -> str:
    """Return a value as the text of a cell; reading it gives the value back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, dict):
        return ";".join(f"{key}={text}" for key, text in sorted(value.items()))
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def text(fault: str = _ANY_FAULT, *, is_long: bool = False) -> Kind:
    """Plain text of at most LONGEST_TEXT characters."""

    def read(cell: str) -> str:
        if len(cell) > LONGEST_TEXT:
            raise CellError(later("högst %(number)s tecken"), number=LONGEST_TEXT)
        if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in cell):
            raise CellError(later("text utan styrtecken"))
        return cell

    return Kind(read, str, fault=fault, is_long=is_long)


def key(fault: str) -> Kind:
    """A lasting ASCII key, which is also a part of addresses."""

    def read(cell: str) -> str:
        if not _KEY.fullmatch(cell) or cell in RESERVED_KEYS:
            raise CellError(
                later(
                    "2–40 av a–z, 0–9, - och _, med en bokstav först, och inget som är en sidas namn"
                )
            )
        return cell

    return Kind(read, str, fault=fault)


def county(fault: str) -> Kind:
    """SCB's code of a county, two digits."""

    def read(cell: str) -> str:
        code = cell.zfill(2)
        if code not in counties():
            raise CellError(later("en länskod från SCB, till exempel 01 eller 25"))
        return code

    return Kind(read, str, fault=fault)


def municipality_codes(fault: str) -> Kind:
    """SCB's codes of municipalities, four digits each; read from codes or names."""

    def read(cell: str) -> list[str]:
        names = {compared(name): code for code, name in municipalities().items()}
        codes = []
        for part in re.split(r"[,;\n]|(?<=\d)\s+(?=\d)", cell):
            plain = compared(part)
            code = names.get(plain, names.get(plain.removesuffix(" kommun"), plain.zfill(4)))
            if plain and code not in municipalities():  # zeros: Excel takes them away
                raise CellError(
                    later("kommuners namn, eller koder från SCB (%(code)s är ingen)"), code=part
                )
            codes += [code] if plain else []
        return sorted(set(codes))

    return Kind(read, list[str], fault=fault, is_list=True, is_long=True)


def yes_or_no() -> Kind:
    """Yes or no, apart from unknown."""

    def read(cell: str) -> bool:
        answer = _ANSWERS.get(cell.casefold())
        if answer is None:
            raise CellError(later("ja, nej eller ingenting"))
        return answer

    return Kind(read, bool, _YES_OR_NO)


def _bare(cell: str) -> str:
    """Return a number as it is typed without the blanks that part its thousands, minus as a hyphen."""
    return "".join(cell.split()).replace("\u2212", "-")


def number(low: float, high: float, fault: str = _ANY_FAULT) -> Kind:
    """A number from low to high; a decimal comma and blanks between thousands will do."""

    def read(cell: str) -> float:
        try:
            found = float(_bare(cell).replace(",", "."))
        except ValueError as error:
            raise CellError(later("ett tal")) from error
        if not isfinite(found) or not low <= found <= high:
            raise CellError(
                later("ett tal från %(low)s till %(high)s"), low=f"{low:g}", high=f"{high:g}"
            )
        return found

    return Kind(read, float, fault=fault)


def count(high: int) -> Kind:
    """A whole number from 0 to high."""

    def read(cell: str) -> int:
        plain = _bare(cell)
        if not plain.isascii() or not plain.isdigit() or len(plain) > 12 or int(plain) > high:
            raise CellError(later("ett heltal från 0 till %(high)s"), high=high)
        return int(plain)

    return Kind(read, int, fault=_COUNT_FAULT)


def year(low: int, high: int) -> Kind:
    """A year from low to high."""

    def read(cell: str) -> int:
        plain = _bare(cell)
        if not plain.isascii() or not plain.isdigit() or not low <= int(plain[:5]) <= high:
            raise CellError(later("ett årtal från %(low)s till %(high)s"), low=low, high=high)
        return int(plain)

    return Kind(read, int, fault=later("Skriv ett årtal, till exempel 2026."))


def day(fault: str) -> Kind:
    """A date."""

    def read(cell: str) -> date:
        try:
            return date.fromisoformat(cell)
        except ValueError as error:
            raise CellError(later("ett datum, till exempel 2016-12-31")) from error

    return Kind(read, date, fault=fault)


def choice(kind: type[StrEnum], words: Mapping[str, str]) -> Kind:
    """One value of a closed vocabulary; `words` must say each."""
    said = {member.value: words[member] for member in kind}

    def read(cell: str) -> StrEnum:
        if cell.casefold() not in said:
            raise CellError(later("något av %(known)s, eller ingenting"), known=", ".join(said))
        return kind(cell.casefold())

    return Kind(read, kind, said)


def open_choice(kind: type[StrEnum], words: Mapping[str, str]) -> Kind:
    """One value of a list that goes on: a known one by its key or its words, or words of one's own."""
    said = {member.value: words[member] for member in kind}
    keys = {
        compared(text): key
        for key, source in said.items()
        for text in (key, *(Speaker(language).text(source) for language in LANGUAGES))
    }

    def read(cell: str) -> str:
        written = unicodedata.normalize("NFC", " ".join(cell.split()))
        if len(written) > LONGEST_WORD:
            raise CellError(later("högst %(number)s tecken"), number=LONGEST_WORD)
        if not written.isprintable():
            raise CellError(later("text utan styrtecken"))
        return keys.get(compared(written), written)

    return Kind(read, str, said, fault=_OPEN_FAULT, is_open=True)


def choices(kind: type[StrEnum], words: Mapping[str, str]) -> Kind:
    """Any number of values of a closed vocabulary, kept in its order; `words` must say each."""
    said = {member.value: words[member] for member in kind}

    def read(cell: str) -> list[str]:
        values = [part.strip().casefold() for part in cell.split(";") if part.strip()]
        for value in values:
            if value not in said:
                raise CellError(
                    later("en lista med ; av %(known)s, men %(value)s är inget av dem"),
                    known=", ".join(said),
                    value=value,
                )
        return [value for value in said if value in values]

    return Kind(read, list[kind], said, is_list=True)  # type: ignore[valid-type] # made at run time
