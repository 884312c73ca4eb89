"""The data shipped with the register: counties, municipalities, the map and what the report contradicts."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api.kit.i18n import Language
from api.registry.projection import sweref99tm

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class County:
    """One of Sweden's 21 counties."""

    code: str
    name_sv: str
    name_en: str
    land_area_km2: float
    population: int  # 31 December 2016
    municipalities: int
    residence_city: str
    residence_lat: float  # degrees, WGS 84
    residence_lon: float

    def name(self, language: Language) -> str:
        """Return the county's name in a language."""
        return self.name_sv if language == "sv" else self.name_en


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A place where the report disagrees with itself; both readings stay visible."""

    number: int
    rc_ids: frozenset[str]  # empty: it concerns the whole register
    lines: str
    text_sv: str
    text_en: str

    def text(self, language: Language) -> str:
        """Return the note in a language."""
        return self.text_sv if language == "sv" else self.text_en


@dataclass(frozen=True, slots=True)
class SwedenMap:
    """The map's outlines as SVG paths, in units of its view box."""

    attribution: str
    view_box: tuple[int, int, int, int]
    counties: dict[str, str]
    areas: dict[str, str]  # RC that are no whole county, by rc_id
    metres_per_unit: float
    east_of_x0: float
    north_of_y0: float

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        """Return a place's (x, y) on the map."""
        north, east = sweref99tm(lat, lon)
        x = (east - self.east_of_x0) / self.metres_per_unit
        y = (self.north_of_y0 - north) / self.metres_per_unit
        return round(x, 1), round(y, 1)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def county_names(language: Language) -> tuple[tuple[str, str], ...]:
    """Return each county's code and name, by code: what a form offers."""
    return tuple((code, one.name(language)) for code, one in sorted(counties().items()))


@cache
def counties() -> dict[str, County]:
    """Return the 21 counties by code."""
    return {
        row["county_code"]: County(
            row["county_code"],
            row["name_sv"],
            row["name_en"],
            float(row["land_area_km2"]),
            int(row["population_2016_12_31"]),
            int(row["municipalities_count"]),
            row["residence_city"],
            float(row["residence_lat"]),
            float(row["residence_lon"]),
        )
        for row in _rows("counties.csv")
    }


@cache
def municipalities() -> dict[str, str]:
    """Return the names of the 290 municipalities by code."""
    return {
        row["municipality_code"]: row["municipality_name"] for row in _rows("municipalities.csv")
    }


@cache
def wordings() -> dict[str, dict[Language, str]]:
    """Return how the shipped texts read in each language; what is not here was written by people."""
    return {row["text"]: {"sv": row["sv"], "en": row["en"]} for row in _rows("texts.csv")}


def told(text: str, language: Language) -> str:
    """Return a shipped text in a language; what people wrote stays as they wrote it."""
    wording = wordings().get(text)
    return text if wording is None else wording[language]


@cache
def contradictions() -> tuple[Contradiction, ...]:
    """Return the report's contradictions, in the code book's order."""
    return tuple(
        Contradiction(
            int(row["number"]),
            frozenset(row["rc_ids"].split()),
            row["lines"],
            row["text_sv"],
            row["text_en"],
        )
        for row in _rows("contradictions.csv")
    )


@cache
def sweden_map() -> SwedenMap:
    """Return the map."""
    raw = json.loads((DATA / "map.json").read_text(encoding="utf-8"))
    return SwedenMap(
        attribution=raw["attribution"],
        view_box=tuple(raw["view_box"]),
        counties=raw["counties"],
        areas=raw["areas"],
        metres_per_unit=raw["metres_per_unit"],
        east_of_x0=raw["east_of_x0"],
        north_of_y0=raw["north_of_y0"],
    )
