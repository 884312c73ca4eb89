"""One lower bound for many members from prices found region by region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from matcher.groups.cover import (
    Certificate,
    Cover,
    Cut,
    FloatArray,
    Groups,
    IntArray,
    SquaredEuclidean,
)
from matcher.groups.prices import Prices
from matcher.groups.regional import PriceTask, RelaxTask, price_region, relax_region
from matcher.groups.regions import small_cover, split

# Up to so many members the whole problem may be priced as one region.
WHOLE = 6_000
# Members priced together, how many around them take part in that, and how many may in the check.
CORE, AROUND, NEAR = 220, 110, 2_500
# Rows of dissimilarities looked at together.
ROWS = 256
NEAREST = "half of each member's nearest pairs"

T = TypeVar("T")
R = TypeVar("R")


class RunAll(Protocol):
    """Does a piece of work for each task, somewhere, and yields the results as they come."""

    def __call__(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterable[R]:
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
    tasks = []
    for core in cores:
        distance = cover.distances.block(core, np.arange(cover.n)).min(0)
        distance[core] = np.inf
        count = min(AROUND, cover.n - len(core))
        around = np.argpartition(distance, count - 1)[:count] if count else core[:0]
        members = np.concatenate([core, around])
        place = {int(member): number for number, member in enumerate(members)}
        known = tuple(
            tuple(place[member] for member in group)
            for group in groups
            if all(member in place for member in group)
        )
        share = seconds / len(cores)
        tasks.append(RelaxTask(core, small_cover(cover, members), known, unit, share))
    for result in run_all(relax_region, tasks):
        duals[result.core] = result.duals
        cuts += result.cuts
    return Certificate(tuple(duals.tolist()), tuple(cuts), -np.inf)


def spread_bound(
    cover: Cover, certificate: Certificate, run_all: RunAll
) -> tuple[float, str, Certificate | None]:
    """Bound every partition from below by prices that no group of the whole problem undercuts.

    Prices from regions may be too high for a group across a border. Every such group is listed,
    and each of its members gives up its share of what is lacking: what is left holds everywhere.
    Returns the bound, how it was made, and the prices that prove it (None for the plain bound).
    """
    duals = np.array(certificate.duals)
    floors = _regional_floors(cover, certificate, run_all)
    if floors is None and cover.n <= WHOLE:
        whole = Prices(duals, certificate.cuts)
        floors = price_region(PriceTask(np.arange(cover.n), cover, whole)).floors
    if floors is None:
        return nearest_bound(cover), NEAREST, None
    held = duals + floors
    total = float(held.sum()) + cover.constant
    total -= sum(cut.weight * (len(cut.members) // 2) for cut in certificate.cuts)
    total -= 1e-10 * (abs(total) + float(np.abs(duals).sum()))
    method = "prices of regions, lowered until they hold for groups across borders"
    plain = nearest_bound(cover)
    if plain > total:
        return plain, NEAREST, None
    return total, method, Certificate(tuple(held.tolist()), certificate.cuts, total)


def _regional_floors(cover: Cover, certificate: Certificate, run_all: RunAll) -> FloatArray | None:
    """Floors of all members: cores of near members, each with all that can share a group."""
    if cover.extra is not None:
        return None
    duals = np.array(certificate.duals)
    by_first: dict[int, list[Cut]] = {}
    for cut in certificate.cuts:
        by_first.setdefault(cut.members[0], []).append(cut)
    tasks = []
    for core in split(cover, None, 2 * CORE, np.random.default_rng(0)):
        near = _near(cover, duals, core)
        if near is None:
            return None
        members = np.concatenate([core, near])
        place = {int(member): number for number, member in enumerate(members)}
        # A cut that is not wholly here charges nothing here: the floor is lower, and still valid.
        cuts = tuple(
            Cut(tuple(place[member] for member in cut.members), cut.weight)
            for first in members.tolist()
            for cut in by_first.get(first, ())
            if all(member in place for member in cut.members)
        )
        tasks.append(PriceTask(core, small_cover(cover, members), Prices(duals[members], cuts)))
    floors = np.zeros(cover.n)
    done = 0
    for result in run_all(price_region, tasks):
        if result.floors is None:
            return None
        floors[result.core] = result.floors
        done += 1
    return floors if done == len(tasks) else None


def _near(cover: Cover, duals: FloatArray, core: IntArray) -> IntArray | None:
    """Members outside a core that can share a negative group with one of it; None when too many.

    A group with a negative reduced cost costs less than its members' prices. It costs at least its
    longest pair's dissimilarity times the scale; with squared distances at least m / 2 times that,
    for the m - 2 others lie at best half way between the two.
    """
    table = cover.distances.block(core, np.arange(cover.n))
    is_squared = isinstance(cover.distances, SquaredEuclidean)
    top = float(duals.max(initial=0.0))
    outside = np.ones(cover.n, dtype=np.bool_)
    outside[core] = False
    near = outside
    for _ in range(4):
        reach = np.zeros((len(core), cover.n))
        for size in cover.sizes:
            cost = cover.scale[size] * (size / 2 if is_squared else 1.0)
            if size > 1:
                prices = duals[core][:, None] + duals[None, :] + (size - 2) * top
                np.maximum(reach, prices / cost, out=reach)
        near = (table <= reach * (1 + 1e-9)).any(0) & outside
        # All members of such a group are in the core or near it: no price above theirs matters.
        highest = float(duals[near | ~outside].max(initial=0.0))
        if highest >= top:
            break
        top = highest
    return np.flatnonzero(near) if near.sum() <= NEAR else None


def nearest_bound(cover: Cover) -> float:
    """Bound any partition by half of each member's nearest pairs, a block of rows at a time."""
    every = np.arange(cover.n)
    total = cover.constant
    for start in range(0, cover.n, ROWS):
        rows = every[start : start + ROWS]
        table = cover.distances.block(rows, every)
        floor = np.full(len(rows), np.inf)
        for size in cover.sizes:
            if size == 1:
                floor = np.minimum(floor, 0.0)
                continue
            costs = cover.scale[size] * table
            if cover.extra is not None:
                costs = costs + cover.extra[rows]
            costs[np.arange(len(rows)), rows] = np.inf
            lightest = np.partition(costs, size - 2, axis=1)[:, : size - 1].sum(1) / 2
            floor = np.minimum(floor, lightest)
        total += float(floor.sum())
    return total - 1e-10 * abs(total)
