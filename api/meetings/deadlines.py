"""A meeting's last day to answer: chosen by a planner, moved with the meeting, shown in calendars that ask for such days."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.audit.service import record
from api.calendar import queries as calendar
from api.calendar.service import EventDetails, Subject, put_event
from api.kit.clock import now, to_local
from api.kit.errors import ConflictError, FieldFault
from api.meetings import queries
from api.meetings.audience import audience_of
from api.meetings.calendars import MeetingChanged
from api.meetings.models import Meeting, MeetingState

KIND = "answer_by"


def set_answer_by(
    session: Session, meeting: Meeting, day: date | None, actor: str, at: datetime
) -> None:
    """Say until when one answers, or with None that there is no such day; calendars follow.

    Raises:
        FieldFault: when the day has been, or comes after the meeting has begun.
        ConflictError: when the meeting has been called off.
    """
    if meeting.state is MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")
    if day is not None and not to_local(at).date() <= day <= to_local(meeting.starts_at).date():
        raise FieldFault(KIND, "Välj en dag från i dag till träffens första dag.")
    before = {KIND: meeting.answer_by.isoformat() if meeting.answer_by else ""}
    meeting.answer_by = day
    session.add(meeting)
    session.flush()
    after = {KIND: day.isoformat() if day else ""}
    record(session, actor, "changed", ("meeting", meeting.id), dict(before), dict(after))
    to_calendars(session, meeting, at)


def answer_day(meeting: Meeting) -> date | None:
    """Return the last day to answer; none once the meeting begins before it."""
    day = meeting.answer_by
    return day if day is not None and day <= to_local(meeting.starts_at).date() else None


def moved_with(meeting: Meeting, starts_at: datetime, at: datetime) -> date | None:
    """Return the last day to answer when the meeting moves: as long before it, or none if that has been.

    The invited are asked anew, so the day that held for the old time says nothing of the new.
    """
    if meeting.answer_by is None:
        return None
    days = to_local(starts_at).date() - to_local(meeting.starts_at).date()
    day = meeting.answer_by + timedelta(days=days.days)
    return day if day >= to_local(at).date() else None


def on_meeting_changed(session: Session, news: MeetingChanged) -> None:
    """Bring the day in calendars to what the meeting is now."""
    meeting = queries.meeting(session, news.meeting_id)
    if meeting is not None:
        to_calendars(session, meeting, now())


def to_calendars(session: Session, meeting: Meeting, at: datetime) -> None:
    """Put the day where its meeting is; it leaves when the meeting is off or has no such day any more."""
    subject = Subject(KIND, meeting.id)
    day = answer_day(meeting)
    is_asked = day is not None and meeting.state in {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    known = calendar.event_of(session, *subject)
    if known is None and not is_asked:
        return
    shown = day or (known.first_day if known is not None else None)
    details = EventDetails(
        neutral_sv="Sista svarsdag",
        neutral_en="Last day to answer",
        title_sv=f"Svara senast: {meeting.name_sv}",
        title_en=f"Answer by: {meeting.name_en}",
        page=f"/traffar/{meeting.id}",
        first_day=shown,
        last_day=shown,
        is_protected=meeting.is_protected,
        is_deadline=True,
        is_example=meeting.is_example,
    )
    put_event(session, subject, details, audience_of(session, meeting) if is_asked else (), at)
