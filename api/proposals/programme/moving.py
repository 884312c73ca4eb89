"""A programme changed by hand: sessions moved, and locked where they stand."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.audit.service import record
from api.kit.errors import ConflictError
from api.programme.outlines import LONGEST, SHORTEST, content_of, outline_of, save_session
from api.proposals import queries, spine
from api.proposals.documents import write
from api.proposals.models import PickedUp, Proposal
from api.proposals.programme.answer import Before, ProgrammeAnswer
from api.proposals.programme.engine import (
    Effect,
    effect_of,
    moved,
    seated_anew,
    write_programme,
)
from api.proposals.programme.problem import with_length
from api.proposals.programme.store import PROGRAMME, settings_of
from api.proposals.spine import Json


def move(
    session: Session,
    proposal: Proposal,
    key: str,
    target: tuple[str, str] | None,
    version: int,
    actor: str,
) -> None:
    """Move a session by hand, or take it out; from then on it is locked where it was put.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, or there is no such session, slot or room.
    """
    spine.insist_on_open(proposal, version)
    answer, problem = PROGRAMME.answer_of(proposal), PROGRAMME.problem_of(proposal)
    slots = {slot.id for slot in problem.slots if slot.kind != "break"}
    rooms = {room.id for room in problem.rooms}
    if key not in {one.id for one in problem.sessions}:
        raise ConflictError("Det finns inget sådant pass i förslaget.")
    if target is not None and (target[0] not in slots or target[1] not in rooms):
        raise ConflictError("Det finns ingen sådan tid eller lokal i förslaget.")
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
    kept = replace(
        answer,
        timetable=seated_anew(PROGRAMME.problem_of(proposal), answer.timetable),
        gap=None,
        proven=(),
        past=spine.pushed(answer.past, step),
        future=(),
    )
    record(session, actor, "lengthened", ("proposal", proposal.id), after={"session": key})
    spine.keep(session, proposal, kept, actor)


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
    live = content_of(outline).session(key) if outline else None
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
    problem = PROGRAMME.problem_of(proposal)
    return effect_of(problem, latest.session, latest.timetable, answer.timetable)


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
