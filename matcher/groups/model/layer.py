"""The parts of a matching problem: members, what is known of them, and a layer's wishes."""

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, get_args

from matcher.documents.fields import (
    FLAG,
    NAME,
    TEXT,
    described,
    list_of,
    number,
    one_of,
    or_null,
    said,
    stands,
)
from matcher.groups.model.asked import (
    ATTRIBUTES,
    COST,
    COUNT,
    LARGEST_COST,
    MEMBERS,
    RANGE,
    Item,
    asked,
    rules_of,
)

AttributeKind = Literal["number", "category", "order", "place", "set", "times"]
Metric = Literal["gower", "sqeuclidean"]
Cost = Literal["peer-mean", "pair-sum", "sse"]
Value = float | str | tuple[float, float] | frozenset[str]
"""A number, the name of a category or level, a place as (latitude, longitude) in degrees, or a set.

A set holds names, or free times as quarters of an hour (`matcher.groups.model.times`).
"""

Group = tuple[int, ...]
Partition = tuple[Group, ...]
"""Groups of members, each member by its place in `Problem.members`."""
Networks = tuple[Partition, ...]
"""One partition per layer, in the order of `Problem.layers`."""

GEOGRAPHY = "geography"

# What a value of a file can be (`matcher.documents.fields`).
NAMES: Final = described(list_of(NAME), "names")
SHARE: Final = described(number(0, 1), "a number from 0 to 1")


@dataclass(frozen=True, slots=True)
class Member:
    """One RC, or one person of a forum.

    body: the organisation it belongs to; empty = its own.
    is_operational: whether it has begun its work and can be asked by those that have not; None = unknown.
    most_networks: in how many layers at most it takes part; None = all that are open to it.
    most_asked: how many pre-operational members at most may meet it in layers of experience;
        None = the problem's `giver_cap`.
    seeks, offers: names of expertise. roles: the forums' roles it holds. opt_out: names of layers.
    """

    id: str = field(metadata=said(NAME, "an id, unique among the members"))
    name: str = stands(TEXT, default="")
    body: str = stands(TEXT, "the organisation; for one_per_body", "")
    is_operational: bool | None = stands(or_null(FLAG), name="operational")
    most_networks: int | None = stands(COUNT)
    most_asked: int | None = stands(COUNT)
    seeks: tuple[str, ...] = stands(NAMES, default=())
    offers: tuple[str, ...] = stands(NAMES, default=())
    roles: tuple[str, ...] = stands(NAMES, default=())
    opt_out: tuple[str, ...] = stands(NAMES, default=())


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact about every member, None where unknown.

    levels: the names of an ordered attribute, lowest first.
    certainty: one factor 0-1 per member on the attribute's weight, or empty = all certain;
        a pair has the lower of its two.
    """

    name: str = field(metadata=said(NAME))
    kind: AttributeKind = field(metadata=said(one_of(*get_args(AttributeKind))))
    values: tuple[Value | None, ...]
    levels: tuple[str, ...] = stands(NAMES, "levels of an order, lowest first", ())
    certainty: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """How much an attribute counts in a layer, and whether likeness or difference is sought."""

    attribute: str
    weight: float
    is_unlike: bool = False


@dataclass(frozen=True, slots=True)
class Travel:
    """The longest great-circle distance, km, between two members of a network that meets in person.

    otherwise: `never` = no network may be wider; `digital` = a wider one meets digitally, at
    `cost` for each of its members.
    near: with `digital`, the pairs that can meet in person whatever the kilometres are, because somebody
    knows the journeys: a network with any other pair meets digitally. None = kilometres decide.
    """

    km: float = field(metadata=said(COST))
    otherwise: Literal["never", "digital"] = stands(one_of("never", "digital"), default="never")
    cost: float = stands(COST, default=0.0)
    near: tuple[Group, ...] | None = None


@dataclass(frozen=True, slots=True)
class OfAKind(Item):
    """How many members of a network, at the least or at the most, have a value of an attribute."""

    of_kinds: ClassVar[tuple[str, ...]] = ("category", "order", "set")
    value: str = field(metadata=said(NAME))
    count: int = field(metadata=said(COUNT))


@dataclass(frozen=True, slots=True)
class Balance(Item):
    """How far a network's mean of a number may be from the mean of all who take part; unknown values left out."""

    of_kinds: ClassVar[tuple[str, ...]] = ("number",)
    within: float = field(metadata=said(number(0, LARGEST_COST), "0 or more"))


@dataclass(frozen=True, slots=True)
class InCommon(Item):
    """How many values of a set all members of a network share at least."""

    of_kinds: ClassVar[tuple[str, ...]] = ("set",)
    count: int = field(metadata=said(COUNT))


@dataclass(frozen=True, slots=True)
class CanMeet(Item):
    """For how many minutes in a row all members of a network are free at least, at some time."""

    of_kinds: ClassVar[tuple[str, ...]] = ("times",)
    minutes: int = field(metadata=said(COUNT))


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of network, in which every member that it is open to gets a place.

    smallest, largest: members in a network, both ends included.
    weights: the attributes that count; none = only rules and history count.
    unknown: None leaves an unknown attribute out of the pair's mean (plain Gower); a number 0-1 is
        what it counts.
    known_floor: members with less than this share of weight known are marked, never left out.
    weight: factor on the layer's dissimilarities in the total.
    role: open to members with this role only; empty = to all.
    together, apart: members, by place in `Problem.members`, all of whom share a network, or no two of whom do.
    history: earlier partitions, newest first; members that have left are simply not in them.
    stability: cost of each pair of the newest that is broken. novelty: cost of each pair that met
        in the newest `horizon` partitions (None = in any).
    moved: cost of each member that is not in the network in which its own of the newest lives on: the one with
        more than half of those left of it, which carries on the one that most of its members come from.
    standing: the newest partition's networks of whom two or more are left stay whole, and no two are joined.
    operational_in_each: how many operational members each network needs.
    not_alone: attributes by which nobody may be the only one of a kind in its network; a kind that
        one alone in the layer has, and an unknown value, ask for nothing.
    at_least, at_most: how many members of each network have a value, each wish by itself.
    balanced: how near a network's mean of a number is to everybody's.
    in_common: how many values of a set all members of a network share; can_meet: for how long
        all are free at once. Of whom nothing is known nothing is asked.
    leaders: members of whom each network has exactly one.
    number_of_networks: the fewest and the most that there may be.
    is_one_per_body: whether a network holds one member of an organisation at most.
    is_experience: pre-operational members ask operational ones here, so `giver_cap` counts it.
    expertise: cost of each expertise that a member seeks and nobody in its network offers.
    """

    name: str
    smallest: int
    largest: int
    weights: tuple[Weight, ...] = ()
    metric: Metric = stands(one_of(*get_args(Metric)), default="gower")
    is_standardised: bool = stands(FLAG, default=False, name="standardise")
    cost: Cost = stands(one_of(*get_args(Cost)), default="peer-mean")
    unknown: float | None = None
    known_floor: float = stands(SHARE, default=0.0)
    weight: float = stands(COST, default=1.0)
    role: str = stands(TEXT, default="")
    together: tuple[Group, ...] = ()
    apart: tuple[Group, ...] = ()
    history: tuple[Partition, ...] = ()
    stability: float = stands(COST, default=0.0)
    novelty: float = stands(COST, default=0.0)
    moved: float = stands(COST, default=0.0)
    horizon: int | None = stands(COUNT)
    operational_in_each: int = asked(0, "operational_in_each", COUNT, "{n} in each network")
    is_experience: bool = stands(FLAG, default=False, name="experience")
    is_one_per_body: bool = asked(
        False,  # noqa: FBT003 - a field's default
        "one_per_body",
        FLAG,
        "no two members of one body in a network",
        holds_in_parts=True,
    )
    not_alone: tuple[str, ...] = asked(
        (), "not_alone", ATTRIBUTES, "nobody the only one of a kind by {all}"
    )
    at_least: tuple[OfAKind, ...] = asked(
        (), "at_least", OfAKind, "{n} or more with {0} {1} in each network"
    )
    at_most: tuple[OfAKind, ...] = asked(
        (), "at_most", OfAKind, "{n} at most with {0} {1} in a network", holds_in_parts=True
    )
    balanced: tuple[Balance, ...] = asked(
        (), "balanced", Balance, "the mean of {0} in a network within {n} of everybody's"
    )
    in_common: tuple[InCommon, ...] = asked(
        (),
        "in_common",
        InCommon,
        "{n} or more of {0} in common in each network",
        holds_in_parts=True,
    )
    can_meet: tuple[CanMeet, ...] = asked(
        (), "can_meet", CanMeet, "{n} minutes of {0} in common in each network", holds_in_parts=True
    )
    standing: bool = asked(
        False,  # noqa: FBT003 - a field's default
        "standing",
        FLAG,
        "the networks of the round before stay whole, each by itself",
    )
    leaders: tuple[int, ...] = asked((), "leaders", MEMBERS, "exactly one of {all} in each network")
    number_of_networks: tuple[int, int] | None = asked(
        None, "number_of_networks", RANGE, "from {n} to {m} networks"
    )
    longest_travel: Travel | None = None
    expertise: float = stands(COST, default=0.0)


RULES = rules_of(Layer)
