"""The door to dates: a parsed document in, a document out."""

from collections.abc import Mapping
from typing import Any

from matcher.codec import shown
from matcher.dates.codec import meeting_from, ranking_document
from matcher.dates.rank import rank
from matcher.errors import Fault, InvalidProblemError
from matcher.proof import Budget, OnProgress


def solve_document(
    document: object, _budget: Budget, _on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """Solve a dates problem of any kind.

    Raises:
        InvalidProblemError: when the document is not such a problem.
        InfeasibleError: when its rules cannot all hold.
    """
    if not isinstance(document, dict):
        raise InvalidProblemError(Fault("$", shown(document), "an object"))
    return ranking_document(rank(meeting_from(document)))


def summary(document: Mapping[str, Any]) -> list[str]:
    """Return a few lines for a person at a terminal; the document holds the rest."""
    return _ranking_lines(document)


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
