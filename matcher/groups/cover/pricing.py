"""Exact pricing in numpy: every group under a reduced cost, by chains of cheap subsets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.groups.cover.problem import BoolArray, FloatArray, IntArray

_CHUNK = 1_500_000
_FAR = 1e18


@dataclass(frozen=True, slots=True)
class Listing:
    """Groups of one size (k x m, members rising) with their pair-weight sums.

    `is_complete` is False when the cap cut the list: then only the cheapest chains were followed.
    """

    groups: IntArray
    weights: FloatArray
    is_complete: bool


def list_groups(
    weights: FloatArray,
    size: int,
    threshold: float,
    cap: int,
    previous: IntArray | None = None,
    *,
    give_up: bool = False,
    keep_going: Callable[[], bool] = lambda: True,
) -> Listing:
    """List every group of `size` members whose pair weights sum to less than `threshold`.

    weights: symmetric pair weights, members x members (see `Prices.weights`).
    previous: twin before each member, or None; only groups in plain form are listed.
    cap: sets followed from one number of members to the next; over it the lightest are, or none
        when told to `give_up`, and the listing is not complete. Nor is it when time is up.

    Averaged over the members of a set S of q members, taking one away leaves a share
    (q - 2) / q of its weight, so that the lightest subset of q - 1 members is under
    threshold x (q - 2) / q: each listed group is reached from a listed subset, down to a pair,
    by adding the member with the largest sum of weights to the others. Only that parent is
    followed; ties within rounding are all followed and repeats dropped. What the members still to
    come add at least (see `completable`) ends most chains early.
    """
    limits = {size: threshold}
    for q in range(size - 1, 1, -1):
        limits[q] = limits[q + 1] * (q - 1) / (q + 1)
    table = weights.copy()
    np.fill_diagonal(table, _FAR)
    slack = 1e-12 * (1.0 + float(np.abs(weights).max(initial=0.0)))
    lightest = lightest_halves(table, size - 2)
    first, second = np.nonzero(np.triu(table < limits[2] + slack, 1))
    groups = np.stack([first, second], axis=1).astype(np.int64)
    sums = table[first, second]
    if previous is not None:
        keep = _is_plain(groups[:, :1], groups[:, 1], previous)
        keep &= previous[groups[:, 0]] < 0
        groups, sums = groups[keep], sums[keep]
    stars = np.stack([sums, sums], axis=1)
    is_complete = True
    for q in range(3, size + 1):
        if len(groups) > cap:
            is_complete = False
            best = np.argpartition(sums, cap)[:cap]
            best = best[np.argsort(sums[best])]
            groups, sums, stars = groups[best], sums[best], stars[best]
        if give_up and not is_complete:
            break
        light = lightest[:, size - q - 1] if q < size else lightest[:, :0]
        final = threshold + slack
        step = _Step(
            limits[q] + slack, final, size - q, light, slack, previous, 2 * cap, keep_going
        )
        groups, sums, stars, is_whole = _extend(table, groups, sums, stars, step)
        is_complete &= is_whole
        if not len(groups):
            break
    if give_up and not is_complete:
        groups, sums = groups[:0], sums[:0]
    if not len(groups):
        groups = np.empty((0, size), dtype=np.int64)
    return Listing(groups, sums, is_complete)


def list_from(
    smaller: Listing | None,
    weights: FloatArray,
    size: int,
    threshold: float,
    cap: int,
    previous: IntArray | None = None,
    *,
    give_up: bool = False,
    keep_going: Callable[[], bool] = lambda: True,
) -> Listing:
    """List the groups of a size under a threshold, from those of a member less where these are given."""
    if smaller is not None:
        return lengthen(smaller, weights, threshold, cap, previous, keep_going)
    return list_groups(
        weights, size, threshold, cap, previous, give_up=give_up, keep_going=keep_going
    )


def lengthen(
    smaller: Listing,
    weights: FloatArray,
    threshold: float,
    cap: int,
    previous: IntArray | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Listing:
    """List every group under a threshold that holds one of `smaller` and one member more.

    weights: pair weights of groups of the new size. Where the smallest size decides (`Cover.smallest_decide`), a
    group of m under t holds one of m - 1 under t (m - 1) / m, with cuts as well: they only add to pairs' weights.
    cap: groups at most; what is listed beyond that, or when time is up, is not complete.
    """
    groups, held, n = smaller.groups, smaller.groups.shape[1], len(weights)
    table = weights.copy()
    np.fill_diagonal(table, _FAR)
    slack = 1e-12 * (1.0 + float(np.abs(weights).max(initial=0.0)))
    step = max(1, _CHUNK // n)
    joined, sums = [np.empty((0, held + 1), dtype=np.int64)], [np.empty(0)]
    count, is_complete = 0, smaller.is_complete
    for start in range(0, len(groups), step):
        if count > cap or not keep_going():
            is_complete = False
            break
        sets = groups[start : start + step]
        base = np.zeros(len(sets))
        for one, other in combinations(range(held), 2):
            base += table[sets[:, one], sets[:, other]]
        star = table[sets[:, 0]]
        for position in range(1, held):
            star += table[sets[:, position]]
        row, added = np.nonzero(star < (threshold + slack - base)[:, None])
        if previous is not None:
            ok = _is_plain(sets[row], added, previous)
            row, added = row[ok], added[ok]
        count += len(row)
        joined.append(np.sort(np.column_stack([sets[row], added]), axis=1))
        sums.append(base[row] + star[row, added])
    is_complete &= count <= cap
    found, weight = np.concatenate(joined), np.concatenate(sums)
    once = _first_of_each(found, n)
    return Listing(found[once], weight[once], is_complete)


@dataclass(frozen=True, slots=True)
class _Step:
    """One lengthening of the chains: the weight to stay under, what is a tie, twins, and when to stop.

    final, after, light: the weight that the whole group stays under, how many members come after this one, and
    what each member shares with them at least.
    """

    limit: float
    final: float
    after: int
    light: FloatArray
    slack: float
    previous: IntArray | None
    most: int
    keep_going: Callable[[], bool]


def _extend(
    table: FloatArray, groups: IntArray, sums: FloatArray, stars: FloatArray, rule: _Step
) -> tuple[IntArray, FloatArray, FloatArray, bool]:
    """Add to each set the members that keep it under the limit and have the largest star in it.

    stars: the sum of weights from each member of a set to the set's others, like `groups`.
    Stops when over `most` sets have come or time is up; the last value tells whether all sets were extended.
    """
    n, held = len(table), groups.shape[1]
    step = max(1, _CHUNK // n)
    parts: list[tuple[IntArray, FloatArray, FloatArray]] = []
    count, is_complete = 0, True
    for start in range(0, len(groups), step):
        if count > rule.most or not rule.keep_going():
            is_complete = False
            break
        sets, base = groups[start : start + step], sums[start : start + step]
        inner = stars[start : start + step]
        star = table[sets[:, 0]]
        for position in range(1, held):
            star += table[sets[:, position]]
        row, added = completable(
            star, rule.limit - base, rule.final - base, rule.after, rule.light, np.empty(0)
        )
        reach = star[row, added]
        ok = np.ones(len(row), dtype=np.bool_)
        grown = np.empty((len(row), held + 1))
        for position in range(held):
            grown[:, position] = inner[row, position] + table[sets[row, position], added]
            ok &= grown[:, position] <= reach + rule.slack
        grown[:, held] = reach
        if rule.previous is not None:
            ok &= _is_plain(sets[row], added, rule.previous)
        row, added = row[ok], added[ok]
        count += len(row)
        parts.append(
            (
                np.concatenate([sets[row], added[:, None]], axis=1),
                base[row] + reach[ok],
                grown[ok],
            )
        )
    if not parts:
        empty = np.empty((0, held + 1))
        return empty.astype(np.int64), np.empty(0), empty, True
    joined = np.concatenate([part[0] for part in parts])
    total = np.concatenate([part[1] for part in parts])
    inside = np.concatenate([part[2] for part in parts])
    order = np.argsort(joined, axis=1)
    joined = np.take_along_axis(joined, order, axis=1)
    inside = np.take_along_axis(inside, order, axis=1)
    once = _first_of_each(joined, n)
    return joined[once], total[once], inside[once], is_complete


def lightest_halves(table: FloatArray, most: int) -> FloatArray:
    """Half of the sum of each row's 1..most lightest weights, rows x most."""
    if most < 1:
        return np.empty((len(table), 0))
    most = min(most, table.shape[1])
    lightest = np.sort(np.partition(table, most - 1, axis=1)[:, :most], axis=1)
    return np.asarray(np.cumsum(lightest, axis=1) / 2, dtype=np.float64)


def completable(
    star: FloatArray,
    reach: FloatArray,
    room: FloatArray,
    after: int,
    light: FloatArray,
    besides: FloatArray,
) -> tuple[IntArray, IntArray]:
    """Name the members that sets can grow by: set numbers and members, one pair for each.

    star: what each member weighs with each set (sets x members). reach, room: what the member itself and what
    all members to come may add. after: how many come after it. light: half of each member's `after` lightest
    weights. besides: what members outside the table add at least, the lightest of them (none where all are inside).

    What comes adds its stars and its own pairs, so at least the sum of star + light over some after + 1 members.
    """
    if not after:
        row, added = np.nonzero(star < reach[:, None])
        return row, added
    least = star + light
    lowest = np.minimum(least.min(1, initial=np.inf), besides.min(initial=np.inf))
    limit = room - after * lowest
    row, added = np.nonzero(least < limit[:, None])
    value = least[row, added]
    # Members outside stand behind all inside, with the same weight for every set.
    outer, which = np.nonzero(besides < limit[:, None])
    row = np.concatenate([row, outer])
    added = np.concatenate([added, np.full(len(outer), star.shape[1])])
    value = np.concatenate([value, besides[which]])
    order = np.lexsort((value, row))
    row, added, value = row[order], added[order], value[order]
    rank = np.arange(len(row)) - np.searchsorted(row, np.arange(len(star)))[row]
    head = np.bincount(row[rank < after], value[rank < after], minlength=len(star))
    whole = np.full(len(star), np.inf)
    whole[row[rank == after]] = head[row[rank == after]] + value[rank == after]
    ok = np.where(rank < after, whole[row], head[row] + value) < room[row]
    ok &= added < star.shape[1]
    row, added = row[ok], added[ok]
    near = star[row, added] < reach[row]
    return row[near], added[near]


def _is_plain(sets: IntArray, added: IntArray, previous: IntArray) -> BoolArray:
    """Whether each set holds the twin before the member added, where there is one."""
    before = previous[added]
    return np.asarray((before < 0) | (sets == before[:, None]).any(1), dtype=np.bool_)


def _first_of_each(groups: IntArray, n: int) -> IntArray:
    """Row numbers that keep one of each equal row."""
    if n ** groups.shape[1] < 2**62:
        key = groups[:, 0].copy()
        for position in range(1, groups.shape[1]):
            key = key * n + groups[:, position]
        return np.asarray(np.unique(key, return_index=True)[1], dtype=np.int64)
    order = np.lexsort(groups.T[::-1])
    ordered = groups[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(1)
    return np.asarray(order[fresh], dtype=np.int64)
