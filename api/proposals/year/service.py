"""A year's way: laid out from what is asked, moved by hand, laid out again around that, and booked."""

import json
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.audit.service import record
from api.calendar.days import SchoolBreak
from api.kit.errors import ConflictError
from api.kit.i18n import later
from api.proposals import spine
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.spine import Json
from api.proposals.year.answer import Before, YearAnswer, YearSettings, undone
from api.proposals.year.building import YearWish, problem_document
from api.proposals.year.engine import (
    Judged,
    calendar_document,
    judge,
    meeting_of,
    read_year,
    write_year,
)
from matcher.dates.year.problem import Calendar, YearProblem
from matcher.proof import Violation

TIME_LIMIT_S = 20.0


def start(
    session: Session, wish: YearWish, breaks: tuple[SchoolBreak, ...], actor: str, at: datetime
) -> Proposal:
    """Store a year's problem and queue the job that lays it out."""
    document = problem_document(session, wish, breaks, at)
    if not document["series"]:
        raise ConflictError("Det finns inga träffar att planera in. Skriv hur många ni vill ha.")
    booked = tuple(f"{one['series']}|{one['number']}" for one in document["current"])
    settings = YearSettings(booked, wish=wish)
    return _store(session, document, str(wish.year), settings, actor, at)


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
    settings = YearSettings(answer.booked, answer.moved, wish_of(proposal))
    return _store(session, document, proposal.title, settings, actor, at)


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a year's proposal to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    return spine.proposal_for(session, viewer, ProposalKind.YEAR, proposal_id)


def wish_of(proposal: Proposal) -> YearWish | None:
    """Return what was asked of a year, None where that was not kept."""
    return read(YearSettings, proposal.settings).wish


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
        raise ConflictError("Träffen finns inte i förslaget.")
    if key in answer.booked:
        raise ConflictError("Träffen är redan bokad. Flytta den på träffens egen sida.")
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


def _store(
    session: Session, document: Json, title: str, settings: YearSettings, actor: str, at: datetime
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
    is_broken=later("Det finns krockar. Åtgärda dem innan du bokar."),
    undone=undone,
)
