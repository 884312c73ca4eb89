"""Reads of the API about planning: surveys, topics, proposals of programmes and years, mails, jobs and the log."""

import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, JsonValue

from api.accounts.policy import did, insist, may_plan, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.audit import queries as audit
from api.jobs import service as jobs
from api.jobs.models import JobState
from api.kit.errors import MissingError
from api.kit.paging import Paged
from api.outbox import queries as outbox
from api.outbox import service as mails
from api.outbox.models import MailState
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme import store as programmes
from api.proposals.year import service as years
from api.surveys import queries as surveys
from api.surveys.models import NeedsSurvey, SurveyState

api = APIRouter()


class ThemeOut(BaseModel):
    """A topic that RC ask for or can offer."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name_sv: str
    name_en: str
    category: str
    is_active: bool
    version: int


class SurveyOut(BaseModel):
    """A needs survey: what it asks, whom, and how many have answered."""

    id: str
    meeting_id: str | None
    title_sv: str
    title_en: str
    deadline: datetime
    state: SurveyState
    theme_ids: list[str]
    days: list[str]
    rc_ids: list[str]
    answered: int
    is_example: bool
    version: int


class SurveyAnswerOut(BaseModel):
    """An RC's answer, as it was given."""

    rc_id: str
    answer: dict[str, JsonValue]
    answered_at: datetime
    is_example: bool
    version: int


class DraftedOut(BaseModel):
    """A proposal of a programme, a year or tables on its way; problem and solution are the engine's documents."""

    id: str
    kind: ProposalKind
    state: ProposalState
    title: str
    meeting_id: str | None
    job_id: str | None
    created_at: datetime
    published_at: datetime | None
    is_example: bool
    version: int


class WholeDraftOut(DraftedOut):
    """A proposal with the engine's documents."""

    problem: JsonValue
    solution: JsonValue


class MailOut(BaseModel):
    """A mail in the outbox, without its text."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    state: MailState
    recipient: str
    subject: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    reason: str


class JobOut(BaseModel):
    """A calculation outside the request."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    state: JobState
    phase: str
    incumbent: float | None
    lower_bound: float | None
    gap: float | None
    created_at: datetime
    finished_at: datetime | None
    error: str


class LogOut(BaseModel):
    """Who changed what, with the hash that chains it to the row before."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    hash: str


@api.get("/themes", summary="The topics", tags=["themes"])
def list_themes(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[ThemeOut]:
    """Return the bank of topics."""
    insist(may_read_register(viewer))
    return [ThemeOut.model_validate(one) for one in page.part(surveys.themes(session))]


@api.get("/surveys", summary="The needs surveys", tags=["surveys"])
def list_surveys(
    session: Transaction,
    viewer: SignedInViewer,
    page: Paged,
    state: Annotated[SurveyState | None, Query(description="Only in this state.")] = None,
) -> list[SurveyOut]:
    """Return the surveys, newest first; drafts to planners alone."""
    insist(may_read_register(viewer))
    found = [one for one in surveys.surveys(session) if _is_seen(viewer, one)]
    wanted = [one for one in found if state is None or one.state is state]
    counts = surveys.answer_counts(session)
    return [_survey(one, counts.get(one.id, 0)) for one in page.part(wanted)]


@api.get("/surveys/{survey_id}", summary="A needs survey", tags=["surveys"])
def get_survey(session: Transaction, viewer: SignedInViewer, survey_id: str) -> SurveyOut:
    """Return a survey; its figures are at /surveys/{id}/results.csv, as far as they may be told."""
    insist(may_read_register(viewer))
    found = surveys.survey(session, survey_id)
    if found is None or not _is_seen(viewer, found):
        raise MissingError
    return _survey(found, surveys.answer_counts(session).get(found.id, 0))


@api.get("/surveys/{survey_id}/answers", summary="The answers to a survey", tags=["surveys"])
def list_answers(
    session: Transaction, viewer: SignedInViewer, survey_id: str, page: Paged
) -> list[SurveyAnswerOut]:
    """Return what each RC has answered; for planners."""
    insist(may_plan(viewer))
    if surveys.survey(session, survey_id) is None:
        raise MissingError
    return [
        SurveyAnswerOut.model_validate(one.model_dump(exclude={"survey_id"}))
        for one in page.part(surveys.answers(session, survey_id))
    ]


@api.get("/programme-proposals", summary="Proposals of programmes", tags=["programme-proposals"])
def list_programmes(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[DraftedOut]:
    """Return the programmes on their way, newest first; for planners."""
    found = spine.proposals_for(session, viewer, ProposalKind.PROGRAMME)
    return [_drafted(one) for one in page.part(found)]


@api.get(
    "/programme-proposals/{proposal_id}",
    summary="A proposal of a programme",
    tags=["programme-proposals"],
)
def get_programme_proposal(
    session: Transaction, viewer: SignedInViewer, proposal_id: str
) -> WholeDraftOut:
    """Return a programme on its way, with the engine's problem and solution."""
    return _whole(programmes.proposal_for(session, viewer, proposal_id))


@api.get("/years", summary="Years laid out", tags=["years"])
def list_years(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[DraftedOut]:
    """Return the years laid out, newest first; for planners."""
    found = spine.proposals_for(session, viewer, ProposalKind.YEAR)
    return [_drafted(one) for one in page.part(found)]


@api.get("/years/{proposal_id}", summary="A year laid out", tags=["years"])
def get_year(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> WholeDraftOut:
    """Return a year, with the engine's problem and solution."""
    return _whole(years.proposal_for(session, viewer, proposal_id))


@api.get("/table-proposals", summary="Tables in several rounds", tags=["table-proposals"])
def list_rounds(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[DraftedOut]:
    """Return the proposals of tables in several rounds, newest first; for planners."""
    found = spine.proposals_for(session, viewer, ProposalKind.ROUNDS)
    return [_drafted(one) for one in page.part(found)]


@api.get(
    "/table-proposals/{proposal_id}",
    summary="Tables in several rounds",
    tags=["table-proposals"],
)
def get_rounds(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> WholeDraftOut:
    """Return who sits at which table in each round, with the engine's problem and proof."""
    return _whole(spine.proposal_for(session, viewer, ProposalKind.ROUNDS, proposal_id))


@api.get("/mails", summary="The outbox", tags=["mails"])
def list_mails(
    session: Transaction,
    viewer: SignedInViewer,
    page: Paged,
    state: Annotated[MailState | None, Query(description="Only in this state.")] = None,
) -> list[MailOut]:
    """Return the newest mails, without their texts; for planners."""
    insist(may_plan(viewer))
    return [MailOut.model_validate(one) for one in page.part(outbox.newest(session, state, 1000))]


@api.get("/mails/{mail_id}", summary="A mail", tags=["mails"])
def get_mail(session: Transaction, viewer: SignedInViewer, mail_id: str) -> MailOut:
    """Return where a mail is on its way; for planners."""
    insist(may_plan(viewer))
    return MailOut.model_validate(mails.find(session, mail_id))


@api.get("/jobs", summary="Calculations", tags=["jobs"])
def list_jobs(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[JobOut]:
    """Return the newest calculations; for planners."""
    insist(may_plan(viewer))
    return [JobOut.model_validate(one) for one in page.part(jobs.newest(session))]


@api.get("/jobs/{job_id}", summary="A calculation", tags=["jobs"])
def get_job(session: Transaction, viewer: SignedInViewer, job_id: str) -> JobOut:
    """Return how far a calculation has come; for planners, and whoever asked for it."""
    found = jobs.follow(session, job_id)
    insist(may_plan(viewer) or did(viewer, found.requested_by))
    return JobOut.model_validate(found)


@api.get("/log", summary="Who changed what", tags=["log"])
def list_log(
    session: Transaction,
    viewer: SignedInViewer,
    kind: Annotated[str, Query(max_length=100, description="Only about this kind.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
) -> list[LogOut]:
    """Return the log, newest first; for planners."""
    insist(may_plan(viewer))
    return [LogOut.model_validate(one) for one in audit.page(session, kind, limit, offset)]


def _is_seen(viewer: SignedInViewer, survey: NeedsSurvey) -> bool:
    return may_plan(viewer) or survey.state is not SurveyState.DRAFT


def _survey(found: NeedsSurvey, answered: int) -> SurveyOut:
    return SurveyOut(**found.model_dump(exclude={"unmet"}), answered=answered)


def _drafted(found: Proposal) -> DraftedOut:
    return DraftedOut.model_validate(found.model_dump(include=set(DraftedOut.model_fields)))


def _whole(found: Proposal) -> WholeDraftOut:
    return WholeDraftOut(
        **_drafted(found).model_dump(),
        problem=json.loads(found.problem),
        solution=json.loads(found.solution) if found.solution else None,
    )
