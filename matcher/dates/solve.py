"""The door to dates: a parsed document in, a document out."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from matcher.dates.files.meeting import meeting_from, ranking_document
from matcher.dates.files.visits import pairing_document, visits_from
from matcher.dates.files.year import calendar_document, year_from
from matcher.dates.meeting.rank import rank
from matcher.dates.visits.problem import violations as visit_violations
from matcher.dates.visits.solve import pair_visits
from matcher.dates.year.rules import violations as year_violations
from matcher.dates.year.solve import solve_year
from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError
from matcher.proof import Budget, OnProgress, Violation
from matcher.travel import Travel

Solver = Callable[[object, Budget, OnProgress | None, Travel | None], dict[str, Any]]


def solve_document(
    document: object,
    budget: Budget,
    on_progress: OnProgress | None = None,
    travel: Travel | None = None,
) -> dict[str, Any]:
    """Solve a dates problem of any kind: a meeting, a year or study visits.

    travel: the table of legs that journeys go over; None for rough ones by distance alone.

    Raises:
        InvalidProblemError: when the document is not such a problem.
        InfeasibleError: when its rules cannot all hold.
        NoSolutionInTimeError: when the budget ends before a first solution.
    """
    if not isinstance(document, dict):
        raise InvalidProblemError(Fault("$", shown(document), "an object"))
    kind = kind_of(document)
    if kind not in _SOLVERS:
        raise InvalidProblemError(Fault("$.kind", shown(kind), "meeting, year or visits"))
    began = time.perf_counter()
    found = _SOLVERS[kind](document, budget, on_progress, travel)
    seconds = round(time.perf_counter() - began, 3)
    return {"kind": kind, **found, "seconds": seconds, "seed": budget.seed}


def kind_of(document: Mapping[str, Any]) -> str:
    """Return what the document says it is, or else what only that kind of problem has."""
    if "kind" in document:
        return str(document["kind"])
    if "series" in document:
        return "year"
    return "visits" if "visitors" in document else "meeting"


def summary(document: Mapping[str, Any]) -> list[str]:
    """Return a few lines for a person at a terminal; the document holds the rest."""
    if document["kind"] == "meeting":
        return _ranking_lines(document)
    if document["kind"] == "visits":
        return _pairing_lines(document)
    return _calendar_lines(document)


def _meeting(
    document: object, _budget: Budget, _on_progress: OnProgress | None, travel: Travel | None
) -> dict[str, Any]:
    return ranking_document(rank(meeting_from(document, travel)))


def _year(
    document: object, budget: Budget, on_progress: OnProgress | None, _travel: Travel | None
) -> dict[str, Any]:
    problem = year_from(document)
    calendar, proofs = solve_year(problem, budget, on_progress)
    _must_be_none(year_violations(problem, calendar))
    return calendar_document(problem, calendar, proofs)


def _visits(
    document: object, _budget: Budget, _on_progress: OnProgress | None, travel: Travel | None
) -> dict[str, Any]:
    problem = visits_from(document, travel)
    pairing = pair_visits(problem)
    _must_be_none(visit_violations(problem, pairing.pairs))
    return pairing_document(problem, pairing)


_SOLVERS: dict[str, Solver] = {"meeting": _meeting, "year": _year, "visits": _visits}


def _must_be_none(broken: tuple[Violation, ...]) -> None:
    """Refuse to hand out an answer that the independent rules do not accept."""
    if broken:
        raise AssertionError(f"the model and the rules disagree: {broken[0].message}")


def _pairing_lines(document: Mapping[str, Any]) -> list[str]:
    pairs, left = document["pairs"], document["unpaired"]
    return [
        f"{len(pairs)} visits, {len(left)} without a host; {document['total_hours']:g} h one way"
    ]


def _calendar_lines(document: Mapping[str, Any]) -> list[str]:
    found = [f"{level['name']} {level['value']}" for level in document["levels"]]
    return [f"{len(document['meetings'])} meetings: {', '.join(found)}; gap {document['gap']:.1%}"]


def _ranking_lines(document: Mapping[str, Any]) -> list[str]:
    most = 5
    choices, refused = document["choices"], document["refused"]
    lines = [f"{len(choices)} choices, {len(refused)} refused; travel is an estimate"]
    for choice in choices[:most]:
        of = choice["figures"]
        where = choice["place"] or "digital"
        line = f"{choice['rank']}. {choice['date']} {where} ({choice['form']}):"
        line += f" {of['attending']} attend, {of['tentative']} may, worst-off region"
        line += f" {of['worst_region_hours']:.1f} h, {of['travel_hours']['total']:.1f} h in all"
        lines.append(line)
        if choice["loses_because"]:
            lines.append(f"   loses to the one above: {choice['loses_because']}")
    return lines
