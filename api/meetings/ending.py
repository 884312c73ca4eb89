"""Calling off: who did it and why; of a series what is ahead, while what has been stays in every calendar."""

from datetime import date, datetime

from sqlmodel import Session

from api.audit.service import record
from api.calendar.recurrence import until
from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.meetings import queries
from api.meetings.calendars import series_to_calendars, to_calendars
from api.meetings.models import Meeting, MeetingSeries, MeetingState
from api.meetings.undoing import can_undo_series, said_of, why_of

LONGEST_REASON = 200


def say_why(*off: Meeting | MeetingSeries, actor: str, reason: str = "") -> None:
    """Keep with what is called off who does it and why, for the mails to those invited.

    Raises:
        FieldFault: when the reason is too long.
    """
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON:
        raise FieldFault("reason", "Högst %(most)s tecken.", most=LONGEST_REASON)
    for one in off:
        one.cancelled_by, one.cancel_reason = actor, reason


def end_from(
    session: Session, series: MeetingSeries, day: date, actor: str, at: datetime, reason: str = ""
) -> int:
    """Call off a series' meetings from a day on, and return how many; earlier ones stay.

    The series gets shorter in every calendar; with nothing left of it, it is cancelled as a whole.

    Raises:
        FieldFault: when the reason is too long.
    """
    rows = queries.meetings_of_series(session, series.id)
    gone = [
        one
        for one in rows
        if one.starts_at > at and to_local(one.starts_at).date() >= day and not _is_off(one)
    ]
    before, states = said_of(series), {one.id: one.state.value for one in gone}
    why = why_of(series)
    kept = [one.original_start for one in rows if one not in gone and one.original_start]
    stays = any(one not in gone and not _is_off(one) for one in rows)
    say_why(series, *gone, actor=actor, reason=reason)
    if stays:
        series.rule = until(series.rule, max(kept))
    else:
        series.state = MeetingState.CANCELLED
    series.version += 1
    session.add(series)
    session.flush()
    record(session, actor, "shortened", ("series", series.id), after={"from": day.isoformat()})
    series_to_calendars(session, series, at)
    for meeting in gone:
        meeting.state = MeetingState.CANCELLED
        meeting.version += 1
        session.add(meeting)
        to_calendars(session, meeting, at)
    session.flush()
    can_undo_series(session, series, before, gone=states, why=why)
    return len(gone)


def _is_off(meeting: Meeting) -> bool:
    return meeting.state == MeetingState.CANCELLED
