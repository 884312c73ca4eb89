"""What keeps the search true: the database itself marks what changes, however it was changed, and forgets what it said.

A feature's models say which rows a thing's words come from (`watch`). Of each such table the database
then takes the words of the thing away and marks it, in the same statement that changes the row: a bulk
update, an erasing and a row that is deleted with another are seen like any other.
"""

# ruff: noqa: S608 - statements of this module's own names; nothing in them comes from outside

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, event, inspect, text
from sqlmodel import SQLModel

import api.kit.finding.models as tables

TABLES = tables
OURS = "search_"  # begins the names of what is made here
WORDS = "search_words"  # SQLite: FTS5; PostgreSQL: the words as a tsvector in Swedish
_ROW = "{row}"  # in a watch: the row that changes


@dataclass(frozen=True, slots=True)
class Watch:
    """Things of a kind are found by these columns of a table; `which` selects their ids for a row of it."""

    table: str
    kind: str
    columns: tuple[str, ...]
    which: str


WATCHES: list[Watch] = []


def watch(
    model: type[SQLModel], kind: str, *columns: str, which: str = "SELECT {row}.id AS id"
) -> None:
    """Say that things of a kind are found by these columns of a model.

    which: a SELECT of their ids, as `id`, for one row, written `{row}`; as it stands, the row is the thing.
    """
    table: Table = model.__table__  # type: ignore[attr-defined]
    missing = [name for name in columns if name not in table.columns]
    if missing or _ROW not in which:
        message = f"{table.name} has no {missing}" if missing else f"{which} names no row"
        raise ValueError(message)
    if any((one.kind, one.table) == (kind, table.name) for one in WATCHES):
        message = f"{kind} is found by {table.name} already: name all its columns at once"
        raise ValueError(message)
    WATCHES.append(Watch(table.name, kind, columns, which))


def _named() -> dict[str, Watch]:
    """Return the watches by the name that their triggers begin with, whatever was imported first."""
    return {f"{OURS}{one.kind}_of_{one.table}": one for one in WATCHES}


def make(connection: Connection) -> None:
    """Make the index and every trigger anew, and mark everything that there is."""
    drop(connection)
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("DELETE FROM search_entry")
    connection.exec_driver_sql("DELETE FROM search_mark")
    for one in WATCHES:
        if " FROM " not in one.which:
            of_all = f"{one.which.format(row='one')} FROM {_quoted(one.table)} AS one"
            connection.exec_driver_sql(_mark(one.kind, of_all))


def drop(connection: Connection) -> None:
    """Take the index and every trigger away."""
    if connection.dialect.name == "sqlite":
        for name in sorted(_made(connection)):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {WORDS}")
        return
    found = connection.execute(
        text(
            "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            " AND starts_with(proname, :ours)"
        ),
        {"ours": OURS},
    ).scalars()
    for name in sorted(found.all()):
        connection.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {WORDS}")


def missing(connection: Connection) -> list[str]:
    """Return what is not there of the index and its triggers."""
    if not inspect(connection).has_table(WORDS):
        return [WORDS]
    made = _made(connection)
    return sorted(name for name in _wanted(connection.dialect.name) if name not in made)


def _made(connection: Connection) -> set[str]:
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    found = connection.exec_driver_sql(asked).scalars()
    return {str(name) for name in found if str(name).startswith(OURS)}


def _wanted(dialect: str) -> Iterator[str]:
    for name in (WORDS, *_named()):
        if dialect == "sqlite":
            yield from (f"{name}_{verb}" for verb in ("insert", "update", "delete"))
        else:
            yield name


def _statements(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        yield from _sqlite_words()
        for name, one in _named().items():
            yield from _sqlite_triggers(name, one)
        return
    yield from _postgresql_words()
    for name, one in _named().items():
        yield from _postgresql_trigger(name, one)


def _sqlite_words() -> Iterator[str]:
    yield (
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5"
        "(names, words, content='search_entry', content_rowid='number', tokenize='trigram')"
    )
    columns = "(rowid, names, words)"
    forget = f"INSERT INTO {WORDS}({WORDS}, rowid, names, words) VALUES ('delete', OLD.number, OLD.names, OLD.words)"
    learn = f"INSERT INTO {WORDS}{columns} VALUES (NEW.number, NEW.names, NEW.words)"
    for verb, does in (("insert", learn), ("delete", forget), ("update", f"{forget}; {learn}")):
        yield f"CREATE TRIGGER {WORDS}_{verb} AFTER {verb} ON search_entry BEGIN {does}; END"


def _sqlite_triggers(name: str, one: Watch) -> Iterator[str]:
    columns = ", ".join(map(_quoted, one.columns))
    table = _quoted(one.table)
    for verb, when, row in (
        ("insert", "INSERT", "NEW"),
        ("update", f"UPDATE OF {columns}", "NEW"),
        ("delete", "DELETE", "OLD"),
    ):
        does = "; ".join(_marking(one, row))
        yield f"CREATE TRIGGER {name}_{verb} AFTER {when} ON {table} BEGIN {does}; END"


def _postgresql_words() -> Iterator[str]:
    yield (
        f"CREATE TABLE {WORDS} (number integer PRIMARY KEY REFERENCES search_entry ON DELETE CASCADE,"
        " swedish tsvector NOT NULL)"
    )
    yield f"CREATE INDEX {WORDS}_swedish ON {WORDS} USING gin (swedish)"
    yield (
        f"CREATE FUNCTION {WORDS}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO {WORDS} VALUES (NEW.number, to_tsvector('swedish', NEW.names || ' ' || NEW.words))"
        " ON CONFLICT (number) DO UPDATE SET swedish = EXCLUDED.swedish; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {WORDS} AFTER INSERT OR UPDATE ON search_entry"
        f" FOR EACH ROW EXECUTE FUNCTION {WORDS}()"
    )


def _postgresql_trigger(name: str, one: Watch) -> Iterator[str]:
    columns = ", ".join(map(_quoted, one.columns))
    gone, there = ("; ".join(_marking(one, row)) for row in ("OLD", "NEW"))
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'DELETE' THEN {gone}; ELSE {there}; END IF; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name} AFTER INSERT OR DELETE OR UPDATE OF {columns}"
        f" ON {_quoted(one.table)} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _marking(one: Watch, row: str) -> Iterator[str]:
    which = one.which.format(row=row)
    yield f"DELETE FROM search_entry WHERE kind = '{one.kind}' AND item_id IN ({_ids(which)})"
    yield _mark(one.kind, which)


def _mark(kind: str, which: str) -> str:
    return f"INSERT INTO search_mark (kind, item_id) SELECT '{kind}', ids.id FROM ({_ids(which)}) AS ids"


def _ids(which: str) -> str:
    return (
        f"SELECT CAST(found.id AS VARCHAR) AS id FROM ({which}) AS found WHERE found.id IS NOT NULL"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


@event.listens_for(SQLModel.metadata, "after_create")
def _after_create(_target: object, connection: Connection, **_how: object) -> None:
    make(connection)
