from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from api.accounts.directory import create_body, create_function, create_person
from api.accounts.models import BodyKind, FunctionKind, Role
from api.kit.clock import now, today
from api.kit.db import Database
from api.kit.settings import Settings
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.start.statement import statement
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser

ABOUT = ("/tillganglighet", "/integritet", "/kakor")


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return Browser(app)


def _add_planner(session: Session) -> None:
    body = create_body(session, BodyKind.NCH, "Exempel: NCH")
    person = create_person(session, "Exempel Planerare", "planner@example.org")
    create_function(session, body, FunctionKind.PLANNER, "Planerare", Role.PLANNER, holder=person)


def test_every_page_leads_to_the_statement_and_to_the_other_language(client: TestClient) -> None:
    for path in ("/", "/logga-in", *ABOUT):
        swedish, english = client.get(path).text, client.get(f"/en{path}").text
        assert 'href="/tillganglighet"' in swedish
        assert 'href="/en/tillganglighet"' in english
        assert '<html lang="sv">' in swedish
        assert '<html lang="en">' in english
        assert f'<a href="/en{path}" lang="en" hreflang="en">English</a>' in swedish
        assert f'<a href="{path}" lang="sv" hreflang="sv">Svenska</a>' in english


def test_the_statement_holds_every_point_of_the_law_and_is_younger_than_a_year(
    client: TestClient, settings: Settings
) -> None:
    for language, prefix in (("sv", ""), ("en", "/en")):
        said = statement(language)
        text = client.get(f"{prefix}/tillganglighet").text
        points = (
            settings.authority,
            said.service,
            said.status_text,
            said.shortcomings[0].what,
            said.shortcomings[0].why,
            str(said.assessed_on.year),
            said.method,
            said.feedback,
            settings.supervisor_url,
            said.burden,
            said.outside,
        )
        assert [point for point in points if point not in text] == []
        assert today() - said.assessed_on < timedelta(days=365)
        assert said.updated_on >= said.assessed_on


def test_security_txt_says_whom_to_write_to_and_expires_within_a_year(client: TestClient) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"].startswith("mailto:")
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(0) < expires.date() - today() < timedelta(days=365)


def test_nobody_becomes_somebody_else_outside_the_demonstration(
    client: TestClient, database: Database
) -> None:
    with database.transaction() as session:
        _add_planner(session)
    page = client.get("/").text
    assert "Exempel Planerare" not in page
    token = client.get("/logga-in").text.split('name="form_token" value="')[1].split('"')[0]
    answer = client.post("/exempel/logga-in", data={"person_id": "x", "form_token": token})
    assert answer.status_code == 404


def test_in_the_demonstration_one_button_signs_in_and_shows_what_waits(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    app.state.settings = settings.model_copy(update={"is_demo": True})
    client = Browser(app)
    with database.transaction() as session:
        import_shipped(session, "system")
        _add_planner(session)
    page = client.get("/").text
    assert "Exempel Planerare" in page
    token = page.split('name="form_token" value="')[1].split('"')[0]
    person = page.split('name="person_id" value="')[1].split('"')[0]
    page = client.post("/exempel/logga-in", data={"person_id": person, "form_token": token}).text
    assert "Översikt" in page
    assert "16 RC har ingen krets än." in page
    assert 'href="/planera/natverk"' in page


def test_an_rc_member_sees_the_circles_of_their_rc(app: FastAPI, database: Database) -> None:
    with database.transaction() as session:
        import_shipped(session, "system")
        person_id = make_member(session, Role.RC_MEMBER, rc_id="kronoberg").person.id
        groups = [
            Group(Layer.LIKENESS, ("fyrbodal", "kronoberg", "gavleborg"), {}, 400.0),
            Group(Layer.LIKENESS, ("dalarna", "uppsala", "orebro"), {}, 200.0),
        ]
        publish_round(session, "proposal", groups, "planner", now())
    page = browser(app, person_id).get("/").text
    assert "Fyrbodal, Gävleborg och Kronoberg" in page
    assert "Dalarna" not in page


def test_a_page_that_does_not_exist_keeps_the_menu_of_whoever_is_signed_in(
    app: FastAPI, client: TestClient
) -> None:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    missing = browser(app, person_id).get("/finns-inte")
    assert missing.status_code == 404
    assert 'href="/traffar"' in missing.text
    assert 'href="/logga-in"' not in missing.text
    assert 'href="/logga-in"' in client.get("/finns-inte").text
