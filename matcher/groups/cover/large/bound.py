"""One lower bound for many members from prices found region by region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np

from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.large.region import (
    LengthenTask,
    ListTask,
    RelaxTask,
    lengthen_block,
    light_block,
    list_block,
    relax_region,
)
from matcher.groups.cover.large.split import small_cover, split
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Cut,
    FloatArray,
    Groups,
    IntArray,
)
from matcher.milp import always

# Members priced together, how many around them take part in that, and each member's own nearest.
CORE, AROUND, OWN = 220, 110, 4
# What is left of all prices, try by try, when too many groups undercut them.
SHARES = (1.0, 0.97, 0.9, 0.75)
# The part of the time left that one block may take of it.
A_BLOCK = 4
# Groups of so many members and more are listed with what ends their chains early.
LONG = 4
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


def relax_regions(
    cover: Cover,
    groups: Groups,
    seconds: float,
    run_all: RunAll,
    *,
    held: FloatArray | None = None,
    seed: int = 1,
    cores: list[IntArray] | None = None,
    cuts: int = 0,
) -> Certificate:
    """Price all members, a core with its surroundings at a time.

    The surroundings keep members at a core's border from looking lonelier than they are. held:
    prices that hold everywhere: each core's are then raised as far as the others', as they are by
    then, allow. seconds: of work, shared by all cores. cores: None = all members, by
    borders of chance (`seed`). cuts: rounds of them.
    """
    unit = abs(cover.objective(groups) - cover.constant) / cover.n or 1.0
    duals = np.zeros(cover.n) if held is None else held.copy()
    found: list[Cut] = []
    if cores is None:
        cores = split(cover, groups, CORE, np.random.default_rng(seed))
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
            around = None
            if held is not None:
                around = duals[members]
                around[: len(core)] = np.nan
            share = seconds / len(cores)
            yield RelaxTask(core, small_cover(cover, members), known, unit, share, around, cuts)

    for result in run_all(relax_region, tasks()):
        worth = float(result.duals.sum()) - sum(cut.weight * cut.most for cut in result.cuts)
        if held is None or worth > float(duals[result.core].sum()):
            duals[result.core] = result.duals
            found += result.cuts
    return Certificate(tuple(duals.tolist()), tuple(found), -np.inf)


def _nearest(cover: Cover, core: IntArray, most: int) -> IntArray:
    """Find the members outside a core that are nearest to any of it, and a few of each member's own.

    Far members of a core have theirs farther away than all others' are.
    """
    distance = cover.distances.block(core, np.arange(cover.n))
    distance[:, core] = np.inf
    count = min(most, cover.n - len(core))
    if not count:
        return core[:0]
    own = np.argpartition(distance, min(OWN, count) - 1, axis=1)[:, : min(OWN, count)]
    closest = distance.min(0)
    closest[np.unique(own)] = -1.0
    count = max(count, len(np.unique(own)))
    return np.argpartition(closest, count - 1)[:count]


def spread_bound(
    cover: Cover, certificate: Certificate, seconds: float, run_all: RunAll
) -> tuple[float, Certificate] | None:
    """Bound every partition from below by prices that no group of the whole problem undercuts.

    Prices from regions may be too high for a group across a border. Every such group is listed, the
    smallest first, and each of its members gives up its share of what is lacking: what is left holds
    everywhere. Where they are too many, all prices are lowered first. seconds: until the end, of which
    no block takes more than a part. Returns the bound and its prices; None when it came too late.
    """
    if cover.extra is not None:
        return None
    for share in SHARES:
        duals = np.array(certificate.duals)
        held = _held(cover, np.minimum(duals, share * duals), certificate.cuts, seconds, run_all)
        if held is not None:
            total = float(held.sum()) + cover.constant
            total -= sum(cut.weight * cut.most for cut in certificate.cuts)
            total -= 1e-10 * (abs(total) + float(np.abs(held).sum()))
            return total, Certificate(tuple(held.tolist()), certificate.cuts, total)
    return None


def _held(
    cover: Cover, duals: FloatArray, cuts: tuple[Cut, ...], seconds: float, run_all: RunAll
) -> FloatArray | None:
    """Lower prices until no group undercuts them, size by size; None when those are too many or it is too late.

    Once no smaller group is overrated, few chains of larger ones are left: lower prices only raise
    reduced costs, so that what held for smaller groups goes on to hold.
    """
    blocks = split(cover, None, CORE, np.random.default_rng(0))
    # What a block may follow is counted: on a slow machine an even share of the time were too short.
    each = seconds / A_BLOCK
    near: list[IntArray] = []
    for size in cover.sizes[:1] if cover.smallest_decide else cover.sizes:
        overrated = to_list(cover, duals.copy(), cuts, size, blocks, run_all)
        tasks = (ListTask(overrated, block, size, each) for block in blocks)
        waiting = cover.n
        for result in run_all(list_block, tasks):
            if result.lack is None:
                return None
            waiting -= result.count
            np.minimum(duals, overrated.duals + result.lack, out=duals)
            if result.near is not None and len(result.near):
                near.append(result.near)
        if waiting:
            return None
    if cover.smallest_decide and not _lowered_for_larger(cover, duals, cuts, each, near, run_all):
        return None
    return duals


def _lowered_for_larger(
    cover: Cover,
    duals: FloatArray,
    cuts: tuple[Cut, ...],
    each: float,
    near: list[IntArray],
    run_all: RunAll,
) -> bool:
    """Lower prices, which hold for the smallest groups, for larger ones too; False when it is too late.

    Only cuts can make that necessary (`Cover.smallest_decide`): they charge a group for less than its smaller
    ones together. near: all groups of the smallest size whose pairs alone weigh under nothing, in any number of lists.
    """
    overrated = Overrated(cover, duals.copy(), cuts)
    tasks = (LengthenTask(overrated, sets, each) for sets in near)
    waiting = len(near)
    for result in run_all(lengthen_block, tasks):
        if result.lack is None:
            return False
        waiting -= 1
        np.minimum(duals, overrated.duals + result.lack, out=duals)
    return not waiting


def to_list(
    cover: Cover,
    duals: FloatArray,
    cuts: tuple[Cut, ...],
    size: int,
    blocks: list[IntArray],
    run_all: RunAll,
) -> Overrated:
    """Make what lists the groups of a size, with every member's lightest pairs where chains are long."""
    plain = Overrated(cover, duals, cuts)
    if size < LONG:
        return plain
    lightest = np.full((cover.n, size - 2), np.nan)
    tasks = (ListTask(plain, block, size, 0.0) for block in blocks)
    for block, halves in run_all(light_block, tasks):
        lightest[block] = halves
    # What came too late is done without.
    return plain if np.isnan(lightest).any() else replace(plain, lightest=lightest)


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
