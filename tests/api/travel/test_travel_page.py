"""The page of journeys: asked for, corrected by hand and by file, each with who and when."""

import re

from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.travel.models import TravelLeg
from api.travel.service import travel_of
from api.travel.shipped import town
from tests.factories import make_member
from tests.web import HIDDEN, Browser, browser

PAGE = "/planera/restider"
LEG = {"a": "göteborg", "b": "Stockholm", "mode": "rail", "hours": "3,0", "basis": "tidtabell 2026"}


def _planner(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def _hours(app: FastAPI) -> float:
    with app.state.database.transaction() as session:
        return travel_of(session).hours(town("Göteborg").point, town("Stockholm").point)


def test_a_planner_asks_corrects_and_sees_who_did_it(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person
        person_id, name = person.id, person.name
    web = browser(app, person_id)
    asked = web.get(f"{PAGE}?start=goteborg&goal=Stockholm").text
    assert "Göteborg – Stockholm: cirka\N{NO-BREAK SPACE}3,5\N{NO-BREAK SPACE}tim." in asked
    assert "över dagen" in asked
    wrong = web.get(f"{PAGE}?start=Göteburg&goal=Stockholm")
    assert wrong.status_code == 422
    assert "Menar du Göteborg" in wrong.text
    assert web.submit(PAGE, PAGE, LEG | {"version": "0"}).status_code == 303
    assert _hours(app) == 3.5
    page = web.get(PAGE).text
    assert "tidtabell 2026" in page
    assert f"NCH, {name}" in page
    assert "Det som står som vår uppskattning gjordes i november 2026." in page
    shown = re.findall(r'<th scope="row">([^<]+)</th>', page)
    assert shown[0] == "Göteborg – Stockholm", "what NCH has corrected stands first"
    assert len(shown) == 30
    assert shown[1] not in re.findall(
        r'<th scope="row">([^<]+)</th>', web.get(f"{PAGE}?page=2").text
    )
    near = re.findall(r'<th scope="row">([^<]+)</th>', web.get(f"{PAGE}?near=kiruna").text)
    assert near
    assert all("Kiruna" in one for one in near)
    assert "Ingen sträcka" in web.get(f"{PAGE}?near=Atlantis").text
    with app.state.database.transaction() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.subject_kind == "travel_leg")).one()


def test_a_leg_that_no_longer_runs_is_gone_and_two_planners_do_not_overwrite(app: FastAPI) -> None:
    web = _planner(app)
    assert web.submit(PAGE, PAGE, LEG | {"version": "0"}).status_code == 303
    again = web.submit(PAGE, PAGE, LEG | {"hours": "9", "version": "0"})
    assert again.status_code == 409
    assert re.search(r'<td class="number"[^>]*>3,0</td>', again.text)
    assert _hours(app) == 3.5
    assert web.submit(PAGE, PAGE, LEG | {"hours": "", "version": "1"}).status_code == 303
    assert _hours(app) == 3.6, "the flight is left"


def test_what_cannot_be_used_is_named_by_field_in_both_languages(app: FastAPI) -> None:
    web = _planner(app)
    bad = LEG | {"a": "Göteburg", "mode": "rocket", "hours": "-1"}
    found = web.submit(PAGE, PAGE, bad)
    assert found.status_code == 422
    assert "en ort i Sverige, till exempel Göteborg" in found.text
    assert "timmar över 0" in found.text
    english = web.submit(f"/en{PAGE}", f"/en{PAGE}", bad).text
    assert "a town in Sweden, for example Göteborg" in english
    same = web.submit(PAGE, PAGE, LEG | {"b": "Göteborg"})
    assert "två olika orter" in same.text


def test_the_table_goes_out_and_in_as_a_file_that_says_first_what_it_changes(app: FastAPI) -> None:
    web = _planner(app)
    content = web.get(f"{PAGE}.csv").content
    assert "Det här ändras" not in _send(web, content, "check")
    assert "Den ändrar ingenting" in _send(web, content, "check")
    changed = "a;b;mode;hours;basis\r\nStockholm;Göteborg;Tåg;2,9;tidtabell\r\n".encode()
    told = _send(web, changed, "check")
    assert "<del>3,1</del> → <ins>2,9</ins>" in told
    assert "<del>3 h enligt operatör och reseguider</del>" in told, "in the page's words"
    assert _hours(app) == 3.6
    _send(web, changed, "write")
    assert _hours(app) == 3.4
    with app.state.database.transaction() as session:
        assert [leg.hours for leg in session.exec(select(TravelLeg))] == [2.9]
    bare = b"a;b;mode;hours\r\nStockholm;Uppsala;rail;0,7\r\n"
    assert "Den ändrar ingenting" in _send(web, bare, "check"), "a column that is not there"
    wrong = _send(web, b"a;b;mode;hours\r\nLund;Atlantis;rail;x\r\n", "write")
    assert "Atlantis" in wrong
    with app.state.database.transaction() as session:
        assert len(list(session.exec(select(TravelLeg)))) == 1


def _send(web: Browser, content: bytes, action: str) -> str:
    token = dict(HIDDEN.findall(web.get(PAGE).text))["form_token"]
    file = {"file": ("restider.csv", content, "text/csv")}
    answer = web.post(f"{PAGE}/las-in", data={"form_token": token, "action": action}, files=file)
    return str(answer.text)
