"""The register's columns: how each is read from a cell, written to one, and what may stand in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite

from api.registry import models
from api.registry.reference import counties, municipalities

Value = str | int | float | bool | date | list[str] | dict[str, str] | StrEnum | None

LONGEST_TEXT = 2_000
POPULATION_HEADING = re.compile(r"population_(\d{4})_(\d\d)_(\d\d)")
RESERVED_KEYS = frozenset({"nytt", "lan", "inlasning"})  # pages beside /rc/{rc_id}
_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")


class CellError(ValueError):
    """A cell that cannot be used; its text says what is expected."""


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
            raise CellError("a value: this column may not be empty")
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
        raise CellError(f"at most {LONGEST_TEXT} characters")
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        raise CellError("text without control characters")
    return text


def _key(text: str) -> str:
    if not _KEY.fullmatch(text) or text in RESERVED_KEYS:
        raise CellError("2-40 of a-z, 0-9, - and _, beginning with a letter, no page's name")
    return text


def _county(text: str) -> str:
    code = text.zfill(2)
    if code not in counties():
        raise CellError("a county code of SCB, such as 01 or 25")
    return code


def _yes_or_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise CellError("yes, no or nothing")
    return text == "yes"


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        except ValueError as error:
            raise CellError("a number") from error
        if not isfinite(number) or not low <= number <= high:
            raise CellError(f"a number from {low:g} to {high:g}")
        return number

    return read


def _count(high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = text.replace("\u00a0", "").replace(" ", "")
        if not plain.isascii() or not plain.isdigit() or len(plain) > 12 or int(plain) > high:
            raise CellError(f"a whole number from 0 to {high}")
        return int(plain)

    return read


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError("a date such as 2016-12-31") from error


def _municipality_codes(text: str) -> list[str]:
    codes = text.replace(";", " ").split()
    for code in codes:
        if code not in municipalities():
            raise CellError(f"municipality codes of SCB, four digits each; {code} is none")
    return codes


def _choice(name: str, kind: type[StrEnum], heading: str = "") -> RcColumn:
    choices = tuple(member.value for member in kind)

    def read(text: str) -> StrEnum:
        if text not in choices:
            raise CellError(f"one of {', '.join(choices)}, or nothing")
        return kind(text)

    return RcColumn(name, read, choices, heading=heading)


def _choices(name: str, kind: type[StrEnum]) -> RcColumn:
    choices = tuple(member.value for member in kind)

    def read(text: str) -> list[str]:
        values = [part.strip() for part in text.split(";") if part.strip()]
        for value in values:
            if value not in choices:
                raise CellError(f"a list with ; of {', '.join(choices)}; {value} is none")
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
