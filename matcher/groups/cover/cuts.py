"""Separation of subset-row cuts: odd sets of members that a fractional solution covers too much."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from matcher.groups.cover.columns import Columns
from matcher.groups.cover.problem import FloatArray
from matcher.groups.cover.twins import Twins

# A cut violated by less moves the bound too little for what it costs in pricing.
VIOLATION = 0.02
# A member in more new cuts than this makes their effects overlap.
PER_MEMBER = 5


def separate(
    columns: Columns, values: FloatArray, twins: Twins, known: set[tuple[int, ...]], most: int
) -> list[tuple[int, ...]]:
    """Find the most violated subset-row cuts on up to three classes (Jepsen et al. 2008).

    columns, values: the master's columns and its solution. known: cuts there already; new ones are
    added to it. Returns at most `most` sets of members, whole classes each.
    """
    found = _violated(columns, values, twins)
    found.sort(key=lambda item: (-item[0], item[1]))
    members = twins.members()
    used: dict[int, int] = {}
    chosen: list[tuple[int, ...]] = []
    for _, subset in found:
        cut = tuple(sorted(member for item in subset for member in members[item]))
        if cut in known or max(used.get(item, 0) for item in subset) >= PER_MEMBER:
            continue
        for item in subset:
            used[item] = used.get(item, 0) + 1
        known.add(cut)
        chosen.append(cut)
        if len(chosen) >= most:
            break
    return chosen


def _violated(
    columns: Columns, values: FloatArray, twins: Twins
) -> list[tuple[float, tuple[int, ...]]]:
    """Sets of classes with how much more the solution covers them than whole groups can."""
    demand = twins.demand.tolist()
    support = np.flatnonzero(values > 1e-7)
    rows = np.append(twins.classes, len(demand))[columns.groups[support]]
    weight = values[support].tolist()
    holds: list[dict[int, int]] = []
    of_class: dict[int, set[int]] = {}
    near: dict[int, set[int]] = {}
    for number, row in enumerate(rows.tolist()):
        counts: dict[int, int] = {}
        for item in row:
            if item < len(demand):
                counts[item] = counts.get(item, 0) + 1
        holds.append(counts)
        for item in counts:
            of_class.setdefault(item, set()).add(number)
            near.setdefault(item, set()).update(counts)
    found: list[tuple[float, tuple[int, ...]]] = []
    for subset in _odd_sets(near, demand):
        touching = set[int]().union(*(of_class[item] for item in subset))
        covered = sum(
            weight[number] * (sum(holds[number].get(item, 0) for item in subset) // 2)
            for number in touching
        )
        excess = covered - sum(demand[item] for item in subset) // 2
        if excess > VIOLATION:
            found.append((excess, subset))
    return found


def _odd_sets(near: dict[int, set[int]], demand: list[int]) -> list[tuple[int, ...]]:
    """Sets of one to three classes that share groups pairwise and hold an odd number of members."""
    sets: list[tuple[int, ...]] = []
    for a in sorted(near):
        if demand[a] % 2 and demand[a] >= 3:
            sets.append((a,))
        later = sorted(item for item in near[a] if item > a)
        sets += [(a, b) for b in later if (demand[a] + demand[b]) % 2 and demand[a] + demand[b] > 2]
        sets += [
            (a, b, c)
            for b, c in combinations(later, 2)
            if c in near[b] and (demand[a] + demand[b] + demand[c]) % 2
        ]
    return sets
