"""What a planner sees of a proposal: networks in words, proof, broken rules and who changes."""

from dataclasses import dataclass

from sqlmodel import Session

from api.jobs.trail import TrailPicture, picture
from api.kit.i18n import Speaker, later, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import Evidence
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks import moving, service
from api.proposals.networks.holding import choice_of
from api.proposals.networks.reasons import reasons
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.holding import Holding, holding, locked_in
from api.proposals.networks.web.moving_view import EffectWords, effect_words
from api.proposals.networks.web.why_view import names_of
from api.proposals.networks.web.words import broken_in_words, wish_in_words
from api.proposals.spine import CAN_BE_REVIEWED, conflict_of
from api.proposals.words import state_in_words
from api.travel.wording import about
from matcher.proof import Proof


@dataclass(frozen=True, slots=True)
class Seat:
    """An RC in a group, and whom it would meet that it does not meet today."""

    rc_id: str
    name: str
    meets: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One proposed network."""

    number: int
    seats: tuple[Seat, ...]
    why: str
    is_thin: bool
    farthest: str  # hours between the two farthest apart
    dissimilarity: str
    is_locked: bool
    why_lines: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class LayerRow:
    """The proposed networks of one kind."""

    key: str
    name: str
    groups: tuple[GroupRow, ...]


MOST_SEATS = 240  # on one page: three kinds of circles of 80 RC


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A proposal as a planner looks at it."""

    id: str
    title: str
    state: str
    version: int
    job_id: str | None
    is_solving: bool
    is_open: bool
    is_reviewed: bool
    is_published: bool
    is_moved: bool
    quality: str
    objective: str
    changed: int
    violations: tuple[str, ...]
    conflict: tuple[str, ...]
    compared_with: str | None
    undoable: str  # the layer of the latest move by hand, where there is one to undo
    effect: EffectWords | None
    trail: TrailPicture | None
    layers: tuple[LayerRow, ...]
    holding: Holding
    other_layers: tuple[tuple[str, str], ...] = ()
    """Kinds of circles that stand on pages of their own, since one page of all would be too long."""


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal in the list."""

    id: str
    title: str
    state: str
    made: str
    quality: str


def proposal_lines(proposals: list[Proposal], say: Speaker) -> tuple[ProposalLine, ...]:
    """Return the lines of the list, newest first."""
    return tuple(
        ProposalLine(
            one.id,
            one.title,
            state_in_words(one, say),
            say.moment(one.created_at),
            quality(say, one),
        )
        for one in proposals
        if one.kind == ProposalKind.NETWORKS
    )


def proposal_page(
    session: Session,
    proposal: Proposal,
    say: Speaker,
    wished: EffectWords | None = None,
    layer: str = "",
) -> ProposalPage:
    """Return the page of one proposal; while it is being solved there are no networks on it.

    wished: a move that is not made, to show instead of the latest one. layer: which kind of circles
    to show, where there are so many RC that each has a page of its own.
    """
    is_solving = proposal.state == ProposalState.SOLVING
    layers: tuple[LayerRow, ...] = ()
    violations: tuple[str, ...] = ()
    changed, objective, is_moved = 0, "", False
    names = names_of(session, NETWORKS.problem_of(proposal))
    answer = NETWORKS.found(proposal)
    if answer is not None:
        names = names_of(session, NETWORKS.problem_of(proposal))
        found = service.groups_in(proposal)
        total, broken = service.score(proposal, found)
        violations = tuple(broken_in_words(say, one, names) for one in broken)
        objective = say.number(total, 2)
        is_moved = answer.is_moved
        layers = _layers(session, proposal, found, say)
        changed = len(
            {
                seat.rc_id
                for layer in layers
                for row in layer.groups
                for seat in row.seats
                if seat.is_changed
            }
        )
    done = moving.latest(proposal) if proposal.state in CAN_BE_REVIEWED else None
    told = effect_words(session, proposal, done, say, is_done=True) if done else None
    effect = wished or told
    shown, others = _shown(layers, layer or (effect.layer if effect else ""))
    return ProposalPage(
        id=proposal.id,
        title=proposal.title,
        state=state_in_words(proposal, say),
        version=proposal.version,
        job_id=proposal.job_id,
        is_solving=is_solving,
        is_open=proposal.state in CAN_BE_REVIEWED,
        is_reviewed=proposal.state == ProposalState.REVIEWED,
        is_published=proposal.state == ProposalState.PUBLISHED,
        is_moved=is_moved,
        quality=quality(say, proposal),
        objective=objective,
        changed=changed,
        violations=violations,
        conflict=_conflict(session, proposal, say),
        compared_with=proposal.compared_with,
        undoable=told.layer if told else "",
        effect=effect,
        trail=picture(answer.trail if answer else (), say),
        layers=shown,
        holding=holding(session, proposal, say, names),
        other_layers=others,
    )


def _shown(
    layers: tuple[LayerRow, ...], wanted: str
) -> tuple[tuple[LayerRow, ...], tuple[tuple[str, str], ...]]:
    """Return the layers of a page, and those on other pages, where there are too many seats for one."""
    if sum(len(row.seats) for layer in layers for row in layer.groups) <= MOST_SEATS:
        return layers, ()
    chosen = next((layer for layer in layers if layer.key == wanted), layers[0])
    others = tuple((layer.key, layer.name) for layer in layers if layer is not chosen)
    return (chosen,), others


def _conflict(session: Session, proposal: Proposal, say: Speaker) -> tuple[str, ...]:
    if proposal.conflict is None:
        return ()
    names = names_of(session, NETWORKS.problem_of(proposal))
    return tuple(wish_in_words(say, one, names) for one in conflict_of(proposal))


def quality(say: Speaker, proposal: Proposal) -> str:
    """Return how good the networks are, in words."""
    if proposal.conflict is not None:
        return say.text("Alla önskemål går inte att uppfylla samtidigt.")
    answer = NETWORKS.found(proposal)
    if answer is None:
        return ""
    if answer.is_moved:
        if answer.is_broken:
            return say.text("Ändrat för hand: en regel är bruten.")
        gap = Proof(answer.objective, answer.lower_bound).gap
        text = later("Ändrat för hand. Högst %(percent)s procent sämre än det bästa möjliga.")
        return say.text(text, percent=say.number(100 * gap, 1))
    if answer.status == "optimal":
        return say.text("Bästa möjliga: med dina val passar inga andra kretsar bättre.")
    percent = say.number(100 * answer.gap, 1)
    return say.text(
        "Nästan bäst: högst %(percent)s procent sämre än det bästa möjliga.", percent=percent
    )


def _layers(
    session: Session, proposal: Proposal, found: dict[Layer, list[list[str]]], say: Speaker
) -> tuple[LayerRow, ...]:
    problem = NETWORKS.problem_of(proposal)
    names = names_of(session, problem)
    today, known = service.todays_networks(session), reasons(session)
    locked = locked_in(choice_of(proposal))
    rows = []
    for layer in problem.layers:
        kind = Layer(layer.name)
        mates = {rc: set(group) for group in today.get(kind, ()) for rc in group}
        groups = []
        for number, ids in enumerate(found[kind]):
            made = matching.group_of(problem, layer, [problem.number(one) for one in ids])
            evidence = Evidence.from_json(made.evidence)
            costs = [cost for _, cost in evidence.members]
            groups.append(
                GroupRow(
                    number=number,
                    seats=tuple(_seats(say, ids, mates, names)),
                    why=known.why(say, kind, ids),
                    is_thin=evidence.is_thin,
                    farthest="" if (far := known.widest(ids)[1]) is None else about(far, say),
                    dissimilarity=say.number(sum(costs) / len(costs), 2),
                    is_locked=(kind.value, frozenset(ids)) in locked,
                    why_lines=known.lines(say, kind, ids),
                )
            )
        rows.append(LayerRow(kind.value, say.text(LAYER_NAMES[kind]), tuple(groups)))
    return tuple(rows)


def _seats(
    say: Speaker, ids: list[str], mates: dict[str, set[str]], names: dict[str, str]
) -> list[Seat]:
    seats = []
    for rc in sorted(ids, key=lambda one: swedish_order(names[one])):
        new = set(ids) - mates.get(rc, set()) - {rc} if rc in mates else set()
        parted = mates.get(rc, set()) - set(ids)
        listed = say.listing(sorted((names[one] for one in new), key=swedish_order))
        meets = say.text("nytt: %(names)s", names=listed) if listed else ""
        seats.append(Seat(rc, names[rc], meets, bool(new or parted)))
    return seats
