"""A co-host of another agency: one meeting whole, its links, and nothing more of anything."""

import re
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.accounts.models import BodyKind, Role
from api.audit.models import AuditEntry
from api.calendar import queries as calendar
from api.calendar.models import ScopeKind
from api.feeds.models import FeedToken
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.library.models import Material
from api.meetings import hosting
from api.meetings import service as meetings
from api.meetings.models import CoHost, Meeting
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.programme.service import to_calendars
from api.registry.service import import_shipped
from tests.api.test_policy_table import FIELDS, ROWS, UNKNOWN, Row
from tests.factories import make_body, make_function, make_meeting, make_member, make_person
from tests.web import HIDDEN, Browser, browser

# All that a co-host is let into, of every route that takes a meeting; links are the one thing to change.
OPEN = {
    ("GET", "/api/v1/meetings/{meeting_id}/materials"),
    ("GET", "/traffar/{meeting_id}"),
    ("GET", "/traffar/{meeting_id}/lagg-till.ics"),
    ("GET", "/traffar/{meeting_id}/material"),
    ("POST", "/traffar/{meeting_id}/material"),
    ("GET", "/traffar/{meeting_id}/andrat"),
    # What one cannot eat oneself: the co-host comes too.
    ("GET", "/api/v1/meetings/{meeting_id}/doors.xlsx"),
    ("GET", "/api/v1/meetings/{meeting_id}/programme.ics"),
    ("GET", "/traffar/{meeting_id}/kost"),
    ("POST", "/traffar/{meeting_id}/kost"),
    ("GET", "/api/v1/meetings/{meeting_id}"),
    ("GET", "/api/v1/meetings/{meeting_id}/programme"),
}


@dataclass(frozen=True)
class Made:
    """A meeting, another, and the police's post."""

    meeting: str
    other: str
    function: str
    person: str
    planner: str


def made(session: Session, role: Role = Role.GUEST) -> Made:
    police = make_body(session, BodyKind.GUEST, "Exempel Polisen")
    person = make_person(session)
    function = make_function(session, police, person, role)
    planner = make_member(session, Role.PLANNER)
    meeting, other = make_meeting(session), make_meeting(session)
    session.flush()
    return Made(meeting.id, other.id, function.id, person.id, planner.person.id)


def ask(web: Browser, row: Row, meeting_id: str) -> int:
    path = row.path.replace("{meeting_id}", meeting_id)
    if row.method == "GET":
        return int(web.get(path).status_code)
    if path.startswith("/api/"):
        return int(web.request(row.method, path, json=row.body).status_code)
    token = dict(HIDDEN.findall(web.get("/logga-in").text))["form_token"]
    return int(web.post(path, data={"form_token": token, **FIELDS}).status_code)


def has_event(session: Session, meeting_id: str, function_id: str) -> bool:
    event = calendar.event_of(session, "meeting", meeting_id)
    return event is not None and (ScopeKind.FUNCTION, function_id) in calendar.audience(
        session, event.id
    )


def test_a_co_host_is_let_into_one_meeting_and_its_links_and_into_nothing_else(
    app: FastAPI,
) -> None:
    """Every route that takes a meeting, asked by the police before, as co-host, of another, and after."""
    with app.state.database.transaction() as session:
        one = made(session)
    web = browser(app, one.person)
    rows = [row for row in ROWS if re.findall(r"{(\w+)}", row.path) == ["meeting_id"]]
    assert {(row.method, row.path) for row in rows} >= OPEN

    def let_in(meeting_id: str) -> set[tuple[str, str]]:
        answers = {(row.method, row.path): ask(web, row, meeting_id) for row in rows}
        assert max(answers.values()) < 500
        pages = {(row.method, row.path): row.form or row.path for row in rows}
        # An act or a file of the API is let in where its page is.
        return {(key[0], pages[key]) for key, status in answers.items() if status != 404}

    assert let_in(one.meeting) == set()
    with app.state.database.transaction() as session:
        hosting.add(session, session.get_one(Meeting, one.meeting), one.function, "nch", now())
    assert let_in(one.meeting) == OPEN
    assert let_in(one.other) == set()
    for path in ("/planera", "/logg", "/organisationer", "/rc", "/natverk", "/planera/utskick"):
        assert web.get(path).status_code == browser(app, _guest(app)).get(path).status_code, path
    with app.state.database.transaction() as session:
        hosting.remove(session, session.get_one(Meeting, one.meeting), one.function, "nch", now())
    assert let_in(one.meeting) == set()


def _guest(app: FastAPI) -> str:
    with app.state.database.transaction() as session:
        return make_member(session, Role.GUEST).person.id


def test_a_planner_chooses_a_co_host_who_adds_a_link_and_changes_nothing_else(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        one = made(session)
    planner, police = browser(app, one.planner), browser(app, one.person)
    page = f"/traffar/{one.meeting}/medvardar"
    assert planner.submit(page, page, {"function_id": one.function}).status_code == 303
    seen = police.get(f"/traffar/{one.meeting}")
    assert "Exempel Polisen" in seen.text
    assert "Du är medvärd för träffen" in seen.text
    for path in ("stall-in", "uppgifter", "tid", "skydd", "videolank", "inbjudningar", "medvardar"):
        assert f"/traffar/{one.meeting}/{path}" not in seen.text, path
    links = f"/traffar/{one.meeting}/material"
    answer = police.submit(
        links, links, {"title": "Exempel", "address": "https://example.org/polisen"}
    )
    assert answer.status_code == 303
    with app.state.database.reading() as session:
        assert len(session.exec(select(Material)).all()) == 1
        assert has_event(session, one.meeting, one.function)
        logged = session.exec(select(AuditEntry).where(AuditEntry.subject_kind == "co_host")).all()
        assert [entry.action for entry in logged] == ["added"]
    assert "Exempel Polisen" in planner.get(f"/en{page}").text
    gone = f"{page}/{one.function}/ta-bort"
    assert planner.submit(page, gone).status_code == 303
    assert police.get(f"/traffar/{one.meeting}").status_code == 404
    with app.state.database.reading() as session:
        assert not has_event(session, one.meeting, one.function)


def test_the_programme_keeps_the_co_hosts_calendar_and_shows_them_all_of_it(
    session: Session,
) -> None:
    one = made(session)
    meeting = session.get_one(Meeting, one.meeting)
    hosting.add(session, meeting, one.function, "nch", now())
    to_calendars(session, meeting, now())
    assert has_event(session, one.meeting, one.function)
    hosting.remove(session, meeting, one.function, "nch", now())
    to_calendars(session, meeting, now())
    assert not has_event(session, one.meeting, one.function)


def test_a_readers_post_that_is_co_host_sees_and_writes_nothing(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        one = made(session, Role.READER)
        hosting.add(session, session.get_one(Meeting, one.meeting), one.function, "nch", now())
    web = browser(app, one.person)
    assert web.get(f"/traffar/{one.meeting}").status_code == 200
    assert web.get(f"/traffar/{one.meeting}/material").status_code == 404
    assert ask(web, Row("POST", "/traffar/{meeting_id}/material", {}), one.meeting) == 404


def test_only_a_held_post_of_another_agency_becomes_co_host_and_once(session: Session) -> None:
    one = made(session)
    meeting = session.get_one(Meeting, one.meeting)
    rc = make_member(session, Role.RC_MEMBER, "exempel-rc")
    vacant = make_function(session, make_body(session, BodyKind.GUEST), None, Role.GUEST)
    session.flush()
    for function_id in (rc.function.id, vacant.id, UNKNOWN, ""):
        with pytest.raises(FieldFault):
            hosting.add(session, meeting, function_id, "nch", now())
    for _ in range(2):
        hosting.add(session, meeting, one.function, "nch", now())
    assert len(session.exec(select(CoHost)).all()) == 1
    with pytest.raises(MissingError):
        hosting.remove(session, session.get_one(Meeting, one.other), one.function, "nch", now())
    meetings.cancel(session, meeting, meeting.version, "nch", now())
    with pytest.raises(ConflictError):
        hosting.add(session, meeting, one.function, "nch", now())


def test_a_circles_meeting_opens_neither_the_circle_nor_its_people_to_its_co_host(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        one = made(session)
        import_shipped(session, "system")
        email = make_member(session, Role.RC_MEMBER, "skane").person.email
        publish_round(
            session,
            "Exempel",
            [Group(Layer.NEARNESS, ("skane", "orebro"), {}, 92.0)],
            "nch",
            now(),
        )
    with app.state.database.transaction() as session:
        meeting = session.exec(select(Meeting).where(col(Meeting.network_id).is_not(None))).one()
        hosting.add(session, meeting, one.function, "nch", now())
        network, meeting_id = meeting.network_id, meeting.id
    web = browser(app, one.person)
    seen = web.get(f"/traffar/{meeting_id}")
    assert seen.status_code == 200
    assert email not in seen.text
    assert web.get(f"/natverk/{network}").status_code == 404


def test_a_co_hosts_calendar_of_the_meeting_ends_with_the_right_to_it(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        one = made(session)
        hosting.add(session, session.get_one(Meeting, one.meeting), one.function, "nch", now())
    web = browser(app, one.person)
    page = f"/prenumerera?traff={one.meeting}"
    assert web.get(page).status_code == 200
    form = {"calendar": f"meeting:{one.meeting}", "label": "Exempel", "level": "neutral"}
    assert web.submit(page, "/prenumerera", form).status_code == 201
    with app.state.database.transaction() as session:
        hosting.remove(session, session.get_one(Meeting, one.meeting), one.function, "nch", now())
    with app.state.database.reading() as session:
        held = session.exec(select(FeedToken)).one()
        assert held.clearing_until is not None or held.revoked_at is not None
