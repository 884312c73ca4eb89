"""`samkrets erase`: what has outlived its retention time, exported first."""

import json
import os
from pathlib import Path

import typer

from api.commands.running.opening import FAULT, opened
from api.kit.clock import now
from api.kit.files import PRIVATE_FILE, make_private_folder
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
        due = retention.due(session, moment, settings)
        said = str(due)
        if dry_run:
            typer.echo(f"Due: {said}. Nothing was erased.", err=True)
            return
        retention.erase_served(session, moment, settings)
        exports = folder or settings.data / "erased"
        retention.forget_exports(exports, moment, settings.retention_export_days)
        is_kept = due.needs_decision and not settings.retention_decision
        if due.needs_decision and not is_kept:
            # Inside the transaction: what cannot be exported is not erased.
            name = f"{moment:%Y%m%d-%H%M%S}.json"
            _write(retention.export(session, due, settings), exports / name)
            retention.erase_decided(session, due, settings.retention_decision)
    if is_kept:
        typer.echo(
            f"Kept, since SAMKRETS_RETENTION_DECISION is not set: {said}; only sign-ins and dietary needs were erased.",
            err=True,
        )
        raise typer.Exit(FAULT)
    typer.echo(f"Erased: {said}.", err=True)


def _write(exported: dict[str, object], file: Path) -> None:
    """Write the export where only we can read it, and have it on disk before anything is erased."""
    make_private_folder(file.parent)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(exported, out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    typer.echo(f"Exported to {file}.", err=True)
