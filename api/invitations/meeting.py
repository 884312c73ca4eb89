"""The meeting that an event is, or is a session of, and its last day to answer."""

from datetime import date, datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.calendar.models import Event
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import Speaker
from api.meetings import queries as meetings
from api.meetings.audience import may_change_meeting
from api.meetings.deadlines import KIND, answer_day, set_answer_by
from api.meetings.models import Meeting, MeetingSeries
from api.programme import queries as programme


def meeting_of(session: Session, event: Event) -> Meeting | None:
    """Return the meeting that an event is or belongs to; None for events of other kinds."""
    meeting_id: str | None = event.subject_id if event.subject_kind == "meeting" else None
    if event.subject_kind == "session":
        planned = programme.programme_session(session, event.subject_id)
        meeting_id = planned.meeting_id if planned is not None else None
    return meetings.meeting(session, meeting_id) if meeting_id else None


def ended_of(session: Session, event: Event) -> Meeting | MeetingSeries | None:
    """Return what says who called an event off, or ended it, and why."""
    if event.subject_kind == "series":
        return meetings.series(session, event.subject_id)
    return meeting_of(session, event)


def may_invite(session: Session, viewer: Viewer, meeting_id: str) -> bool:
    """Return whether a viewer invites to a meeting: planners to all, an RC to what is its own."""
    meeting = meetings.meeting(session, meeting_id)
    return may_plan(viewer) or (
        meeting is not None and may_change_meeting(session, viewer, meeting)
    )


def last_day(session: Session, event: Event, say: Speaker) -> str:
    """Return the last day to answer an invitation to the event in words; empty when there is none."""
    meeting = meeting_of(session, event)
    day = answer_day(meeting) if meeting is not None else None
    return say.date(day) if day is not None else ""


def choose_answer_day(
    session: Session, meeting_id: str, typed: str, actor: str, at: datetime
) -> None:
    """Take the last day to answer from a form's field; an empty one says that there is none.

    Raises:
        MissingError: when there is no such meeting.
        FieldFault: when the field holds no day, or not one that can be chosen.
    """
    meeting = meetings.meeting(session, meeting_id)
    if meeting is None:
        raise MissingError
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise FieldFault(KIND, "Välj en dag.") from error
    set_answer_by(session, meeting, day, actor, at)
