"""What a mail and the page behind its link hold: all of a substitute's programme, the answer link, the video room."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.invitations import queries, service
from api.invitations.models import Partstat
from api.kit.clock import now
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm
from api.meetings.video import set_video
from api.outbox.models import Mail
from api.outbox.sealing import unseal_part
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.models import Focus
from api.programme.service import publish
from api.registry.models import Rc
from tests.calendars import read_calendar, read_events
from tests.factories import make_meeting, make_member
from tests.mailbox import text_of
from tests.web import browser

OUTSIDE = "anna@kommun.example"
ROOM = "https://video.example/rum-17"


@pytest.fixture
def meeting_id(app: FastAPI) -> str:
    """A national meeting with one session and a lunch, that one RC is invited to."""
    with app.state.database.transaction() as session:
        session.add(Rc(id="rc1", name="Umeå", county_code="24", seat_city="Umeå"))
        session.flush()
        member = make_member(session, Role.RC_MEMBER, "rc1")
        meeting = make_meeting(session, MeetingForm.IN_PERSON)
        begins, ends = meeting.starts_at, meeting.ends_at
        middle = begins + (ends - begins) / 2
        slots = (
            SlotPlan("one", begins, middle),
            SlotPlan("lunch", middle, ends, is_break=True, name_sv="Lunch", name_en="Lunch"),
        )
        plan = SessionPlan(
            key="a",
            theme_id="t",
            title_sv="Exempel: samråd",
            title_en="Example: consultation",
            purpose_sv="Syfte",
            purpose_en="Purpose",
            task_sv="Berätta om ett fall",
            task_en="Tell of a case",
            leader="NCH",
            preparation_sv="Läs vägledningen",
            preparation_en="Read the guide",
            format="talk",
            slot="one",
            room="r",
            track="t",
            function_ids=frozenset({member.function.id}),
        )
        track = TrackPlan("t", "Spår", "Track", next(iter(Focus)))
        publish(
            session,
            meeting,
            ProgrammePlan((track,), slots, (RoomPlan("r", "Sal Vänern", 20),), (plan,)),
            "system",
            now(),
        )
        made, function_id = meeting.id, member.function.id
    with app.state.database.transaction() as session:
        event = calendar.event_of(session, "meeting", made)
        function = queries.function(session, function_id)
        assert event is not None
        assert function is not None
        service.invite(session, event, function, now())
    return made


def received(app: FastAPI, recipient: str) -> list[tuple[str, bytes]]:
    """Return the text and the calendar part of each mail to an address."""
    with app.state.database.reading() as session:
        rows = session.exec(select(Mail).where(Mail.recipient == recipient)).all()
        return [
            (text_of(one, "http://testserver"), unseal_part(session, one.calendar))
            for one in rows
            if one.calendar is not None
        ]


def pass_on(app: FastAPI, meeting_id: str) -> None:
    with app.state.database.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        [invited] = queries.of_event(session, event.id)
        service.substitute(session, invited, "Anna", OUTSIDE, now())


def path_in(text: str) -> str:
    found = re.search(r"/svar/[A-Za-z0-9_-]{43}", text)
    assert found is not None
    return found[0]


def test_a_substitute_from_outside_has_sessions_rooms_and_all_of_it_for_the_calendar(
    app: FastAPI, meeting_id: str
) -> None:
    pass_on(app, meeting_id)
    [(text, part)] = received(app, OUTSIDE)
    page = browser(app).get(path_in(text)).text
    for told in ("samråd", "Sal Vänern", "Berätta om ett fall", "Läs vägledningen", "Lunch"):
        assert told in page
    file = browser(app).get(f"{path_in(text)}/traffar.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    titles = sorted(
        str(one["SUMMARY"]).removeprefix("Exempel: ") for one in read_events(file.content)
    )
    assert titles == ["Nationell träff", "Nationell träff, pass", "Nationell träff, paus"]
    [entry] = read_calendar(part).walk("VEVENT")
    assert str(entry["ATTENDEE"]).lower() == f"mailto:{OUTSIDE}"
    # Whoever has no account is led nowhere that asks to sign in.
    assert "Du behöver inte logga in." in text
    assert "du behöver logga in" not in text + str(entry["DESCRIPTION"])
    assert "URL" not in entry
    for path in re.findall(r"http://testserver(/[^\s>]*)", text + str(entry["DESCRIPTION"])):
        assert browser(app).get(path).status_code == 200


def test_the_link_in_the_calendar_entry_opens_the_answer_page(
    app: FastAPI, meeting_id: str
) -> None:
    pass_on(app, meeting_id)
    [(_, part)] = received(app, OUTSIDE)
    [entry] = read_calendar(part).walk("VEVENT")
    path = path_in(str(entry["DESCRIPTION"]))
    opened = browser(app).get(path)
    assert (opened.status_code, "Jag kommer" in opened.text) == (200, True)


@pytest.mark.parametrize(
    ("answer", "is_told"), [(Partstat.ACCEPTED, True), (Partstat.DECLINED, False)]
)
def test_a_new_video_room_is_mailed_to_those_who_come(
    app: FastAPI, meeting_id: str, answer: Partstat, *, is_told: bool
) -> None:
    pass_on(app, meeting_id)
    database = app.state.database
    with database.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        invited = queries.at_address(session, event.id, OUTSIDE)
        assert invited is not None
        invited.sent_sequence = 0
        service.answer_on_page(session, invited, event, answer, now())
    with database.transaction() as session:
        meeting = meetings.meeting(session, meeting_id)
        assert meeting is not None
        set_video(session, meeting, ROOM, meeting.version, "system", now())
    told = [part for text, part in received(app, OUTSIDE) if ROOM in text]
    assert len(told) == is_told
    for part in told:
        [entry] = read_calendar(part).walk("VEVENT")
        assert str(entry["CONFERENCE"]) == ROOM
    with database.reading() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        for (level, _), octets in calendar.fragments_of(session, event.id).items():
            assert (ROOM.encode() in octets.replace(b"\r\n ", b"")) is (level.value != "busy")
