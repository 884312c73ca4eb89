"""Reading a table from a CSV or XLSX file that a stranger may have made: limits first, then cells as text.

The one way in for every table: the register, contacts, school breaks, and members for matching. What a
spreadsheet leaves silently out (a formula without a value, a short row, a second sheet) is a fault here.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

import defusedxml.common

from api.kit.exports import plain
from api.kit.i18n import Said, compared, later

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_BYTES = 5_000_000
MOST_ROWS, MOST_COLUMNS = 2_000, 100
# A workbook is a zip: refuse one that unpacks to far more than any register of ours before it is opened.
MOST_UNPACKED_BYTES, MOST_PARTS, MOST_RATIO = 50_000_000, 500, 200
# Cells are objects while a row is read: a row is counted before it is parsed.
_MOST_CELLS_IN_A_ROW = 1_000
_MOST_TOLD = 20
_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
# What Excel (English and Swedish) and LibreOffice write into a CSV file for a cell they could not reckon,
# and for one that was too narrow to show what it holds.
_ERROR = re.compile(
    r"#(REF|N/A|VALUE|NAME|NULL|NUM|DIV/0|SPILL|CALC|REFERENS|SAKNAS|VÄRDEFEL|NAMN|SKÄRNING|OGILTIGT"
    r"|DIVISION/0|OGILTIG|TAL)[!?]?|#{3,}|Err:[0-9]{3}"
)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CELL_START, _ROW_START = re.compile(rb"<(?:\w+:)?c[ />]"), re.compile(rb"<(?:\w+:)?row[ />]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_ANEW = later("en arbetsbok som är sparad på nytt som .xlsx")


class Outcome(StrEnum):
    """What reading a line does, or would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that a line changes: the column, and its text before and after (empty = nothing)."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell that cannot be used: where it stands, what it holds, and what is expected there.

    line: 0 when no line is to blame. column: a heading, a reference such as B3, or empty for the file.
    """

    line: int
    column: str
    found: Said | str
    expected: Said

    def __str__(self) -> str:
        """Return the fault as one line of English text, for the command line."""
        found = self.found.english if isinstance(self.found, Said) else repr(self.found)
        where = ": ".join(filter(None, (f"line {self.line}" if self.line else "", self.column)))
        return f"{where or 'file'}: {found}: expected {self.expected.english}"


class TableFileError(Exception):
    """The file as a whole cannot be used; every fault says where."""

    def __init__(self, *faults: CellFault) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file that holds anything: its number in the file, and its cells.

    is_ragged: the format writes an end for every cell, so one that is missing was lost (CSV).
    """

    number: int
    cells: tuple[str, ...]
    is_ragged: bool = True


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


def read_table(content: bytes, key: str = "", known: Collection[str] = ()) -> Table:
    """Read a file's bytes as a table; what it is shows in the bytes, not in its name.

    key: the heading that the first line must hold. known: headings that are recognised in any case.

    Raises:
        TableFileError: when the file is too large, no table, not UTF-8, or has lost cells.
    """
    lines = read_lines(content)
    if not lines:
        raise _refusal(1, "", Said(later("ingenting")), _HEADINGS_WANTED)
    names = {compared(name): name for name in (*known, *((key,) if key else ()))}
    if key:
        _insist_on_headings(lines, key)
    first, *rest = lines
    headings = [names.get(compared(cell), cell.strip()) for cell in first.cells]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        found = Said(later("%(number)s kolumner"), number=len(headings))
        expected = Said(later("högst %(number)s kolumner"), number=MOST_COLUMNS)
        raise _refusal(first.number, "", found, expected)
    twice = next((name for name in headings if headings.count(name) > 1), None)
    if twice is not None:
        raise _refusal(first.number, twice, twice, Said(later("varje kolumn en gång")))
    faults: list[CellFault] = []
    rows = [_row(line, headings, faults) for line in rest]
    if faults:
        raise TableFileError(*faults[:_MOST_TOLD])
    return Table(tuple(headings), tuple(rows))


def insist_on_bytes(content: bytes, most: int = MOST_BYTES) -> None:
    """Refuse a file that is too large.

    Raises:
        TableFileError: when it is.
    """
    if len(content) > most:
        found = Said(later("%(number)s byte"), number=len(content))
        raise _refusal(0, "", found, Said(later("högst %(number)s byte"), number=most))


def _too_many(line: int, column: str, most: int) -> TableFileError:
    expected = Said(later("högst %(number)s rader"), number=most)
    return _refusal(line, column, Said(later("en rad till")), expected)


def read_lines(
    content: bytes, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES
) -> list[Line]:
    """Return the lines that hold anything, in the file's order, cells in NFC without blanks around.

    Raises:
        TableFileError: when the file is too large, no table, not UTF-8, or holds cells without a value.
    """
    insist_on_bytes(content, most_bytes)
    if content.startswith(_OLD_EXCEL):
        found = Said(later("en gammal Excel-fil (.xls)"))
        raise _refusal(0, "", found, Said(later("filen sparad som .xlsx eller CSV UTF-8")))
    lines = _xlsx_lines(content) if content.startswith(b"PK\x03\x04") else _csv_lines(content)
    found_lines: list[Line] = []
    faults: list[CellFault] = []
    for line in lines:
        if not any(line.cells):
            continue
        if len(found_lines) > most_rows:
            raise _too_many(line.number, "", most_rows)
        faults += [
            CellFault(line.number, reference(line.number, place), cell, _RECKONED)
            for place, cell in enumerate(line.cells)
            if _ERROR.fullmatch(cell)
        ]
        found_lines.append(line)
    if faults:
        raise TableFileError(*faults[:_MOST_TOLD])
    return found_lines


def read_sheets(content: bytes) -> dict[str, list[Line]]:
    """Return the lines that hold anything of every sheet of a workbook, under the sheets' names.

    Raises:
        TableFileError: when the file is too large, no workbook, or has more lines than a table may.
    """
    insist_on_bytes(content)
    _refuse_bomb(content)
    sheets: dict[str, list[Line]] = {}
    with _damage_told():
        for sheet in _workbook(content).worksheets:
            sheet.reset_dimensions()
            lines = sheets.setdefault(sheet.title, [])
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                texts = tuple(_clean(_cell_text(cell)) for cell in cells)
                if any(texts):
                    lines.append(Line(number, texts, is_ragged=False))
                if len(lines) > MOST_ROWS:
                    raise _too_many(number, sheet.title, MOST_ROWS)
    return sheets


def reference(line: int, place: int) -> str:
    """Return a cell's name in a spreadsheet, e.g. B3; `place` counts from 0."""
    letters = ""
    while place >= 0:
        place, last = divmod(place, 26)
        letters, place = chr(ord("A") + last) + letters, place - 1
    return f"{letters}{line}"


_HEADINGS_WANTED = Said(later("en rad med kolumnernas namn"))
_RECKONED = Said(later("ett värde, men kalkylprogrammet kunde inte räkna ut cellen"))


def _refusal(line: int, column: str, found: Said | str, expected: Said) -> TableFileError:
    return TableFileError(CellFault(line, column, found, expected))


def _insist_on_headings(lines: list[Line], key: str) -> None:
    """Refuse a file whose headings stand further down, under a title, or that has none."""
    if compared(key) in map(compared, lines[0].cells):
        return
    lower = next((one for one in lines[1:] if compared(key) in map(compared, one.cells)), None)
    place, found = next((at, cell) for at, cell in enumerate(lines[0].cells) if cell)
    where = reference(lines[0].number, place)
    if lower is None:
        expected = Said(later("en rad med kolumnernas namn, bland dem %(key)s"), key=key)
    else:
        text = later("kolumnernas namn på första raden, men de står på rad %(line)s")
        expected = Said(text, line=lower.number)
    raise _refusal(lines[0].number, where, found, expected)


def _row(line: Line, headings: list[str], faults: list[CellFault]) -> Row:
    """Return a line by its headings; cells that are lost or too many are added to the faults."""
    cells = line.cells
    for place in range(len(headings), len(cells)):
        if cells[place]:
            expected = Said(later("ingenting, för kolumnen har inget namn på första raden"))
            where = reference(line.number, place)
            faults.append(CellFault(line.number, where, cells[place], expected))
            break
    if line.is_ragged and len(cells) < len(headings):
        found = Said(later("raden slutar före kolumnen"))
        expected = Said(later("en cell för varje kolumn (en tom cell tar bort uppgiften)"))
        faults.append(CellFault(line.number, headings[len(cells)], found, expected))
    padded = [*cells, *[""] * len(headings)][: len(headings)]
    return Row(line.number, dict(zip(headings, padded, strict=True)))


def _csv_lines(content: bytes) -> Iterator[Line]:
    text = _decoded(content)
    if "\0" in text:
        raise _refusal(0, "", Said(later("ett nolltecken")), Said(later("en CSV- eller Excel-fil")))
    told = _SEPARATOR_LINE.match(text)
    offset = 0
    if told:  # Excel's own first line, which it shows to nobody
        text, offset = text[told.end() :], 1
    delimiter = told[1] if told else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1 + offset
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            found = Said(later("ett citattecken som inte går ihop"))
            if "end of data" in str(error):
                found = Said(later("ett citattecken som aldrig avslutas"))
            expected = Said(later("ett citattecken i slutet av varje cell som börjar med ett"))
            raise _refusal(start, "", found, expected) from error
        yield Line(start, tuple(_clean(plain(cell)) for cell in cells))
        start = reader.line_num + 1 + offset


def _decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in the UTF-16 that Excel calls Unicode text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            content = content[2:]
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = Said(later("byten %(byte)s"), byte=f"0x{content[error.start]:02x}")
        text = later("text i UTF-8: välj ”CSV UTF-8 (kommaavgränsad)” när du sparar i Excel")
        raise _refusal(line, "", found, Said(text)) from error


def _delimiter(text: str) -> str:
    """Return what stands between the cells of the first line that has any such sign."""
    for line in text.splitlines()[:20]:
        bare = re.sub(r'"[^"]*"', "", line)
        counts = [bare.count(sign) for sign in _DELIMITERS]
        if any(counts):
            return _DELIMITERS[counts.index(max(counts))]
    return _DELIMITERS[0]


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    has_formulas = _refuse_bomb(content)
    with _damage_told():
        yield from _sheet_lines(content, has_formulas=has_formulas)


@contextmanager
def _damage_told() -> Iterator[None]:
    """Say of whatever openpyxl fails on that the workbook is damaged."""
    from openpyxl.utils.exceptions import (  # noqa: PLC0415 - loaded by whoever reads a workbook
        InvalidFileException,
    )

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl does not know, and dates out of range
            yield
    except (
        defusedxml.common.DefusedXmlException,
        InvalidFileException,
        zipfile.BadZipFile,
        AttributeError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        SyntaxError,  # xml.etree's ParseError
    ) as error:
        raise _refusal(0, "", Said(later("en skadad arbetsbok")), Said(_ANEW)) from error


def _workbook(content: bytes, *, with_formulas: bool = False) -> "Workbook":
    """Open a workbook: the values that its formulas came to, or the formulas themselves."""
    from openpyxl import load_workbook  # noqa: PLC0415 - loaded by whoever reads a workbook

    file = io.BytesIO(content)
    return load_workbook(file, read_only=True, data_only=not with_formulas, keep_links=False)


def _sheet_lines(content: bytes, *, has_formulas: bool) -> Iterator[Line]:
    book = _workbook(content)
    _refuse_more_sheets(book)
    first = book.worksheets[0]
    formulas: set[tuple[int, int]] = set()
    if has_formulas:
        formulas = _formulas(content)
    first.reset_dimensions()
    faults: list[CellFault] = []
    for number, cells in enumerate(first.iter_rows(), start=1):
        texts = []
        for place, cell in enumerate(cells):
            where = reference(number, place)
            if cell.value is None and (number, place) in formulas:
                found = Said(later("en formel utan värde"))
                text = later("ett värde: öppna filen i Excel och spara den, eller skriv värdet")
                faults.append(CellFault(number, where, found, Said(text)))
            elif cell.data_type == "e":
                faults.append(CellFault(number, where, str(cell.value), _RECKONED))
            texts.append(_clean(_cell_text(cell.value)))
        if len(faults) >= _MOST_TOLD:
            break
        yield Line(number, tuple(texts), is_ragged=False)
    if faults:
        raise TableFileError(*faults[:_MOST_TOLD])


def _refuse_more_sheets(book: "Workbook") -> None:
    """Refuse rows on a second sheet, which would be left out without a word."""
    first, *others = book.worksheets
    for sheet in others:
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            place = next((at for at, cell in enumerate(cells) if cell not in {None, ""}), None)
            if place is not None:
                text = later(
                    "alla rader på det första bladet, ”%(sheet)s” (ta bort de andra bladen)"
                )
                where = f"{sheet.title}!{reference(number, place)}"
                raise _refusal(number, where, str(cells[place]), Said(text, sheet=first.title))


def _formulas(content: bytes) -> set[tuple[int, int]]:
    """Return where the first sheet has formulas: (row from 1, place from 0)."""
    sheet = _workbook(content, with_formulas=True).worksheets[0]
    sheet.reset_dimensions()
    return {
        (number, place)
        for number, cells in enumerate(sheet.iter_rows(), start=1)
        for place, cell in enumerate(cells)
        if cell.data_type == "f"
    }


def _refuse_bomb(content: bytes) -> bool:
    """Refuse a zip that is no ordinary workbook; return whether any sheet has formulas."""
    has_formulas = False
    damaged = Said(later("en skadad arbetsbok"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            too_much = unpacked > MOST_UNPACKED_BYTES or unpacked > MOST_RATIO * len(content)
            if too_much or len(parts) > MOST_PARTS:
                text = later("%(parts)s delar, %(bytes)s byte uppackade")
                found = Said(text, parts=len(parts), bytes=unpacked)
                raise _refusal(0, "", found, Said(later("en arbetsbok av vanlig storlek")))
            if "[Content_Types].xml" not in archive.namelist():
                text = later("ett kalkylblad som inte är Excels, eller en annan fil")
                expected = Said(later("filen sparad som .xlsx eller CSV UTF-8"))
                raise _refusal(0, "", Said(text), expected)
            for part in parts:
                _refuse_document_type(archive, part)
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    has_formulas |= _has_formulas(archive.read(part))
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _refusal(0, "", damaged, Said(_ANEW)) from error
    return has_formulas


def _has_formulas(sheet: bytes) -> bool:
    """Tell whether a sheet has formulas; refuse one with a row too long to be made into cells."""
    for row in _ROW_START.split(sheet):
        number = sum(1 for _ in _CELL_START.finditer(row))
        if number > _MOST_CELLS_IN_A_ROW:
            found = Said(later("%(number)s celler på en rad"), number=number)
            expected = Said(later("högst %(number)s kolumner"), number=MOST_COLUMNS)
            raise _refusal(0, "", found, expected)
    return _FORMULA.search(sheet) is not None


def _refuse_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No part of a true workbook declares a document type; entities would come with one."""
    if not part.filename.endswith((".xml", ".rels")):
        return
    with archive.open(part) as file:
        if b"<!DOCTYPE" in file.read(4_096).replace(b"\0", b""):
            found = Said(later("en dokumenttyp i %(part)s"), part=part.filename)
            raise _refusal(0, "", found, Said(later("en vanlig arbetsbok")))


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        is_day = cell.time() == time()
        return str(cell.date()) if is_day else cell.isoformat(" ", "minutes")
    return plain(str(cell))
