"""How what was done with a series is undone: put up, prolonged, ended."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import lock
from api.kit.errors import MissingError
from api.meetings import queries
from api.meetings.calendars import (
    out_of_series,
    series_out_of_calendars,
    series_to_calendars,
    to_calendars,
)
from api.meetings.models import Meeting, MeetingSeries, MeetingState
from api.outbox.acts import Data, can_undo_by, changed

KIND = "series"  # the kind of step that brings a series back


def said_of(series: MeetingSeries) -> dict[str, str]:
    """Return what of a series an undoing brings back."""
    return {"rule": series.rule, "state": series.state.value}


def why_of(series: MeetingSeries) -> dict[str, str]:
    """Return who ended a series and why: an undoing brings it back too, and no log has it."""
    return {"cancelled_by": series.cancelled_by, "cancel_reason": series.cancel_reason}


def can_undo_series(
    session: Session,
    series: MeetingSeries,
    before: Mapping[str, str] | None,
    *,
    added: Collection[Meeting] = (),
    gone: Mapping[str, str] | None = None,
    why: Mapping[str, str] | None = None,
) -> None:
    """Let the act that goes on know how a series was.

    `before` is None where it is new; `gone` are the meetings that were called off, each with the state
    that it had, and `why` is what stood there of an earlier end.
    """
    versions = {one.id: one.version for one in added}
    versions |= {
        one.id: one.version
        for one in queries.meetings_of_series(session, series.id)
        if one.id in (gone or {})
    }
    data = {
        "id": series.id,
        "before": before and dict(before),
        "after": said_of(series),
        "added": [one.id for one in added],
        "gone": dict(gone or {}),
        "versions": versions,
        "why": dict(why_of(series) if why is None else why),
    }
    can_undo_by(session, KIND, data)


def undo_series(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Bring a series back to what it was; what is new leaves calendars, what was called off takes place.

    Raises:
        ConflictError: when somebody has changed it, or one of its meetings, since.
    """
    series = queries.series(session, data["id"])
    if series is None:
        raise MissingError
    lock(series)
    changed(data["after"], said_of(series))
    meetings = {one.id: one for one in queries.meetings_of_series(session, series.id)}
    changed(data["versions"], {key: one.version for key, one in meetings.items()})
    record(session, actor, "undone", ("series", series.id), data["after"], data["before"])
    for one in data["added"]:
        _remove(session, meetings[one], at)
    before = data["before"]
    if before is None:
        series_out_of_calendars(session, series, at)
        if not queries.is_series_removed(session, series):
            series.state = MeetingState.CANCELLED
            series.version += 1
            session.add(series)
            session.flush()
        return
    series.rule, series.state = before["rule"], MeetingState(before["state"])
    for name, text in data.get("why", {}).items():
        setattr(series, name, text)
    series.version += 1
    session.add(series)
    session.flush()
    series_to_calendars(session, series, at)
    for key, state in data["gone"].items():
        meeting = meetings[key]
        meeting.state = MeetingState(state)
        meeting.cancelled_by = meeting.cancel_reason = ""
        meeting.version += 1
        session.add(meeting)
        session.flush()
        to_calendars(session, meeting, at)


def _remove(session: Session, meeting: Meeting, at: datetime) -> None:
    """Take a meeting away that nobody has been told of; one that something hangs on is called off."""
    out_of_series(session, meeting, at)
    if not queries.is_removed(session, meeting):
        meeting.state = MeetingState.CANCELLED
        meeting.version += 1
        session.add(meeting)
        session.flush()
