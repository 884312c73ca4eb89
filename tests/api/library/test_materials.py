"""A meeting's materials: https links, added by those who may change it, seen by those who see it."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault
from api.library import service
from api.library.models import Material
from api.library.service import Draft, Place
from api.meetings.models import Meeting
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.programme.models import Attendance, ProgrammeSession
from tests.factories import Member, make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import browser

LINK = "https://example.org/samrad"


def add(session: Session, meeting: Meeting, title: str = "Exempel", link: str = LINK) -> Material:
    return service.add(session, Place(meeting=meeting), Draft(title, link), "nch", now())


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://example.org/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https:///path",
        "//example.org/a",
        "https://name:secret@example.org/a",
        "https://example.org@evil.example/a",
        "https://example.org:x/a",
        "https://[::1/a",
        'https://example.org/"onclick=',
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org\\@evil.example",
        "https://example.org/" + "a" * 1000,
    ],
)
def test_only_a_whole_https_address_is_a_link(session: Session, link: str) -> None:
    meeting = make_meeting(session)
    with pytest.raises(FieldFault) as fault:
        add(session, meeting, link=link)
    assert fault.value.field == "address"
    assert service.materials_of(session, meeting.id) == ()


def test_a_link_has_a_name_and_is_there_once_and_the_list_has_an_end(session: Session) -> None:
    meeting, other = make_meeting(session), make_meeting(session)
    add(session, meeting, "  Om \n samråd ", f" {LINK} ")
    for title, link in ((" ", LINK + "/2"), ("a" * 121, LINK + "/2"), ("Igen", LINK)):
        with pytest.raises(FieldFault):
            add(session, meeting, title, link)
    add(session, other)  # another meeting may have the same
    for number in range(service.MOST - 1):
        add(session, meeting, link=f"{LINK}/{number}")
    with pytest.raises(ConflictError):
        add(session, meeting, link=f"{LINK}/more")
    found = service.materials_of(session, meeting.id)
    assert len(found) == service.MOST
    assert ("Om samråd", LINK) in {(one.title, one.address) for one in found}


def test_a_link_is_taken_away_and_the_log_keeps_both(session: Session) -> None:
    meeting = make_meeting(session)
    made = add(session, meeting)
    material_id = made.id
    service.remove(session, made, "nch")
    assert service.materials_of(session, meeting.id) == ()
    entries = session.exec(select(AuditEntry).where(AuditEntry.subject_id == material_id)).all()
    assert {entry.action for entry in entries} == {"added", "removed"}


def _network_meeting(app: FastAPI) -> tuple[str, Member, Member, Member]:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        member = make_member(session, Role.RC_MEMBER, rc_id="skaraborg")
        stranger = make_member(session, Role.RC_MEMBER, rc_id="jamtland")
        planner = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    with app.state.database.transaction() as session:
        group = Group(Layer.LIKENESS, ("fyrbodal", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
    with app.state.database.reading() as session:
        meeting_id = session.exec(select(Meeting)).one().id
    return meeting_id, member, stranger, planner


def test_a_member_adds_for_the_own_networks_meeting_and_nobody_outside_sees_it(
    app: FastAPI,
) -> None:
    meeting_id, member, stranger, planner = _network_meeting(app)
    path = f"/traffar/{meeting_id}/material"
    mine, other = browser(app, member.person.id), browser(app, stranger.person.id)
    wrong = mine.submit(path, path, {"title": "Exempel", "address": "www.example.org"})
    assert wrong.status_code == 422
    assert 'value="www.example.org"' in wrong.text
    form = {"title": "Exempel <b>samråd</b>", "address": LINK}
    assert mine.submit(path, path, form).headers["location"] == path
    for web in (mine, browser(app, planner.person.id)):
        for seen_on in ("/traffar", f"/traffar/{meeting_id}", path):
            page = web.get(seen_on).text
            assert f'href="{LINK}" rel="external noopener noreferrer"' in page, seen_on
            assert "Exempel &lt;b&gt;samråd&lt;/b&gt;" in page
    assert other.get(path).status_code == 404
    assert LINK not in other.get("/traffar").text
    form = {"title": "Exempel", "address": f"{LINK}/2"}
    assert other.submit("/traffar", path, form).status_code == 404
    with app.state.database.reading() as session:
        [found] = service.materials_of(session, meeting_id)
        remove = f"/bibliotek/{found.id}/ta-bort"
    assert other.submit("/traffar", remove).status_code == 404
    assert mine.submit(path, remove).status_code == 303
    assert LINK not in mine.get("/traffar").text


def test_everybody_reads_a_national_meetings_materials_but_only_planners_add_them(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER).person.id
        meeting = make_meeting(session)
        add(session, meeting)
        meeting_id = meeting.id
    mine = browser(app, member)
    assert LINK in mine.get(f"/traffar/{meeting_id}").text
    assert "Lägg till eller ta bort material" not in mine.get(f"/traffar/{meeting_id}").text
    assert mine.get(f"/traffar/{meeting_id}/material").status_code == 404
    assert (
        f'href="/traffar/{meeting_id}"' in mine.get("/bibliotek").text
    )  # and no link that is a 404
    assert f"/traffar/{meeting_id}/material" not in mine.get("/bibliotek").text
    found = mine.get("/sok?q=exempel").text
    assert f'href="/traffar/{meeting_id}"' in found
    assert f"/traffar/{meeting_id}/material" not in found


def test_a_guest_of_one_session_sees_no_materials(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        guest = make_member(session, Role.GUEST)
        meeting = make_meeting(session)
        add(session, meeting)
        planned = ProgrammeSession(
            meeting_id=meeting.id,
            key="k",
            title_sv="Exempel",
            title_en="Example",
            purpose_sv="Exempel",
            purpose_en="Example",
            task_sv="Exempel",
            task_en="Example",
            leader="Exempel",
            preparation_sv="Exempel",
            preparation_en="Example",
            format="talk",
        )
        session.add(planned)
        session.flush()
        session.add(Attendance(session_id=planned.id, function_id=guest.function.id))
        meeting_id, person_id = meeting.id, guest.person.id
    web = browser(app, person_id)
    page = web.get(f"/traffar/{meeting_id}")
    assert page.status_code == 200
    assert LINK not in page.text
    assert LINK not in web.get("/traffar").text


def test_materials_of_meetings_that_have_been_stay_in_sight_for_a_year(app: FastAPI) -> None:
    meeting_id, member, stranger, _ = _network_meeting(app)
    mine, other = browser(app, member.person.id), browser(app, stranger.person.id)
    heading = "Material från tidigare träffar"
    with app.state.database.transaction() as session:
        add(session, session.get_one(Meeting, meeting_id))
    assert heading not in mine.get("/traffar").text
    for days, is_seen in ((30, True), (364, True), (366, False)):
        with app.state.database.transaction() as session:
            meeting = session.get_one(Meeting, meeting_id)
            meeting.ends_at = now() - timedelta(days=days)
            meeting.starts_at = meeting.ends_at - timedelta(hours=2)
            session.add(meeting)
        assert (heading in mine.get("/traffar").text) is is_seen, days
        assert heading not in other.get("/traffar").text
