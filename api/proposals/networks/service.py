"""A proposal's way: a problem from today's rows, an answer from the engine, a planner's look, a frozen version."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.availability.free import free_times
from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import later
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer, Round
from api.networks.naming import circle_names
from api.networks.service import declined, publish_round
from api.proposals import queries, spine
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks.answer import NetworksAnswer, redone, undone
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import read_networks, write_networks
from api.proposals.networks.reasons import SURVEY_MEMORY, reasons
from api.proposals.words import fault_in_words
from api.registry import queries as registry
from api.surveys.service import sought_and_offered
from api.travel.service import travel_of
from matcher.errors import InvalidProblemError
from matcher.geo import Point
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
    """Return the matching problem of today's register, networks and the surveys of the last year.

    Raises:
        ConflictError: when the register cannot be matched, say because it is empty.
    """
    surveyed = sought_and_offered(session, at - SURVEY_MEMORY)
    said_no = declined(session, at - SURVEY_MEMORY)
    left = {
        rc: tuple(dict.fromkeys((*choice.opt_out.get(rc, ()), *said_no.get(rc, ()))))
        for rc in choice.opt_out.keys() | said_no.keys()
    }
    choice = replace(choice, opt_out=left)
    travel = travel_of(session)
    free = free_times(session, choice.poll) if choice.poll else None
    try:
        return matching.build(
            registry.rcs(session),
            choice,
            todays_networks(session),
            surveyed,
            lambda one, other: travel.hours(Point(*one), Point(*other)),
            free,
        )
    except InvalidProblemError as error:
        fault = fault_in_words(error)
        raise ConflictError(
            "Det går inte att sätta ihop kretsar: %(fault)s.", fault=fault
        ) from error


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
    new = Proposal(
        kind=ProposalKind.NETWORKS,
        state=ProposalState.SOLVING,
        title=title,
        settings=write(choice),
        problem=write_networks(problem),
        engine_version=spine.ENGINE_VERSION,
        seed=seed,
        time_limit_s=time_limit_s,
        created_by=actor,
        created_at=at,
        is_example=is_example,
    )
    return spine.store(session, new, actor)


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
    problem = networks_problem(session, choice, at)
    proposal = propose_networks(session, problem, choice, title, actor, at)
    spine.queue(session, NETWORKS, proposal)
    return proposal


def record_answer(session: Session, proposal: Proposal, document: Mapping[str, object]) -> None:
    """Keep the engine's answer: the proposal is now a draft that a planner can look at.

    Raises:
        ConflictError: when the proposal already has an answer or was withdrawn.
    """
    spine.take_answer(session, NETWORKS, proposal, document)


def proposal_for(session: Session, viewer: Viewer | None, proposal_id: str) -> Proposal:
    """Return a proposal of networks to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    return spine.proposal_for(session, viewer, ProposalKind.NETWORKS, proposal_id)


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
    answer = NETWORKS.answer_of(proposal)
    return {layer: [list(group) for group in found] for layer, found in answer.networks.items()}


def score(
    proposal: Proposal, groups: Mapping[Layer, list[list[str]]]
) -> tuple[float, tuple[Violation, ...]]:
    """Return the cost of networks by the plain rules, and every rule they break; nothing is solved."""
    problem = NETWORKS.problem_of(proposal)
    found = matching.networks_of(problem, groups)
    return cost(problem, found), violations(problem, found)


def publish(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Round:
    """Freeze a reviewed proposal as the next round; publishing again answers the same round.

    Raises:
        StaleError: when somebody saved it since `version`, by publishing it too.
        ConflictError: when the proposal has not been reviewed.
    """
    if not spine.may_publish(proposal, version):
        done = networks.round_of_proposal(session, proposal.id)
        if done is None:
            raise MissingError
        return done
    made_of = matching.groups_of(
        NETWORKS.problem_of(proposal), NETWORKS.answer_of(proposal).networks
    )
    groups = _called(session, made_of, at)
    made = publish_round(session, proposal.id, groups, actor, at, is_example=proposal.is_example)
    spine.mark_published(session, proposal, actor, at, None)
    return made


def take_back(session: Session, viewer: Viewer | None, title: str, at: datetime) -> Proposal:
    """Return a reviewed proposal of the round before today's: publishing it brings its circles back.

    Raises:
        MissingError: when the viewer is no planner.
        ConflictError: when there is no round before today's.
    """
    insist(may_plan(viewer))
    actor = viewer.person_id if viewer else "system"
    past = networks.rounds(session)
    earlier = queries.proposal(session, past[1].proposal_id) if len(past) > 1 else None
    if earlier is None:
        raise ConflictError("Det finns ingen tidigare indelning att gå tillbaka till.")
    back = propose_networks(
        session,
        NETWORKS.problem_of(earlier),
        read(Choice, earlier.settings),
        title,
        actor,
        at,
        is_example=earlier.is_example,
    )
    back.solution, back.state = earlier.solution, ProposalState.REVIEWED
    spine.save(session, back, "reviewed", actor)
    return back


def _called(session: Session, groups: tuple[Group, ...], at: datetime) -> tuple[Group, ...]:
    """Return groups with names made of what is true of their members, and how far they travel."""
    known = reasons(session, at)
    circles = [
        (group.layer, [known.rcs[one] for one in group.rc_ids if one in known.rcs])
        for group in groups
    ]
    kept = [one for one in networks.active_networks(session) if one.named_by is not None]
    taken = {name for one in kept for name in (one.name_sv, one.name_en)}
    names = circle_names(circles, known.hours, taken)
    return tuple(
        replace(group, name=name, farthest_hours=known.widest(group.rc_ids)[1])
        for group, name in zip(groups, names, strict=True)
    )


def _broken(problem: Problem, answer: NetworksAnswer) -> tuple[Violation, ...]:
    return violations(problem, matching.networks_of(problem, answer.networks))


def _settled(_proposal: Proposal, document: spine.Json) -> NetworksAnswer:
    return of(NetworksAnswer, document)


def _on_study(session: Session, proposal: Proposal, result: Mapping[str, object]) -> None:
    """Keep what a study found with its proposal; the networks are in it, so that a later move shows."""
    proposal.study = json.dumps(result, ensure_ascii=False)
    session.add(proposal)
    record(session, "system", "studied", ("proposal", proposal.id))


NETWORKS = spine.Kind(
    name=ProposalKind.NETWORKS,
    job="match",
    handler="api.proposals.networks.jobs:match",
    page="/planera/natverk",
    problem=read_networks,
    answer=NetworksAnswer,
    settled=_settled,
    broken=_broken,
    is_broken=later("Förslaget bryter mot en regel. Rätta det först."),
    undone=undone,
    redone=redone,
    others={"study": ("api.proposals.networks.jobs:study", _on_study)},
)
