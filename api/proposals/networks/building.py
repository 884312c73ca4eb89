"""From the register to a matching problem, and from its solution to groups with their evidence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import fmean
from typing import Literal

from api.availability.free import FreeTimes
from api.networks.claims import Hours
from api.networks.foresight import Group
from api.networks.models import Layer as LayerKind
from api.networks.wording import AttributeFigure, Evidence
from api.registry.ahead import lacked, shown
from api.registry.facts import MATCHED, seat_of
from api.registry.models import PhaseBand, Rc
from api.surveys.questions import NetworkWish
from api.surveys.service import SoughtAndOffered
from matcher.geo import great_circle_km
from matcher.groups.files.presets import (
    EXPERIENCE,
    GIVER_CAP,
    IN_PERSON_HOURS,
    LIKENESS,
    NEARNESS,
    OWN_WISH,
    REPEATED_PAIR,
    UNKNOWN,
    WEIGHTINGS,
)
from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import (
    Attribute,
    Balance,
    CanMeet,
    InCommon,
    Layer,
    Member,
    Networks,
    OfAKind,
    Partition,
    Weight,
)
from matcher.groups.model.problem import Problem, with_journeys
from matcher.groups.model.times import quarters
from matcher.groups.rules import member_cost

# The preset that each kind of network begins with.
LAYERS = {
    LayerKind.LIKENESS: LIKENESS,
    LayerKind.NEARNESS: NEARNESS,
    LayerKind.EXPERIENCE: EXPERIENCE,
}


def weights_of(weights: Iterable[Weight]) -> dict[str, float]:
    """Return weights by attribute, as a choice stores them."""
    return {weight.attribute: weight.weight for weight in weights}


SIZES = (2, 8)  # members in a network, at the least and the most


@dataclass(frozen=True, slots=True)
class Wish:
    """RC that must, must not, or must alone (`kept`) share a network of a layer."""

    kind: Literal["together", "apart", "kept"]
    layer: LayerKind
    rc_ids: tuple[str, ...]

    @property
    def key(self) -> str:
        """What the wish goes by in forms."""
        return ":".join((self.kind, self.layer.value, *sorted(self.rc_ids)))


Bound = Literal["at_least", "at_most"]


@dataclass(frozen=True, slots=True)
class OfAKindWish:
    """How many RC of each circle of a layer have a value of a fact: so many at least, or at most."""

    bound: Bound
    layer: LayerKind
    attribute: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class MeanWish:
    """How far the mean of a number in a circle of a layer may be from the mean of all RC."""

    layer: LayerKind
    attribute: str
    within: float


@dataclass(frozen=True, slots=True)
class CommonWish:
    """How many values of a fact all RC of a circle of a layer share at least."""

    layer: LayerKind
    attribute: str
    count: int


# The attribute that an answered poll gives: when an RC is free.
FREE_TIMES = "free_times"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a planner chose; the defaults are what RC themselves ask for.

    preset: key of the weighting that the likeness layer's weights are; empty for one's own.
    likeness: weights of the likeness layer by attribute. others: weights of other layers that differ
        from their preset's. sizes: members in a network. sizes_of: where a layer's differ.
    together, apart: how earlier versions stored wishes about likeness; read, they are `wishes`.
    wishes: who must and must not share a network, and networks that are kept as they are.
    stability: the cost of parting two RC who are together today, per layer.
    repeated_pair: the cost of a pair for each layer beyond the first that it meets in.
    is_standing: today's circles stay whole, and newcomers join them. not_alone: attributes by which no RC
        may be the only one of a kind in its circle.
    of_a_kind: how many RC of a kind each circle has. leaders: RC of whom each circle of a layer has exactly one.
    numbers: how many circles there are to be of a layer. balanced, in_common: what holds in each circle.
    is_once: no two RC meet in more than one circle. moved: the cost of each RC that leaves what its circle becomes.
    poll, meeting_layer: the RC of a circle of that layer have said yes to a time in common in that poll.
    """

    layers: tuple[LayerKind, ...] = tuple(LAYERS)
    likeness: Mapping[str, float] = field(default_factory=lambda: weights_of(LIKENESS.weights))
    preset: str = OWN_WISH.key
    others: Mapping[LayerKind, Mapping[str, float]] = field(default_factory=dict)
    sizes: tuple[int, int] = (LIKENESS.smallest, LIKENESS.largest)
    sizes_of: Mapping[LayerKind, tuple[int, int]] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    wishes: tuple[Wish, ...] = ()
    giver_cap: int = GIVER_CAP
    operational_in_each: int = EXPERIENCE.operational_in_each
    stability: float = LIKENESS.stability
    repeated_pair: float = REPEATED_PAIR
    opt_out: Mapping[str, tuple[LayerKind, ...]] = field(default_factory=dict)
    is_standing: bool = False
    not_alone: tuple[str, ...] = ()
    of_a_kind: tuple[OfAKindWish, ...] = ()
    leaders: Mapping[LayerKind, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[LayerKind, int] = field(default_factory=dict)
    balanced: tuple[MeanWish, ...] = ()
    in_common: tuple[CommonWish, ...] = ()
    is_once: bool = False
    moved: float = 0.0
    poll: str = ""
    meeting_layer: LayerKind = LayerKind.LIKENESS

    def __post_init__(self) -> None:
        likeness = LayerKind.LIKENESS
        older = (
            *(Wish("together", likeness, group) for group in self.together),
            *(Wish("apart", likeness, group) for group in self.apart),
        )
        if older:
            object.__setattr__(self, "wishes", (*older, *self.wishes))
            object.__setattr__(self, "together", ())
            object.__setattr__(self, "apart", ())
        object.__setattr__(self, "preset", preset_of(self.likeness))

    def weights(self, layer: LayerKind) -> dict[str, float]:
        """Return a layer's weights by attribute."""
        if layer == LayerKind.LIKENESS:
            return dict(self.likeness)
        return weights_of(LAYERS[layer].weights) | dict(self.others.get(layer, {}))

    def weighed(self, layer: LayerKind, attribute: str, weight: float) -> "Choice":
        """Return the choice with another weight for an attribute of a layer."""
        weights = self.weights(layer) | {attribute: weight}
        if layer == LayerKind.LIKENESS:
            return replace(self, likeness=weights)
        return replace(self, others={**self.others, layer: weights})

    def wished(self, wish: Wish) -> "Choice":
        """Return the choice with one wish more; one that says the opposite of the same RC goes."""
        opposite = {"together": "apart", "apart": "together"}.get(wish.kind)
        left = [
            one
            for one in self.wishes
            if one.key != wish.key
            and (one.kind != opposite or one.layer != wish.layer or {*one.rc_ids} != {*wish.rc_ids})
        ]
        return replace(self, wishes=(*left, wish))

    def without(self, key: str) -> "Choice":
        """Return the choice without a wish, by its key."""
        return replace(self, wishes=tuple(one for one in self.wishes if one.key != key))


def preset_of(likeness: Mapping[str, float]) -> str:
    """Return the key of the weighting that weights of likeness are; empty for one's own."""
    weighed = {name: weight for name, weight in likeness.items() if weight}
    return next((one.key for one in WEIGHTINGS if weights_of(one.weights) == weighed), "")


def build(
    rcs: Sequence[Rc],
    choice: Choice,
    history: Mapping[LayerKind, tuple[tuple[str, ...], ...]],
    surveyed: Mapping[str, SoughtAndOffered] | None = None,
    hours: Hours | None = None,
    free: FreeTimes | None = None,
) -> Problem:
    """Return the problem that a choice makes of the register.

    history: today's networks by layer, each a tuple of RC ids.
    surveyed: what each RC sought and offered in the surveys of the year. An RC that said there that
        it wants no network gets none, and need not say why.
    hours: journeys from door to door: who reaches whom within a day's meeting decides who meets in
        person; without it kilometres do.
    free: when each RC can meet, where the choice names a poll.

    Raises:
        InvalidProblemError: when the choice names an unknown RC, attribute or size.
    """
    surveyed = surveyed or {}
    places = {rc.id: place for place, rc in enumerate(rcs)}
    members = tuple(
        Member(
            id=rc.id,
            is_operational=_is_operational(rc),
            seeks=_gathered(lacked(rc), surveyed[rc.id].sought if rc.id in surveyed else ()),
            offers=_gathered(
                (*rc.can_show, *shown(rc)), surveyed[rc.id].offered if rc.id in surveyed else ()
            ),
            opt_out=tuple(layer.value for layer in _opted_out(rc.id, choice, surveyed)),
        )
        for rc in rcs
    )
    earlier = {
        layer: tuple(
            tuple(places[rc] for rc in group if rc in places) for group in history.get(layer, ())
        )
        for layer in choice.layers
    }
    problem = Problem(
        members=members,
        attributes=(*attributes_of(rcs), *(() if free is None else (_free(rcs, free),))),
        layers=tuple(_layer(kind, choice, earlier[kind], places, free) for kind in choice.layers),
        repeated_pair=choice.repeated_pair,
        giver_cap=choice.giver_cap,
        each_pair_once=choice.is_once,
    )
    if hours is not None:
        problem = with_journeys(problem, hours, IN_PERSON_HOURS)
    return _kept(problem, choice)


def groups_of(
    problem: Problem, groups: Mapping[LayerKind, Iterable[Sequence[str]]]
) -> tuple[Group, ...]:
    """Return groups of ids by layer as groups to publish, with the evidence that their pages word."""
    return tuple(
        group_of(problem, layer, ids)
        for layer in problem.layers
        for ids in groups[LayerKind(layer.name)]
    )


def partition_of(problem: Problem, groups: Iterable[Sequence[str]]) -> Partition:
    """Return groups of ids as groups of places, for the engine."""
    return tuple(tuple(sorted(problem.number(one) for one in group)) for group in groups)


def networks_of(problem: Problem, groups: Mapping[LayerKind, Iterable[Sequence[str]]]) -> Networks:
    """Return groups of ids by layer as the engine's networks, in the order of its layers."""
    return tuple(partition_of(problem, groups[LayerKind(layer.name)]) for layer in problem.layers)


def _layer(
    kind: LayerKind,
    choice: Choice,
    earlier: Partition,
    places: Mapping[str, int],
    free: FreeTimes | None,
) -> Layer:
    preset = LAYERS[kind]
    smallest, largest = choice.sizes_of.get(kind, choice.sizes)
    unlike = {weight.attribute for weight in preset.weights if weight.is_unlike}
    number = choice.numbers.get(kind)
    layer = replace(
        preset,
        smallest=smallest,
        largest=largest,
        weights=tuple(
            Weight(name, weight, is_unlike=name in unlike)
            for name, weight in choice.weights(kind).items()
            if weight
        ),
        history=(earlier,) if earlier else (),
        stability=choice.stability if earlier else 0.0,
        standing=choice.is_standing and bool(earlier),
        not_alone=choice.not_alone,
        at_least=_of_a_kind(choice, kind, "at_least"),
        at_most=_of_a_kind(choice, kind, "at_most"),
        balanced=tuple(
            Balance(one.attribute, one.within) for one in choice.balanced if one.layer == kind
        ),
        in_common=tuple(
            InCommon(one.attribute, one.count) for one in choice.in_common if one.layer == kind
        ),
        can_meet=()
        if free is None or choice.meeting_layer != kind
        else (CanMeet(FREE_TIMES, free.minutes),),
        number_of_networks=None if number is None else (number, number),
        moved=choice.moved if earlier else 0.0,
        leaders=tuple(places[one] for one in choice.leaders.get(kind, ()) if one in places),
        together=_groups(choice, kind, ("together", "kept"), places),
        apart=_groups(choice, kind, ("apart",), places),
    )
    if kind == LayerKind.EXPERIENCE:
        return replace(layer, operational_in_each=choice.operational_in_each)
    return layer


def _of_a_kind(choice: Choice, kind: LayerKind, bound: Bound) -> tuple[OfAKind, ...]:
    return tuple(
        OfAKind(one.attribute, one.value, one.count)
        for one in choice.of_a_kind
        if (one.layer, one.bound) == (kind, bound)
    )


def _groups(
    choice: Choice, kind: LayerKind, kinds: tuple[str, ...], places: Mapping[str, int]
) -> tuple[tuple[int, ...], ...]:
    """Return the RC of wishes by place; an RC that has left the register wishes nothing."""
    found = []
    for wish in choice.wishes:
        if wish.layer == kind and wish.kind in kinds:
            group = tuple(places[one] for one in wish.rc_ids if one in places)
            found += [group] if len(group) > 1 else []
    return tuple(found)


def _kept(problem: Problem, choice: Choice) -> Problem:
    """Return the problem in which nobody joins a network that is kept as it is."""
    for wish in choice.wishes:
        names = [layer.name for layer in problem.layers]
        if wish.kind != "kept" or wish.layer.value not in names:
            continue
        place = names.index(wish.layer.value)
        layer = problem.layers[place]
        among = set(problem.participants(layer))
        inside = [problem.number(one) for one in wish.rc_ids if one in problem.ids(tuple(among))]
        if not inside:
            continue
        more = tuple((inside[0], other) for other in sorted(among.difference(inside)))
        layers = [*problem.layers]
        layers[place] = replace(layer, apart=(*layer.apart, *more))
        problem = replace(problem, layers=tuple(layers))
    return problem


def attributes_of(rcs: Sequence[Rc]) -> tuple[Attribute, ...]:
    """Return what the register knows of RC, as the engine compares it."""
    numbers = [
        Attribute(name, "number", tuple(_number(how.value(rc)) for rc in rcs))
        for name, how in MATCHED.items()
        if how.kind == "number"
    ]
    categories = [
        Attribute(
            name,
            "category",
            tuple(_text(how.value(rc)) for rc in rcs),
            certainty=_certainties(rcs, how.certainty) if how.certainty else (),
        )
        for name, how in MATCHED.items()
        if how.kind == "category"
    ]
    sets = [
        Attribute(name, "set", tuple(_names(how.value(rc)) for rc in rcs))
        for name, how in MATCHED.items()
        if how.kind == "set"
    ]
    place = Attribute("geography", "place", tuple(map(seat_of, rcs)))
    return (*numbers, *categories, *sets, place)


def _free(rcs: Sequence[Rc], free: FreeTimes) -> Attribute:
    """Return when each RC is free; of one that has not answered nothing is known."""
    return Attribute(
        FREE_TIMES,
        "times",
        tuple(quarters(free.of[rc.id]) if rc.id in free.of else None for rc in rcs),
    )


def _certainties(rcs: Sequence[Rc], of: Callable[[Rc], float | None]) -> tuple[float, ...]:
    found = map(of, rcs)
    return tuple(1.0 if certainty is None else certainty for certainty in found)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _names(value: object) -> frozenset[str] | None:
    return frozenset(map(str, value)) if isinstance(value, list) else None


def _opted_out(
    rc_id: str, choice: Choice, surveyed: Mapping[str, SoughtAndOffered]
) -> tuple[LayerKind, ...]:
    if rc_id in surveyed and surveyed[rc_id].network == NetworkWish.NONE:
        return choice.layers
    return choice.opt_out.get(rc_id, ())


def _gathered(known: Iterable[str], said: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*known, *said}))


def _is_operational(rc: Rc) -> bool | None:
    return None if rc.phase_band is None else rc.phase_band == PhaseBand.OPERATIONAL


def group_of(problem: Problem, layer: Layer, members: Iterable[str]) -> Group:
    """Return one network, by the ids of its members, with the evidence that its page words."""
    group = tuple(sorted(map(problem.number, members)))
    ids = problem.ids(group)
    how = measure(problem, layer)
    seats = [problem.attribute("geography").values[place] for place in group]
    known = [seat for seat in seats if isinstance(seat, tuple)]
    kms = [great_circle_km(one, other) for one, other in combinations(known, 2)]
    farthest = max(kms) if kms and len(known) == len(seats) else None
    bands = {problem.members[place].id: problem.members[place].is_operational for place in group}
    evidence = Evidence(
        attributes=tuple(_figure(how, place, group) for place in range(len(layer.weights))),
        members=tuple(
            (problem.members[place].id, member_cost(how, group, place)) for place in group
        ),
        pre_operational=tuple(one for one in ids if bands[one] is False),
        operational=tuple(one for one in ids if bands[one] is True),
        farthest_km=farthest,
    )
    return Group(LayerKind(layer.name), ids, evidence.to_json(), farthest)


def _figure(how: Measure, place: int, group: Sequence[int]) -> AttributeFigure:
    weight = how.layer.weights[place]
    parts = [how.parts(a, b)[place] for a, b in combinations(sorted(group), 2)]
    unknown = how.layer.unknown if how.layer.unknown is not None else UNKNOWN
    values = [unknown if part.dissimilarity is None else part.dissimilarity for part in parts]
    known = sum(part.is_known for part in parts)
    return AttributeFigure(weight.attribute, weight.weight, fmean(values), known / len(parts))
