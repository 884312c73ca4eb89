"""First partitions, made in several ways: one way alone gets stuck on skewed data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.groups.cover.problem import Cover, FloatArray, Groups, IntArray


def far_first(cover: Cover, rng: np.random.Generator) -> Groups:
    """Take the member farthest from all, and group it with its nearest; again among those left.

    The maximum-distance-to-average way (MDAV, Domingo-Ferrer and Mateo-Sanz 2002) with the mean
    dissimilarity in place of the distance to a centroid. `rng` is not used: one result a problem.
    """
    del rng
    return _peel(cover, lambda left: int(np.argmax(cover.dense[np.ix_(left, left)].sum(1))))


def random_first(cover: Cover, rng: np.random.Generator) -> Groups:
    """Take a random member and group it with its nearest; again among those left."""
    return _peel(cover, lambda left: int(rng.integers(len(left))), is_quick=True)


def _peel(cover: Cover, pick: Callable[[IntArray], int], *, is_quick: bool = False) -> Groups:
    """Make groups of the smallest size around picked members; those left over join the nearest."""
    left = np.arange(cover.n)
    groups: list[list[int]] = []
    while len(left) >= cover.smallest and (
        len(left) >= 2 * cover.smallest or len(left) not in cover.sizes
    ):
        # A pick reads all pairs of those left; while they are many a sample of pairs will do.
        exact = is_quick or len(left) <= 80
        centre = left[pick(left) if exact else _rough(cover, left)]
        distances = cover.dense[centre, left].copy()
        distances[left == centre] = -1.0
        near = np.argpartition(distances, cover.smallest - 1)[: cover.smallest]
        groups.append(left[near].tolist())
        left = np.delete(left, near)
    return _place_rest(cover, groups, left.tolist())


def _rough(cover: Cover, left: IntArray) -> int:
    """Pick the member farthest from a spread sample of those left."""
    sample = left[:: max(1, len(left) // 60)]
    return int(np.argmax(cover.dense[np.ix_(left, sample)].sum(1)))


def _place_rest(cover: Cover, groups: list[list[int]], rest: list[int]) -> Groups:
    """Make a last group of the rest, or share it out over the groups where it costs least."""
    if len(rest) in cover.sizes:
        groups.append(rest)
        rest = []
    for member in rest:
        room = [group for group in groups if len(group) < cover.sizes[-1]]
        best = min(room, key=lambda group: float(cover.dense[member, group].sum()) / len(group))
        best.append(member)
    return tuple(tuple(group) for group in groups)


def tour(cover: Cover, rng: np.random.Generator) -> Groups:
    """Walk from nearest to nearest neighbour, then cut the walk into groups at least cost."""
    n = cover.n
    left = np.ones(n, dtype=np.bool_)
    order = [int(rng.integers(n))]
    left[order[0]] = False
    for _ in range(n - 1):
        step = np.where(left, cover.dense[order[-1]], np.inf)
        order.append(int(np.argmin(step)))
        left[order[-1]] = False
    return cut_walk(cover, np.array(order, dtype=np.int64))


def cut_walk(cover: Cover, order: IntArray) -> Groups:
    """Cut an ordering of the members into consecutive groups at least cost, by dynamic programming."""
    n = len(order)
    table = cover.dense[np.ix_(order, order)]
    extra = None if cover.extra is None else cover.extra[np.ix_(order, order)]
    best = np.full(n + 1, np.inf)
    best[0] = 0.0
    came = np.zeros(n + 1, dtype=np.int64)
    # inside[m][i]: pair sum of the m members from place i on, grown from m - 1 by a diagonal.
    inside, more = np.zeros(n), np.zeros(n)
    cost: dict[int, FloatArray] = {}
    for size in range(2, cover.sizes[-1] + 1):
        last = n - size + 1
        grown, added = inside[:last].copy(), more[:last].copy()
        for back in range(1, size):
            places = np.arange(last)
            grown += table[places + size - 1 - back, places + size - 1]
            if extra is not None:
                added += extra[places + size - 1 - back, places + size - 1]
        inside, more = grown, added
        cost[size] = cover.scale[size] * grown + added
    cost[1] = np.zeros(n)
    for end in range(1, n + 1):
        for size in cover.sizes:
            if size <= end:
                total = best[end - size] + cost[size][end - size]
                if total < best[end]:
                    best[end], came[end] = total, size
    groups: list[tuple[int, ...]] = []
    end = n
    while end:
        groups.append(tuple(order[end - came[end] : end].tolist()))
        end -= int(came[end])
    return tuple(groups)


def agglomerate(cover: Cover, rng: np.random.Generator) -> Groups:
    """Merge the two clusters whose union costs least more (Ward 1963), never over the largest size.

    Clusters left too small at the end are shared out, then sizes are mended.
    """
    del rng
    n, top = cover.n, cover.sizes[-1]
    scale = np.array([0.0, *cover.scale[1 : top + 1]])
    between = cover.dense.copy()
    extra = np.zeros((n, n)) if cover.extra is None else cover.extra.copy()
    size, inner = np.ones(n, dtype=np.int64), np.zeros(n)
    clusters: list[list[int]] = [[member] for member in range(n)]
    alive = np.ones(n, dtype=np.bool_)

    def rise(one: int) -> FloatArray:
        joint = size[one] + size
        fits = alive & (joint <= top)
        fits[one] = False
        joint = np.minimum(joint, top)
        after = scale[joint] * (inner[one] + inner + between[one]) + extra[one]
        # Clusters that still are too small go first: a merge of two that may stand is a loss.
        change = after - scale[size] * inner - scale[size[one]] * inner[one]
        useless = (size >= cover.smallest) & (size[one] >= cover.smallest)
        return np.asarray(np.where(fits & ~useless, change, np.inf), dtype=np.float64)

    best = np.array([rise(one).min() for one in range(n)])
    while True:
        one = int(np.argmin(best))
        if not np.isfinite(best[one]):
            break
        options = rise(one)
        other = int(np.argmin(options))
        if options[other] > best[one]:
            best[one] = options[other]
            continue
        inner[one] += inner[other] + between[one, other]
        size[one] += size[other]
        between[one] += between[other]
        between[:, one] = between[one]
        extra[one] += extra[other]
        extra[:, one] = extra[one]
        clusters[one] += clusters[other]
        alive[other] = False
        best[other] = np.inf
        after = rise(one)
        best[one] = after.min()
        best = np.where(alive, np.minimum(best, after), np.inf)
    kept = [clusters[number] for number in np.flatnonzero(alive)]
    groups = [group for group in kept if len(group) >= cover.smallest]
    rest = [member for group in kept if len(group) < cover.smallest for member in group]
    return mend(cover, groups, rest)


def mend(cover: Cover, groups: list[list[int]], rest: list[int]) -> Groups:
    """Place members without a group: where there is room, else a new group fed by large ones."""
    for member in rest:
        room = [group for group in groups if len(group) < cover.sizes[-1]]
        if room:
            min(room, key=lambda group: float(cover.dense[member, group].mean())).append(member)
            continue
        fresh = [member]
        while len(fresh) < cover.smallest:
            giver, given = min(
                (
                    (group, other)
                    for group in groups
                    if len(group) > cover.smallest
                    for other in group
                ),
                key=lambda item: float(cover.dense[item[1], fresh].sum()),
                default=(None, -1),
            )
            if giver is None:
                return _peel(cover, lambda left: 0 * len(left), is_quick=True)
            giver.remove(given)
            fresh.append(given)
        groups.append(fresh)
    return tuple(tuple(group) for group in groups)


Way = Callable[[Cover, np.random.Generator], Groups]

WAYS: tuple[Way, ...] = (
    far_first,
    agglomerate,
    tour,
    random_first,
)
"""The ways to start, best first on most data."""
