"""Who holds a meeting together with NCH: posts of other agencies, chosen by a planner for one meeting."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, BodyKind, Function
from api.audit.service import record
from api.kit.db import announce, lock
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.meetings import queries
from api.meetings.calendars import to_calendars
from api.meetings.models import CoHost, Meeting, MeetingState

FIELD = "function_id"
MOST = 10


@dataclass(frozen=True, slots=True)
class CoHostLeft:
    """News: a post sees a meeting no more."""

    meeting_id: str


def agencies(session: Session) -> list[tuple[Function, Body]]:
    """Return the posts that can be asked: those of other agencies; RC and NCH hold meetings by themselves."""
    return accounts.functions_of_kind(session, BodyKind.GUEST)


def co_hosts_of(session: Session, meeting: Meeting) -> list[tuple[Function, Body]]:
    """Return a meeting's co-hosts, by their organisation."""
    chosen = queries.co_hosts(session, [meeting.id]).get(meeting.id, frozenset())
    return [(one, body) for one, body in agencies(session) if one.id in chosen] if chosen else []


def add(session: Session, meeting: Meeting, function_id: str, actor: str, at: datetime) -> None:
    """Make a post a meeting's co-host; the meeting comes to its calendar.

    Raises:
        FieldFault: when the post is no other agency's, or nobody holds it.
        ConflictError: when the meeting is called off, or has as many as it may.
    """
    lock(meeting)
    if meeting.state is MeetingState.CANCELLED:
        raise ConflictError("Träffen är inställd.")
    able = {one.id for one, _ in agencies(session) if one.holder_id}
    if function_id not in able:
        raise FieldFault(FIELD, "Välj en funktion vid en annan myndighet.")
    chosen = queries.co_hosts(session, [meeting.id]).get(meeting.id, frozenset())
    if function_id in chosen:
        return
    if len(chosen) >= MOST:
        raise ConflictError("Träffen har redan %(most)s medvärdar.", most=MOST)
    session.add(CoHost(meeting_id=meeting.id, function_id=function_id, added_at=at))
    session.flush()
    record(session, actor, "added", ("co_host", meeting.id), after={"function": function_id})
    to_calendars(session, meeting, at)


def remove(session: Session, meeting: Meeting, function_id: str, actor: str, at: datetime) -> None:
    """Let a post be a meeting's co-host no more; the meeting leaves its calendar and it sees nothing of it.

    Raises:
        MissingError: when it is none.
    """
    lock(meeting)
    found = queries.co_host(session, meeting.id, function_id)
    if found is None:
        raise MissingError
    session.delete(found)
    session.flush()
    record(session, actor, "removed", ("co_host", meeting.id), before={"function": function_id})
    to_calendars(session, meeting, at, without=function_id)
    announce(session, CoHostLeft(meeting.id))
