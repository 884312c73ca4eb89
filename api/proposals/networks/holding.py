"""What holds in a proposal: the planner's choice with its wishes, and circles that are locked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import ConflictError
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.documents import read, write
from api.proposals.models import Proposal
from api.proposals.networks import service
from api.proposals.networks.building import Choice, Wish


def choice_of(proposal: Proposal) -> Choice:
    """Return what a planner chose for a proposal, with all that holds in it."""
    return read(Choice, proposal.settings)


def lock(
    session: Session, proposal: Proposal, layer: Layer, number: int, version: int, actor: str
) -> bool:
    """Lock a network of a proposal, so that recomputing keeps it, or unlock it; tell whether it is locked.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when there is no such network.
    """
    spine.insist_on_open(proposal, version)
    groups = service.groups_in(proposal).get(layer, [])
    if not 0 <= number < len(groups):
        raise ConflictError("Det går inte att låsa den kretsen: ladda om sidan.")
    choice = choice_of(proposal)
    wish = Wish("kept", layer, tuple(sorted(groups[number])))
    left = choice.without(wish.key)
    is_locked = left == choice
    hold(proposal, choice.wished(wish) if is_locked else left)
    action = "locked circle" if is_locked else "unlocked circle"
    changed: dict[str, object] = {"layer": layer.value, "members": list(wish.rc_ids)}
    record(session, actor, action, ("proposal", proposal.id), after=changed)
    spine.save(session, proposal, None, actor)
    return is_locked


def hold(proposal: Proposal, choice: Choice) -> None:
    """Write down what holds in a proposal; the caller saves it."""
    proposal.settings = write(choice)


def followed(
    choice: Choice,
    before: Mapping[Layer, Sequence[Sequence[str]]],
    after: Mapping[Layer, Sequence[Sequence[str]]],
) -> Choice:
    """Return the choice in which locked circles stay locked as a move by hand has made them."""
    wishes = []
    for wish in choice.wishes:
        was = [{*group} for group in before.get(wish.layer, ())]
        now = [{*group} for group in after.get(wish.layer, ())]
        if wish.kind == "kept" and {*wish.rc_ids} in was and {*wish.rc_ids} not in now:
            mates = max(now, key=lambda group: len(group & {*wish.rc_ids}))
            wishes.append(replace(wish, rc_ids=tuple(sorted(mates))))
        else:
            wishes.append(wish)
    return replace(choice, wishes=tuple(wishes))
