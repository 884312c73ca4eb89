"""The answer page: opening changes nothing, a click answers, a substitute takes over; the planner's page."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.calendar import queries as calendar
from api.calendar.models import ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.invitations import queries, service
from api.invitations.delivery import choose
from api.invitations.models import Delivery, Partstat
from api.invitations.replies import receive
from api.kit.clock import now, to_local
from api.kit.db import Database
from api.kit.i18n import Speaker, tied
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.outbox import queries as outbox
from tests.factories import make_member
from tests.mailbox import text_of
from tests.web import Browser, browser


@dataclass
class Asked:
    """Somebody with an invitation's link."""

    database: Database
    client: Browser
    path: str
    invitation_id: str
    person_id: str

    def partstat(self) -> Partstat:
        with self.database.reading() as session:
            found = queries.invitation(session, self.invitation_id)
            assert found is not None
            return found.partstat


@pytest.fixture
def asked(app: FastAPI) -> Asked:
    database: Database = app.state.database
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "skane")
        start = now() + timedelta(days=20)
        details = EventDetails(
            neutral_sv="Nätverksträff",
            neutral_en="Network meeting",
            title_sv="Träff om samråd",
            title_en="Meeting on consultation",
            page="/traffar/m1",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            agenda_sv="Syfte: lära <b>av</b> varandra",
        )
        scope = Scope(ScopeKind.FUNCTION, member.function.id)
        event = put_event(session, Subject("meeting", "m1"), details, {scope}, now())
        invited = service.invite(session, event, member.function, now())
        assert invited is not None
        [mail] = outbox.newest(session, None, 5)
        found = re.search(r"/svar/[A-Za-z0-9_-]{43}", text_of(mail))
        assert found is not None
        return Asked(database, browser(app), found[0], invited.id, member.person.id)


def test_opening_the_link_changes_nothing_and_a_click_answers(asked: Asked) -> None:
    page = asked.client.get(asked.path)
    assert page.status_code == 200
    assert "Träff om samråd" in page.text
    assert "lära &lt;b&gt;av&lt;/b&gt; varandra" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert asked.partstat() is Partstat.NEEDS_ACTION
    for answer in (Partstat.ACCEPTED, Partstat.DECLINED, Partstat.ACCEPTED):
        said = asked.client.submit(asked.path, asked.path, {"partstat": answer.value})
        assert (said.status_code, said.headers["location"]) == (303, asked.path)
        assert asked.partstat() is answer
    assert "Du har svarat att du kommer." in asked.client.get(asked.path).text
    assert "You have answered that you are coming." in asked.client.get(f"/en{asked.path}").text


def test_a_post_without_our_form_or_with_another_answer_is_refused(asked: Asked) -> None:
    assert asked.client.post(asked.path, data={"partstat": "ACCEPTED"}).status_code == 403
    assert asked.client.submit(asked.path, asked.path, {"partstat": "X"}).status_code == 422
    assert asked.partstat() is Partstat.NEEDS_ACTION


def test_unknown_links_are_404(asked: Asked) -> None:
    assert asked.client.get(f"/svar/{'x' * 43}").status_code == 404
    assert asked.client.get("/svar/x").status_code == 404


def test_a_substitute_takes_the_place_and_the_link_ends(asked: Asked) -> None:
    action = f"{asked.path}/ersattare"
    wrong = asked.client.submit(asked.path, action, {"name": "A", "address": "nobody"})
    assert wrong.status_code == 422
    assert "nobody ser inte ut som en e-postadress." in wrong.text
    assert 'value="nobody"' in wrong.text
    right = asked.client.submit(asked.path, action, {"name": "Exempel B", "address": "b@x.se"})
    assert right.status_code == 200
    assert "Exempel B" in right.text
    assert asked.client.get(asked.path).status_code == 410


def test_planners_invite_limit_and_see_who_comes_and_others_do_not(
    asked: Asked, app: FastAPI
) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        receive(session, b"From: x@example.org\r\nMessage-ID: <1@x>\r\n\r\nHej", now())
        reply_id = queries.replies_for_a_person(session)[0].id
        invited = queries.invitation(session, asked.invitation_id)
        assert invited is not None
        event_id = invited.event_id
    path = "/traffar/m1/inbjudningar"
    assert browser(app, asked.person_id).get(path).status_code == 404
    planner = browser(app, planner_id)
    page = planner.get(path).text
    assert "Inget svar" in page
    assert "x@example.org" in page
    seats = {"event_id": event_id, "seats": "5"}
    assert planner.submit(path, "/traffar/m1/platser", seats).status_code == 303
    assert "av 5 platser" in planner.get(path).text
    assert planner.submit(path, path, {"event_id": event_id}).status_code == 303
    assert planner.submit(path, path, {"event_id": "unknown"}).status_code == 404
    assert planner.submit(path, f"/inbjudningar/svar/{reply_id}/klart").status_code == 303
    assert "x@example.org" not in planner.get(path).text


def test_a_person_chooses_between_invitations_and_a_feed(asked: Asked, app: FastAPI) -> None:
    mine = browser(app, asked.person_id)
    form = {"delivery": "feed", "digest": "yes"}
    refused = mine.submit("/prenumerera", "/prenumerera/leverans", form)
    assert (refused.status_code, "Skapa först en kalenderlänk" in refused.text) == (422, True)
    wanted = {"kind": "person", "scope_id": asked.person_id, "label": "Min Outlook"}
    assert mine.post("/api/v1/feeds", json=wanted).status_code == 201
    assert mine.submit("/prenumerera", "/prenumerera/leverans", form).status_code == 303
    with asked.database.reading() as session:
        chosen = queries.choice(session, asked.person_id)
        assert chosen is not None
        assert (chosen.delivery, chosen.has_digest) == (Delivery.FEED, True)
        assert queries.wanting_digest(session) == [asked.person_id]


def test_subscribing_to_the_own_calendar_takes_invitations_out_of_it(
    asked: Asked, app: FastAPI
) -> None:
    mine = browser(app, asked.person_id)
    wanted = {"kind": "person", "scope_id": asked.person_id, "label": "Min Outlook"}
    assert mine.post("/api/v1/feeds", json=wanted).status_code == 201
    with asked.database.reading() as session:
        chosen = queries.choice(session, asked.person_id)
        assert chosen is not None
        assert chosen.delivery is Delivery.FEED


def test_the_draft_shows_the_exact_recipients_and_only_they_are_invited(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        first, second = (make_member(session, Role.RC_MEMBER) for _ in range(2))
        start = now() + timedelta(days=20)
        details = EventDetails(
            neutral_sv="Nätverksträff",
            neutral_en="Network meeting",
            title_sv="Träff om samråd",
            title_en="Meeting on consultation",
            page="/traffar/m2",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            agenda_sv="Syfte: lära av varandra",
        )
        scopes = {Scope(ScopeKind.FUNCTION, one.function.id) for one in (first, second)}
        event = put_event(session, Subject("meeting", "m2"), details, scopes, now())
        event_id = event.id
        service.limit_seats(session, event_id, 1, now())
        choose(session, second.person.id, Delivery.FEED, now())
        asked_first, asked_second = first.person.email, second.person.email
    path = "/traffar/m2/inbjudningar"
    draft = f"{path}/utkast?event_id={event_id}"
    planner = browser(app, planner_id)
    assert draft in planner.get(path).text
    page = planner.get(draft).text
    assert {asked_first in page, asked_second in page} == {True}
    assert page.count("Får mejlet när en plats blir ledig") == 1
    assert "Syfte: lära av varandra" in page
    assert "Hej …!" in page
    with app.state.database.transaction() as session:  # somebody more is concerned meanwhile
        late = make_member(session, Role.RC_MEMBER)
        asked_late = late.person.email
        scopes.add(Scope(ScopeKind.FUNCTION, late.function.id))
        put_event(session, Subject("meeting", "m2"), details, scopes, now())
        assert outbox.newest(session, None, 5) == []
    found = re.search(r'name="recipients" value="([^"]+)"', page)
    assert found is not None
    form = {"event_id": event_id, "recipients": found[1]}
    assert planner.submit(draft, path, form).status_code == 303
    with app.state.database.reading() as session:
        invited = {one.address for one in queries.of_event(session, event_id)}
        assert invited == {asked_first, asked_second}
        assert len(outbox.newest(session, None, 5)) == 1
    assert asked_late in planner.get(draft).text
    assert asked_first not in planner.get(draft).text


def test_a_planner_says_until_when_one_answers_and_the_mail_says_so(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        function = make_member(session, Role.RC_MEMBER, "skane").function
        start = now() + timedelta(days=20)
        draft = MeetingDraft(
            kind=MeetingKind.NATIONAL,
            name_sv="Nationell träff",
            name_en="National meeting",
            focus_sv="Samråd",
            focus_en="Consultation",
            form=MeetingForm.DIGITAL,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
        )
        meeting = create(session, draft, "nch", now())
        meeting_id, function_id = meeting.id, function.id
    day = to_local(now()).date() + timedelta(days=10)
    path, action = f"/traffar/{meeting_id}/inbjudningar", f"/traffar/{meeting_id}/svarsdag"
    planner = browser(app, planner_id)
    late = planner.submit(path, action, {"answer_by": f"{day + timedelta(days=11)}"})
    assert late.status_code == 422
    assert "Välj en dag från i dag till träffens första dag." in late.text
    assert planner.submit(path, action, {"answer_by": "snart"}).status_code == 422
    assert planner.submit(path, action, {"answer_by": f"{day}"}).status_code == 303
    assert f'value="{day}"' in planner.get(path).text
    with app.state.database.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        invited_function = accounts.function(session, function_id)
        assert event is not None
        assert invited_function is not None
        service.invite(session, event, invited_function, now())
        [mail] = outbox.newest(session, None, 5)
        assert f"Svara senast: {Speaker('sv').date(day)}" in text_of(mail)
        assert f"Svara senast:</span> <strong>{tied(Speaker('sv').date(day))}" in mail.html
        link = re.search(r"/svar/[A-Za-z0-9_-]{43}", text_of(mail))
    assert link is not None
    assert f"Svara senast {Speaker('sv').date(day)}." in browser(app).get(link[0]).text
    assert planner.submit(path, action, {"answer_by": ""}).status_code == 303
    assert "Svara senast" not in browser(app).get(link[0]).text
