"""The shorthand for one layer: a members file and a few options become a problem."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from matcher.codec import shown
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.layer import (
    GEOGRAPHY,
    Attribute,
    Cost,
    Group,
    Layer,
    Member,
    Metric,
    Partition,
    Weight,
)
from matcher.groups.presets import CERTAINTIES, LAYERS
from matcher.groups.problem import Problem
from matcher.groups.table import Table, number, read_table, split

_SIZES = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_LATITUDE, _LONGITUDE = "lat", "lon"
LAYER_NAME = "networks"

Rounds = Callable[[Table], tuple[Partition, ...]]
"""Reads the earlier rounds, newest first, once the members are known."""


@dataclass(frozen=True, slots=True)
class Shorthand:
    """The options of `samkrets match MEMBERS.csv`, as they are typed.

    preset: a ready-made layer, which says what counts and what unknown is; empty = none.
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
    unknown: str = "skip"
    known_floor: float = 0.0
    together: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    stability: float = 0.0
    novelty: float = 0.0
    is_fair: bool = False


def read_members(text: str, options: Shorthand, rounds: Rounds | None = None) -> Problem:
    """Read a members file as a problem of one layer.

    Raises:
        InvalidProblemError: with every fault of the file, or else every fault of the options.
    """
    table = read_table(text)
    faults: list[Fault] = []
    if GEOGRAPHY in table.header and has_places(table, options):
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
    categories = _known_names(options.categories, table, faults)
    together = _groups("--together", options.together, table, faults)
    apart = _groups("--apart", options.apart, table, faults)
    unknown = _unknown(options.unknown, faults)
    _raise(faults)
    attributes = tuple(
        _attribute(table, weight.attribute, options, ordered, categories, certainties, faults)
        for weight in weights
    )
    _raise(faults)
    history = rounds(table) if rounds is not None else ()
    if not attributes and not history:
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
    return Problem(members, attributes, (layer,), is_fair=options.is_fair)


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
    for text in texts:
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
    for text in texts:
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


def _known_names(text: str, table: Table, faults: list[Fault]) -> frozenset[str]:
    names = split(text) if text else []
    if text and not names:
        faults.append(Fault("--category", shown(text), "columns with commas between"))
    faults += [
        _no_such("--category", name, table.header[1:])
        for name in names
        if name not in table.header[1:]
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
        if has_places(table, options) and name in (_LATITUDE, _LONGITUDE):
            name = GEOGRAPHY  # noqa: PLW2901 - both halves stand for the one attribute
        if name not in names:
            names.append(name)
    return tuple(names)


def has_places(table: Table, options: Shorthand) -> bool:
    """Return whether `lat` and `lon` together are the attribute `geography`."""
    return options.metric == "gower" and {_LATITUDE, _LONGITUDE} <= set(table.header[1:])


def _attribute(
    table: Table,
    name: str,
    options: Shorthand,
    ordered: dict[str, tuple[str, ...]],
    categories: frozenset[str],
    certainties: dict[str, str],
    faults: list[Fault],
) -> Attribute:
    certainty: tuple[float, ...] = ()
    if name in certainties:
        certainty = tuple(
            1.0 if value is None else value
            for value in _numbers(table, certainties[name], "a number from 0 to 1", faults, 1.0)
        )
    if name == GEOGRAPHY and has_places(table, options):
        return Attribute(name, "place", _places(table, faults), certainty=certainty)
    cells = table.column(name)
    if name in ordered:
        return _levels(table, name, ordered[name], certainty, faults)
    if options.metric == "sqeuclidean" or _is_numeric(cells, is_category=name in categories):
        needed = options.metric == "sqeuclidean"
        expected = "a number" if needed else _typo_expected(cells, name)
        values = _numbers(table, name, expected, faults)
        for row, value in zip(table.rows, values, strict=True):
            if needed and value is None and not row.cells[table.header.index(name)]:
                where = f"row {row.number}, field {name}"
                faults.append(Fault(where, "nothing", "a number (sqeuclidean needs all known)"))
        return Attribute(name, "number", values, certainty=certainty)
    return Attribute(name, "category", tuple(cell or None for cell in cells), certainty=certainty)


def _is_numeric(cells: tuple[str, ...], *, is_category: bool) -> bool:
    """Tell whether a column holds numbers: all known cells do, or all but a slip of the pen.

    A slip is at most one cell in ten (or a single one) among four or more numbers that are mostly
    different, as measured values are; read as names, such a column would silently change every
    dissimilarity. `--category` says that it does hold names.
    """
    if is_category:
        return False
    known = [cell for cell in cells if cell]
    numbers = [value for value in map(number, known) if value is not None]
    if len(numbers) == len(known):
        return True
    slips = len(known) - len(numbers)
    is_measured = len(numbers) >= 4 and len(set(numbers)) >= 0.7 * len(numbers)
    return is_measured and slips <= max(1, len(known) // 10)


def _typo_expected(cells: tuple[str, ...], name: str) -> str:
    count = sum(number(cell) is not None for cell in cells)
    return f"a number like the column's {count} others, or --category {name} if it holds names"


def _numbers(
    table: Table, name: str, expected: str, faults: list[Fault], most: float | None = None
) -> tuple[float | None, ...]:
    values: list[float | None] = []
    place = table.header.index(name)
    for row in table.rows:
        cell = row.cells[place]
        value = number(cell) if cell else None
        is_wrong = value is None or (most is not None and not 0.0 <= value <= most)
        if cell and is_wrong:
            faults.append(Fault(f"row {row.number}, field {name}", shown(cell), expected))
        values.append(value)
    return tuple(values)


def _places(table: Table, faults: list[Fault]) -> tuple[tuple[float, float] | None, ...]:
    halves = []
    for name, limit in ((_LATITUDE, 90.0), (_LONGITUDE, 180.0)):
        values = _numbers(table, name, f"degrees from -{limit:g} to {limit:g}", faults)
        for row, value in zip(table.rows, values, strict=True):
            if value is not None and abs(value) > limit:
                where = f"row {row.number}, field {name}"
                faults.append(Fault(where, f"{value:g}", f"degrees from -{limit:g} to {limit:g}"))
        halves.append(values)
    return tuple(
        None if latitude is None or longitude is None else (latitude, longitude)
        for latitude, longitude in zip(*halves, strict=True)
    )


def _levels(
    table: Table,
    name: str,
    levels: tuple[str, ...],
    certainty: tuple[float, ...],
    faults: list[Fault],
) -> Attribute:
    cells = table.column(name)
    for row, cell in zip(table.rows, cells, strict=True):
        if cell and cell not in levels:
            where = f"row {row.number}, field {name}"
            faults.append(Fault(where, shown(cell), f"one of {', '.join(levels)}"))
    values = tuple(cell or None for cell in cells)
    return Attribute(name, "order", values, levels=levels, certainty=certainty)


def _no_such(option: str, name: str, names: tuple[str, ...]) -> Fault:
    return Fault(option, shown(name), f"one of the columns {', '.join(names) or '(none)'}")
