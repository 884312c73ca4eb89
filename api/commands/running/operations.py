"""`samkrets doctor`, `backup`, `restore` and `audit verify`: for whoever keeps the service running."""

from pathlib import Path

import typer

from api.audit.proof import Head
from api.audit.service import newest_head
from api.audit.service import verify as verify_log
from api.commands.files import BAD_INPUT
from api.commands.running.opening import FAULT, opened, refuse, schema_of
from api.kit.settings import Settings
from api.operations import backup as copies
from api.operations.doctor import examine

audit = typer.Typer(help="The log of changes.", no_args_is_help=True)


@audit.callback()
def _audit() -> None:
    """Look after the log of changes."""


def doctor(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Check settings, database, mail and backups; exit 1 when anything is wrong."""
    findings = list(examine(_settings(database)))
    for finding in findings:
        typer.echo(
            f"{'FAULT' if finding.fault else 'ok':<6}{finding.name:<12}{finding.fault}".rstrip()
        )
    if any(finding.fault for finding in findings):
        raise typer.Exit(FAULT)


def backup(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    folder: Path = typer.Option(None, help="Where to; default: SAMKRETS_DATA/backups."),
) -> None:
    """Copy the database whole, while it is in use; prints the copy's path."""
    settings = _settings(database)
    try:
        made = copies.make(settings.database, folder or settings.data / "backups")
    except copies.BackupError as error:
        refuse(str(error))
    typer.echo(made)


def restore(
    file: Path = typer.Argument(help="A copy made by `samkrets backup`."),
    verify: bool = typer.Option(False, help="Only prove that it can be restored; change nothing."),
    database: str = typer.Option("", help="Empty database to fill; default: SAMKRETS_DATABASE."),
) -> None:
    """Put a copy into an empty database, or prove that it could be."""
    url = _settings(database).database
    try:
        manifest = copies.verify(file, url) if verify else copies.restore(file, url)
    except copies.BackupError as error:
        refuse(str(error))
    rows = sum(manifest.rows.values())
    done = "can be restored" if verify else "is restored"
    typer.echo(f"{file.name} {done}: {rows} rows, made {manifest.made_at}.", err=True)
    todo = "" if verify else schema_of(url).fault
    if todo:
        typer.echo(f"Before it is used: {todo}.", err=True)


@audit.command("verify")
def audit_verify(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    head: list[str] = typer.Option(
        [], metavar="NUMBER:HASH", help="A head that came by mail; repeatable."
    ),
) -> None:
    """Check that no row of the log was changed, removed or put in; exit 1 when one was.

    Rows from before the key are unsigned: that is said, and is no fault.
    """
    url = _settings(database).database
    heads = [_head(text) for text in head]
    with opened(url) as audited, audited.reading() as session:
        found = verify_log(session, url, heads)
    typer.echo(str(found), err=True)
    if found.fault:
        raise typer.Exit(FAULT)


@audit.command("head")
def audit_head(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Print how far the log has come, NUMBER:HASH, to be kept where the database's owner cannot write."""
    with opened(_settings(database).database) as audited, audited.reading() as session:
        found = newest_head(session)
    typer.echo(f"{found.number}:{found.hash}" if found else "0:")


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        typer.echo(f"--head: {text}: expected NUMBER:HASH as in the mail", err=True)
        raise typer.Exit(BAD_INPUT)
    return Head("the day of the mail", int(number), digest.strip())


def _settings(database: str) -> Settings:
    settings = Settings()
    return settings.model_copy(update={"database": database}) if database else settings
