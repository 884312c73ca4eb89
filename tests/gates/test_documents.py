"""One grammar for all documents of the engine: nothing but `matcher/documents` knows JSON or writes a schema."""

import ast
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from matcher.dates.files.schema import DATES_SCHEMA
from matcher.documents.fields import stated_in
from matcher.groups.files.schema import GROUPS_SCHEMA
from matcher.programme.files.schema import SCHEMA as PROGRAMME_SCHEMA

HERE = Path("matcher/documents")
# What only a schema written by hand has; `const` and `anyOf` put together what the words describe.
BY_HAND = {"type", "properties", "additionalProperties", "items", "pattern", "minimum", "minLength"}
RECORDS = {
    "groups": (GROUPS_SCHEMA, ["matcher.groups.model.layer", "matcher.groups.model.problem"]),
    "programme": (PROGRAMME_SCHEMA, ["matcher.programme.problem"]),
    "dates": (
        DATES_SCHEMA,
        [f"matcher.dates.{one}.problem" for one in ("meeting", "year", "visits")],
    ),
}


def elsewhere() -> Iterator[tuple[str, ast.AST]]:
    for file in sorted(Path("matcher").rglob("*.py")):
        if HERE not in file.parents:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                yield str(file), node


def schemas_by_hand() -> set[tuple[str, str]]:
    return {
        (file, key.value)
        for file, node in elsewhere()
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and key.value in BY_HAND
    }


def test_no_schema_is_written_outside_the_grammar() -> None:
    # Which of three a document of dates is, is told by the word in `kind`.
    assert schemas_by_hand() == {("matcher/dates/files/schema.py", "properties")}


def test_nothing_but_the_grammar_reads_or_writes_json() -> None:
    found = {
        file
        for file, node in elsewhere()
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(one.name for one in node.names)]
        if name and re.match(r"(json|jsonschema|pydantic)\b", name)
    }
    assert found == set()


@pytest.mark.parametrize("engine", RECORDS)
def test_every_field_that_stands_in_files_is_in_the_schema_that_is_printed(engine: str) -> None:
    schema, modules = RECORDS[engine]
    known = {(name, str(each)) for name, each in properties_in(schema)}
    records = [
        one
        for module in modules
        for one in vars(import_module(module)).values()
        if isinstance(one, type) and is_dataclass(one)
    ]
    stated = [
        (one.name, str(dict(one.kind.schema)["type" if "type" in one.kind.schema else "enum"]))
        for record in records
        for one in stated_in(record)
    ]
    assert stated
    missing = [
        (name, kind)
        for name, kind in stated
        if not any(name == other and kind in each for other, each in known)
    ]
    assert missing == []


def properties_in(schema: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for each in schema.values():
            yield from properties_in(each)
    elif isinstance(schema, list | tuple):
        for each in schema:
            yield from properties_in(each)
