"""What a network costs besides its pairs: meeting digitally, expertise that nobody has, members that have moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.geo import km_between
from matcher.groups.cover.problem import BoolArray, FloatArray, IntArray
from matcher.groups.layers.distances import radians
from matcher.groups.layers.standing import Moved, labels_of
from matcher.groups.model.layer import Group, Layer
from matcher.groups.model.problem import Problem
from matcher.groups.rules import left_of_newest, place_attribute

_ROUNDING_KM = 1e-6

Part = Callable[[IntArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Besides:
    """The sum of several costs of whole networks, none below 0; picklable, for workers in other processes."""

    parts: tuple[Part, ...]

    def __call__(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size (k x m) costs besides its pairs."""
        price = np.zeros(len(groups))
        for part in self.parts:
            price += part(groups)
        return price


@dataclass(frozen=True, slots=True)
class Digital:
    """Each member of a network that is too wide to meet in person costs.

    far: which pairs cannot meet in person, members x members; None = kilometres decide.
    places: radians, members x 2, NaN = unknown.
    """

    cost: float
    far: BoolArray | None
    places: FloatArray
    km: float

    def __call__(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size (k x m) costs."""
        is_wide = np.zeros(len(groups), dtype=np.bool_)
        for first, second in combinations(range(groups.shape[1]), 2):
            one, other = groups[:, first], groups[:, second]
            if self.far is not None:
                is_wide |= self.far[one, other]
            else:
                is_wide |= km_between(self.places[one], self.places[other]) > self.km + _ROUNDING_KM
        return np.asarray(self.cost * groups.shape[1] * is_wide, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Unmet:
    """Each expertise costs that a member seeks and nobody else in its network offers; skills x members."""

    cost: float
    seeks: BoolArray
    offers: BoolArray

    def __call__(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size (k x m) costs."""
        price = np.zeros(len(groups))
        for seeks, offers in zip(self.seeks, self.offers, strict=True):
            offered = offers[groups]
            others = offered.sum(1)[:, None] - offered
            price += (seeks[groups] & (others == 0)).sum(1)
        return np.asarray(self.cost * price, dtype=np.float64)


def besides_of(problem: Problem, layer: Layer, members: Group) -> Besides | None:
    """Return what networks of a layer cost besides their pairs; None where that is nothing."""
    parts = (
        _digital(problem, layer, members),
        _unmet(problem, layer, members),
        _moved(problem, layer, members),
    )
    asked = tuple(part for part in parts if part is not None)
    return Besides(asked) if asked else None


def _digital(problem: Problem, layer: Layer, members: Group) -> Part | None:
    travel, attribute = layer.longest_travel, place_attribute(problem)
    if travel is None or travel.otherwise != "digital" or travel.cost <= 0.0:
        return None
    if travel.near is not None:
        return Digital(travel.cost, _far(travel.near, members), np.empty((0, 2)), travel.km)
    if attribute is None:
        return None
    places, known = radians(attribute, members)
    places[~known] = np.nan
    return Digital(travel.cost, None, places, travel.km)


def _far(near: tuple[Group, ...], members: Group) -> BoolArray:
    """Tell which pairs cannot meet in person, members x members."""
    place = {member: number for number, member in enumerate(members)}
    far = ~np.eye(len(members), dtype=np.bool_)
    for one, other in near:
        if one in place and other in place:
            far[place[one], place[other]] = far[place[other], place[one]] = False
    return far


def _unmet(problem: Problem, layer: Layer, members: Group) -> Part | None:
    wanted = sorted({skill for member in members for skill in problem.members[member].seeks})
    if layer.expertise <= 0.0 or not wanted:
        return None
    seeks = [[skill in problem.members[one].seeks for one in members] for skill in wanted]
    offers = [[skill in problem.members[one].offers for one in members] for skill in wanted]
    return Unmet(layer.expertise, np.array(seeks), np.array(offers))


def _moved(problem: Problem, layer: Layer, members: Group) -> Part | None:
    if layer.moved <= 0.0 or not layer.history:
        return None
    return Moved(labels_of(left_of_newest(problem, layer), members), layer.moved)
