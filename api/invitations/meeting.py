"""The meeting that an event is, or is a session of, its last day to answer, and the sessions that guests come for."""

from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, Role
from api.accounts.policy import Viewer, may_plan
from api.audit.naming import SAID
from api.calendar import queries as calendar
from api.calendar.models import Event, ScopeKind
from api.invitations import queries
from api.invitations.models import Partstat, Place
from api.kit.clock import day_from
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import Speaker, later
from api.meetings import queries as meetings
from api.meetings.audience import may_change_meeting
from api.meetings.deadlines import KIND, answer_day, set_answer_by
from api.meetings.models import Meeting, MeetingSeries
from api.programme import queries as programme

# What a place at it and an answer are called, in lists, files and the log.
PLACES = {
    Place.INVITED: later("Inbjuden"),
    Place.WAITING: later("Väntelista"),
    Place.WITHDRAWN: later("Borttagen"),
}
ANSWERS = {
    Partstat.NEEDS_ACTION: later("Inget svar"),
    Partstat.ACCEPTED: later("Kommer"),
    Partstat.TENTATIVE: later("Kanske"),
    Partstat.DECLINED: later("Kommer inte"),
}
SAID["invitation", "partstat"] = ANSWERS


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
        day = day_from(typed) if typed else None
    except ValueError as error:
        raise FieldFault(KIND, "Välj en dag.") from error
    set_answer_by(session, meeting, day, actor, at)


def sessions_with_guests(session: Session, meeting_id: str) -> list[Event]:
    """Return the events of a meeting's sessions that guests come for, in the programme's order.

    A few statements for all of them: a session has guests when its audience names a guest's function.
    """
    planned = programme.session_ids(session, meeting_id)
    events = calendar.events_of(session, "session", planned)
    audiences = calendar.audiences(session, [event.id for event in events.values()])
    every = {scope for scopes in audiences.values() for scope in scopes}
    named = queries.functions(session, {one for kind, one in every if kind is ScopeKind.FUNCTION})
    of_rc = accounts.functions_of_rcs(session, {one for kind, one in every if kind is ScopeKind.RC})
    guests = {(ScopeKind.FUNCTION, one.id) for one in named if _is_guest(one)}
    guests |= {(ScopeKind.RC, rc) for rc, those in of_rc.items() if any(map(_is_guest, those))}
    return [events[one] for one in planned if one in events and audiences[events[one].id] & guests]


def _is_guest(function: Function) -> bool:
    return function.role is Role.GUEST and function.holder_id is not None
