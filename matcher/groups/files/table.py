"""A members file's cells as a table with unique ids, and numbers as people and spreadsheets write them."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError

# Digits with an optional point and exponent: no "nan", "inf", "1_000" or Arabic-Indic digits.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_BEYOND = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
# Thousands parted by a blank, also the hard and the narrow one (CLDR's Swedish group separator).
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([ \u00a0\u202f\u2009][0-9]{3})+([.,][0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]{1,9})?")
_PERCENT = re.compile(r"(.*[0-9.,])[ \u00a0\u202f]?%")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")
_LARGEST = 1e100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_CELL = 10_000
ID_COLUMNS = ("id", "rc_id")
"""Names of the first column, in any case; the second is that of the register's own export."""


@dataclass(frozen=True, slots=True)
class Row:
    """One member's cells, blanks around them taken off, and the row of the file they begin on."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header of unique names, the first of them `id`, and at least one row with unique ids."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The first column."""
        return tuple(row.cells[0] for row in self.rows)

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column, empty where unknown."""
        place = self.header.index(name)
        return tuple(row.cells[place] for row in self.rows)


def table_of(lines: Iterable[tuple[int, tuple[str, ...]]]) -> Table:
    """Return a members file's lines, each with its number in the file, as a table.

    Columns at the right that are wholly empty are left out, as spreadsheets leave them behind.

    Raises:
        InvalidProblemError: with every fault of the header, or else every fault of the rows.
    """
    rows = [
        Row(line, tuple(unicodedata.normalize("NFC", cell).strip() for cell in cells))
        for line, cells in lines
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise InvalidProblemError(Fault("row 1", "an empty file", "a header that begins with id"))
    _raise(_cell_faults(rows))
    width = max(len(_filled(row.cells)) for row in rows)
    header = rows[0].cells[: max(width, 1)]
    if header[0].casefold() in ID_COLUMNS:
        header = ("id", *header[1:])
    _raise(_header_faults(header, rows))
    rest = [Row(row.number, _cut(row.cells, len(header))) for row in rows[1:]]
    _raise(_row_faults(header, rest))
    return Table(header, tuple(rest))


def _filled(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells up to the last that holds anything."""
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _cut(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Return a row's cells without empty ones beyond the header."""
    beyond = any(cells[width:])
    return cells if beyond else cells[:width]


def number(cell: str) -> float | None:
    """Return the number a cell holds, as spreadsheets in Swedish and English write it; None for none.

    Read are decimal comma or point, blanks between thousands, U+2212 as minus, and per cent.
    """
    text = cell.replace("\u2212", "-")
    if per_cent := _PERCENT.fullmatch(text):
        share = number(per_cent[1])
        return None if share is None else share / 100.0
    if _GROUPED.fullmatch(text):
        text = "".join(text.split())
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) <= _LARGEST else None


def day_number(cell: str) -> float | None:
    """Return a date (and time) of ISO 8601 as days since year 1; None for anything else."""
    if not _DAY.fullmatch(cell):
        return None
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


def compared(name: str) -> str:
    """Return a name as names are compared: composed letters (NFC), single blanks, no case."""
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())


def is_number_beyond(cell: str) -> bool:
    """Tell whether a cell holds what is written as a number but is none to reckon with: NaN, infinite, huge."""
    return bool(
        _BEYOND.fullmatch(cell) or (_NUMBER.fullmatch(cell) and abs(float(cell)) > _LARGEST)
    )


def composed(text: str) -> str:
    """Return an option's text with composed letters (NFC), as the file's cells are."""
    return unicodedata.normalize("NFC", text)


def split(text: str) -> list[str]:
    """Split an option's list at its commas, as a row of CSV: names with commas stand in quotes."""
    try:
        rows = list(csv.reader(io.StringIO(composed(text), newline=""), strict=True))
    except csv.Error:
        return []
    return [cell.strip() for cell in rows[0]] if len(rows) == 1 else []


def _cell_faults(rows: list[Row]) -> list[Fault]:
    faults = []
    for row in rows:
        for cell in row.cells:
            control = _CONTROL.search(cell)
            if control is not None:
                found = f"the control character 0x{ord(control.group()):02x}"
                faults.append(Fault(f"row {row.number}", found, "plain text"))
            if len(cell) > _LONGEST_CELL:
                expected = f"at most {_LONGEST_CELL} characters"
                faults.append(Fault(f"row {row.number}", "a very long field", expected))
    return faults


def _header_faults(header: tuple[str, ...], rows: list[Row]) -> list[Fault]:
    faults = []
    first = rows[0].number
    if header[0] != "id":
        lower = next((row for row in rows[1:] if row.cells[0].casefold() in ID_COLUMNS), None)
        expected = "id as the first column"
        if lower is not None:
            expected = (
                f"the names of the columns, which stand on row {lower.number}, as row {first}"
            )
        return [Fault(f"row {first}, field 1", shown(header[0]), expected)]
    for place, name in enumerate(header):
        where = f"row {first}, field {place + 1}"
        if not name:
            faults.append(Fault(where, "no name", "a name for each column"))
        elif name in header[:place]:
            faults.append(Fault(where, shown(name), "each column name once"))
    return faults


def _row_faults(header: tuple[str, ...], rows: list[Row]) -> list[Fault]:
    if not rows:
        return [Fault("row 2", "0 members", "at least one row below the header")]
    faults = []
    first: dict[str, int] = {}
    for row in rows:
        where = f"row {row.number}"
        if len(row.cells) != len(header):
            found = f"{len(row.cells)} fields"
            faults.append(Fault(where, found, f"{len(header)}, one for each column"))
        member = row.cells[0]
        if not member:
            faults.append(Fault(f"{where}, field id", "nothing", "an id"))
        elif member in first:
            expected = f"an id of its own (row {first[member]} has it already)"
            faults.append(Fault(f"{where}, field id", shown(member), expected))
        first.setdefault(member, row.number)
    return faults


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise InvalidProblemError(*faults)
