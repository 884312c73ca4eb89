"""Groups that prices overrate, grown member by member about each one: most there are, in a fraction of a listing's time."""

from __future__ import annotations

import numpy as np

from matcher.groups.cover.large.region import ListTask, PricedBlock
from matcher.groups.cover.problem import IntArray

# Members about each one that its groups are grown from (bits of a word), and sets kept from one size to the next.
NEAR, KEPT = 32, 24
# More than any set weighs.
_FAR = 1e17


def grow_block(task: ListTask) -> PricedBlock:
    """Grow groups of one size about every member of a block, a few of the lightest sets at a time (beam search).

    No bound rests on it: what it does not find, a listing of all does.
    """
    overrated, size, rows = task.overrated, task.size, task.block
    near = _lightest(task)
    among = near.shape[1]
    between = np.stack([overrated.weights(own, size, own) for own in near])
    member = np.arange(len(rows))[:, None]
    star = np.take_along_axis(overrated.weights(rows, size), near, axis=1)[:, None, :]
    sums, sets = np.zeros((len(rows), 1)), np.zeros((len(rows), 1), dtype=np.int64)
    for held in range(1, size):
        total = (sums[:, :, None] + star).reshape(len(rows), -1)
        joined = (sets[:, :, None] | (1 << np.arange(among))).reshape(len(rows), -1)
        # A set comes once for each of its members that may have been the last.
        most = min(KEPT * held, total.shape[1])
        some = np.argpartition(total, most - 1, axis=1)[:, :most]
        some = np.take_along_axis(some, np.argsort(joined[member, some], axis=1), axis=1)
        sums, sets = total[member, some], joined[member, some]
        sums[:, 1:][sets[:, 1:] == sets[:, :-1]] = _FAR
        best = np.argsort(sums, axis=1, kind="stable")[:, :KEPT]
        some, sums, sets = some[member, best], sums[member, best], sets[member, best]
        star = star[member, some // among] + between[member, some % among]
    found = sums < 0.0
    row = np.nonzero(found)[0]
    inside = np.nonzero(sets[found][:, None] >> np.arange(among) & 1)[1].reshape(-1, size - 1)
    groups = np.sort(np.column_stack([rows[row], near[row[:, None], inside]]), axis=1)
    groups, once = np.unique(groups, axis=0, return_index=True)
    return PricedBlock(*overrated.overrated(groups, sums[found][once]))


def _lightest(task: ListTask) -> IntArray:
    """The members that weigh least with each of a block's, rising."""
    table = task.overrated.weights(task.block, task.size)
    most = min(NEAR, table.shape[1] - 1)
    return np.sort(np.argpartition(table, most - 1, axis=1)[:, :most], axis=1)
