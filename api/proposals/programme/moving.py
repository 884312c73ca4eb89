"""A programme changed by hand: sessions moved, locked where they stand, and moves taken back."""

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import ConflictError
from api.proposals.lifecycle import insist_on_open
from api.proposals.models import Proposal
from api.proposals.programme.engine import Effect, effect_of, moved, read_programme, timetable_of
from api.proposals.programme.store import Json, answer_of, keep
from matcher.programme.files.writing import timetable_document

MOST_UNDONE = 50


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
    insist_on_open(proposal, version)
    document, problem = answer_of(proposal), read_programme(proposal.problem)
    slots = {slot.id for slot in problem.slots if slot.kind != "break"}
    rooms = {room.id for room in problem.rooms}
    if key not in {one.id for one in problem.sessions}:
        raise ConflictError("Det finns inget sådant pass i förslaget.")
    if target is not None and (target[0] not in slots or target[1] not in rooms):
        raise ConflictError("Det finns ingen sådan tid eller lokal i förslaget.")
    changed = moved(problem, timetable_of(document), key, target)
    held = set(document.get("held", ()))
    before: Json = {
        "timetable": document["timetable"],
        "moved": document.get("moved", []),
        "session": key,
        "was_held": key in held,
    }
    document["past"] = [*document.get("past", ()), before][-MOST_UNDONE:]
    document["moved"] = sorted({*document.get("moved", ()), key})
    document["held"] = sorted(held | {key} if target else held - {key})
    document["timetable"] = timetable_document(changed)
    where: Json = {"session": key, "to": list(target) if target else None}
    record(session, actor, "moved", ("proposal", proposal.id), after=where)
    keep(session, proposal, document, actor)


def undo(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Take back the latest move by hand; what was locked or let loose since then stays so.

    Raises:
        ConflictError: when nothing was moved.
    """
    insist_on_open(proposal, version)
    document = answer_of(proposal)
    if not document.get("past"):
        raise ConflictError("Det finns inget att ångra.")
    *document["past"], before = document["past"]
    document["timetable"], document["moved"] = before["timetable"], before["moved"]
    held = set(document.get("held", ())) - {before["session"]}
    document["held"] = sorted(held | {before["session"]} if before["was_held"] else held)
    record(session, actor, "undid", ("proposal", proposal.id))
    keep(session, proposal, document, actor)


def hold(
    session: Session, proposal: Proposal, key: str, version: int, actor: str, *, is_held: bool
) -> None:
    """Lock a session where it stands, or let it loose: what is locked stays when the rest is planned.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, or the session does not stand anywhere.
    """
    insist_on_open(proposal, version)
    document = answer_of(proposal)
    if key not in {run.session for run in timetable_of(document).runs}:
        raise ConflictError("Bara ett pass som har tid och lokal kan låsas.")
    held = set(document.get("held", ())) - {key}
    document["held"] = sorted(held | {key} if is_held else held)
    action = "locked" if is_held else "unlocked"
    record(session, actor, action, ("proposal", proposal.id), after={"session": key})
    keep(session, proposal, document, actor)


def latest_effect(proposal: Proposal) -> Effect | None:
    """Return what the latest move by hand did to every level; None when nothing was moved."""
    document = answer_of(proposal)
    if not document.get("past"):
        return None
    latest = document["past"][-1]
    problem = read_programme(proposal.problem)
    before, after = timetable_of(latest), timetable_of(document)
    return effect_of(problem, latest["session"], before, after)
