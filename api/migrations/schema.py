"""Whether a database's tables are those that this program was written for: looked at, not told by a number."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import SQLModel

from api.kit.db import make_engine
from api.kit.finding import triggers
from api.migrations import configuration, newest, upgrade

VERSIONS = "alembic_version"
MOST_NAMED = 3

Columns = Mapping[str, frozenset[str]]  # of each table


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database's tables are, beside what they should be.

    `fault` is empty when all is well, else one line with what to do; `can_upgrade` tells whether
    `samkrets migrate` mends it.
    """

    at: str  # the migration that the database says it stands at; empty: none
    want: str
    fault: str = ""
    can_upgrade: bool = False


def examine(engine: Engine) -> Schema:  # noqa: PLR0911 - a line for each thing that can be wrong
    """Compare a database's real tables with the models, or with its own version where that is older.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the database does not answer.
    """
    with _snapshot(engine) as connection:
        real = columns(connection)
        at, want = revision(connection), newest()
        if not at:
            if not real:
                return Schema(
                    "", want, "the database is empty: run `samkrets migrate`", can_upgrade=True
                )
            return Schema(
                "",
                want,
                "the database has tables that `samkrets migrate` did not make: use an empty database",
            )
        if at not in _known():
            return Schema(
                at,
                want,
                f"the database stands at {at}, made by a newer release than this one ({want}): "
                "start that release, or restore a backup that this one made",
            )
        differs = _differences(real, _expected(at))
        if differs:
            return Schema(at, want, _false(at, want, differs))
        if at != want:
            return Schema(
                at,
                want,
                f"the database stands at {at}, this program wants {want}: run `samkrets migrate`",
                can_upgrade=True,
            )
        gone = triggers.missing(connection)
        differs = _finer_differences(connection)
    if gone and not differs:
        fault = f"the search lacks {_some(gone)}: run `samkrets migrate`, which makes it anew"
        return Schema(at, want, fault, can_upgrade=True)
    return Schema(at, want, _false(at, want, differs) if differs else "")


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees one moment, also while another process upgrades."""
    how = (
        {"begin": "DEFERRED"}
        if engine.dialect.name == "sqlite"
        else {"isolation_level": "REPEATABLE READ"}
    )
    with engine.execution_options(**how).connect() as connection:
        yield connection


def columns(connection: Connection) -> dict[str, frozenset[str]]:
    """Return the names of the columns of every table; the job engine's and Alembic's own left out."""
    found = inspect(connection).get_multi_columns()
    return {
        table: frozenset(column["name"] for column in described)
        for (_, table), described in found.items()
        if table != VERSIONS and _is_ours(table)
    }


def revision(connection: Connection) -> str:
    """Return the migration that a database says it stands at; empty when it was never migrated."""
    if not inspect(connection).has_table(VERSIONS):
        return ""
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars().all()  # noqa: S608 - our constant
    return ",".join(sorted(map(str, found)))


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:  # noqa: FBT001 - Alembic's own signature
    """Leave the job engine's own tables alone."""
    return not (kind == "table" and name is not None and not _is_ours(name))


def _is_ours(table: str) -> bool:
    return not table.startswith(("dbos", triggers.WORDS))


@cache
def _known() -> frozenset[str]:
    script = ScriptDirectory.from_config(configuration(""))
    return frozenset(step.revision for step in script.walk_revisions())


@cache
def _expected(at: str) -> Columns:
    """Return what the tables of a version are: those that its migrations make in an empty file."""
    if at == newest():
        return {
            table.name: frozenset(column.name for column in table.columns)
            for table in SQLModel.metadata.sorted_tables
        }
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'version.db'}"
        upgrade(url, at)
        engine = make_engine(url)
        try:
            with engine.connect() as connection:
                return columns(connection)
        finally:
            engine.dispose()


def _differences(real: Columns, expected: Columns) -> list[str]:
    """Return what is missing or too much, in words; tables of others beside ours are no fault."""
    missing = [table for table in sorted(expected) if table not in real]
    for table in sorted(expected.keys() & real.keys()):
        missing += [f"{table}.{name}" for name in sorted(expected[table] - real[table])]
    more = [
        f"{table}.{name}"
        for table in sorted(expected.keys() & real.keys())
        for name in sorted(real[table] - expected[table])
    ]
    return [
        f"{verb} {_some(names)}" for verb, names in (("lacks", missing), ("has", more)) if names
    ]


def _finer_differences(connection: Connection) -> list[str]:
    """Return types, indexes and rules that differ where every name is right."""
    context = MigrationContext.configure(
        connection,
        opts={"compare_type": True, "include_object": ours, "target_metadata": SQLModel.metadata},
    )
    found = [
        change
        for change in _flat(compare_metadata(context, SQLModel.metadata))
        if change[0] != "remove_table"
    ]
    names = [f"{str(change[0]).replace('_', ' ')} ({_where(change)})" for change in found]
    return [f"differs: {_some(names)}"] if names else []


def _flat(changes: Iterable[Any]) -> Iterable[tuple[Any, ...]]:
    for change in changes:
        if isinstance(change, list):
            yield from _flat(change)
        else:
            yield change


def _where(change: tuple[Any, ...]) -> str:
    thing = change[1]
    if isinstance(thing, str) or thing is None:  # modify_...: schema, table, column
        return f"{change[2]}.{change[3]}"
    return str(getattr(thing, "name", thing))


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _false(at: str, want: str, differs: list[str]) -> str:
    said = f"the database says that it stands at {at}, but {' and '.join(differs)}"
    if at == "0001":
        return (
            f"{said}: a version before the first fixed one made it, and it cannot be upgraded; "
            "read it with the program that made it, and start with an empty database"
        )
    return (
        f"{said}: restore a backup of it with `samkrets restore`, or ask for help; {want} is wanted"
    )
