"""A members file's columns as attributes: numbers, names, levels and places, each fault with its row and field."""

from collections.abc import Callable
from dataclasses import dataclass

from matcher.codec import shown
from matcher.errors import Fault
from matcher.groups.files.table import Table, is_number_beyond, number
from matcher.groups.model.layer import GEOGRAPHY, Attribute, Metric

LATITUDE, LONGITUDE = "lat", "lon"

OnDoubt = Callable[[str], None]
"""Told, in one line, what was read as it stands though it may be a slip."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How columns are to be read: what the options say about them.

    ordered: the levels of a column, lowest first. categories: columns of names, whatever they look like.
    certainties: the column that says how sure another one is.
    """

    metric: Metric
    ordered: dict[str, tuple[str, ...]]
    categories: frozenset[str]
    certainties: dict[str, str]
    on_doubt: OnDoubt | None = None


def has_places(table: Table, metric: Metric) -> bool:
    """Return whether `lat` and `lon` together are the attribute `geography`."""
    return metric == "gower" and {LATITUDE, LONGITUDE} <= set(table.header[1:])


def read_attribute(table: Table, name: str, reading: Reading, faults: list[Fault]) -> Attribute:
    """Read one attribute; what is wrong in its column is added to the faults."""
    certainty: tuple[float, ...] = ()
    if name in reading.certainties:
        column = reading.certainties[name]
        certainty = tuple(
            1.0 if value is None else value
            for value in _numbers(table, column, "a number from 0 to 1", faults, 1.0)
        )
    if name == GEOGRAPHY and has_places(table, reading.metric):
        return Attribute(name, "place", _places(table, faults), certainty=certainty)
    cells = table.column(name)
    if name in reading.ordered:
        return _levels(table, name, reading.ordered[name], certainty, faults)
    if reading.metric == "sqeuclidean":
        values = _numbers(table, name, "a number", faults)
        faults += [
            Fault(_where(row.number, name), "nothing", "a number (sqeuclidean needs all known)")
            for row, cell in zip(table.rows, cells, strict=True)
            if not cell
        ]
        return Attribute(name, "number", values, certainty=certainty)
    if name not in reading.categories and all(map(_is_numeric, filter(None, cells))):
        expected = f"a finite number within 1e100, or --category {name} if the column holds names"
        values = _numbers(table, name, expected, faults)
        return Attribute(name, "number", values, certainty=certainty)
    if name not in reading.categories and reading.on_doubt is not None:
        _doubt(table, name, reading.on_doubt)
    return Attribute(name, "category", tuple(cell or None for cell in cells), certainty=certainty)


def _is_numeric(cell: str) -> bool:
    return number(cell) is not None or is_number_beyond(cell)


def _doubt(table: Table, name: str, on_doubt: OnDoubt) -> None:
    """Tell of a column of names that looks like measured numbers with a slip of the pen.

    A slip is at most one cell in ten (or a single one) among four or more numbers that are mostly
    different, as measured values are.
    """
    cells = table.column(name)
    values = [value for cell in cells if (value := number(cell)) is not None]
    slips = [place for place, cell in enumerate(cells) if cell and not _is_numeric(cell)]
    is_measured = len(values) >= 4 and len(set(values)) >= 0.7 * len(values)
    if is_measured and len(slips) <= max(1, (len(values) + len(slips)) // 10):
        row = table.rows[slips[0]]
        found = shown(cells[slips[0]])
        on_doubt(
            f"{_where(row.number, name)}: {found} is no number, so the whole column is compared as"
            f" names (equal or not); --category {name} says that it holds names"
        )


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
            faults.append(Fault(_where(row.number, name), shown(cell), expected))
        values.append(value)
    return tuple(values)


def _places(table: Table, faults: list[Fault]) -> tuple[tuple[float, float] | None, ...]:
    halves = []
    for name, limit in ((LATITUDE, 90.0), (LONGITUDE, 180.0)):
        expected = f"degrees from -{limit:g} to {limit:g}"
        values = _numbers(table, name, expected, faults)
        faults += [
            Fault(_where(row.number, name), f"{value:g}", expected)
            for row, value in zip(table.rows, values, strict=True)
            if value is not None and abs(value) > limit
        ]
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
    faults += [
        Fault(_where(row.number, name), shown(cell), f"one of {', '.join(levels)}")
        for row, cell in zip(table.rows, cells, strict=True)
        if cell and cell not in levels
    ]
    values = tuple(cell or None for cell in cells)
    return Attribute(name, "order", values, levels=levels, certainty=certainty)


def _where(row: int, name: str) -> str:
    return f"row {row}, field {name}"
