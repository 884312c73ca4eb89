"""`samkrets settings`: every setting, its environment variable, its value and what it is for."""

import typer

from api.kit.db import shown
from api.kit.settings import Settings


def settings() -> None:
    """List the SAMKRETS_* environment settings with their values; secrets are not shown."""
    values = Settings()
    for name, field in Settings.model_fields.items():
        value = getattr(values, name)
        said = shown(value) if name == "database" else value
        typer.echo(f"SAMKRETS_{name.upper()}={said}\n    {field.description}")
