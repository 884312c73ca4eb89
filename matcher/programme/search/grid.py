"""The cells of a programme in one row, slots after each other and then the bench, and what stands there."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.places import Places
from matcher.programme.problem import Run

Ints: TypeAlias = NDArray[np.int64]


_GOES_ON = -3


def goes_on(copy: int) -> int:
    """Return what stands in the cells that a long run of a copy fills after its first."""
    return _GOES_ON - copy


def copies_in(entry: Ints) -> Ints:
    """Return the copy that fills each cell, also as a long run that goes on; -1 where there is none."""
    return np.where(entry <= _GOES_ON, _GOES_ON - entry, np.maximum(entry, -1))


class Grid:
    """Cells, slot after slot, each slot's rooms side by side; then the bench, one cell per topic.

    `entry[cell]` is a copy of a session, -1 for an empty cell, -2 for one that cannot be used, and
    `goes_on(copy)` where a long run that begins in an earlier slot goes on.
    """

    def __init__(self, places: Places, runs: tuple[Run, ...]) -> None:
        self.places = places
        self.slots, self.rooms = places.cells.shape[1:]
        self.first_bench = self.slots * self.rooms
        room_index = {room.id: place for place, room in enumerate(places.problem.rooms)}
        copies = len(places.copies)
        self.entry: Ints = np.full(self.first_bench + copies, -1, dtype=np.int64)
        self.entry[: self.first_bench][~places.cells.any(axis=0).reshape(-1)] = -2
        used: set[int] = set()
        for run in sorted(runs, key=lambda one: self._is_unpinned(one, room_index)):
            slot, room = places.timeline.index[run.slot], room_index[run.room]
            copy = self._copy_for(run, slot * self.rooms + room, used)
            used.add(copy)
            for later in places.filled[places.copies[copy][0]][slot][1:]:
                self.entry[later * self.rooms + room] = goes_on(copy)
            self.entry[slot * self.rooms + room] = copy
        waiting = [copy for copy in range(copies) if copy not in used]
        self.entry[self.first_bench : self.first_bench + len(waiting)] = waiting
        self.slot_of: Ints = np.minimum(np.arange(len(self.entry)) // self.rooms, self.slots)

    def cells_of(self, slot: int) -> slice:
        """Return the cells of a slot."""
        return slice(slot * self.rooms, (slot + 1) * self.rooms)

    def runs(self, entry: Ints) -> tuple[Run, ...]:
        """Return the runs that stand in these cells."""
        copies = enumerate(entry[: self.first_bench].tolist())
        return tuple(self.run_at(cell, copy) for cell, copy in copies if copy >= 0)

    def run_at(self, cell: int, copy: int) -> Run:
        """Return the run of a copy that begins in a cell."""
        problem = self.places.problem
        slot, room = divmod(cell, self.rooms)
        session = problem.sessions[self.places.copies[copy][0]]
        return Run(session.id, problem.slots[slot].id, problem.rooms[room].id)

    def _copy_for(self, run: Run, cell: int, used: set[int]) -> int:
        session = self.places.session_index[run.session]
        return next(
            copy
            for copy, (owner, _) in enumerate(self.places.copies)
            if owner == session and copy not in used and self.places.copy_cells(copy).flat[cell]
        )

    def _is_unpinned(self, run: Run, room_index: dict[str, int]) -> bool:
        """Runs at their session's pin come first, so that they get the copy with the pin."""
        session = self.places.problem.sessions[self.places.session_index[run.session]]
        first = self.places.copies.index((self.places.session_index[session.id], 0))
        slot, room = self.places.timeline.index[run.slot], room_index[run.room]
        return not self.places.copy_cells(first)[slot, room]
