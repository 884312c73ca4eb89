"""A fact is one line: whatever lists facts is read from it, and a forgotten line fails here."""

import csv
import io

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.i18n import Speaker
from api.networks.models import Layer
from api.networks.wording import ATTRIBUTES
from api.proposals.networks.building import Choice, build, group_of
from api.registry.export import members_csv, register_csv
from api.registry.facts import FACTS, HEADINGS, MATCHED
from api.registry.models import Rc
from api.registry.queries import rcs
from api.registry.web.schemas import RcDocument
from api.registry.web.view import fact_groups, form_page
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser

# Columns of the table that are about the row, not about the RC.
BESIDE = {"sources", "version"}
# Facts that no page shows: they only draw the map.
UNSEEN = {"centroid_lat", "centroid_lon"}


def test_every_column_of_the_table_is_a_fact_and_every_fact_a_column() -> None:
    assert sorted(fact.name for fact in FACTS) == sorted(set(Rc.model_fields) - BESIDE)


def test_every_fact_stands_in_the_json_document() -> None:
    assert set(RcDocument.model_fields) == {*Rc.model_fields, "phase_band"}


def test_every_fact_can_be_entered_and_stands_on_its_page(session: Session) -> None:
    import_shipped(session, "system")
    say = Speaker("sv")
    assert {fact.group for fact in FACTS} | {fact.form for fact in FACTS} <= {"", *HEADINGS}
    rc = session.get_one(Rc, "norrbotten")
    asked = {row.name for _, rows in form_page(say, None).groups for row in rows}
    assert asked == {fact.name for fact in FACTS} - UNSEEN
    shown = {row.name for group in fact_groups(say, rc) for row in group.known}
    shown |= {fact.name for fact in FACTS if getattr(rc, fact.name) in (None, [])}
    assert {fact.name for fact in FACTS} - shown <= UNSEEN | {"id", "name", "seat_lat", "seat_lon"}


def test_files_hold_every_fact_and_every_attribute(session: Session) -> None:
    import_shipped(session, "system")
    rows = csv.reader(io.StringIO(register_csv([]).decode("utf-8-sig")), delimiter=";")
    assert next(rows) == [fact.title for fact in FACTS]
    heading = next(csv.reader(io.StringIO(members_csv(rcs(session)))))
    assert heading[0] == "id"
    assert {name for name, how in MATCHED.items() if how.kind != "place"} <= set(heading)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_attribute_is_weighed_and_has_its_words(session: Session, language: str) -> None:
    import_shipped(session, "system")
    rows = rcs(session)
    even = Choice((Layer.LIKENESS,), dict.fromkeys(MATCHED, 1.0))
    problem = build(rows, even, {})
    assert {one.name for one in problem.attributes} == set(MATCHED) == set(ATTRIBUTES)
    group = group_of(problem, problem.layers[0], [one.id for one in rows[:3]])
    assert len(group.evidence["attributes"]) == len(MATCHED)  # type: ignore[arg-type] # a list
    say = Speaker("sv" if language == "sv" else "en")
    assert all(say.text(word) for words in ATTRIBUTES.values() for word in words)


def test_the_api_tells_every_fact_of_an_rc(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        person = make_member(session, Role.PLANNER).person.id
    told = browser(app, person).get("/api/v1/rcs/goteborg").json()
    assert set(told) == {*Rc.model_fields, "phase_band"}
