"""Simulated annealing on the exact wished weight: every swap of one topic with all others at once.

The state is a grid of cells (slot, room) and a bench of topics that do not run. All moves are swaps
of two entries, empty cells counted as entries, so that placing, moving, dropping and exchanging
are one move. For one entry the gains of its swaps with *all* others are computed together from
cached columns ("the best wish of each person in this slot without entry j"), and one of them is
drawn with probability exp(gain / temperature): a heat bath, which wastes no step when it is cold.
"""

import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.programme.search.crowd import Crowd, Floats
from matcher.programme.search.grid import Grid, Ints
from matcher.programme.search.seats import room_limits, seat_loss
from matcher.proof import OnProgress, Progress

# From the gain at which half of all swaps are taken to the one at which a single wish decides.
_HOTTEST_SHARE = 0.2
_COLDEST_SHARE = 0.01
_SWEEP = 64
# As many numbers as one batch of swaps looks at: large enough to pay for the calls, small enough
# to stay in a core's own cache.
_BATCH = 16_384
_RECHOICE = 256
_REPORT_SECONDS = 0.5
_LEAST_GAIN = 1e-3
_SAMPLE = 8
_SURELY_NOT = 700.0
_HOPELESS_SHARE = 0.5


Check: TypeAlias = Callable[[Ints, tuple[int, int]], bool]
"""Given the entry of every cell and the two cells just swapped: do the wider rules hold?"""


class Annealing:
    """The state of the search with everything cached that makes a swap cheap."""

    def __init__(
        self,
        places: Places,
        crowd: Crowd,
        runs: tuple[Run, ...],
        seed: int,
        check: Check | None = None,
    ) -> None:
        self.places = places
        self.crowd = crowd
        self.check = check
        self.random = np.random.default_rng(seed)
        self.grid = Grid(places, runs)
        self._fill_tables()
        self._fill_seats()
        self._choose_copies()
        self._refresh_all()

    def _fill_tables(self) -> None:
        places, grid = self.places, self.grid
        copies = len(places.copies)
        cells, groups = len(grid.entry), self.crowd.worth.shape[1]
        # The last row stands for an empty cell: it may be anywhere and clashes with nothing.
        self.allowed = np.ones((copies + 1, cells), dtype=np.bool_)
        for copy in range(copies):
            self.allowed[copy, : grid.first_bench] = places.copy_cells(copy).reshape(-1)
            self.allowed[copy, grid.first_bench :] = not places.must_place(copy)
            if places.problem.sessions[places.copies[copy][0]].duration > 1:
                self.allowed[copy] = False
        hosts = [places.problem.sessions[session].hosts for session, _ in places.copies]
        self.clash = np.zeros((copies + 1, copies + 1), dtype=np.int16)
        for one in range(copies):
            for other in range(one):
                same = places.copies[one][0] == places.copies[other][0]
                self.clash[one, other] = self.clash[other, one] = same or bool(
                    hosts[one] & hosts[other]
                )
        self.has_clashes = bool(self.clash.any())
        session_of = [session for session, _ in places.copies]
        nothing = np.zeros((1, groups), dtype=np.float32)
        self.value_of = np.vstack([self.crowd.worth[session_of], nothing])
        # The bench is a slot in which nobody is: what stands there is worth nothing.
        self.count = np.vstack([self.crowd.count, nothing])
        self.count_is_constant = bool((self.crowd.count == self.crowd.count[:1]).all())
        self.rows_at_once = max(grid.rooms, _BATCH // max(groups, 1))
        self._there = np.empty((cells, groups), dtype=np.float32)
        self._back = np.empty((cells, groups), dtype=np.float32)

    def _fill_seats(self) -> None:
        """Note the seats; they are looked at only where more people may come than a room holds."""
        everyone = float(self.count.sum(axis=1).max(initial=0.0))
        rooms = self.places.problem.rooms
        seats = [everyone if room.capacity is None else float(room.capacity) for room in rooms]
        self.seats = np.array(seats, dtype=np.float32)
        most = ((self.value_of > 0) @ self.count.max(axis=0)).max(initial=0.0)
        self.is_tight = bool(most > self.seats.min())
        # Where every topic may be in every room, the largest rooms go to the fullest runs afterwards.
        cells = self.places.cells
        somewhere = cells.any(axis=2, keepdims=True)
        self.rooms_are_alike = bool((somewhere == cells).all())

    def _choose_copies(self) -> None:
        """Let each group wish for one run only of a topic that runs several times: its best."""
        copies_of: dict[int, list[int]] = {}
        for copy, (session, _) in enumerate(self.places.copies):
            copies_of.setdefault(session, []).append(copy)
        self.repeated = [copies for copies in copies_of.values() if len(copies) > 1]
        for copies in self.repeated:
            full = self.crowd.worth[self.places.copies[copies[0]][0]]
            gains = np.stack([self._gain_of_copy(copy, full) for copy in copies])
            choice = gains.argmax(axis=0)
            self.value_of[copies] = 0
            self.value_of[np.array(copies)[choice], np.arange(len(full))] = full

    def _gain_of_copy(self, copy: int, full: Floats) -> Floats:
        cell = int(np.flatnonzero(self.grid.entry == copy)[0])
        slot = int(self.grid.slot_of[cell])
        mates = self.grid.entry[(self.grid.slot_of == slot) & (self.grid.entry >= 0)]
        best = self.value_of[mates[mates != copy]].max(axis=0, initial=0.0)
        # A hair for being there at all: a group that gains nowhere still prefers a run to the bench.
        gain = np.maximum(full - best, 0) + full * np.float32(1e-3)
        return np.asarray(gain * (self.count[slot] > 0), dtype=np.float32)

    def _refresh_all(self) -> None:
        slots = self.grid.slots + 1
        self.worth = self.value_of[self.grid.entry.clip(-1)]
        self.without = np.zeros_like(self.worth)
        self.slot_value = np.zeros(slots)
        self.losses = np.zeros(slots)
        self.clashes_in = np.zeros((len(self.clash), slots), dtype=np.int16)
        self.count_of = self.count[self.grid.slot_of]
        # What a topic's hosts add to its slot by hosting is no gain: on the bench it counts as well.
        sizes = np.array([len(group) for group in self.crowd.members], dtype=np.float64)
        self.bonus = (self.value_of >= self.crowd.hosting) @ sizes * self.crowd.hosting
        for slot in range(self.grid.slots):
            inside = self.grid.entry[self.cells_of(slot)]
            self.clashes_in[:, slot] = self.clash[:, inside[inside >= 0]].sum(axis=1)
            self._refresh_slot(slot)
            self.losses[slot] = self._loss(slot)

    def cells_of(self, slot: int) -> slice:
        """Return the cells of a slot."""
        return slice(slot * self.grid.rooms, (slot + 1) * self.grid.rooms)

    def _refresh_slot(self, slot: int) -> None:
        """Recompute the slot's value and, for each cell in it, the best of the other cells."""
        if slot == self.grid.slots:
            return
        rows = self.worth[self.cells_of(slot)]
        without = self.without[self.cells_of(slot)]
        # From the left into `without`, then from the right: row by row, which numpy does fastest.
        last = len(rows) - 1
        without[0] = 0
        for row in range(last):
            np.maximum(without[row], rows[row], out=without[row + 1])
        best = np.maximum(without[last], rows[last])
        self.slot_value[slot] = float(best @ self.count[slot])
        right = rows[last].copy()
        for row in range(last - 1, -1, -1):
            np.maximum(without[row], right, out=without[row])
            np.maximum(right, rows[row], out=right)

    def _loss(self, slot: int) -> float:
        """Return what limited seats cost in a slot."""
        if not self.is_tight or slot == self.grid.slots:
            return 0.0
        cells = self.cells_of(slot)
        count, rows = self.count[slot], self.worth[cells]
        limits = self.seats
        coming = ((rows >= self.without[cells]) & (rows > 0)) @ count
        if self.rooms_are_alike:
            usable = self.grid.entry[cells] != -2
            limits = np.where(usable, self.seats, 0)
            limits = room_limits(coming, limits)
        if (coming <= limits).all():
            return 0.0
        return seat_loss(rows, count, limits)

    @property
    def value(self) -> float:
        """The weight attended, hosting counted at its bonus, with what seats cost taken off."""
        benched = self.bonus[self.grid.entry[self.grid.first_bench :]]
        return float(self.slot_value.sum() - self.losses.sum() + benched.sum())

    def gains(self, cell: int, low: int, high: int) -> NDArray[np.float64]:
        """Return the gain of swapping a cell with those of [low, high); minus infinity: not allowed."""
        here = int(self.grid.slot_of[cell])
        slots = self.grid.slot_of[low:high]
        there, back = self._there[low:high], self._back[low:high]
        np.maximum(self.without[low:high], self.worth[cell], out=there)
        np.maximum(self.worth[low:high], self.without[cell], out=back)
        if self.count_is_constant:
            new_there = there @ self.count[0]
            new_there[slots == self.grid.slots] = 0
        else:
            new_there = np.einsum("ij,ij->i", there, self.count_of[low:high])
        new_here = back @ self.count[here]
        old = self.slot_value[slots] + self.slot_value[here]
        gains: NDArray[np.float64] = new_there.astype(np.float64) + new_here - old
        mine, theirs = self.grid.entry[cell], self.grid.entry[low:high]
        gains += (self.bonus[mine] - self.bonus[theirs]) * (
            (slots == self.grid.slots).astype(np.float64) - float(here == self.grid.slots)
        )
        fits = self.allowed[mine, low:high] & self.allowed[theirs, cell]
        fits &= (slots != here) & (theirs != -2)
        if self.has_clashes:
            together = self.clash[mine, theirs]
            fits &= (self.clashes_in[mine, slots] <= together) | (slots == self.grid.slots)
            if here != self.grid.slots:
                fits &= self.clashes_in[theirs, here] <= together
        gains[~fits] = -np.inf
        return gains

    def swap(self, one: int, other: int) -> None:
        """Exchange the entries of two cells."""
        entry = self.grid.entry
        slots = int(self.grid.slot_of[one]), int(self.grid.slot_of[other])
        if self.has_clashes:
            moved = self.clash[:, entry[one]] - self.clash[:, entry[other]]
            self.clashes_in[:, slots[0]] -= moved
            self.clashes_in[:, slots[1]] += moved
            self.clashes_in[:, self.grid.slots] = 0
        entry[[one, other]] = entry[[other, one]]
        self.worth[[one, other]] = self.worth[[other, one]]
        for slot in slots:
            self._refresh_slot(slot)

    def run(self, ends: float, on_progress: OnProgress | None = None) -> tuple[Run, ...]:
        """Anneal until the clock shows `ends`; return the runs of the best state seen."""
        began = reported = time.perf_counter()
        hot, cold = self._temperatures()
        best, best_entry = self.value, self.grid.entry.copy()
        step, temperature = 0, hot
        cells = np.flatnonzero(self.grid.entry != -2)
        starts = np.arange(0, len(self.grid.entry), self.rows_at_once)
        while True:
            if step % _SWEEP == 0:
                now = time.perf_counter()
                share = (now - began) / max(ends - began, 1e-9)
                if now - reported > _REPORT_SECONDS and on_progress is not None:
                    reported = now
                    message = Progress(now - began, best, None, "annealing")
                    share = 1.0 if on_progress(message) is False else share
                if share >= 1:
                    break
                temperature = hot * (cold / hot) ** share
                chosen = self.random.choice(cells, _SWEEP).tolist()
                lows = self.random.choice(starts, _SWEEP).tolist()
                noise = self.random.gumbel(size=(_SWEEP, self.rows_at_once + 1))
            if self.repeated and step % _RECHOICE == _RECHOICE - 1:
                self._choose_copies()
                self._refresh_all()
            place = step % _SWEEP
            self._step(chosen[place], lows[place], temperature, noise[place])
            step += 1
            if self.value > best + _LEAST_GAIN:
                best, best_entry = self.value, self.grid.entry.copy()
        return self.grid.runs(best_entry)

    def _step(self, cell: int, low: int, temperature: float, noise: NDArray[np.float64]) -> None:
        if self.grid.entry[cell] == -1:
            return
        high = min(low + self.rows_at_once, len(self.grid.entry))
        gains = self.gains(cell, low, high)
        hope = self._hope(cell, low, high)
        chances = (gains + hope) / temperature + noise[: len(gains)]
        place = int(chances.argmax())
        if chances[place] <= noise[-1] or gains[place] == -np.inf:
            return
        other = low + place
        self.swap(cell, other)
        if not self._is_taken((cell, other), float(hope[place]), temperature):
            self.swap(cell, other)

    def _hope(self, cell: int, low: int, high: int) -> NDArray[np.float64]:
        """Return, in every other step, what the swaps would gain if they ended the lack of seats.

        The gains know nothing of seats; without this hope, a topic that fills its room to the
        brim would never be moved. What the hope promised and did not keep is paid on taking.
        """
        if not self.is_tight or self.random.random() < _HOPELESS_SHARE:
            return np.zeros(high - low)
        hope: NDArray[np.float64] = self.losses[self.grid.slot_of[low:high]] + float(
            self.losses[self.grid.slot_of[cell]]
        )
        return hope

    def _is_taken(self, swapped: tuple[int, int], hope: float, temperature: float) -> bool:
        """Look at what the gains left out: wider rules, and what limited seats cost."""
        if self.check is not None and not self.check(self.grid.entry, swapped):
            return False
        if not self.is_tight:
            return True
        slots = self.grid.slot_of[list(swapped)].tolist()
        new = [self._loss(slot) for slot in slots]
        extra = (sum(new) - float(self.losses[slots].sum()) + hope) / temperature
        if extra > 0 and self.random.random() >= np.exp(-min(extra, _SURELY_NOT)):
            return False
        self.losses[slots] = new
        return True

    def _temperatures(self) -> tuple[float, float]:
        """Take the scale from the gains of random swaps: hot takes many, cold only good ones."""
        sizes: list[float] = []
        running = np.flatnonzero(self.grid.entry >= 0)
        for cell in self.random.permutation(running)[:_SAMPLE].tolist():
            gains = self.gains(cell, 0, len(self.grid.entry))
            sizes.extend(np.abs(gains[np.isfinite(gains)]).tolist())
        scale = (float(np.median(sizes)) if sizes else 0.0) or 1.0
        return scale * _HOTTEST_SHARE, scale * _COLDEST_SHARE
