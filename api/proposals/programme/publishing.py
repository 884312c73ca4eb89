"""A programme on its way out: published to the meeting's page and every calendar."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.meetings.models import MeetingState
from api.meetings.service import confirm
from api.programme.service import ProgrammePlan
from api.programme.service import publish as publish_plan
from api.proposals import queries, spine
from api.proposals.models import Proposal
from api.proposals.programme.plan import to_plan
from api.proposals.programme.problem import Frame
from api.proposals.programme.store import PROGRAMME, frame_of, look_at, meeting_of, settings_of
from api.proposals.programme.words import REASONS
from api.surveys import service as surveys
from api.surveys.wishes import Wishes
from matcher.programme.problem import Problem, Timetable


def publish(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> None:
    """Publish a reviewed programme: the meeting's page, every agenda and every calendar follow.

    Raises:
        ConflictError: when it has not been reviewed, or the meeting was called off meanwhile.
    """
    if not spine.may_publish(proposal, version):
        return
    meeting = meeting_of(session, proposal)
    if meeting.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är inställd.")
    plan = plan_of(session, proposal)
    if meeting.state != MeetingState.PUBLISHED:
        confirm(session, meeting, meeting.version, actor, at)
    publish_plan(session, meeting, plan, actor, at)
    spine.mark_published(session, proposal, actor, _after_the_last(session, meeting.id, at))


def _after_the_last(session: Session, meeting_id: str, at: datetime) -> datetime:
    """Return when a version is published: later than the one before, also within the same second."""
    before = queries.newest_published(session, meeting_id)
    if before is None or before.published_at is None:
        return at
    return max(at, before.published_at + timedelta(seconds=1))


def plan_of(session: Session, proposal: Proposal) -> ProgrammePlan:
    """Return what publishing the proposal would write, with every text."""
    reasons = {name: REASONS[kind] for name, kind in look_at(proposal).unplaced.items()}
    return plan_with(session, proposal, PROGRAMME.answer_of(proposal).timetable, reasons)


def plan_with(
    session: Session,
    proposal: Proposal,
    timetable: Timetable,
    reasons: Mapping[str, tuple[str, str]],
) -> ProgrammePlan:
    """Return a proposal's plan with any timetable; an empty one still names every session and room."""
    wishes = surveys.wishes_for_programme(session, survey_of(proposal))
    return plan_from(proposal, wishes, timetable, reasons)


def survey_of(proposal: Proposal) -> str:
    """Return the id of the survey that a proposal was planned from."""
    return settings_of(proposal).survey


def plan_from(
    proposal: Proposal,
    wishes: Wishes,
    timetable: Timetable,
    reasons: Mapping[str, tuple[str, str]],
) -> ProgrammePlan:
    """Return a proposal's plan with any timetable, from wishes already read."""
    problem = PROGRAMME.problem_of(proposal)
    frame = _led(frame_of(proposal), problem)
    return to_plan(problem, timetable, wishes, frame, reasons, is_example=proposal.is_example)


def _led(frame: Frame, problem: Problem) -> Frame:
    """Return the frame with only those who lead something: a stand-in's title is among them."""
    hosts = {host for session in problem.sessions for host in session.hosts}
    leading = tuple(leader for leader in frame.leaders if leader[0] in hosts)
    return replace(frame, leaders=leading or frame.leaders)
