"""A programme proposal as it is stored: who may open it, its frame, its answer, and how that answer stands."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.kit.errors import MissingError
from api.kit.i18n import Speaker, later
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.programme.content import ProgrammePlan
from api.proposals import queries, spine
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme.answer import ProgrammeAnswer, StoredTimetable, redone, undone
from api.proposals.programme.drafting import Frame, first_draft
from api.proposals.programme.engine import Look, look, read_programme, write_programme
from api.proposals.spine import Json
from api.surveys import service as surveys
from api.surveys.demand import demand
from api.surveys.wishes import Wishes
from api.surveys.wishes import build as build_wishes
from matcher.programme.problem import Problem
from matcher.programme.rules.violations import violations
from matcher.proof import Violation

TIME_LIMIT_S = 120.0  # the end on a slow machine; a plan ends by its work


@dataclass(frozen=True, slots=True)
class ProgrammeSettings:
    """What a programme is planned from.

    held: sessions that stay where they stand. repairs: the published timetable that is repaired.
    content: what there was to plan; None in proposals older than contents. survey: empty when nobody
    was asked. cause: who or which room a repair is made without.
    """

    survey: str
    frame: Frame
    held: tuple[str, ...] = ()
    repairs: StoredTimetable | None = None
    content: ProgrammePlan | None = None
    cause: tuple[str, ...] = ()


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
    return spine.proposal_for(session, viewer, ProposalKind.PROGRAMME, proposal_id)


def meeting_of(session: Session, proposal: Proposal) -> Meeting:
    """Return the meeting that a proposal is for.

    Raises:
        MissingError: when there is none.
    """
    meeting = meetings.meeting(session, proposal.meeting_id or "")
    if meeting is None:
        raise MissingError
    return meeting


def title_of(session: Session, proposal: Proposal, say: Speaker) -> str:
    """Return what a proposal is called: as its meeting is now, in the reader's language."""
    meeting = meeting_of(session, proposal)
    return say.either(meeting.name_sv, meeting.name_en)


def look_at(proposal: Proposal) -> Look:
    """Judge a proposal's timetable as it stands now by the plain rules."""
    PROGRAMME.answer_of(proposal)  # there is one
    return _looked(proposal.problem, proposal.solution or "")


@lru_cache(maxsize=8)
def _looked(problem: str, solution: str) -> Look:
    return look(read_programme(problem), read(ProgrammeAnswer, solution).timetable)


def settings_of(proposal: Proposal) -> ProgrammeSettings:
    """Return what a proposal was planned from."""
    return read(ProgrammeSettings, proposal.settings)


def frame_of(proposal: Proposal) -> Frame:
    """Return the frame that a proposal was planned in."""
    return settings_of(proposal).frame


def content_of(proposal: Proposal, wishes: Wishes | None = None) -> ProgrammePlan:
    """Return the content that a proposal was planned from, as it was then.

    Proposals older than contents were planned from the first draft of their survey's `wishes`.
    """
    settings = settings_of(proposal)
    if settings.content is not None:
        return settings.content
    if wishes is None:
        raise MissingError
    return first_draft(wishes, settings.frame, is_example=proposal.is_example)


def wishes_from(session: Session, survey_id: str) -> Wishes:
    """Return a survey's wishes; without a survey nobody wishes for anything."""
    if survey_id:
        return surveys.wishes_for_programme(session, survey_id)
    return build_wishes("", demand([], [], {}, {}), [], {})


def is_in_force(session: Session, proposal: Proposal) -> bool:
    """Whether the proposal is the one that was published last for its meeting."""
    newest = queries.newest_published(session, proposal.meeting_id or "")
    return newest is not None and newest.id == proposal.id


def store(
    session: Session,
    meeting: Meeting,
    problem: Problem,
    settings: ProgrammeSettings,
    actor: str,
    at: datetime,
) -> Proposal:
    """Store a problem as a proposal that waits for its answer."""
    new = Proposal(
        kind=ProposalKind.PROGRAMME,
        state=ProposalState.SOLVING,
        title=meeting.name_sv,
        meeting_id=meeting.id,
        settings=write(settings),
        problem=write_programme(problem),
        engine_version=spine.ENGINE_VERSION,
        time_limit_s=TIME_LIMIT_S,
        created_by=actor,
        created_at=at,
        is_example=meeting.is_example,
    )
    return spine.store(session, new, actor)


def _broken(problem: Problem, answer: ProgrammeAnswer) -> tuple[Violation, ...]:
    return violations(problem, answer.timetable)


def _settled(proposal: Proposal, document: Json) -> ProgrammeAnswer:
    return replace(of(ProgrammeAnswer, document), held=settings_of(proposal).held)


PROGRAMME = spine.Kind(
    name=ProposalKind.PROGRAMME,
    job="programme",
    handler="api.proposals.programme.jobs:programme",
    page="/planera/program",
    problem=read_programme,
    answer=ProgrammeAnswer,
    settled=_settled,
    broken=_broken,
    is_broken=later("Det finns krockar i programmet. Åtgärda dem först."),
    undone=undone,
    redone=redone,
)
