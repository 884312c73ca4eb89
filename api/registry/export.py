"""The register as files: CSV for matching, and CSV or XLSX that the importer reads back."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields

from api.kit.exports import Table, to_csv, to_xlsx
from api.registry.columns import COLUMNS, write
from api.registry.models import Rc
from api.registry.service import Member

CSV_TYPE = "text/csv; charset=utf-8"


def members_csv(members: Iterable[Member]) -> str:
    """Return the members as `samkrets match` reads them: UTF-8, comma, point, empty = unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in fields(Member)])
    writer.writerows([write(value) for value in astuple(member)] for member in members)
    return text.getvalue()


def register_csv(rcs: Iterable[Rc]) -> bytes:
    """Return the register for Swedish Excel: byte order mark, semicolons, no cell a formula."""
    return to_csv(_table(rcs))


def register_xlsx(rcs: Iterable[Rc]) -> bytes:
    """Return the register as a workbook in which every cell is text."""
    return to_xlsx([_table(rcs)])


def _table(rcs: Iterable[Rc]) -> Table:
    headings = tuple(column.title for column in COLUMNS)
    return Table("RC", headings, tuple(_cells(rc) for rc in rcs))


def _cells(rc: Rc) -> tuple[str, ...]:
    return tuple(write(getattr(rc, column.name)) for column in COLUMNS)
