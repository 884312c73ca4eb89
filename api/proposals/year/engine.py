"""Calling the engine for a year: stored problem in, calendar out, and a calendar judged by the plain rules."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from matcher.dates.files.year import year_from
from matcher.dates.year.problem import Calendar, Meeting, YearProblem
from matcher.dates.year.rules import YEAR_LEVELS, absences, levels, violations
from matcher.documents.text import read_json, write_json
from matcher.errors import InfeasibleError
from matcher.proof import Budget, OnProgress, Proof, Violation

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A calendar as the plain rules see it: what it breaks, its value a level, and who is away."""

    violations: tuple[Violation, ...]
    levels: dict[str, int]
    away: dict[Meeting, list[str]]


@lru_cache(maxsize=8)
def read_year(text: str) -> YearProblem:
    """Return the year's problem that a stored document holds."""
    return year_from(read_json(text))


def write_year(document: Mapping[str, Any]) -> str:
    """Return a year's problem as JSON text, checked by reading it.

    Raises:
        InvalidProblemError: with one fault per place.
    """
    year_from(document)
    return write_json(dict(document))


def solve_document(text: str, budget: Budget, on_progress: OnProgress | None = None) -> Json:
    """Lay the year out; `conflict` names rules that cannot all hold."""
    from matcher.dates.year.solve import solve_year  # noqa: PLC0415 - the solver is loaded by whoever solves

    problem = read_year(text)
    try:
        calendar, proofs = solve_year(problem, budget, on_progress)
    except InfeasibleError as error:
        return {"conflict": [asdict(one) for one in error.requirements]}
    return {
        "calendar": calendar_document(calendar),
        "levels": _proven(problem, calendar, proofs),
    }


def calendar_document(calendar: Calendar) -> dict[str, str]:
    """Return a calendar as JSON: "series|number" to a date."""
    return {f"{one.series}|{one.number}": day.isoformat() for one, day in calendar.items()}


def calendar_of(document: Mapping[str, str]) -> dict[Meeting, date]:
    """Return the calendar that `calendar_document` wrote."""
    return {meeting_of(key): date.fromisoformat(day) for key, day in document.items()}


def meeting_of(key: str) -> Meeting:
    """Return the meeting that a calendar's key names."""
    series, _, number = key.rpartition("|")
    return Meeting(series, int(number))


def judge(problem: YearProblem, calendar: Calendar) -> Judged:
    """Judge a calendar by the same rules as the engine's own answers."""
    away: dict[Meeting, list[str]] = {}
    for (meeting, person), _ in absences(problem, calendar):
        away.setdefault(meeting, []).append(person)
    worth = dict(zip(YEAR_LEVELS, levels(problem, calendar), strict=True))
    return Judged(violations(problem, calendar), worth, away)


def _proven(problem: YearProblem, calendar: Calendar, proofs: Mapping[str, Proof]) -> Json:
    """Return each level's gap; one that was not reached has nothing proven but that it is not negative."""
    values = zip(YEAR_LEVELS, levels(problem, calendar), strict=True)
    known = {
        name: Proof(value, min(value, proofs[name].lower_bound) if name in proofs else 0)
        for name, value in values
    }
    return {name: proof.gap for name, proof in known.items()}
