"""What `match` and `explain` share: the options of a members file, and reading either kind of file."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, fields, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from api.commands.files import one_line, read_octets, text_of
from api.kit.i18n import Said
from api.kit.table_file import CellFault, TableFileError, read_lines
from api.travel.shipped import shipped_travel
from matcher.documents.text import read_json, shown
from matcher.errors import Fault, InvalidProblemError
from matcher.geo import Point
from matcher.groups.files.attributes import OnDoubt
from matcher.groups.files.codec import read_problem, read_rules
from matcher.groups.files.members import Rounds, Shorthand, read_members
from matcher.groups.files.presets import IN_PERSON_HOURS, LAYERS
from matcher.groups.files.rounds import left_out, read_round
from matcher.groups.files.table import Table, number, table_of
from matcher.groups.model.layer import Cost, Metric, Partition
from matcher.groups.model.problem import Problem, with_journeys
from matcher.proof import Budget

# On one's own machine nobody is kept waiting by a large file; these only bound what is a slip.
MOST_MEMBERS, MOST_OCTETS = 100_000, 50_000_000

Source = Annotated[
    Path, typer.Argument(metavar="PROBLEM.json|MEMBERS.csv", help="- is standard input.")
]
Out = Annotated[str, typer.Option(help="File to write; - is standard output.")]


def _option(**said: str | int) -> Any:  # noqa: ANN401 - Typer's own type
    return typer.Option(**said)  # type: ignore[arg-type] # help, metavar and min only


def _flag(name: str, said: str) -> Any:  # noqa: ANN401 - Typer's own type
    return typer.Option(name, help=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options as they are typed; numbers stay text, so that every wrong one is told at once."""

    sizes: Annotated[str, _option(help="Smallest-largest network; one number for exact.")] = "3-4"
    preset: Annotated[str, _option(help=f"Ready-made weights: {', '.join(LAYERS)}.")] = ""
    metric: Annotated[str, _option(help="gower or sqeuclidean.")] = "gower"
    standardise: Annotated[bool, _flag("--standardise", "z-scores (sqeuclidean).")] = False
    weights: Annotated[str, _option(help="phase=2,model=3,...; columns not named are ignored.")] = (
        ""
    )
    ordered: Annotated[list[str], _option(help="column=low<mid<high; repeatable.")] = field(
        default_factory=list
    )
    category: Annotated[
        str, _option(help="Columns that hold names though they look like numbers.")
    ] = ""
    set: Annotated[str, _option(help="Columns of several names, semicolons between.")] = ""
    times: Annotated[
        str,
        _option(help="Columns of free times, start/end as YYYY-MM-DDTHH:MM, semicolons between."),
    ] = ""
    certainty: Annotated[list[str], _option(help="column=column with 0-1 factors; repeatable.")] = (
        field(default_factory=list)
    )
    unknown: Annotated[str, _option(help="skip, or what an unknown attribute counts, 0-1.")] = (
        "skip"
    )
    known_floor: Annotated[
        str, _option(metavar="SHARE", help="Mark members known less than this.")
    ] = "0"
    cost: Annotated[str, _option(help="peer-mean, pair-sum or sse.")] = "peer-mean"
    together: Annotated[
        list[str], _option(help="Ids that share a network: a,b[,c]; repeatable.")
    ] = field(default_factory=list)
    apart: Annotated[list[str], _option(help="Ids no two of which do: a,b[,c]; repeatable.")] = (
        field(default_factory=list)
    )
    history: Annotated[list[Path], _option(help="Earlier results, newest first; repeatable.")] = (
        field(default_factory=list)
    )
    rules: Annotated[
        list[Path], _option(help="JSON object of a layer's rules, as in PROBLEM.json.")
    ] = field(default_factory=list)
    rounds: Annotated[
        int, _option(min=1, help="So many rounds at once in which no two members meet twice.")
    ] = 1
    stability: Annotated[
        str, _option(metavar="W", help="Cost of each broken pair of the newest.")
    ] = "0"
    novelty: Annotated[str, _option(metavar="W", help="Cost of each pair that met before.")] = "0"
    fair: Annotated[bool, _flag("--fair", "Leximin: the worst off as well as possible.")] = False
    seed: Annotated[int, _option(min=0, help="Seed of the searches.")] = 0
    workers: Annotated[int, _option(min=1, help="Threads.")] = 2
    time_limit: Annotated[str, _option(metavar="SECONDS", help="Wall time to solve in.")] = "60"


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Asked`, which it gets as its one argument `asked`."""
    own = [each for each in signature(command).parameters.values() if each.name != "asked"]
    options = [
        Parameter(
            each.name,
            Parameter.KEYWORD_ONLY,
            default=each.default if each.default is not MISSING else [],
            annotation=each.type,
        )
        for each in fields(Asked)
    ]

    def told(**given: Any) -> None:  # noqa: ANN401 - options of every type
        asked = Asked(**{each.name: given.pop(each.name) for each in options})
        command(asked=asked, **given)

    every = [*own, *options]
    told.__doc__ = command.__doc__
    told.__signature__ = Signature(every)  # type: ignore[attr-defined] # what Typer reads
    told.__annotations__ = {each.name: each.annotation for each in every}
    return told


def read_asked(path: Path, asked: Asked) -> tuple[Problem, Budget]:
    """Read a problem, or a members file by its options, and how long to work.

    Raises:
        InvalidProblemError: with the faults of the options, or else of the file.
    """
    faults: list[Fault] = []
    budget = Budget(_positive("--time-limit", asked.time_limit, faults), asked.workers, asked.seed)
    options = Shorthand(
        sizes=asked.sizes,
        preset=asked.preset,
        metric=_metric(asked.metric, faults),
        is_standardised=asked.standardise,
        cost=_cost(asked.cost, faults),
        weights=asked.weights,
        ordered=tuple(asked.ordered),
        categories=asked.category,
        sets=asked.set,
        times=asked.times,
        certainty=tuple(asked.certainty),
        unknown=asked.unknown,
        known_floor=_at_least_zero("--known-floor", asked.known_floor, faults, most=1.0),
        together=tuple(asked.together),
        apart=tuple(asked.apart),
        stability=_at_least_zero("--stability", asked.stability, faults),
        novelty=_at_least_zero("--novelty", asked.novelty, faults),
        is_fair=asked.fair,
        rounds=asked.rounds,
    )
    if faults:
        raise InvalidProblemError(*faults)
    content = read_octets(path)
    if path.suffix == ".json" or content.removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        _refuse_shorthand(options, asked)
        problem = read_problem(read_json(text_of(content)))
        return replace(problem, is_fair=problem.is_fair or asked.fair), budget

    def doubt(line: str) -> None:
        typer.echo(one_line(f"{path}: note: {line}"), err=True)

    table = members_table(content)
    options = replace(options, rules=_rules(asked.rules))
    problem = read_members(table, options, _rounds(asked.history, doubt), doubt)
    return (by_journeys(problem) if asked.preset else problem), budget


def _rules(files: Iterable[Path]) -> dict[str, Any]:
    """Read what the layer asks for, each rule from one of the files."""
    rules: dict[str, Any] = {}
    for file in files:
        try:
            own = read_rules(read_json(text_of(read_octets(file))))
        except InvalidProblemError as error:
            faults = [
                Fault(f"--rules {file}, {f.where}", f.value, f.expected) for f in error.faults
            ]
            raise InvalidProblemError(*faults) from error
        twice = [
            Fault(f"--rules {file}, $", name, "each rule in one file")
            for name in own
            if name in rules
        ]
        if twice:
            raise InvalidProblemError(*twice)
        rules |= own
    return rules


def by_journeys(problem: Problem) -> Problem:
    """Return the problem of a preset as the page has it: journeys decide who meets in person."""
    travel = shipped_travel()

    def hours(one: tuple[float, float], other: tuple[float, float]) -> float:
        return travel.hours(Point(*one), Point(*other))

    return with_journeys(problem, hours, IN_PERSON_HOURS)


def members_table(content: bytes) -> Table:
    """Return a members file's octets (CSV or XLSX, as any other table is read) as the engine's table.

    Raises:
        InvalidProblemError: with the faults of the file.
    """
    try:
        lines = read_lines(content, MOST_MEMBERS, MOST_OCTETS)
    except TableFileError as error:
        raise InvalidProblemError(*map(_fault_of, error.faults)) from error
    width = max((len(line.cells) for line in lines), default=0)
    return table_of(
        (line.number, line.cells if line.is_ragged else (*line.cells, *[""] * width)[:width])
        for line in lines
    )


def _fault_of(fault: CellFault) -> Fault:
    found = fault.found.english if isinstance(fault.found, Said) else shown(fault.found)
    where = f"row {max(fault.line, 1)}" + (f", cell {fault.column}" if fault.column else "")
    return Fault(where, found, fault.expected.english)


def _refuse_shorthand(options: Shorthand, asked: Asked) -> None:
    """Refuse the members file's options with a problem, which says all that itself."""
    plain = Shorthand(is_fair=options.is_fair)
    given = [
        each.name
        for each in fields(Shorthand)
        if getattr(options, each.name) != getattr(plain, each.name)
    ]
    beside = {"history": asked.history, "rules": asked.rules}
    given += [name for name, is_given in beside.items() if is_given]
    if given:
        names = ", ".join(given)
        fault = Fault("options", names, "only with MEMBERS.csv; PROBLEM.json holds them itself")
        raise InvalidProblemError(fault)


def _rounds(files: Iterable[Path], doubt: OnDoubt) -> Rounds:
    def read(table: Table) -> tuple[Partition, ...]:
        numbers = {member: place for place, member in enumerate(table.ids)}
        return tuple(_round(file, numbers, doubt) for file in files)

    return read


def _round(file: Path, numbers: dict[str, int], doubt: OnDoubt) -> Partition:
    try:
        content = read_octets(file)
        _insist_on_json(content)
        document = read_json(text_of(content))
        found = read_round(document, numbers)
    except InvalidProblemError as error:
        faults = [Fault(f"--history {file}, {f.where}", f.value, f.expected) for f in error.faults]
        raise InvalidProblemError(*faults) from error
    for line in left_out(document, numbers):
        doubt(f"--history {file}: {line}")
    return found


def _insist_on_json(content: bytes) -> None:
    if not content.removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        expected = "an earlier JSON result of samkrets match (not a members file)"
        raise InvalidProblemError(Fault("row 1", "no JSON object", expected))


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
