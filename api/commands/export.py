"""`samkrets export ...`: the register as files."""

from pathlib import Path

import typer

from api.commands.files import BAD_INPUT, write_whole
from api.db import Database
from api.registry import queries
from api.registry.export import members_csv, register_csv, register_xlsx
from api.registry.service import members as members_of
from api.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Write parts of the database to files.")

_DATABASE = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE.")


@app.command()
def members(
    out: str = typer.Option("-", help="File to write; - is standard output."),
    database: str = _DATABASE,
) -> None:
    """Write the register as a members file for `samkrets match`."""
    with _opened(database).reading() as session:
        write_whole(members_csv(members_of(session)), out)


@app.command()
def register(
    out: Path = typer.Option(..., help="File to write, .csv or .xlsx."),
    database: str = _DATABASE,
) -> None:
    """Write the whole register so that `samkrets import` reads it back."""
    writers = {".csv": register_csv, ".xlsx": register_xlsx}
    if out.suffix not in writers:
        typer.echo(f"{out}: the name must end in .csv or .xlsx", err=True)
        raise typer.Exit(BAD_INPUT)
    with _opened(database).reading() as session:
        content = writers[out.suffix](queries.rcs(session))
    try:
        out.write_bytes(content)
    except OSError as error:
        typer.echo(f"{out}: cannot be written: {error.strerror}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _opened(database: str) -> Database:
    return Database(database or Settings().database)
