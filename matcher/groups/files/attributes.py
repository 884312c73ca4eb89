"""A members file's columns as attributes: numbers, names, levels and places, each fault with its row and field."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from matcher.documents.text import shown
from matcher.errors import Fault
from matcher.groups.files.table import Table, compared, day_number, is_number_beyond, number
from matcher.groups.model.layer import GEOGRAPHY, Attribute, Metric
from matcher.groups.model.times import EXPECTED, quarters

# The halves of a place, in any case, and what else they are called.
LATITUDE, LONGITUDE = "lat", "lon"
_OTHER_NAMES = {"latitude", "longitude", "latitud", "longitud", "long", "lng"}

_MAYBE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
# Digits and what stands between those of a number or a date, three at least.
_DIGITS = re.compile(r"[-+]?[0-9](?=.*[0-9].*[0-9])[0-9.,:/' \u00a0\u202f-]*%?")

OnDoubt = Callable[[str], None]
"""Told, in one line, what was read as it stands though it may be a slip."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How columns are to be read: what the options say about them.

    ordered: the levels of a column, lowest first. categories: columns of names, whatever they look like.
    certainties: the column that says how sure another one is. sets, times: columns of several names, or of
    several spans of free time, with semicolons between.
    """

    metric: Metric
    ordered: dict[str, tuple[str, ...]]
    categories: frozenset[str]
    certainties: dict[str, str]
    on_doubt: OnDoubt | None = None
    sets: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()


def place_columns(table: Table, metric: Metric) -> tuple[str, ...]:
    """Name the columns that together are the attribute `geography`, `lat` and `lon` in any case; none where they are not."""
    found = {name.casefold(): name for name in table.header[1:]}
    if metric != "gower" or not {LATITUDE, LONGITUDE} <= set(found):
        return ()
    return found[LATITUDE], found[LONGITUDE]


def read_attribute(table: Table, name: str, reading: Reading, faults: list[Fault]) -> Attribute:
    """Read one attribute; what is wrong in its column is added to the faults."""
    certainty: tuple[float, ...] = ()
    if name in reading.certainties:
        column = reading.certainties[name]
        certainty = tuple(
            1.0 if value is None else value
            for value in _numbers(table, column, "a number from 0 to 1", faults, 1.0)
        )
    halves = place_columns(table, reading.metric) if name == GEOGRAPHY else ()
    if halves:
        return Attribute(name, "place", _places(table, halves, faults), certainty=certainty)
    cells = table.column(name)
    told = _as_told(table, name, reading, certainty, faults)
    if told is not None:
        return told
    if name not in reading.categories and _are_days(cells):
        days = tuple(day_number(cell) if cell else None for cell in cells)
        if reading.metric != "sqeuclidean" or None not in days:
            return Attribute(name, "number", days, certainty=certainty)
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
        if reading.on_doubt is not None:
            _doubt_commas(table, name, reading.on_doubt)
        return Attribute(name, "number", values, certainty=certainty)
    if reading.on_doubt is not None:
        _doubt(table, name, reading)
    return Attribute(name, "category", _names(cells), certainty=certainty)


def _as_told(
    table: Table, name: str, reading: Reading, certainty: tuple[float, ...], faults: list[Fault]
) -> Attribute | None:
    """Read a column of which an option says what it holds."""
    if name in reading.sets:
        return Attribute(name, "set", _sets(table.column(name)), certainty=certainty)
    if name in reading.times:
        return Attribute(name, "times", _times(table, name, faults), certainty=certainty)
    if name in reading.ordered:
        return _levels(table, name, reading.ordered[name], certainty, faults)
    return None


def _are_days(cells: tuple[str, ...]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(map(_is_day, filled))


def _names(cells: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return names with one spelling for those that differ only in case, blanks or composition."""
    spelling: dict[str, str] = {}
    return tuple(spelling.setdefault(compared(cell), cell) if cell else None for cell in cells)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _sets(cells: tuple[str, ...]) -> tuple[frozenset[str] | None, ...]:
    """Return the names of each cell, with one spelling for those that are the same."""
    spelling: dict[str, str] = {}
    return tuple(
        frozenset(spelling.setdefault(compared(part), part) for part in _parts(cell))
        if cell
        else None
        for cell in cells
    )


def _times(table: Table, name: str, faults: list[Fault]) -> tuple[frozenset[str] | None, ...]:
    found: list[frozenset[str] | None] = []
    for row, cell in zip(table.rows, table.column(name), strict=True):
        try:
            found.append(quarters(_parts(cell)) if cell else None)
        except ValueError as error:
            faults.append(Fault(_where(row.number, name), shown(str(error)), EXPECTED))
            found.append(None)
    return tuple(found)


def _is_numeric(cell: str) -> bool:
    return number(cell) is not None or is_number_beyond(cell)


def _doubt(table: Table, name: str, reading: Reading) -> None:
    """Tell of a column of names that may have been meant otherwise.

    That is one that is mostly numbers or mostly dates, with a slip of the pen or a sign for what is not known
    ("-", "n/a"); one of numbers or dates in a form that is not read (1,234.5; 24/12/2026); and one where
    every cell differs, which makes nobody alike.
    """
    assert reading.on_doubt is not None  # noqa: S101 - the caller asked
    cells = table.column(name)
    places = [place for place, cell in enumerate(cells) if cell]
    doubt = None if name in reading.categories else _meant_otherwise(cells, places)
    if doubt is not None:
        place, why = doubt
        where = _where(table.rows[place].number, name)
        reading.on_doubt(f"{where}: {shown(cells[place])} {why.format(name=name)}")
    first: dict[str, str] = {}
    for place in places:
        spelling = first.setdefault(compared(cells[place]), cells[place])
        if " ".join(spelling.split()) != " ".join(cells[place].split()):
            where = _where(table.rows[place].number, name)
            reading.on_doubt(f"{where}: {shown(cells[place])} is compared as {shown(spelling)}")
            break


def _meant_otherwise(cells: tuple[str, ...], places: list[int]) -> tuple[int, str] | None:
    """Return a cell, by its place, and why it is doubted that its column holds names; None where it is not."""
    for is_read, what in ((_is_numeric, "number"), (_is_day, "date")):
        slips = [place for place in places if not is_read(cells[place])]
        if slips and len(places) > 2 * len(slips):
            return slips[0], (
                f"is no {what}, so the whole column is compared as names (equal or not);"
                " leave the cell empty where it is not known, --category {name} says that it holds names"
            )
    digits = [place for place in places if _is_digits(cells[place])]
    if digits and len(digits) == len(places):
        odd = next(place for place in digits if not _is_numeric(cells[place]))
        return odd, (
            "is read as a name, as the whole column is (equal or not): numbers are written 1234.5 or 1234,5,"
            " dates 2026-12-24; --category {name} says that it holds names"
        )
    if len(places) > 1 and len({compared(cells[place]) for place in places}) == len(places):
        return places[0], (
            "and every other value stands once: compared as names (equal or not), the column makes no two"
            " members alike"
        )
    return None


def _is_day(cell: str) -> bool:
    return day_number(cell) is not None


def _is_digits(cell: str) -> bool:
    """Tell whether a cell is digits with signs and marks between, as numbers and dates are."""
    return _DIGITS.fullmatch(cell) is not None


def doubt_places(table: Table, metric: Metric, on_doubt: OnDoubt) -> None:
    """Tell of halves of places that are compared as numbers, each by itself."""
    halves = {LATITUDE, LONGITUDE} | _OTHER_NAMES
    named = [name for name in table.header[1:] if name.casefold() in halves]
    if named and metric == "gower" and not place_columns(table, metric):
        on_doubt(
            f"{', '.join(named)}: compared as numbers, each by itself; columns called {LATITUDE} and"
            f" {LONGITUDE} are one place, compared by kilometres"
        )


def _doubt_commas(table: Table, name: str, on_doubt: OnDoubt) -> None:
    """Tell of commas that may have parted thousands: every one with three digits behind it."""
    cells = table.column(name)
    commas = [place for place, cell in enumerate(cells) if "," in cell]
    if commas and all(_MAYBE_THOUSANDS.fullmatch(cells[place]) for place in commas):
        found = cells[commas[0]]
        on_doubt(
            f"{_where(table.rows[commas[0]].number, name)}: {shown(found)} is read with a decimal comma,"
            f" as {found.replace(',', '.')}; leave the commas out where they part thousands"
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


def _places(
    table: Table, columns: tuple[str, ...], faults: list[Fault]
) -> tuple[tuple[float, float] | None, ...]:
    halves = []
    for name, limit in zip(columns, (90.0, 180.0), strict=True):
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
    known = {compared(level): level for level in levels}
    faults += [
        Fault(_where(row.number, name), shown(cell), f"one of {', '.join(levels)}")
        for row, cell in zip(table.rows, cells, strict=True)
        if cell and compared(cell) not in known
    ]
    values = tuple(known.get(compared(cell)) if cell else None for cell in cells)
    return Attribute(name, "order", values, levels=levels, certainty=certainty)


def _where(row: int, name: str) -> str:
    return f"row {row}, field {name}"
