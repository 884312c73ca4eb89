"""Networks that stand since the newest round: who is in which, what moving costs, and newcomers put into them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.groups.cover.columns import Columns, from_groups, join
from matcher.groups.cover.problem import BoolArray, Cover, FloatArray, Groups, IntArray
from matcher.groups.model.layer import Group, Layer
from matcher.groups.model.problem import Problem
from matcher.groups.rules import left_of_newest, standing_networks


def labels_of(networks: tuple[Group, ...], members: Group) -> IntArray:
    """Number the network of each member by the members' places; -1 = in none."""
    own = {member: number for number, group in enumerate(networks) for member in group}
    return np.array([own.get(member, -1) for member in members], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing network is whole in one network and no two are; labels: its number, -1 = a newcomer."""

    labels: IntArray

    def __call__(self, groups: IntArray) -> BoolArray:
        """Tell which of k groups of one size (k x m) fulfil it."""
        own = self.labels[groups]
        top = own.max(1)
        sizes = np.bincount(self.labels[self.labels >= 0], minlength=int(self.labels.max()) + 1)
        alone = ((own == top[:, None]) | (own < 0)).all(1)
        is_whole = (own == top[:, None]).sum(1) == np.append(sizes, 0)[top]
        return np.asarray(alone & (is_whole | (top < 0)), dtype=np.bool_)

    @property
    def marks(self) -> FloatArray:
        """The network's number."""
        return self.labels[:, None].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Moved:
    """Each member costs that is not where its network lives on; labels: its number, -1 = a newcomer."""

    labels: IntArray
    cost: float

    def __call__(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size (k x m) costs."""
        labels = self.labels
        sizes = np.bincount(labels[labels >= 0], minlength=int(labels.max(initial=-1)) + 1)
        own = labels[groups]
        best = np.zeros(len(groups), dtype=np.int64)
        kept = np.zeros(len(groups), dtype=np.int64)
        for column in range(groups.shape[1]):
            label = own[:, column]
            count = (own == label[:, None]).sum(1) * (label >= 0)
            lives = (2 * count > np.append(sizes, 0)[label]) & (label >= 0)
            # Most members, then the first of the round.
            rank = np.where(lives, count * (len(sizes) + 1) - label, 0)
            is_better = rank > best
            best[is_better], kept[is_better] = rank[is_better], count[is_better]
        return np.asarray(self.cost * ((own >= 0).sum(1) - kept), dtype=np.float64)


def start_of(problem: Problem, layer: Layer, cover: Cover) -> Groups | None:
    """Put each newcomer in the standing network with room where it costs least; None where they do not fit."""
    members = problem.participants(layer)
    labels = labels_of(standing_networks(problem, layer), members)
    groups = [np.flatnonzero(labels == n).tolist() for n in range(int(labels.max(initial=-1)) + 1)]
    waiting = np.flatnonzero(labels < 0).tolist()
    # Those that are too small come first; what then is left over makes networks of its own.
    for group in groups:
        while waiting and len(group) < cover.smallest:
            near = cover.distances.block(np.array(waiting), np.array(group)).sum(1)
            group.append(waiting.pop(int(np.argmin(near))))
    while len(waiting) >= cover.smallest:
        groups.append(waiting[: cover.smallest])
        waiting = waiting[cover.smallest :]
    for newcomer in waiting:
        room = [group for group in groups if len(group) < cover.largest]
        if not room:
            return None
        one = np.array([newcomer])
        costs = [float(cover.distances.block(one, np.array(group)).mean()) for group in room]
        room[int(np.argmin(costs))].append(newcomer)
    fits = all(len(group) in cover.sizes for group in groups)
    return tuple(tuple(group) for group in groups) if fits else None


def kept_columns(problem: Problem, layer: Layer, cover: Cover) -> Columns:
    """List what is left of each network of the newest round, as it is, with one more and with one less."""
    place = {member: number for number, member in enumerate(problem.participants(layer))}
    found: set[tuple[int, ...]] = set()
    for network in left_of_newest(problem, layer):
        own = sorted(place[member] for member in network)
        found.add(tuple(own))
        found |= {tuple(sorted([*own, one])) for one in range(cover.n) if one not in own}
        found |= {tuple(member for member in own if member != one) for one in own}
    fitting = [group for group in sorted(found) if len(group) in cover.sizes]
    listed = [group for group in fitting if bool(cover.permits(np.array([group])).all())]
    return join([from_groups(cover, tuple(listed))], cover)
