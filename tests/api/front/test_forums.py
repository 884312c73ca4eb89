"""A forum by role: its members, whom to ring, and its meetings, for those in it and for planners."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts import directory
from api.accounts.models import BodyKind, FunctionKind, Role
from api.calendar.models import Event, EventAudience, ScopeKind
from api.kit.clock import now, to_local
from api.meetings import queries as meetings
from api.meetings.models import MeetingKind
from api.meetings.service import first_working_day
from api.outbox.models import Mail
from tests.factories import make_body, make_member, make_person
from tests.promises import keeps
from tests.web import browser

PAGE = "/forum/samverkansforum"


@pytest.fixture
def people(app: FastAPI) -> dict[str, str]:
    """The ids of a planner, a project leader, a coordinator, and the leader's function."""
    with app.state.database.transaction() as session:
        leader = make_person(session, name="Exempel Projektledare")
        board = make_body(session, BodyKind.COUNTY_BOARD, "Länsstyrelsen Exempel")
        function = directory.create_function(
            session, board, FunctionKind.PROJECT_LEADER, "Projektledare", Role.READER, holder=leader
        )
        return {
            "planner": make_member(session, Role.PLANNER).person.id,
            "coordinator": make_member(session, Role.RC_MEMBER).person.id,
            "leader": leader.id,
            "function": function.id,
        }


def test_a_planner_books_a_meeting_that_reaches_the_forum_alone(
    app: FastAPI, people: dict[str, str]
) -> None:
    day = first_working_day(to_local(now() + timedelta(weeks=8)).date())
    web = browser(app, people["planner"])
    sent = {"day": str(day), "starts": "09:00", "ends": "11:00", "form": "digital"}
    refused = web.submit(PAGE, f"{PAGE}/traffar", sent)
    assert refused.status_code == 422
    assert "Utan det går den inte att publicera" in refused.text
    assert 'value="09:00"' in refused.text
    booked = web.submit(PAGE, f"{PAGE}/traffar", {**sent, "focus_sv": "Exempel: läget i länen"})
    assert booked.status_code == 303
    with app.state.database.reading() as session:
        (made,) = meetings.meetings_of_kind(session, MeetingKind.SAMVERKANSFORUM, now())
        event = session.exec(select(Event).where(Event.subject_id == made.id)).one()
        rows = session.exec(select(EventAudience).where(EventAudience.event_id == event.id))
        scopes = {(row.scope_kind, row.scope_id) for row in rows}
    assert (ScopeKind.FUNCTION, people["function"]) in scopes
    assert {kind for kind, _ in scopes} == {ScopeKind.FUNCTION, ScopeKind.MEETING}
    assert booked.headers["location"] in browser(app, people["leader"]).get(PAGE).text
    assert browser(app, people["coordinator"]).get(booked.headers["location"]).status_code == 404


def test_a_holiday_in_a_fault_is_named_in_the_readers_language(
    app: FastAPI, people: dict[str, str]
) -> None:
    sent = {"day": "2027-12-24", "starts": "09:00", "ends": "11:00", "form": "digital"}
    web = browser(app, people["planner"])
    for language, name in (("", "Julafton"), ("/en", "Christmas Eve")):
        refused = web.submit(f"{language}{PAGE}", f"{language}{PAGE}/traffar", sent)
        assert refused.status_code == 422
        assert name.lower() in refused.text.lower()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("day", "2027-12-24", "helgdag"),
        ("day", "i morgon", "Välj en dag"),
        ("day", "0001-01-01", "Välj en dag"),
        ("ends", "08:00", "sluta efter"),
        ("form", "in_person", "vilken ort"),
        ("form", "brev", "sätt att ses"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    app: FastAPI, people: dict[str, str], field: str, value: str, said: str
) -> None:
    sent = {"day": "2027-11-16", "starts": "09:00", "ends": "11:00", "form": "digital"}
    sent |= {"focus_sv": "Exempel", field: value}
    refused = browser(app, people["planner"]).submit(PAGE, f"{PAGE}/traffar", sent)
    assert refused.status_code == 422
    assert said in refused.text


def test_only_those_in_it_and_planners_see_a_forum(app: FastAPI, people: dict[str, str]) -> None:
    seen = {who: browser(app, people[who]) for who in ("planner", "leader", "coordinator")}
    assert "Exempel Projektledare" in seen["leader"].get(PAGE).text
    assert "Boka en träff" not in seen["leader"].get(PAGE).text
    assert "Föreslå en träff" in seen["leader"].get(PAGE).text
    assert seen["coordinator"].get(PAGE).status_code == 404
    assert seen["planner"].get("/forum/annat").status_code == 404
    assert PAGE in seen["leader"].get("/natverk").text
    assert PAGE not in seen["coordinator"].get("/natverk").text


@keeps(
    "Alla som har en funktion här ovan får en inbjudan med mejl.",
    "Förslaget syns i era kalendrar. NCH bestämmer tiden, och då får alla som har en funktion här ovan en inbjudan.",
)
def test_booking_invites_those_in_it_and_a_members_proposal_waits_for_a_planner(
    app: FastAPI, people: dict[str, str]
) -> None:
    day = first_working_day(to_local(now() + timedelta(weeks=8)).date())
    sent = {"day": str(day), "starts": "09:00", "ends": "11:00", "form": "digital"}
    sent |= {"focus_sv": "Exempel: läget i länen"}
    proposed = browser(app, people["leader"]).submit(PAGE, f"{PAGE}/traffar", sent)
    assert proposed.status_code == 303
    assert _mails(app) == []
    path = proposed.headers["location"].partition("?")[0]
    planner = browser(app, people["planner"])
    assert "1 person får inbjudan per mejl:" in planner.get(path).text
    planner.submit(path, f"{path}/bestam", {"version": "1"})
    assert len(_mails(app)) == 1
    planner.submit(PAGE, f"{PAGE}/traffar", {**sent, "starts": "13:00", "ends": "15:00"})
    assert len(_mails(app)) == 2


def _mails(app: FastAPI) -> list[str]:
    with app.state.database.reading() as session:
        return [mail.recipient for mail in session.exec(select(Mail))]
