"""The last day to answer follows its meeting in the calendars that ask for such days, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.accounts.models import Role
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds.joining import join
from api.feeds.service import Wish, subscribe
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.meetings import deadlines, queries, service
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft
from api.wiring import connect
from tests.calendars import read_events
from tests.factories import make_member

NOW = datetime(2027, 1, 11, 8, 0, tzinfo=UTC)
START = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2027, 2, 16)


class Office:
    """Somebody who plans a study visit, and somebody of the RC that is visited who subscribes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.person_id = make_member(session, Role.RC_MEMBER, "skane").person.id
            self.draft = MeetingDraft(
                kind=MeetingKind.STUDY_VISIT,
                host_rc="skane",
                visitor_rc="kalmar",
                name_sv="Träff om samråd",
                name_en="Meeting on consultation",
                focus_sv="Samråd",
                focus_en="Consultation",
                form=MeetingForm.DIGITAL,
                starts_at=START,
                ends_at=START + timedelta(hours=2),
                answer_by=DAY,
            )
            self.meeting_id = service.create(session, self.draft, "nch", NOW).id

    def meeting(self, session: Session) -> Meeting:
        found = queries.meeting(session, self.meeting_id)
        assert found is not None
        return found

    def days(self, *, has_deadlines: bool = True) -> list[tuple[date, str]]:
        """Return the whole days of the subscriber's calendar, with their titles."""
        wish = Wish(
            scope=Scope(ScopeKind.PERSON, self.person_id),
            level=Level.INTERNAL,
            language="sv",
            name="Mina träffar",
            owner_person_id=self.person_id,
            has_deadlines=has_deadlines,
        )
        with self.database.transaction() as session:
            feed, _, _ = subscribe(session, wish, NOW)
            events = read_events(join(session, feed, NOW.date()).body)
        found = [(event["DTSTART"].dt, str(event["SUMMARY"])) for event in events]
        return [(day, title) for day, title in found if not isinstance(day, datetime)]

    def move(self, starts_at: datetime) -> None:
        with self.database.transaction() as session:
            meeting = self.meeting(session)
            ends_at = starts_at + timedelta(hours=2)
            service.move(session, meeting, starts_at, ends_at, meeting.version, "nch", NOW)

    def choose(self, day: date | None) -> None:
        with self.database.transaction() as session:
            deadlines.set_answer_by(session, self.meeting(session), day, "nch", NOW)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    database = connect(database_url, "https://samkrets.example")
    try:
        with time_machine.travel(NOW, tick=False):
            yield Office(database)
    finally:
        database.close()


TITLE = "Svara senast: Träff om samråd"


def test_the_day_stands_in_calendars_that_ask_for_such_days_only(office: Office) -> None:
    assert office.days() == [(DAY, TITLE)]
    assert office.days(has_deadlines=False) == []


def test_the_day_moves_as_far_as_its_meeting_and_goes_when_that_day_has_been(
    office: Office,
) -> None:
    office.move(START + timedelta(days=7))
    assert office.days() == [(DAY + timedelta(days=7), TITLE)]
    office.move(START - timedelta(days=40))
    assert office.days() == []


def test_the_day_leaves_when_its_meeting_is_called_off(office: Office) -> None:
    with office.database.transaction() as session:
        meeting = office.meeting(session)
        service.cancel(session, meeting, meeting.version, "nch", NOW)
    assert office.days() == []
    with pytest.raises(ConflictError):
        office.choose(DAY)


def test_a_planner_chooses_another_day_or_none(office: Office) -> None:
    office.choose(DAY + timedelta(days=1))
    assert office.days() == [(DAY + timedelta(days=1), TITLE)]
    office.choose(None)
    assert office.days() == []
    office.choose(START.date())
    assert office.days() == [(START.date(), TITLE)]


@pytest.mark.parametrize("day", [NOW.date() - timedelta(days=1), START.date() + timedelta(days=1)])
def test_a_day_that_has_been_or_comes_after_the_meeting_is_refused(
    office: Office, day: date
) -> None:
    with pytest.raises(FieldFault):
        office.choose(day)
    assert office.days() == [(DAY, TITLE)]


def test_a_draft_meeting_shows_no_day_to_anybody(office: Office) -> None:
    with office.database.transaction() as session:
        draft = replace(office.draft, state=MeetingState.DRAFT)
        service.create(session, draft, "nch", NOW)
    assert office.days() == [(DAY, TITLE)]
