"""`samkrets schema NAME`: the JSON Schema of a problem file."""

import sys
from collections.abc import Mapping
from typing import Any

import typer

from api.commands.files import BAD_INPUT
from matcher.dates.files.schema import DATES_SCHEMA
from matcher.documents.text import write_json
from matcher.groups.files.schema import GROUPS_SCHEMA
from matcher.programme.files.schema import SCHEMA as PROGRAMME_SCHEMA

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "groups": GROUPS_SCHEMA,
    "dates": DATES_SCHEMA,
    "programme": PROGRAMME_SCHEMA,
}


def schema(name: str = typer.Argument(..., help=f"Which problem: {', '.join(SCHEMAS)}.")) -> None:
    """Print the JSON Schema (draft 2020-12) of a problem file."""
    if name not in SCHEMAS:
        typer.echo(f"schema: got {name}; expected one of {', '.join(SCHEMAS)}", err=True)
        raise typer.Exit(BAD_INPUT)
    sys.stdout.write(write_json(SCHEMAS[name]))
