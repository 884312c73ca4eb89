"""Tables as files for spreadsheets, in which nothing is ever a formula, and names for downloads."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from fastapi import Response

from api.kit.clock import to_local
from api.kit.i18n import Language, Speaker

Cell = str | int | float | date | datetime | None
Format = Literal["csv", "xlsx"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE = "Exempel"

# OWASP's list for CSV injection, full width too.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHEET_NAME_LENGTH = 31  # Excel's limit
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in XML 1.0


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that looks so gets an apostrophe."""
    return f"'{text}" if text.startswith(_STARTS) else text


def plain(cell: str) -> str:
    """Take off the apostrophe that `harmless` put before a text."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_STARTS) else cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column; every row is as long as the headings."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_example: bool = False

    def __post_init__(self) -> None:
        """Refuse a row of another length."""
        for row in self.rows:
            if len(row) != len(self.headings):
                raise ValueError(
                    f"{self.title!r}: {len(row)} cells for {len(self.headings)} headings"
                )


def marked(table: Table) -> Table:
    """Return the table with a first column that says Exempel, when it holds invented rows."""
    if not table.is_example:
        return table
    return replace(
        table,
        title=f"{EXAMPLE}: {table.title}",
        headings=(EXAMPLE, *table.headings),
        rows=tuple((EXAMPLE, *row) for row in table.rows),
        is_example=False,
    )


def to_csv(table: Table, language: Language = "sv") -> bytes:
    """Return semicolon-separated UTF-8 with a byte order mark, as Swedish Excel opens it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    whole = marked(table)
    for row in (whole.headings, *whole.rows):
        writer.writerow([_csv_cell(cell, language) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(_CONTROL.sub("", cell))
    if isinstance(cell, datetime):
        return f"{to_local(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    written = str(cell)
    return written.replace(".", ",") if language == "sv" else written


def to_xlsx(tables: Sequence[Table], language: Language = "sv") -> bytes:
    """Return a workbook with a sheet for each table; texts are texts, whatever they begin with."""
    import xlsxwriter  # noqa: PLC0415 - loaded by whoever writes a workbook

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        names: set[str] = set()
        for table in map(marked, tables):
            sheet = book.add_worksheet(_sheet_name(table.title, names))
            for column, heading in enumerate(table.headings):
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(table.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, _CONTROL.sub("", cell))
                    elif isinstance(cell, datetime):
                        naive = to_local(cell).replace(tzinfo=None)
                        sheet.write_datetime(number, column, naive, moment)
                    elif isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        sheet.write_number(number, column, cell)
            sheet.freeze_panes(1, 0)
            sheet.autofit()
        book.set_properties({"title": tables[0].title if tables else "", "language": language})
    return buffer.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = _NOT_IN_SHEET_NAME.sub(" ", title).strip() or "1"
    name, number = plain[:_SHEET_NAME_LENGTH].strip(), 1
    while name.casefold() in taken:
        number += 1
        end = f" {number}"
        name = plain[: _SHEET_NAME_LENGTH - len(end)].strip() + end
    taken.add(name.casefold())
    return name


def download(tables: Sequence[Table], kind: Format, say: Speaker) -> Response:
    """Answer with a file to save; a CSV file holds the first table only."""
    octets = to_xlsx(tables, say.language) if kind == "xlsx" else to_csv(tables[0], say.language)
    name = file_name(marked(tables[0]).title, kind)
    return Response(
        octets,
        media_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def file_name(title: str, extension: str) -> str:
    """Return an ASCII file name, e.g. "behov-infor-varens-mote.xlsx"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-') or 'tabell'}.{extension}"
