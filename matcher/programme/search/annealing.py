"""Simulated annealing on the exact wished weight: every swap of one topic with all others at once.

The state is a grid of cells (slot, room) and a bench of topics that do not run. All moves are swaps
of two entries, empty cells counted as entries, so that placing, moving, dropping and exchanging
are one move. For one entry the gains of its swaps with *all* others are computed together from
cached columns ("the best wish of each person in this slot without entry j"), and one of them is
drawn with probability exp(gain / temperature): a heat bath, which wastes no step when it is cold.

A topic that lasts several slots fills as many cells, each worth its share of the wish. It is put
somewhere at random, what stood there makes way, and the whole is kept or taken back.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.effort import Effort
from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.programme.search.bits import are_few
from matcher.programme.search.columns import Bits, Columns, Numbers
from matcher.programme.search.crowd import Crowd, Floats
from matcher.programme.search.grid import Grid, Ints, copies_in, goes_on
from matcher.programme.search.seats import room_limits, seat_loss
from matcher.proof import OnProgress, Progress

# From the gain at which half of all swaps are taken to the one at which a single wish decides.
_HOTTEST_SHARE = 0.2
_COLDEST_SHARE = 0.01
_SWEEP = 64
_MOST_KNOWN = 200_000
_RECHOICE = 256
_REPORT_SECONDS = 0.5
_LEAST_GAIN = 1e-3
_SAMPLE = 8
_SURELY_NOT = 700.0
# About the seconds that long runs add to a step on an idle machine.
_LONG_WORK = 9e-5
_HOPELESS_SHARE = 0.5
# One long run is tried somewhere in so many swaps: it is dearer, and a meeting has fewer of them.
_LONG_EVERY = 3
# So often a long run is taken out rather than put elsewhere.
_LEAVING_SHARE = 0.1


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
        self._known_losses: dict[tuple[int, bytes], float] = {}
        self._fill_tables()
        self._fill_seats()
        self._choose_copies()
        # The worth of a topic that runs several times changes on the way.
        is_short = not self.repeated and are_few(self.value_of)
        way = Bits if is_short else Numbers
        self.columns: Columns = way(self.grid, self.value_of, self.count)
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
        durations = [places.problem.sessions[session].duration for session, _ in places.copies]
        self.durations: Ints = np.array(durations, dtype=np.int64)
        self.long: list[int] = np.flatnonzero(self.durations > 1).tolist()
        # Long runs are no party to swaps; `starts_of` is where they may begin instead.
        self.starts_of = {
            copy: np.flatnonzero(self.allowed[copy, : grid.first_bench]) for copy in self.long
        }
        self.may_leave = self.allowed[:, -1].copy()
        self.allowed[self.long] = False
        for copy in self._published():
            self.allowed[copy] = self.may_leave[copy] = False
            self.long = [one for one in self.long if one != copy]
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
        self.value_of = np.vstack(
            [self._per_slot(self.crowd.worth[session_of], range(copies)), nothing]
        )
        # The bench is a slot in which nobody is: what stands there is worth nothing.
        self.count = np.vstack([self.crowd.count, nothing])

    def _published(self) -> list[int]:
        """Return the copies that stand where people were told: they stay."""
        known = set(self.places.problem.published)
        stand = enumerate(self.grid.entry[: self.grid.first_bench].tolist())
        return [copy for cell, copy in stand if copy >= 0 and self.grid.run_at(cell, copy) in known]

    def _per_slot(self, worth: Floats, copies: Sequence[int]) -> Floats:
        """Share the worth of long topics among their slots; hosting counts whole in each of them."""
        hosting = np.where(worth >= self.crowd.hosting, self.crowd.hosting, 0).astype(np.float32)
        lasts = self.durations[list(copies), None].astype(np.float32)
        return np.asarray((worth - hosting) / lasts + hosting, dtype=np.float32)

    def _fill_seats(self) -> None:
        """Note the seats; they are looked at only where more people may come than a room holds."""
        everyone = float(self.count.sum(axis=1).max(initial=0.0))
        rooms = self.places.problem.rooms
        seats = [everyone if room.capacity is None else float(room.capacity) for room in rooms]
        self.seats = np.array(seats, dtype=np.float32)
        self.wanted = (self.value_of > 0) @ self.count.max(axis=0)
        most = self.wanted.max(initial=0.0)
        self.is_tight = bool(most > self.seats.min())
        # Where every topic may be in every room, the largest rooms go to the fullest runs afterwards.
        cells = self.places.cells
        somewhere = cells.any(axis=2, keepdims=True)
        # Long runs keep the room that they are given here.
        self.rooms_are_alike = not self.long and bool((somewhere == cells).all())
        # Hosts from outside take seats as well.
        outside = [self.places.outside_hosts[session] for session, _ in self.places.copies]
        self.outside = np.array([*outside, 0], dtype=np.float32)
        self.is_tight = self.is_tight or bool(
            self.outside.any() and most > self.seats.min() - self.outside.max()
        )

    def _choose_copies(self) -> None:
        """Let each group wish for one run only of a topic that runs several times: its best."""
        copies_of: dict[int, list[int]] = {}
        for copy, (session, _) in enumerate(self.places.copies):
            copies_of.setdefault(session, []).append(copy)
        self.repeated = [copies for copies in copies_of.values() if len(copies) > 1]
        for copies in self.repeated:
            full = self._per_slot(self.crowd.worth[[self.places.copies[copies[0]][0]]], copies[:1])[
                0
            ]
            gains = np.stack([self._gain_of_copy(copy, full) for copy in copies])
            choice = gains.argmax(axis=0)
            self.value_of[copies] = 0
            self.value_of[np.array(copies)[choice], np.arange(len(full))] = full

    def _gain_of_copy(self, copy: int, full: Floats) -> Floats:
        cell = int(np.flatnonzero(self.grid.entry == copy)[0])
        slot = int(self.grid.slot_of[cell])
        mates = copies_in(self.grid.entry[self.grid.slot_of == slot])
        mates = mates[mates >= 0]
        best = self.value_of[mates[mates != copy]].max(axis=0, initial=0.0)
        # A hair for being there at all: a group that gains nowhere still prefers a run to the bench.
        gain = np.maximum(full - best, 0) + full * np.float32(1e-3)
        return np.asarray(gain * (self.count[slot] > 0), dtype=np.float32)

    def _refresh_all(self) -> None:
        self.columns.fill()
        self._known_losses.clear()
        slots = self.grid.slots + 1
        self.losses = np.zeros(slots)
        self.clashes_in = np.zeros((len(self.clash), slots), dtype=np.int16)
        # What a topic's hosts add to its slot by hosting is no gain: on the bench it counts as well.
        sizes = np.array([len(group) for group in self.crowd.members], dtype=np.float64)
        self.bonus = (self.value_of >= self.crowd.hosting) @ sizes * self.crowd.hosting
        self.bonus[:-1] *= self.durations
        for slot in range(self.grid.slots):
            self.clashes_in[:, slot] = self.clash[:, self._copies_at(slot)].sum(axis=1)
            self.losses[slot] = self._loss(slot)

    def _copies_at(self, slot: int) -> Ints:
        """Return the copies that fill a slot, also as long runs that go on."""
        inside = copies_in(self.grid.entry[self.grid.cells_of(slot)])
        return inside[inside >= 0]

    def _loss(self, slot: int) -> float:
        """Return what limited seats cost in a slot."""
        if not self.is_tight or slot == self.grid.slots:
            return 0.0
        here = self.grid.entry[self.grid.cells_of(slot)]
        if not self.rooms_are_alike:
            return self._seat_loss(slot, here)
        here = np.sort(here)
        key = slot, here.tobytes()
        if key not in self._known_losses:
            if len(self._known_losses) >= _MOST_KNOWN:
                self._known_losses.clear()
            self._known_losses[key] = self._seat_loss(slot, here)
        return self._known_losses[key]

    def _seat_loss(self, slot: int, here: Ints) -> float:
        copies = copies_in(here)
        count, rows = self.count[slot], self.value_of[copies]
        limits = self.seats - self.outside[copies]
        best = rows.max(axis=0)
        is_best = (rows == best) & (best > 0)
        coming = is_best @ count
        if self.rooms_are_alike:
            limits = room_limits(coming, np.where(here != -2, limits, 0))
        if (coming <= limits).all():
            return 0.0
        # Who is best off where there are seats for all who ever wish for it stays there.
        scarce = self.wanted[copies] > limits
        moving = is_best[scarce].any(axis=0)
        return seat_loss(rows[:, moving], count[moving], limits)

    @property
    def value(self) -> float:
        """The weight attended, hosting counted at its bonus, with what seats cost taken off."""
        benched = self.bonus[self.grid.entry[self.grid.first_bench :].clip(-1)]
        return float(self.columns.slot_value.sum() - self.losses.sum() + benched.sum())

    def gains(self, cell: int, low: int, high: int) -> NDArray[np.float64]:
        """Return the gain of swapping a cell with those of [low, high); minus infinity: not allowed."""
        here = int(self.grid.slot_of[cell])
        slots = self.grid.slot_of[low:high]
        new_there, new_here = self.columns.after(cell, low, high)
        value = self.columns.slot_value
        gains: NDArray[np.float64] = new_there + new_here - (value[slots] + value[here])
        mine, theirs = self.grid.entry[cell], self.grid.entry[low:high]
        gains += (self.bonus[mine] - self.bonus[theirs.clip(-1)]) * (
            (slots == self.grid.slots).astype(np.float64) - float(here == self.grid.slots)
        )
        fits = self.allowed[mine, low:high] & self.allowed[theirs.clip(-1), cell]
        fits &= (slots != here) & (theirs >= -1)
        if self.has_clashes:
            together = self.clash[mine, theirs.clip(-1)]
            fits &= (self.clashes_in[mine, slots] <= together) | (slots == self.grid.slots)
            if here != self.grid.slots:
                fits &= self.clashes_in[theirs.clip(-1), here] <= together
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
        self.columns.exchange(one, other)
        for slot in slots:
            self.columns.refresh(slot)

    def run(self, effort: Effort, on_progress: OnProgress | None = None) -> tuple[Run, ...]:
        """Anneal as long as the effort lasts; return the runs of the best state seen."""
        began = reported = time.perf_counter()
        hot, cold = self._temperatures()
        best, best_entry = self.value, self.grid.entry.copy()
        # Where every topic has a place, no state that leaves one out is the best, whatever it grants.
        is_whole = bool(self.long) and not self._are_left_out()
        step, temperature = 0, hot
        cells = np.flatnonzero(self.grid.entry != -2)
        at_once = self.columns.rows_at_once
        while True:
            if step % _SWEEP == 0:
                now = time.perf_counter()
                if effort.is_over:
                    break
                if now - reported > _REPORT_SECONDS and on_progress is not None:
                    reported = now
                    message = Progress(now - began, best, None, "annealing")
                    if on_progress(message) is False:
                        break
                temperature = hot * (cold / hot) ** effort.used
                effort.spend(_SWEEP * (self.columns.work + bool(self.long) * _LONG_WORK))
                end = self._end()
                chosen = self.random.choice(cells[cells < end], _SWEEP).tolist()
                starts = np.arange(0, end, at_once)
                lows = self.random.choice(starts, _SWEEP).tolist()
                noise = self.random.gumbel(size=(_SWEEP, min(at_once, end) + 1))
            if self.repeated and step % _RECHOICE == _RECHOICE - 1:
                self._choose_copies()
                self._refresh_all()
            place = step % _SWEEP
            if self.long and step % _LONG_EVERY == 0:
                self._step_long(temperature)
            low, high = lows[place], min(lows[place] + at_once, end)
            is_made = self._step(chosen[place], low, high, temperature, noise[place])
            step += 1
            may_be = is_made or self.long or self.repeated
            if (
                may_be
                and self.value > best + _LEAST_GAIN
                and not (is_whole and self._are_left_out())
            ):
                best, best_entry = self.value, self.grid.entry.copy()
        return self.grid.runs(best_entry)

    def _are_left_out(self) -> bool:
        """Tell whether a topic waits on the bench."""
        return bool((self.grid.entry[self.grid.first_bench :] >= 0).any())

    def _end(self) -> int:
        """Return the end of the cells worth looking at: of the bench those with a topic, and one that is empty."""
        waiting = np.flatnonzero(self.grid.entry[self.grid.first_bench :] >= 0)
        used = int(waiting[-1]) + 1 if len(waiting) else 0
        end: int = min(self.grid.first_bench + used + 1, len(self.grid.entry))
        return end

    def _step_long(self, temperature: float) -> None:
        """Put a long run somewhere at random, or out; keep it as Metropolis would."""
        copy = self.long[int(self.random.integers(len(self.long)))]
        stands = np.flatnonzero(self.grid.entry == copy)[0]
        is_out = stands >= self.grid.first_bench
        if not is_out and self.may_leave[copy] and self.random.random() < _LEAVING_SHARE:
            change = self._leaving({copy})
        else:
            starts = self.starts_of[copy]
            if not len(starts):
                return
            change = self._entering(copy, int(self.random.choice(starts)))
        if not change:
            return
        before, old = self.value, {cell: int(self.grid.entry[cell]) for cell in change}
        self._write(change)
        if self._clashes(change) or not self._holds(change):
            self._write(old)
            return
        gain = (self.value - before) / temperature
        if gain < 0 and self.random.random() >= np.exp(max(gain, -_SURELY_NOT)):
            self._write(old)

    def _block(self, copy: int, start: int) -> list[int]:
        """Return the cells that a run of a copy fills when it begins in this cell."""
        slot, room = divmod(start, self.grid.rooms)
        filled = self.places.filled[self.places.copies[copy][0]][slot]
        return [place * self.grid.rooms + room for place in filled]

    def _leaving(self, copies: set[int]) -> dict[int, int]:
        """Return cell -> entry that puts these copies on the bench; empty when one of them must run."""
        if not all(self.may_leave[copy] for copy in copies):
            return {}
        waiting = np.flatnonzero(self.grid.entry[self.grid.first_bench :] == -1)
        change: dict[int, int] = {}
        for number, copy in enumerate(sorted(copies)):
            stands = int(np.flatnonzero(self.grid.entry == copy)[0])
            cells = self._block(copy, stands) if self.durations[copy] > 1 else [stands]
            change.update(dict.fromkeys(cells, -1))
            change[self.grid.first_bench + int(waiting[number])] = copy
        return change

    def _entering(self, copy: int, start: int) -> dict[int, int]:
        """Return cell -> entry that lets a long copy begin in a cell; what stands there makes way.

        Short topics go where the copy came from, as far as they may, all others to the bench.
        """
        stands = int(np.flatnonzero(self.grid.entry == copy)[0])
        block = self._block(copy, start)
        if stands == start or (self.grid.entry[block] == -2).any():
            return {}
        here = {one for one in copies_in(self.grid.entry[block]).tolist() if one >= 0} - {copy}
        change: dict[int, int] = {}
        vacated = [stands]
        if stands < self.grid.first_bench:
            vacated = [cell for cell in self._block(copy, stands) if cell not in block]
        change.update(dict.fromkeys(vacated, -1))
        for one in sorted(here):
            place = next(
                (
                    cell
                    for cell in vacated
                    if self.durations[one] == 1 and change[cell] == -1 and self.allowed[one, cell]
                ),
                None,
            )
            if place is not None and stands < self.grid.first_bench:
                change[place] = one
                here.remove(one)
        leaving = self._leaving(here)
        if here and not leaving:
            return {}
        change = {**leaving, **change}
        change.update(dict.fromkeys(block, goes_on(copy)))
        change[start] = copy
        return change

    def _write(self, change: dict[int, int]) -> None:
        """Write entries into cells, and refresh the slots that they lie in."""
        cells = np.array(list(change), dtype=np.int64)
        self.grid.entry[cells] = list(change.values())
        self.columns.write(cells)
        for slot in set(self.grid.slot_of[cells].tolist()) - {self.grid.slots}:
            self.clashes_in[:, slot] = self.clash[:, self._copies_at(slot)].sum(axis=1)
            self.columns.refresh(slot)
            self.losses[slot] = self._loss(slot)

    def _clashes(self, change: dict[int, int]) -> bool:
        """Tell whether a host would be in two places in the slots of these cells."""
        if not self.has_clashes:
            return False
        slots = {int(self.grid.slot_of[cell]) for cell in change} - {self.grid.slots}
        return any(self.clashes_in[self._copies_at(slot), slot].any() for slot in slots)

    def _holds(self, change: dict[int, int]) -> bool:
        """Tell whether the wider rules hold after a change."""
        cells = list(change)
        return self.check is None or self.check(self.grid.entry, (cells[0], cells[-1]))

    def _step(
        self, cell: int, low: int, high: int, temperature: float, noise: NDArray[np.float64]
    ) -> bool:
        """Draw one of the swaps of a cell with those of [low, high); tell whether it was made."""
        if self.grid.entry[cell] < 0:
            return False
        gains = self.gains(cell, low, high)
        hope = self._hope(cell, low, high)
        chances = (gains + hope) / temperature + noise[: len(gains)]
        place = int(chances.argmax())
        if chances[place] <= noise[-1] or gains[place] == -np.inf:
            return False
        other = low + place
        self.swap(cell, other)
        if not self._is_taken((cell, other), float(hope[place]), temperature):
            self.swap(cell, other)
            return False
        return True

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
