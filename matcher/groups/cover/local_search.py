"""Local search on a partition: moves of one member and exchanges of two, all evaluated at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.groups.cover.problem import Cover, FloatArray, Groups, IntArray

# A gain under this share of the objective is rounding.
_NOISE = 1e-11


class LocalSearch:
    """A partition under change, with the sum of dissimilarities from each member to each group.

    Groups that the filter forbids are allowed in between at a price above any true cost, so that
    the search walks out of them.
    """

    def __init__(self, cover: Cover, groups: Groups) -> None:
        self._cover = cover
        self._near = cover.dense
        self._extra = cover.extra
        self._labels = np.empty(cover.n, dtype=np.int64)
        for number, group in enumerate(groups):
            self._labels[list(group)] = number
        count = len(groups)
        self._scale = np.array(cover.scale)
        inside = np.zeros((cover.n, count))
        inside[np.arange(cover.n), self._labels] = 1.0
        self._sizes = np.bincount(self._labels, minlength=count)
        self._reach = self._near @ inside
        self._more = None if self._extra is None else self._off_diagonal() @ inside
        self._bad = np.zeros(count, dtype=np.bool_)
        if cover.allowed is not None:
            for number in range(count):
                self._bad[number] = self._forbidden(np.flatnonzero(self._labels == number))
        self._price = 10.0 * (
            1.0
            + float(np.abs(self._near).max(initial=0.0)) * cover.sizes[-1]
            + (0.0 if self._extra is None else float(np.abs(self._extra).max(initial=0.0)))
        )
        self._price *= cover.sizes[-1] ** 2

    def _off_diagonal(self) -> FloatArray:
        """Extras with a zero diagonal."""
        extra = np.array(self._extra)
        np.fill_diagonal(extra, 0.0)
        return extra

    @property
    def groups(self) -> Groups:
        """The partition now."""
        order = np.argsort(self._labels, kind="stable")
        ends = np.cumsum(self._sizes)[:-1]
        return tuple(
            tuple(int(member) for member in part) for part in np.split(order, ends) if len(part)
        )

    @property
    def is_allowed(self) -> bool:
        """Whether the filter allows every group."""
        return not self._bad.any()

    def run(self, keep_going: Callable[[], bool], rounds: int = 1000) -> None:
        """Improve until no move or exchange helps, the rounds are used or it is told to stop."""
        for _ in range(rounds):
            if not keep_going():
                return
            changed = self._apply(*self._moves())
            changed += self._apply(*self._swaps())
            if not changed:
                return

    def _moves(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Gains of moving a member to a group: values, members, and minus 1 - the group's number."""
        cover, labels, sizes = self._cover, self._labels, self._sizes
        every = np.arange(cover.n)
        own = self._reach[every, labels]
        total = np.bincount(labels, weights=own, minlength=len(sizes)) / 2
        down = self._scale[np.maximum(sizes - 1, 0)]
        top = np.minimum(sizes + 1, len(self._scale) - 1)
        leave = down[labels] * (total[labels] - own) - self._scale[sizes][labels] * total[labels]
        enter = self._scale[top] * (total + self._reach) - self._scale[sizes] * total
        if self._more is not None:
            leave = leave - self._more[every, labels]
            enter = enter + self._more
        change = leave[:, None] + enter
        change = change - self._price * (self._bad[labels][:, None] | self._bad[None, :])
        change[every, labels] = np.inf
        change[sizes[labels] <= cover.smallest] = np.inf
        change[:, sizes >= cover.sizes[-1]] = np.inf
        target = np.argmin(change, axis=1)
        gain = change[every, target]
        useful = np.flatnonzero(gain < -self._noise())
        return gain[useful], useful, -1 - target[useful]

    def _swaps(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Gains of exchanging two members: values, and the two."""
        labels = self._labels
        every = np.arange(self._cover.n)
        own = self._reach[every, labels]
        scale = self._scale[self._sizes][labels]
        # to[i, j]: what j's group would cost more with i in the place of j, its own group aside.
        to = scale[None, :] * (self._reach[:, labels] - self._near - own[None, :])
        if self._more is not None and self._extra is not None:
            to += self._more[:, labels] - self._extra - self._more[every, labels][None, :]
        change = to + to.T
        change -= self._price * (self._bad[labels][:, None] | self._bad[labels][None, :])
        change[labels[:, None] == labels[None, :]] = np.inf
        partner = np.argmin(change, axis=1)
        gain = change[every, partner]
        useful = np.flatnonzero(gain < -self._noise())
        return gain[useful], useful, partner[useful]

    def _noise(self) -> float:
        """A gain that is not rounding."""
        return _NOISE * (1e-300 + float(np.abs(self._reach).max(initial=0.0)))

    def _apply(self, gain: FloatArray, members: IntArray, partners: IntArray) -> int:
        """Carry out the best changes that share no group; return how many."""
        touched: set[int] = set()
        done = 0
        for number in np.argsort(gain, kind="stable").tolist():
            member, partner = int(members[number]), int(partners[number])
            one = int(self._labels[member])
            other = -1 - partner if partner < 0 else int(self._labels[partner])
            if one in touched or other in touched:
                continue
            if self._cover.allowed is not None and not self._is_better(
                float(gain[number]), member, partner, one, other
            ):
                continue
            touched |= {one, other}
            self._relabel(member, one, other)
            if partner >= 0:
                self._relabel(partner, other, one)
            done += 1
        return done

    def _is_better(self, gain: float, member: int, partner: int, one: int, other: int) -> bool:
        """Whether a change still gains when the filter has looked at both groups after it."""
        first = np.flatnonzero(self._labels == one)
        second = np.append(np.flatnonzero(self._labels == other), member)
        first = first[first != member]
        if partner >= 0:
            first = np.append(first, partner)
            second = second[second != partner]
        after = (self._forbidden(first), self._forbidden(second))
        before = self._bad[one] or self._bad[other]
        true = gain + self._price * bool(before)
        true += self._price * (sum(after) - int(self._bad[one]) - int(self._bad[other]))
        if true >= -self._noise():
            return False
        self._bad[one], self._bad[other] = after
        return True

    def _forbidden(self, members: IntArray) -> bool:
        """Whether the filter forbids a group."""
        return not bool(self._cover.permits(np.sort(members)[None, :])[0])

    def _relabel(self, member: int, one: int, other: int) -> None:
        """Move a member, keeping the sums."""
        self._reach[:, one] -= self._near[:, member]
        self._reach[:, other] += self._near[:, member]
        if self._more is not None and self._extra is not None:
            self._more[:, one] -= self._extra[:, member]
            self._more[:, other] += self._extra[:, member]
            self._more[member, one] += self._extra[member, member]
            self._more[member, other] -= self._extra[member, member]
        self._labels[member] = other
        self._sizes[one] -= 1
        self._sizes[other] += 1
