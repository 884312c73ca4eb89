"""`samkrets programme`: from slots, rooms, topics and wishes to a timetable and personal agendas."""

from pathlib import Path

import typer

from api.commands.files import answer, one_line, progress_line, read_text
from matcher.programme.files.answer import answer_document
from matcher.programme.files.codec import read_problem
from matcher.programme.solve import solve
from matcher.proof import Budget


def programme(
    path: Path = typer.Argument(
        metavar="PROBLEM.json", help="The problem; its form: samkrets schema programme."
    ),
    out: str = typer.Option("-", "--out", help="Where the result goes; - is standard output."),
    seed: int = typer.Option(
        0, "--seed", min=0, max=2**31 - 1, help="Seed of every random choice."
    ),
    workers: int = typer.Option(2, "--workers", min=1, max=256, help="Threads that may work."),
    time_limit: float = typer.Option(
        30.0, "--time-limit", min=0.1, max=86_400.0, help="Seconds that the solver may take."
    ),
) -> None:
    """Plan which topics run when and where, and who attends what."""

    def work() -> object:
        problem = read_problem(read_text(path))
        budget = Budget(time_limit, workers, seed)
        found = answer_document(problem, solve(problem, budget, on_progress=progress_line()), seed)
        for unmet in found["unmet_musts"]:
            line = "{person} must be in {session} and is not: {reason}".format(**unmet)
            typer.echo(one_line(f"{path}: {line}"), err=True)
        return found

    answer(path, work, out)
