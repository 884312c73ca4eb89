"""Two sets of networks side by side, and what changes from the one to the other for each RC."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.kit.i18n import Speaker, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.proposals import queries
from api.proposals.models import Proposal, ProposalKind
from api.proposals.networks import service
from api.proposals.networks.building import networks_of
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.why_view import Names, listed, names_of
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.layer import Networks
from matcher.groups.model.problem import Problem
from matcher.groups.rules import member_cost
from matcher.groups.why.explain import Difference, compare

TODAY = "idag"  # compared with the networks of today


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for one RC in one kind of network."""

    name: str
    layer: str
    meets: str
    parts: str
    before: str
    after: str
    is_better: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The networks of one kind in both."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Everything that the page shows."""

    id: str
    other_id: str
    first: str
    second: str
    choices: tuple[tuple[str, str], ...]
    verdict: str
    pairs: str
    layers: tuple[SideBySide, ...]
    changes: tuple[Change, ...]


def compare_page(session: Session, proposal: Proposal, other_id: str, say: Speaker) -> ComparePage:
    """Return a proposal beside another, or beside the networks of today.

    Raises:
        ConflictError: when one of them is not solved, or they are about other RC.
        MissingError: when there is no such other proposal.
    """
    groups = service.groups_in(proposal)
    problem = NETWORKS.problem_of(proposal)
    other, title = _other(session, proposal, other_id, say)
    kept = tuple(layer for layer in problem.layers if Layer(layer.name) in other)
    common = replace(problem, layers=kept or problem.layers)
    names = names_of(session, problem)
    before, after = _networks(common, other), networks_of(common, groups)
    difference = compare(common, before, after) if kept else None
    return ComparePage(
        id=proposal.id,
        other_id=other_id,
        first=title,
        second=proposal.title,
        choices=_choices(session, proposal, say),
        verdict=_verdict(say, difference),
        pairs="" if difference is None else _pairs(say, difference),
        layers=tuple(
            SideBySide(
                say.text(LAYER_NAMES[Layer(layer.name)]),
                _listed(say, common, old, names),
                _listed(say, common, new, names),
            )
            for layer, old, new in zip(common.layers, before, after, strict=True)
        ),
        changes=tuple(_changes(say, common, before, after, names)),
    )


def _other(
    session: Session, proposal: Proposal, other_id: str, say: Speaker
) -> tuple[Mapping[Layer, list[list[str]]], str]:
    if other_id == TODAY:
        today = service.todays_networks(session)
        found = {layer: [list(group) for group in groups] for layer, groups in today.items()}
        return found, say.text("Dagens kretsar")
    other = service.stored(session, other_id)
    if other.kind != ProposalKind.NETWORKS:
        raise ConflictError("Välj ett förslag på nätverk.")
    ours = {member.id for member in NETWORKS.problem_of(proposal).members}
    theirs = {member.id for member in NETWORKS.problem_of(other).members}
    if ours != theirs:
        raise ConflictError("Förslagen gäller olika RC och går inte att jämföra.")
    return service.groups_in(other), other.title


def _choices(session: Session, proposal: Proposal, say: Speaker) -> tuple[tuple[str, str], ...]:
    others = [
        (one.id, one.title)
        for one in queries.proposals(session, ProposalKind.NETWORKS)
        if one.id != proposal.id and one.solution is not None
    ]
    return ((TODAY, say.text("Dagens kretsar")), *others)


def _networks(problem: Problem, groups: Mapping[Layer, list[list[str]]]) -> Networks:
    """Return groups as networks, without RC that the problem does not have."""
    known = {member.id for member in problem.members}
    return tuple(
        tuple(
            tuple(sorted(problem.number(one) for one in group if one in known))
            for group in groups.get(Layer(layer.name), ())
            if known.intersection(group)
        )
        for layer in problem.layers
    )


def _verdict(say: Speaker, difference: Difference | None) -> str:
    if difference is None:
        return say.text("Det finns inga kretsar att jämföra med.")
    if abs(difference.cost) < 0.005:
        return say.text("Båda är lika bra, räknat med det här förslagets vikter.")
    amount = say.number(abs(difference.cost), 2)
    if difference.cost < 0:
        return say.text(
            "Det här förslaget är bättre: olikheten är %(amount)s lägre.", amount=amount
        )
    return say.text("Det här förslaget är sämre: olikheten är %(amount)s högre.", amount=amount)


def _pairs(say: Speaker, difference: Difference) -> str:
    made = sum(len(pairs) for pairs in difference.made)
    broken = sum(len(pairs) for pairs in difference.broken)
    return say.text("%(made)s par är nya och %(broken)s par skiljs åt.", made=made, broken=broken)


def _listed(
    say: Speaker, problem: Problem, partition: tuple[tuple[int, ...], ...], names: Names
) -> tuple[str, ...]:
    return tuple(listed(say, problem.ids(group), names) for group in partition)


def _changes(
    say: Speaker, problem: Problem, before: Networks, after: Networks, names: Names
) -> list[Change]:
    found = []
    for place, layer in enumerate(problem.layers):
        how = measure(problem, layer)
        old = {member: group for group in before[place] for member in group}
        new = {member: group for group in after[place] for member in group}
        for member in sorted(old.keys() | new.keys()):
            was, now = set(old.get(member, ())), set(new.get(member, ()))
            if was == now:
                continue
            costs = [
                member_cost(how, tuple(sorted(group)), member) if group else None
                for group in (was, now)
            ]
            texts = ["–" if cost is None else say.number(cost, 2) for cost in costs]
            found.append(
                Change(
                    name=names[problem.members[member].id],
                    layer=say.text(LAYER_NAMES[Layer(layer.name)]),
                    meets=listed(say, problem.ids(tuple(now - was - {member})), names),
                    parts=listed(say, problem.ids(tuple(was - now - {member})), names),
                    before=texts[0],
                    after=texts[1],
                    is_better=None not in costs and costs[1] < costs[0],  # type: ignore[operator] # both known
                )
            )
    return sorted(found, key=lambda change: swedish_order(change.name))
