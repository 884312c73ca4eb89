"""A programme follows its meeting: its sessions move with it and are off with it, in every calendar."""

from sqlmodel import Session

from api.accounts.news import AccountsChanged, FunctionHandedOver
from api.kit.clock import now
from api.meetings import queries as meetings
from api.meetings.calendars import MeetingChanged
from api.meetings.models import MeetingKind
from api.meetings.service import MeetingMoved
from api.programme import outlines, queries
from api.programme.arrival import queries as arrivals
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


def on_accounts_changed(session: Session, news: AccountsChanged) -> None:
    """Bring guests' events to whom they should ring now, when that one or the phone has changed."""
    if news.subject[0] in {"function", "person"}:
        _ring_anew(session, news.subject[1])


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """Bring guests' events to the new holder's phone."""
    _ring_anew(session, news.function_id)


def _ring_anew(session: Session, changed: str) -> None:
    session.flush()
    for meeting_id in arrivals.meetings_with_contact(session, changed):
        meeting = meetings.meeting(session, meeting_id)
        if meeting is not None:
            to_calendars(session, meeting, now())
