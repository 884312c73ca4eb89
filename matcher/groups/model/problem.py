"""Who is to be put in peer networks, what is known of them, and which wishes each layer of networks has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeAlias

from matcher.documents.fields import FLAG, stands
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.model.asked import COST, COUNT, LARGEST_COST
from matcher.groups.model.faults import problem_faults
from matcher.groups.model.layer import Attribute, Group, Layer, Member

# From one latitude and longitude to another, from door to door.
Hours: TypeAlias = Callable[[tuple[float, float], tuple[float, float]], float]


@dataclass(frozen=True, slots=True)
class Problem:
    """Members, what is known of them, and the layers to be solved together.

    repeated_pair: cost of a pair for each layer beyond the first that it meets in.
    each_pair_once: whether no two members may meet in more than one of the layers.
    giver_cap: how many pre-operational members at most may meet an operational one in layers of experience.
    is_fair: leximin over the members' dissimilarities before the total counts.

    Raises:
        InvalidProblemError: with every fault found.
    """

    members: tuple[Member, ...]
    attributes: tuple[Attribute, ...]
    layers: tuple[Layer, ...]
    repeated_pair: float = stands(COST, default=0.0)
    giver_cap: int | None = stands(COUNT)
    is_fair: bool = stands(FLAG, default=False, name="fair")
    each_pair_once: bool = stands(
        FLAG, "no two members meet in more than one of the layers", default=False
    )
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = [
            Fault(*fault) for fault in problem_faults(self.members, self.attributes, self.layers)
        ]
        faults += _limit_faults(self)
        if faults:
            raise InvalidProblemError(*faults)
        numbers = {member.id: number for number, member in enumerate(self.members)}
        object.__setattr__(self, "_numbers", numbers)

    def number(self, member: str) -> int:
        """Return a member's place by its id. Raises KeyError for an id that is not there."""
        return self._numbers[member]

    def ids(self, group: Group) -> tuple[str, ...]:
        """Return the ids of a group, in the problem's order."""
        return tuple(self.members[number].id for number in sorted(group))

    def attribute(self, name: str) -> Attribute:
        """Return an attribute by its name. Raises KeyError for one that is not there."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)

    def participants(self, layer: Layer) -> Group:
        """Return the members a layer is open to: those with its role who have not opted out."""
        return tuple(
            number
            for number, member in enumerate(self.members)
            if (not layer.role or layer.role in member.roles) and layer.name not in member.opt_out
        )

    def open_layers(self, number: int) -> tuple[int, ...]:
        """Return the layers, by place, that are open to a member."""
        member = self.members[number]
        return tuple(
            place
            for place, layer in enumerate(self.layers)
            if (not layer.role or layer.role in member.roles) and layer.name not in member.opt_out
        )

    def networks_of(self, number: int) -> int:
        """Return in how many layers a member takes part: all that are open, or its own limit."""
        most = self.members[number].most_networks
        layers = len(self.open_layers(number))
        return layers if most is None else min(most, layers)

    def most_asked(self, number: int) -> int | None:
        """Return the cap on how many pre-operational members may meet a member; None = no cap."""
        own = self.members[number].most_asked
        return self.giver_cap if own is None else own


def alone(problem: Problem, layer: Layer) -> Problem:
    """Return the problem of one layer as if there were no other."""
    members = tuple(
        replace(
            member,
            opt_out=tuple(name for name in member.opt_out if name == layer.name),
        )
        for member in problem.members
    )
    return replace(problem, members=members, layers=(layer,))


def with_journeys(problem: Problem, hours: Hours, most: float) -> Problem:
    """Return the problem in which journeys decide who meets in person, wherever the form is digital else.

    hours: from door to door between two places. most: what a meeting in person may take one way. A member
    of unknown place is near nobody.
    """
    places = next((each.values for each in problem.attributes if each.kind == "place"), ())
    near = tuple(
        (one, other)
        for (one, here), (other, there) in combinations(enumerate(places), 2)
        if isinstance(here, tuple) and isinstance(there, tuple) and hours(here, there) <= most
    )
    layers = tuple(
        replace(layer, longest_travel=replace(layer.longest_travel, near=near))
        if layer.longest_travel is not None and layer.longest_travel.otherwise == "digital"
        else layer
        for layer in problem.layers
    )
    return replace(problem, layers=layers)


def _limit_faults(problem: Problem) -> list[Fault]:
    faults = []
    if not 0.0 <= problem.repeated_pair <= LARGEST_COST:
        faults.append(
            Fault("repeated_pair", f"{problem.repeated_pair:g}", f"0 to {LARGEST_COST:g}")
        )
    if problem.giver_cap is not None and problem.giver_cap < 0:
        faults.append(Fault("giver_cap", str(problem.giver_cap), "0 or more"))
    return faults
