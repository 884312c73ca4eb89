"""A guest's page says one thing: when, where, how in, what it gives, whom to ring; nothing that is others'."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.calendar.models import Event
from api.invitations.service import invite
from api.kit.clock import now
from api.outbox.models import Mail
from api.programme.arrival.service import write
from api.programme.models import ProgrammeSession
from api.programme.service import publish, to_calendars
from tests.api.programme.test_programme_service import _plan
from tests.factories import make_meeting, make_member
from tests.mailbox import text_of
from tests.web import browser


def test_a_guest_reads_when_where_what_and_whom_to_ring_and_the_rest_is_folded(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        nch, guest = make_member(session, Role.PLANNER), make_member(session, Role.GUEST)
        member = make_member(session, Role.RC_MEMBER)
        nch.person.phone = "010-111 11 11"
        session.add(nch.person)
        meeting = make_meeting(session)
        plan = _plan(law=frozenset({guest.function.id, member.function.id}))
        publish(session, meeting, plan, "nch", now() - timedelta(minutes=1))
        own = next(
            one
            for one in session.exec(select(ProgrammeSession))
            if one.title_sv == "Juridik" and one.meeting_id == meeting.id
        )
        own.format, own.gives_guest_sv = "agency", "Det ger vi er: frågor från landet."
        session.add(own)
        path = f"/traffar/{meeting.id}/pass/{own.id}"
        people = (guest.person.id, member.person.id)
    mine, others = (browser(app, one) for one in people)
    page = mine.get(path)
    assert page.status_code == 200
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    shown = re.sub(r"<details>.*?</details>", "", main, flags=re.DOTALL)
    for text in ("Tid", "Linköping", "Det ger vi er", "010-111 11 11", "Lägg till passet"):
        assert text in shown
    for text in ("Träffens fokus", "Förbered", "Er uppgift", "Syfte"):
        assert text not in shown
    assert "Er uppgift" in main  # folded, for who wants to know
    assert "Ingen träff än." not in mine.get("/valkommen").text
    theirs = others.get(path).text
    assert "Träffens fokus" in theirs
    assert "Så ser passet ut för deltagarna" not in theirs


@time_machine.travel(datetime(2026, 3, 2, 8, tzinfo=UTC), tick=False)
def test_a_guests_mail_calendar_and_answer_page_say_what_is_theirs_and_not_the_participants_task(
    app: FastAPI,
) -> None:
    give, task = "Det ger ni oss: vad som brister.", "Så gör ni i passet"
    with app.state.database.transaction() as session:
        nch, guest = make_member(session, Role.PLANNER), make_member(session, Role.GUEST)
        member = make_member(session, Role.RC_MEMBER)
        nch.person.phone = "010-111 11 11"
        session.add(nch.person)
        meeting = make_meeting(session)
        plan = _plan(law=frozenset({guest.function.id, member.function.id}))
        publish(session, meeting, plan, "nch", now() - timedelta(minutes=1))
        own = next(
            one
            for one in session.exec(select(ProgrammeSession))
            if one.title_sv == "Juridik" and one.meeting_id == meeting.id
        )
        own.format, own.gives_guest_sv, own.task_sv = "agency", give, task
        session.add(own)
        write(session, meeting, "Porten mot gatan", nch.function.id, 0, "nch")
        to_calendars(session, meeting, now())
        event = session.exec(select(Event).where(Event.subject_id == own.id)).one()
        invite(session, event, guest.function, now())
        path, people = f"/pass/{own.id}/lagg-till.ics", (guest.person.id, member.person.id)
        address = guest.person.email
    with app.state.database.reading() as session:
        [mail] = session.exec(select(Mail).where(Mail.recipient == address))
        said, part = text_of(mail), mail.calendar or b""
    link = re.search(r"(/svar/[\w-]{43})", said)
    assert link is not None
    feeds = []
    for person in people:
        web = browser(app, person)
        wanted = {"calendar": f"person:{person}", "level": "internal", "label": "Min"}
        made = web.submit("/prenumerera", "/prenumerera", wanted).text
        feed = re.search(r"/feeds/[\w-]+\.ics", made)
        assert feed is not None
        feeds.append(_plain(web.get(feed[0]).content))
    mine, theirs = feeds
    told = [said, _plain(part), browser(app).get(link[1]).text, mine]
    told.append(_plain(browser(app, people[0]).get(path).content))
    for text in told:
        assert give in text
        assert "Porten mot gatan" in text
        assert "010-111 11 11" in text
        assert task not in text
    assert task in theirs
    assert give not in _plain(browser(app, people[1]).get(path).content)


@time_machine.travel(datetime(2026, 3, 2, 8, tzinfo=UTC), tick=False)
def test_a_guest_answers_on_the_sessions_page_and_on_the_meetings(app: FastAPI) -> None:
    """Who is invited to a session finds the same three buttons there as at a whole meeting; others find none."""
    with app.state.database.transaction() as session:
        nch, guest = make_member(session, Role.PLANNER), make_member(session, Role.GUEST)
        meeting = make_meeting(session)
        plan = _plan(law=frozenset({guest.function.id}))
        publish(session, meeting, plan, "nch", now() - timedelta(minutes=1))
        own = next(
            one
            for one in session.exec(select(ProgrammeSession))
            if one.title_sv == "Juridik" and one.meeting_id == meeting.id
        )
        own.format = "agency"
        session.add(own)
        write(session, meeting, "Porten mot gatan", nch.function.id, 0, "nch")
        to_calendars(session, meeting, now())
        event = session.exec(select(Event).where(Event.subject_id == own.id)).one()
        place = invite(session, event, guest.function, now())
        assert place is not None
        paths = (f"/traffar/{meeting.id}/pass/{own.id}", f"/traffar/{meeting.id}")
        answer, people = f"/inbjudan/{place.id}", (guest.person.id, nch.person.id)
    mine, others = (browser(app, one) for one in people)
    for path in paths:
        page = mine.get(path).text
        assert f'action="{answer}"' in page
        assert re.findall(r'name="partstat" value="([A-Z-]+)"', page) == [
            "ACCEPTED",
            "TENTATIVE",
            "DECLINED",
        ]
        assert answer not in others.get(path).text
    assert mine.submit(paths[0], answer, {"partstat": "ACCEPTED"}).status_code == 303
    for path in paths:
        page = mine.get(path).text
        assert "Du har svarat att du kommer." in page
        assert f'href="{answer}"' in page  # to change it, or send somebody else


def _plain(octets: bytes) -> str:
    """Unfold a calendar's lines and take its escapes away (RFC 5545 3.1 and 3.3.11)."""
    return re.sub(r"\\([,;\\])", r"\1", octets.decode().replace("\r\n ", ""))
