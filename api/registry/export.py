"""The register as files: CSV for matching, and CSV or XLSX that the importer reads back."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields

import xlsxwriter

from api.registry.columns import COLUMNS, write
from api.registry.models import Rc
from api.registry.service import Member

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def members_csv(members: Iterable[Member]) -> str:
    """Return the members as `samkrets match` reads them: UTF-8, comma, point, empty = unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in fields(Member)])
    writer.writerows([write(value) for value in astuple(member)] for member in members)
    return text.getvalue()


def register_csv(rcs: Iterable[Rc]) -> bytes:
    """Return the register for Swedish Excel: byte order mark, semicolons, no cell a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.title for column in COLUMNS])
    writer.writerows([_harmless(cell) for cell in _cells(rc)] for rc in rcs)
    return text.getvalue().encode("utf-8-sig")


def register_xlsx(rcs: Iterable[Rc]) -> bytes:
    """Return the register as a workbook in which every cell is text."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("RC")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, [column.title for column in COLUMNS], bold)
        for number, rc in enumerate(rcs, start=1):
            for place, cell in enumerate(_cells(rc)):
                if cell:
                    sheet.write_string(number, place, cell)
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, len(COLUMNS), 18)
    return file.getvalue()


def _cells(rc: Rc) -> list[str]:
    return [write(getattr(rc, column.name)) for column in COLUMNS]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
