"""What each slot grants, and what it would grant after a swap: the people as columns of numbers, or as bits."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.programme.search.bits import WishBits
from matcher.programme.search.crowd import Floats
from matcher.programme.search.grid import Grid, Ints, copies_in

# As many numbers as one batch of swaps looks at: large enough to pay for the calls, small enough
# to stay in a core's own cache.
_BATCH = 16_384
# About the seconds that a step takes on an idle machine, and what each word of its batch adds.
_STEP_WORK, _BITS_WORK, _WORD_WORK = 5e-5, 1e-4, 2e-8


class Columns(Protocol):
    """The people in each slot, with what makes a swap cheap kept ready; `work` is what a step counts as."""

    slot_value: NDArray[np.float64]
    rows_at_once: int
    work: float

    def fill(self) -> None:
        """Work everything out anew from what stands in the cells."""

    def refresh(self, slot: int) -> None:
        """Work a slot out anew from its rows."""

    def exchange(self, one: int, other: int) -> None:
        """Exchange the rows of two cells whose entries were exchanged."""

    def write(self, cells: Ints) -> None:
        """Write the rows of some cells anew."""

    def after(
        self, cell: int, low: int, high: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what the slots of [low, high), and of the cell, would grant after each swap with it."""


class Numbers:
    """Any worth: for each cell "the best wish of each group in this slot without what stands here"."""

    def __init__(self, grid: Grid, value_of: Floats, count: Floats) -> None:
        """Take the worth of each copy (an empty cell last) and the people here in each slot (the bench last)."""
        self._grid = grid
        self._value_of = value_of
        self._count = count
        self._is_constant = bool((count[:-1] == count[:1]).all())
        self.work = _STEP_WORK
        cells, groups = len(grid.entry), value_of.shape[1]
        self.rows_at_once = max(grid.rooms, _BATCH // max(groups, 1))
        self._there = np.empty((cells, groups), dtype=np.float32)
        self._back = np.empty((cells, groups), dtype=np.float32)
        self.fill()

    def fill(self) -> None:
        """Work everything out anew from what stands in the cells."""
        self._worth = self._value_of[copies_in(self._grid.entry)]
        self._without = np.zeros_like(self._worth)
        self.slot_value = np.zeros(self._grid.slots + 1)
        self._count_of = self._count[self._grid.slot_of]
        for slot in range(self._grid.slots):
            self.refresh(slot)

    def refresh(self, slot: int) -> None:
        """Recompute the slot's value and, for each cell in it, the best of the other cells."""
        if slot == self._grid.slots:
            return
        cells = self._grid.cells_of(slot)
        rows, without = self._worth[cells], self._without[cells]
        # From the left into `without`, then from the right: row by row, which numpy does fastest.
        last = len(rows) - 1
        without[0] = 0
        for row in range(last):
            np.maximum(without[row], rows[row], out=without[row + 1])
        best = np.maximum(without[last], rows[last])
        self.slot_value[slot] = float(best @ self._count[slot])
        right = rows[last].copy()
        for row in range(last - 1, -1, -1):
            np.maximum(without[row], right, out=without[row])
            np.maximum(right, rows[row], out=right)

    def exchange(self, one: int, other: int) -> None:
        """Exchange the rows of two cells whose entries were exchanged."""
        self._worth[[one, other]] = self._worth[[other, one]]

    def write(self, cells: Ints) -> None:
        """Write the rows of some cells anew."""
        self._worth[cells] = self._value_of[copies_in(self._grid.entry[cells])]

    def after(
        self, cell: int, low: int, high: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what the slots of [low, high), and of the cell, would grant after each swap with it."""
        here = int(self._grid.slot_of[cell])
        there, back = self._there[low:high], self._back[low:high]
        np.maximum(self._without[low:high], self._worth[cell], out=there)
        np.maximum(self._worth[low:high], self._without[cell], out=back)
        if self._is_constant:
            new_there = there @ self._count[0]
            new_there[self._grid.slot_of[low:high] == self._grid.slots] = 0
        else:
            new_there = np.einsum("ij,ij->i", there, self._count_of[low:high])
        return new_there.astype(np.float64), (back @ self._count[here]).astype(np.float64)


class Bits:
    """Wishes of a few weights: what a slot grants is a count of bits (see `WishBits`)."""

    def __init__(self, grid: Grid, value_of: Floats, count: Floats) -> None:
        """Take the same as `Numbers`, of few weights."""
        self._grid = grid
        wishes = WishBits(value_of, count.max(axis=0).astype(np.int64))
        self._words, self._steps = wishes.words, wishes.steps
        self._here = wishes.of_groups(count > 0)
        self._is_constant = bool((self._here[:-1] == self._here[:1]).all())
        cells, width = len(grid.entry), len(self._steps)
        self.rows_at_once = max(grid.rooms, _BATCH // width)
        self.work = _BITS_WORK + _WORD_WORK * width * min(self.rows_at_once, grid.first_bench)
        self._both = np.empty((2, cells, width), dtype=np.uint64)
        self._counts = np.empty((2, cells, width), dtype=np.uint8)
        self._numbers = np.empty((2, cells, width), dtype=np.float32)
        self.fill()

    def fill(self) -> None:
        """Work everything out anew from what stands in the cells."""
        self._own = self._words[copies_in(self._grid.entry)]
        self._without = np.zeros_like(self._own)
        self.slot_value = np.zeros(self._grid.slots + 1)
        self._here_of = self._here[self._grid.slot_of]
        for slot in range(self._grid.slots):
            self.refresh(slot)

    def refresh(self, slot: int) -> None:
        """Recompute the slot's value and, for each cell in it, the union of the other cells."""
        if slot == self._grid.slots:
            return
        cells = self._grid.cells_of(slot)
        rows, without = self._own[cells], self._without[cells]
        left = np.bitwise_or.accumulate(rows, axis=0)
        right = np.bitwise_or.accumulate(rows[::-1], axis=0)[::-1]
        without[0] = 0
        without[1:] = left[:-1]
        without[:-1] |= right[1:]
        self.slot_value[slot] = float(np.bitwise_count(left[-1] & self._here[slot]) @ self._steps)

    def exchange(self, one: int, other: int) -> None:
        """Exchange the rows of two cells whose entries were exchanged."""
        self._own[[one, other]] = self._own[[other, one]]

    def write(self, cells: Ints) -> None:
        """Write the rows of some cells anew."""
        self._own[cells] = self._words[copies_in(self._grid.entry[cells])]

    def after(
        self, cell: int, low: int, high: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what the slots of [low, high), and of the cell, would grant after each swap with it."""
        here, many = int(self._grid.slot_of[cell]), high - low
        both, counts = self._both[:, :many], self._counts[:, :many]
        numbers = self._numbers[:, :many]
        np.bitwise_or(self._without[low:high], self._own[cell], out=both[0])
        np.bitwise_or(self._own[low:high], self._without[cell], out=both[1])
        if not self._is_constant:
            both[0] &= self._here_of[low:high]
            both[1] &= self._here[here]
        np.bitwise_count(both, out=counts)
        np.copyto(numbers, counts)
        granted = (numbers @ self._steps).astype(np.float64)
        granted[0, self._grid.slot_of[low:high] == self._grid.slots] = 0
        if here == self._grid.slots:
            granted[1] = 0
        return granted[0], granted[1]
