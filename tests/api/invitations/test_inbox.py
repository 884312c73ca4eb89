"""What came by mail and needs a person: listed with who, about what and why; a proposed time is one press."""

import re
from datetime import datetime, timedelta

from fastapi import FastAPI
from sqlmodel import select

from api.accounts import queries as accounts
from api.accounts import reaching
from api.accounts.models import Role
from api.accounts.service import new_sign_in_link, sign_in
from api.calendar import queries as calendar
from api.invitations import queries, service
from api.invitations.models import MailReply, ReplyState
from api.invitations.replies import receive
from api.kit.clock import from_local, now
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox import queries as outbox
from api.outbox.models import Mail, MailState
from api.questions.models import Audience, Question
from tests.factories import make_member
from tests.links import opens
from tests.web import browser


def weekday(days: int) -> datetime:
    """Return 13.00 on a Tuesday to Thursday outside summer and Christmas, at least so many days ahead."""
    day = (now() + timedelta(days=days)).date()
    while day.isoweekday() not in {2, 3, 4} or day.month in {5, 6, 12, 1}:
        day += timedelta(days=1)
    return from_local(datetime(day.year, day.month, day.day, 13))  # noqa: DTZ001 - local


class Invited:
    """A circle's meeting that two are invited to, and a planner's browser."""

    def __init__(self, app: FastAPI) -> None:
        self.database = app.state.database
        self.start = weekday(100)
        with self.database.transaction() as session:
            planner = make_member(session, Role.PLANNER)
            people = [make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in ("a", "b")]
            self.anna = people[0].person.email
            group = Group(Layer.NEARNESS, ("a", "b"), {}, 100.0)
            publish_round(session, "one", [group], "nch", now())
            draft = MeetingDraft(
                kind=MeetingKind.NETWORK,
                network_id=networks.active_networks(session)[0].id,
                name_sv="Träff om samtycke",
                name_en="Meeting on consent",
                focus_sv="Rutiner",
                focus_en="Routines",
                form=MeetingForm.DIGITAL,
                town="",
                starts_at=self.start,
                ends_at=self.start + timedelta(hours=1),
            )
            self.meeting_id = create(session, draft, "nch", now()).id
            planner_id = planner.person.id
        with self.database.transaction() as session:
            event = calendar.event_of(session, "meeting", self.meeting_id)
            assert event is not None
            self.uid = event.uid
            for one in service.functions_to_invite(session, event):
                service.invite(session, event, one, now())
            invited = queries.at_address(session, event.id, self.anna)
            assert invited is not None
            self.own = invited.organizer
        self.web = browser(app, planner_id)

    def sent(self) -> Mail:
        with self.database.transaction() as session:
            [mail] = [one for one in outbox.newest(session, None, 50) if one.recipient == self.anna]
            mail.state = MailState.SENT
            session.add(mail)
            return mail.model_copy()

    def take(self, octets: str) -> MailReply:
        with self.database.transaction() as session:
            kept = receive(session, octets.replace("\n", "\r\n").encode(), now())
            return kept.model_copy()

    def counter(self, start: datetime, sender: str = "", to: str = "") -> str:
        return (
            f"From: {sender or self.anna}\nTo: {to or self.own}\nMessage-ID: <c{start:%d%H}@x>\n"
            "Content-Type: text/calendar; method=COUNTER\n\n"
            f"BEGIN:VCALENDAR\nMETHOD:COUNTER\nBEGIN:VEVENT\nUID:{self.uid}\nSEQUENCE:0\n"
            f"DTSTAMP:{now():%Y%m%dT%H%M%SZ}\nDTSTART:{start:%Y%m%dT%H%M%SZ}\n"
            f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{sender or self.anna}\nEND:VEVENT\nEND:VCALENDAR\n"
        )


def test_a_proposed_time_is_seen_and_the_meeting_moves_there_by_one_press(app: FastAPI) -> None:
    circle = Invited(app)
    later = weekday(120)
    kept = circle.take(circle.counter(later))
    desk = circle.web.get("/").text
    assert f"{circle.anna} föreslår en annan tid (Träff om samtycke)." in desk
    page = circle.web.get("/planera/mejl").text
    assert "Flytta träffen dit" in page
    version = page.split('name="version" value="')[1].partition('"')[0]
    action = f"/inbjudningar/svar/{kept.id}/flytta"
    done = circle.web.submit("/planera/mejl", action, {"version": version})
    assert done.status_code == 303
    with circle.database.reading() as session:
        meeting = meetings.meeting(session, circle.meeting_id)
        assert meeting is not None
        # a proposal without an end is as long as the meeting was
        assert (meeting.starts_at, meeting.ends_at) == (later, later + timedelta(hours=1))
        assert queries.replies_for_a_person(session) == []
    assert circle.web.submit("/planera/mejl", action, {"version": version}).status_code == 409


def test_a_time_that_cannot_be_is_said_and_nothing_moves(app: FastAPI) -> None:
    circle = Invited(app)
    kept = circle.take(circle.counter(now() - timedelta(days=1)))
    page = circle.web.get("/planera/mejl").text
    version = page.split('name="version" value="')[1].partition('"')[0]
    done = circle.web.submit(
        "/planera/mejl", f"/inbjudningar/svar/{kept.id}/flytta", {"version": version}
    )
    assert done.status_code == 422
    with circle.database.reading() as session:
        meeting = meetings.meeting(session, circle.meeting_id)
        assert meeting is not None
        assert meeting.starts_at == circle.start


def test_what_nothing_proves_is_told_of_and_not_accepted_by_one_press(app: FastAPI) -> None:
    circle = Invited(app)
    circle.take(circle.counter(weekday(120), to="samkrets@example.org"))
    page = circle.web.get("/planera/mejl").text
    assert "inget visar att det är den inbjudna som skriver" in page
    assert "Flytta träffen dit" not in page


@opens("unconfirmed")
def test_who_is_invited_is_asked_whether_an_answer_that_nothing_proves_was_theirs(
    app: FastAPI,
) -> None:
    circle = Invited(app)
    counter = circle.counter(circle.start, to="samkrets@example.org")
    reply = counter.replace("COUNTER", "REPLY").replace("TENTATIVE", "DECLINED")
    assert circle.take(reply).state is ReplyState.UNCONFIRMED
    with circle.database.reading() as session:
        asked = outbox.newest(session, None, 50)
        assert sum(one.recipient == circle.anna for one in asked) == 2  # invited, then asked


def test_a_stranger_proposes_nothing(app: FastAPI) -> None:
    circle = Invited(app)
    circle.take(circle.counter(weekday(120), "x@example.org"))
    assert "Flytta träffen dit" not in circle.web.get("/planera/mejl").text


def test_words_stand_with_sender_subject_and_the_meeting_that_they_answer(app: FastAPI) -> None:
    circle = Invited(app)
    mail = circle.sent()
    circle.take(
        f"From: {circle.anna}\nMessage-ID: <p@x>\nIn-Reply-To: {mail.message_id}\n"
        "Subject: =?utf-8?q?SV=3A_Tr=C3=A4ff?=\n\nHemliga ord\n"
    )
    desk = circle.web.get("/").text
    assert "skriver själv, inte genom sitt kalenderprogram (Träff om samtycke). ”SV: Träff”" in desk
    for page in ("/planera/mejl", f"/traffar/{circle.meeting_id}/inbjudningar"):
        shown = circle.web.get(page).text
        assert circle.anna in shown
        assert "SV: Träff" in shown
        assert "Hemliga ord" not in shown


def test_what_an_rc_writes_becomes_its_question_to_nch_by_one_press(app: FastAPI) -> None:
    """A stranger's words, a mail without a subject and a proposed time do not; and it is done once."""
    circle = Invited(app)
    own = circle.take(
        f"From: {circle.anna.upper()}\nMessage-ID: <q@x>\nSubject: Hur stavas det?\n\nHej\n"
    )
    others = [
        circle.take("From: x@example.org\nMessage-ID: <r@x>\nSubject: Hur stavas det?\n\nHej\n"),
        circle.take(f"From: {circle.anna}\nMessage-ID: <s@x>\n\nHej\n"),
        circle.take(circle.counter(weekday(120))),
    ]
    page = circle.web.get("/planera/mejl").text
    assert re.findall(r'action="/inbjudningar/svar/([^/]+)/fraga"', page) == [own.id]
    for one in others:
        answer = circle.web.submit("/planera/mejl", f"/inbjudningar/svar/{one.id}/fraga")
        assert answer.status_code == 404
    action = f"/inbjudningar/svar/{own.id}/fraga"
    with circle.database.reading() as session:
        mails = len(outbox.newest(session, None, 500))
    made = circle.web.submit("/planera/mejl", action)
    assert made.status_code == 303
    with circle.database.reading() as session:
        asked = session.exec(select(Question)).one()
        assert (asked.text, asked.rc_id, asked.audience) == ("Hur stavas det?", "a", Audience.NCH)
        assert len(outbox.newest(session, None, 500)) == mails  # nobody gets a mail of it
    assert "Hur stavas det?" in circle.web.get(made.headers["location"]).text
    assert own.id not in circle.web.get("/planera/mejl").text
    assert circle.web.submit("/planera/mejl", action).status_code == 409


REPORT = """\
From: MAILER-DAEMON@mx.example.org
Message-ID: <b{number}@mx>
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
--r
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--r--
"""


def test_a_bounce_marks_the_mail_and_asks_for_another_address(app: FastAPI) -> None:
    circle = Invited(app)
    mail = circle.sent()
    told = REPORT.format(number=1, address=circle.anna, message_id=mail.message_id)
    first = circle.take(told)
    assert circle.take(told).id == first.id
    told = circle.web.get("/").text
    assert f"{circle.anna} tar inte emot mejl." in told
    assert f"Mejl till {circle.anna}" in told
    assert "Skriv en annan adress" in told
    with circle.database.transaction() as session:
        [one] = reaching.unreached(session)
        function = accounts.function(session, one.function_id)
        assert function is not None
        shown = circle.web.get(f"/organisationer/{function.body_id}").text
        assert f"Mejl till {circle.anna} kommer tillbaka sedan" in shown
    english = circle.web.get("/en/").text
    assert f"Email to {circle.anna}" in english
    with circle.database.transaction() as session:
        person = accounts.person_by_email(session, circle.anna)
        assert person is not None
        link = new_sign_in_link(session, person, now())
    with circle.database.transaction() as session:
        sign_in(session, link, "", now())  # the link came by mail: it arrives again
        assert reaching.unreached(session) == ()
    with circle.database.reading() as session:
        again = outbox.mail(session, mail.id)
        assert again is not None
        assert (again.state, again.reason) == (MailState.FAILED, "bounced")


def test_a_forged_bounce_marks_no_mail(app: FastAPI) -> None:
    circle = Invited(app)
    mail = circle.sent()
    for number, (address, message_id) in enumerate(
        ((circle.anna, "<guessed@moten>"), ("x@example.org", mail.message_id))
    ):
        told = REPORT.format(number=number, address=address, message_id=message_id)
        assert circle.take(told).state is ReplyState.FOR_A_PERSON
    with circle.database.reading() as session:
        again = outbox.mail(session, mail.id)
        assert again is not None
        assert again.state is MailState.SENT
        assert reaching.unreached(session) == ()
