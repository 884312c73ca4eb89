"""Everything that stands in a database, row by row: what a test compares before and after, or looks through."""

from collections.abc import Iterator

from sqlalchemy import RowMapping, Table
from sqlmodel import Session, SQLModel


def rows(session: Session) -> Iterator[tuple[Table, RowMapping]]:
    """Yield every row with its table, by the models; what the session holds is written first."""
    session.flush()
    for table in SQLModel.metadata.sorted_tables:
        for row in session.execute(table.select()).mappings():
            yield table, row


def everything(session: Session) -> dict[str, list[str]]:
    """Return all rows as text, by table, in an order that depends on nothing but them."""
    found: dict[str, list[str]] = {table.name: [] for table in SQLModel.metadata.sorted_tables}
    for table, row in rows(session):
        found[table.name].append(repr(dict(row)))
    return {name: sorted(lines) for name, lines in found.items()}


def counts(session: Session) -> dict[str, int]:
    """Return how many rows each table has."""
    return {name: len(lines) for name, lines in everything(session).items()}
