"""`samkrets match`: a members file or a problem in, networks with their proof out."""

from dataclasses import replace
from time import perf_counter
from typing import Annotated

import typer

from api.commands.engine.matching import Asked, Out, Source, read_asked, with_options
from api.commands.files import answer, progress_line, stopped_by_interrupt
from api.proposals.networks.cluster import Workers, connected
from matcher.groups.model.problem import Problem
from matcher.proof import Budget

Cluster = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="A dask.distributed scheduler, tcp://HOST:PORT, on which regions of many members are solved.",
    ),
]


@with_options
def match(path: Source, asked: Asked, out: Out = "-", cluster: Cluster = "") -> None:
    """Put members in small networks, with a proof of how good they are."""

    def solved() -> object:
        start = perf_counter()
        problem, budget = read_asked(path, asked)
        with connected(cluster) as workers:
            return _solved(problem, budget, start, workers)

    answer(path, solved, out)


def _solved(problem: Problem, budget: Budget, start: float, workers: Workers | None) -> object:
    # The solver takes longer to load than bad input takes to refuse.
    from matcher.groups.cover.solve import EXACT  # noqa: PLC0415 - see above
    from matcher.groups.files.answer import solution_document  # noqa: PLC0415 - see above
    from matcher.groups.solve import solve  # noqa: PLC0415 - see above

    if workers is not None:
        budget = replace(budget, workers=workers.count)
        if len(problem.members) <= EXACT:
            note = f"--cluster: up to {EXACT} members are proven best here, on this machine alone"
            typer.echo(note, err=True)
    executor = None if workers is None else workers.executor
    with stopped_by_interrupt(progress_line()) as follow:
        solution = solve(problem, budget, on_progress=follow, executor=executor)
    return solution_document(problem, solution, budget, perf_counter() - start)
