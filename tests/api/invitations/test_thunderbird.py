"""Thunderbird takes our invitations as a person's mail program does, and we take its answers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.calendar.models import Event, ScopeKind
from api.calendar.recurrence import Every, end_of_day, rule_of, starts_of
from api.calendar.service import (
    EventDetails,
    Scope,
    Subject,
    Within,
    cancel_event,
    put_event,
    put_series,
)
from api.invitations import queries, service
from api.invitations.models import Invitation, Partstat, ReplyState
from api.invitations.replies import receive
from api.kit.clock import from_local, now, to_local
from api.kit.db import Database
from api.kit.mail import Outcome, Result, compose
from api.outbox.holding import release_all
from api.outbox.sending import letter_of
from api.outbox.service import claim, settle
from api.wiring import connect
from tests.factories import Member, make_member
from tests.readers import Told
from tests.thunderbird import insist_on_thunderbird, invited_thunderbird

TITLE = "Nätverksträff Likhet 1.1"
HOUR = timedelta(hours=1)
MEETING, SERIES = Subject("meeting", "m1"), Subject("series", "s1")


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    yield made
    made.close()


def at(start: datetime) -> EventDetails:
    return EventDetails(
        neutral_sv=TITLE,
        neutral_en="Network meeting Likeness 1.1",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m1",
        starts_at=start,
        ends_at=start + HOUR,
    )


def told(uid: str, start: datetime) -> Told:
    begins, ends = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, start + HOUR))
    return Told(uid, begins, ends, TITLE, "CONFIRMED")


def spring_day() -> datetime:
    """Return nine in Sweden on a Tuesday just before the clocks change next year."""
    start = datetime(to_local(now()).year + 1, 3, 20, 9)  # noqa: DTZ001 - local
    while start.isoweekday() != 2:
        start += timedelta(days=1)
    return from_local(start)


class Office:
    """One invitee, and what has been planned for her."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction() as session:
            self.anna: Member = make_member(session, Role.RC_MEMBER, "rc1")
            self.address, self.function_id = self.anna.person.email, self.anna.function.id
        self._scope = Scope(ScopeKind.FUNCTION, self.function_id)

    def put(self, start: datetime) -> str:
        with self._database.transaction() as session:
            return put_event(session, MEETING, at(start), {self._scope}, now()).uid

    def put_series(self, start: datetime) -> tuple[str, list[datetime]]:
        rule = rule_of(Every.WEEK, start, end_of_day(to_local(start).date() + timedelta(days=28)))
        moments = starts_of(rule, start)
        with self._database.transaction() as session:
            uid = put_series(session, SERIES, at(start), rule, {self._scope}, now()).uid
        for number, moment in enumerate(moments):
            self.put_date(number, moment, moment)
        return uid, moments

    def put_date(self, number: int, moment: datetime, start: datetime) -> None:
        subject, within = Subject("meeting", f"s1-{number}"), Within(SERIES, moment)
        with self._database.transaction() as session:
            put_event(session, subject, at(start), {self._scope}, now(), within=within)

    def cancel(self, subject: Subject) -> None:
        with self._database.transaction() as session:
            cancel_event(session, subject, now())

    def invite(self, subject: Subject) -> None:
        with self._database.transaction() as session:
            event = self._event(session, subject)
            function = queries.function(session, self.function_id)
            assert function is not None
            service.invite(session, event, function, now())

    def mail(self) -> bytes:
        """Return the one mail that goes out now, as it is on the wire."""
        release_all(self._database, now())
        with self._database.transaction() as session:
            [mail] = claim(session, now() + timedelta(days=1), 10)
            octets = compose(letter_of(session, mail, "samkrets@example.org")).as_bytes()
            settle(session, mail.id, Result(Outcome.SENT), now())
        return octets

    def takes(self, answer: bytes, subject: Subject) -> Partstat:
        """Take an answer from the mailbox and return what the invitee is now known to answer."""
        with self._database.transaction() as session:
            assert receive(session, answer, now()).state is ReplyState.APPLIED
        with self._database.reading() as session:
            event = self._event(session, subject)
            return self._place(session, event).partstat

    def _place(self, session: Session, event: Event) -> Invitation:
        found = queries.of_function(session, event.id, self.function_id)
        assert found is not None
        return found

    def _event(self, session: Session, subject: Subject) -> Event:
        event = calendar.event_of(session, *subject)
        assert event is not None
        return event


@pytest.mark.full
@pytest.mark.timeout(900)
def test_thunderbird_takes_a_meeting_answers_and_follows_it_until_it_is_called_off(
    wired: Database, tmp_path: Path
) -> None:
    insist_on_thunderbird()
    office, start = Office(wired), spring_day()
    uid = office.put(start)
    office.invite(MEETING)
    with invited_thunderbird(tmp_path, office.address) as program:
        program.press(office.mail(), "imipAcceptButton")
        assert program.has_stored([told(uid, start)]) == [told(uid, start)]
        assert office.takes(program.answer(1), MEETING) is Partstat.ACCEPTED
        later = start + timedelta(days=7, hours=1)  # the clocks have changed
        office.put(later)
        program.press(office.mail(), "imipAcceptButton")
        # Thunderbird 140 takes the new time and sends no second answer: the answer page is for that.
        assert program.has_stored([told(uid, later)]) == [told(uid, later)]
        office.cancel(MEETING)
        program.press(office.mail(), "imipDeleteButton")
        assert program.has_stored([]) == []


@pytest.mark.full
@pytest.mark.timeout(900)
def test_thunderbird_takes_a_series_and_what_happens_to_its_dates(
    wired: Database, tmp_path: Path
) -> None:
    insist_on_thunderbird()
    office, start = Office(wired), spring_day()
    uid, moments = office.put_series(start)
    office.invite(SERIES)
    with invited_thunderbird(tmp_path, office.address) as program:
        program.press(office.mail(), "imipAcceptRecurrencesButton")
        assert program.has_stored([told(uid, start)]) == [told(uid, start)]
        assert office.takes(program.answer(1), SERIES) is Partstat.ACCEPTED
        moved = moments[2] + timedelta(days=1, hours=3)
        office.put_date(2, moments[2], moved)
        program.press(office.mail(), "imipDeclineButton")
        one = Subject("meeting", "s1-2")
        expected = sorted([told(uid, start), told(uid, moved)])
        assert program.has_stored(expected) == expected
        assert office.takes(program.answer(2), one) is Partstat.DECLINED
