"""The peers: MDAV and Ward with repair written from their papers, k-means-constrained as released."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.groups.instances import Instance, Points

Labels = list[NDArray[np.int64]]


def sse(points: Points, groups: Labels) -> float:
    """Within-group sum of squares."""
    return float(sum(((points[g] - points[g].mean(axis=0)) ** 2).sum() for g in groups))


def mdav(instance: Instance) -> Labels:
    """Group by maximum distance to average vector (Domingo-Ferrer and Mateo-Sanz 2002), k at a time."""
    points, k = instance.values, instance.smallest
    left = np.arange(len(points))
    groups: Labels = []

    def farthest(centre: Points) -> Points:
        distance = ((points[left] - centre) ** 2).sum(axis=1)
        return np.asarray(points[left[int(np.argmax(distance))]], dtype=np.float64)

    def take(centre: Points) -> None:
        nonlocal left
        distance = ((points[left] - centre) ** 2).sum(axis=1)
        near = np.argpartition(distance, k - 1)[:k]
        groups.append(left[near])
        left = np.delete(left, near)

    while len(left) >= 3 * k:
        far = farthest(points[left].mean(axis=0))
        opposite = farthest(far)
        take(far)
        take(opposite)
    if len(left) >= 2 * k:
        take(farthest(points[left].mean(axis=0)))
    groups.append(left)
    return groups


def ward(instance: Instance) -> Labels:
    """Merge by Ward's least increase until every cluster has k, cut those over 2k - 1 again.

    Clusters already of size k are not merged with one another (Domingo-Ferrer and Mateo-Sanz
    2002); one that grew over 2k - 1 is halved around its two farthest members.
    """
    points, k = instance.values, instance.smallest
    n = len(points)
    centres, sizes = points.copy(), np.ones(n)
    clusters = [[member] for member in range(n)]
    alive = np.ones(n, dtype=np.bool_)

    def rise(one: int) -> NDArray[np.float64]:
        distance = ((centres - centres[one]) ** 2).sum(axis=1)
        change = sizes * sizes[one] / (sizes + sizes[one]) * distance
        barred = ~alive | ((sizes >= k) & (sizes[one] >= k))
        change[barred] = np.inf
        change[one] = np.inf
        return np.asarray(change, dtype=np.float64)

    best = np.array([rise(one).min() for one in range(n)])
    while np.isfinite(best).any():
        one = int(np.argmin(best))
        change = rise(one)
        other = int(np.argmin(change))
        if change[other] > best[one]:
            best[one] = change[other]
            continue
        total = sizes[one] + sizes[other]
        centres[one] = (sizes[one] * centres[one] + sizes[other] * centres[other]) / total
        sizes[one] = total
        clusters[one] += clusters[other]
        alive[other] = False
        best[other] = np.inf
        after = rise(one)
        best[one] = after.min()
        best = np.where(alive, np.minimum(best, after), np.inf)
    waiting = [np.array(clusters[number]) for number in np.flatnonzero(alive)]
    groups: Labels = []
    while waiting:
        group = waiting.pop()
        if len(group) < 2 * k:
            groups.append(group)
            continue
        far = group[int(np.argmax(((points[group] - points[group].mean(0)) ** 2).sum(1)))]
        order = np.argsort(((points[group] - points[far]) ** 2).sum(axis=1))
        waiting += [group[order[:k]], group[order[k:]]]
    return groups


def k_means_constrained(instance: Instance) -> Labels | None:
    """Run k-means-constrained with one start; None when it is not installed."""
    try:
        module = importlib.import_module("k_means_constrained")
    except ImportError:
        return None
    count = len(instance.points) // instance.smallest
    model = module.KMeansConstrained(
        n_clusters=count,
        size_min=instance.smallest,
        size_max=instance.largest,
        n_init=1,
        random_state=0,
    )
    labels = model.fit_predict(instance.values)
    return [np.flatnonzero(labels == number) for number in range(count)]


PEERS: dict[str, Callable[[Instance], Labels | None]] = {
    "MDAV": mdav,
    "Ward + repair": ward,
    "k-means-constrained": k_means_constrained,
}
