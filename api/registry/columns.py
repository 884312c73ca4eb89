"""The register's columns: how each is read from a cell, written to one, and what may stand in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite

from api.kit.i18n import Said, later
from api.registry import models
from api.registry.reference import counties, municipalities

Value = str | int | float | bool | date | list[str] | dict[str, str] | StrEnum | None

LONGEST_TEXT = 2_000
POPULATION_HEADING = re.compile(r"population_(\d{4})_(\d\d)_(\d\d)")
RESERVED_KEYS = frozenset({"nytt", "lan", "inlasning"})  # pages beside /rc/{rc_id}
_YES_OR_NO = {"yes": True, "ja": True, "true": True, "sant": True} | {
    "no": False,
    "nej": False,
    "false": False,
    "falskt": False,
}
_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")


class CellError(ValueError):
    """A cell that cannot be used; `expected` says what may stand there."""

    def __init__(self, source: str, **values: object) -> None:
        self.expected = Said(source, **values)
        super().__init__(source)


@dataclass(frozen=True, slots=True)
class RcColumn:
    """One column: its name in the table and in files, and how a filled cell is read.

    `choices` holds the closed vocabulary, empty where any value of the kind will do.
    """

    name: str
    read: Callable[[str], Value]
    choices: tuple[str, ...] = ()
    is_list: bool = False
    is_needed: bool = False
    heading: str = ""  # in files, where it differs from the name

    @property
    def title(self) -> str:
        """The column's heading in files."""
        return self.heading or self.name

    def parse(self, cell: str) -> Value:
        """Read a cell; an empty one is unknown.

        Raises:
            CellError: when the cell holds something else than this column takes.
        """
        text = cell.strip()
        if text:
            return self.read(text)
        if self.is_needed:
            raise CellError(later("ett värde; kolumnen får inte vara tom"))
        return [] if self.is_list else None


def write(value: object) -> str:
    """Return a value as the text of a cell; `parse` reads it back."""
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


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise CellError(later("högst %(number)s tecken"), number=LONGEST_TEXT)
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        raise CellError(later("text utan styrtecken"))
    return text


def _key(text: str) -> str:
    if not _KEY.fullmatch(text) or text in RESERVED_KEYS:
        raise CellError(
            later("2–40 av a–z, 0–9, - och _, med en bokstav först, och inget som är en sidas namn")
        )
    return text


def _county(text: str) -> str:
    code = text.zfill(2)
    if code not in counties():
        raise CellError(later("en länskod från SCB, till exempel 01 eller 25"))
    return code


def _yes_or_no(text: str) -> bool:
    answer = _YES_OR_NO.get(text.casefold())
    if answer is None:
        raise CellError(later("ja, nej eller ingenting"))
    return answer


def _bare(text: str) -> str:
    """Return a number as it is typed without the blanks that part its thousands, minus as a hyphen."""
    return "".join(text.split()).replace("\u2212", "-")


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(_bare(text).replace(",", "."))
        except ValueError as error:
            raise CellError(later("ett tal")) from error
        if not isfinite(number) or not low <= number <= high:
            raise CellError(
                later("ett tal från %(low)s till %(high)s"), low=f"{low:g}", high=f"{high:g}"
            )
        return number

    return read


def _count(high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = _bare(text)
        if not plain.isascii() or not plain.isdigit() or len(plain) > 12 or int(plain) > high:
            raise CellError(later("ett heltal från 0 till %(high)s"), high=high)
        return int(plain)

    return read


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError(later("ett datum, till exempel 2016-12-31")) from error


def _municipality_codes(text: str) -> list[str]:
    codes = [code.zfill(4) for code in text.replace(";", " ").split()]  # Excel takes zeros away
    for code in codes:
        if code not in municipalities():
            raise CellError(
                later("kommunkoder från SCB, fyra siffror var; %(code)s är ingen"), code=code
            )
    return codes


def _choice(name: str, kind: type[StrEnum], heading: str = "") -> RcColumn:
    choices = tuple(member.value for member in kind)

    def read(text: str) -> StrEnum:
        if text.casefold() not in choices:
            raise CellError(later("något av %(known)s, eller ingenting"), known=", ".join(choices))
        return kind(text.casefold())

    return RcColumn(name, read, choices, heading=heading)


def _choices(name: str, kind: type[StrEnum]) -> RcColumn:
    choices = tuple(member.value for member in kind)

    def read(text: str) -> list[str]:
        values = [part.strip().casefold() for part in text.split(";") if part.strip()]
        for value in values:
            if value not in choices:
                raise CellError(
                    later("en lista med ; av %(known)s; %(value)s är inget av dem"),
                    known=", ".join(choices),
                    value=value,
                )
        return values

    return RcColumn(name, read, choices, is_list=True)


_LATITUDE, _LONGITUDE = _number(54, 70), _number(9, 26)

COLUMNS: tuple[RcColumn, ...] = (
    RcColumn("id", _key, is_needed=True, heading="rc_id"),
    RcColumn("name", _text, is_needed=True, heading="rc_name"),
    RcColumn("county_code", _county, is_needed=True),
    _choice("area_scope", models.AreaScope),
    _choice("grant_group", models.GrantGroup),
    _choice("establishment_status", models.Status),
    RcColumn("counted_established", _yes_or_no, ("yes", "no")),
    _choice("org_model_current", models.CurrentModel),
    _choice("org_model_planned", models.PlannedModel),
    _choice("org_model_planned_certainty", models.PlanCertainty),
    _choice("support_professionals", models.Support),
    _choice("support_exposed_any", models.Support),
    _choice("support_exposed_minors", models.Support),
    _choice("support_exposed_adults", models.Support),
    _choices("services", models.Service),
    _choices("services_planned", models.Service),
    _choice("funding_status", models.FundingStatus),
    _choice("funding_basis", models.FundingBasis),
    RcColumn("funding_detail", _text),
    RcColumn("huvudman", _text),
    RcColumn("huvudman_planned", _text),
    RcColumn("digital_only", _yes_or_no, ("yes", "no")),
    RcColumn("physical_site", _yes_or_no, ("yes", "no")),
    RcColumn("n_municipalities", _count(290)),
    RcColumn("staffing", _text),
    RcColumn("governance_bodies", _text),
    RcColumn("collaboration", _text),
    RcColumn("notes", _text),
    RcColumn("seat_city", _text),
    RcColumn("seat_lat", _LATITUDE),
    RcColumn("seat_lon", _LONGITUDE),
    RcColumn("seat_basis", _text),
    RcColumn("centroid_lat", _LATITUDE),
    RcColumn("centroid_lon", _LONGITUDE),
    RcColumn("municipalities_count", _count(290)),
    RcColumn("land_area_km2", _number(1, 450_000)),
    RcColumn("population", _count(20_000_000)),
    RcColumn("population_on", _date),
    RcColumn("municipality_codes", _municipality_codes, is_list=True),
    RcColumn("area_basis", _text),
    RcColumn("max_km_seat_to_municipality_centroid", _number(0, 2_000)),
    _choice("area_size_band", models.SizeBand),
    RcColumn("norrland", _yes_or_no, ("yes", "no")),
)
BY_TITLE = {column.title: column for column in COLUMNS}
BY_NAME = {column.name: column for column in COLUMNS}
