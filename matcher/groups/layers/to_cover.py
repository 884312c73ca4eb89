"""A layer of networks as the numeric problem: distances, pair extras, and rules as a filter on groups."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.geo import km_between
from matcher.groups.cover.problem import BoolArray, Cover, Distances, FloatArray, IntArray
from matcher.groups.layers.besides import besides_of
from matcher.groups.layers.by_network import Test, tests_of
from matcher.groups.layers.distances import distances, radians
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.layer import Group, Layer
from matcher.groups.model.problem import Problem
from matcher.groups.rules import met_pairs, old_pairs, place_attribute, scale

# Two members farther apart than this many kilometres more than the limit are too far: a distance
# that equals the limit must not fail by rounding, in either form of the haversine.
_KM_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups the rules about one network allow; None where a rule is not asked for.

    union, union_size: the number of each member's together-set, and that set's size.
    apart: forbidden pairs as low x n + high, sorted. body: a number per body, negative = its own.
    operational: 1 operational, 0 pre-operational, -1 unknown. caps: how many pre-operational
        members each may meet, where this layer alone decides. places: radians, NaN = unknown.
    kinds: attributes x n, a number per kind that nobody may be alone of, -1 = asks for nothing.
    tests: the rules that are of one idea each.
    """

    n: int
    union: IntArray | None
    union_size: IntArray | None
    apart: IntArray | None
    body: IntArray | None
    operational: IntArray
    kinds: IntArray | None
    needed: int
    caps: FloatArray | None
    places: FloatArray | None
    longest_km: float
    tests: tuple[Test, ...] = ()

    def __call__(self, groups: IntArray) -> BoolArray:
        """Which of k candidate groups of one size (k x m) are allowed."""
        fits = np.ones(len(groups), dtype=np.bool_)
        status = self.operational[groups]
        if self.needed:
            fits &= (status == 1).sum(1) >= self.needed
        if self.caps is not None:
            askers = (status == 0).sum(1)
            fits &= ((status != 1) | (askers[:, None] <= self.caps[groups])).all(1)
        if self.union is not None and self.union_size is not None:
            union = self.union[groups]
            inside = (union[:, :, None] == union[:, None, :]).sum(2)
            fits &= (inside == self.union_size[groups]).all(1)
        for kinds in () if self.kinds is None else self.kinds:
            own = kinds[groups]
            alike = (own[:, :, None] == own[:, None, :]).sum(2)
            fits &= ((own < 0) | (alike > 1)).all(1)
        for first, second in combinations(range(groups.shape[1]), 2):
            fits &= self._pairs_fit(groups[:, first], groups[:, second])
        for test in self.tests:
            fits &= test(groups)
        return fits

    def _pairs_fit(self, one: IntArray, other: IntArray) -> BoolArray:
        fits = np.ones(len(one), dtype=np.bool_)
        if self.apart is not None:
            keys = np.minimum(one, other) * self.n + np.maximum(one, other)
            fits &= ~np.isin(keys, self.apart)
        if self.body is not None:
            fits &= self.body[one] != self.body[other]
        if self.places is not None:
            km = km_between(self.places[one], self.places[other])
            fits &= ~(km > self.longest_km + _KM_ROUNDING)
        return fits


def cover_of(problem: Problem, layer: Layer) -> Cover:
    """Build the numeric problem of one layer over its participants, numbered by their place there.

    What depends on several layers (repeated pairs, caps) is not in it.
    """
    members = problem.participants(layer)
    how, coordinates = distances(measure(problem, layer), members)
    extra, constant = _extra(problem, layer, members)
    filtered = _filter(problem, layer, members)
    besides = besides_of(problem, layer, members)
    return Cover(
        distances=_weighed(how, layer.weight),
        smallest=layer.smallest,
        largest=layer.largest,
        scale=tuple(scale(layer, size) if size else 0.0 for size in range(layer.largest + 1)),
        extra=extra,
        constant=constant,
        allowed=filtered,
        besides=besides,
        coordinates=coordinates,
        kinds=None if filtered is None or besides is not None else _kinds(filtered),
    )


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Distances times a layer's weight in the total."""

    inner: Distances
    weight: float

    @property
    def n(self) -> int:
        return self.inner.n

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        return self.weight * self.inner.block(rows, columns)


def _weighed(inner: Distances, weight: float) -> Distances:
    return inner if weight == 1.0 else _Weighed(inner, weight)


def _extra(problem: Problem, layer: Layer, members: Group) -> tuple[FloatArray | None, float]:
    place = {member: number for number, member in enumerate(members)}
    old = old_pairs(problem, layer) if layer.stability else set()
    met = met_pairs(problem, layer) if layer.novelty else set()
    if not old and not met:
        return None, 0.0
    extra = np.zeros((len(members), len(members)))
    for pairs, price in ((old, -layer.stability), (met, layer.novelty)):
        for first, second in pairs:
            extra[place[first], place[second]] += price
            extra[place[second], place[first]] += price
    return extra, layer.stability * len(old)


def _filter(problem: Problem, layer: Layer, members: Group) -> GroupFilter | None:
    union, union_size = _unions(layer, members)
    status = {True: 1, False: 0, None: -1}
    operational = np.array(
        [status[problem.members[member].is_operational] for member in members], dtype=np.int64
    )
    caps = None
    if layer.is_experience and sum(each.is_experience for each in problem.layers) == 1:
        limits = [problem.most_asked(member) for member in members]
        if any(limit is not None for limit in limits):
            caps = np.array([np.inf if limit is None else limit for limit in limits])
    places, longest = None, 0.0
    attribute = place_attribute(problem)
    travel = layer.longest_travel
    if attribute is not None and travel is not None and travel.otherwise == "never":
        places, known = radians(attribute, members)
        places[~known] = np.nan
        longest = travel.km
    made = GroupFilter(
        n=len(members),
        union=union,
        union_size=union_size,
        apart=_apart(layer, members),
        body=_bodies(problem, members) if layer.is_one_per_body else None,
        operational=operational,
        kinds=_not_alone(problem, layer, members),
        needed=layer.operational_in_each,
        caps=caps,
        places=places,
        longest_km=longest,
        tests=tests_of(problem, layer, members),
    )
    asked = (union, made.apart, made.body, caps, places, made.kinds)
    is_needed = layer.operational_in_each > 0 or any(rule is not None for rule in asked)
    is_needed |= bool(made.tests)
    return made if is_needed else None


def _unions(layer: Layer, members: Group) -> tuple[IntArray | None, IntArray | None]:
    """Join together-sets that share members, each set cut to those who take part."""
    if not layer.together:
        return None, None
    place = {member: number for number, member in enumerate(members)}
    union = list(range(len(members)))
    for group in layer.together:
        numbers = [place[member] for member in group if member in place]
        joined = {union[number] for number in numbers}
        union = [min(joined) if each in joined else each for each in union]
    labels = np.array(union, dtype=np.int64)
    return labels, np.bincount(labels, minlength=len(members))[labels]


def _apart(layer: Layer, members: Group) -> IntArray | None:
    place = {member: number for number, member in enumerate(members)}
    keys = set()
    for group in layer.apart:
        numbers = sorted(place[member] for member in group if member in place)
        keys |= {low * len(members) + high for low, high in combinations(numbers, 2)}
    return np.array(sorted(keys), dtype=np.int64) if keys else None


def _bodies(problem: Problem, members: Group) -> IntArray | None:
    names = [problem.members[member].body for member in members]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    bodies = [numbers[name] if name else -1 - place for place, name in enumerate(names)]
    return np.array(bodies, dtype=np.int64) if len(set(bodies)) < len(bodies) else None


def _not_alone(problem: Problem, layer: Layer, members: Group) -> IntArray | None:
    found = []
    for attribute in problem.attributes:
        if attribute.name in layer.not_alone:
            values = [attribute.values[member] for member in members]
            count = Counter(value for value in values if value is not None)
            kinds = {kind: number for number, kind in enumerate(count) if count[kind] > 1}
            found.append([-1 if value is None else kinds.get(value, -1) for value in values])
    return np.array(found, dtype=np.int64) if found else None


def _kinds(rules: GroupFilter) -> IntArray:
    """Number the members so that two of one number may change places under the filter."""
    kinds: dict[tuple[float, ...], int] = {}
    numbers = []
    sizes, body = rules.union_size, rules.body
    tied = (
        set()
        if rules.apart is None
        else {end for key in rules.apart.tolist() for end in divmod(key, rules.n)}
    )
    marks = [test.marks for test in rules.tests]
    for member in range(rules.n):
        own = member in tied or (sizes is not None and sizes[member] > 1)
        place = (0.0, 0.0) if rules.places is None else tuple(rules.places[member].tolist())
        key = (
            float(member) if own else -1.0,
            float(rules.operational[member]),
            0.0 if rules.caps is None else float(rules.caps[member]),
            0.0 if body is None else float(body[member]),
            *(() if rules.kinds is None else rules.kinds[:, member].tolist()),
            *(mark for each in marks for mark in each[member].tolist()),
            *(4.0 if np.isnan(angle) else angle for angle in place),  # no angle is 4 radians
        )
        numbers.append(kinds.setdefault(key, len(kinds)))
    return np.array(numbers, dtype=np.int64)
