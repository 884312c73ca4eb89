"""A link to a video room that comes, changes or goes: held like all that tells others, once to each, answers hold."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.audit.models import AuditEntry
from api.calendar import queries as calendar
from api.invitations import queries, service
from api.invitations.models import Partstat
from api.invitations.series import place_at
from api.kit.clock import now
from api.kit.db import Database
from api.kit.mail import Server
from api.meetings import queries as meetings
from api.meetings.service import protect
from api.meetings.video import set_series_video, set_video
from tests.api.invitations.test_reminding import POST, held_app, places
from tests.api.invitations.test_series_places import Circle, circle
from tests.api.outbox.test_holding import arrived, invited_meeting, planner_on
from tests.api.outbox.test_outbox import Difficult
from tests.calendars import read_calendar
from tests.mailbox import text_of
from tests.web import Browser

__all__ = ["circle", "held_app", "post"]
post = POST
ROOM, OTHER = "https://video.example/rum-17", "https://video.example/rum-18"


def choose(web: Browser, page: str, link: str) -> str:
    """Give a meeting or a series its link as the page does; return where that leads."""
    version = re.search(r'name="version" value="(\d+)"', web.get(page).text)
    assert version is not None
    done = web.submit(page, f"{page}/videolank", {"version": version[1], "video_url": link})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def test_a_link_waits_is_one_mail_however_often_it_changes_and_can_be_undone(
    held_app: FastAPI, post: tuple[Difficult, Server]
) -> None:
    database: Database = held_app.state.database
    meeting_id = invited_meeting(database, 2)
    arrived(database, post, 60)
    first = places(database, meeting_id)[0]
    with database.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        place = queries.invitation(session, first.id)
        assert place is not None
        service.answer_on_page(session, place, event, Partstat.ACCEPTED, now())
    arrived(database, post, 60)
    web, page = planner_on(held_app), f"/traffar/{meeting_id}"
    receipt = choose(web, page, ROOM)
    shown = web.get(receipt).text
    assert "2 mejl skickas kl. " in shown
    [action] = {line for line in shown.split('"') if line.startswith("/angra/")}
    assert web.submit(receipt, action).status_code == 303
    with database.reading() as session:
        found = meetings.meeting(session, meeting_id)
        assert found is not None
        assert found.video_url == ""
    assert arrived(database, post, 60) == []
    choose(web, page, OTHER)
    choose(web, page, ROOM)
    mails = arrived(database, post, 60)
    assert len(mails) == 2
    assert all(str(one["Subject"]).startswith("Länk till videomötet ") for one in mails)
    choose(web, page, "")
    gone = arrived(database, post, 60)
    assert len(gone) == 2
    assert all(str(one["Subject"]).startswith("Ingen videolänk ") for one in gone)
    for sent, room in ((mails, ROOM), (gone, "")):
        for mail in sent:
            part = mail.get_body(("plain",))
            assert part is not None
            assert (ROOM in str(part.get_content())) is bool(room)
            [octets] = [
                one.get_payload(decode=True)
                for one in mail.walk()
                if one.get_content_type() == "text/calendar"
            ][:1]
            assert isinstance(octets, bytes)
            [entry] = read_calendar(octets).walk("VEVENT")
            assert str(entry.get("CONFERENCE", "")) == room
    assert places(database, meeting_id)[0].partstat is Partstat.ACCEPTED
    with database.reading() as session:
        noted = session.exec(select(AuditEntry).where(AuditEntry.subject_id == meeting_id)).all()
        assert [one.action for one in noted].count("video room changed") == 5
        assert not any("video.example" in str((one.before, one.after)) for one in noted)


def test_a_meeting_that_shows_as_busy_sends_no_link(
    held_app: FastAPI, post: tuple[Difficult, Server]
) -> None:
    database: Database = held_app.state.database
    meeting_id = invited_meeting(database, 1)
    with database.transaction() as session:
        found = meetings.meeting(session, meeting_id)
        assert found is not None
        protect(session, found, found.version, "nch", now(), is_protected=True)
    arrived(database, post, 60)
    choose(planner_on(held_app), f"/traffar/{meeting_id}", ROOM)
    assert arrived(database, post, 60) == []


@pytest.mark.parametrize("room", [ROOM, ""])
def test_a_series_link_is_one_mail_to_each_also_to_who_comes_one_date_only(
    circle: Circle, room: str
) -> None:
    if not room:
        _give(circle, ROOM)
    with circle.database.transaction() as session:
        event = calendar.event_of(session, "meeting", circle.meeting(session, 1).id)
        assert event is not None
        place = place_at(session, circle.series_place(session, 0), event)
        service.substitute(session, place, "Anna", "anna@kommun.example", now())
    known = circle.known()
    _give(circle, room)
    sent = circle.new_mails(known)
    assert sorted(one.recipient for one in sent) == sorted([*circle.emails, "anna@kommun.example"])
    assert {one.method for one in sent} == {"REQUEST"}
    for mail in sent:
        assert mail.calendar is not None
        for entry in read_calendar(mail.calendar).walk("VEVENT"):
            assert str(entry.get("CONFERENCE", "")) == room
        assert (ROOM in text_of(mail)) is bool(room)


def test_a_link_of_one_date_goes_to_all_of_the_series_once(circle: Circle) -> None:
    known = circle.known()
    for _ in range(2):
        with circle.database.transaction() as session:
            one = circle.meeting(session, 1)
            set_video(session, one, ROOM, one.version, "nch", now())
    sent = circle.new_mails(known)
    assert [one.recipient for one in sent] == sorted(circle.emails)
    known = circle.known()
    circle.move(1)
    assert [one.method for one in circle.new_mails(known)] == ["REQUEST", "REQUEST"]


def _give(circle: Circle, room: str) -> None:
    with circle.database.transaction() as session:
        one = circle.series(session)
        set_series_video(session, one, room, one.version, "nch", now())
