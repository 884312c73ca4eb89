"""A programme on its way out: published to the meeting's page and every calendar."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from api.kit.db import lock
from api.kit.errors import ConflictError, MissingError
from api.meetings.models import MeetingState
from api.meetings.service import confirm
from api.outbox.acts import Data, can_undo_by, changed, greet
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan
from api.programme.outlines import live_content
from api.programme.service import publish as publish_plan
from api.programme.service import take_back
from api.proposals import queries, spine
from api.proposals.models import Proposal, ProposalState
from api.proposals.programme.answer import ProgrammeAnswer
from api.proposals.programme.fates import fates, unmet
from api.proposals.programme.plan import TAKEN_OUT, placed
from api.proposals.programme.store import (
    PROGRAMME,
    content_of,
    frame_of,
    look_at,
    meeting_of,
    settings_of,
    wishes_from,
)
from api.proposals.programme.words import REASONS
from api.surveys import service as surveys
from api.surveys.wishes import Wishes
from matcher.programme.problem import Timetable

LONGEST_GREETING = 600
UNDO = "programme published"


def greet_with(session: Session, greeting: str) -> None:
    """Put a planner's own words first in the mails that publishing sends.

    Raises:
        ConflictError: when they are too long.
    """
    words = " ".join(greeting.split())
    if len(words) > LONGEST_GREETING:
        raise ConflictError("Högst %(most)s tecken.", most=LONGEST_GREETING)
    if words:
        greet(session, words)


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
    plan, before = plan_of(session, proposal), queries.newest_published(session, meeting.id)
    if meeting.state != MeetingState.PUBLISHED:
        confirm(session, meeting, meeting.version, actor, at)
    publish_plan(session, meeting, plan, actor, at)
    carried: dict[str, list[str]] | None = None
    if survey_of(proposal):
        found = fates(wishes_from(session, survey_of(proposal)), plan, frame_of(proposal))
        carried = surveys.keep_unmet(session, survey_of(proposal), unmet(found))
    spine.mark_published(session, proposal, actor, _after_the_last(session, meeting.id, at))
    data = {"id": proposal.id, "version": proposal.version}
    can_undo_by(session, UNDO, data | {"before": before.id if before else "", "unmet": carried})


def undo_publishing(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Bring a meeting's programme back to the version before, or to none; the proposal is as reviewed.

    Raises:
        ConflictError: when another version has been published since.
    """
    proposal = queries.proposal(session, data["id"])
    if proposal is None:
        raise MissingError
    lock(proposal)
    newest = queries.newest_published(session, proposal.meeting_id or "")
    changed(
        {"version": data["version"], "newest": proposal.id},
        {"version": proposal.version, "newest": newest.id if newest else ""},
    )
    proposal.state, proposal.published_at = ProposalState.REVIEWED, None
    spine.save(session, proposal, "undone", actor)
    meeting = meeting_of(session, proposal)
    before = queries.proposal(session, data["before"]) if data["before"] else None
    if before is None:
        take_back(session, meeting, actor, at)
    else:
        publish_plan(session, meeting, plan_of(session, before), actor, at, "undone")
    if survey_of(proposal):
        surveys.keep_unmet(session, survey_of(proposal), data["unmet"])


def _after_the_last(session: Session, meeting_id: str, at: datetime) -> datetime:
    """Return when a version is published: later than the one before, also within the same second."""
    before = queries.newest_published(session, meeting_id)
    if before is None or before.published_at is None:
        return at
    return max(at, before.published_at + timedelta(seconds=1))


def plan_of(session: Session, proposal: Proposal) -> ProgrammePlan:
    """Return what publishing the proposal would write, with every text."""
    answer = PROGRAMME.answer_of(proposal)
    reasons = {name: REASONS[kind] for name, kind in look_at(proposal).unplaced.items()}
    reasons |= _by_hand(session, proposal, answer, reasons.keys())
    return plan_with(session, proposal, answer.timetable, reasons)


def _by_hand(
    session: Session, proposal: Proposal, answer: ProgrammeAnswer, out: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return the reasons of those left out whom no calculation left out: a planner did, now or in what holds.

    There is a place for them: the engine, which was not asked, would say that it did not find it.
    """
    before = {run.session for step in answer.past for run in step.timetable.runs}
    found = {name: TAKEN_OUT for name in out if name in before}
    was_calculated = answer.gap is not None or answer.keeps_most is not None
    asked = () if was_calculated else set(out) - found.keys()
    for row in programmes.programme(session, proposal.meeting_id or "").sessions if asked else ():
        if row.key in out and row.key not in found and not row.slot_id and row.reason_sv:
            found[row.key] = (row.reason_sv, row.reason_en)
    return found


def plan_with(
    session: Session,
    proposal: Proposal,
    timetable: Timetable,
    reasons: Mapping[str, tuple[str, str]],
) -> ProgrammePlan:
    """Return a proposal's plan with any timetable; an empty one still names every session and room.

    Its texts are those of today: they are the meeting's, and no proposal's own.
    """
    has_content = settings_of(proposal).content is not None
    wishes = None if has_content else wishes_from(session, survey_of(proposal))
    plan = plan_from(proposal, wishes, timetable, reasons)
    live = live_content(session, proposal.meeting_id or "")
    return plan if live is None else plan.with_texts_of(live)


def survey_of(proposal: Proposal) -> str:
    """Return the id of the survey that a proposal was planned from; empty when nobody was asked."""
    return settings_of(proposal).survey


def plan_from(
    proposal: Proposal,
    wishes: Wishes | None,
    timetable: Timetable,
    reasons: Mapping[str, tuple[str, str]],
) -> ProgrammePlan:
    """Return a proposal's plan with any timetable and the texts of when it was planned."""
    problem, content = PROGRAMME.problem_of(proposal), content_of(proposal, wishes)
    return placed(content, problem, timetable, frame_of(proposal), reasons)
