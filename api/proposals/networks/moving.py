"""Networks changed by hand: an RC moved or two that change places, what it costs before and after, and undone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import ConflictError
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.models import Proposal
from api.proposals.networks import building as matching
from api.proposals.networks.answer import Before, Circles, DoneMove, as_is
from api.proposals.networks.holding import choice_of, followed, hold
from api.proposals.networks.service import NETWORKS, groups_in, score
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.problem import Problem
from matcher.groups.rules import member_cost
from matcher.proof import Violation

Groups = Mapping[Layer, list[list[str]]]

# How the form and the log name an RC to change places with, where a group has its number.
SWAP = "byt:"
# A member's mean dissimilarity that changes by less is the same on the page, which shows two decimals.
SAME = 0.005


@dataclass(frozen=True, slots=True)
class Move:
    """A wish to move an RC in a layer: `target` is a group's place in the list, or an RC to change with."""

    layer: Layer
    rc_id: str
    target: int | str

    @classmethod
    def read(cls, layer: Layer, rc_id: str, place: str) -> "Move":
        """Read the form's words: `2` is the third group, `byt:orebro` changes places with Örebro."""
        if place.startswith(SWAP):
            return cls(layer, rc_id, place.removeprefix(SWAP))
        return cls(layer, rc_id, int(place) if place.isdecimal() else -1)

    @property
    def place(self) -> str:
        """The target in the form's words."""
        return f"{SWAP}{self.target}" if isinstance(self.target, str) else str(self.target)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move does: total cost before and after, who is better and worse off, rules broken after.

    is_change: false where whoever would move is there already.
    """

    move: Move
    is_change: bool
    before: float
    after: float
    better: tuple[str, ...]
    worse: tuple[str, ...]
    broken: tuple[Violation, ...]


def preview(proposal: Proposal, wish: Move) -> Effect:
    """Return what a move would do; nothing is written.

    Raises:
        ConflictError: when there is no such group or RC in the layer.
    """
    groups = groups_in(proposal)
    return effect_of(proposal, groups, _moved(groups, wish), wish)


def latest(proposal: Proposal) -> Effect | None:
    """Return what the latest move by hand did, or None when there is none to undo."""
    answer = NETWORKS.found(proposal)
    if answer is None or not answer.past:
        return None
    before = answer.past[-1]
    wish = Move.read(before.move.layer, before.move.rc, before.move.to)
    return effect_of(proposal, _lists(before.networks), groups_in(proposal), wish)


def effect_of(proposal: Proposal, before: Groups, after: Groups, wish: Move) -> Effect:
    """Return the difference between two ways to group the same RC."""
    problem = NETWORKS.problem_of(proposal)
    was, _ = score(proposal, before)
    now, broken = score(proposal, after)
    old, new = (_costs(problem, wish.layer, groups[wish.layer]) for groups in (before, after))
    better = tuple(rc for rc, cost in new.items() if cost < old[rc] - SAME)
    worse = tuple(rc for rc, cost in new.items() if cost > old[rc] + SAME)
    return Effect(wish, before != after, was, now, better, worse, broken)


def move(session: Session, proposal: Proposal, wish: Move, version: int, actor: str) -> Effect:
    """Move an RC of a draft by hand and return what it did, at once; nothing is solved.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when the draft is published, or the group or RC is not in the layer.
    """
    spine.insist_on_open(proposal, version)
    groups = groups_in(proposal)
    after = _moved(groups, wish)
    effect = effect_of(proposal, groups, after, wish)
    if not effect.is_change:
        raise ConflictError("RC:t är redan i den kretsen.")
    answer = NETWORKS.answer_of(proposal)
    step = as_is(answer, DoneMove(wish.layer, wish.rc_id, wish.place))
    hold(proposal, followed(choice_of(proposal), groups, after))
    before: dict[str, object] = {"group": _group_with(groups[wish.layer], wish.rc_id)}
    changed: dict[str, object] = {"rc": wish.rc_id, "to": wish.target}
    record(session, actor, "moved", ("proposal", proposal.id), before, changed)
    changed_answer = replace(
        answer,
        networks={layer: tuple(map(tuple, found)) for layer, found in after.items()},
        objective=effect.after,
        status="feasible",
        is_moved=True,
        is_broken=bool(effect.broken),
        past=spine.pushed(answer.past, step),
        future=(),
    )
    spine.keep(session, proposal, changed_answer, actor)
    return effect


def undo(session: Session, proposal: Proposal, version: int, actor: str) -> Layer:
    """Take back the latest move by hand and return the layer that it was in.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was moved.
    """
    groups = groups_in(proposal)
    answer = spine.undo(session, NETWORKS, proposal, version, actor)
    return _follow(session, proposal, groups, answer.past[-1])


def redo(session: Session, proposal: Proposal, version: int, actor: str) -> Layer:
    """Make the move again that was taken back last, and return the layer that it was in.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was taken back, or something was moved since.
    """
    groups = groups_in(proposal)
    answer = spine.redo(session, NETWORKS, proposal, version, actor)
    return _follow(session, proposal, groups, answer.future[-1])


def _follow(session: Session, proposal: Proposal, groups: Groups, step: Before) -> Layer:
    """Let networks that are kept as they are follow a step, and return the layer that it was in."""
    hold(proposal, followed(choice_of(proposal), groups, step.networks))
    session.flush()
    return step.move.layer


def verdicts(proposal: Proposal, layer: Layer, rc_id: str) -> list[Effect]:
    """Return what it would do to move an RC to each circle of a layer, in the circles' order.

    Raises:
        ConflictError: when the RC is not in the layer.
    """
    circles = groups_in(proposal).get(layer, [])
    return [preview(proposal, Move(layer, rc_id, number)) for number in range(len(circles))]


def _lists(circles: Circles) -> Groups:
    return {layer: [list(group) for group in found] for layer, found in circles.items()}


def _moved(groups: Groups, wish: Move) -> dict[Layer, list[list[str]]]:
    rows = groups.get(wish.layer, [])
    seats = {rc: place for place, group in enumerate(rows) for rc in group}
    target = seats.get(wish.target) if isinstance(wish.target, str) else wish.target
    if wish.rc_id not in seats or target is None or not 0 <= target < len(rows):
        raise ConflictError("Kretsen finns inte i förslaget.")
    after = {layer: [list(group) for group in found] for layer, found in groups.items()}
    source = seats[wish.rc_id]
    if source != target:
        rows = after[wish.layer]
        rows[source].remove(wish.rc_id)
        rows[target].append(wish.rc_id)
        if isinstance(wish.target, str):
            rows[target].remove(wish.target)
            rows[source].append(wish.target)
        after[wish.layer] = [group for group in rows if group]
    return after


def _group_with(groups: list[list[str]], rc_id: str) -> list[str]:
    return next(group for group in groups if rc_id in group)


def _costs(problem: Problem, kind: Layer, groups: list[list[str]]) -> dict[str, float]:
    layer = next(one for one in problem.layers if one.name == kind.value)
    how = measure(problem, layer)
    return {
        problem.members[member].id: member_cost(how, group, member)
        for group in matching.partition_of(problem, groups)
        for member in group
    }
