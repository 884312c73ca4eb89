"""`samkrets export ...`: the register as files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from api.audit.service import SYSTEM
from api.commands.files import BAD_INPUT, write_whole
from api.commands.running.opening import refuse, schema_of
from api.kit.db import Database, shown
from api.kit.settings import Settings
from api.migrations import upgrade
from api.registry import queries
from api.registry.export import members_csv, register_csv, register_xlsx
from api.registry.service import import_shipped

app = typer.Typer(no_args_is_help=True, help="Write parts of the database to files.")

_DATABASE = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE.")


@app.command()
def members(
    out: str = typer.Option("-", help="File to write; - is standard output."),
    database: str = _DATABASE,
) -> None:
    """Write the register as a members file for `samkrets match`."""
    with _opened(database) as session:
        write_whole(members_csv(queries.rcs(session)), out)


@app.command()
def register(
    out: Path = typer.Option(..., help="File to write, .csv or .xlsx."), database: str = _DATABASE
) -> None:
    """Write the whole register so that `samkrets import` reads it back."""
    writers = {".csv": register_csv, ".xlsx": register_xlsx}
    if out.suffix not in writers:
        typer.echo(f"{out}: the name must end in .csv or .xlsx", err=True)
        raise typer.Exit(BAD_INPUT)
    with _opened(database) as session:
        content = writers[out.suffix](queries.rcs(session))
    try:
        out.write_bytes(content)
    except OSError as error:
        typer.echo(f"{out}: cannot be written: {error.strerror}", err=True)
        raise typer.Exit(BAD_INPUT) from error


@contextmanager
def _opened(database: str) -> Iterator[Session]:
    """Yield a session on the database; where none was made yet, on the register that is shipped.

    A database that cannot be read ends the command with one line.
    """
    url = make_url(database or Settings().database)
    is_missing = url.drivername == "sqlite" and not Path(url.database or "").is_file()
    if is_missing and database:
        typer.echo(
            f"{shown(database)}: there is no such database; make it with `migrate`", err=True
        )
        raise typer.Exit(BAD_INPUT)
    if is_missing:
        typer.echo("No database yet: this is the register that comes with Samkrets.", err=True)
        with TemporaryDirectory() as folder:
            shipped = f"sqlite:///{folder}/shipped.db"
            upgrade(shipped)
            opened = Database(shipped)
            with opened.transaction() as session:
                import_shipped(session, SYSTEM)
                yield session
            opened.close()
        return
    fault = schema_of(url.render_as_string(hide_password=False)).fault
    if fault:
        refuse(fault, BAD_INPUT)
    try:
        with Database(url.render_as_string(hide_password=False)).reading() as session:
            yield session
    except DBAPIError as error:
        typer.echo(
            f"The database cannot be read ({error.orig}); bring it up with `migrate`.", err=True
        )
        raise typer.Exit(BAD_INPUT) from error
