"""The shorthand for one layer: a members file and a few options become a problem."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.files.attributes import (
    OnDoubt,
    Reading,
    doubt_places,
    place_columns,
    read_attribute,
)
from matcher.groups.files.codec import named_in, of_rounds, with_rules
from matcher.groups.files.presets import CERTAINTIES, LAYERS
from matcher.groups.files.table import Table, composed, number, split
from matcher.groups.model.layer import (
    GEOGRAPHY,
    Cost,
    Group,
    Layer,
    Member,
    Metric,
    Partition,
    Weight,
)
from matcher.groups.model.problem import Problem

_SIZES = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
LAYER_NAME = "networks"

Rounds = Callable[[Table], tuple[Partition, ...]]
"""Reads the earlier rounds, newest first, once the members are known."""


@dataclass(frozen=True, slots=True)
class Shorthand:
    """The options of `samkrets match MEMBERS.csv`, as they are typed.

    preset: a ready-made layer, which says what counts and what unknown is; empty = none.
    rules: what the layer asks for, by the rules' names (`read_rules`). rounds: how many, no two members together
        in two of them.
    """

    preset: str = ""
    sizes: str = "3-4"
    metric: Metric = "gower"
    is_standardised: bool = False
    cost: Cost = "peer-mean"
    weights: str = ""
    ordered: tuple[str, ...] = ()
    certainty: tuple[str, ...] = ()
    categories: str = ""
    sets: str = ""
    times: str = ""
    unknown: str = "skip"
    known_floor: float = 0.0
    together: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    stability: float = 0.0
    novelty: float = 0.0
    is_fair: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)
    rounds: int = 1


def read_members(
    table: Table, options: Shorthand, rounds: Rounds | None = None, on_doubt: OnDoubt | None = None
) -> Problem:
    """Read a members file as a problem of one layer, or of a layer for each round.

    on_doubt: told of what is read as it stands though it may be a slip, and of options that do nothing.

    Raises:
        InvalidProblemError: with every fault of the file, or else every fault of the options.
    """
    faults: list[Fault] = []
    if GEOGRAPHY in table.header and place_columns(table, options.metric):
        found = "geography beside lat and lon, which together have that name"
        faults.append(Fault("row 1", found, "another name for the column"))
    preset = _preset(options, faults)
    smallest, largest = _sizes(options.sizes, faults)
    ordered = _ordered(options.ordered, table, faults)
    certainties = _certainties(options.certainty, table, faults)
    if preset is not None:
        known = {name: column for name, column in CERTAINTIES.items() if column in table.header}
        certainties = known | certainties
    names = _attribute_names(table, options, certainties)
    if preset is None:
        weights = _weights(options.weights, names, faults)
    else:
        weights = preset.weights
        lacking = [weight.attribute for weight in weights if weight.attribute not in names]
        if lacking:
            found = f"no column {', '.join(lacking)} (geography is lat and lon)"
            expected = "the columns of samkrets export members"
            faults.append(Fault(f"--preset {options.preset}", found, expected))
    categories = _known_names("--category", options.categories, table, faults)
    sets = _known_names("--set", options.sets, table, faults)
    times = _known_names("--times", options.times, table, faults)
    together = _groups("--together", options.together, table, faults)
    apart = _groups("--apart", options.apart, table, faults)
    unknown = _unknown(options.unknown, faults)
    about = named_in(options.rules)
    faults += [_no_such("--rules", name, names) for name in about if name not in names]
    _raise(faults)
    reading = Reading(options.metric, ordered, categories, certainties, on_doubt, sets, times)
    counted = dict.fromkeys([*(weight.attribute for weight in weights), *about])
    attributes = tuple(read_attribute(table, name, reading, faults) for name in counted)
    _raise(faults)
    history = rounds(table) if rounds is not None else ()
    if on_doubt is not None:
        doubt_places(table, options.metric, on_doubt)
        for line in (*_idle(options, history), *_idle_columns({*counted}, reading)):
            on_doubt(line)
    if not (attributes or history or options.rules or options.rounds > 1):
        raise InvalidProblemError(Fault("row 1", "only id", "at least one attribute column"))
    bare = Layer(LAYER_NAME, smallest, largest, unknown=unknown, known_floor=options.known_floor)
    layer = replace(
        preset or bare,
        name=LAYER_NAME,
        smallest=smallest,
        largest=largest,
        weights=weights,
        metric=options.metric,
        is_standardised=options.is_standardised,
        cost=options.cost,
        together=together,
        apart=apart,
        history=history,
        stability=options.stability,
        novelty=options.novelty,
    )
    members = tuple(Member(member) for member in table.ids)
    problem = Problem(members, attributes, (layer,), is_fair=options.is_fair)
    if options.rules:
        problem = _with_rules(problem, options.rules)
    return of_rounds(problem, options.rounds) if options.rounds > 1 else problem


def _with_rules(problem: Problem, rules: Mapping[str, Any]) -> Problem:
    try:
        return with_rules(problem, rules)
    except InvalidProblemError as error:
        faults = [Fault(f"--rules, {f.where}", f.value, f.expected) for f in error.faults]
        raise InvalidProblemError(*faults) from error


def _idle(options: Shorthand, history: tuple[Partition, ...]) -> Iterator[str]:
    """Tell which options change nothing, each in a line."""
    is_squared = options.metric == "sqeuclidean"
    keeps = [name for name in ("standing", "moved") if options.rules.get(name)]
    idle = {
        f"--stability {options.stability:g} does nothing without --history": options.stability
        and not history,
        f"--novelty {options.novelty:g} does nothing without --history": options.novelty
        and not history,
        **{f"--rules, {name} does nothing without --history": not history for name in keeps},
        "--history does nothing without --stability, --novelty, or a rule standing or moved": history
        and not (options.stability or options.novelty or keeps),
        "--standardise does nothing with --metric gower": options.is_standardised
        and not is_squared,
        f"--unknown {options.unknown} does nothing with --metric sqeuclidean, where all is known": (
            is_squared and options.unknown != "skip"
        ),
        "--known-floor does nothing with --metric sqeuclidean, where all is known": is_squared
        and options.known_floor,
    }
    yield from (line for line, is_so in idle.items() if is_so)


def _idle_columns(counted: set[str], reading: Reading) -> Iterator[str]:
    named = [("--ordered", name) for name in reading.ordered]
    named += [("--category", name) for name in sorted(reading.categories)]
    named += [("--set", name) for name in sorted(reading.sets)]
    named += [("--times", name) for name in sorted(reading.times)]
    for option, name in named:
        if name not in counted:
            yield f"{option} {name} does nothing: the column does not count here"
    for name in sorted(reading.categories & set(reading.ordered)):
        yield f"--category {name} does nothing: --ordered says how the column is compared"


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise InvalidProblemError(*faults)


def _sizes(text: str, faults: list[Fault]) -> tuple[int, int]:
    found = _SIZES.fullmatch(text.strip())
    if found:
        smallest = int(found[1])
        largest = int(found[2] or found[1])
        if 2 <= smallest <= largest:
            return smallest, largest
    expected = "smallest-largest as in 3-4, or one size; at least 2, since nobody is left alone"
    faults.append(Fault("--sizes", shown(text), expected))
    return 2, 2


def _preset(options: Shorthand, faults: list[Fault]) -> Layer | None:
    if not options.preset:
        return None
    if options.preset not in LAYERS:
        faults.append(Fault("--preset", shown(options.preset), f"one of {', '.join(LAYERS)}"))
        return None
    own = {
        "--weights": options.weights != "",
        "--unknown": options.unknown != "skip",
        "--known-floor": options.known_floor != 0.0,
        "--metric": options.metric != "gower",
    }
    faults += [
        Fault(option, "it beside --preset", "one of the two: a preset says that itself")
        for option, is_given in own.items()
        if is_given
    ]
    return LAYERS[options.preset]


def _unknown(text: str, faults: list[Fault]) -> float | None:
    if text == "skip":
        return None
    value = number(text)
    if value is None or not 0.0 <= value <= 1.0:
        faults.append(Fault("--unknown", shown(text), "skip, or a number from 0 to 1"))
        return None
    return value


def _ordered(
    texts: tuple[str, ...], table: Table, faults: list[Fault]
) -> dict[str, tuple[str, ...]]:
    ordered = {}
    for text in map(composed, texts):
        name, equals, order = text.partition("=")
        levels = tuple(level.strip() for level in order.split("<"))
        if name not in table.header[1:]:
            faults.append(_no_such("--ordered", name, table.header[1:]))
        elif not equals or len(levels) < 2 or "" in levels or len(set(levels)) < len(levels):
            expected = "column=lowest<…<highest with two or more different levels"
            faults.append(Fault("--ordered", shown(text), expected))
        elif name in ordered:
            faults.append(Fault("--ordered", shown(name), "each column once"))
        else:
            ordered[name] = levels
    return ordered


def _certainties(texts: tuple[str, ...], table: Table, faults: list[Fault]) -> dict[str, str]:
    certainties = {}
    for text in map(composed, texts):
        name, _, column = text.partition("=")
        for each in (name, column):
            if each not in table.header[1:]:
                faults.append(_no_such("--certainty", each, table.header[1:]))
                break
        else:
            certainties[name] = column
    return certainties


def _weights(text: str, names: tuple[str, ...], faults: list[Fault]) -> tuple[Weight, ...]:
    if not text:
        return tuple(Weight(name, 1.0) for name in names)
    weights: dict[str, float] = {}
    for part in split(text) or [text]:
        name, equals, digits = part.rpartition("=")
        name, value = name.strip(), number(digits.strip())
        if not equals or value is None or value < 0.0:
            faults.append(Fault("--weights", shown(part), "column=weight with a number 0 or above"))
        elif name not in names:
            faults.append(_no_such("--weights", name, names))
        elif name in weights:
            faults.append(Fault("--weights", shown(name), "each column once"))
        else:
            weights[name] = value
    return tuple(Weight(name, value) for name, value in weights.items())


def _known_names(option: str, text: str, table: Table, faults: list[Fault]) -> frozenset[str]:
    names = split(text) if text else []
    if text and not names:
        faults.append(Fault(option, shown(text), "columns with commas between"))
    faults += [
        _no_such(option, name, table.header[1:]) for name in names if name not in table.header[1:]
    ]
    return frozenset(names)


def _groups(
    option: str, texts: tuple[str, ...], table: Table, faults: list[Fault]
) -> tuple[Group, ...]:
    places = {member: place for place, member in enumerate(table.ids)}
    groups = []
    for text in texts:
        names = split(text)
        unknown = [name for name in names if name not in places]
        if len(names) < 2 or len(set(names)) < len(names):
            expected = "two or more different ids with commas between"
            faults.append(Fault(option, shown(text), expected))
        elif unknown:
            faults.append(Fault(option, shown(unknown[0]), "an id of the file"))
        else:
            groups.append(tuple(places[name] for name in names))
    return tuple(groups)


def _attribute_names(
    table: Table, options: Shorthand, certainties: dict[str, str]
) -> tuple[str, ...]:
    """Name the attributes in the file's order; `lat` and `lon` are one, unless distances are Euclidean."""
    names: list[str] = []
    for name in table.header[1:]:
        if name in certainties.values():
            continue
        if name in place_columns(table, options.metric):
            name = GEOGRAPHY  # noqa: PLW2901 - both halves stand for the one attribute
        if name not in names:
            names.append(name)
    return tuple(names)


def _no_such(option: str, name: str, names: tuple[str, ...]) -> Fault:
    return Fault(option, shown(name), f"one of the columns {', '.join(names) or '(none)'}")
