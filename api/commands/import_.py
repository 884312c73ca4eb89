"""`samkrets import`: bring a CSV or XLSX file into the register, with a report per line."""

from pathlib import Path

import typer

from api.audit.service import SYSTEM
from api.commands.files import BAD_INPUT
from api.kit.db import Database
from api.kit.settings import Settings
from api.kit.table_file import Outcome
from api.migrations import upgrade
from api.registry.importer import ImportKind, ImportReport, import_file
from api.registry.reference import DATA
from api.registry.service import SHIPPED


def import_(
    files: list[Path] = typer.Argument(None, help="CSV or XLSX files, in this order."),
    shipped: bool = typer.Option(False, help="Bring in the register that comes with Samkrets."),
    sources: bool = typer.Option(False, help="The cells say where the facts come from."),
    dry_run: bool = typer.Option(False, help="Only check and report; write nothing."),
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Import RC into the register; when any line of any file is wrong, nothing is written."""
    kind = ImportKind.SOURCES if sources else ImportKind.FACTS
    inputs = [(DATA / name, of) for name, of in SHIPPED] if shipped else []
    inputs += [(file, kind) for file in files or []]
    if not inputs:
        typer.echo("Name a file, or give --shipped.", err=True)
        raise typer.Exit(BAD_INPUT)
    url = database or Settings().database
    if url.startswith("sqlite"):
        upgrade(url)
    opened = Database(url)
    with opened.reading() if dry_run else opened.transaction() as session:
        for file, of in inputs:
            # A dry run writes too, into a transaction that is never kept: so later files see earlier ones.
            report = import_file(session, _content(file), of, SYSTEM, dry_run=False)
            _tell(file, report)
            if report.all_faults:
                raise typer.Exit(BAD_INPUT)
    typer.echo("Dry run: nothing was written." if dry_run else "Written.", err=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"{file}: cannot be read: {error.strerror}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _tell(file: Path, report: ImportReport) -> None:
    for fault in report.all_faults:
        typer.echo(f"{file}: {fault}", err=True)
    for line in report.lines:
        if line.outcome != Outcome.WRONG:
            fields = ", ".join(change.column for change in line.changes)
            said = f"{line.outcome} {fields}".rstrip()
            typer.echo(f"{file}: line {line.line}: {line.rc_id}: {said}", err=True)
    counts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)
    typer.echo(f"{file}: {counts}", err=True)
