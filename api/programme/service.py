"""Publishing a meeting's programme: a plan becomes rows, agendas, seats and calendar events."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from api.audit.service import record
from api.calendar.models import ScopeKind
from api.calendar.service import (
    EventDetails,
    Scope,
    Subject,
    cancel_event,
    put_audience,
    put_event,
)
from api.kit.errors import ConflictError
from api.meetings.models import Meeting, MeetingState
from api.programme import frame, queries
from api.programme.arrival.service import WayIn, way_in_of
from api.programme.content import (
    ProgrammePlan,
    RoomPlan,
    SessionPlan,
    SlotPlan,
    TrackPlan,
    ends_at,
)
from api.programme.models import Attendance, ProgrammeSession, Room, Slot, Track
from api.programme.seating import seats_of

Row = TypeVar("Row", Track, Slot, Room, ProgrammeSession)


# What every session that runs must say: earlier national meetings failed on exactly this.
MUST_SAY = ("title_sv", "purpose_sv", "task_sv", "leader", "preparation_sv")


def publish(
    session: Session,
    meeting: Meeting,
    plan: ProgrammePlan,
    actor: str,
    at: datetime,
    action: str = "published",
) -> None:
    """Replace a meeting's programme by a plan; sessions, slots and rooms keep their ids by key.

    Raises:
        ConflictError: when a session that runs lacks purpose, task, leader or preparation.
    """
    for planned in plan.sessions:
        missing = [name for name in MUST_SAY if not str(getattr(planned, name)).strip()]
        if planned.slot is not None and missing:
            raise ConflictError(
                "Passet ”%(title)s” kan inte läggas upp: det saknar %(missing)s.",
                title=planned.title_sv or planned.key,
                missing=", ".join(missing),
            )
    before = queries.programme(session, meeting.id)
    tracks = _keep(
        session, Track, meeting, before.tracks, {t.key: _values(t, Track) for t in plan.tracks}
    )
    slots = _keep(
        session, Slot, meeting, before.slots, {s.key: _values(s, Slot) for s in plan.slots}
    )
    rooms = _keep(
        session, Room, meeting, before.rooms, {r.key: _values(r, Room) for r in plan.rooms}
    )
    wanted: dict[str, dict[str, Any]] = {}
    for planned in plan.sessions:
        values = _values(planned, ProgrammeSession)
        values["slot_id"] = slots[planned.slot].id if planned.slot else None
        values["room_id"] = rooms[planned.room].id if planned.room else None
        values["track_id"] = tracks[planned.track].id if planned.track else None
        wanted[planned.key] = values
    sessions = _keep(session, ProgrammeSession, meeting, before.sessions, wanted)
    for key in sessions.keys() - wanted.keys():
        # It stays as a row, so that its event is cancelled in calendars rather than lost.
        gone = sessions[key]
        gone.slot_id = gone.room_id = gone.track_id = None
        gone.reason_sv, gone.reason_en = "Utgår ur programmet.", "Taken out of the programme."
        session.add(gone)
    for slot in before.slots:
        if slot.key not in {one.key for one in plan.slots if one.is_break}:
            frame.forget_break(session, meeting.id, slot.id)
    queries.forget_attendances(session, meeting.id)
    queries.forget_unused(session, meeting.id, plan_keys(plan))
    for planned in plan.sessions:
        for function_id in sorted(planned.function_ids):
            key = sessions[planned.key].id
            session.add(Attendance(session_id=key, function_id=function_id))
        session.add_all(seats_of(sessions[planned.key].id, planned.tables))
    session.flush()
    placed = {p.key: [p.slot, p.room, p.track] for p in plan.sessions}
    record(session, actor, action, ("programme", meeting.id), after={"sessions": placed})
    to_calendars(session, meeting, at)


def take_back(session: Session, meeting: Meeting, actor: str, at: datetime) -> None:
    """Take a meeting's programme away again, as if none had been published: it leaves every calendar."""
    before = queries.programme(session, meeting.id)
    for one in before.sessions:
        subject = Subject("session", one.id)
        cancel_event(session, subject, at)
        put_audience(session, subject, frozenset())
    for slot in before.slots:
        frame.forget_break(session, meeting.id, slot.id)
    frame.to_calendars(session, meeting, (), frozenset(), at)
    queries.forget_attendances(session, meeting.id)
    queries.forget_sessions(session, meeting.id)
    queries.forget_unused(session, meeting.id, queries.Keys(frozenset(), frozenset(), frozenset()))
    session.expire_all()
    record(session, actor, "undone", ("programme", meeting.id))


def plan_keys(plan: ProgrammePlan) -> queries.Keys:
    """Return the keys of the tracks, slots and rooms that a plan still has."""
    return queries.Keys(
        tracks=frozenset(track.key for track in plan.tracks),
        slots=frozenset(slot.key for slot in plan.slots),
        rooms=frozenset(room.key for room in plan.rooms),
    )


def to_calendars(session: Session, meeting: Meeting, at: datetime) -> None:
    """Bring the events of a meeting's sessions to what the programme is now."""
    if meeting.state == MeetingState.DRAFT:
        return
    programme = queries.programme(session, meeting.id)
    way_in = way_in_of(session, meeting.id)
    slots = {slot.id: slot for slot in programme.slots}
    rooms = {room.id: room for room in programme.rooms}
    attending: dict[str, set[str]] = {}
    for attendance in programme.attendances:
        attending.setdefault(attendance.session_id, set()).add(attendance.function_id)
    for planned in programme.sessions:
        subject = Subject("session", planned.id)
        slot = slots.get(planned.slot_id or "")
        if slot is None or meeting.state == MeetingState.CANCELLED:
            cancel_event(session, subject, at)
            continue
        room = rooms.get(planned.room_id or "")
        scopes = {Scope(ScopeKind.MEETING, meeting.id)}
        scopes |= {Scope(ScopeKind.FUNCTION, one) for one in attending.get(planned.id, set())}
        tracks = [planned.track_id] if planned.track_id else [one.id for one in programme.tracks]
        scopes |= {Scope(ScopeKind.TRACK, one) for one in tracks}
        details = details_of(meeting, planned, slot, room)
        if planned.format == "agency":
            details = for_guest(details, way_in)
        put_event(session, subject, details, frozenset(scopes), at)
    running = {one.id for one in programme.sessions if one.slot_id}
    coming = {one for key, those in attending.items() if key in running for one in those}
    frame.to_calendars(session, meeting, programme.slots, coming, at)


def for_guest(details: EventDetails, found: WayIn) -> EventDetails:
    """Return what calendars show of a guest's session: also the way in, and whom to ring."""
    swedish = _agenda(("Vägen in", found.way_in), ("Ring", found.ring))
    english = _agenda(("The way in", found.way_in), ("Ring", found.ring))
    return replace(
        details,
        agenda_sv="\n".join(filter(None, (details.agenda_sv, swedish))),
        agenda_en="\n".join(filter(None, (details.agenda_en, english))),
    )


def details_of(
    meeting: Meeting, planned: ProgrammeSession, slot: Slot | SlotPlan, room: Room | None
) -> EventDetails:
    """Return what calendars show of a session."""
    return EventDetails(
        starts_at=slot.starts_at,
        ends_at=ends_at(slot.starts_at, slot.ends_at, planned.minutes),
        neutral_sv="Nationell träff, pass",
        neutral_en="National meeting, session",
        title_sv=planned.title_sv,
        title_en=planned.title_en,
        town=meeting.town,
        room=room.name if room else "",
        agenda_sv=_agenda(
            ("Fokus", meeting.focus_sv),
            ("Syfte", planned.purpose_sv),
            ("Uppgift", planned.task_sv),
            ("Så arbetar vi", planned.method_sv),
            ("Leds av", planned.leader),
            ("Förbered", planned.preparation_sv),
            ("Länk", planned.link),
            ("Till gästen", planned.gives_guest_sv),
        ),
        agenda_en=_agenda(
            ("Focus", meeting.focus_en),
            ("Purpose", planned.purpose_en),
            ("Task", planned.task_en),
            ("How we work", planned.method_en),
            ("Led by", planned.leader),
            ("Prepare", planned.preparation_en),
            ("Link", planned.link),
            ("To the guest", planned.gives_guest_en),
        ),
        page=f"/traffar/{meeting.id}/pass/{planned.id}",
        is_protected=meeting.is_protected,
        is_example=meeting.is_example,
    )


def _agenda(*parts: tuple[str, str]) -> str:
    return "\n".join(f"{heading}: {text}" for heading, text in parts if text)


def _values(
    plan: TrackPlan | SlotPlan | RoomPlan | SessionPlan, table: type[Row]
) -> dict[str, Any]:
    """Return what a row keeps of a plan: the fields that the table has, but for the key."""
    kept = table.model_fields.keys() - {"key"}
    return {one.name: getattr(plan, one.name) for one in fields(plan) if one.name in kept}


def _keep(
    session: Session,
    table: type[Row],
    meeting: Meeting,
    present: tuple[Row, ...],
    wanted: Mapping[str, dict[str, Any]],
) -> dict[str, Row]:
    """Write rows of a meeting as wanted; a key keeps its row, and so its id and its calendar UID."""
    rows = {row.key: row for row in present}
    for key, values in wanted.items():
        row = rows.get(key) or table(meeting_id=meeting.id, key=key, **values)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        rows[key] = row
    session.flush()
    return rows
