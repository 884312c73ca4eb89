"""Reading a table from a CSV or XLSX file that a stranger may have made: limits first, then cells as text."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import defusedxml.common
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MOST_BYTES = 5_000_000
MOST_ROWS, MOST_COLUMNS = 2_000, 100
# A workbook is a zip: refuse one that unpacks to far more than any register of ours before it is opened.
MOST_UNPACKED_BYTES, MOST_PARTS, MOST_RATIO = 50_000_000, 500, 200
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Outcome(StrEnum):
    """What reading a line does, or would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


class TableFileError(Exception):
    """The file as a whole cannot be read; `line` is 0 when no line is to blame."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        self.line, self.found, self.expected = line, found, expected
        super().__init__(f"line {line}: {found}: expected {expected}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its number in the file, and its cells by heading."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The headings and rows of a file, every cell as text."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """Read a file's bytes; what it is shows in the bytes, not in its name.

    Raises:
        TableFileError: when the file is too large, no table, or not UTF-8.
    """
    if len(content) > MOST_BYTES:
        raise TableFileError(0, f"{len(content)} bytes", f"at most {MOST_BYTES} bytes")
    lines = _xlsx_lines(content) if content.startswith(b"PK\x03\x04") else _csv_lines(content)
    return _table(lines)


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise TableFileError(line, found, "text saved as UTF-8") from error
    if "\0" in text:
        raise TableFileError(0, "a zero byte", "a CSV or XLSX file")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # Swedish Excel writes ;
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableFileError(start, str(error), "each opened quote closed again") from error
        yield start, [_plain(cell) for cell in cells]
        start = reader.line_num + 1


def _plain(cell: str) -> str:
    """Take off the apostrophe that an export puts before what a spreadsheet would reckon."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell


def _xlsx_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MOST_ROWS + 1:
                raise TableFileError(number, "one more row", f"at most {MOST_ROWS} rows")
            yield number, [_cell_text(cell) for cell in cells]
    except (
        defusedxml.common.DefusedXmlException,
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        SyntaxError,  # xml.etree's ParseError
    ) as error:
        raise TableFileError(0, "a damaged workbook", "an XLSX file saved anew") from error


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            too_much = unpacked > MOST_UNPACKED_BYTES or unpacked > MOST_RATIO * len(content)
            if too_much or len(parts) > MOST_PARTS:
                found = f"{len(parts)} parts, {unpacked} bytes unpacked"
                raise TableFileError(0, found, "a workbook of ordinary size")
            for part in parts:
                _refuse_document_type(archive, part)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise TableFileError(0, "a damaged workbook", "an XLSX file saved anew") from error


def _refuse_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No part of a true workbook declares a document type; entities would come with one."""
    if not part.filename.endswith((".xml", ".rels")):
        return
    with archive.open(part) as file:
        if b"<!DOCTYPE" in file.read(4_096).replace(b"\0", b""):
            raise TableFileError(0, f"a document type in {part.filename}", "an ordinary workbook")


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "date"):
        return str(cell.date())
    return _plain(str(cell))


def _table(lines: Iterator[tuple[int, list[str]]]) -> Table:
    line, headings = next(lines, (1, []))
    headings = [heading.strip() for heading in headings]
    while headings and not headings[-1]:
        headings.pop()
    if not headings:
        raise TableFileError(1, "nothing", "a line with the names of the columns")
    if len(headings) > MOST_COLUMNS:
        raise TableFileError(1, f"{len(headings)} columns", f"at most {MOST_COLUMNS}")
    twice = next((heading for heading in headings if headings.count(heading) > 1), None)
    if twice is not None:
        raise TableFileError(line, f"the column {twice!r} twice", "each column once")
    rows: list[Row] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(headings) :]):
            raise TableFileError(number, f"{len(cells)} cells", f"{len(headings)} cells")
        if len(rows) == MOST_ROWS:
            raise TableFileError(number, "one more row", f"at most {MOST_ROWS} rows")
        padded = [*cells, *[""] * len(headings)][: len(headings)]
        rows.append(Row(number, dict(zip(headings, padded, strict=True))))
    return Table(tuple(headings), tuple(rows))
