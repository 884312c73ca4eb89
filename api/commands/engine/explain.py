"""`samkrets explain`: why these networks, what else they could have been, and what a changed wish would do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from api.commands.engine.explained import sentence, told
from api.commands.engine.matching import Asked, Out, Source, read_asked, with_options
from api.commands.files import (
    answer,
    one_line,
    progress_line,
    read_document,
    stopped_by_interrupt,
)
from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.files.rounds import read_round
from matcher.groups.files.table import number, split
from matcher.groups.model.layer import Group, Networks
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.proof import Budget, OnProgress, Progress

Result = Annotated[Path, typer.Argument(metavar="RESULT.json", help="What `match` answered.")]
IfTogether = Annotated[
    list[str], typer.Option(help="What if these shared a network: a,b[,c]; repeatable.")
]
IfApart = Annotated[
    list[str], typer.Option(help="What if no two of these did: a,b[,c]; repeatable.")
]
IfWeights = Annotated[str, typer.Option(help="What if these weighed so: model=5,phase=0.")]
InLayer = Annotated[
    str, typer.Option("--layer", help="The layer that is wondered about, where there are several.")
]
Alternatives = Annotated[
    int, typer.Option(min=0, max=20, help="Clearly different networks to look for.")
]
StabilityOfPairs = Annotated[
    bool, typer.Option("--stability-of-pairs", help="Pairs that hold in 95 % of sampled weights.")
]
OnStep = Callable[[float, dict[str, object]], bool | None]
# A changed wish gets this share of the time, where there is one.
WHAT_IF_SHARE = 0.4


@with_options
def explain(
    path: Source,
    result: Result,
    asked: Asked,
    if_together: IfTogether = [],  # noqa: B006 - Typer's own way to say a repeatable option
    if_apart: IfApart = [],  # noqa: B006 - the same
    if_weights: IfWeights = "",
    layer: InLayer = "",
    alternatives: Alternatives = 0,
    stability_of_pairs: StabilityOfPairs = False,
    out: Out = "-",
) -> None:
    """Tell why members are where they are, and what else could have been.

    Give the options that `match` was given; those that begin with --if change a wish.
    """

    def solved() -> object:
        problem, budget = read_asked(path, asked)
        networks = _networks(problem, result)
        changed = _changed(problem, layer, if_together, if_apart, if_weights)
        return _explained(problem, networks, changed, budget, alternatives, stability_of_pairs)

    answer(path, solved, out)


def _explained(
    problem: Problem,
    networks: Networks,
    changed: Problem | None,
    budget: Budget,
    count: int,
    with_steady: bool,
) -> object:
    # The solver takes longer to load than bad input takes to refuse.
    from matcher.groups.why.study import study, wondered  # noqa: PLC0415 - see above

    start = perf_counter()
    document: dict[str, object] = {}
    with stopped_by_interrupt(progress_line()) as follow:
        if changed is not None:
            share = replace(budget, seconds=budget.seconds * WHAT_IF_SHARE)
            document["what_if"] = wondered(problem, networks, changed, share, follow)
        left = replace(budget, seconds=max(0.1, budget.seconds - (perf_counter() - start)))
        step = _step(follow, start)
        studied = study(problem, networks, left, count=count, with_steady=with_steady, on_step=step)
    layers: list[dict[str, list[dict[str, object]]]] = studied["layers"]  # type: ignore[assignment] # JSON
    for row in (row for layer in layers for row in layer["members"]):
        row["sentence"] = sentence(row)
    document = studied | document
    document["violations"] = [
        {"rule": each.rule, "subjects": list(each.subjects), "message": each.message}
        for each in violations(problem, networks)
    ]
    document["seconds"] = round(perf_counter() - start, 3)
    for line in told(problem, document):
        typer.echo(one_line(line), err=True)
    return document


def _step(follow: OnProgress, start: float) -> OnStep:
    def step(share: float, _document: dict[str, object]) -> bool:
        phase = f"explaining {share:.0%}"
        return follow(Progress(perf_counter() - start, None, None, phase)) is not False

    return step


def _ids(document: object) -> Iterator[str]:
    """Yield every member of a result that has been found to be one."""
    if isinstance(document, dict):
        for part in document.get("layers") or [document]:
            for group in part["groups"]:
                yield from group["members"]


def _networks(problem: Problem, file: Path) -> Networks:
    """Read a result's networks; every id in it must be one of the problem's."""
    numbers = {member.id: place for place, member in enumerate(problem.members)}
    try:
        document = read_document(file)
        found = tuple(read_round(document, numbers, layer.name) for layer in problem.layers)
    except InvalidProblemError as error:
        faults = [
            Fault(f"{file}, {each.where}", each.value, each.expected) for each in error.faults
        ]
        raise InvalidProblemError(*faults) from error
    stranger = next((each for each in _ids(document) if each not in numbers), None)
    if stranger is not None:
        expected = "an id of the members; give the file that was matched"
        raise InvalidProblemError(Fault(f"{file}, $.groups", shown(stranger), expected))
    for layer, partition in zip(problem.layers, found, strict=True):
        seated = {member for group in partition for member in group}
        missing = [each for each in problem.participants(layer) if each not in seated]
        if missing and all(problem.members[each].most_networks is None for each in missing):
            found_id = problem.members[missing[0]].id
            expected = f"a network in the layer {layer.name}; give the file that was matched"
            raise InvalidProblemError(Fault(f"{file}, member {found_id}", "no network", expected))
    return found


def _changed(
    problem: Problem, name: str, together: list[str], apart: list[str], weights: str
) -> Problem | None:
    """Return the problem with the wishes that are wondered about; None where there are none."""
    from matcher.groups.why import explain as wish  # noqa: PLC0415 - it loads the solver

    if not (together or apart or weights):
        return None
    place = _place(problem, name)
    changed = problem
    for text in together:
        changed = wish.with_together(changed, place, _members(problem, "--if-together", text))
    for text in apart:
        changed = wish.with_apart(changed, place, _members(problem, "--if-apart", text))
    weighed = [weight.attribute for weight in problem.layers[place].weights]
    for part in split(weights) if weights else []:
        attribute, _, digits = part.rpartition("=")
        value = number(digits.strip())
        if attribute.strip() not in weighed or value is None or value < 0.0:
            expected = f"attribute=weight, one of {', '.join(weighed)}"
            raise InvalidProblemError(Fault("--if-weights", shown(part), expected))
        changed = wish.with_weight(changed, place, attribute.strip(), value)
    return changed


def _place(problem: Problem, name: str) -> int:
    names = [layer.name for layer in problem.layers]
    if not name and len(names) == 1:
        return 0
    if name not in names:
        raise InvalidProblemError(Fault("--layer", shown(name), f"one of {', '.join(names)}"))
    return names.index(name)


def _members(problem: Problem, option: str, text: str) -> Group:
    names = split(text)
    ids = {member.id for member in problem.members}
    stranger = next((name for name in names if name not in ids), None)
    if stranger is not None:
        raise InvalidProblemError(Fault(option, shown(stranger), "the id of a member"))
    if len(names) < 2 or len(set(names)) < len(names):
        raise InvalidProblemError(Fault(option, shown(text), "two or more different ids"))
    return tuple(map(problem.number, names))
