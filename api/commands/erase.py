"""`samkrets erase`: what has outlived its retention time, exported first."""

import json
from pathlib import Path

import typer

from api.accounts import retention
from api.clock import now
from api.settings import Settings
from api.wiring import connect

FAULT = 1


def erase(
    dry_run: bool = typer.Option(False, help="Only say what would be erased."),
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    folder: Path = typer.Option(None, help="Where exports go; default: SAMKRETS_DATA/erased."),
) -> None:
    """Erase old sign-ins, dietary needs 30 days after their meeting, and people long without a function.

    People are exported to a file first, and only where SAMKRETS_RETENTION_DECISION names the decision.
    """
    settings, moment = Settings(), now()
    opened = connect(database or settings.database, settings.base_url)
    try:
        with opened.reading() as session:
            due = retention.due(session, moment, settings.retention_people_months)
            exports = [retention.export_person(session, person) for person in due.people]
        said = f"{len(due.people)} people, {len(due.needs)} dietary needs, {due.sign_ins} sign-ins"
        if dry_run:
            typer.echo(f"Due: {said}. Nothing was erased.", err=True)
            return
        if exports and settings.retention_decision:
            _write(exports, folder or settings.data / "erased", f"{moment:%Y%m%d-%H%M%S}.json")
        with opened.transaction() as session:
            retention.erase_technical(session, moment)
            if settings.retention_decision:
                again = retention.due(session, moment, settings.retention_people_months)
                for person in again.people:
                    retention.erase_person(session, person, settings.retention_decision)
    finally:
        opened.close()
    if due.people and not settings.retention_decision:
        typer.echo(
            f"{len(due.people)} people are kept: SAMKRETS_RETENTION_DECISION is not set.", err=True
        )
        raise typer.Exit(FAULT)
    typer.echo(f"Erased: {said}.", err=True)


def _write(exports: list[dict[str, object]], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(json.dumps(exports, ensure_ascii=False, indent=1), encoding="utf-8")
    file.chmod(0o600)
    typer.echo(f"Exported to {file}.", err=True)
