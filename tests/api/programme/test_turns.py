"""Agencies take turns over the meetings."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.programme.arrival.turns import turn
from api.programme.models import ProgrammeSession, Slot

KEYS = ("agency_police", "agency_prosecutor", "agency_region")
FIRST = datetime(2026, 9, 8, 8, tzinfo=UTC)


def _spoke(session: Session, at: datetime, *keys: str, state: str = "published") -> None:
    meeting = Meeting(
        kind=MeetingKind.NATIONAL,
        name_sv="x",
        name_en="x",
        focus_sv="x",
        focus_en="x",
        form=MeetingForm.IN_PERSON,
        starts_at=at,
        ends_at=at + timedelta(days=1),
        state=MeetingState(state),
    )
    session.add(meeting)
    session.flush()
    for number, key in enumerate(keys):
        start = at + timedelta(days=number)
        slot = Slot(meeting_id=meeting.id, key=key, starts_at=start, ends_at=start)
        session.add(slot)
        session.flush()
        row = ProgrammeSession(
            meeting_id=meeting.id,
            key=key,
            format="agency",
            slot_id=slot.id,
            title_sv="x",
            title_en="x",
            purpose_sv="x",
            purpose_en="x",
            task_sv="x",
            task_en="x",
            preparation_sv="x",
            preparation_en="x",
            leader="x",
        )
        session.add(row)
    session.flush()


def test_whoever_spoke_last_waits_and_when_all_spoke_all_speak_again(session: Session) -> None:
    assert turn(session, "new", KEYS).next == KEYS
    _spoke(session, FIRST, "agency_police")
    assert turn(session, "new", KEYS).next == ("agency_prosecutor", "agency_region")
    _spoke(session, FIRST + timedelta(days=90), "agency_prosecutor", "agency_region")
    found = turn(session, "new", KEYS)
    assert found.next == ("agency_police",)
    assert found.heard["agency_police"] == FIRST
    assert turn(session, "new", KEYS[:1]).next == ("agency_police",)
    _spoke(session, FIRST + timedelta(days=200), "agency_police", state="cancelled")
    assert turn(session, "new", KEYS).next == ("agency_police",)
