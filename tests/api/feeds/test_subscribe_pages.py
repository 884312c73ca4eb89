"""Subscribing, renaming and ending addresses on the pages and in the API; single events as files."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.calendar.models import ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.kit.db import Database
from tests.calendars import read_events
from tests.factories import Member, make_member
from tests.web import Browser, browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = AT + timedelta(days=30)


@pytest.fixture
def member(app: FastAPI) -> Member:
    database: Database = app.state.database
    with database.transaction() as session:
        session.expire_on_commit = False
        return make_member(session, Role.RC_MEMBER, "skane")


@pytest.fixture
def mine(app: FastAPI, member: Member) -> Browser:
    return browser(app, member.person.id)


def put(app: FastAPI, scope: Scope) -> str:
    details = EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv="Hemlig rubrik",
        title_en="Secret title",
        page="/traffar/m1",
        starts_at=START,
        ends_at=START + timedelta(hours=1),
    )
    database: Database = app.state.database
    with database.transaction() as session:
        return put_event(session, Subject("session", "s1"), details, {scope}, AT).id


def address_in(page: str) -> str:
    found = re.search(r"http://testserver(/feeds/[A-Za-z0-9_-]{43}\.ics)", page)
    assert found is not None
    return found[1]


def test_the_page_needs_signing_in(app: FastAPI) -> None:
    answer = browser(app).get("/prenumerera")
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/logga-in?next=%2Fprenumerera",
    )  # fmt: skip
    assert browser(app).get("/api/v1/feeds").status_code == 401


def test_an_address_is_made_shown_once_served_renamed_and_blocked(
    mine: Browser, member: Member, app: FastAPI
) -> None:
    form = {"calendar": f"person:{member.person.id}", "level": "busy", "label": "Min Outlook"}
    made = mine.submit("/prenumerera", "/prenumerera", form)
    assert made.status_code == 201
    path = address_in(made.text)
    assert "webcal://testserver" in made.text
    assert "<svg" in made.text
    assert made.headers["referrer-policy"] == "no-referrer"
    assert made.headers["cache-control"] == "no-store"
    anyone = browser(app)
    assert anyone.get(path).status_code == 200
    listed = mine.get("/prenumerera").text
    assert "Min Outlook" in listed
    assert path not in listed
    [kept] = mine.get("/api/v1/feeds").json()
    base = f"/prenumerera/{kept['id']}"
    assert mine.submit("/prenumerera", f"{base}/namn", {"label": "Min mobil"}).status_code == 303
    assert "Min mobil" in mine.get("/prenumerera").text
    ended = mine.submit("/prenumerera", f"{base}/avsluta", {"ending": "at_once"})
    assert ended.status_code == 303
    assert anyone.get(path).status_code == 404
    assert mine.get("/api/v1/feeds").json() == []


def test_the_first_page_makes_the_usual_address_in_one_press_and_then_offers_none(
    mine: Browser,
) -> None:
    button = 'name="usual" value="yes"'
    assert button in mine.get("/").text
    made = mine.submit("/", "/prenumerera", {"usual": "yes"})
    assert made.status_code == 201
    assert address_in(made.text)
    assert "Min kalender" in mine.get("/prenumerera").text
    assert button not in mine.get("/").text


def test_faults_are_shown_beside_their_fields_and_what_was_typed_stays(mine: Browser) -> None:
    for form, fault in [
        ({"calendar": "x", "label": "A"}, "Välj vilken kalender du vill ha."),
        ({"calendar": "person:x", "label": " "}, "Ge kalenderlänken ett namn"),
        ({"calendar": "person:x", "label": "å" * 61}, "högst 60 tecken"),
    ]:
        answer = mine.submit("/prenumerera", "/prenumerera", {"level": "internal", **form})
        assert answer.status_code == 422
        assert fault in html.unescape(answer.text)
        assert 'value="internal" checked' in answer.text


def test_nobody_gets_a_calendar_of_others(mine: Browser, app: FastAPI) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        other = make_member(session, Role.RC_MEMBER, "umea")
        keys = [
            f"person:{other.person.id}",
            f"function:{other.function.id}",
            "rc:umea",
            "network:n9",
            "meeting:m9",
            "track:t9",
            "role:nch_planner",
        ]
    for key in keys:
        answer = mine.submit("/prenumerera", "/prenumerera", {"calendar": key, "label": "X"})
        assert answer.status_code == 404, key
        kind, _, scope_id = key.partition(":")
        wanted = {"kind": kind, "scope_id": scope_id, "label": "X"}
        assert mine.post("/api/v1/feeds", json=wanted).status_code == 404, key


def test_nobody_touches_anothers_address(mine: Browser, app: FastAPI, member: Member) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        other_id = make_member(session, Role.RC_MEMBER, "umea").person.id
    theirs = browser(app, other_id)
    wanted = {"kind": "person", "scope_id": other_id, "label": "Hemlig"}
    feed_id = theirs.post("/api/v1/feeds", json=wanted).json()["id"]
    assert mine.patch(f"/api/v1/feeds/{feed_id}", json={"label": "X"}).status_code == 404
    assert mine.delete(f"/api/v1/feeds/{feed_id}").status_code == 404
    assert mine.submit("/prenumerera", f"/prenumerera/{feed_id}/avsluta").status_code == 404
    assert "Hemlig" not in mine.get("/prenumerera").text
    assert member.person.id != other_id


def test_the_api_makes_renames_and_clears_an_address(
    mine: Browser, member: Member, app: FastAPI
) -> None:
    wanted = {"kind": "function", "scope_id": member.function.id, "label": "A", "level": "busy"}
    made = mine.post("/api/v1/feeds", json=wanted)
    assert made.status_code == 201
    path = address_in(made.json()["url"])
    own = f"/api/v1/feeds/{made.json()['id']}"
    assert mine.patch(own, json={"label": "B"}).json()["label"] == "B"
    cleared = mine.delete(own, params={"ending": "clearing"}).json()
    assert cleared["clearing_until"] is not None
    assert read_events(browser(app).get(path).content) == []
    for bad in ({**wanted, "level": "full"}, {**wanted, "extra": 1}, {"kind": "person"}):
        answer = mine.post("/api/v1/feeds", json=bad)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


def test_one_event_is_a_file_for_those_who_may_see_it(
    app: FastAPI, mine: Browser, member: Member
) -> None:
    event_id = put(app, Scope(ScopeKind.FUNCTION, member.function.id))
    for path in (f"/handelser/{event_id}.ics", "/pass/s1/lagg-till.ics"):
        answer = mine.get(path)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        [event] = read_events(answer.content)
        assert str(event["SUMMARY"]) == "Nätverksträff"
        assert b"METHOD" not in answer.content
    assert str(read_events(mine.get(f"/en/handelser/{event_id}.ics").content)[0]["SUMMARY"]) == (
        "Network meeting"
    )
    database: Database = app.state.database
    with database.transaction() as session:
        guest_id = make_member(session, Role.GUEST).person.id
    guest = browser(app, guest_id)
    assert guest.get(f"/handelser/{event_id}.ics").status_code == 404
    assert guest.get("/traffar/m1/lagg-till.ics").status_code == 404
    assert browser(app).get(f"/handelser/{event_id}.ics").status_code == 303


def test_the_page_says_on_localhost_who_cannot_reach_it(
    app: FastAPI, mine: Browser, member: Member
) -> None:
    form = {"calendar": f"person:{member.person.id}", "level": "neutral", "label": "A"}
    word = "inte i Google Kalender eller Outlook på webben"
    assert word not in mine.submit("/prenumerera", "/prenumerera", form).text
    app.state.database.base_url = "http://127.0.0.1:8000"
    assert word in mine.submit("/prenumerera", "/prenumerera", form).text
