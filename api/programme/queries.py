"""All SQL over programmes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from api.programme.models import (
    Attendance,
    ProgrammeOutline,
    ProgrammeSession,
    Room,
    Seat,
    Slot,
    Track,
)


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme of one meeting, whole."""

    tracks: tuple[Track, ...]
    slots: tuple[Slot, ...]
    rooms: tuple[Room, ...]
    sessions: tuple[ProgrammeSession, ...]
    attendances: tuple[Attendance, ...]
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a programme's tracks, slots and rooms."""

    tracks: frozenset[str]
    slots: frozenset[str]
    rooms: frozenset[str]


def programme(session: Session, meeting_id: str) -> Programme:
    """Return a meeting's programme: tracks and rooms by name, slots by time."""
    return programmes(session, [meeting_id])[meeting_id]


def programmes(
    session: Session, meeting_ids: Sequence[str], of: Collection[str] | None = None
) -> dict[str, Programme]:
    """Return the programme of each meeting, with as many queries for many meetings as for one.

    With `of` only those functions' attendances and seats are in it.
    """
    sessions = select(ProgrammeSession).where(col(ProgrammeSession.meeting_id).in_(meeting_ids))
    attendances = (
        select(ProgrammeSession.meeting_id, Attendance)
        .join(ProgrammeSession)
        .where(col(ProgrammeSession.meeting_id).in_(meeting_ids))
        .order_by(Attendance.session_id, Attendance.function_id)
    )
    seats = (
        select(ProgrammeSession.meeting_id, Seat)
        .join(ProgrammeSession)
        .where(col(ProgrammeSession.meeting_id).in_(meeting_ids))
        .order_by(Seat.session_id, col(Seat.round_number), col(Seat.table_number), Seat.function_id)
    )
    if of is not None:
        attendances = attendances.where(col(Attendance.function_id).in_(of))
        seats = seats.where(col(Seat.function_id).in_(of))
    slots = (
        select(Slot)
        .where(col(Slot.meeting_id).in_(meeting_ids))
        .order_by(col(Slot.starts_at), Slot.key)
    )
    tracks = select(Track).where(col(Track.meeting_id).in_(meeting_ids)).order_by(Track.key)
    rooms = select(Room).where(col(Room.meeting_id).in_(meeting_ids)).order_by(Room.key)
    track_rows, slot_rows = list(session.exec(tracks)), list(session.exec(slots))
    room_rows = list(session.exec(rooms))
    session_rows = list(session.exec(sessions.order_by(ProgrammeSession.key)))
    attendance_rows = list(session.exec(attendances))
    seat_rows = list(session.exec(seats))
    return {
        meeting_id: Programme(
            tracks=tuple(row for row in track_rows if row.meeting_id == meeting_id),
            slots=tuple(row for row in slot_rows if row.meeting_id == meeting_id),
            rooms=tuple(row for row in room_rows if row.meeting_id == meeting_id),
            sessions=tuple(row for row in session_rows if row.meeting_id == meeting_id),
            attendances=tuple(row for owner, row in attendance_rows if owner == meeting_id),
            seats=tuple(row for owner, row in seat_rows if owner == meeting_id),
        )
        for meeting_id in meeting_ids
    }


def with_content(session: Session) -> frozenset[str]:
    """Return the meetings that have a programme, published or in the making."""
    made = session.exec(select(ProgrammeOutline.meeting_id))
    published = session.exec(select(ProgrammeSession.meeting_id).distinct())
    return frozenset((*made, *published))


def programme_session(session: Session, session_id: str) -> ProgrammeSession | None:
    """Return one session."""
    return session.get(ProgrammeSession, session_id)


def session_ids(session: Session, meeting_id: str) -> list[str]:
    """Return a meeting's sessions by key."""
    statement = select(ProgrammeSession.id).where(ProgrammeSession.meeting_id == meeting_id)
    return list(session.exec(statement.order_by(ProgrammeSession.key)))


def session_of_key(session: Session, meeting_id: str, key: str) -> ProgrammeSession | None:
    """Return the session of a meeting that has this key."""
    statement = select(ProgrammeSession).where(
        ProgrammeSession.meeting_id == meeting_id, ProgrammeSession.key == key
    )
    return session.exec(statement).first()


def functions_at(session: Session, session_id: str) -> frozenset[str]:
    """Return the functions that attend a session."""
    statement = select(Attendance.function_id).where(Attendance.session_id == session_id)
    return frozenset(session.exec(statement))


def seats_at_other_meetings(session: Session, meeting_id: str) -> list[Seat]:
    """Return every seat at the tables of other meetings: who has sat with whom."""
    statement = select(Seat).join(ProgrammeSession).where(ProgrammeSession.meeting_id != meeting_id)
    return list(session.exec(statement))


def forget_attendances(session: Session, meeting_id: str) -> None:
    """Remove every line of every agenda of a meeting and every seat, before new ones are written."""
    mine = select(ProgrammeSession.id).where(ProgrammeSession.meeting_id == meeting_id)
    session.exec(delete(Attendance).where(col(Attendance.session_id).in_(mine)))
    session.exec(delete(Seat).where(col(Seat.session_id).in_(mine)))


def forget_sessions(session: Session, meeting_id: str) -> None:
    """Remove a meeting's sessions; nobody attends them any more."""
    session.flush()
    session.exec(delete(ProgrammeSession).where(col(ProgrammeSession.meeting_id) == meeting_id))


def forget_unused(session: Session, meeting_id: str, keys: Keys) -> None:
    """Remove a meeting's tracks, slots and rooms that its new programme does not have."""
    session.flush()
    session.exec(
        delete(Track).where(col(Track.meeting_id) == meeting_id, col(Track.key).not_in(keys.tracks))
    )
    session.exec(
        delete(Slot).where(col(Slot.meeting_id) == meeting_id, col(Slot.key).not_in(keys.slots))
    )
    session.exec(
        delete(Room).where(col(Room.meeting_id) == meeting_id, col(Room.key).not_in(keys.rooms))
    )


def track(session: Session, track_id: str) -> Track | None:
    """Return one track."""
    return session.get(Track, track_id)


def meetings_of_sessions(session: Session, session_ids: Collection[str]) -> dict[str, str]:
    """Return the meeting that each of some sessions is part of."""
    if not session_ids:
        return {}
    statement = select(ProgrammeSession).where(col(ProgrammeSession.id).in_(session_ids))
    return {one.id: one.meeting_id for one in session.exec(statement)}
