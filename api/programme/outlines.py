"""The content of a meeting's next programme: kept from plan to plan, changed by its planner, saved at once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.audit.service import record
from api.kit.clock import from_local, to_local
from api.kit.db import lock
from api.kit.errors import ConflictError, FieldFault, StaleError
from api.meetings.models import Meeting
from api.programme import content, queries
from api.programme.content import (
    TEXTS,
    ProgrammePlan,
    RoomPlan,
    SessionPlan,
    SlotPlan,
    TrackPlan,
    is_own_time,
)
from api.programme.models import ProgrammeOutline
from api.programme.service import to_calendars

MOST_SESSIONS, MOST_SLOTS, MOST_ROOMS, MOST_TRACKS = 400, 200, 40, 60
MOST_DAYS = 7
SHORTEST, LONGEST = 5, 480  # minutes of a session


def outline_of(session: Session, meeting_id: str) -> ProgrammeOutline | None:
    """Return what a meeting's next programme is made of, if anything yet."""
    return session.get(ProgrammeOutline, meeting_id)


def content_of(outline: ProgrammeOutline) -> ProgrammePlan:
    """Return the content that an outline holds."""
    return content.read(outline.content)


def live_content(session: Session, meeting_id: str) -> ProgrammePlan | None:
    """Return a meeting's content as it stands now."""
    found = outline_of(session, meeting_id)
    return content_of(found) if found is not None else None


def begin(
    session: Session,
    meeting: Meeting,
    plan: ProgrammePlan,
    survey_id: str,
    actor: str,
    at: datetime,
) -> ProgrammeOutline:
    """Keep the first content of a meeting, or put another in the place of what there was."""
    found = outline_of(session, meeting.id)
    if found is None:
        found = ProgrammeOutline(
            meeting_id=meeting.id, survey_id=survey_id, content=content.write(plan), changed_at=at
        )
        session.add(found)
        session.flush()
        _log(session, found, actor, "created", {"sessions": len(plan.sessions)})
        return found
    found.survey_id = survey_id
    write(session, found, plan, actor, at, {"sessions": len(plan.sessions)})
    return found


def write(
    session: Session,
    outline: ProgrammeOutline,
    plan: ProgrammePlan,
    actor: str,
    at: datetime,
    what: Mapping[str, object],
) -> None:
    """Write changed content as the outline's next version."""
    if len(plan.sessions) > MOST_SESSIONS:
        raise ConflictError("Ett program kan ha högst %(most)s pass.", most=MOST_SESSIONS)
    outline.content, outline.changed_at = content.write(plan), at
    outline.version += 1
    session.add(outline)
    session.flush()
    _log(session, outline, actor, "changed", what)


def save_session(
    session: Session, outline: ProgrammeOutline, changed: SessionPlan, actor: str, at: datetime
) -> SessionPlan:
    """Keep a session as a planner has changed it, whoever else changes other sessions meanwhile.

    `changed.revision` is the one that the planner saw. Texts that were changed in Swedish alone are
    the same in English from then on: a sentence in the other language is better than an old one.

    Raises:
        FieldFault: when it has no title or a length that no session has.
        StaleError: when somebody changed this session since.
    """
    if not changed.title_sv.strip():
        raise FieldFault("title_sv", "Skriv vad passet heter.")
    if changed.minutes is not None and not SHORTEST <= changed.minutes <= LONGEST:
        raise FieldFault("minutes", "Skriv passets längd i minuter, 5–480.")
    lock(outline)
    plan = content_of(outline)
    before = plan.session(changed.key)
    if before is not None and before.revision != changed.revision:
        raise StaleError(_shown(changed), _shown(before))
    kept = _in_both_languages(before, changed)
    if before is not None:
        kept = replace(kept, revision=before.revision + 1)
    write(session, outline, plan.with_session(kept), actor, at, {"session": kept.key})
    return kept


def add_sessions(
    session: Session,
    outline: ProgrammeOutline,
    new: Iterable[SessionPlan],
    actor: str,
    at: datetime,
) -> tuple[str, ...]:
    """Add sessions under keys of their own; return the keys."""
    lock(outline)
    plan = content_of(outline)
    keys: list[str] = []
    for one in new:
        key = _free_key(plan, one.key or "own")
        plan = plan.with_session(_in_both_languages(None, replace(one, key=key)))
        keys.append(key)
    write(session, outline, plan, actor, at, {"sessions": keys})
    return tuple(keys)


def take_out(
    session: Session, outline: ProgrammeOutline, key: str, actor: str, at: datetime, *, is_off: bool
) -> None:
    """Take a session out of the next programme, or take it in again; its texts are kept."""
    lock(outline)
    plan = content_of(outline)
    found = plan.session(key)
    if found is None:
        raise ConflictError("Det finns inget sådant pass.")
    changed = replace(found, is_off=is_off, revision=found.revision + 1)
    write(session, outline, plan.with_session(changed), actor, at, {"session": key, "off": is_off})


def set_tracks(
    session: Session,
    outline: ProgrammeOutline,
    tracks: tuple[TrackPlan, ...],
    actor: str,
    at: datetime,
) -> None:
    """Keep the tracks as the planner names them; sessions of one that is gone have none."""
    _set(session, outline, {"tracks": tracks}, "track", actor, at)


def set_rooms(
    session: Session,
    outline: ProgrammeOutline,
    rooms: tuple[RoomPlan, ...],
    actor: str,
    at: datetime,
) -> None:
    """Keep the rooms; a session that stood fast in one that is gone is free to stand anywhere."""
    _set(session, outline, {"rooms": rooms}, "pin_room", actor, at)


def set_slots(
    session: Session,
    outline: ProgrammeOutline,
    slots: tuple[SlotPlan, ...],
    actor: str,
    at: datetime,
    *,
    leader_pause: int | None = None,
) -> None:
    """Keep the times, and the minutes that leaders rest between sessions; a session that stood fast in one that is gone is free to stand anywhere.

    Raises:
        FieldFault: when a time ends before it begins, or begins before the one above it has ended.
    """
    insist_on_order(slots)
    _set(session, outline, {"slots": slots}, "pin_slot", actor, at, leader_pause)


def _set(
    session: Session,
    outline: ProgrammeOutline,
    parts: Mapping[str, tuple[TrackPlan | RoomPlan | SlotPlan, ...]],
    of: str,
    actor: str,
    at: datetime,
    leader_pause: int | None = None,
) -> None:
    """Keep one kind of parts; sessions whose field `of` names one that is gone name none."""
    lock(outline)
    plan, ((name, kept),) = content_of(outline), parts.items()
    known, none = {one.key for one in kept}, dict[str, Any]({of: None})
    sessions = tuple(
        one if getattr(one, of) in known else replace(one, **none) for one in plan.sessions
    )
    pause = plan.leader_pause if leader_pause is None else leader_pause
    changed: Any = {**parts, "sessions": sessions, "leader_pause": pause}
    write(session, outline, replace(plan, **changed), actor, at, {name: sorted(known)})


def insist_on_order(slots: tuple[SlotPlan, ...]) -> None:
    """Refuse times that nobody can keep."""
    if not any(not one.is_break for one in slots):
        raise FieldFault("slots", "Skriv minst en tid då pass kan hållas.")
    days = {to_local(one.starts_at).date() for one in slots}
    if (max(days) - min(days)).days >= MOST_DAYS:
        raise FieldFault("slots", "Programmet kan vara högst sju dagar långt.")
    latest: SlotPlan | None = None
    for one in slots:
        if one.ends_at <= one.starts_at:
            raise FieldFault("slots", "En tid måste sluta efter att den har börjat.")
        if is_own_time(one.key):  # it is made to lie beside others
            continue
        if latest is not None and one.starts_at < latest.ends_at:
            raise FieldFault("slots", "Två av tiderna går in i varandra.")
        latest = one


def move_with_meeting(session: Session, meeting: Meeting, before: datetime, at: datetime) -> None:
    """Move the times of the content as far as the meeting has moved from where it began `before`."""
    found = outline_of(session, meeting.id)
    if found is None:
        return
    plan, after = content_of(found), meeting.starts_at
    slots = tuple(
        replace(
            one,
            starts_at=moved(one.starts_at, before, after),
            ends_at=moved(one.ends_at, before, after),
        )
        for one in plan.slots
    )
    write(session, found, replace(plan, slots=slots), "system", at, {"moved": after.isoformat()})


def later_by(moment: datetime, days: timedelta) -> datetime:
    """Return a moment some days later by the local clock."""
    return from_local(to_local(moment).replace(tzinfo=None) + days)


def moved(moment: datetime, before: datetime, after: datetime) -> datetime:
    """Return a moment as far away in local days and hours: nine stays nine over a changeover."""
    local, old, new = (to_local(one).replace(tzinfo=None) for one in (moment, before, after))
    return from_local(local + (new - old))


def say_now(
    session: Session, meeting: Meeting, changed: SessionPlan, actor: str, at: datetime
) -> bool:
    """Change what is said of a published session at once: pages and calendars follow, no new version.

    Returns whether the session is published.
    """
    published = next(
        (one for one in queries.programme(session, meeting.id).sessions if one.key == changed.key),
        None,
    )
    if published is None:
        return False
    for name in TEXTS:
        setattr(published, name, getattr(changed, name))
    session.add(published)
    session.flush()
    record(session, actor, "changed", ("programme_session", published.id), after={"texts": True})
    to_calendars(session, meeting, at)
    return True


def _in_both_languages(before: SessionPlan | None, changed: SessionPlan) -> SessionPlan:
    values: dict[str, str] = {}
    for name in TEXTS:
        if not name.endswith("_sv"):
            continue
        english = f"{name.removesuffix('_sv')}_en"
        swedish_now, english_now = getattr(changed, name), getattr(changed, english)
        is_other = before is not None and getattr(before, name) != swedish_now
        is_same = before is not None and getattr(before, english) == english_now
        if not english_now.strip() or (is_other and is_same):
            values[english] = swedish_now
    return replace(changed, **values)  # type: ignore[arg-type]  # names of texts only


def _free_key(plan: ProgrammePlan, wanted: str) -> str:
    taken = {one.key for one in plan.sessions}
    if wanted not in taken and wanted != "own":
        return wanted
    number = 1
    while f"{wanted}_{number}" in taken:
        number += 1
    return f"{wanted}_{number}"


def _shown(one: SessionPlan) -> dict[str, object]:
    return {"title": one.title_sv, "purpose": one.purpose_sv, "revision": one.revision}


def _log(
    session: Session, outline: ProgrammeOutline, actor: str, action: str, what: Mapping[str, object]
) -> None:
    record(session, actor, action, ("programme_outline", outline.meeting_id), after=dict(what))
