"""A meeting gets another time, or half an hour more, on a form that says what that means."""

from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.calendar.models import Event
from api.kit.clock import from_local, now, to_local
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create, first_working_day
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser


@pytest.fixture
def day() -> date:
    return first_working_day(to_local(now() + timedelta(weeks=10)).date())


def _draft(day: date, host: str, visitor: str) -> MeetingDraft:
    """A study visit at 10-12."""
    start = from_local(datetime(day.year, day.month, day.day, 10))  # noqa: DTZ001 - local
    return MeetingDraft(
        kind=MeetingKind.STUDY_VISIT,
        name_sv="Exempel: besök",
        name_en="Example: visit",
        focus_sv="Exempel",
        focus_en="Example",
        form=MeetingForm.IN_PERSON,
        town="Falun",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        host_rc=host,
        visitor_rc=visitor,
    )


@pytest.fixture
def visit(app: FastAPI, day: date) -> tuple[str, Browser]:
    """A study visit of Dalarna in Uppsala, and a browser of one of the two."""
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
        made = create(session, _draft(day, "uppsala", "dalarna"), "system", now()).id
    return made, browser(app, member)


def _times(app: FastAPI, meeting_id: str) -> tuple[str, str, int]:
    with app.state.database.reading() as session:
        meeting = session.get_one(Meeting, meeting_id)
        event = session.exec(select(Event).where(Event.subject_id == meeting_id)).one()
        start, end = to_local(meeting.starts_at), to_local(meeting.ends_at)
        return f"{start:%H:%M}", f"{end:%H:%M}", event.sequence


@pytest.mark.parametrize(("add", "expected"), [("before", "09:30 12:00"), ("after", "10:00 12:30")])
def test_half_an_hour_is_added_and_calendars_follow(
    app: FastAPI, visit: tuple[str, Browser], day: date, add: str, expected: str
) -> None:
    meeting_id, web = visit
    asked = f"/traffar/{meeting_id}/tid?add={add}"
    assert "Så blir det" in web.get(asked).text
    start, end = expected.split()
    sent = {"version": "1", "day": day.isoformat(), "starts": start, "ends": end}
    assert web.submit(asked, f"/traffar/{meeting_id}/tid", sent).status_code == 303
    assert _times(app, meeting_id) == (start, end, 1)
    stale = web.submit(asked, f"/traffar/{meeting_id}/tid", {**sent, "ends": "13:00"})
    assert stale.status_code == 409


def test_what_speaks_against_a_time_is_said_before_it_is_saved(
    visit: tuple[str, Browser], day: date
) -> None:
    meeting_id, web = visit
    soon = first_working_day(to_local(now() + timedelta(days=8)).date())
    path = f"/traffar/{meeting_id}/tid"
    assert "vecka kvar" in web.get(f"{path}?day={soon}&starts=10:00&ends=12:00").text
    backwards = web.get(f"{path}?day={day}&starts=12:00&ends=10:00")
    assert backwards.status_code == 422
    assert "sluta efter" in backwards.text
    christmas = f"{day.year + 1}-12-25"
    assert "helgdag" in web.get(f"{path}?day={christmas}&starts=10:00&ends=12:00").text
    assert web.get(f"{path}?day=snart&starts=10:00&ends=12:00").status_code == 422


def test_who_is_at_another_meeting_is_named(
    app: FastAPI, visit: tuple[str, Browser], day: date
) -> None:
    meeting_id, web = visit
    with app.state.database.transaction() as session:
        create(session, _draft(day, "uppsala", "norrbotten"), "system", now())
        national_id = make_meeting(session).id
    page = web.get(f"/traffar/{meeting_id}/tid?day={day}&starts=11:30&ends=13:00").text
    assert "Har redan en annan träff då: Uppsala." in page
    free = web.get(f"/traffar/{meeting_id}/tid?day={day}&starts=12:00&ends=13:00").text
    assert "annan träff" not in free
    assert web.get(f"/traffar/{national_id}/tid").status_code == 404
