"""The shipped tables: usual legs between towns, and where Sweden's towns are, found by any usual spelling."""

import csv
import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from matcher.geo import Point
from matcher.travel import Leg, Travel

DATA = Path(__file__).parent / "data"
# The month in which the shipped legs were written down.
LEGS_DATE = date(2026, 11, 1)
_MOST_NAMES = 3
_ENDS = (" kommun", " stad")


@dataclass(frozen=True, slots=True)
class Town:
    """A town by its Swedish name, and where it is."""

    name: str
    point: Point


class UnknownTownError(ValueError):
    """A town that nobody knows, with the names that look most like it."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name, self.near = name, near
        super().__init__(f"{name!r} is no town that is known")


@cache
def legs() -> tuple[Leg, ...]:
    """Return the shipped legs."""
    with (DATA / "travel_legs.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Leg(row["a"], row["b"], row["mode"], float(row["hours"]), row["basis"])
            for row in csv.DictReader(file)
        )


@cache
def towns() -> dict[str, Point]:
    """Return where each Swedish town of 500 inhabitants or more lies, by name."""
    return {name: point for name, (point, _) in _rows().items()}


@lru_cache(maxsize=8)
def travel_over(table: tuple[Leg, ...]) -> Travel:
    """Return the journeys over some legs; worked out once for each table."""
    return Travel(table, towns())


def shipped_travel() -> Travel:
    """Return the journeys over the shipped legs."""
    return travel_over(legs())


def town(name: str) -> Town:
    """Find a town by its name, its municipality's or its English one; case and accents may be wrong.

    Raises:
        UnknownTownError: with the nearest names.
    """
    for key in (_plain(name), _folded(name)):
        for end in ("", *_ENDS):
            if key.endswith(end) and (found := _names().get(key.removesuffix(end))):
                return Town(found, towns()[found])
    raise UnknownTownError(name, _nearest(name))


def _nearest(name: str) -> tuple[str, ...]:
    close = difflib.get_close_matches(_folded(name), list(_names()), n=2 * _MOST_NAMES, cutoff=0.6)
    return tuple(dict.fromkeys(_names()[key] for key in close))[:_MOST_NAMES]


@cache
def _rows() -> dict[str, tuple[Point, tuple[str, ...]]]:
    with (DATA / "towns.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["town"]: (
                Point(float(row["lat"]), float(row["lon"])),
                tuple(name for name in row["also"].split("; ") if name),
            )
            for row in csv.DictReader(file)
        }


@cache
def _names() -> dict[str, str]:
    """Every spelling that is understood -> the town; the right one goes before one without accents."""
    found: dict[str, str] = {}
    for spell in (_plain, _folded):
        for name in _by_fame():
            for one in (name, *_rows()[name][1]):
                found.setdefault(spell(one), name)
    return found


def _by_fame() -> Iterable[str]:
    """The towns of the legs first: without its accents, a name may fit a hamlet too."""
    ends = {end for leg in legs() for end in (leg.a, leg.b)}
    return sorted(_rows(), key=lambda name: (name not in ends, name))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _folded(name: str) -> str:
    apart = unicodedata.normalize("NFKD", _plain(name))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
