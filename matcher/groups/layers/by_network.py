"""The rules about one network as tests of many networks at a time, each of one idea."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from matcher.groups.cover.problem import BoolArray, FloatArray, IntArray
from matcher.groups.layers.distances import held
from matcher.groups.layers.standing import Standing, labels_of
from matcher.groups.model.layer import Balance, Group, Layer, OfAKind
from matcher.groups.model.problem import Problem
from matcher.groups.model.times import starts
from matcher.groups.rules import mean_known, rounding, standing_networks

# Members' things looked at together.
_CELLS = 4_000_000


class Test(Protocol):
    """What a network must fulfil; picklable, for workers in other processes."""

    def __call__(self, groups: IntArray) -> BoolArray:
        """Tell which of k groups of one size (k x m) fulfil it."""

    @property
    def marks(self) -> FloatArray:
        """Members x any: two of equal marks may change places."""


@dataclass(frozen=True, slots=True)
class Count:
    """From `least` to `most` of a network's members are marked."""

    marked: BoolArray
    least: int
    most: int

    def __call__(self, groups: IntArray) -> BoolArray:
        """Tell which of k groups of one size (k x m) fulfil it."""
        count = self.marked[groups].sum(1)
        return np.asarray((count >= self.least) & (count <= self.most), dtype=np.bool_)

    @property
    def marks(self) -> FloatArray:
        """Whether each is marked."""
        return self.marked[:, None].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a network's known values (NaN = unknown) is within a distance of the middle."""

    values: FloatArray
    middle: float
    within: float

    def __call__(self, groups: IntArray) -> BoolArray:
        """Tell which of k groups of one size (k x m) fulfil it."""
        values = self.values[groups]
        is_known = ~np.isnan(values)
        count = is_known.sum(1)
        total = np.where(is_known, values, 0.0).sum(1)
        far = np.abs(total / np.maximum(count, 1) - self.middle)
        return np.asarray((count == 0) | (far <= self.within + rounding(self.middle)))

    @property
    def marks(self) -> FloatArray:
        """The value, and whether it is known."""
        return np.stack([np.nan_to_num(self.values), np.isnan(self.values)], axis=1)


@dataclass(frozen=True, slots=True)
class Common:
    """At least so many things are held by every member of a network; held: members x things."""

    held: BoolArray
    least: int

    def __call__(self, groups: IntArray) -> BoolArray:
        """Tell which of k groups of one size (k x m) fulfil it."""
        fits = np.empty(len(groups), dtype=np.bool_)
        step = max(1, _CELLS // max(1, self.held.shape[1]))
        for start in range(0, len(groups), step):
            part = groups[start : start + step]
            every = self.held[part[:, 0]]
            for position in range(1, groups.shape[1]):
                every = every & self.held[part[:, position]]
            fits[start : start + step] = every.sum(1) >= self.least
        return fits

    @property
    def marks(self) -> FloatArray:
        """What each holds."""
        return self.held.astype(np.float64)


def tests_of(problem: Problem, layer: Layer, members: Group) -> tuple[Test, ...]:
    """Return what a layer asks of each network of the members, numbered by their place."""
    tests: list[Test] = []
    tests += [
        Count(_having(problem, wish, members), wish.count, len(members)) for wish in layer.at_least
    ]
    tests += [Count(_having(problem, wish, members), 0, wish.count) for wish in layer.at_most]
    tests += [_mean(problem, wish, members) for wish in layer.balanced]
    tests += [
        _common(problem, wish.attribute, members, wish.count, frozenset) for wish in layer.in_common
    ]
    for meeting in layer.can_meet:
        begins = partial(starts, minutes=meeting.minutes)
        least = 1 if meeting.minutes else 0
        tests.append(_common(problem, meeting.attribute, members, least, begins))
    own = standing_networks(problem, layer) if layer.standing else ()
    if own:
        tests.append(Standing(labels_of(own, members)))
    if layer.leaders:
        leads = np.array([member in layer.leaders for member in members], dtype=np.bool_)
        tests.append(Count(leads, 1, 1))
    return tuple(tests)


def _having(problem: Problem, wish: OfAKind, members: Group) -> BoolArray:
    values = problem.attribute(wish.attribute).values
    return np.array(
        [
            wish.value in own if isinstance(own := values[member], frozenset) else own == wish.value
            for member in members
        ],
        dtype=np.bool_,
    )


def _common(
    problem: Problem,
    attribute: str,
    members: Group,
    least: int,
    of: Callable[[frozenset[str]], frozenset[str]],
) -> Common:
    """Make the test of what all share; a member of whom nothing is known holds whatever is asked."""
    values = problem.attribute(attribute).values
    sets = [of(one) if isinstance(one := values[m], frozenset) else None for m in members]
    table = held([one or frozenset() for one in sets]) > 0.0
    # A network of unknown members alone shares what no other does.
    table = np.hstack([table, np.zeros((len(sets), least), dtype=np.bool_)])
    table[[number for number, one in enumerate(sets) if one is None]] = True
    return Common(table, least)


def _mean(problem: Problem, wish: Balance, members: Group) -> Mean:
    values = problem.attribute(wish.attribute).values
    known = [float(v) if isinstance(v := values[m], int | float) else np.nan for m in members]
    middle = mean_known(problem, wish.attribute, members)
    return Mean(np.array(known), middle or 0.0, wish.within)
