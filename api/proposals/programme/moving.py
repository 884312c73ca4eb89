"""A programme changed by hand: sessions moved, and locked where they stand."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.audit.service import record
from api.kit.clock import clock_from, day_from, from_local
from api.kit.errors import ConflictError
from api.programme.content import ProgrammePlan, SlotPlan, is_own_time
from api.programme.outlines import LONGEST, SHORTEST, outline_of, save_session
from api.programme.outlines import content_of as content_in
from api.proposals import queries, spine
from api.proposals.documents import write
from api.proposals.models import PickedUp, Proposal
from api.proposals.programme.answer import Before, ProgrammeAnswer
from api.proposals.programme.engine import (
    Effect,
    moved,
    seated_anew,
    write_programme,
)
from api.proposals.programme.problem import time_at, with_length, with_own_times
from api.proposals.programme.store import (
    PROGRAMME,
    content_of,
    look_at,
    settings_of,
    wishes_from,
)
from api.proposals.spine import Json
from matcher.programme.problem import Timetable
from matcher.programme.rules.scores import scores

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def move(
    session: Session,
    proposal: Proposal,
    key: str,
    target: tuple[str, str] | None,
    version: int,
    actor: str,
) -> None:
    """Move a session by hand, or take it out; from then on it is locked where it was put.

    target: a time of the programme, or a local moment (`2026-03-10T10:25`), and a room.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, there is no such session, slot or room, or the moment is in a break.
    """
    spine.insist_on_open(proposal, version)
    answer = PROGRAMME.answer_of(proposal)
    moment = moment_of(target[0]) if target else None
    if target is not None and moment is not None:
        content = _content(session, proposal)
        slot = time_at(content, answer.timetable.runs, key, target[1], moment)
        _open_time(proposal, content, key, slot)
        target = (slot.key, target[1])
    problem = PROGRAMME.problem_of(proposal)
    slots = {slot.id: slot.start for slot in problem.slots if slot.kind != "break"}
    rooms = {room.id for room in problem.rooms}
    if key not in {one.id for one in problem.sessions}:
        raise ConflictError("Det finns inget sådant pass i förslaget.")
    if target is not None and (target[0] not in slots or target[1] not in rooms):
        raise ConflictError("Det finns ingen sådan tid eller lokal i förslaget.")
    if target is not None:
        # What begins in the room at the same moment is what stands there, however long its own time is.
        taken = next(
            (
                run.slot
                for run in answer.timetable.runs
                if run.room == target[1]
                and slots.get(run.slot) == slots[target[0]] is not None
                and run.session != key
            ),
            target[0],
        )
        target = (taken, target[1])
    held = set(answer.held)
    before = Before(answer.timetable, key, was_held=key in held, moved=answer.moved)
    changed = replace(
        answer,
        timetable=moved(problem, answer.timetable, key, target),
        held=tuple(sorted(held | {key} if target else held - {key})),
        moved=tuple(sorted({*answer.moved, key})),
        past=spine.pushed(answer.past, before),
        future=(),
    )
    where: Json = {"session": key, "to": list(target) if target else None}
    record(session, actor, "moved", ("proposal", proposal.id), after=where)
    spine.keep(session, proposal, changed, actor)


def moment_of(text: str) -> datetime | None:
    """Return the moment that a local time names; None where it names none."""
    try:
        if not MOMENT.fullmatch(text):
            return None
        return from_local(datetime.combine(day_from(text[:10]), clock_from(text[11:])))
    except ValueError:
        return None


def _content(session: Session, proposal: Proposal) -> ProgrammePlan:
    """Return what a draft was planned from, those older than contents too."""
    return content_of(proposal, wishes_from(session, settings_of(proposal).survey))


def _open_time(proposal: Proposal, content: ProgrammePlan, key: str, slot: SlotPlan) -> None:
    """Let a session be held at a time that is its own, where it is one."""
    if not is_own_time(slot.key):
        return
    problem, content = with_own_times(PROGRAMME.problem_of(proposal), content, {key: [slot]})
    proposal.settings = write(replace(settings_of(proposal), content=content))
    proposal.problem = write_programme(problem)


def lengthen(
    session: Session,
    proposal: Proposal,
    key: str,
    minutes: int,
    version: int,
    actor: str,
    at: datetime,
) -> None:
    """Make a session longer or shorter where it stands; the meeting's content knows its length from now on.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, there is no such session, or no session is so long.
    """
    spine.insist_on_open(proposal, version)
    if not SHORTEST <= minutes <= LONGEST:
        raise ConflictError("Skriv passets längd i minuter, 5–480.")
    answer = PROGRAMME.answer_of(proposal)
    before = _set_length(session, proposal, key, minutes, actor, at)
    step = Before(answer.timetable, key, key in answer.held, answer.moved, before)
    stands = _as_long(proposal, answer.timetable, key)
    kept = replace(
        answer,
        timetable=seated_anew(PROGRAMME.problem_of(proposal), stands),
        gap=None,
        proven=(),
        past=spine.pushed(answer.past, step),
        future=(),
    )
    record(session, actor, "lengthened", ("proposal", proposal.id), after={"session": key})
    spine.keep(session, proposal, kept, actor)


def _as_long(proposal: Proposal, timetable: Timetable, key: str) -> Timetable:
    """Return a timetable in which a session that stands at a time of its own has it as long as itself."""
    content, run = settings_of(proposal).content, timetable.run_of(key)
    if run is None or content is None or not is_own_time(run.slot):
        return timetable
    begins = next(one.starts_at for one in content.slots if one.key == run.slot)
    slot = time_at(content, timetable.runs, key, run.room, begins)
    _open_time(proposal, content, key, slot)
    longer = replace(run, slot=slot.key)
    return replace(timetable, runs=tuple(longer if one is run else one for one in timetable.runs))


def _set_length(
    session: Session, proposal: Proposal, key: str, minutes: int | None, actor: str, at: datetime
) -> int:
    """Let the draft and the meeting's content know how long a session is; return how long it was."""
    settings = settings_of(proposal)
    one = settings.content.session(key) if settings.content else None
    if one is None or settings.content is None:
        raise ConflictError("Det finns inget sådant pass i förslaget.")
    changed = replace(one, minutes=minutes)
    content = settings.content.with_session(changed)
    problem = with_length(PROGRAMME.problem_of(proposal), content, changed)
    outline = outline_of(session, proposal.meeting_id or "")
    live = content_in(outline).session(key) if outline else None
    if outline is not None and live is not None:
        save_session(session, outline, replace(live, minutes=minutes), actor, at)
    proposal.settings = write(replace(settings, content=content))
    proposal.problem = write_programme(problem)
    return one.minutes or 0


def undo(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> None:
    """Take back the latest move or change of length.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was changed.
    """

    def along(answer: ProgrammeAnswer, back: ProgrammeAnswer) -> ProgrammeAnswer:
        latest = answer.past[-1]
        if latest.minutes is None:
            return back
        now = _set_length(session, proposal, latest.session, latest.minutes or None, actor, at)
        return replace(back, future=(*back.future[:-1], replace(back.future[-1], minutes=now)))

    spine.undo(session, PROGRAMME, proposal, version, actor, along)


def redo(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> None:
    """Do again what was taken back last.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was taken back, or something was moved since.
    """

    def along(answer: ProgrammeAnswer, again: ProgrammeAnswer) -> ProgrammeAnswer:
        latest = answer.future[-1]
        if latest.minutes is None:
            return again
        before = _set_length(session, proposal, latest.session, latest.minutes or None, actor, at)
        return replace(again, past=(*again.past[:-1], replace(again.past[-1], minutes=before)))

    spine.redo(session, PROGRAMME, proposal, version, actor, along)


def hold(
    session: Session, proposal: Proposal, key: str, version: int, actor: str, *, is_held: bool
) -> None:
    """Lock a session where it stands, or let it loose: what is locked stays when the rest is planned.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, or the session does not stand anywhere.
    """
    spine.insist_on_open(proposal, version)
    answer = PROGRAMME.answer_of(proposal)
    if key not in {run.session for run in answer.timetable.runs}:
        raise ConflictError("Bara ett pass som har tid och lokal kan låsas.")
    held = set(answer.held) - {key}
    changed = replace(answer, held=tuple(sorted(held | {key} if is_held else held)))
    action = "locked" if is_held else "unlocked"
    record(session, actor, action, ("proposal", proposal.id), after={"session": key})
    spine.keep(session, proposal, changed, actor)


def latest_effect(proposal: Proposal) -> Effect | None:
    """Return what the latest move by hand did to every level; None when nothing was moved last."""
    answer = PROGRAMME.answer_of(proposal)
    if not answer.past or answer.past[-1].minutes is not None:
        return None
    latest = answer.past[-1]
    before = scores(PROGRAMME.problem_of(proposal), latest.timetable)
    return Effect(latest.session, before, look_at(proposal).scores)


# A browser says every five seconds that it still holds; one that has gone is believed no longer than this.
HELD_FOR = timedelta(seconds=15)


def pick_up(session: Session, proposal: Proposal, key: str, person_id: str, at: datetime) -> None:
    """Write down that a planner holds a session in the hand, or nothing more (no key); it hinders nobody.

    Raises:
        ConflictError: when there is no such session.
    """
    if not key:
        queries.let_go(session, proposal.id, person_id, at)
        return
    if key not in {one.id for one in PROGRAMME.problem_of(proposal).sessions}:
        raise ConflictError("Det finns inget sådant pass i förslaget.")
    queries.pick_up(
        session,
        PickedUp(
            proposal_id=proposal.id, person_id=person_id, session_key=key, until=at + HELD_FOR
        ),
    )


def held_by_others(
    session: Session, proposal: Proposal, person_id: str, at: datetime
) -> dict[str, str]:
    """Return the sessions that other planners hold in the hand just now: session -> who, by name."""
    names = {}
    for one in queries.held_over(session, proposal.id, at):
        holder = accounts.person(session, one.person_id)
        if holder is not None and one.person_id != person_id:
            names[one.session_key] = holder.name
    return names
