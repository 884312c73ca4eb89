"""A signed-in person's own places: answered and passed on from Mina träffar, by those whose they are."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Function, Role
from api.audit.models import AuditEntry
from api.calendar.models import Event
from api.invitations import queries, service
from api.invitations.models import Invitation, Partstat
from api.kit.clock import now
from api.kit.db import Database
from api.outbox import queries as outbox
from tests.factories import make_meeting, make_member, make_person
from tests.promises import keeps
from tests.web import Browser, browser


@dataclass
class Circle:
    """A national meeting, a function with holder and deputy, its invitation, and a stranger."""

    app: FastAPI
    database: Database
    meeting_id: str
    invitation_id: str
    holder: Browser
    deputy: Browser
    stranger: Browser
    names: dict[str, str]
    addresses: dict[str, str]

    @property
    def path(self) -> str:
        return f"/inbjudan/{self.invitation_id}"

    def invited(self) -> Invitation:
        with self.database.reading() as session:
            found = queries.invitation(session, self.invitation_id)
            assert found is not None
            session.expunge(found)
            return found

    def send(self, who: Browser, name: str, address: str) -> str:
        form = {"name": name, "address": address}
        answer = who.submit(self.path, f"{self.path}/ersattare", form)
        assert answer.status_code == 200
        return str(answer.text)


@pytest.fixture
def circle(app: FastAPI) -> Circle:
    database: Database = app.state.database
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "skane")
        stranger = make_member(session, Role.RC_MEMBER, "jamtland")
        deputy = make_person(session, "Exempel Ersättare")
        member.function.deputy_id = deputy.id
        session.add(member.function)
        meeting = make_meeting(session)
        event = session.exec(select(Event).where(Event.subject_id == meeting.id)).one()
        invited = service.invite(session, event, member.function, now())
        assert invited is not None
        ids = (member.person.id, deputy.id, stranger.person.id)
        names = {"holder": member.person.name, "deputy": deputy.name}
        addresses = {"holder": member.person.email, "deputy": deputy.email}
        meeting_id, invitation_id = meeting.id, invited.id
    holder, second, other = (browser(app, one) for one in ids)
    return Circle(app, database, meeting_id, invitation_id, holder, second, other, names, addresses)


def test_an_invitation_is_answered_on_the_list_of_own_meetings_and_leads_back(
    circle: Circle,
) -> None:
    page = circle.holder.get("/traffar").text
    assert "Du har inte svarat än." in page
    assert f'action="{circle.path}"' in page
    form = {"partstat": "ACCEPTED", "back": "list"}
    said = circle.holder.submit("/traffar", circle.path, form)
    assert (said.status_code, said.headers["location"]) == (303, "/traffar")
    assert circle.invited().partstat is Partstat.ACCEPTED
    page = circle.holder.get("/traffar").text
    assert "Du har svarat att du kommer." in page
    assert f'action="{circle.path}"' not in page  # answered: the buttons are behind the link
    assert "You have answered that you are coming." in circle.holder.get("/en/traffar").text
    assert "Ditt svar" in circle.holder.get(f"/traffar/{circle.meeting_id}").text
    changed = circle.holder.submit(circle.path, circle.path, {"partstat": "DECLINED"})
    assert changed.headers["location"] == circle.path
    assert circle.invited().partstat is Partstat.DECLINED


def test_the_log_names_the_person_who_answered_or_passed_the_place_on(circle: Circle) -> None:
    circle.holder.submit(circle.path, circle.path, {"partstat": "ACCEPTED"})
    circle.send(circle.deputy, circle.names["deputy"], circle.addresses["deputy"])
    with circle.database.reading() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.subject_id == circle.invitation_id)
        ).all()
        function = session.exec(
            select(Function).join(Invitation).where(Invitation.id == circle.invitation_id)
        ).one()
        by = {entry.action: entry.actor for entry in entries}
        assert by == {"answered": function.holder_id, "substituted": function.deputy_id}


@keeps(
    "%(name)s får nu inbjudan till %(title)s. Du får ett mejl om att din egen plats är borttagen.",
    "%(before)s får ett mejl om att platsen är borttagen.",
    "Du har nu en plats på %(title)s och får en inbjudan med mejl.",
    "Länken är personlig. Vill du att någon annan kommer i stället? Välj det på sidan, så får den personen en egen inbjudan.",
    "Den som du skriver in får platsen och en inbjudan. Den som hade platsen får ett mejl.",
)
def test_the_deputy_is_one_press_away_and_the_holder_takes_the_place_back(circle: Circle) -> None:
    deputy, holder = circle.names["deputy"], circle.names["holder"]
    assert f"Skicka {deputy} i stället" in circle.holder.get(circle.path).text
    thanks = circle.send(circle.holder, deputy, circle.addresses["deputy"])
    assert f"{deputy} får nu inbjudan" in thanks
    assert "Du får ett mejl om att din egen plats är borttagen." in thanks
    page = circle.holder.get("/traffar").text
    assert f"{deputy} har platsen och har inte svarat än." in page
    assert "Jag kommer" not in page
    assert "Du har inte svarat än." in circle.deputy.get("/traffar").text
    back = circle.holder.get(circle.path).text
    assert "Jag tar platsen" in back
    assert f"Hade platsen tidigare: {holder}." in back
    thanks = circle.send(circle.holder, holder, circle.addresses["holder"])
    assert "Du har nu en plats på" in thanks
    assert f"{deputy} får ett mejl om att platsen är borttagen." in thanks
    assert circle.invited().address == circle.addresses["holder"]


def test_nobody_answers_for_another_person_though_the_function_is_shared(circle: Circle) -> None:
    token = {"partstat": "ACCEPTED"}
    assert circle.deputy.get(circle.path).status_code == 200
    assert circle.deputy.submit(circle.path, circle.path, token).status_code == 404
    assert circle.invited().partstat is Partstat.NEEDS_ACTION


def test_a_place_is_not_there_for_strangers_and_a_substitute_sees_only_the_place(
    circle: Circle,
) -> None:
    assert circle.stranger.get(circle.path).status_code == 404
    assert circle.path not in circle.stranger.get("/traffar").text
    answer = circle.stranger.submit("/traffar", circle.path, {"partstat": "DECLINED"})
    assert answer.status_code == 404
    form = {"name": "X", "address": "x@example.org"}
    assert circle.stranger.submit("/traffar", f"{circle.path}/ersattare", form).status_code == 404
    assert circle.invited().address == circle.addresses["holder"]
    with circle.database.transaction() as session:
        outsider = make_member(session, Role.GUEST)
        name, address, person_id = outsider.person.name, outsider.person.email, outsider.person.id
    circle.send(circle.holder, name, address)
    guest = browser(circle.app, person_id)
    assert "Du är inbjuden till" in guest.get("/traffar").text
    page = guest.get(circle.path).text
    assert circle.names["deputy"] not in page  # who else holds the function is not theirs to know
    assert circle.addresses["deputy"] not in page
    assert guest.submit(circle.path, circle.path, {"partstat": "ACCEPTED"}).status_code == 303
    assert circle.invited().partstat is Partstat.ACCEPTED


def test_the_first_page_leads_the_person_asked_to_the_answer_and_not_the_deputy(
    circle: Circle,
) -> None:
    assert f'href="{circle.path}"' in circle.holder.get("/").text
    assert circle.path not in circle.deputy.get("/").text
    circle.holder.submit(circle.path, circle.path, {"partstat": "TENTATIVE"})
    assert circle.path not in circle.holder.get("/").text


def test_a_faulty_address_is_shown_again_and_nobody_is_mailed(circle: Circle) -> None:
    with circle.database.reading() as session:
        before = len(outbox.newest(session, None, 50))
    form = {"name": "A", "address": "nobody"}
    wrong = circle.holder.submit(circle.path, f"{circle.path}/ersattare", form)
    assert wrong.status_code == 422
    assert 'value="nobody"' in wrong.text
    with circle.database.reading() as session:
        assert len(outbox.newest(session, None, 50)) == before


def test_a_place_taken_back_by_the_planner_is_gone(circle: Circle) -> None:
    with circle.database.transaction() as session:
        found = queries.invitation(session, circle.invitation_id)
        assert found is not None
        service.withdraw(session, found, now())
    assert circle.holder.get(circle.path).status_code == 404
    assert circle.path not in circle.holder.get("/traffar").text


def test_what_is_over_or_off_is_neither_listed_nor_answered(circle: Circle) -> None:
    with circle.database.transaction() as session:
        event = session.exec(select(Event).where(Event.subject_id == circle.meeting_id)).one()
        event.starts_at, event.ends_at = (now() - timedelta(hours=h) for h in (3, 1))
        session.add(event)
    assert circle.path not in circle.holder.get("/traffar").text
    answer = circle.holder.submit(circle.path, circle.path, {"partstat": "ACCEPTED"})
    assert answer.status_code == 409
    assert circle.invited().partstat is Partstat.NEEDS_ACTION
