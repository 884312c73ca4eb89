"""How a command opens the database: there, answering, and with this program's tables, or one line that says what to do."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from api.kit.apology import is_away
from api.kit.db import Database, absence, make_engine, reason
from api.migrations.schema import Schema, examine

log = logging.getLogger("samkrets")

FAULT = 1


def refuse(line: str, code: int = FAULT) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(line, err=True)
    raise typer.Exit(code)


def schema_of(url: str) -> Schema:
    """Look at a database's tables."""
    engine = make_engine(url)
    try:
        return examine(engine)
    finally:
        engine.dispose()


def insist(url: str) -> None:
    """End the command where there is no database, or its tables are not this program's."""
    fault = absence(url) or schema_of(url).fault
    if fault:
        refuse(fault)


def insist_unless_away(url: str) -> None:
    """The same for what runs for long: a server that does not answer yet is waited for, not given up."""
    try:
        insist(url)
    except SQLAlchemyError as error:
        if not is_away(error):
            raise
        log.warning("the database does not answer: %s", reason(error))


@contextmanager
def opened(url: str, base_url: str = "") -> Iterator[Database]:
    """Yield a database whose tables are this program's, and close it."""
    insist(url)
    from api.wiring import connect  # noqa: PLC0415 - `migrate` needs no feature, and starts in half the time

    database = connect(url, base_url)
    try:
        yield database
    finally:
        database.close()
