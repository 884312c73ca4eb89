"""The register as files: CSV for matching, and CSV or XLSX that the importer reads back."""

import csv
import io
from collections.abc import Iterable

from api.kit.exports import Table, to_csv, to_xlsx
from api.registry.cells import write
from api.registry.facts import FACTS, MATCHED, seat_of
from api.registry.models import Rc

CSV_TYPE = "text/csv; charset=utf-8"


def members_csv(rcs: Iterable[Rc]) -> str:
    """Return RC as members, as `samkrets match` reads them: UTF-8, comma, point, empty = unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = {}
    for name, how in MATCHED.items():
        if how.kind != "place":
            columns[name] = how.value
        if how.certainty:
            columns[f"{name}_certainty"] = how.certainty
    writer.writerow(["id", *columns, "lat", "lon"])
    for rc in rcs:
        lat, lon = seat_of(rc) or (None, None)
        writer.writerow(map(write, (rc.id, *(of(rc) for of in columns.values()), lat, lon)))
    return text.getvalue()


def register_csv(rcs: Iterable[Rc]) -> bytes:
    """Return the register for Swedish Excel: byte order mark, semicolons, no cell a formula."""
    return to_csv(_table(rcs))


def register_xlsx(rcs: Iterable[Rc]) -> bytes:
    """Return the register as a workbook in which every cell is text."""
    return to_xlsx([_table(rcs)])


def sources_csv(rcs: Iterable[Rc]) -> bytes:
    """Return where each fact comes from, in the register's own columns, as the importer reads it back."""
    headings = tuple(fact.title for fact in FACTS)
    rows = tuple(
        tuple(rc.id if fact.name == "id" else rc.sources.get(fact.name, "") for fact in FACTS)
        for rc in rcs
    )
    return to_csv(Table("RC", headings, rows))


def _table(rcs: Iterable[Rc]) -> Table:
    headings = tuple(fact.title for fact in FACTS)
    return Table("RC", headings, tuple(_cells(rc) for rc in rcs))


def _cells(rc: Rc) -> tuple[str, ...]:
    return tuple(write(getattr(rc, fact.name)) for fact in FACTS)
