"""`samkrets migrate`: bring the database to the newest version."""

import typer

from api.kit.settings import Settings
from api.migrations import upgrade


def migrate(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Create or upgrade the database's tables."""
    url = database or Settings().database
    upgrade(url)
    typer.echo("The database is at the newest version.", err=True)
