"""What a planner sees of a proposal: networks in words, proof, broken rules and who changes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.jobs.trail import TrailPicture, picture
from api.kit.clock import from_local
from api.kit.i18n import Speaker, later, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import Evidence
from api.proposals import queries
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks import moving, service
from api.proposals.networks.holding import choice_of
from api.proposals.networks.reasons import reasons
from api.proposals.networks.rules import key_of
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.holding import Holding, holding, locked_in
from api.proposals.networks.web.moving_view import EffectWords, effect_words
from api.proposals.networks.web.why_view import names_of
from api.proposals.networks.web.words import broken_in_words, wish_in_words
from api.proposals.spine import CAN_BE_REVIEWED, conflict_of
from api.proposals.words import state_in_words
from api.registry import queries as registry
from api.registry.map_view import MapView, looks_of, map_of, signs_of
from api.registry.models import Rc
from api.travel.wording import about
from matcher.groups.model.layer import Layer as EngineLayer
from matcher.groups.model.times import starts
from matcher.groups.rules import shared
from matcher.proof import Proof, Violation


@dataclass(frozen=True, slots=True)
class Seat:
    """An RC in a group, and whom it would meet that it does not meet today."""

    rc_id: str
    name: str
    meets: str
    is_changed: bool
    phase: str = ""  # pre or op, as the chip's colour
    phase_word: str = ""
    model: str = ""  # as the chip's sign
    model_word: str = ""


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
    fit: int = 0  # how alike they are, 0-100: the length of the bar
    why_lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    meets: str = ""  # the first time that all have said yes to, where they are to have one


@dataclass(frozen=True, slots=True)
class Circle:
    """Who is in a proposed network, to choose from."""

    number: int
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class LayerRow:
    """The proposed networks of one kind: all to choose from, and those that this page tells of."""

    key: str
    name: str
    circles: tuple[Circle, ...]
    groups: tuple[GroupRow, ...]
    sizes: str = ""  # how many RC a circle has, as the wish says
    page_number: int = 1
    last: int = 1


LOOKS = {
    ProposalState.REVIEWED: "reviewed",
    ProposalState.PUBLISHED: "published",
    ProposalState.WITHDRAWN: "ended",
}
MOST_SEATS = 240  # on one page: three kinds of circles of 80 RC
MOST_CIRCLES = 30  # of one kind on a page, where there are more seats than that


@dataclass(frozen=True, slots=True)
class Looked:
    """What a planner looks at of a proposal that is too long for one page: a kind and a page of it."""

    layer: str = ""
    page_number: int = 0  # 0: where the latest move went
    circle: int | None = None  # or where this circle stands


@dataclass(frozen=True, slots=True)
class ClashLine:
    """One of what cannot all hold, and what it goes by when it is taken away; empty where the form alone changes it."""

    text: str
    key: str

    @property
    def alone(self) -> str:
        """What is said where no heading stands beside it: the same."""
        return self.text


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """A proposal as a planner looks at it."""

    id: str
    title: str
    state: str
    look: str  # how the state is drawn: draft, reviewed, published or ended
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
    conflict: tuple[ClashLine, ...]
    compared_with: str | None
    before: str  # what the circles that it is compared with have between them, where that was worked out
    undoable: str  # the layer of the latest move by hand, where there is one to undo
    may_redo: bool
    map: MapView | None
    signs: tuple[
        tuple[str, str], ...
    ]  # the chips' signs that stand on the page, and what each means
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
    looked: Looked | None = None,
) -> ProposalPage:
    """Return the page of one proposal; while it is being solved there are no networks on it.

    wished: a move that is not made, to show instead of the latest one. looked: what of it, where
    there are so many RC that it has several pages; None shows all circles of the first kind.
    """
    is_solving = proposal.state == ProposalState.SOLVING
    layers: tuple[LayerRow, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    violations: tuple[str, ...] = ()
    broken: tuple[Violation, ...] | None = None
    changed, objective, is_moved = 0, "", False
    names = names_of(session, NETWORKS.problem_of(proposal))
    answer = NETWORKS.found(proposal)
    done = moving.latest(proposal) if proposal.state in CAN_BE_REVIEWED else None
    told = effect_words(session, proposal, done, say, is_done=True) if done else None
    effect = wished or told
    if answer is not None:
        found = service.groups_in(proposal)
        total, broken = service.score(proposal, found)
        violations = tuple(broken_in_words(say, one, names) for one in broken)
        objective = say.number(total, 2)
        is_moved = answer.is_moved
        circles = _circles(session, found, names, say)
        layers, others = _shown(session, proposal, circles, effect, looked, say)
        changed = len(
            {
                seat.rc_id
                for rows in circles.values()
                for row in rows
                for seat in row.seats
                if seat.is_changed
            }
        )
    return ProposalPage(
        id=proposal.id,
        title=proposal.title,
        state=state_in_words(proposal, say),
        look=LOOKS.get(proposal.state, "draft"),
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
        before=_before(session, proposal, say),
        undoable=told.layer if told else "",
        may_redo=answer is not None and bool(answer.future) and proposal.state in CAN_BE_REVIEWED,
        signs=_signs(layers, say),
        map=map_of(registry.rcs(session)) if layers and not others else None,
        effect=effect,
        trail=picture(answer.trail if answer else (), say),
        layers=layers,
        holding=holding(session, proposal, say, names, broken),
        other_layers=others,
    )


def _shown(
    session: Session,
    proposal: Proposal,
    circles: dict[Layer, tuple[Circle, ...]],
    effect: EffectWords | None,
    looked: Looked | None,
    say: Speaker,
) -> tuple[tuple[LayerRow, ...], tuple[tuple[str, str], ...]]:
    """Return the layers of a page, and those on other pages, where there are too many seats for one."""
    teller = _Teller(session, proposal, say)
    seats = sum(len(row.seats) for rows in circles.values() for row in rows)
    if seats <= MOST_SEATS:
        return tuple(teller.row(kind, rows, rows) for kind, rows in circles.items()), ()
    wanted = (looked.layer if looked else "") or (effect.layer if effect else "")
    chosen = next((kind for kind in circles if kind.value == wanted), next(iter(circles)))
    others = tuple(
        (kind.value, say.text(LAYER_NAMES[kind])) for kind in circles if kind is not chosen
    )
    rows = circles[chosen]
    if looked is None:
        return (teller.row(chosen, rows, rows),), others
    last = max(1, math.ceil(len(rows) / MOST_CIRCLES))
    number = looked.page_number or 1 + _place(rows, effect, looked) // MOST_CIRCLES
    number = min(max(1, number), last)
    stretch = rows[(number - 1) * MOST_CIRCLES : number * MOST_CIRCLES]
    return (teller.row(chosen, rows, stretch, number, last),), others


def _place(rows: tuple[Circle, ...], effect: EffectWords | None, looked: Looked) -> int:
    """Return which circle is looked at: the one asked for, else the moved RC's."""
    if looked.circle is not None:
        return looked.circle
    moved = effect.rc if effect else ""
    return next((row.number for row in rows if any(s.rc_id == moved for s in row.seats)), 0)


def _conflict(session: Session, proposal: Proposal, say: Speaker) -> tuple[ClashLine, ...]:
    if proposal.conflict is None:
        return ()
    names, choice = names_of(session, NETWORKS.problem_of(proposal)), choice_of(proposal)
    return tuple(
        ClashLine(wish_in_words(say, one, names), key_of(choice, one))
        for one in conflict_of(proposal)
    )


def _before(session: Session, proposal: Proposal, say: Speaker) -> str:
    """Return how unlike those in a circle are where a proposal was changed from, to see what the change gave or cost."""
    other = queries.proposal(session, proposal.compared_with or "")
    answer = None if other is None else NETWORKS.found(other)
    if other is None or answer is None or choice_of(other).layers != choice_of(proposal).layers:
        return ""
    return say.number(answer.objective, 2)


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
        text = later("Ändrat för hand. Inga andra kretsar är mer än %(percent)s procent bättre.")
        return say.text(text, percent=say.number(100 * gap, 1))
    if answer.status == "optimal":
        return say.text("Bästa möjliga: med dina val passar inga andra kretsar bättre.")
    percent = say.number(100 * answer.gap, 1)
    return say.text(
        "Nästan bäst: inga andra kretsar är mer än %(percent)s procent bättre.", percent=percent
    )


def _circles(
    session: Session, found: dict[Layer, list[list[str]]], names: dict[str, str], say: Speaker
) -> dict[Layer, tuple[Circle, ...]]:
    """Return who is with whom, of each kind, and whom each would meet anew."""
    today = service.todays_networks(session)
    known = {rc.id: rc for rc in registry.rcs(session)}
    made = {}
    for kind, groups in found.items():
        mates = {rc: set(group) for group in today.get(kind, ()) for rc in group}
        made[kind] = tuple(
            Circle(number, tuple(_seats(say, ids, mates, names, known)))
            for number, ids in enumerate(groups)
        )
    return made


class _Teller:
    """Tells of the circles that stand on a page why they are together, and how unlike they are."""

    def __init__(self, session: Session, proposal: Proposal, say: Speaker) -> None:
        self.say, self.problem = say, NETWORKS.problem_of(proposal)
        self.found, self.known = service.groups_in(proposal), reasons(session)
        self.choice = choice_of(proposal)
        self.locked = locked_in(self.choice)
        self.layers = {Layer(layer.name): layer for layer in self.problem.layers}

    def row(
        self,
        kind: Layer,
        circles: tuple[Circle, ...],
        shown: tuple[Circle, ...],
        page_number: int = 1,
        last: int = 1,
    ) -> LayerRow:
        """Return a kind of circles with what is said of those shown."""
        groups = tuple(self._group(kind, one) for one in shown)
        name, choice = self.say.text(LAYER_NAMES[kind]), self.choice
        low, high = choice.sizes_of.get(kind, choice.sizes)
        sizes = f"{low}" if low == high else f"{low}–{high}"
        return LayerRow(kind.value, name, circles, groups, sizes, page_number, last)

    def _group(self, kind: Layer, circle: Circle) -> GroupRow:
        say, known = self.say, self.known
        ids = self.found[kind][circle.number]
        made = matching.group_of(self.problem, self.layers[kind], ids)
        evidence = Evidence.from_json(made.evidence)
        costs = [cost for _, cost in evidence.members]
        unlike = sum(costs) / len(costs)
        return GroupRow(
            number=circle.number,
            seats=circle.seats,
            why=known.why(say, kind, ids),
            is_thin=evidence.is_thin,
            farthest="" if (far := known.widest(ids)[1]) is None else about(far, say),
            dissimilarity=say.number(unlike, 2),
            is_locked=(kind.value, frozenset(ids)) in self.locked,
            fit=round(100 * max(0.0, 1 - unlike)),
            why_lines=known.lines(say, kind, ids),
            meets=self._meets(self.layers[kind], ids),
        )

    def _meets(self, layer: EngineLayer, ids: list[str]) -> str:
        """Return the first time that all of a circle who have answered can meet."""
        members = tuple(map(self.problem.number, ids))
        for wish in layer.can_meet:
            free = shared(self.problem, wish.attribute, members)
            begins = sorted(starts(free, wish.minutes)) if free else []
            if begins:
                start = from_local(datetime.fromisoformat(begins[0]))
                return self.say.span(start, start + timedelta(minutes=wish.minutes))
        return ""


def _seats(
    say: Speaker,
    ids: list[str],
    mates: dict[str, set[str]],
    names: dict[str, str],
    known: Mapping[str, Rc],
) -> list[Seat]:
    seats = []
    for rc in sorted(ids, key=lambda one: swedish_order(names[one])):
        new = set(ids) - mates.get(rc, set()) - {rc} if rc in mates else set()
        parted = mates.get(rc, set()) - set(ids)
        listed = say.listing(sorted((names[one] for one in new), key=swedish_order))
        meets = say.text("nytt: %(names)s", names=listed) if listed else ""
        looks = looks_of(say, known[rc]) if rc in known else ()
        seats.append(Seat(rc, names[rc], meets, bool(new or parted), *looks))
    return seats


def _signs(layers: tuple[LayerRow, ...], say: Speaker) -> tuple[tuple[str, str], ...]:
    """Return the signs of the organisations on a page, in the vocabulary's order."""
    return signs_of(
        {seat.model for layer in layers for group in layer.groups for seat in group.seats}, say
    )
