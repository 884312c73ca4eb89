"""Regions of members that are tied together by prices: where a partition may be bettered, and its bound raised."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.groups.cover.columns import Columns, best_per_member
from matcher.groups.cover.large.split import fitting
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Cut,
    FloatArray,
    Groups,
    IntArray,
    fits,
)

# Of each member so many groups tie it to others.
EACH = 20
# What a step from group to group costs besides (mean cost per member = 1), and steps at most.
STEP, STEPS = 0.02, 30
# The search for a region's members ends at so many times as many as it takes.
WIDER = 3
# Shares of the relaxation: a group over the one is taken; one under the other ties nobody.
SURE, TIES = 0.9, 0.02


def over_prices(cover: Cover, groups: Groups, certificate: Certificate) -> FloatArray:
    """What each group costs over its members' prices and what cuts charge it, at least 0."""
    duals = np.array(certificate.duals)
    over = np.array(
        [
            cover.objective((group,)) - cover.constant - float(duals[list(group)].sum())
            for group in groups
        ]
    )
    owner = {member: number for number, group in enumerate(groups) for member in group}
    for cut in certificate.cuts:
        inside = np.unique([owner[member] for member in cut.members], return_counts=True)
        over[inside[0]] += cut.weight * (inside[1] // cut.divisor)
    return np.asarray(np.maximum(over, 0.0), dtype=np.float64)


def cuts_inside(cuts: tuple[Cut, ...], members: IntArray) -> tuple[Cut, ...]:
    """Cuts as they bear on groups of some members (rising) only, in these members' own numbers.

    Of a cut only the members inside count; the rest of it takes no part in such a group's charge.
    """
    place = {int(member): number for number, member in enumerate(members)}
    found = []
    for cut in cuts:
        inside = tuple(place[member] for member in cut.members if member in place)
        if len(inside) >= cut.divisor:
            found.append(replace(cut, members=inside))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Links:
    """Groups that cost little over their members' prices, and how much (mean cost per member = 1).

    A partition is bettered by a few such groups in the place of its own, so that whoever shares one
    is near in that respect, however far in distance.
    """

    columns: Columns
    reduced: FloatArray

    @staticmethod
    def of(columns: Columns, duals: FloatArray) -> Links:
        """Choose the links: for each member the groups that cost least over their prices."""
        kept = best_per_member(columns, columns.reduced(duals), EACH)
        return Links(kept, np.maximum(kept.reduced(duals), 0.0))

    def regions(
        self,
        groups: Groups,
        over: FloatArray,
        most: int,
        without: float,
        rng: np.random.Generator,
    ) -> list[IntArray]:
        """Make regions about the groups that cost most over their prices, each group in one at most.

        most: members in a region. without: the share of what all cost over their prices that may be
        left out. The order and the links are a little of chance, so that no two rounds agree.
        """
        owner = np.full(self.columns.n + 1, len(groups), dtype=np.int64)
        for number, group in enumerate(groups):
            owner[list(group)] = number
        sizes = np.array([len(group) for group in groups])
        tied = owner[self.columns.groups]
        cost = self.reduced * rng.uniform(0.5, 1.5, len(self.reduced)) + STEP
        is_free = np.ones(len(groups) + 1, dtype=np.bool_)
        left = float(over.sum())
        enough = without * left
        found = []
        for worst in np.argsort(-over * rng.uniform(0.5, 1.0, len(over)), kind="stable").tolist():
            if left <= enough:
                break
            if not is_free[worst]:
                continue
            here = is_free[tied].all(1)
            distance = _distances(tied[here], cost[here], worst, sizes, WIDER * most)
            nearest = np.argsort(distance, kind="stable")
            nearest = nearest[np.isfinite(distance[nearest])]
            filled = np.cumsum(sizes[nearest])
            chosen = nearest[: max(1, int(np.searchsorted(filled, most, side="right")))]
            is_free[chosen] = False
            left -= float(over[chosen].sum())
            members = [member for group in chosen.tolist() for member in groups[group]]
            found.append(np.sort(np.array(members, dtype=np.int64)))
        return found


def _distances(
    tied: IntArray, cost: FloatArray, start: int, sizes: IntArray, enough: int
) -> FloatArray:
    """How far each group is from one, along links (links x width, filled with the number of groups).

    sizes: the groups' numbers of members. enough: members to come to, whom shorter ways may still be found to.
    """
    count = len(sizes)
    distance = np.full(count + 1, np.inf)
    distance[start] = 0.0
    for _ in range(STEPS):
        through = distance[tied].min(1) + cost
        reached = np.flatnonzero(np.isfinite(through))
        nearer = distance.copy()
        for position in range(tied.shape[1]):
            np.minimum.at(nearer, tied[reached, position], through[reached])
        # The filler is nobody.
        nearer[count] = np.inf
        is_done = np.array_equal(nearer, distance)
        distance = nearer
        if is_done or sizes[np.isfinite(distance[:count])].sum() >= enough:
            break
    return distance[:count]


def parts_of(
    cover: Cover, columns: Columns, values: FloatArray
) -> tuple[list[tuple[int, ...]], list[IntArray]]:
    """Groups that a relaxation is sure of, and the parts into which its other groups tie the rest.

    Where prices are good the rest falls apart: a choice for each part is a small one. Each part can be
    cut into groups of the sizes.
    """
    sure = list(columns.take(values >= SURE).rows())
    is_free = np.ones(cover.n + 1, dtype=np.bool_)
    is_free[[member for group in sure for member in group]] = False
    while sure and not fits(cover, int(is_free[: cover.n].sum())):
        is_free[list(sure.pop())] = True
    part = np.arange(cover.n + 1)
    tied = columns.groups[(values > TIES) & (values < SURE)]
    tied = np.where(is_free[tied], tied, cover.n)
    while True:
        # The filler belongs to no part, and gives the highest number.
        lowest = part[tied].min(1)
        after = part.copy()
        for position in range(tied.shape[1]):
            np.minimum.at(after, tied[:, position], lowest)
        after[cover.n] = cover.n
        after[: cover.n] = np.minimum(after[: cover.n], after[after[: cover.n]])
        if np.array_equal(after, part):
            break
        part = after
    free = np.flatnonzero(is_free[: cover.n])
    order = free[np.argsort(part[free], kind="stable")]
    ends = np.flatnonzero(np.diff(part[order])) + 1
    return sure, fitting(cover, np.split(order, ends) if len(order) else [])
