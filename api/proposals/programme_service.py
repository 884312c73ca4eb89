"""A programme's way: planned from a survey, moved by hand, judged at once, undone, published, repaired."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.errors import ConflictError, MissingError
from api.jobs.service import JobFinished, submit
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.meetings.service import confirm
from api.programme import queries as programmes
from api.programme.service import ProgrammePlan
from api.programme.service import publish as publish_plan
from api.proposals import programme_frame, queries
from api.proposals.engine import ENGINE_VERSION
from api.proposals.lifecycle import insist_on_open, insist_on_version, save
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme_engine import (
    Look,
    look,
    moved,
    read_document,
    read_programme,
    timetable_of,
    write_programme,
)
from api.proposals.programme_jobs import KIND
from api.proposals.programme_words import REASONS
from api.proposals.programming import Frame, build, to_plan
from api.surveys import service as surveys
from matcher.programme.problem import Problem, Run
from matcher.programme.writing import timetable_document

Json = dict[str, Any]

TIME_LIMIT_S = 20.0
MOST_UNDONE = 50


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has happened after publishing: somebody cannot lead, or a room is gone, in some slots."""

    leader: str = ""  # function id
    stand_in: str = ""  # function id of whoever leads instead
    room: str = ""  # room key
    slots: tuple[str, ...] = ()  # slot keys; empty means the whole meeting


def national_meeting(session: Session, viewer: Viewer | None, meeting_id: str) -> Meeting:
    """Return a national meeting that is not called off, to a planner.

    Raises:
        MissingError: when there is none such, or the viewer is no planner.
    """
    insist(may_plan(viewer))
    found = meetings.meeting(session, meeting_id)
    if found is None or found.kind != MeetingKind.NATIONAL:
        raise MissingError
    if found.state == MeetingState.CANCELLED:
        raise MissingError
    return found


def propose(
    session: Session, meeting: Meeting, survey_id: str, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Store the problem of a survey's wishes inside a frame; it waits for its answer."""
    wishes = surveys.wishes_for_programme(session, survey_id)
    problem = build(wishes, frame)
    problem = replace(problem, published=_published_runs(session, meeting, problem))
    settings = {"survey": survey_id, "frame": programme_frame.to_json(frame)}
    return _store(session, meeting, problem, settings, actor, at)


def start(
    session: Session, meeting: Meeting, survey_id: str, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Store the problem of a survey's wishes inside a frame, and queue the job that plans it."""
    return _queue(session, propose(session, meeting, survey_id, frame, actor, at), actor)


def again(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Proposal:
    """Plan anew with every session that was moved by hand held where it stands: a proposal of its own."""
    insist_on_open(proposal, version)
    document = answer_of(proposal)
    places = {run.session: run for run in timetable_of(document).runs}
    problem = read_programme(proposal.problem)
    held = {name: places[name] for name in document.get("moved", ()) if name in places}
    sessions = tuple(
        replace(
            one, is_must_run=True, pin_slot=held[one.id].slot, pin_room=held[one.id].room, repeats=1
        )
        if one.id in held
        else one
        for one in problem.sessions
    )
    meeting = _meeting_of(session, proposal)
    settings = json.loads(proposal.settings)
    problem = replace(problem, sessions=sessions)
    made = _store(session, meeting, problem, settings, actor, at)
    return _queue(session, made, actor, settings.get("repairs"))


def repair(
    session: Session, proposal: Proposal, trouble: Trouble, actor: str, at: datetime
) -> Proposal:
    """Queue the smallest change that repairs a published programme.

    Raises:
        ConflictError: when the proposal is not what holds now, nothing is said to have happened, or
            the trouble names somebody, a room or a slot that the programme does not have.
    """
    if not is_in_force(session, proposal):
        raise ConflictError("Bara programmet som gäller kan lagas. Öppna det senast publicerade.")
    if not trouble.leader and not trouble.room:
        raise ConflictError("Välj vem som inte kan leda, eller vilken lokal som är borta.")
    before = read_programme(proposal.problem)
    _insist_on_known(frame_of(proposal), before, trouble)
    problem = _troubled(before, trouble)
    published = answer_of(proposal)["timetable"]
    settings = json.loads(proposal.settings) | {"repairs": published}
    meeting = _meeting_of(session, proposal)
    made = _store(session, meeting, problem, settings, actor, at)
    return _queue(session, made, actor, published)


def is_in_force(session: Session, proposal: Proposal) -> bool:
    """Whether the proposal is the one that was published last for its meeting."""
    newest = queries.newest_published(session, proposal.meeting_id or "")
    return newest is not None and newest.id == proposal.id


def on_job_finished(session: Session, news: JobFinished) -> None:
    """Take a programme job's answer into its proposal; without any, the proposal is withdrawn."""
    if news.kind != KIND:
        return
    proposal = queries.proposal(session, str(news.payload.get("proposal", "")))
    if proposal is None or proposal.state != ProposalState.SOLVING:
        return
    if news.result is None:
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "failed", "system")
        return
    record_answer(session, proposal, news.result)


def record_answer(session: Session, proposal: Proposal, document: Mapping[str, object]) -> None:
    """Keep the engine's answer: the proposal is now a draft that a planner can look at.

    Raises:
        ConflictError: when the proposal already has an answer or was withdrawn.
    """
    if proposal.state != ProposalState.SOLVING:
        raise ConflictError("Förslaget har redan ett svar.")
    proposal.solution = json.dumps(dict(document), ensure_ascii=False)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, "solved", "system")


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a programme proposal to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    insist(may_plan(viewer))
    found = queries.proposal(session, proposal_id)
    if found is None or found.kind != ProposalKind.PROGRAMME:
        raise MissingError
    return found


def answer_of(proposal: Proposal) -> Json:
    """Return a proposal's stored answer.

    Raises:
        ConflictError: when there is no timetable: it is being planned, or its rules cannot all hold.
    """
    document = read_document(proposal.solution)
    if "timetable" not in document:
        raise ConflictError("Det finns inget program att ändra i det här förslaget.")
    return document


def look_at(proposal: Proposal) -> Look:
    """Judge a proposal's timetable as it stands now by the plain rules."""
    return look(read_programme(proposal.problem), timetable_of(answer_of(proposal)))


def move(
    session: Session,
    proposal: Proposal,
    key: str,
    target: tuple[str, str] | None,
    version: int,
    actor: str,
) -> Look:
    """Move a session by hand, or take it out, and return how the programme then stands.

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
    document["past"] = [*document.get("past", ()), _kept(document)][-MOST_UNDONE:]
    document["moved"] = sorted({*document.get("moved", ()), key})
    document["timetable"] = timetable_document(changed)
    where: Json = {"session": key, "to": list(target) if target else None}
    record(session, actor, "moved", ("proposal", proposal.id), after=where)
    _keep(session, proposal, document, actor)
    return look(problem, changed)


def undo(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Take back the latest move by hand.

    Raises:
        ConflictError: when nothing was moved.
    """
    insist_on_open(proposal, version)
    document = answer_of(proposal)
    if not document.get("past"):
        raise ConflictError("Det finns inget att ångra.")
    *document["past"], before = document["past"]
    document["timetable"], document["moved"] = before["timetable"], before["moved"]
    record(session, actor, "undid", ("proposal", proposal.id))
    _keep(session, proposal, document, actor)


def review(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Mark a draft as looked at; only then can it be published.

    Raises:
        ConflictError: when it breaks a rule.
    """
    insist_on_open(proposal, version)
    if look_at(proposal).violations:
        raise ConflictError("Programmet krockar. Rätta krockarna först.")
    proposal.state = ProposalState.REVIEWED
    save(session, proposal, "reviewed", actor)


def publish(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> None:
    """Publish a reviewed programme: the meeting's page, every agenda and every calendar follow.

    Raises:
        ConflictError: when it has not been reviewed, or the meeting was called off meanwhile.
    """
    if proposal.state == ProposalState.PUBLISHED:
        return
    insist_on_version(proposal, version)
    if proposal.state != ProposalState.REVIEWED:
        raise ConflictError("Granska förslaget innan du publicerar det.")
    meeting = _meeting_of(session, proposal)
    if meeting.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är inställd.")
    plan = plan_of(session, proposal)
    if meeting.state != MeetingState.PUBLISHED:
        confirm(session, meeting, meeting.version, actor, at)
    publish_plan(session, meeting, plan, actor, at)
    proposal.state = ProposalState.PUBLISHED
    proposal.published_at = at
    save(session, proposal, "published", actor)


def withdraw(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Put a proposal aside."""
    insist_on_open(proposal, version)
    proposal.state = ProposalState.WITHDRAWN
    save(session, proposal, "withdrew", actor)


def frame_of(proposal: Proposal) -> Frame:
    """Return the frame that a proposal was planned in."""
    return programme_frame.from_json(json.loads(proposal.settings)["frame"])


def plan_of(session: Session, proposal: Proposal) -> ProgrammePlan:
    """Return what publishing the proposal would write, with every text."""
    survey_id = json.loads(proposal.settings)["survey"]
    problem, frame = read_programme(proposal.problem), frame_of(proposal)
    reasons = {name: REASONS[kind] for name, kind in look_at(proposal).unplaced.items()}
    wishes = surveys.wishes_for_programme(session, survey_id)
    timetable = timetable_of(answer_of(proposal))
    return to_plan(
        problem, timetable, wishes, _led(frame, problem), reasons, is_example=proposal.is_example
    )


def _led(frame: Frame, problem: Problem) -> Frame:
    """Return the frame with only those who lead something: a stand-in's title is among them."""
    hosts = {host for session in problem.sessions for host in session.hosts}
    leading = tuple(leader for leader in frame.leaders if leader[0] in hosts)
    return replace(frame, leaders=leading or frame.leaders)


def _store(
    session: Session, meeting: Meeting, problem: Problem, settings: Json, actor: str, at: datetime
) -> Proposal:
    proposal = Proposal(
        kind=ProposalKind.PROGRAMME,
        state=ProposalState.SOLVING,
        title=meeting.name_sv,
        meeting_id=meeting.id,
        settings=json.dumps(settings, ensure_ascii=False),
        problem=write_programme(problem),
        engine_version=ENGINE_VERSION,
        time_limit_s=TIME_LIMIT_S,
        created_by=actor,
        created_at=at,
        is_example=meeting.is_example,
    )
    session.add(proposal)
    session.flush()
    after: Json = {"title": proposal.title}
    record(session, actor, "proposed", ("proposal", proposal.id), after=after)
    return proposal


def _queue(
    session: Session, proposal: Proposal, actor: str, published: Json | None = None
) -> Proposal:
    payload: dict[str, object] = {
        "problem": proposal.problem,
        "seconds": proposal.time_limit_s,
        "seed": proposal.seed,
        "proposal": proposal.id,
        "published": published,
    }
    page = f"/planera/program/{proposal.id}"
    job = submit(session, KIND, payload, proposal.id, requested_by=actor, page=page)
    proposal.job_id = job.id
    session.add(proposal)
    session.flush()
    return proposal


def _insist_on_known(frame: Frame, problem: Problem, trouble: Trouble) -> None:
    leaders = {"", *(leader for leader, _ in frame.leaders)}
    rooms = {"", *(room.id for room in problem.rooms)}
    slots = {slot.id for slot in problem.slots}
    if not (
        {trouble.leader, trouble.stand_in} <= leaders
        and trouble.room in rooms
        and slots.issuperset(trouble.slots)
    ):
        raise ConflictError("Programmet har ingen sådan ledare, lokal eller tid.")


def _troubled(problem: Problem, trouble: Trouble) -> Problem:
    slots = frozenset(trouble.slots or (slot.id for slot in problem.slots))
    people = tuple(
        replace(one, unavailable_slots=one.unavailable_slots | slots)
        if one.id == trouble.leader
        else one
        for one in problem.people
    )
    rooms = tuple(
        replace(one, unavailable_slots=one.unavailable_slots | slots)
        if one.id == trouble.room
        else one
        for one in problem.rooms
    )
    sessions = problem.sessions
    if trouble.leader and trouble.stand_in:
        sessions = tuple(
            replace(one, hosts=one.hosts - {trouble.leader} | {trouble.stand_in})
            if trouble.leader in one.hosts
            else one
            for one in sessions
        )
    # What stood fixed may be just what can no longer be so: the opening moves with its room.
    loose = tuple(
        replace(one, pin_room=None) if one.pin_room == trouble.room and trouble.room else one
        for one in sessions
    )
    return replace(problem, people=people, rooms=rooms, sessions=loose)


def _published_runs(session: Session, meeting: Meeting, problem: Problem) -> tuple[Run, ...]:
    """Return the runs that people know already, where session, slot and room are in the new problem."""
    programme = programmes.programme(session, meeting.id)
    slots = {slot.id: slot.key for slot in programme.slots}
    rooms = {room.id: room.key for room in programme.rooms}
    known_slots, known_rooms = {one.id for one in problem.slots}, {one.id for one in problem.rooms}
    known = {one.id for one in problem.sessions}
    runs = (
        Run(one.key, slots[one.slot_id], rooms[one.room_id])
        for one in programme.sessions
        if one.slot_id and one.room_id and one.key in known
    )
    return tuple(run for run in runs if run.slot in known_slots and run.room in known_rooms)


def _meeting_of(session: Session, proposal: Proposal) -> Meeting:
    meeting = meetings.meeting(session, proposal.meeting_id or "")
    if meeting is None:
        raise MissingError
    return meeting


def _kept(document: Json) -> Json:
    return {"timetable": document["timetable"], "moved": document.get("moved", [])}


def _keep(session: Session, proposal: Proposal, document: Json, actor: str) -> None:
    proposal.solution = json.dumps(document, ensure_ascii=False)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, None, actor)
