"""From the register to a matching problem, and from its solution to groups with their evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import fmean

from api.networks.foresight import Group
from api.networks.models import Layer as LayerKind
from api.networks.wording import AttributeFigure, Evidence
from api.registry.facts import MATCHED
from api.registry.models import PhaseBand
from api.registry.service import Member as RegisterRow
from api.surveys.questions import NetworkWish
from api.surveys.service import SoughtAndOffered
from matcher.geo import great_circle_km
from matcher.groups.files.presets import (
    EXPERIENCE,
    GIVER_CAP,
    LIKENESS,
    NEARNESS,
    REPEATED_PAIR,
    UNKNOWN,
)
from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import Attribute, Layer, Member, Networks, Partition, Weight
from matcher.groups.model.problem import Problem
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


@dataclass(frozen=True, slots=True)
class Choice:
    """What a planner chose; the defaults are the presets' middle way.

    likeness: weights of the likeness layer by attribute. sizes: members in a network.
    together, apart: RC that must or must not share a network, in the layers of likeness.
    stability: the cost of parting two RC who are together today, per layer.
    """

    layers: tuple[LayerKind, ...] = tuple(LAYERS)
    likeness: Mapping[str, float] = field(default_factory=lambda: weights_of(LIKENESS.weights))
    sizes: tuple[int, int] = (LIKENESS.smallest, LIKENESS.largest)
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    giver_cap: int = GIVER_CAP
    operational_in_each: int = EXPERIENCE.operational_in_each
    stability: float = LIKENESS.stability
    repeated_pair: float = REPEATED_PAIR
    opt_out: Mapping[str, tuple[LayerKind, ...]] = field(default_factory=dict)


def build(
    rows: Sequence[RegisterRow],
    choice: Choice,
    history: Mapping[LayerKind, tuple[tuple[str, ...], ...]],
    surveyed: Mapping[str, SoughtAndOffered] | None = None,
) -> Problem:
    """Return the problem that a choice makes of the register.

    history: today's networks by layer, each a tuple of RC ids.
    surveyed: what each RC sought and offered in the surveys of the year. An RC that said there that
        it wants no network gets none, and need not say why.

    Raises:
        InvalidProblemError: when the choice names an unknown RC, attribute or size.
    """
    surveyed = surveyed or {}
    places = {row.id: place for place, row in enumerate(rows)}
    members = tuple(
        Member(
            id=row.id,
            is_operational=_is_operational(row),
            seeks=tuple(sorted(surveyed[row.id].sought)) if row.id in surveyed else (),
            offers=tuple(
                sorted({*row.shows, *(surveyed[row.id].offered if row.id in surveyed else ())})
            ),
            opt_out=tuple(layer.value for layer in _opted_out(row.id, choice, surveyed)),
        )
        for row in rows
    )
    earlier = {
        layer: tuple(
            tuple(places[rc] for rc in group if rc in places) for group in history.get(layer, ())
        )
        for layer in choice.layers
    }
    return Problem(
        members=members,
        attributes=_attributes(rows),
        layers=tuple(_layer(kind, choice, earlier[kind], places) for kind in choice.layers),
        repeated_pair=choice.repeated_pair,
        giver_cap=choice.giver_cap,
    )


def groups_of(problem: Problem, networks: Networks) -> tuple[Group, ...]:
    """Return networks as groups to publish, with the evidence that their pages word."""
    return tuple(
        group_of(problem, layer, group)
        for layer, partition in zip(problem.layers, networks, strict=True)
        for group in partition
    )


def partition_of(problem: Problem, groups: Iterable[Sequence[str]]) -> Partition:
    """Return groups of ids as groups of places, for the engine."""
    return tuple(tuple(sorted(problem.number(one) for one in group)) for group in groups)


def networks_of(problem: Problem, groups: Mapping[LayerKind, Iterable[Sequence[str]]]) -> Networks:
    """Return groups of ids by layer as the engine's networks, in the order of its layers."""
    return tuple(partition_of(problem, groups[LayerKind(layer.name)]) for layer in problem.layers)


def _layer(kind: LayerKind, choice: Choice, earlier: Partition, places: Mapping[str, int]) -> Layer:
    smallest, largest = choice.sizes
    layer = replace(
        LAYERS[kind],
        smallest=smallest,
        largest=largest,
        history=(earlier,) if earlier else (),
        stability=choice.stability if earlier else 0.0,
    )
    if kind == LayerKind.EXPERIENCE:
        return replace(layer, operational_in_each=choice.operational_in_each)
    if kind == LayerKind.NEARNESS:
        return layer
    return replace(
        layer,
        weights=tuple(Weight(name, weight) for name, weight in choice.likeness.items() if weight),
        together=tuple(tuple(places[one] for one in group) for group in choice.together),
        apart=tuple(tuple(places[one] for one in group) for group in choice.apart),
    )


def _attributes(rows: Sequence[RegisterRow]) -> tuple[Attribute, ...]:
    numbers = [
        Attribute(name, "number", tuple(_number(row.values[name]) for row in rows))
        for name, how in MATCHED.items()
        if how.kind == "number"
    ]
    categories = [
        Attribute(
            name,
            "category",
            tuple(_text(row.values[name]) for row in rows),
            certainty=_certainties(rows, name) if how.certainty else (),
        )
        for name, how in MATCHED.items()
        if how.kind == "category"
    ]
    place = Attribute("geography", "place", tuple(row.place for row in rows))
    return (*numbers, *categories, place)


def _certainties(rows: Sequence[RegisterRow], name: str) -> tuple[float, ...]:
    found = (row.certainty[name] for row in rows)
    return tuple(1.0 if certainty is None else certainty for certainty in found)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _opted_out(
    rc_id: str, choice: Choice, surveyed: Mapping[str, SoughtAndOffered]
) -> tuple[LayerKind, ...]:
    if rc_id in surveyed and surveyed[rc_id].network == NetworkWish.NONE:
        return choice.layers
    return choice.opt_out.get(rc_id, ())


def _is_operational(row: RegisterRow) -> bool | None:
    return None if row.phase_band is None else row.phase_band == PhaseBand.OPERATIONAL


def group_of(problem: Problem, layer: Layer, group: Sequence[int]) -> Group:
    """Return one network with the evidence that its page words."""
    ids = problem.ids(tuple(group))
    how = measure(problem, layer)
    seats = [problem.attribute("geography").values[place] for place in group]
    known = [seat for seat in seats if isinstance(seat, tuple)]
    kms = [great_circle_km(one, other) for one, other in combinations(known, 2)]
    farthest = max(kms) if kms and len(known) == len(seats) else None
    bands = {problem.members[place].id: problem.members[place].is_operational for place in group}
    evidence = Evidence(
        attributes=tuple(_figure(how, place, group) for place in range(len(layer.weights))),
        members=tuple(
            (problem.members[place].id, member_cost(how, tuple(group), place)) for place in group
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
