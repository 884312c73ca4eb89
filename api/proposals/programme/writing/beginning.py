"""How a meeting's content begins: from what is published, copied from another meeting, or with empty days."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.kit.clock import to_local
from api.kit.errors import FieldFault, FormError
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.programme import outlines
from api.programme import queries as programmes
from api.programme.content import (
    ProgrammePlan,
    RoomPlan,
    SessionPlan,
    SlotPlan,
    TrackPlan,
    is_own_time,
)
from api.programme.models import ProgrammeOutline
from api.programme.outlines import MOST_DAYS
from api.programme.queries import Programme
from api.programme.words import FORMATS
from api.proposals.programme import frame as programme_frame
from api.proposals.programme.drafting import (
    CASE_TABLES,
    CIRCLE_TIME,
    TRACKS,
    Frame,
    empty_days,
    opening_and_closing,
)
from api.proposals.programme.store import wishes_from
from api.proposals.programme.writing.pasting import FIELDS, HEADINGS
from matcher.programme.problem import Tables


def begin(session: Session, meeting: Meeting, source: str, actor: str, at: datetime) -> None:
    """Begin a meeting's content; `source` is a meeting to copy, empty for days with nothing in them.

    What the meeting itself has published comes first, if anything.
    """
    own = content_published(programmes.programme(session, meeting.id))
    plan = own or _copied(session, meeting, source) or _empty(session, meeting)
    outlines.begin(session, meeting, plan, "", actor, at)


def content_published(programme: Programme) -> ProgrammePlan | None:
    """Return what is published as content that can be changed; None when nothing is."""
    if not programme.sessions:
        return None
    slots = {one.id: one.key for one in programme.slots}
    tracks = {one.id: one.key for one in programme.tracks}
    return ProgrammePlan(
        tracks=tuple(TrackPlan(t.key, t.name_sv, t.name_en, t.focus) for t in programme.tracks),
        slots=tuple(
            SlotPlan(s.key, s.starts_at, s.ends_at, s.is_break, s.name_sv, s.name_en)
            for s in programme.slots
            if not is_own_time(s.key)
        ),
        rooms=tuple(RoomPlan(r.key, r.name, r.capacity, r.is_digital) for r in programme.rooms),
        sessions=tuple(
            SessionPlan(
                key=one.key,
                theme_id=one.theme_id,
                title_sv=one.title_sv,
                title_en=one.title_en,
                purpose_sv=one.purpose_sv,
                purpose_en=one.purpose_en,
                task_sv=one.task_sv,
                task_en=one.task_en,
                method_sv=one.method_sv,
                method_en=one.method_en,
                leader=one.leader,
                preparation_sv=one.preparation_sv,
                preparation_en=one.preparation_en,
                gives_guest_sv=one.gives_guest_sv,
                gives_guest_en=one.gives_guest_en,
                format=one.format,
                link=one.link,
                minutes=one.minutes,
                track=tracks.get(one.track_id or ""),
                is_must_run=one.slot_id in slots,
                is_off=one.slot_id not in slots,
                demand=one.demand,
                revision=2,
            )
            for one in programme.sessions
        ),
    )


def _copied(session: Session, meeting: Meeting, source: str) -> ProgrammePlan | None:
    """Return another meeting's content with its times moved to this one's first day."""
    other = meetings.meeting(session, source) if source else None
    if other is None:
        return None
    plan = outlines.live_content(session, other.id)
    plan = plan or content_published(programmes.programme(session, other.id))
    if plan is None:
        return None
    before = to_local(other.starts_at).replace(tzinfo=None)
    after = to_local(meeting.starts_at).replace(tzinfo=None)
    days = after.replace(hour=0, minute=0) - before.replace(hour=0, minute=0)
    slots = tuple(
        replace(
            one,
            starts_at=outlines.later_by(one.starts_at, days),
            ends_at=outlines.later_by(one.ends_at, days),
        )
        for one in plan.slots
    )
    sessions = tuple(replace(one, demand=0, revision=2) for one in plan.sessions)
    return replace(plan, slots=slots, sessions=sessions)


def _empty(session: Session, meeting: Meeting) -> ProgrammePlan:
    """Return days of passes and breaks as long as the meeting is, opened and closed, with one room."""
    leaders = programme_frame.leading(session)
    room = RoomPlan("room1", "Stora salen", 60)
    slots = empty_days(days_of(meeting), meeting.starts_at, meeting.ends_at)
    sessions = opening_and_closing(slots, (room,), leaders[0] if leaders else ("", ""))
    return ProgrammePlan(TRACKS, slots, (room,), sessions)


def days_of(meeting: Meeting) -> tuple[date, ...]:
    """Return the meeting's days.

    Raises:
        FormError: when it is longer than a programme can be.
    """
    first, last = to_local(meeting.starts_at).date(), to_local(meeting.ends_at).date()
    number = (last - first).days + 1
    if number > MOST_DAYS:
        raise FormError(FieldFault("survey", "Programmet kan vara högst sju dagar långt."))
    return tuple(first + timedelta(days=step) for step in range(number))


def frame_now(session: Session, meeting: Meeting, outline: ProgrammeOutline) -> Frame:
    """Return the frame of a meeting's content: who comes and leads today.

    Raises:
        FormError: when nobody can come or lead, or there is nothing to plan.
    """
    plan = outlines.content_of(outline)
    held = [one for one in plan.sessions if not one.is_off]
    if not held:
        raise FormError(FieldFault("rows", "Skriv minst ett pass först."))
    if not plan.rooms:
        raise FormError(FieldFault("room1", "Skriv minst en lokal."))
    roles = {role for one in held for role in one.roles}
    guests = [one.function_id for one in programme_frame.guests(session) if one.role in roles]
    cases = (one for one in held if one.table_size and one.format != CIRCLE_TIME)
    table = next(cases, None)
    tables = Tables(table.table_size, table.table_rounds) if table else CASE_TABLES
    wishes = wishes_from(session, outline.survey_id)
    return programme_frame.gather(session, wishes, days_of(meeting), plan.rooms, guests, tables)


def as_rows(sessions: Sequence[SessionPlan], plan: ProgrammePlan) -> str:
    """Return sessions as rows to paste, with headings: what a file held, to be taken in by a second press."""
    tracks = {one.key: one.name_sv for one in plan.tracks}
    written = io.StringIO()
    rows = csv.writer(written, delimiter="\t", lineterminator="\n")
    more = ("must_run", "audience", "link", "equipment")
    rows.writerow([HEADINGS[name][0] for name in (*FIELDS, *more)])
    for one in sessions:
        rows.writerow(
            [
                one.title_sv,
                one.purpose_sv,
                one.task_sv,
                one.method_sv,
                one.preparation_sv,
                one.leader,
                one.minutes or "",
                FORMATS[one.format],
                tracks.get(one.track or "", ""),
                "ja" if one.is_must_run else "nej",
                "alla" if one.audience == "all" else "",
                one.link,
                ", ".join(one.equipment),
            ]
        )
    return written.getvalue()
