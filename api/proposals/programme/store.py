"""A programme proposal as it is stored: who may open it, its frame, its answer, and how that answer stands."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.kit.errors import ConflictError, MissingError
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.proposals import queries
from api.proposals.lifecycle import save
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks.engine import ENGINE_VERSION
from api.proposals.programme import frame as programme_frame
from api.proposals.programme.engine import (
    Look,
    look,
    read_document,
    read_programme,
    timetable_of,
    write_programme,
)
from api.proposals.programme.problem import Frame
from matcher.programme.problem import Problem

Json = dict[str, Any]

TIME_LIMIT_S = 20.0


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


def meeting_of(session: Session, proposal: Proposal) -> Meeting:
    """Return the meeting that a proposal is for.

    Raises:
        MissingError: when there is none.
    """
    meeting = meetings.meeting(session, proposal.meeting_id or "")
    if meeting is None:
        raise MissingError
    return meeting


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


def frame_of(proposal: Proposal) -> Frame:
    """Return the frame that a proposal was planned in."""
    return programme_frame.from_json(json.loads(proposal.settings)["frame"])


def is_in_force(session: Session, proposal: Proposal) -> bool:
    """Whether the proposal is the one that was published last for its meeting."""
    newest = queries.newest_published(session, proposal.meeting_id or "")
    return newest is not None and newest.id == proposal.id


def store(
    session: Session, meeting: Meeting, problem: Problem, settings: Json, actor: str, at: datetime
) -> Proposal:
    """Store a problem as a proposal that waits for its answer."""
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


def keep(session: Session, proposal: Proposal, document: Json, actor: str) -> None:
    """Write a changed answer: what was reviewed is a draft again."""
    proposal.solution = json.dumps(document, ensure_ascii=False)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, None, actor)
