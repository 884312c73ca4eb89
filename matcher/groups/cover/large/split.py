"""Splits many members into regions of near ones, each small enough for the exact method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.groups.cover.problem import (
    Cover,
    FloatArray,
    Groups,
    IntArray,
    PartOfBesides,
    RestrictedFilter,
    SquaredEuclidean,
    fits,
)

# Where a region is cut in two: about the middle, not always at the same place.
CUT = (0.4, 0.6)
# Of what all groups cost over their prices, the share that regions about the worst may leave out.
LITTLE = 0.02


def split(
    cover: Cover, groups: Groups | None, most: int, rng: np.random.Generator
) -> list[IntArray]:
    """Cut the members in two, and again, until no region has more than `most`.

    groups: partition whose groups are kept whole; None lets every member stand alone. With
    coordinates a cut is across the direction of most spread, turned a little at random; without,
    by which of two far members is nearer.
    """
    units = [np.array([member]) for member in range(cover.n)]
    if groups is not None:
        units = [np.array(group, dtype=np.int64) for group in groups]
    heads = np.array([unit[0] for unit in units], dtype=np.int64)
    sizes = np.array([len(unit) for unit in units], dtype=np.int64)
    project = _projection(cover, units, heads, rng)
    waiting, done = [np.arange(len(units))], []
    while waiting:
        part = waiting.pop()
        if sizes[part].sum() <= most or len(part) < 2:
            done.append(part)
            continue
        values = project(part)
        order = np.argsort(values, kind="stable")
        filled = np.cumsum(sizes[part][order])
        place = int(np.searchsorted(filled, filled[-1] * rng.uniform(*CUT)))
        place = min(max(1, place), len(part) - 1)
        waiting += [part[order[:place]], part[order[place:]]]
    return [np.sort(np.concatenate([units[unit] for unit in part])) for part in done]


def fitting(cover: Cover, parts: list[IntArray]) -> list[IntArray]:
    """Join parts whose number of members the sizes do not fit with the next; members rising in each."""
    found: list[IntArray] = []
    carried = np.empty(0, dtype=np.int64)
    for members in parts:
        carried = np.concatenate([carried, members])
        if fits(cover, len(carried)):
            found.append(np.sort(carried))
            carried = carried[:0]
    while len(carried):
        if not found:
            return [np.sort(carried)]
        carried = np.concatenate([carried, found.pop()])
        if fits(cover, len(carried)):
            found.append(np.sort(carried))
            carried = carried[:0]
    return found


def around_worst(
    cover: Cover, groups: Groups, prices: FloatArray, most: int, rng: np.random.Generator
) -> list[IntArray]:
    """Make regions about the groups that cost most over their members' prices, worst first, each group in one.

    What the groups cost over prices that hold everywhere sums to what the partition may be above the
    best. A region is a group and those nearest to it, up to `most` members; so much is left out that
    costs next to nothing over its prices. The order is a little of chance, so that no two rounds agree.
    """
    members = [np.array(group, dtype=np.int64) for group in groups]
    over = np.array(
        [
            cover.objective((group,)) - cover.constant - float(prices[group].sum())
            for group in members
        ]
    )
    over = np.maximum(over, 0.0)
    order = np.argsort(-over * rng.uniform(0.5, 1.0, len(over)), kind="stable")
    end = np.concatenate(members)
    owner = np.repeat(np.arange(len(members)), [len(group) for group in members])
    is_free = np.ones(len(members), dtype=np.bool_)
    left, found = float(over.sum()), []
    enough = LITTLE * left
    for worst in order.tolist():
        if left <= enough:
            break
        if not is_free[worst]:
            continue
        here = np.flatnonzero(is_free[owner])
        distance = np.full(len(members), np.inf)
        near = cover.distances.block(members[worst], end[here]).min(0)
        np.minimum.at(distance, owner[here], near)
        distance[worst] = -1.0
        nearest = np.argsort(distance, kind="stable")
        nearest = nearest[np.isfinite(distance[nearest])]
        filled = np.cumsum([len(members[group]) for group in nearest.tolist()])
        chosen = nearest[: max(1, int(np.searchsorted(filled, most, side="right")))]
        is_free[chosen] = False
        left -= float(over[chosen].sum())
        found.append(np.sort(np.concatenate([members[group] for group in chosen.tolist()])))
    return found


def _projection(
    cover: Cover, units: list[IntArray], heads: IntArray, rng: np.random.Generator
) -> Callable[[IntArray], FloatArray]:
    """Give the function that places units (by number) along a line."""
    if cover.coordinates is None:

        def between_pivots(part: IntArray) -> FloatArray:
            middle = heads[part[rng.integers(len(part))]]
            one = heads[part[_farthest(cover, middle, heads[part])]]
            other = heads[part[_farthest(cover, one, heads[part])]]
            table = cover.distances.block(heads[part], np.array([one, other]))
            return np.asarray((table[:, 0] - table[:, 1]) / 2, dtype=np.float64)

        return between_pivots
    points = np.stack([cover.coordinates[unit].mean(0) for unit in units])

    def along_spread(part: IntArray) -> FloatArray:
        cloud = points[part] - points[part].mean(0)
        # On skewed data a few far points own the spread; clipped, the bulk is cut across.
        width = np.quantile(np.abs(cloud), 0.9, axis=0)
        clipped = np.clip(cloud, -3 * width, 3 * width)
        _, _, axes = np.linalg.svd(clipped.T @ clipped)
        turn = axes[0] + rng.normal(0.0, 0.5 / np.sqrt(len(axes)), len(axes))
        return np.asarray(cloud @ (turn / np.linalg.norm(turn)), dtype=np.float64)

    return along_spread


def _farthest(cover: Cover, member: int, others: IntArray) -> int:
    """Place of the member farthest from one."""
    return int(np.argmax(cover.distances.block(np.array([member]), others)[0]))


def small_cover(cover: Cover, members: IntArray) -> Cover:
    """The problem over some members, its distances cheap to send to a worker."""
    if isinstance(cover.distances, SquaredEuclidean):
        return Cover(
            distances=SquaredEuclidean(cover.distances.points[members]),
            smallest=cover.smallest,
            largest=cover.largest,
            scale=cover.scale,
            extra=None if cover.extra is None else cover.extra[np.ix_(members, members)],
            allowed=None if cover.allowed is None else RestrictedFilter(cover.allowed, members),
            besides=None if cover.besides is None else PartOfBesides(cover.besides, members),
        )
    return cover.restricted(members)
