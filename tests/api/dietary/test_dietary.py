"""Dietary needs: told by oneself, seen without names by planners, forgotten as soon as they serve nothing."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.calendar import queries as calendar
from api.dietary import service
from api.dietary.models import Diet, DietaryNeed
from api.invitations import queries as places
from api.invitations import service as invitations
from api.kit.clock import now, to_local
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm
from api.meetings.service import cancel, move
from api.outbox import queries as outbox
from tests.factories import make_meeting, make_member, make_person
from tests.mailbox import text_of
from tests.web import Browser, browser


def _told(session: Session) -> dict[str, tuple[str, str]]:
    session.flush()
    rows = session.exec(select(DietaryNeed))
    return {row.address: (row.diets, row.other) for row in rows}


def test_telling_replaces_and_an_empty_form_forgets(session: Session) -> None:
    meeting, person = make_meeting(session), make_person(session)
    service.tell(session, meeting, person.email.upper(), ["nuts", "vegan"], " inget  ris ", now())
    assert _told(session) == {person.email: ("vegan nuts", "inget ris")}
    needs = service.needs_of(session, meeting.id, person.email)
    assert needs == service.Needs(frozenset({Diet.VEGAN, Diet.NUTS}), "inget ris")
    service.tell(session, meeting, person.email, ["eggs"], "", now())
    assert _told(session) == {person.email: ("eggs", "")}
    service.tell(session, meeting, person.email, [], "  ", now())
    assert _told(session) == {}


def test_what_is_unknown_or_too_long_is_refused(session: Session) -> None:
    meeting = make_meeting(session)
    with pytest.raises(FieldFault):
        service.tell(session, meeting, "a@example.org", ["cake"], "", now())
    with pytest.raises(FieldFault):
        service.tell(session, meeting, "a@example.org", [], "x" * 201, now())
    assert _told(session) == {}


def test_nothing_is_asked_where_nothing_is_eaten(session: Session) -> None:
    digital, past = make_meeting(session, MeetingForm.DIGITAL), make_meeting(session)
    for meeting, moment in ((digital, now()), (past, past.ends_at + timedelta(minutes=1))):
        with pytest.raises(ConflictError):
            service.tell(session, meeting, "a@example.org", ["vegan"], "", moment)


def test_the_kitchen_gets_numbers_most_common_first(session: Session) -> None:
    meeting, other = make_meeting(session), make_meeting(session)
    for name, diets, words in (
        ("a", ["vegan", "nuts"], ""),
        ("b", ["nuts"], "selleri"),
        ("c", [], "selleri"),
    ):
        service.tell(session, meeting, f"{name}@example.org", diets, words, now())
    service.tell(session, other, "a@example.org", ["fish"], "", now())
    found = service.for_the_kitchen(session, meeting.id)
    assert found == service.KitchenList(3, ((Diet.NUTS, 2), (Diet.VEGAN, 1)), (("selleri", 2),))


def test_a_moved_meeting_moves_the_day_of_erasing_and_a_cancelled_one_is_forgotten(
    app: FastAPI,
) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        meeting = make_meeting(session)
        service.tell(session, meeting, "a@example.org", ["vegan"], "", now())
        meeting_id = meeting.id
    with database.transaction() as session:
        found = meetings.meeting(session, meeting_id)
        assert found is not None
        later = found.starts_at + timedelta(days=60)
        move(session, found, later, later + timedelta(hours=2), 1, "system", now())
    with database.transaction() as session:
        found = meetings.meeting(session, meeting_id)
        assert found is not None
        [need] = session.exec(select(DietaryNeed))
        assert need.erase_on == to_local(found.ends_at).date() + timedelta(days=30)
        cancel(session, found, found.version, "system", now())
    with database.reading() as session:
        assert session.exec(select(DietaryNeed)).all() == []


@dataclass
class Invited:
    """Somebody with an invitation's link, and the planner."""

    database: Database
    client: Browser
    path: str
    meeting_id: str
    address: str
    person_id: str
    planner: Browser

    def told(self) -> dict[str, tuple[str, str]]:
        with self.database.reading() as session:
            return _told(session)


@pytest.fixture
def invited(app: FastAPI) -> Invited:
    database: Database = app.state.database
    with database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        member = make_member(session, Role.RC_MEMBER, "skane")
        meeting = make_meeting(session)
        event = calendar.event_of(session, "meeting", meeting.id)
        assert event is not None
        assert invitations.invite(session, event, member.function, now())
        [mail] = outbox.newest(session, None, 5)
        found = re.search(r"/svar/[A-Za-z0-9_-]{43}", text_of(mail))
        assert found is not None
        person_id, address, meeting_id = member.person.id, member.person.email, meeting.id
    return Invited(
        database=database,
        client=browser(app),
        path=found[0],
        meeting_id=meeting_id,
        address=address,
        person_id=person_id,
        planner=browser(app, planner),
    )


def test_an_invitee_tells_behind_the_mailed_link_and_the_planner_sees_no_name(
    invited: Invited,
) -> None:
    action = f"{invited.path}/kost"
    form = {"diets": "gluten", "other": "inget med koriander"}
    said = invited.client.submit(invited.path, action, form)
    assert (said.status_code, said.headers["location"]) == (303, f"{invited.path}#kost")
    mine = invited.client.get(invited.path).text
    assert 'value="inget med koriander"' in mine
    assert re.search(r'value="gluten" checked', mine)
    seen = invited.planner.get(f"/traffar/{invited.meeting_id}/inbjudningar").text
    kitchen = seen.split('id="kitchen"')[1]
    assert "glutenfri: 1" in kitchen
    assert "inget med koriander: 1" in kitchen
    assert "1 person har särskild kost" in kitchen
    assert "Exempel Person" not in kitchen
    long = invited.client.submit(invited.path, action, {"other": "y" * 201})
    assert long.status_code == 422
    assert "Högst 200 tecken." in long.text


def test_a_signed_in_person_tells_on_the_meetings_page_and_sees_the_own_needs_only(
    invited: Invited, app: FastAPI
) -> None:
    page = f"/traffar/{invited.meeting_id}/kost"
    mine = browser(app, invited.person_id)
    assert page in mine.get(f"/traffar/{invited.meeting_id}").text
    assert mine.submit(page, page, {"diets": "vegan"}).status_code == 303
    assert 'value="vegan" checked' in mine.get(page).text
    assert 'value="vegan" checked' in invited.client.get(invited.path).text
    assert "checked" not in invited.planner.get(page).text
    assert mine.get(f"/traffar/{invited.meeting_id}/inbjudningar").status_code == 404
    with invited.database.transaction() as session:
        guest = make_member(session, Role.GUEST).person.id
    assert browser(app, guest).get(page).status_code == 404


@pytest.mark.parametrize("how", ["declines", "is substituted", "is withdrawn"])
def test_the_needs_of_whoever_does_not_come_are_forgotten(invited: Invited, how: str) -> None:
    invited.client.submit(invited.path, f"{invited.path}/kost", {"diets": "nuts"})
    assert invited.told() == {invited.address: ("nuts", "")}
    if how == "declines":
        invited.client.submit(invited.path, invited.path, {"partstat": "DECLINED"})
        assert "Mat och allergier" not in invited.client.get(invited.path).text
    elif how == "is substituted":
        form = {"name": "Exempel B", "address": "b@example.org"}
        invited.client.submit(invited.path, f"{invited.path}/ersattare", form)
    else:
        with invited.database.transaction() as session:
            event = calendar.event_of(session, "meeting", invited.meeting_id)
            assert event is not None
            found = places.at_address(session, event.id, invited.address)
            assert found is not None
            invitations.withdraw(session, found, now())
    assert invited.told() == {}


def test_no_other_table_and_no_log_learns_of_it(invited: Invited) -> None:
    with invited.database.reading() as session:
        before = len(session.exec(select(AuditEntry)).all())
    invited.client.submit(invited.path, f"{invited.path}/kost", {"other": "selleri"})
    with invited.database.reading() as session:
        assert len(session.exec(select(AuditEntry)).all()) == before
