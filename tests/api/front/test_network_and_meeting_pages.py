import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.db import Database
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.meetings.service import create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import AttributeFigure, Evidence
from api.programme.service import publish
from tests.api.meetings.test_meetings import DRAFT, NOW
from tests.api.programme.test_programme_service import _plan
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.web import browser

NEAR = ("fyrbodal", "skaraborg", "alvsborg")


def _evidence(*rc_ids: str) -> dict[str, object]:
    model = AttributeFigure("model", 3.0, 0.0, 1.0)
    area = AttributeFigure("log10_land_km2", 1.0, 0.7, 1.0)
    members = tuple((rc_id, 0.1) for rc_id in rc_ids)
    return Evidence((model, area), members, (), rc_ids, 92.0).to_json()


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


@pytest.fixture
def network_id(app: FastAPI, planner: Member) -> str:
    assert planner
    with app.state.database.transaction() as session:
        group = Group(Layer.LIKENESS, NEAR, _evidence(*NEAR), 92.0)
        publish_round(session, "one", [group], "nch", now())
        return networks.active_networks(session)[0].id


def _member(app: FastAPI, role: Role, rc_id: str | None = None) -> Member:
    with app.state.database.transaction() as session:
        made = make_member(session, role, rc_id=rc_id)
        session.flush()
        session.expunge_all()
    return made


def test_the_network_page_says_why_in_both_languages(
    app: FastAPI, planner: Member, network_id: str
) -> None:
    web = browser(app, planner.person.id)
    swedish = web.get(f"/natverk/{network_id}").text
    assert "Ni sitter i Barnahus, har kommit i gång och stöder yrkesverksamma" in swedish
    english = web.get(f"/en/natverk/{network_id}").text
    assert "You are in a Barnahus, are up and running and support professionals" in english
    assert '<html lang="en"' in english


def test_a_member_reads_contacts_and_decides_the_proposed_meeting(
    app: FastAPI, network_id: str
) -> None:
    member = _member(app, Role.RC_MEMBER, rc_id="skaraborg")
    web = browser(app, member.person.id)
    page = web.get(f"/natverk/{network_id}").text
    assert member.person.email in page

    path = re.search(r'action="(/traffar/[^"]+/bestam)"', page)
    assert path is not None
    version = {"version": "1"}
    assert web.submit(f"/natverk/{network_id}", path[1], version).status_code == 303
    with app.state.database.reading() as session:
        found = meetings.meetings_of_network(session, network_id)
        assert [meeting.state for meeting in found] == [MeetingState.PUBLISHED]
        where = f"/traffar/{found[0].id}"
    again = web.submit(where, path[1], version)
    assert again.status_code == 409
    # The meeting says whom it is for, and leads to their circle.
    page = web.get(where).text
    assert "Fyrbodal, Västra Götaland – Skaraborg och Västra Götaland – Älvsborg" in page
    assert f'href="/natverk/{network_id}"' in page.partition("</nav>")[2]


def test_strangers_and_guests_do_not_find_the_network(app: FastAPI, network_id: str) -> None:
    for role, rc_id in ((Role.RC_MEMBER, "dalarna"), (Role.GUEST, None)):
        stranger = _member(app, role, rc_id)
        assert browser(app, stranger.person.id).get(f"/natverk/{network_id}").status_code == 404
    anonymous = browser(app).get(f"/natverk/{network_id}")
    assert anonymous.status_code == 303
    assert anonymous.headers["location"].startswith("/logga-in?")


def _national(session: Session, guest: Member) -> str:
    meeting = create(session, DRAFT, "nch", NOW)
    publish(session, meeting, _plan(law=frozenset({guest.function.id})), "nch", now())
    return meeting.id


def test_a_guest_reads_one_session_and_nothing_else_of_the_meeting(
    app: FastAPI, planner: Member
) -> None:
    guest = _member(app, Role.GUEST)
    with app.state.database.transaction() as session:
        meeting_id = _national(session, guest)
    page = browser(app, guest.person.id).get(f"/traffar/{meeting_id}").text
    assert "Du är inbjuden till det här" in page
    assert "Juridik" in page
    assert "Fall" not in page
    assert "Min agenda att skriva ut" in page
    agenda = browser(app, guest.person.id).get(f"/traffar/{meeting_id}/min-agenda").text
    assert "Juridik" in agenda
    assert "Läs underlaget" in agenda
    assert "Fall" not in agenda
    nothing = browser(app, planner.person.id).get(f"/traffar/{meeting_id}/min-agenda")
    assert nothing.status_code == 404, "who attends nothing has no agenda"
    whole = browser(app, planner.person.id).get(f"/traffar/{meeting_id}").text
    for said in (
        "Uppstart",
        "Att veta vad som gäller",
        "Diskutera tre frågor",
        "Läs underlaget",
        "Fall",
    ):
        assert said in whole


def test_a_meeting_is_called_off_from_its_page(app: FastAPI, planner: Member) -> None:
    guest = _member(app, Role.GUEST)
    with app.state.database.transaction() as session:
        meeting_id = _national(session, guest)
    web = browser(app, planner.person.id)
    where = f"/traffar/{meeting_id}"
    assert web.submit(where, f"{where}/stall-in", {"version": "1"}).status_code == 303
    assert "inställd" in web.get(where).text


def _queries(app: FastAPI, planner: Member, path: str) -> int:
    database: Database = app.state.database
    web, count = browser(app, planner.person.id), [0]

    def counted(*_: object) -> None:
        count[0] += 1

    event.listen(database.engine, "before_cursor_execute", counted)
    assert web.get(path).status_code == 200
    event.remove(database.engine, "before_cursor_execute", counted)
    return count[0]


@pytest.mark.both_databases
def test_lists_need_as_many_queries_for_one_row_as_for_five(app: FastAPI, planner: Member) -> None:
    counts = {}
    for number in (1, 5):
        with app.state.database.transaction() as session:
            rcs = [f"x{number}{letter}" for letter in "abcdefghijklmno"]
            groups = [Group(Layer.NEARNESS, NEAR, _evidence(*NEAR), 92.0) for _ in rcs[:number]]
            publish_round(session, f"round {number}", groups, "nch", now() + timedelta(days=number))
        counts[number] = [_queries(app, planner, path) for path in ("/natverk",)]
    assert counts[1] == counts[5]
