"""Whoever has not answered is reminded once a day, or answered for; an old link says what became of the place."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import select

from api.app import create_app
from api.audit.models import AuditEntry
from api.calendar import queries as calendar
from api.invitations import queries
from api.invitations.models import Invitation, Partstat
from api.invitations.service import answer_on_page, substitute
from api.kit.clock import now
from api.kit.db import Database
from api.kit.mail import Server
from api.kit.settings import Settings
from api.outbox.models import Mail
from tests.api.outbox.test_holding import AT, arrived, invited_meeting, planner_on, post
from tests.api.outbox.test_outbox import Difficult
from tests.links import opens
from tests.mailbox import text_of
from tests.web import Browser, browser

POST = post
LINK = re.compile(r"/svar/[A-Za-z0-9_-]{43}")


@pytest.fixture
def held_app(settings: Settings) -> Iterator[FastAPI]:
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    with time_machine.travel(AT, tick=False):
        yield made
    made.state.database.close()


def places(database: Database, meeting_id: str) -> list[Invitation]:
    with database.reading() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        found = queries.of_event(session, event.id)
        session.expunge_all()
        return found


def remind(web: Browser, meeting_id: str, event_id: str) -> str:
    page = f"/traffar/{meeting_id}/inbjudningar"
    answer = web.submit(page, f"{page}/paminn", {"event_id": event_id})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@opens("reminder")
def test_reminders_wait_can_be_undone_and_reach_only_who_has_not_answered(
    held_app: FastAPI, post: tuple[Difficult, Server]
) -> None:
    database: Database = held_app.state.database
    meeting_id = invited_meeting(database, 3)
    first, second, third = places(database, meeting_id)
    web = planner_on(held_app)
    page = f"/traffar/{meeting_id}/inbjudningar"
    assert "Påminn 3 som inte har svarat" in web.get(page).text
    fields = {"invitation_id": first.id, "partstat": "ACCEPTED"}
    assert web.submit(page, f"{page}/svar", fields).status_code == 303
    assert places(database, meeting_id)[0].partstat is Partstat.ACCEPTED
    assert first.name in web.get(f"{page}?svar=ACCEPTED").text
    unanswered = web.get(f"{page}?svar=NEEDS-ACTION").text
    assert first.name not in unanswered
    assert second.name in unanswered
    with database.reading() as session:
        noted = session.exec(select(AuditEntry).where(AuditEntry.subject_id == first.id)).all()
        assert [one.action for one in noted if one.actor != "system"] == ["answered"]
    receipt = remind(web, meeting_id, first.event_id)
    shown = web.get(receipt).text
    assert "2 mejl skickas kl. 13.10." in shown
    [action] = {line for line in shown.split('"') if line.startswith("/angra/")}
    assert web.submit(receipt, action).status_code == 303
    assert arrived(database, post, 60) == []
    remind(web, meeting_id, first.event_id)
    remind(web, meeting_id, first.event_id)  # nobody twice on a day
    mails = arrived(database, post, 10)
    assert [str(mail["To"]) for mail in mails] == sorted([second.address, third.address])
    assert all(str(mail["Subject"]).startswith("Påminnelse ") for mail in mails)


def test_whoever_answers_or_gives_the_place_away_while_the_reminder_waits_is_not_reminded(
    held_app: FastAPI, post: tuple[Difficult, Server]
) -> None:
    database: Database = held_app.state.database
    meeting_id = invited_meeting(database, 3)
    arrived(database, post, 60)
    first, second, third = places(database, meeting_id)
    remind(planner_on(held_app), meeting_id, first.event_id)
    with database.transaction() as session:
        one, other = (queries.invitation(session, place.id) for place in (first, second))
        event = calendar.event(session, first.event_id)
        assert one is not None
        assert other is not None
        assert event is not None
        answer_on_page(session, one, event, Partstat.ACCEPTED, now())
        substitute(session, other, "Exempel Ny", "exempel.ny@example.org", now())
    mails = arrived(database, post, 60)
    reminded = [str(one["To"]) for one in mails if str(one["Subject"]).startswith("Påminnelse ")]
    assert reminded == [third.address]


def test_an_old_link_says_that_the_place_has_gone_on(held_app: FastAPI) -> None:
    database: Database = held_app.state.database
    meeting_id = invited_meeting(database, 1)
    [place] = places(database, meeting_id)
    with database.transaction() as session:
        found = (LINK.search(text_of(mail)) for mail in session.exec(select(Mail)))
        [link] = [one[0] for one in found if one]
        again = queries.invitation(session, place.id)
        assert again is not None
        substitute(session, again, "Exempel Ny", "exempel.ny@example.org", AT)
    answer = browser(held_app).get(link)
    assert answer.status_code == 410
    assert "Platsen har gått vidare." in answer.text
    assert "ta tillbaka den under Mina träffar" in answer.text
    assert browser(held_app).get(f"/en{link}").status_code == 410
    assert browser(held_app).get(f"/svar/{'a' * 43}").status_code == 404
