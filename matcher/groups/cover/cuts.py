"""Separation of subset-row cuts: sets of members that a fractional solution covers too much.

The odd sets of three are all looked at; larger ones are grown pair by pair, as zero-half cuts are.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from matcher.groups.cover.columns import Columns
from matcher.groups.cover.problem import BoolArray, Cut, FloatArray, IntArray
from matcher.groups.cover.twins import Twins

# A cut violated by less moves the bound too little for what it costs in pricing.
VIOLATION = 0.02
# A member in more new cuts than this makes their effects overlap.
PER_MEMBER = 5
# Members of the largest set grown, members looked at around one, and sets grown on at each step.
LONGEST, AROUND, BEAM = 11, 80, 3
# Members of a room, in times of the smallest size: in a larger one a fraction of a group is little.
LARGEST = 6


def separate(
    columns: Columns, values: FloatArray, twins: Twins, known: set[tuple[int, ...]], most: int
) -> list[Cut]:
    """Find the most violated subset-row cuts on up to three classes (Jepsen et al. 2008).

    columns, values: the master's columns and its solution. known: cuts there already; new ones are
    added to it. Returns at most `most`, of whole classes each, without a price.
    """
    return _chosen(_violated(columns, values, twins), twins, known, most)


def separate_larger(
    columns: Columns, values: FloatArray, twins: Twins, known: set[tuple[int, ...]], most: int
) -> list[Cut]:
    """Find violated subset-row cuts on up to `LONGEST` members, like `separate`, where triples give no more.

    On an odd set T, columns together cover floor(|T| / 2) at most; a solution is above that by
    (1 - w) / 2, where w is what its columns with an odd number of members in T weigh together
    (zero-half cuts: Caprara & Fischetti 1996). A set of one has w = 1; taking in or letting go two
    members at a time keeps it odd, and all pairs are weighed by one product of matrices.
    """
    return _chosen(_grown(columns, values, twins), twins, known, most)


def _chosen(
    found: list[tuple[float, tuple[int, ...]]],
    twins: Twins,
    known: set[tuple[int, ...]],
    most: int,
) -> list[Cut]:
    """Take the most violated sets of classes whose members are not in too many of them."""
    found.sort(key=lambda item: (-item[0], item[1]))
    members = twins.members()
    used: dict[int, int] = {}
    chosen: list[Cut] = []
    for _, subset in found:
        cut = tuple(sorted(member for item in subset for member in members[item]))
        if cut in known or max(used.get(item, 0) for item in subset) >= PER_MEMBER:
            continue
        for item in subset:
            used[item] = used.get(item, 0) + 1
        known.add(cut)
        chosen.append(Cut(cut, 0.0))
        if len(chosen) >= most:
            break
    return chosen


def full_rooms(
    columns: Columns, values: FloatArray, twins: Twins, known: set[tuple[int, ...]], smallest: int
) -> list[Cut]:
    """Find sets of members in which there are more groups than their number has room for.

    Seven members have room for one group of five, and groups of five that share the seven make seven fifths.
    Classes are joined by how much the solution puts them together, the most first, and each set that comes of
    that is looked at.
    """
    if smallest < 3:
        return []
    support = np.flatnonzero(values > 1e-7)
    rows = np.append(twins.classes, len(twins.demand))[columns.groups[support]]
    groups = [[item for item in row if item < len(twins.demand)] for row in rows.tolist()]
    weight = values[support].tolist()
    room: dict[int, tuple[int, ...]] = {row: (row,) for row in range(len(twins.demand))}
    touching: dict[int, set[int]] = {row: set() for row in room}
    together: dict[tuple[int, int], float] = {}
    for number, group in enumerate(groups):
        for item in set(group):
            touching[item].add(number)
        for pair in combinations(sorted(set(group)), 2):
            together[pair] = together.get(pair, 0.0) + weight[number]
    members = twins.members()
    owner = list(room)
    found = []
    for one, other in sorted(together, key=lambda pair: (-together[pair], pair)):
        kept, joined = sorted((owner[one], owner[other]), key=lambda row: -len(room[row]))
        if kept == joined or len(room[kept]) + len(room[joined]) > LARGEST * smallest:
            continue
        room[kept] += room.pop(joined)
        touching[kept] |= touching.pop(joined)
        for item in room[kept]:
            owner[item] = kept
        inside = set(room[kept])
        held = sum(
            weight[number] * (sum(item in inside for item in groups[number]) // smallest)
            for number in touching[kept]
        )
        cut = tuple(sorted(member for item in room[kept] for member in members[item]))
        if held > len(cut) // smallest + VIOLATION and cut not in known:
            known.add(cut)
            found.append(Cut(cut, 0.0, smallest))
    return found


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


def _grown(
    columns: Columns, values: FloatArray, twins: Twins
) -> list[tuple[float, tuple[int, ...]]]:
    """Odd sets of members without twins, grown around each member, with how much each is violated."""
    support = np.flatnonzero((values > 1e-7) & (values < 1.0 - 1e-7))
    lone = np.append(twins.demand == 1, False)
    rows = np.append(twins.classes, len(twins.demand))[columns.groups[support]]
    members = np.unique(rows[lone[rows]])
    holds = np.zeros((len(support), len(lone)), dtype=np.bool_)
    holds[np.arange(len(support))[:, None], rows] = True
    holds = holds[:, members]
    linked = holds.T.astype(np.float32) @ holds.astype(np.float32) > 0.0
    found: dict[tuple[int, ...], float] = {}
    for start in range(len(members)):
        near = _around(linked, start)
        touching = holds[:, near].any(1)
        signs = np.where(holds[np.ix_(touching, near)], -1.0, 1.0)
        first = int(np.searchsorted(near, start))
        for odd, grown in _grow(signs, values[support[touching]], first):
            found[tuple(members[near[sorted(grown)]].tolist())] = (1.0 - odd) / 2.0
    return [(excess, subset) for subset, excess in found.items() if excess > VIOLATION]


def _around(linked: BoolArray, start: int) -> IntArray:
    """Members that columns link to one, step by step, until the next step would be too wide."""
    inside = linked[start]
    while True:
        wider = linked[inside].any(0)
        if wider.sum() > AROUND or wider.sum() == inside.sum():
            return np.flatnonzero(inside)
        inside = wider


def _grow(signs: FloatArray, weight: FloatArray, first: int) -> list[tuple[float, frozenset[int]]]:
    """Grow odd sets from one member, two members a step; each with what its odd columns weigh.

    signs: columns x members, -1 where a column holds a member, else 1. weight: of each column.
    """
    found: list[tuple[float, frozenset[int]]] = []
    pairs = np.triu_indices(signs.shape[1], 1)
    front = [(frozenset([first]), signs[:, first])]
    seen = {front[0][0]}
    for _ in range(LONGEST // 2):
        grown: list[tuple[float, frozenset[int], FloatArray]] = []
        for subset, parity in front:
            odd = (weight.sum() - (signs.T @ (signs * (weight * parity)[:, None]))[pairs]) / 2.0
            for number in np.argsort(odd, kind="stable")[: 3 * BEAM].tolist():
                one, other = int(pairs[0][number]), int(pairs[1][number])
                larger = subset ^ {one, other}
                if odd[number] <= 1.0 + 1e-9 and len(larger) > 1 and larger not in seen:
                    seen.add(larger)
                    new = parity * signs[:, one] * signs[:, other]
                    grown.append((float(odd[number]), larger, new))
        grown.sort(key=lambda item: (item[0], sorted(item[1])))
        found += [(odd, subset) for odd, subset, _ in grown[:BEAM]]
        front = [(subset, parity) for _, subset, parity in grown[:BEAM]]
    return found
