"""How unlike two members are: Gower's coefficient and squared Euclidean distance, in plain Python.

Gower (1971): the weighted mean, over the attributes, of 0 (alike) to 1 (as unlike as any two).
`distances.py` says the same in numpy for the solver; a test ties them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from matcher.geo import great_circle_km
from matcher.groups.model.layer import Attribute, Layer, Value
from matcher.groups.model.problem import Problem

NOTHING_IN_COMMON = 1.0
# Among more places than these, the farthest are sought among the outermost only.
FEW = 300


@dataclass(frozen=True, slots=True)
class Part:
    """One attribute's share in a pair: its weight there, and 0-1 (Gower) or a weighed square.

    `dissimilarity` is None where the attribute is unknown and left out of the pair's mean.
    """

    attribute: str
    weight: float
    dissimilarity: float | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """The dissimilarity of one layer, with the ranges it divides by (one per weighed attribute)."""

    layer: Layer
    attributes: tuple[Attribute, ...]
    ranges: tuple[float, ...]

    def between(self, first: int, second: int) -> float:
        """Return the dissimilarity of two members, by their places in the problem."""
        return combined(self.layer, self.parts(first, second))

    def parts(self, first: int, second: int) -> tuple[Part, ...]:
        """Return every weighed attribute's share, in the order of the weights."""
        return tuple(self._part(place, first, second) for place in range(len(self.layer.weights)))

    def _part(self, place: int, first: int, second: int) -> Part:
        attribute, weight = self.attributes[place], self.layer.weights[place]
        one, other = attribute.values[first], attribute.values[second]
        if one is None or other is None:
            return Part(attribute.name, weight.weight, self.layer.unknown, is_known=False)
        factor = weight.weight
        if attribute.certainty:
            factor *= min(attribute.certainty[first], attribute.certainty[second])
        value = _difference(attribute, one, other)
        value = _divided(value, self.ranges[place])
        if self.layer.metric == "sqeuclidean":
            value *= value
        elif weight.is_unlike:
            value = 1.0 - value
        return Part(attribute.name, factor, value, is_known=True)


def measure(problem: Problem, layer: Layer) -> Measure:
    """Prepare a layer's dissimilarity: ranges are over all members whose value is known."""
    attributes = tuple(problem.attribute(weight.attribute) for weight in layer.weights)
    if layer.metric == "sqeuclidean":
        ranges = tuple(
            deviation(attribute.values) if layer.is_standardised else 1.0
            for attribute in attributes
        )
    else:
        ranges = tuple(value_range(attribute) for attribute in attributes)
    return Measure(layer, attributes, ranges)


def combined(layer: Layer, parts: Sequence[Part]) -> float:
    """Put a pair's parts together: a weighted mean (Gower) or a weighted sum of squares."""
    known = [(part.weight, part.dissimilarity) for part in parts if part.dissimilarity is not None]
    total = math.fsum(weight * value for weight, value in known)
    if layer.metric == "sqeuclidean":
        return total
    weights = math.fsum(weight for weight, _ in known)
    return total / weights if weights > 0.0 else NOTHING_IN_COMMON


def value_range(attribute: Attribute) -> float:
    """Return what a difference is divided by: the range, the largest km, or the levels less one."""
    known = [value for value in attribute.values if value is not None]
    if attribute.kind in ("category", "set", "times"):
        return 1.0
    if attribute.kind == "order":
        return float(len(attribute.levels) - 1)
    if attribute.kind == "place":
        return largest_km([value for value in known if isinstance(value, tuple)])
    numbers = [value for value in known if isinstance(value, int | float)]
    return max(numbers) - min(numbers) if numbers else 0.0


def largest_km(places: Sequence[tuple[float, float]]) -> float:
    """Return the largest great-circle distance between any two places; 0 for fewer than two."""
    different = sorted(set(places))
    if len(different) > FEW:
        different = _outermost(different)
    return _largest_km(tuple(different))


@lru_cache(maxsize=32)  # a page measures the same members once a network
def _largest_km(different: tuple[tuple[float, float], ...]) -> float:
    return max(
        (
            great_circle_km(one, other)
            for number, one in enumerate(different)
            for other in different[:number]
        ),
        default=0.0,
    )


def _outermost(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Keep the places that can be an end of the largest distance.

    Seen from any fixed place, two places are no farther apart than the sum of their distances to it.
    """
    middle = (fmean(place[0] for place in places), fmean(place[1] for place in places))
    reach = [(great_circle_km(middle, place), place) for place in places]
    far, one = max(reach)
    known = max(great_circle_km(one, place) for place in places)
    # Rounding must not drop an end of the largest distance itself.
    return [place for km, place in reach if km + far >= known - 1e-6]


def deviation(values: Sequence[Value | None]) -> float:
    """Return the population standard deviation."""
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if not numbers:
        return 0.0
    mean = fmean(numbers)
    return math.sqrt(fmean([(value - mean) ** 2 for value in numbers]))


def _difference(attribute: Attribute, one: Value, other: Value) -> float:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return great_circle_km(one, other)
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return jaccard(one, other)
    if isinstance(one, str) and isinstance(other, str):
        if attribute.kind == "order":
            return float(abs(attribute.levels.index(one) - attribute.levels.index(other)))
        return float(one != other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(float(one) - float(other))
    message = f"{attribute.name}: {one!r} and {other!r} are not of one kind"
    raise TypeError(message)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of two sets' values that they have not in common (Jaccard 1901); 0 for two empty ones."""
    every = len(one | other)
    return 1.0 - len(one & other) / every if every else 0.0


def _divided(difference: float, divisor: float) -> float:
    return difference / divisor if divisor > 0.0 else 0.0
