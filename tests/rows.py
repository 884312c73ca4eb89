"""Everything that stands in a database, row by row: what a test compares before and after, or looks through."""

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, RowMapping, Table, event
from sqlmodel import Session, SQLModel

_WRITES = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM|WITH)\b\s*"?(\w*)', re.IGNORECASE)


def rows(
    session: Session, tables: Container[str] | None = None
) -> Iterator[tuple[Table, RowMapping]]:
    """Yield every row with its table, by the models; what the session holds is written first."""
    session.flush()
    for table in SQLModel.metadata.sorted_tables:
        if tables is None or table.name in tables:
            for row in session.execute(table.select()).mappings():
                yield table, row


@contextmanager
def written_tables(engine: Engine) -> Iterator[set[str]]:
    """Name the tables that are written to meanwhile; all of them when a row goes, which may take others along."""
    found: set[str] = set()

    def note(*args: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own signature
        said = _WRITES.match(str(args[2]))
        if said is not None:
            is_one = said[1].upper() in {"INSERT INTO", "UPDATE"}
            found.update([said[2]] if is_one else SQLModel.metadata.tables)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def everything(session: Session) -> dict[str, list[str]]:
    """Return all rows as text, by table, in an order that depends on nothing but them."""
    found: dict[str, list[str]] = {table.name: [] for table in SQLModel.metadata.sorted_tables}
    for table, row in rows(session):
        found[table.name].append(repr(dict(row)))
    return {name: sorted(lines) for name, lines in found.items()}


def counts(session: Session) -> dict[str, int]:
    """Return how many rows each table has."""
    return {name: len(lines) for name, lines in everything(session).items()}
