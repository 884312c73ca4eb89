"""One's own calendar is the truth about one's time: what is declined or given away leaves it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from api.accounts.models import Person, Role
from api.accounts.service import viewer_for
from api.calendar import queries as calendar
from api.calendar.models import Level, ScopeKind
from api.calendar.recurrence import Every, end_of_day, rule_of, starts_of
from api.calendar.service import EventDetails, Scope, Subject, Within, put_event, put_series
from api.feeds import queries as feeds
from api.feeds.service import create_feed, feed_bytes
from api.front.programme.agenda import own_agenda
from api.invitations import queries, service
from api.invitations.models import Invitation, Partstat
from api.invitations.series import place_at
from api.invitations.service import Answer
from api.kit.db import Database
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm
from api.meetings.service import cancel, move
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.models import Focus
from api.programme.service import publish
from api.registry.models import Rc
from api.wiring import connect
from tests.calendars import read_events
from tests.factories import Member, make_function, make_meeting, make_member, make_person

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = AT + timedelta(days=30)
MEETING = Subject("meeting", "m1")


def details(start: datetime = START) -> EventDetails:
    return EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m1",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


class Office:
    """A holder, a deputy and somebody from outside, and the feeds that the first two read."""

    def __init__(self, wired: Database, rc_id: str = "rc1") -> None:
        self.wired = wired
        with wired.transaction() as session:
            self.deputy = make_person(session)
            self.holder = make_member(session, Role.RC_MEMBER, rc_id)
            self.function = make_function(
                session, self.holder.body, self.holder.person, deputy=self.deputy
            )
            session.flush()
            self.scope = Scope(ScopeKind.FUNCTION, self.function.id)
            self.feeds = {
                name: create_feed(session, scope, Level.NEUTRAL, "sv", name, None, at=AT)[0].id
                for name, scope in (
                    ("holder", Scope(ScopeKind.PERSON, self.holder.person.id)),
                    ("deputy", Scope(ScopeKind.PERSON, self.deputy.id)),
                    ("function", self.scope),
                )
            }
            self.deputy_email, self.deputy_id = self.deputy.email, self.deputy.id
            session.expunge_all()

    def events(self, whose: str) -> list[Any]:
        with self.wired.reading() as session:
            feed = feeds.feed(session, self.feeds[whose])
            assert feed is not None
            return read_events(feed_bytes(session, feed))

    def told(self, whose: str) -> list[tuple[str, str]]:
        """Return STATUS and TRANSP of everything in a calendar."""
        return sorted((str(one["STATUS"]), str(one["TRANSP"])) for one in self.events(whose))


@pytest.fixture
def office(wired: Database) -> Office:
    return Office(wired)


def asked(session: Session, office: Office) -> Invitation:
    event = put_event(session, MEETING, details(), {office.scope}, AT)
    function = queries.function(session, office.function.id)
    assert function is not None
    invited = service.invite(session, event, function, AT)
    assert invited is not None
    return invited


def test_before_anybody_is_asked_the_holder_is_busy_and_the_deputy_knows(office: Office) -> None:
    with office.wired.transaction() as session:
        put_event(session, MEETING, details(), {office.scope}, AT)
    assert office.told("holder") == office.told("function") == [("CONFIRMED", "OPAQUE")]
    assert office.told("deputy") == [("CONFIRMED", "TRANSPARENT")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Partstat.ACCEPTED, [("CONFIRMED", "OPAQUE")]),
        (Partstat.TENTATIVE, [("TENTATIVE", "OPAQUE")]),
        (Partstat.DECLINED, []),
    ],
)
def test_the_own_calendar_follows_the_answer(
    office: Office, answer: Partstat, expected: list[tuple[str, str]]
) -> None:
    with office.wired.transaction() as session:
        service.answer(session, asked(session, office), Answer(answer, 0, AT))
    assert office.told("holder") == office.told("function") == expected
    if answer is Partstat.TENTATIVE:
        [told] = office.events("holder")
        assert str(told["X-MICROSOFT-CDO-BUSYSTATUS"]) == "TENTATIVE"


def test_a_place_that_is_given_away_takes_the_time_of_whoever_has_it(office: Office) -> None:
    with office.wired.transaction() as session:
        invited = asked(session, office)
        service.substitute(session, invited, "Exempel", office.deputy_email, AT)
    assert (office.told("holder"), office.told("deputy")) == ([], [("CONFIRMED", "OPAQUE")])
    with office.wired.transaction() as session:
        [invited] = queries.coming_of_function(session, office.function.id)
        service.substitute(session, invited, "Anna", "anna@kommun.example", AT)
    assert office.told("holder") == []
    assert office.told("deputy") == [("CONFIRMED", "TRANSPARENT")]
    with office.wired.transaction() as session:
        [invited] = queries.coming_of_function(session, office.function.id)
        email = office.holder.person.email
        service.substitute(session, invited, "Exempel", email, AT)
    assert office.told("holder") == [("CONFIRMED", "OPAQUE")]


def test_one_date_of_a_series_that_is_declined_leaves_the_calendar_alone(office: Office) -> None:
    series = Subject("series", "s1")
    rule = rule_of(Every.WEEK, START, end_of_day(date(2027, 3, 5)))
    moments = starts_of(rule, START)
    with office.wired.transaction() as session:
        event = put_series(session, series, details(), rule, {office.scope}, AT)
        for number, moment in enumerate(moments):
            within = Within(series, moment)
            subject = Subject("meeting", f"m{number}")
            put_event(session, subject, details(moment), {office.scope}, AT, within=within)
        function = queries.function(session, office.function.id)
        assert function is not None
        invited = service.invite(session, event, function, AT)
        assert invited is not None
        service.answer(session, invited, Answer(Partstat.ACCEPTED, 0, AT))
        dates = calendar.occurrences(session, event.id)
        service.answer(
            session, place_at(session, invited, dates[1]), Answer(Partstat.DECLINED, 0, AT)
        )
        service.answer(
            session, place_at(session, invited, dates[2]), Answer(Partstat.TENTATIVE, 0, AT)
        )
    whole, one = office.events("holder")
    assert whole["EXDATE"].dts[0].dt == moments[1]
    assert (str(whole["STATUS"]), str(one["STATUS"])) == ("CONFIRMED", "TENTATIVE")
    assert one["RECURRENCE-ID"].dt == moments[2]


def planned(session: Session, office: Office, guest: Member) -> str:
    session.add(Rc(id="rc1", name="Umeå", county_code="24", seat_city="Umeå"))
    session.flush()
    meeting = make_meeting(session, MeetingForm.IN_PERSON)
    slots = [
        SlotPlan("one", meeting.starts_at, meeting.starts_at + timedelta(hours=1)),
        SlotPlan(
            "lunch",
            meeting.starts_at + timedelta(hours=1),
            meeting.starts_at + timedelta(hours=2),
            is_break=True,
            name_sv="Lunch",
            name_en="Lunch",
        ),
    ]
    session_plan = SessionPlan(
        key="a",
        theme_id="t",
        title_sv="Exempel: pass",
        title_en="Example: session",
        purpose_sv="Syfte",
        purpose_en="Purpose",
        task_sv="Uppgift",
        task_en="Task",
        leader="NCH",
        preparation_sv="Inget",
        preparation_en="Nothing",
        format="talk",
        slot="one",
        room="r",
        track="t",
        function_ids=frozenset({office.function.id, guest.function.id}),
    )
    plan = ProgrammePlan(
        (TrackPlan("t", "Spår", "Track", next(iter(Focus))),),
        tuple(slots),
        (RoomPlan("r", "Sal", 20),),
        (session_plan,),
    )
    publish(session, meeting, plan, "system", AT)
    return meeting.id


def titles(events: list[Any]) -> list[str]:
    return [str(one["SUMMARY"]).removeprefix("Exempel: ") for one in events]


def test_a_delegates_calendar_has_the_whole_meeting_with_breaks_and_the_way_there(
    office: Office,
) -> None:
    with office.wired.transaction() as session:
        guest = make_member(session, Role.GUEST)
        feed = create_feed(
            session,
            Scope(ScopeKind.PERSON, guest.person.id),
            Level.NEUTRAL,
            "sv",
            "g",
            None,
            at=AT,
        )[0].id
        meeting_id = planned(session, office, guest)
        office.feeds["guest"] = feed
    assert sorted(titles(office.events("holder"))) == [
        "Nationell träff",
        "Nationell träff, pass",
        "Nationell träff, paus",
        "Resa hem från Linköping",
        "Resa till Linköping",
    ]
    assert titles(office.events("guest")) == ["Nationell träff, pass"]
    with office.wired.transaction() as session:
        meeting = meetings.meeting(session, meeting_id)
        assert meeting is not None
        before = meeting.starts_at
        move(
            session,
            meeting,
            before + timedelta(days=7),
            meeting.ends_at + timedelta(days=7),
            meeting.version,
            "system",
            AT,
        )
    starts = {str(one["SUMMARY"]): one["DTSTART"].dt for one in office.events("holder")}
    assert len(starts) == 5
    assert all(one > before for one in starts.values())
    with office.wired.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        function = queries.function(session, office.function.id)
        assert event is not None
        assert function is not None
        invited = service.invite(session, event, function, AT)
        assert invited is not None
        viewer = viewer_for(session, session.get_one(Person, office.holder.person.id))
        assert len(own_agenda(session, viewer)) == 1
        service.answer(session, invited, Answer(Partstat.DECLINED, 1, AT))
        assert own_agenda(session, viewer) == []
    assert office.events("holder") == []
    with office.wired.transaction() as session:
        meeting = meetings.meeting(session, meeting_id)
        assert meeting is not None
        cancel(session, meeting, meeting.version, "system", AT)
    assert titles(office.events("guest")) == ["Inställt: Exempel: Nationell träff, pass"]
