"""From the register to rounds at tables as a matching problem: one layer a round, and no pair in two of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.proposals.networks.building import attributes_of
from api.registry.models import Rc
from matcher.groups.files.codec import of_rounds
from matcher.groups.files.presets import LIKENESS, MODEL, PHASE, UNKNOWN
from matcher.groups.model.layer import Layer, Member, Partition, Weight
from matcher.groups.model.problem import Problem

# How many rounds, and how many RC at a table, at the least and the most.
ROUNDS, SIZES = (2, 12), (2, 8)
MIXED, ALIKE = "mixed", "alike"
TABLE = "table"  # what the engine calls the layer of a round, before its number
# Two who share a circle already cost, at one table, more than any mix of the others can give.
IN_A_CIRCLE = 2.0
WEIGHTS: Mapping[str, tuple[Weight, ...]] = {
    MIXED: (Weight(PHASE, 2.0, is_unlike=True), Weight(MODEL, 1.0, is_unlike=True)),
    ALIKE: LIKENESS.weights,
}


@dataclass(frozen=True, slots=True)
class RoundsChoice:
    """What a planner chose.

    rc_ids: who sits at the tables, in every round. sizes: RC at a table. mix: whether those at a table
    are `mixed` or `alike`. is_new_company: who share a circle sit apart where that can be.
    """

    rc_ids: tuple[str, ...]
    rounds: int = 4
    sizes: tuple[int, int] = (LIKENESS.smallest, LIKENESS.largest)
    mix: str = MIXED
    is_new_company: bool = True


def build(
    rcs: Sequence[Rc], choice: RoundsChoice, circles: Iterable[Iterable[Sequence[str]]]
) -> Problem:
    """Return the problem that a choice makes of the register.

    circles: today's circles, each kind by itself, as RC ids.

    Raises:
        InvalidProblemError: when so few RC cannot be dealt out.
    """
    wanted = {*choice.rc_ids}
    chosen = [rc for rc in rcs if rc.id in wanted]
    places = {rc.id: place for place, rc in enumerate(chosen)}
    met: list[Partition] = []
    for kind in circles if choice.is_new_company else ():
        groups = [tuple(places[one] for one in group if one in places) for group in kind]
        met.append(tuple(group for group in groups if len(group) > 1))
    history = tuple(one for one in met if one)
    smallest, largest = choice.sizes
    layer = Layer(
        TABLE,
        smallest,
        largest,
        WEIGHTS[choice.mix],
        unknown=UNKNOWN,
        history=history,
        novelty=IN_A_CIRCLE if history else 0.0,
    )
    members = tuple(Member(rc.id) for rc in chosen)
    return of_rounds(Problem(members, attributes_of(chosen), (layer,)), choice.rounds)
