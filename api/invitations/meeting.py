"""The meeting that an event is, or is a session of."""

from sqlmodel import Session

from api.calendar.models import Event
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.programme import queries as programme


def meeting_of(session: Session, event: Event) -> Meeting | None:
    """Return the meeting that an event is or belongs to; None for events of other kinds."""
    meeting_id: str | None = event.subject_id if event.subject_kind == "meeting" else None
    if event.subject_kind == "session":
        planned = programme.programme_session(session, event.subject_id)
        meeting_id = planned.meeting_id if planned is not None else None
    return meetings.meeting(session, meeting_id) if meeting_id else None
