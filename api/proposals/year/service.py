"""A year's way: laid out from what is asked, moved by hand, laid out again around that, and booked."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.audit.service import record
from api.calendar.days import SchoolBreak
from api.kit.clock import from_local
from api.kit.errors import ConflictError
from api.kit.i18n import later
from api.meetings.calendars import NEUTRAL
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.proposals import spine
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.spine import Json
from api.proposals.year.answer import Before, YearAnswer, YearSettings, undone
from api.proposals.year.building import CLOCKS, KINDS, NATIONAL, NETWORK, YearWish, problem_document
from api.proposals.year.engine import (
    Judged,
    calendar_document,
    judge,
    meeting_of,
    read_year,
    write_year,
)
from matcher.dates.year.problem import Calendar, YearProblem
from matcher.dates.year.problem import Meeting as Planned
from matcher.proof import Violation

TIME_LIMIT_S = 20.0
FOCUS = (
    "Fokus bestäms när vi har frågat vad ni behöver.",
    "The focus is decided when we have asked what you need.",
)


def start(
    session: Session, wish: YearWish, breaks: tuple[SchoolBreak, ...], actor: str, at: datetime
) -> Proposal:
    """Store a year's problem and queue the job that lays it out."""
    document = problem_document(session, wish, breaks, at)
    if not document["series"]:
        raise ConflictError("Det finns inga möten att lägga ut. Skriv hur många ni vill ha.")
    booked = tuple(f"{one['series']}|{one['number']}" for one in document["current"])
    return _store(session, document, str(wish.year), YearSettings(booked), actor, at)


def again(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Proposal:
    """Lay the rest out anew around what was moved by hand: a proposal of its own, as like as it can be."""
    spine.insist_on_open(proposal, version)
    spine.save(session, proposal, None, actor)
    answer = YEAR.answer_of(proposal)
    document: Json = json.loads(proposal.problem)
    booked = {meeting_of(key) for key in answer.booked}
    held = booked | {meeting_of(key) for key in answer.moved}
    document["current"] = [
        {
            "series": one.series,
            "number": one.number,
            "date": day.isoformat(),
            "locked": one in held,
            "booked": one in booked,
        }
        for one, day in answer.calendar.items()
    ]
    settings = YearSettings(answer.booked, answer.moved)
    return _store(session, document, proposal.title, settings, actor, at)


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a year's proposal to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    return spine.proposal_for(session, viewer, ProposalKind.YEAR, proposal_id)


def judged(proposal: Proposal) -> tuple[YearProblem, Calendar, Judged]:
    """Return the problem, the calendar as it stands, and what the plain rules say of it."""
    problem, calendar = YEAR.problem_of(proposal), YEAR.answer_of(proposal).calendar
    return problem, calendar, judge(problem, calendar)


def move(
    session: Session, proposal: Proposal, key: str, day: date, version: int, actor: str
) -> None:
    """Move a meeting to another first day by hand; what that breaks is shown, not refused.

    Raises:
        ConflictError: when there is no such meeting, it is booked already, or the day is another year's.
    """
    spine.insist_on_open(proposal, version)
    answer, problem = YEAR.answer_of(proposal), YEAR.problem_of(proposal)
    if key not in calendar_document(answer.calendar):
        raise ConflictError("Det finns inget sådant möte i förslaget.")
    if key in answer.booked:
        raise ConflictError("Mötet är redan bokat. Flytta det på mötets egen sida.")
    if not problem.first <= day <= problem.last:
        raise ConflictError("Dagen ligger utanför året.")
    changed = replace(
        answer,
        calendar={**answer.calendar, meeting_of(key): day},
        moved=tuple(sorted({*answer.moved, key})),
        past=spine.pushed(answer.past, Before(answer.calendar, answer.moved)),
    )
    record(
        session, actor, "moved", ("proposal", proposal.id), after={"meeting": key, "to": f"{day}"}
    )
    spine.keep(session, proposal, changed, actor)


def book(
    session: Session, proposal: Proposal, version: int, actor: str, at: datetime
) -> list[Meeting]:
    """Propose every meeting that is not booked yet, in one go; calendars follow.

    Raises:
        ConflictError: when a rule is broken, or nothing is left to book.
    """
    if not spine.may_publish(proposal, version, is_review_needed=False):
        return []
    problem, calendar, found = judged(proposal)
    if found.violations:
        raise ConflictError(YEAR.is_broken)
    booked = {meeting_of(key) for key in YEAR.answer_of(proposal).booked}
    new = sorted((day, one) for one, day in calendar.items() if one not in booked)
    made = [create(session, _draft(session, problem, one, day), actor, at) for day, one in new]
    spine.mark_published(session, proposal, actor, at)
    return made


def _draft(session: Session, problem: YearProblem, at: Planned, day: date) -> MeetingDraft:
    series = problem.by_id[at.series]
    first, last = CLOCKS[series.part]
    network_id = at.series.removeprefix(NETWORK) if at.series.startswith(NETWORK) else None
    network = networks.network(session, network_id) if network_id else None
    if network_id and (network is None or network.ended_on is not None):
        raise ConflictError("En krets i förslaget finns inte längre. Räkna fram ett nytt år.")
    kind = MeetingKind.NETWORK if network else KINDS[at.series]
    swedish, english = (network.name_sv, network.name_en) if network else NEUTRAL[kind]
    return MeetingDraft(
        kind=kind,
        network_id=network_id,
        name_sv=f"{swedish}: träff {at.number}" if network else f"{swedish} {at.number}",
        name_en=f"{english}: meeting {at.number}" if network else f"{english} {at.number}",
        focus_sv=FOCUS[0],
        focus_en=FOCUS[1],
        form=MeetingForm.IN_PERSON if at.series == NATIONAL else MeetingForm.DIGITAL,
        starts_at=from_local(datetime.combine(day, first)),
        ends_at=from_local(datetime.combine(day + timedelta(days=series.days - 1), last)),
        state=MeetingState.PROPOSED,
        is_example=network.is_example if network else False,
    )


def _store(
    session: Session,
    document: Json,
    title: str,
    settings: YearSettings,
    actor: str,
    at: datetime,
) -> Proposal:
    new = Proposal(
        kind=ProposalKind.YEAR,
        state=ProposalState.SOLVING,
        title=title,
        settings=write(settings),
        problem=write_year(document),
        engine_version=spine.ENGINE_VERSION,
        time_limit_s=TIME_LIMIT_S,
        created_by=actor,
        created_at=at,
    )
    stored = spine.store(session, new, actor)
    spine.queue(session, YEAR, stored)
    return stored


def _broken(problem: YearProblem, answer: YearAnswer) -> tuple[Violation, ...]:
    return judge(problem, answer.calendar).violations


def _settled(proposal: Proposal, document: Json) -> YearAnswer:
    settings = read(YearSettings, proposal.settings)
    return replace(of(YearAnswer, document), booked=settings.booked, moved=settings.moved)


YEAR = spine.Kind(
    name=ProposalKind.YEAR,
    job="year",
    handler="api.proposals.year.jobs:year",
    page="/planera/aret",
    problem=read_year,
    answer=YearAnswer,
    settled=_settled,
    broken=_broken,
    is_broken=later("Det finns krockar. Rätta dem innan du bokar."),
    undone=undone,
)
