"""`samkrets match`: a members file or a problem in, networks with their proof out."""

from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from time import perf_counter
from typing import get_args

import typer

from api.commands.files import (
    answer,
    progress_line,
    read_document,
    read_text,
    stopped_by_interrupt,
)
from matcher.codec import read_json
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.codec import read_problem
from matcher.groups.layer import Cost, Metric, Partition
from matcher.groups.members import Rounds, Shorthand, read_members
from matcher.groups.presets import LAYERS
from matcher.groups.problem import Problem
from matcher.groups.rounds import read_round
from matcher.groups.table import Table, number
from matcher.proof import Budget


def match(
    path: Path = typer.Argument(..., metavar="PROBLEM.json|MEMBERS.csv"),
    sizes: str = typer.Option("3-4", help="Smallest-largest network; one number for exact."),
    preset: str = typer.Option("", help=f"Ready-made weights: {', '.join(LAYERS)}."),
    metric: str = typer.Option("gower", help="gower or sqeuclidean."),
    standardise: bool = typer.Option(False, "--standardise", help="z-scores (sqeuclidean)."),
    weights: str = typer.Option("", help="phase=2,model=3,...; columns not named are ignored."),
    ordered: list[str] = typer.Option([], help="column=low<mid<high; repeatable."),
    category: str = typer.Option("", help="Columns that hold names though they look like numbers."),
    certainty: list[str] = typer.Option([], help="column=column with 0-1 factors; repeatable."),
    unknown: str = typer.Option("skip", help="skip, or what an unknown attribute counts, 0-1."),
    known_floor: str = typer.Option(
        "0", metavar="SHARE", help="Mark members known less than this."
    ),
    cost: str = typer.Option("peer-mean", help="peer-mean, pair-sum or sse."),
    together: list[str] = typer.Option([], help="Ids that share a network: a,b[,c]; repeatable."),
    apart: list[str] = typer.Option([], help="Ids no two of which do: a,b[,c]; repeatable."),
    history: list[Path] = typer.Option([], help="Earlier results, newest first; repeatable."),
    stability: str = typer.Option("0", metavar="W", help="Cost of each broken pair of the newest."),
    novelty: str = typer.Option("0", metavar="W", help="Cost of each pair that met before."),
    fair: bool = typer.Option(False, "--fair", help="Leximin: the worst off as well as possible."),
    seed: int = typer.Option(0, min=0, help="Seed of the searches."),
    workers: int = typer.Option(2, min=1, help="Threads."),
    time_limit: str = typer.Option("60", metavar="SECONDS", help="Wall time to solve in."),
    out: str = typer.Option("-", help="File to write; - is standard output."),
) -> None:
    """Put members in small networks, with a proof of how good they are."""

    def solved() -> object:
        start = perf_counter()
        faults: list[Fault] = []
        budget = Budget(_positive("--time-limit", time_limit, faults), workers, seed)
        options = Shorthand(
            sizes=sizes,
            preset=preset,
            metric=_metric(metric, faults),
            is_standardised=standardise,
            cost=_cost(cost, faults),
            weights=weights,
            ordered=tuple(ordered),
            categories=category,
            certainty=tuple(certainty),
            unknown=unknown,
            known_floor=_at_least_zero("--known-floor", known_floor, faults, most=1.0),
            together=tuple(together),
            apart=tuple(apart),
            stability=_at_least_zero("--stability", stability, faults),
            novelty=_at_least_zero("--novelty", novelty, faults),
            is_fair=fair,
        )
        if faults:
            raise InvalidProblemError(*faults)
        text = read_text(path)
        if path.suffix == ".json" or text.lstrip().startswith("{"):
            _refuse_shorthand(options, history)
            problem = read_problem(read_json(text))
            problem = replace(problem, is_fair=problem.is_fair or fair)
        else:
            problem = read_members(text, options, _rounds(history))
        return _solved(problem, budget, start)

    answer(path, solved, out)


def _solved(problem: Problem, budget: Budget, start: float) -> object:
    # The solver takes longer to load than bad input takes to refuse.
    from matcher.groups.answer import solution_document  # noqa: PLC0415 - see above
    from matcher.groups.solve import solve  # noqa: PLC0415 - see above

    with stopped_by_interrupt(progress_line()) as follow:
        solution = solve(problem, budget, on_progress=follow)
    return solution_document(problem, solution, budget, perf_counter() - start)


def _refuse_shorthand(options: Shorthand, history: list[Path]) -> None:
    """Refuse the members file's options with a problem, which says all that itself."""
    plain = Shorthand(is_fair=options.is_fair)
    given = [
        field.name
        for field in fields(Shorthand)
        if getattr(options, field.name) != getattr(plain, field.name)
    ]
    if given or history:
        names = ", ".join([*given, *(["history"] if history else [])])
        fault = Fault("options", names, "only with MEMBERS.csv; PROBLEM.json holds them itself")
        raise InvalidProblemError(fault)


def _rounds(files: Iterable[Path]) -> Rounds:
    def read(table: Table) -> tuple[Partition, ...]:
        numbers = {member: place for place, member in enumerate(table.ids)}
        return tuple(_round(file, numbers) for file in files)

    return read


def _round(file: Path, numbers: dict[str, int]) -> Partition:
    try:
        return read_round(read_document(file), numbers)
    except InvalidProblemError as error:
        faults = [Fault(f"--history {file}, {f.where}", f.value, f.expected) for f in error.faults]
        raise InvalidProblemError(*faults) from error


def _metric(text: str, faults: list[Fault]) -> Metric:
    for name in get_args(Metric):
        if text == name:
            return name  # type: ignore[no-any-return]
    faults.append(Fault("--metric", text, " or ".join(get_args(Metric))))
    return "gower"


def _cost(text: str, faults: list[Fault]) -> Cost:
    for name in get_args(Cost):
        if text == name:
            return name  # type: ignore[no-any-return]
    faults.append(Fault("--cost", text, ", ".join(get_args(Cost))))
    return "peer-mean"


def _at_least_zero(option: str, text: str, faults: list[Fault], most: float = 1e9) -> float:
    value = number(text)
    if value is None or not 0.0 <= value <= most:
        faults.append(Fault(option, text, f"a number from 0 to {most:g}"))
        return 0.0
    return value


def _positive(option: str, text: str, faults: list[Fault]) -> float:
    value = number(text)
    if value is None or value <= 0.0:
        faults.append(Fault(option, text, "seconds above 0"))
        return 1.0
    return value
