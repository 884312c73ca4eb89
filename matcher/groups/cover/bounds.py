"""Lower bounds on the cost of every partition, from dual prices: what each member must cost at least."""

from __future__ import annotations

import numpy as np

from matcher.groups.cover.problem import Cover, FloatArray, IntArray


def per_member(n: int, groups: IntArray, share: FloatArray, otherwise: float) -> FloatArray:
    """Find for each member the least share, over the groups given that hold it, or `otherwise`.

    groups: k x width, filled with n. When every group with a reduced cost under `otherwise` times
    its size is given, the reduced costs of any partition sum to at least what this sums to: each
    group's reduced cost is shared equally by its members (Farley 1990, member by member).
    """
    least = np.full(n + 1, otherwise)
    for position in range(groups.shape[1]):
        np.minimum.at(least, groups[:, position], share)
    return least[:n]


def member_floor(weights: FloatArray, size: int) -> FloatArray:
    """Bound each member's half of the pair weights in any group of `size`: its size - 1 lightest.

    The sum over the members of a group is at most the group's weight, whatever its other members
    are: a bound without any listing, for when the listing is too long.
    """
    table = weights.copy()
    np.fill_diagonal(table, np.inf)
    lightest = np.partition(table, size - 2, axis=1)[:, : size - 1]
    return np.asarray(lightest.sum(1) / 2, dtype=np.float64)


def nearest_floor(cover: Cover) -> FloatArray:
    """Bound each member's share of any partition by half of its lightest pairs, without prices.

    0 where there are too few members for a group.
    """
    if not cover.sizes:
        return np.zeros(cover.n)
    floors = [
        np.zeros(cover.n) if size == 1 else member_floor(cover.pair_costs(size), size)
        for size in cover.sizes
    ]
    return np.asarray(np.min(floors, axis=0), dtype=np.float64)
