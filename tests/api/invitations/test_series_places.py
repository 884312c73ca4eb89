"""Invitations to a series: one REQUEST for the whole, mails for what differs, answers to one day alone."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.accounts import directory
from api.accounts.models import Function, Role
from api.calendar import queries as calendar
from api.calendar.recurrence import Every
from api.front.meeting import told_of
from api.invitations import queries, service
from api.invitations.models import Invitation, Partstat, Place, ReplyState
from api.invitations.replies import receive
from api.invitations.series import places
from api.invitations.web import own
from api.kit.clock import from_local, now
from api.kit.db import Database
from api.meetings import queries as meetings
from api.meetings import series as recurring
from api.meetings.models import Meeting, MeetingForm, MeetingSeries
from api.meetings.series import SeriesDraft, create_series
from api.meetings.service import cancel, move
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox import queries as outbox
from api.outbox.models import Mail
from api.wiring import connect
from tests.api.invitations.test_invitations import reply
from tests.calendars import read_calendar
from tests.factories import make_member, make_person
from tests.mailbox import text_of
from tests.promises import keeps

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)


def local(month: int, day: int, hour: int = 13) -> datetime:
    return from_local(datetime(2027, month, day, hour))  # noqa: DTZ001 - local, made aware


class Circle:
    """A network with two people, and a series of four Tuesdays that both are invited to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            people = [make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in ("a", "b")]
            self.viewers = [one.viewer for one in people]
            self.emails = [one.person.email for one in people]
            self.functions = [one.function.id for one in people]
            group = Group(Layer.NEARNESS, ("a", "b"), {}, 100.0)
            publish_round(session, "one", [group], "nch", AT)
            network = networks.active_networks(session)[0].id
            draft = SeriesDraft(
                network_id=network,
                name_sv="En timme",
                name_en="An hour",
                focus_sv="Läget",
                focus_en="How things stand",
                form=MeetingForm.DIGITAL,
                town="",
                starts_at=local(3, 9),
                ends_at=local(3, 9, 14),
                every=Every.WEEK,
                last_day=date(2027, 3, 30),
            )
            self.draft = draft
            self.id = create_series(session, draft, "nch", AT).id
        with database.transaction() as session:
            event = calendar.event_of(session, "series", self.id)
            assert event is not None
            self.uid = event.uid
            for one in service.functions_to_invite(session, event):
                service.invite(session, event, one, AT)

    def series(self, session: Session) -> MeetingSeries:
        found = meetings.series(session, self.id)
        assert found is not None
        return found

    def meeting(self, session: Session, number: int) -> Meeting:
        return meetings.meetings_of_series(session, self.id)[number]

    def move(self, number: int, days: int = 1) -> None:
        with self.database.transaction() as session:
            one = self.meeting(session, number)
            start, end = (moment + timedelta(days=days) for moment in (one.starts_at, one.ends_at))
            move(session, one, start, end, one.version, "nch", now())

    def cancel(self, number: int) -> None:
        with self.database.transaction() as session:
            one = self.meeting(session, number)
            cancel(session, one, one.version, "nch", now())

    def series_place(self, session: Session, person: int) -> Invitation:
        event = calendar.event_of(session, "series", self.id)
        assert event is not None
        found = queries.at_address(session, event.id, self.emails[person])
        assert found is not None
        return found

    def answers(self, number: int) -> dict[str, Partstat]:
        """Who is asked to one meeting, with what they have answered."""
        with self.database.reading() as session:
            event = calendar.event_of(session, "meeting", self.meeting(session, number).id)
            assert event is not None
            return {
                one.address: one.partstat
                for one in places(session, event)
                if one.place is not Place.WITHDRAWN
            }

    def new_mails(self, known: set[str]) -> list[Mail]:
        with self.database.reading() as session:
            found = [one for one in outbox.newest(session, None, 200) if one.id not in known]
            for one in found:
                session.expunge(one)
            return sorted(found, key=lambda one: (one.recipient, one.method))

    def known(self) -> set[str]:
        return {one.id for one in self.new_mails(set())}


@pytest.fixture
def circle(database_url: str) -> Iterator[Circle]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield Circle(made)
    made.close()


def _events(mail: Mail) -> list[dict[str, str]]:
    assert mail.calendar is not None
    found = read_calendar(mail.calendar)
    assert str(found["METHOD"]) == mail.method
    return [
        {name: value.to_ical().decode() for name, value in one.items() if name != "ATTENDEE"}
        for one in found.walk("VEVENT")
    ]


def test_one_mail_invites_to_the_whole_series_and_says_how_it_repeats(circle: Circle) -> None:
    sent = circle.new_mails(set())
    assert [one.recipient for one in sent] == sorted(circle.emails)
    for mail in sent:
        [event] = _events(mail)
        assert event["UID"] == circle.uid
        assert event["RRULE"].startswith("FREQ=WEEKLY")
        assert "varje tisdag kl. 13.00–14.00, från 9 mars 2027 till 30 mars 2027" in text_of(mail)


def test_a_moved_day_is_one_mail_each_about_that_day_alone(circle: Circle) -> None:
    known = circle.known()
    circle.move(1)
    sent = circle.new_mails(known)
    assert len(sent) == 2
    for mail in sent:
        [event] = _events(mail)
        assert (event["UID"], event["SEQUENCE"]) == (circle.uid, "1")
        assert event["RECURRENCE-ID"] == "20270316T130000"
        assert event["DTSTART"] == "20270317T130000"
        assert "den tisdag 16 mars 2027 kl. 13.00. De andra ändras inte." in text_of(mail)
        assert "RRULE" not in event
    known = circle.known()
    circle.cancel(1)
    sent = circle.new_mails(known)
    assert [(one.method, len(_events(one))) for one in sent] == [("CANCEL", 1)] * 2
    assert {_events(one)[0]["RECURRENCE-ID"] for one in sent} == {"20270316T130000"}
    assert {_events(one)[0]["SEQUENCE"] for one in sent} == {"2"}
    assert all("De andra är kvar." in one.text for one in sent)
    assert all("De andra är kvar." in one.html for one in sent)


def test_an_answer_by_mail_to_one_day_is_not_an_answer_to_the_series(circle: Circle) -> None:
    with circle.database.transaction() as session:
        whole = circle.series_place(session, 0)
        taken = receive(session, reply(whole, circle.uid, "ACCEPTED"), AT + timedelta(hours=2))
        assert taken.state is ReplyState.APPLIED
        octets = reply(whole, circle.uid, "DECLINED", stamp="20270110T140000Z")
        one_day = octets.replace(
            b"DTSTAMP:20270110T140000Z",
            b"DTSTAMP:20270110T140000Z\nRECURRENCE-ID;TZID=Europe/Stockholm:20270323T130000",
        )
        assert one_day != octets
        assert receive(session, one_day, AT + timedelta(hours=3)).state is ReplyState.APPLIED
        other_day = one_day.replace(b"20270323T130000", b"20270324T130000").replace(b"<DECL", b"<O")
        taken = receive(session, other_day, AT + timedelta(hours=3))
        assert taken.state is ReplyState.FOR_A_PERSON, "the series has no such day"
    address = circle.emails[0]
    told = [circle.answers(number)[address] for number in range(4)]
    assert told == [
        Partstat.ACCEPTED,
        Partstat.ACCEPTED,
        Partstat.DECLINED,
        Partstat.ACCEPTED,
    ]


def test_a_person_answers_for_one_day_on_the_page(circle: Circle) -> None:
    viewer = circle.viewers[1]
    with circle.database.transaction() as session:
        place = own.own_at(session, viewer, circle.meeting(session, 3).id)
        seat = own.place_for(session, viewer, place.id)
        own.answer_own(session, viewer, seat, Partstat.DECLINED, AT)
    address = circle.emails[1]
    assert circle.answers(3)[address] is Partstat.DECLINED
    assert circle.answers(2)[address] is Partstat.NEEDS_ACTION


def test_handing_over_moves_the_series_and_its_days_with_one_mail_to_each(circle: Circle) -> None:
    circle.move(1)
    known = circle.known()
    with circle.database.transaction() as session:
        after = make_person(session, "Exempel Efterträdare", "efter@example.org")
        function = session.get_one(Function, circle.functions[0])
        directory.hand_over(
            session,
            function,
            after,
            deputy=None,
            version=function.version,
            actor="nch",
            now=AT,
        )
    sent = circle.new_mails(known)
    told = [(one.recipient, one.method) for one in sent if one.method]
    assert told == sorted([(circle.emails[0], "CANCEL"), ("efter@example.org", "REQUEST")])
    said = sorted(one.recipient for one in sent if not one.method)
    # the post has changed hands: who left, who came, and the rest of the circle
    assert said == sorted([*circle.emails[:2], "efter@example.org"])
    [request] = [one for one in sent if one.method == "REQUEST"]
    series, changed = _events(request)
    assert "RRULE" in series
    assert changed["RECURRENCE-ID"] == "20270316T130000"
    for number in range(4):
        assert set(circle.answers(number)) == {circle.emails[1], "efter@example.org"}


def test_a_longer_series_is_one_new_request_with_everything_in_it(circle: Circle) -> None:
    circle.move(1)
    known = circle.known()
    with circle.database.transaction() as session:
        one = circle.series(session)
        assert recurring.prolong(session, one, date(2027, 4, 13), one.version, "nch", AT) == 2
    sent = circle.new_mails(known)
    assert len(sent) == 2
    for mail in sent:
        series, changed = _events(mail)
        assert series["SEQUENCE"] == changed["SEQUENCE"] == "2"
        assert "UNTIL=20270413" in series["RRULE"]


@keeps(
    "Du behöver inte göra något. Blir det en ny tid får du en ny inbjudan.",
)
def test_an_ended_series_is_told_once_and_a_cancelled_one_as_cancelled(circle: Circle) -> None:
    known = circle.known()
    with circle.database.transaction() as session:
        one = circle.series(session)
        recurring.end(session, one, date(2027, 3, 20), one.version, "nch", AT)
    sent = circle.new_mails(known)
    assert [one.method for one in sent] == ["REQUEST", "REQUEST"]
    assert all("UNTIL=20270316" in _events(one)[0]["RRULE"] for one in sent)
    known = circle.known()
    with circle.database.transaction() as session:
        one = circle.series(session)
        recurring.end(session, one, date(2027, 1, 1), one.version, "nch", AT)
    assert [one.method for one in circle.new_mails(known)] == ["CANCEL", "CANCEL"]


def test_whoever_was_invited_is_invited_to_what_takes_its_place(circle: Circle) -> None:
    known = circle.known()
    with circle.database.transaction() as session:
        one = circle.series(session)
        draft = dataclasses.replace(
            circle.draft,
            starts_at=local(3, 24, 9),
            ends_at=local(3, 24, 10),
            last_day=date(2027, 4, 14),
        )
        made = recurring.change_from(session, one, draft, one.version, "nch", AT)
        new = calendar.event_of(session, "series", made.id)
        assert new is not None
        uid = new.uid
    sent = circle.new_mails(known)
    assert [one.method for one in sent] == ["REQUEST"] * 4
    assert sorted(_events(one)[0]["UID"] for one in sent) == sorted([circle.uid, uid] * 2)


def test_calling_off_one_date_names_those_who_were_asked_to_the_series(circle: Circle) -> None:
    with circle.database.reading() as session:
        meeting, place = circle.meeting(session, 1), circle.series_place(session, 0)
        assert len(told_of(session, meeting)) == 2
        assert place.name in told_of(session, meeting)
