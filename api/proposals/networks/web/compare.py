"""Two sets of networks side by side, and what changes from the one to the other for each RC."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.kit.i18n import Speaker, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.proposals import queries
from api.proposals.models import Proposal, ProposalKind
from api.proposals.networks import service
from api.proposals.networks.building import networks_of
from api.proposals.networks.reasons import Reasons, reasons
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.why_view import Names, listed, names_of
from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import Networks, Partition
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
    before: str  # what ties it to its circle, from claims
    after: str
    fit: str  # how unlike its circles it is, before and after
    verdict: Literal["better", "worse", ""]


@dataclass(frozen=True, slots=True)
class Placed:
    """One RC in a list of circles, and whether it is in another company in the other proposal."""

    name: str
    has_moved: bool


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The networks of one kind in both; none in full where both have the same."""

    name: str
    first: tuple[tuple[Placed, ...], ...]
    second: tuple[tuple[Placed, ...], ...]
    is_same: bool


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
            _side_by_side(say.text(LAYER_NAMES[Layer(layer.name)]), common, old, new, names)
            for layer, old, new in zip(common.layers, before, after, strict=True)
        ),
        changes=tuple(_changes(say, reasons(session), common, before, after, names)),
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
        raise ConflictError("Välj ett förslag på kretsar.")
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
            "Det här förslaget är bättre: skillnaden inom kretsarna är %(amount)s mindre.",
            amount=amount,
        )
    return say.text(
        "Det här förslaget är sämre: skillnaden inom kretsarna är %(amount)s större.", amount=amount
    )


def _pairs(say: Speaker, difference: Difference) -> str:
    made = sum(len(pairs) for pairs in difference.made)
    broken = sum(len(pairs) for pairs in difference.broken)
    return say.text(
        "Nya par: %(made)s. Inte längre i samma krets: %(broken)s.", made=made, broken=broken
    )


def _side_by_side(
    name: str, problem: Problem, old: Partition, new: Partition, names: Names
) -> SideBySide:
    was, now = _company(old), _company(new)
    moved = {member for member in was.keys() | now.keys() if was.get(member) != now.get(member)}

    def placed(partition: Partition) -> tuple[tuple[Placed, ...], ...]:
        return tuple(
            tuple(
                sorted(
                    (Placed(names[problem.members[one].id], one in moved) for one in group),
                    key=lambda one: swedish_order(one.name),
                )
            )
            for group in partition
        )

    return SideBySide(name, placed(old), placed(new), not moved)


def _company(partition: Partition) -> dict[int, frozenset[int]]:
    return {member: frozenset(group) for group in partition for member in group}


def _changes(
    say: Speaker, known: Reasons, problem: Problem, before: Networks, after: Networks, names: Names
) -> list[Change]:
    found = []
    for place, layer in enumerate(problem.layers):
        how, kind = measure(problem, layer), Layer(layer.name)
        old, new = _company(before[place]), _company(after[place])
        for member in sorted(old.keys() | new.keys()):
            was, now = old.get(member, frozenset()), new.get(member, frozenset())
            if was == now:
                continue
            rc_id = problem.members[member].id
            circles = [problem.ids(tuple(sorted(group))) for group in (was, now)]
            ties = [known.of_one(say, kind, ids, rc_id).ties if ids else "" for ids in circles]
            fit, verdict = _fit(say, how, member, was, now)
            found.append(
                Change(
                    name=names[rc_id],
                    layer=say.text(LAYER_NAMES[kind]),
                    meets=listed(say, problem.ids(tuple(now - was - {member})), names),
                    parts=listed(say, problem.ids(tuple(was - now - {member})), names),
                    before=ties[0],
                    after=ties[1],
                    fit=fit,
                    verdict=verdict,
                )
            )
    return sorted(found, key=lambda change: swedish_order(change.name))


def _fit(
    say: Speaker, how: Measure, member: int, was: AbstractSet[int], now: AbstractSet[int]
) -> tuple[str, Literal["better", "worse", ""]]:
    """Return how unlike its circles a member is, as shown, and the verdict that the shown figures bear."""
    costs = [
        round(member_cost(how, tuple(sorted(group)), member), 2) if group else None
        for group in (was, now)
    ]
    shown = " → ".join("–" if cost is None else say.number(cost, 2) for cost in costs)
    first, second = costs
    if first is None or second is None or first == second:
        return shown, ""
    return shown, "better" if second < first else "worse"
