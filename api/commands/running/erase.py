"""`samkrets erase`: what has outlived its retention time, exported first."""

from pathlib import Path

import typer

from api.commands.running.opening import FAULT, opened
from api.kit.clock import now
from api.kit.settings import Settings
from api.operations import retention


def erase(
    dry_run: bool = typer.Option(False, help="Only say what would be erased."),
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    folder: Path = typer.Option(None, help="Where exports go; default: SAMKRETS_DATA/erased."),
) -> None:
    """Erase what has outlived its time: sign-ins and dietary needs; under a decision also people long without a function, old mails' texts and names at past meetings.

    What is erased under the decision is exported to a file first, and only where
    SAMKRETS_RETENTION_DECISION names the decision.
    """
    settings, moment = Settings(), now()
    url = database or settings.database
    with opened(url, settings.base_url) as erased, erased.transaction() as session:
        if dry_run:
            due = retention.due(session, moment, settings)
            typer.echo(f"Due: {due}. Nothing was erased.", err=True)
            return
        exports = folder or settings.data / "erased"
        done = retention.erase_all(session, moment, settings, exports)
        if done.file is not None:
            typer.echo(f"Exported to {done.file}.", err=True)
    if done.is_kept:
        typer.echo(
            f"Kept, since SAMKRETS_RETENTION_DECISION is not set: {done.said}; only sign-ins and dietary needs were erased.",
            err=True,
        )
        raise typer.Exit(FAULT)
    typer.echo(f"Erased: {done.said}.", err=True)
