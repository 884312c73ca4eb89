"""The register as files: CSV for matching, and CSV or XLSX that the importer reads back."""

import csv
import io
from collections.abc import Iterable

from api.kit.exports import Table, to_csv, to_xlsx
from api.registry.cells import write
from api.registry.facts import FACTS, MATCHED
from api.registry.models import Rc
from api.registry.service import Member

CSV_TYPE = "text/csv; charset=utf-8"


def members_csv(members: Iterable[Member]) -> str:
    """Return the members as `samkrets match` reads them: UTF-8, comma, point, empty = unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = []
    for name, how in MATCHED.items():
        if how.kind != "place":
            names += [name, f"{name}_certainty"] if how.certainty else [name]
    writer.writerow(["id", *names, "lat", "lon"])
    for member in members:
        sure = {f"{name}_certainty": value for name, value in member.certainty.items()}
        cells = {**member.values, **sure}
        lat, lon = member.place or (None, None)
        writer.writerow(map(write, (member.id, *(cells[name] for name in names), lat, lon)))
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
