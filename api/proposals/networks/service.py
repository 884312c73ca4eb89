"""A proposal's way: a problem from today's rows, an answer from the engine, a planner's look, a frozen version."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.jobs.service import JobFinished, submit
from api.kit.errors import ConflictError, MissingError
from api.networks import queries as networks
from api.networks.models import Layer, Round
from api.networks.service import declined, publish_round
from api.proposals import queries
from api.proposals.lifecycle import insist_on_open, insist_on_version, save
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import ENGINE_VERSION, read_networks, write_networks
from api.proposals.networks.jobs import KIND
from api.proposals.networks.reasons import SURVEY_MEMORY
from api.registry.service import members
from api.surveys.service import sought_and_offered
from matcher.errors import InvalidProblemError
from matcher.groups.model.problem import Problem
from matcher.groups.rules import cost, violations
from matcher.proof import Violation


def todays_networks(session: Session) -> dict[Layer, tuple[tuple[str, ...], ...]]:
    """Return today's networks by layer, as groups of RC ids: what stability keeps together."""
    active = networks.active_networks(session)
    rows = networks.members(session, [network.id for network in active])
    found: dict[Layer, tuple[tuple[str, ...], ...]] = {}
    for network in active:
        group = tuple(member.rc_id for member in rows[network.id])
        found[network.layer] = (*found.get(network.layer, ()), group)
    return found


def networks_problem(session: Session, choice: Choice, at: datetime) -> Problem:
    """Return the matching problem of today's register, networks and the surveys of the last year."""
    surveyed = sought_and_offered(session, at - SURVEY_MEMORY)
    said_no = declined(session, at - SURVEY_MEMORY)
    left = {
        rc: tuple(dict.fromkeys((*choice.opt_out.get(rc, ()), *said_no.get(rc, ()))))
        for rc in choice.opt_out.keys() | said_no.keys()
    }
    choice = replace(choice, opt_out=left)
    return matching.build(members(session), choice, todays_networks(session), surveyed)


def propose_networks(  # noqa: PLR0913 - what is stored of a proposal, each by its name
    session: Session,
    problem: Problem,
    choice: Choice,
    title: str,
    actor: str,
    at: datetime,
    *,
    seed: int = 0,
    time_limit_s: float = 60.0,
    is_example: bool = False,
) -> Proposal:
    """Store a matching problem that waits for its answer."""
    proposal = Proposal(
        kind=ProposalKind.NETWORKS,
        state=ProposalState.SOLVING,
        title=title,
        settings=json.dumps(choice.to_json(), ensure_ascii=False),
        problem=write_networks(problem),
        engine_version=ENGINE_VERSION,
        seed=seed,
        time_limit_s=time_limit_s,
        created_by=actor,
        created_at=at,
        is_example=is_example,
    )
    session.add(proposal)
    session.flush()
    record(session, actor, "proposed", ("proposal", proposal.id), after={"title": title})
    return proposal


def start_matching(
    session: Session, viewer: Viewer | None, choice: Choice, title: str, at: datetime
) -> Proposal:
    """Store a proposal of today's register and queue the job that solves it.

    Raises:
        MissingError: when the viewer is no planner.
        ConflictError: when the register cannot be matched, say because it is empty.
    """
    insist(may_plan(viewer))
    actor = viewer.person_id if viewer else "system"
    try:
        problem = networks_problem(session, choice, at)
    except InvalidProblemError as error:
        fault = str(error.faults[0])
        raise ConflictError("Det går inte att matcha: %(fault)s.", fault=fault) from error
    proposal = propose_networks(session, problem, choice, title, actor, at)
    queue(session, proposal)
    return proposal


def queue(session: Session, proposal: Proposal) -> None:
    """Queue the job that solves a stored matching problem."""
    payload: dict[str, object] = {
        "problem": proposal.problem,
        "seconds": proposal.time_limit_s,
        "seed": proposal.seed,
        "proposal": proposal.id,
    }
    page = f"/planera/natverk/{proposal.id}"
    by = proposal.created_by
    job = submit(session, KIND, payload, proposal.id, requested_by=by, page=page)
    proposal.job_id = job.id
    session.add(proposal)


def on_job_finished(session: Session, news: JobFinished) -> None:
    """Take a match job's networks into its proposal; without any, the proposal is withdrawn.

    Where the wishes cannot all hold, the smallest set of them that clashes is kept.
    """
    if news.kind != KIND:
        return
    proposal = queries.proposal_to_change(session, str(news.payload.get("proposal", "")))
    if proposal is None or proposal.state != ProposalState.SOLVING:
        return
    if news.result is not None and "conflict" in news.result:
        proposal.conflict = json.dumps(news.result["conflict"], ensure_ascii=False)
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "found impossible", "system")
    elif news.result is not None:
        record_answer(session, proposal, news.result)
    else:
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "failed", "system")


def record_answer(session: Session, proposal: Proposal, document: dict[str, object]) -> None:
    """Keep the engine's answer: the proposal is now a draft that a planner can look at.

    Raises:
        ConflictError: when the proposal already has an answer or was withdrawn.
    """
    if proposal.state != ProposalState.SOLVING:
        raise ConflictError("Förslaget har redan ett svar.")
    proposal.solution = json.dumps(document, ensure_ascii=False)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, "solved", "system")


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a proposal to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    insist(may_plan(viewer))
    found = stored(session, proposal_id)
    insist(found.kind == ProposalKind.NETWORKS)
    return found


def proposals_for(session: Session, viewer: Viewer | None, kind: ProposalKind) -> list[Proposal]:
    """Return the proposals of a kind to a planner, newest first.

    Raises:
        MissingError: when the viewer is no planner.
    """
    insist(may_plan(viewer))
    return queries.proposals(session, kind)


def stored(session: Session, proposal_id: str) -> Proposal:
    """Return a proposal to a job or command.

    Raises:
        MissingError: when there is none.
    """
    found = queries.proposal(session, proposal_id)
    if found is None:
        raise MissingError
    return found


def groups_in(proposal: Proposal) -> dict[Layer, list[list[str]]]:
    """Return a proposal's networks as groups of RC ids by layer.

    Raises:
        ConflictError: when the engine has not answered yet.
    """
    if proposal.solution is None:
        raise ConflictError("Förslaget räknas fortfarande.")
    document = json.loads(proposal.solution)
    return {Layer(name): groups for name, groups in document["networks"].items()}


def score(
    proposal: Proposal, groups: Mapping[Layer, list[list[str]]]
) -> tuple[float, tuple[Violation, ...]]:
    """Return the cost of networks by the plain rules, and every rule they break; nothing is solved."""
    problem = read_networks(proposal.problem)
    found = matching.networks_of(problem, groups)
    return cost(problem, found), violations(problem, found)


def review(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Mark a draft as looked at; only then can it be published.

    Raises:
        ConflictError: when it breaks a rule; the message names the first.
    """
    insist_on_open(proposal, version)
    _, broken = score(proposal, groups_in(proposal))
    if broken:
        raise ConflictError("Förslaget bryter mot en regel: %(rule)s.", rule=broken[0].message)
    proposal.state = ProposalState.REVIEWED
    save(session, proposal, "reviewed", actor)


def publish(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Round:
    """Freeze a reviewed proposal as the next round; publishing again answers the same round.

    Raises:
        StaleError: when somebody saved it since `version`, by publishing it too.
        ConflictError: when the proposal has not been reviewed.
    """
    insist_on_version(proposal, version)
    done = networks.round_of_proposal(session, proposal.id)
    if done is not None:
        return done
    if proposal.state != ProposalState.REVIEWED:
        raise ConflictError("Granska förslaget innan du publicerar det.")
    problem = read_networks(proposal.problem)
    partitions = matching.networks_of(problem, groups_in(proposal))
    groups = matching.groups_of(problem, partitions)
    made = publish_round(session, proposal.id, groups, actor, at, is_example=proposal.is_example)
    proposal.state = ProposalState.PUBLISHED
    proposal.published_at = at
    save(session, proposal, None, actor)
    return made


def withdraw(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Put a proposal aside; a published one stays."""
    insist_on_open(proposal, version)
    proposal.state = ProposalState.WITHDRAWN
    save(session, proposal, "withdrew", actor)
