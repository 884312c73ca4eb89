"""Reading a published programme: the whole, a guest's one session, a personal agenda."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import (
    Viewer,
    insist,
    may_co_host,
    may_plan,
    may_read_register,
    may_see_session,
)
from api.kit.errors import MissingError
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import may_see_meeting
from api.programme import queries
from api.programme.content import ends_at
from api.programme.models import ProgrammeSession, Room, Slot, Track
from api.programme.queries import Programme
from api.programme.seating import own_tables


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One line of a personal agenda."""

    session: ProgrammeSession
    slot: Slot
    room: Room | None
    track: Track | None
    meeting: Meeting
    tables: tuple[int, ...] = ()  # the own table, from 1, in each round of a case round

    @property
    def ends_at(self) -> datetime:
        """When the session ends: after its own minutes, or with the slot."""
        return ends_at(self.slot.starts_at, self.slot.ends_at, self.session.minutes)


def visible_meeting(
    session: Session, viewer: Viewer | None, meeting_id: str
) -> tuple[Meeting, bool]:
    """Return a meeting and whether the viewer sees it only as a guest of some sessions.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    meeting = meetings.meeting(session, meeting_id)
    if meeting is None:
        raise MissingError
    if may_see_meeting(session, viewer, meeting):
        return meeting, False
    is_invited = bool(invited_part(queries.programme(session, meeting.id), viewer).sessions)
    insist(is_invited and meeting.state != MeetingState.DRAFT)
    return meeting, True


def programme_for(session: Session, viewer: Viewer | None, meeting: Meeting) -> Programme:
    """Return the programme as a viewer may see it: a guest sees only the sessions invited to."""
    whole = queries.programme(session, meeting.id)
    if may_plan(viewer) or may_read_register(viewer) or _hosts(session, viewer, meeting):
        return whole
    return invited_part(whole, viewer)


def _hosts(session: Session, viewer: Viewer | None, meeting: Meeting) -> bool:
    return may_co_host(viewer, meetings.co_hosts(session, [meeting.id]).get(meeting.id, ()))


def invited_part(whole: Programme, viewer: Viewer | None) -> Programme:
    """Return only the sessions that a viewer's functions attend, with their slots and rooms."""
    mine = viewer.function_ids if viewer else frozenset()
    attendances = tuple(a for a in whole.attendances if a.function_id in mine)
    ids = {attendance.session_id for attendance in attendances}
    sessions = tuple(found for found in whole.sessions if found.id in ids)
    return Programme(
        tracks=tuple(t for t in whole.tracks if t.id in {s.track_id for s in sessions}),
        slots=tuple(s for s in whole.slots if s.id in {x.slot_id for x in sessions}),
        rooms=tuple(r for r in whole.rooms if r.id in {s.room_id for s in sessions}),
        sessions=sessions,
        attendances=attendances,
        seats=tuple(seat for seat in whole.seats if seat.function_id in mine),
    )


def session_for(
    session: Session, viewer: Viewer | None, meeting_id: str, session_id: str
) -> AgendaLine:
    """Return a session that runs, when the viewer may see it.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found = queries.programme_session(session, session_id)
    meeting = meetings.meeting(session, meeting_id)
    if found is None or meeting is None or found.meeting_id != meeting_id or not found.slot_id:
        raise MissingError
    if meeting.state == MeetingState.DRAFT:
        insist(may_plan(viewer))
    asked = queries.functions_at(session, session_id)
    insist(may_see_session(viewer, asked) or _hosts(session, viewer, meeting))
    whole = queries.programme(session, meeting_id)
    return next(line for line in lines(whole, meeting, viewer) if line.session.id == session_id)


def agenda_for(session: Session, viewer: Viewer) -> list[AgendaLine]:
    """Return everything on the viewer's personal agenda, by time."""
    national = [
        meeting
        for meeting in meetings.national_meetings(session)
        if meeting.state != MeetingState.DRAFT
    ]
    ids = [meeting.id for meeting in national]
    programmes = queries.programmes(session, ids, of=viewer.function_ids)
    found: list[AgendaLine] = []
    for meeting in national:
        found += lines(invited_part(programmes[meeting.id], viewer), meeting, viewer)
    return sorted(found, key=lambda line: line.slot.starts_at)


def agenda_of_function(
    session: Session, meeting: Meeting, function_id: str
) -> tuple[list[AgendaLine], list[Slot]]:
    """Return the sessions that a function attends at a meeting, and the breaks between, by time."""
    whole = queries.programme(session, meeting.id)
    attended = {one.session_id for one in whole.attendances if one.function_id == function_id}
    found = [line for line in lines(whole, meeting) if line.session.id in attended]
    mine = own_tables(whole.seats, frozenset({function_id}))
    seated = [replace(line, tables=mine.get(line.session.id, ())) for line in found]
    return seated, [slot for slot in whole.slots if slot.is_break]


def lines(
    programme: Programme, meeting: Meeting, viewer: Viewer | None = None
) -> Iterable[AgendaLine]:
    """Yield the sessions that run by time, each with its slot, room and track, and the viewer's table."""
    mine = own_tables(programme.seats, viewer.function_ids if viewer else frozenset())
    slots = {slot.id: slot for slot in programme.slots}
    rooms = {room.id: room for room in programme.rooms}
    tracks = {track.id: track for track in programme.tracks}
    running = [found for found in programme.sessions if found.slot_id]
    for found in sorted(running, key=lambda s: (slots[s.slot_id or ""].starts_at, s.room_id or "")):
        room, track = rooms.get(found.room_id or ""), tracks.get(found.track_id or "")
        tables = mine.get(found.id, ())
        yield AgendaLine(found, slots[found.slot_id or ""], room, track, meeting, tables)
