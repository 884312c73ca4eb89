"""A year's way: laid out from what is asked, moved by hand, laid out again around that, and booked."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.calendar.days import SchoolBreak
from api.jobs.service import JobFinished, submit
from api.kit.clock import from_local
from api.kit.errors import ConflictError, MissingError
from api.meetings.calendars import NEUTRAL
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.proposals import queries
from api.proposals.lifecycle import insist_on_open, insist_on_version, save
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks.engine import ENGINE_VERSION
from api.proposals.year.building import CLOCKS, KINDS, NATIONAL, NETWORK, YearWish, problem_document
from api.proposals.year.engine import (
    Judged,
    calendar_of,
    judge,
    meeting_of,
    read_year,
    write_year,
)
from api.proposals.year.jobs import KIND
from matcher.dates.year.problem import Calendar, YearProblem
from matcher.dates.year.problem import Meeting as Planned

Json = dict[str, Any]

TIME_LIMIT_S = 20.0
MOST_UNDONE = 50
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
    booked = [f"{one['series']}|{one['number']}" for one in document["current"]]
    return _store(session, document, str(wish.year), {"booked": booked}, actor, at)


def again(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Proposal:
    """Lay the rest out anew around what was moved by hand: a proposal of its own, as like as it can be."""
    insist_on_open(proposal, version)
    save(session, proposal, None, actor)
    answer = answer_of(proposal)
    document: Json = json.loads(proposal.problem)
    held = {*answer["booked"], *answer.get("moved", ())}
    document["current"] = [
        {
            "series": meeting_of(key).series,
            "number": meeting_of(key).number,
            "date": day,
            "locked": key in held,
            "booked": key in answer["booked"],
        }
        for key, day in answer["calendar"].items()
    ]
    settings = {"booked": answer["booked"], "moved": answer.get("moved", [])}
    return _store(session, document, proposal.title, settings, actor, at)


def on_job_finished(session: Session, news: JobFinished) -> None:
    """Take a year's answer into its proposal; without any, the proposal is withdrawn."""
    if news.kind != KIND:
        return
    proposal = queries.proposal_to_change(session, str(news.payload.get("proposal", "")))
    if proposal is None or proposal.state != ProposalState.SOLVING:
        return
    if news.result is None:
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "failed", "system")
    elif "conflict" in news.result:
        proposal.conflict = json.dumps(news.result["conflict"], ensure_ascii=False)
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "found impossible", "system")
    else:
        proposal.solution = json.dumps(news.result | json.loads(proposal.settings))
        proposal.state = ProposalState.DRAFT
        save(session, proposal, "solved", "system")


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a year's proposal to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    insist(may_plan(viewer))
    found = queries.proposal(session, proposal_id)
    if found is None or found.kind != ProposalKind.YEAR:
        raise MissingError
    return found


def answer_of(proposal: Proposal) -> Json:
    """Return a proposal's stored answer.

    Raises:
        ConflictError: while it is worked out, or when its rules cannot all hold.
    """
    answer: Json = json.loads(proposal.solution or "{}")
    if "calendar" not in answer:
        raise ConflictError("Förslaget har inget svar ännu.")
    return answer


def judged(proposal: Proposal) -> tuple[YearProblem, Calendar, Judged]:
    """Return the problem, the calendar as it stands, and what the plain rules say of it."""
    problem = read_year(proposal.problem)
    calendar = calendar_of(answer_of(proposal)["calendar"])
    return problem, calendar, judge(problem, calendar)


def move(
    session: Session, proposal: Proposal, key: str, day: date, version: int, actor: str
) -> None:
    """Move a meeting to another first day by hand; what that breaks is shown, not refused.

    Raises:
        ConflictError: when there is no such meeting, it is booked already, or the day is another year's.
    """
    insist_on_open(proposal, version)
    answer, problem = answer_of(proposal), read_year(proposal.problem)
    if key not in answer["calendar"]:
        raise ConflictError("Det finns inget sådant möte i förslaget.")
    if key in answer["booked"]:
        raise ConflictError("Mötet är redan bokat. Flytta det på mötets egen sida.")
    if not problem.first <= day <= problem.last:
        raise ConflictError("Dagen ligger utanför året.")
    answer["past"] = [*answer.get("past", ()), _kept(answer)][-MOST_UNDONE:]
    answer["calendar"] = {**answer["calendar"], key: day.isoformat()}
    answer["moved"] = sorted({*answer.get("moved", ()), key})
    record(
        session, actor, "moved", ("proposal", proposal.id), after={"meeting": key, "to": f"{day}"}
    )
    _keep(session, proposal, answer, actor)


def undo(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Take back the latest move by hand.

    Raises:
        ConflictError: when nothing was moved.
    """
    insist_on_open(proposal, version)
    answer = answer_of(proposal)
    if not answer.get("past"):
        raise ConflictError("Det finns inget att ångra.")
    *answer["past"], before = answer["past"]
    answer |= before
    record(session, actor, "undid", ("proposal", proposal.id))
    _keep(session, proposal, answer, actor)


def withdraw(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Put a proposal aside."""
    insist_on_open(proposal, version)
    proposal.state = ProposalState.WITHDRAWN
    save(session, proposal, "withdrew", actor)


def book(
    session: Session, proposal: Proposal, version: int, actor: str, at: datetime
) -> list[Meeting]:
    """Propose every meeting that is not booked yet, in one go; calendars follow.

    Raises:
        ConflictError: when a rule is broken, or nothing is left to book.
    """
    insist_on_version(proposal, version)
    if proposal.state == ProposalState.PUBLISHED:
        return []
    insist_on_open(proposal, version)
    problem, calendar, found = judged(proposal)
    if found.violations:
        raise ConflictError("Det finns krockar. Rätta dem innan du bokar.")
    booked = {meeting_of(key) for key in answer_of(proposal)["booked"]}
    new = sorted((day, one) for one, day in calendar.items() if one not in booked)
    made = [create(session, _draft(session, problem, one, day), actor, at) for day, one in new]
    proposal.state = ProposalState.PUBLISHED
    proposal.published_at = at
    save(session, proposal, "published", actor)
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
    session: Session, document: Json, title: str, settings: Json, actor: str, at: datetime
) -> Proposal:
    proposal = Proposal(
        kind=ProposalKind.YEAR,
        state=ProposalState.SOLVING,
        title=title,
        settings=json.dumps(settings),
        problem=write_year(document),
        engine_version=ENGINE_VERSION,
        time_limit_s=TIME_LIMIT_S,
        created_by=actor,
        created_at=at,
    )
    session.add(proposal)
    session.flush()
    record(session, actor, "proposed", ("proposal", proposal.id), after={"title": title})
    payload: dict[str, object] = {
        "problem": proposal.problem,
        "seconds": proposal.time_limit_s,
        "seed": proposal.seed,
        "proposal": proposal.id,
    }
    page = f"/planera/aret/{proposal.id}"
    job = submit(session, KIND, payload, proposal.id, requested_by=actor, page=page)
    proposal.job_id = job.id
    session.add(proposal)
    session.flush()
    return proposal


def _kept(answer: Json) -> Json:
    return {"calendar": answer["calendar"], "moved": answer.get("moved", [])}


def _keep(session: Session, proposal: Proposal, answer: Json, actor: str) -> None:
    proposal.solution = json.dumps(answer, ensure_ascii=False)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, None, actor)
