"""`samkrets migrate`: bring the database to the newest version."""

import typer

from api.commands.running.opening import refuse, schema_of
from api.kit.db import absence
from api.kit.settings import Settings
from api.migrations import upgrade


def migrate(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Create or upgrade the database's tables; a database that cannot be upgraded is named, not touched."""
    url = database or Settings().database
    bring_up(url)
    typer.echo("The database is at the newest version.", err=True)


def bring_up(url: str) -> None:
    """Upgrade a database that can be, and see that its tables are then this program's."""
    if not absence(url):
        found = schema_of(url)
        if found.fault and not found.can_upgrade:
            refuse(found.fault)
    upgrade(url)
    fault = schema_of(url).fault
    if fault:
        refuse(fault)
