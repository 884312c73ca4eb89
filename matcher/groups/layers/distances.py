"""The dissimilarities of a layer as numpy arrays, a block at a time, for the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.geo import EARTH_RADIUS_KM, km_between
from matcher.groups.cover.problem import (
    BoolArray,
    Distances,
    FloatArray,
    IntArray,
    SquaredEuclidean,
)
from matcher.groups.model.dissimilarity import NOTHING_IN_COMMON, Measure
from matcher.groups.model.layer import Attribute, Weight

SETS = ("set", "times")


@dataclass(frozen=True, slots=True)
class Feature:
    """One weighed attribute over the members of a layer.

    values: members x 1 (number, rank, category number), x 2 (latitude, longitude in radians) or, for
        sets, x all that any holds (1 or 0).
    divisor: what a difference is divided by; 0 makes all differences 0.
    """

    kind: str
    values: FloatArray
    is_known: BoolArray
    divisor: float
    weight: float
    is_unlike: bool
    certainty: FloatArray | None

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Differences from 0 (alike) to 1, rows x columns; arbitrary where unknown."""
        one, other = self.values[rows], self.values[columns]
        if self.kind == "place":
            difference = km_between(one[:, None], other[None, :])
        elif self.kind in SETS:
            shared = one @ other.T
            every = one.sum(1)[:, None] + other.sum(1)[None, :] - shared
            difference = np.where(every > 0.0, 1.0 - shared / np.maximum(every, 1.0), 0.0)
        elif self.kind == "category":
            difference = np.asarray(one[:, None, 0] != other[None, :, 0], dtype=np.float64)
        else:
            difference = np.abs(one[:, None, 0] - other[None, :, 0])
        scaled = difference / self.divisor if self.divisor > 0.0 else np.zeros_like(difference)
        return 1.0 - scaled if self.is_unlike else scaled

    def weights(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """What the attribute weighs in each pair, rows x columns."""
        if self.certainty is None:
            return np.full((len(rows), len(columns)), self.weight)
        lower = np.minimum(self.certainty[rows][:, None], self.certainty[columns][None, :])
        return self.weight * lower


@dataclass(frozen=True, slots=True)
class Gower:
    """Gower's coefficient over features; `unknown` None leaves an unknown attribute out."""

    n: int
    features: tuple[Feature, ...]
    unknown: float | None

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Dissimilarities, len(rows) x len(columns)."""
        total = np.zeros((len(rows), len(columns)))
        weights = np.zeros_like(total)
        for feature in self.features:
            known = feature.is_known[rows][:, None] & feature.is_known[columns][None, :]
            weight = feature.weights(rows, columns)
            if self.unknown is None:
                counted = np.where(known, weight, 0.0)
                total += counted * feature.block(rows, columns)
            else:
                counted = np.where(known, weight, feature.weight)
                total += counted * np.where(known, feature.block(rows, columns), self.unknown)
            weights += counted
        nothing = weights <= 0.0
        weights[nothing] = 1.0
        found = np.where(nothing, NOTHING_IN_COMMON, total / weights)
        found[rows[:, None] == columns[None, :]] = (
            0.0  # also where a member knows nothing of itself
        )
        return found


def distances(measure: Measure, members: tuple[int, ...]) -> tuple[Distances, FloatArray | None]:
    """Dissimilarities among some members, and coordinates where near means alike."""
    if measure.layer.metric == "sqeuclidean":
        points = _points(measure, members)
        return SquaredEuclidean(points), points
    features = tuple(
        _feature(attribute, weight, divisor, members)
        for attribute, weight, divisor in zip(
            measure.attributes, measure.layer.weights, measure.ranges, strict=True
        )
    )
    return Gower(len(members), features, measure.layer.unknown), _coordinates(features)


def radians(attribute: Attribute, members: tuple[int, ...]) -> tuple[FloatArray, BoolArray]:
    """Places in radians, members x 2, and which are known; 0 where unknown."""
    values = [attribute.values[member] for member in members]
    known = np.array([value is not None for value in values], dtype=np.bool_)
    places = [value if isinstance(value, tuple) else (0.0, 0.0) for value in values]
    return np.radians(np.array(places, dtype=np.float64).reshape(-1, 2)), known


def held(sets: Sequence[frozenset[str]]) -> FloatArray:
    """Mark what each set holds, sets x all that any holds in alphabetical order."""
    every = {name: place for place, name in enumerate(sorted(frozenset().union(*sets)))}
    table = np.zeros((len(sets), len(every)))
    for number, one in enumerate(sets):
        table[number, [every[name] for name in one]] = 1.0
    return table


def _feature(
    attribute: Attribute, weight: Weight, divisor: float, members: tuple[int, ...]
) -> Feature:
    if attribute.kind == "place":
        values, known = radians(attribute, members)
    elif attribute.kind in SETS:
        sets = [attribute.values[member] for member in members]
        known = np.array([one is not None for one in sets], dtype=np.bool_)
        values = held([one if isinstance(one, frozenset) else frozenset() for one in sets])
    else:
        cells = [attribute.values[member] for member in members]
        known = np.array([cell is not None for cell in cells], dtype=np.bool_)
        texts = (value for value in attribute.values if isinstance(value, str))
        names = attribute.levels or tuple(dict.fromkeys(texts))
        ranks = {name: float(rank) for rank, name in enumerate(names)}
        numbers = [
            0.0 if cell is None else ranks[cell] if isinstance(cell, str) else float(cell)
            for cell in cells
            if not isinstance(cell, tuple | frozenset)
        ]
        values = np.array(numbers, dtype=np.float64).reshape(-1, 1)
    certainty = None
    if attribute.certainty:
        certainty = np.array([attribute.certainty[member] for member in members])
    return Feature(
        attribute.kind, values, known, divisor, weight.weight, weight.is_unlike, certainty
    )


def _points(measure: Measure, members: tuple[int, ...]) -> FloatArray:
    points = np.zeros((len(members), max(1, len(measure.attributes))))
    for place, attribute in enumerate(measure.attributes):
        divisor = measure.ranges[place]
        column = np.array([attribute.values[member] for member in members], dtype=np.float64)
        factor = np.sqrt(measure.layer.weights[place].weight)
        if divisor > 0.0:
            # Centred first: far from zero, a difference of squares would lose its digits.
            points[:, place] = factor * (column - column.mean()) / divisor
    return points


def _coordinates(features: tuple[Feature, ...]) -> FloatArray | None:
    """Weighed features side by side when all are measures, known and sought alike; else None."""
    columns = []
    for feature in features:
        is_measure = feature.kind not in ("category", *SETS) and not feature.is_unlike
        if not is_measure or not feature.is_known.all() or feature.certainty is not None:
            return None
        values = feature.values
        if feature.kind == "place":
            # Flat enough to tell near from far: km north, and km east at the mean latitude.
            scale = np.array([1.0, np.cos(values[:, 0].mean())])
            values = EARTH_RADIUS_KM * values * scale
        columns.append(feature.weight * values / (feature.divisor or 1.0))
    return np.concatenate(columns, axis=1) if columns else None
