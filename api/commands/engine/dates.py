"""`samkrets dates`: rank dates and places for a meeting, lay out a year, pair study visits."""

from pathlib import Path
from typing import Any

import typer

from api.commands.files import answer, one_line, progress_line, read_document
from api.travel.shipped import shipped_travel
from matcher.dates.solve import solve_document, summary
from matcher.proof import Budget


def dates(
    problem: Path = typer.Argument(..., help="The problem: JSON, see `samkrets schema dates`."),
    out: str = typer.Option("-", help="File for the result, or - for standard output."),
    seed: int = typer.Option(0, help="Seed of the solver's choices."),
    workers: int = typer.Option(2, min=1, help="Threads the solver may use."),
    time_limit: float = typer.Option(60.0, min=0.001, help="Seconds the solver may take."),
) -> None:
    """Rank (date, place) choices with figures and reasons; or plan a year; or pair study visits."""

    def solve() -> dict[str, Any]:
        budget = Budget(seconds=time_limit, workers=workers, seed=seed)
        document = solve_document(read_document(problem), budget, progress_line(), shipped_travel())
        for line in summary(document):
            typer.echo(one_line(line), err=True)
        return document

    answer(problem, solve, out)
