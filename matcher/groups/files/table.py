"""A members file as text: CSV (RFC 4180) read strictly, each fault with its row and field."""

import csv
import io
import re
from dataclasses import dataclass

from matcher.codec import shown
from matcher.errors import Fault, InvalidProblemError

# Digits with an optional point and exponent: no "nan", "inf", "1_000" or Arabic-Indic digits.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_BEYOND = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_LARGEST = 1e100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_CELL = 10_000


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


def read_table(text: str) -> Table:
    """Read a members file.

    Raises:
        InvalidProblemError: with every fault of the header, or else every fault of the rows.
    """
    control = _CONTROL.search(text)
    if control is not None:
        row = text.count("\n", 0, control.start()) + 1
        found = f"the control character 0x{ord(control.group()):02x}"
        raise InvalidProblemError(Fault(f"row {row}", found, "plain text"))
    rows = _records(text)
    if not rows:
        raise InvalidProblemError(Fault("row 1", "an empty file", "a header that begins with id"))
    header = rows[0].cells
    _raise(_header_faults(header))
    _raise(_row_faults(header, rows[1:]))
    return Table(header, tuple(rows[1:]))


def number(cell: str) -> float | None:
    """Return the number a cell holds; None for anything else than a plain finite decimal number."""
    if not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    return value if abs(value) <= _LARGEST else None


def is_number_beyond(cell: str) -> bool:
    """Tell whether a cell holds what is written as a number but is none to reckon with: NaN, infinite, huge."""
    return bool(
        _BEYOND.fullmatch(cell) or (_NUMBER.fullmatch(cell) and abs(float(cell)) > _LARGEST)
    )


def split(text: str) -> list[str]:
    """Split an option's list at its commas, as a row of CSV: names with commas stand in quotes."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return []
    return [cell.strip() for cell in rows[0]] if len(rows) == 1 else []


def _records(text: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise InvalidProblemError(Fault(f"row {first}", *_explained(str(error)))) from error
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            expected = f"at most {_LONGEST_CELL} characters"
            raise InvalidProblemError(Fault(f"row {first}", "a very long field", expected))
        if cells:
            rows.append(Row(first, tuple(cell.strip() for cell in cells)))


def _explained(error: str) -> tuple[str, str]:
    if "unexpected end of data" in error:
        return "a quote that is never closed", 'a field that ends with "'
    if "expected after" in error:
        return "text after a closing quote", 'a comma, or "" for a quote inside a field'
    return error, "comma-separated fields (RFC 4180)"


def _header_faults(header: tuple[str, ...]) -> list[Fault]:
    faults = []
    if header[0] != "id":
        expected = "id as the first column"
        if ";" in header[0]:
            expected += ", and commas between columns"
        faults.append(Fault("row 1, field 1", shown(header[0]), expected))
    for place, name in enumerate(header):
        if not name:
            faults.append(Fault(f"row 1, field {place + 1}", "no name", "a name for each column"))
        elif name in header[:place]:
            faults.append(Fault(f"row 1, field {place + 1}", shown(name), "each column name once"))
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
