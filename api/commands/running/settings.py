"""`samkrets settings`: every setting, its environment variable, its value and what it is for."""

import typer

from api.kit.settings import Settings


def settings() -> None:
    """List the SAMKRETS_* environment settings with their values; secrets are not shown."""
    values = Settings()
    for name, field in Settings.model_fields.items():
        variable = f"SAMKRETS_{name.upper()}"
        typer.echo(f"{variable}={getattr(values, name)}\n    {field.description}")
