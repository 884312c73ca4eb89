"""The register's JSON file is what its own JSON Schema says, every RC with where its facts come from; the CSV too."""

import csv
import io

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator, ValidationError

from api.accounts.models import Role
from api.kit.table_file import Outcome
from api.registry import queries as registry
from api.registry.facts import FACTS
from api.registry.importer import ImportKind, import_file
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser


def test_the_exported_register_is_as_its_schema_says_and_cites_its_sources(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        reader = make_member(session, Role.READER).person.id
    web = browser(app, reader)
    schema = web.get("/api/v1/rcs/schema.json").json()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    file = web.get("/api/v1/rcs/export.json").json()
    validator.validate(file)
    assert file["$schema"] == schema["$id"]
    assert len(file["items"]) >= 16
    names = {fact.name for fact in FACTS}
    assert all(names <= set(one) for one in file["items"])  # every attribute, unknown as null
    cited = [(one, name) for one in file["items"] for name in one["sources"] if name in names]
    assert cited
    assert all(one["sources"][name].strip() for one, name in cited)
    for fault in ({"name": 5}, {"services": "training"}, {"sources": ["1"]}, {"version": None}):
        wrong = {**file, "items": [{**file["items"][0], **fault}]}
        with pytest.raises(ValidationError):
            validator.validate(wrong)

    text = web.get("/api/v1/rcs/export.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {row["rc_id"] for row in rows} == {one["id"] for one in file["items"]}


def test_the_exported_sources_are_read_back_as_the_same(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        reader = make_member(session, Role.READER).person.id
    octets = browser(app, reader).get("/api/v1/rcs/sources.csv").content
    rows = list(csv.DictReader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))
    with app.state.database.transaction() as session:
        known = {rc.id: rc.sources for rc in registry.rcs(session)}
        titles = {fact.title: fact.name for fact in FACTS}
        assert {
            row["rc_id"]: {
                titles[title]: cell for title, cell in row.items() if cell and title != "rc_id"
            }
            for row in rows
        } == {rc_id: {n: t for n, t in s.items() if t} for rc_id, s in known.items()}
        report = import_file(session, octets, ImportKind.SOURCES, actor="test", dry_run=True)
        assert {one.outcome for one in report.lines} == {Outcome.UNCHANGED}
