"""From one proposal to another: matching again with locks or a changed wish, and asking what else could have been."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from api.jobs.service import submit
from api.kit.errors import ConflictError
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.models import Proposal
from api.proposals.networks import rules, service
from api.proposals.networks.building import Choice, Wish
from api.proposals.networks.holding import choice_of
from api.proposals.networks.jobs import STUDY
from matcher.errors import InvalidProblemError
from matcher.groups.model.problem import Problem
from matcher.groups.why import explain

STUDY_SECONDS = 420.0

WishKind = Literal["together", "apart", "weight"]


@dataclass(frozen=True, slots=True)
class ChangedWish:
    """What a planner wonders about: two RC together or apart, or an attribute that weighs more or less.

    factor: how many times its weight of today, when `kind` is `weight`.
    """

    kind: WishKind
    layer: Layer
    first: str = ""
    second: str = ""
    attribute: str = ""
    factor: float = 1.0


def match_again(
    session: Session,
    proposal: Proposal,
    locked: frozenset[tuple[Layer, int]],
    title: str,
    actor: str,
    at: datetime,
) -> Proposal:
    """Match today's register with all that holds in a proposal; networks locked here stay as well.

    Raises:
        ConflictError: when the register cannot be matched, or there is no such network.
    """
    choice = choice_of(proposal)
    groups = service.groups_in(proposal)
    try:
        for layer, number in sorted(locked):
            choice = choice.wished(Wish("kept", layer, tuple(sorted(groups[layer][number]))))
        problem = service.networks_problem(session, choice, at)
    except (KeyError, IndexError) as error:
        raise ConflictError("Det går inte att låsa den kretsen: ladda om sidan.") from error
    return _propose(session, proposal, problem, choice, title, actor, at)


def without(
    session: Session, proposal: Proposal, key: str, title: str, actor: str, at: datetime
) -> Proposal:
    """Match today's register with all that holds in a proposal but one wish or rule, by its key.

    Raises:
        ConflictError: when there is no such wish.
    """
    choice = choice_of(proposal)
    left = rules.without(choice, key)
    if left == choice:
        raise ConflictError("Det önskemålet finns inte i förslaget. Ladda om sidan.")
    problem = service.networks_problem(session, left, at)
    return _propose(session, proposal, problem, left, title, actor, at)


def what_if(
    session: Session, proposal: Proposal, wish: ChangedWish, title: str, actor: str, at: datetime
) -> Proposal:
    """Match the same problem with one wish changed, beside the proposal; the wish then holds.

    Raises:
        ConflictError: when the wish names an RC, layer or attribute that the proposal does not have.
    """
    problem, choice = service.NETWORKS.problem_of(proposal), choice_of(proposal)
    try:
        changed = _changed(problem, wish)
    except (InvalidProblemError, KeyError) as error:
        raise ConflictError("Välj två olika RC i samma slags krets.") from error
    if wish.kind == "weight":
        weight = choice.weights(wish.layer)[wish.attribute] * wish.factor
        choice = choice.weighed(wish.layer, wish.attribute, weight)
    else:
        choice = choice.wished(
            Wish(wish.kind, wish.layer, tuple(sorted((wish.first, wish.second))))
        )
    return _propose(session, proposal, changed, choice, title, actor, at)


def start_study(session: Session, proposal: Proposal, actor: str) -> str:
    """Queue the question what else could have been and return its job; asking again gives the same job."""
    groups = service.groups_in(proposal)
    payload: dict[str, object] = {
        "networks": {layer.value: found for layer, found in groups.items()},
        "seconds": STUDY_SECONDS,
        "seed": proposal.seed,
        "proposal": proposal.id,
    }
    page = f"/planera/natverk/{proposal.id}/varfor"
    key = f"{proposal.id}:study:{proposal.version}"
    limit = 1.5 * STUDY_SECONDS
    job = submit(session, STUDY, payload, key, requested_by=actor, page=page, time_limit_s=limit)
    proposal.study_job_id = job.id
    session.add(proposal)
    return job.id


def _propose(
    session: Session,
    proposal: Proposal,
    problem: Problem,
    choice: Choice,
    title: str,
    actor: str,
    at: datetime,
) -> Proposal:
    made = service.propose_networks(
        session, problem, choice, title, actor, at, is_example=proposal.is_example
    )
    made.compared_with = proposal.id
    spine.queue(session, service.NETWORKS, made)
    return made


def _changed(problem: Problem, wish: ChangedWish) -> Problem:
    place = _place(problem, wish.layer)
    if wish.kind == "weight":
        weights = {one.attribute: one.weight for one in problem.layers[place].weights}
        return explain.with_weight(
            problem, place, wish.attribute, weights[wish.attribute] * wish.factor
        )
    pair = (problem.number(wish.first), problem.number(wish.second))
    force = explain.with_together if wish.kind == "together" else explain.with_apart
    changed = force(problem, place, pair)
    # A wish that the planner turns round replaces the old one.
    other = "apart" if wish.kind == "together" else "together"
    layer = changed.layers[place]
    old = [group for group in getattr(layer, other) if set(group) != set(pair)]
    layers = list(changed.layers)
    layers[place] = (
        replace(layer, apart=tuple(old))
        if other == "apart"
        else replace(layer, together=tuple(old))
    )
    return replace(changed, layers=tuple(layers))


def _place(problem: Problem, layer: Layer) -> int:
    names = [one.name for one in problem.layers]
    if layer.value not in names:
        raise KeyError(layer.value)
    return names.index(layer.value)
