"""The accessibility statement as data: every point that lagen (2018:1937) asks for, in both languages."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from api.kit.i18n import Language

FILE = Path(__file__).parent / "data" / "accessibility.toml"


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """Something that does not conform: for whom, what, why, and when it is mended."""

    situation: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The points of a statement that do not come from the settings."""

    service: str
    status: str
    status_text: str
    assessed_on: date
    updated_on: date
    method: str
    feedback: str
    burden: str
    outside: str
    shortcomings: tuple[Shortcoming, ...]


@cache
def statement(language: Language) -> Statement:
    """Return the statement in a language."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    words = raw[language]
    return Statement(
        service=raw["service"],
        status=raw["status"],
        status_text=words["status"],
        assessed_on=raw["assessed_on"],
        updated_on=raw["updated_on"],
        method=words["method"],
        feedback=words["feedback"],
        burden=words["burden"],
        outside=words["outside"],
        shortcomings=tuple(Shortcoming(**each) for each in words["shortcomings"]),
    )
