"""A programme follows its meeting: its sessions move with it and are off with it, in every calendar."""

from sqlmodel import Session

from api.kit.clock import now
from api.meetings import queries as meetings
from api.meetings.calendars import MeetingChanged
from api.meetings.models import MeetingKind
from api.meetings.service import MeetingMoved
from api.programme import outlines, queries
from api.programme.service import to_calendars


def on_meeting_changed(session: Session, news: MeetingChanged) -> None:
    """Bring the sessions' events to what their meeting is now."""
    meeting = meetings.meeting(session, news.meeting_id)
    if meeting is not None and meeting.kind is MeetingKind.NATIONAL:
        to_calendars(session, meeting, now())


def on_meeting_moved(session: Session, news: MeetingMoved) -> None:
    """Move the slots as far as the meeting's beginning, by the clock, and the sessions with them."""
    meeting = meetings.meeting(session, news.meeting_id)
    if meeting is None or meeting.kind is not MeetingKind.NATIONAL:
        return
    for slot in queries.programme(session, meeting.id).slots:
        slot.starts_at = outlines.moved(slot.starts_at, news.starts_at, meeting.starts_at)
        slot.ends_at = outlines.moved(slot.ends_at, news.starts_at, meeting.starts_at)
        session.add(slot)
    session.flush()
    outlines.move_with_meeting(session, meeting, news.starts_at, now())
    to_calendars(session, meeting, now())
