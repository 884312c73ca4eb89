"""Members that no partition can tell apart: each class becomes one row of the master."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.groups.cover.problem import Cover, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Twins:
    """Classes of interchangeable members.

    classes: each member's class. demand: members per class. previous: the twin before a member in
    its class, -1 for the first. A group is in its plain form when it holds no member without the
    twin before it; one plain group stands for all that exchange of twins makes of it.
    """

    classes: IntArray
    demand: IntArray
    previous: IntArray

    @property
    def any(self) -> bool:
        """Whether two members are alike at all."""
        return len(self.demand) < len(self.classes)

    def plain(self, groups: IntArray) -> IntArray:
        """Bring groups (k x width, filled with n) into their plain form."""
        if not self.any:
            return groups
        n, rank = len(self.classes), self.ranks()
        order = np.lexsort((rank, self.classes))
        first = np.searchsorted(self.classes[order], np.arange(len(self.demand)))
        classes = np.sort(np.append(self.classes, len(self.demand))[groups], axis=1)
        place = np.zeros_like(classes)
        for column in range(1, classes.shape[1]):
            same = classes[:, column] == classes[:, column - 1]
            place[:, column] = np.where(same, place[:, column - 1] + 1, 0)
        start = np.append(first, n)
        members = np.append(order, n)[np.minimum(start[classes] + place, n)]
        return np.asarray(np.sort(members, axis=1), dtype=np.int64)

    def ranks(self) -> IntArray:
        """How many twins stand before each member in its class."""
        rank = np.zeros(len(self.classes), dtype=np.int64)
        for member, before in enumerate(self.previous.tolist()):
            if before >= 0:
                rank[member] = rank[before] + 1
        return rank

    def members(self) -> list[list[int]]:
        """The members of each class, in order."""
        lists: list[list[int]] = [[] for _ in self.demand]
        for member, row in enumerate(self.classes.tolist()):
            lists[row].append(member)
        return lists


def no_twins(n: int) -> Twins:
    """Every member in a class of its own."""
    every = np.arange(n)
    return Twins(every, np.ones(n, dtype=np.int64), np.full(n, -1, dtype=np.int64))


def find_twins(cover: Cover) -> Twins:
    """Group members whose dissimilarities and extras to all others agree.

    Differences under 1e-12 of the largest value are rounding, not news.
    """
    n = cover.n
    asks_who = cover.allowed is not None or cover.besides is not None
    if asks_who and cover.kinds is None:
        return no_twins(n)
    tables = [cover.dense] if cover.extra is None else [cover.dense, cover.extra]
    classes = np.full(n, -1, dtype=np.int64)
    demand: list[int] = []
    previous = np.full(n, -1, dtype=np.int64)
    last: dict[int, int] = {}
    leaders: dict[bytes, list[int]] = {}
    kinds = np.zeros(n, dtype=np.int64) if cover.kinds is None else cover.kinds
    signatures = np.concatenate([signature(table) for table in tables], axis=1)
    for member in range(n):
        bucket = leaders.setdefault(
            signatures[member].tobytes() + kinds[member].tobytes(),
            [],
        )
        row = next(
            (int(classes[leader]) for leader in bucket if alike(tables, leader, member)),
            len(demand),
        )
        if row == len(demand):
            demand.append(0)
            bucket.append(member)
        else:
            previous[member] = last[row]
        classes[member] = row
        demand[row] += 1
        last[row] = member
    return Twins(classes, np.array(demand, dtype=np.int64), previous)


def signature(table: FloatArray) -> FloatArray:
    """Two figures per member that twins share: the sum of its row and of its row's squares."""
    largest = float(np.abs(table).max()) or 1.0
    unit = table / largest
    return np.stack([np.round(unit.sum(1), 7), np.round((unit**2).sum(1), 7)], axis=1) + 0.0


def alike(tables: list[FloatArray], a: int, b: int) -> bool:
    """Whether exchanging a and b changes nothing in any table."""
    for table in tables:
        difference = np.abs(table[a] - table[b])
        difference[[a, b]] = 0.0
        if difference.max() > 1e-12 * float(np.abs(table).max()):
            return False
    return True
