"""One lower bound for many members from prices found region by region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

import numpy as np

from matcher.groups.cover.large.region import PriceTask, RelaxTask, price_region, relax_region
from matcher.groups.cover.large.split import small_cover, split
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Cut,
    FloatArray,
    Groups,
    IntArray,
    SquaredEuclidean,
)
from matcher.milp import always

# Members priced together, how many around them take part in that, and how many may in the check.
CORE, AROUND, NEAR = 220, 110, 2_500
# Rows of dissimilarities looked at together.
ROWS = 256
NEAREST = "half of each member's nearest pairs"
SPREAD = "prices of regions, lowered until they hold for groups across borders"

T = TypeVar("T")
R = TypeVar("R")


class RunAll(Protocol):
    """Does a piece of work for each task, somewhere, and yields the results as they come."""

    def __call__(self, work: Callable[[T], R], tasks: Iterable[T]) -> Iterable[R]:
        """Yield the results in the order they come."""


def relax_regions(cover: Cover, groups: Groups, seconds: float, run_all: RunAll) -> Certificate:
    """Price all members, a core with its surroundings at a time.

    The surroundings keep members at a core's border from looking lonelier than they are. seconds:
    of work, shared by all cores.
    """
    unit = abs(cover.objective(groups) - cover.constant) / cover.n or 1.0
    duals = np.zeros(cover.n)
    cuts: list[Cut] = []
    cores = split(cover, groups, CORE, np.random.default_rng(1))
    group_of = {member: group for group in groups for member in group}

    def tasks() -> Iterator[RelaxTask]:
        for core in cores:
            members = np.concatenate([core, _nearest(cover, core, AROUND)])
            place = {int(member): number for number, member in enumerate(members)}
            known = tuple(
                tuple(place[member] for member in group)
                for group in {group_of[member] for member in place}
                if all(member in place for member in group)
            )
            share = seconds / len(cores)
            yield RelaxTask(core, small_cover(cover, members), known, unit, share)

    for result in run_all(relax_region, tasks()):
        duals[result.core] = result.duals
        cuts += result.cuts
    return Certificate(tuple(duals.tolist()), tuple(cuts), -np.inf)


def _nearest(cover: Cover, core: IntArray, most: int) -> IntArray:
    """Find the members outside a core that are nearest to any of it."""
    distance = cover.distances.block(core, np.arange(cover.n)).min(0)
    distance[core] = np.inf
    count = min(most, cover.n - len(core))
    return np.argpartition(distance, count - 1)[:count] if count else core[:0]


def spread_bound(
    cover: Cover, certificate: Certificate, seconds: float, run_all: RunAll
) -> tuple[float, Certificate] | None:
    """Bound every partition from below by prices that no group of the whole problem undercuts.

    Prices from regions may be too high for a group across a border. Every such group is listed,
    and each of its members gives up its share of what is lacking: what is left holds everywhere.
    seconds: of work, shared by all regions. Returns the bound and the prices that prove it; None
    when some region was too large or came too late.
    """
    if cover.extra is not None:
        return None
    tasks = _price_tasks(cover, certificate, seconds)
    held = np.full(cover.n, np.nan)
    for result in run_all(price_region, tasks):
        if result.held is None:
            return None
        held[result.core] = result.held
    if np.isnan(held).any():
        return None
    total = float(held.sum()) + cover.constant
    total -= sum(cut.weight * (len(cut.members) // 2) for cut in certificate.cuts)
    total -= 1e-10 * (abs(total) + float(np.abs(held).sum()))
    return total, Certificate(tuple(held.tolist()), certificate.cuts, total)


def _price_tasks(cover: Cover, certificate: Certificate, seconds: float) -> Iterator[PriceTask]:
    """Make the regions to price: cores of near members, each with all that can share a group."""
    duals = np.array(certificate.duals)
    by_first: dict[int, list[Cut]] = {}
    for cut in certificate.cuts:
        by_first.setdefault(cut.members[0], []).append(cut)
    cores = split(cover, None, CORE, np.random.default_rng(0))
    for core in cores:
        near = _near(cover, duals, core)
        if len(near) > NEAR:
            # So many could share a group with the core that listing them is hopeless.
            yield PriceTask(core, None, Prices(duals[core]), 0.0)
            return
        members = np.concatenate([core, near])
        place = {int(member): number for number, member in enumerate(members)}
        # A cut that is not wholly here charges nothing here: the floor is lower, and still valid.
        cuts = tuple(
            Cut(tuple(place[member] for member in cut.members), cut.weight)
            for first in members.tolist()
            for cut in by_first.get(first, ())
            if all(member in place for member in cut.members)
        )
        prices = Prices(duals[members], cuts)
        yield PriceTask(core, small_cover(cover, members), prices, seconds / len(cores))


def _near(cover: Cover, duals: FloatArray, core: IntArray) -> IntArray:
    """Members outside a core that can share a negative group with one of it.

    A group with a negative reduced cost costs less than its members' prices. It costs at least its
    longest pair's dissimilarity times the scale; with squared distances at least m / 2 times that,
    for the m - 2 others lie at best half way between the two.
    """
    is_squared = isinstance(cover.distances, SquaredEuclidean)
    costs = {m: cover.scale[m] * (m / 2 if is_squared else 1.0) for m in cover.sizes if m > 1}
    top = float(duals.max(initial=0.0))
    outside = np.ones(cover.n, dtype=np.bool_)
    outside[core] = False
    near = np.flatnonzero(outside)
    distance: FloatArray | None = None
    for _ in range(4):
        # How far from any of the core a member can be, at the highest price in the core.
        highest = float(duals[core].max(initial=0.0))
        reach = np.max(
            [(highest + duals[near] + (m - 2) * top) / cost for m, cost in costs.items()], axis=0
        )
        if distance is None:
            near, reach = _in_reach_of_box(cover, core, near, reach)
            distance = cover.distances.block(core, near).min(0)
        kept = distance <= reach * (1 + 1e-9)
        near, distance = near[kept], distance[kept]
        # All members of such a group are in the core or near it: no price above theirs matters.
        lower = max(highest, float(duals[near].max(initial=0.0)))
        if lower >= top:
            break
        top = lower
    return near


def _in_reach_of_box(
    cover: Cover, core: IntArray, others: IntArray, reach: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Keep the others whose reach comes to the box around a core: a quick look before the exact one."""
    if not isinstance(cover.distances, SquaredEuclidean):
        return others, reach
    points = cover.distances.points
    low, high = points[core].min(0), points[core].max(0)
    beyond = np.maximum(0.0, np.maximum(low - points[others], points[others] - high))
    kept = (beyond**2).sum(1) <= reach * (1 + 1e-9)
    return others[kept], reach[kept]


def nearest_bound(cover: Cover, keep_going: Callable[[], bool] = always) -> float:
    """Bound any partition by half of each member's nearest pairs, a block of rows at a time.

    Members not looked at when told to stop count nothing, as no dissimilarity is below 0.
    """
    every = np.arange(cover.n)
    total = cover.constant
    most = cover.sizes[-1] - 1
    for start in range(0, cover.n, ROWS):
        if cover.extra is None and not keep_going():
            break
        rows = every[start : start + ROWS]
        table = cover.distances.block(rows, every)
        table[np.arange(len(rows)), rows] = np.inf
        if cover.extra is None:
            nearest = np.sort(np.partition(table, most - 1, axis=1)[:, :most], axis=1)
            sums = np.cumsum(nearest, axis=1) / 2
            floors = [cover.scale[m] * sums[:, m - 2] for m in cover.sizes if m > 1]
        else:
            costs = (cover.scale[m] * table + cover.extra[rows] for m in cover.sizes if m > 1)
            parts = zip((m for m in cover.sizes if m > 1), costs, strict=True)
            floors = [np.partition(c, m - 2, axis=1)[:, : m - 1].sum(1) / 2 for m, c in parts]
        if cover.smallest == 1:
            floors.append(np.zeros(len(rows)))
        total += float(np.min(floors, axis=0).sum())
    return total - 1e-10 * abs(total)
