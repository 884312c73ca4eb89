"""CoSPLib as a CP-SAT model: tracks to cells, talks to sessions; rooms and time slots are read off.

The model is the library's objective exactly, but for tracks that stand in several rooms of one
session at once: there similar tracks and chairs count once per track, and a pair of one track's
talks with a common presenter is charged as if it were split; and a pair that shares a session is charged
as if it shared a time slot. Bounds speak of this model.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

from ortools.sat.python import cp_model

from bench.cosplib.evaluate import objective
from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack
from matcher.cpsat import Answer

# So many rooms that a talk is to stay out of are said by a literal each.
_FEW_ROOMS = 3

# What of the free tracks is free: all, the rooms in the sessions where they stand, or the sessions of their talks.
Part = Literal["all", "rooms", "talks"]


@dataclass(frozen=True)
class Kept:
    """What a neighbourhood leaves as it is: all but the free tracks in the free sessions and rooms (None: all)."""

    schedule: Schedule
    free_tracks: frozenset[int]
    free_sessions: frozenset[int]
    free_rooms: frozenset[int] | None = None
    part: Part = "all"

    def most(self, instance: Instance) -> int:
        """Return what the free tracks cost: what costs more by itself is in no better schedule."""
        free = [[track in self.free_tracks for track in row] for row in self.schedule.track]
        rest = Schedule(
            tuple(
                tuple(-1 if is_free else track for is_free, track in zip(*rows, strict=True))
                for rows in zip(free, self.schedule.track, strict=True)
            ),
            tuple(
                tuple(
                    (-1,) * len(talks) if is_free else talks
                    for is_free, talks in zip(*rows, strict=True)
                )
                for rows in zip(free, self.schedule.talks, strict=True)
            ),
        )
        return objective(instance, self.schedule) - objective(instance, rest)


class Model:
    """Variables and terms of one instance; `several_rooms` lets a track stand in many at once.

    With `kept` only the free tracks have variables, and those only in the free sessions and where
    no other track stands; what they cost beside the others stays in. `cell`, `inside` and `talk`
    hold what may be true: what is not in them is false. A cell or a talk's session that costs more
    than `most` by itself is left out.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        several_rooms: bool,
        kept: Kept | None = None,
        most: float = inf,
    ) -> None:
        self.instance = instance
        self._kept = kept
        self._part: Part = kept.part if kept else "all"
        self._grid = (
            kept.schedule.track if kept else ((-1,) * len(instance.rooms),) * len(instance.sessions)
        )
        self._tracks = sorted(kept.free_tracks if kept else range(len(instance.tracks)))
        self._free = frozenset(self._tracks)
        self._open = sorted(kept.free_sessions if kept else range(len(instance.sessions)))
        self._open_set = frozenset(self._open)
        self._session_of = talk_sessions(kept.schedule) if kept else {}
        self._most = most
        self.cp = cp_model.CpModel()
        self._always = self.cp.new_constant(1)
        self._several = several_rooms
        self._priced: list[cp_model.IntVar] = []
        self._prices: list[int] = []
        self._constant = 0
        self._splits: dict[tuple[int, int], cp_model.IntVar] = {}
        self.cell: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.inside: dict[tuple[int, int], cp_model.IntVar] = {}
        self.talk: dict[tuple[int, int], cp_model.IntVar] = {}
        self._cells: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = {}
        self._add_cells()
        self._add_talks()
        self._add_cell_costs()
        self._add_shape_costs()
        self._add_pair_costs()
        self._add_talk_costs()
        self._add_conflicts()
        self._add_order()
        objective = cp_model.LinearExpr.weighted_sum(self._priced, self._prices)
        self.cp.minimize(objective + self._constant)

    def schedule(self, answer: Answer) -> Schedule:
        """Read a schedule out of an answer; kept tracks stand where they stood."""
        rooms_of: dict[tuple[int, int], list[int]] = {}
        for session, rooms in enumerate(self._grid):
            for room, track in enumerate(rooms):
                if track >= 0 and track not in self._free:
                    rooms_of.setdefault((track, session), []).append(room)
        for place, cells in self._cells.items():
            rooms_of[place] = [room for room, cell in cells if answer.is_true(cell)]
        session_of = {
            number: session
            for (number, session), literal in self.talk.items()
            if answer.is_true(literal)
        }
        return pack(self.instance, rooms_of, {**self._session_of, **session_of})

    def hint(self, schedule: Schedule) -> None:
        """Tell the solver to start from a schedule."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]  # OR-tools leaves it unannotated
        where = talk_sessions(schedule)
        for (track, session), inside in self.inside.items():
            if inside is not self._always:
                self.cp.add_hint(inside, track in schedule.track[session])
        for (track, session, room), cell in self.cell.items():
            if cell is not self._always:
                self.cp.add_hint(cell, schedule.track[session][room] == track)
        for (number, session), talk in self.talk.items():
            if talk is not self._always:
                self.cp.add_hint(talk, where.get(number) == session)

    def _add_cells(self) -> None:
        """Make the literals of cells: of tracks that stand here, or of all that are free."""
        free_rooms = self._kept.free_rooms if self._kept else None
        for session, row in enumerate(self._grid):
            is_open = self._part != "talks" and session in self._open_set
            rooms = [
                room
                for room, track in enumerate(row)
                if is_open
                and (track < 0 or track in self._free)
                and (free_rooms is None or room in free_rooms)
            ]
            for room, track in enumerate(row):
                if track in self._free and room not in rooms:
                    self._add_cell(track, session, room, self._always)
                    self.inside[track, session] = self._always
            tracks = self._tracks if self._part == "all" else sorted(self._free & set(row))
            for track in tracks if rooms else ():
                stands = sum(row[room] == track for room in rooms)
                self._add_open_cells(track, session, rooms, stands)
            for room in rooms:
                here = [(track, session, room) for track in tracks]
                self.cp.add_at_most_one(self.cell[it] for it in here if it in self.cell)

    def _add_cell(self, track: int, session: int, room: int, cell: cp_model.IntVar) -> None:
        self.cell[track, session, room] = cell
        self._cells.setdefault((track, session), []).append((room, cell))

    def _add_open_cells(self, track: int, session: int, rooms: list[int], stands: int) -> None:
        """Let the track have cells of a session, as many as it had when only rooms are free."""
        cells = []
        for room in rooms:
            if self._cell_price(track, session, room) <= self._most:
                cells.append(self.cp.new_bool_var(""))
                self._add_cell(track, session, room, cells[-1])
        if self._part == "rooms":
            self.inside[track, session] = self._always
            self.cp.add(cp_model.LinearExpr.sum(cells) == stands)
        elif cells and (track, session) not in self.inside:
            inside = self.inside[track, session] = self.cp.new_bool_var("")
            if self._several:
                for cell in cells:
                    self.cp.add_implication(cell, inside)
                self.cp.add(cp_model.LinearExpr.sum(cells) >= inside)
            else:
                self.cp.add_exactly_one([*cells, inside.negated()])

    def _cell_price(self, track: int, session: int, room: int) -> int:
        instance, weights = self.instance, self.instance.weights
        return (
            weights.tracks_sessions * instance.tracks_sessions[track][session]
            + weights.tracks_rooms * instance.tracks_rooms[track][room]
            + weights.sessions_rooms * instance.sessions_rooms[session][room]
        )

    def _talk_price(self, number: int, session: int) -> int:
        weights, submission = self.instance.weights, self.instance.submissions[number]
        return submission.slots * (
            weights.timezones * submission.zone_penalty[session]
            + weights.submissions_sessions * submission.session_penalty[session]
        )

    def _add_talks(self) -> None:
        """Make the literals of talks, and hold each session's talks to the time slots of its cells."""
        self._talks: list[int] = []
        for track in self._tracks:
            for number in self.instance.of_track[track]:
                self._add_talk(track, number)
        if self._part == "rooms":
            return
        for track in self._tracks:
            for session in self._open:
                self._add_capacity(track, session)

    def _add_talk(self, track: int, number: int) -> None:
        """Put a free talk into one of the open sessions where its track may be."""
        stands = self._session_of.get(number, -1)
        if self._part == "rooms" or (stands >= 0 and stands not in self._open_set):
            self.talk[number, stands] = self._always
            if stands in self._open_set:
                self._talks.append(number)
            return
        slots = self.instance.submissions[number].slots
        sessions = [
            session
            for session in self._open
            if (track, session) in self.inside
            and slots <= self.instance.capacity[session]
            and self._talk_price(number, session) <= self._most
        ]
        self._talks.append(number)
        talks = [self.cp.new_bool_var("") for _ in sessions]
        for session, talk in zip(sessions, talks, strict=True):
            self.talk[number, session] = talk
            inside = self.inside[track, session]
            if inside is not self._always:
                self.cp.add_implication(talk, inside)
        self.cp.add_exactly_one(talks)

    def _add_capacity(self, track: int, session: int) -> None:
        capacity = self.instance.capacity[session]
        held = [
            (self.talk[number, session], self.instance.submissions[number].slots)
            for number in self.instance.of_track[track]
            if (number, session) in self.talk
        ]
        if not held:
            return
        talks, lengths = [talk for talk, _ in held], [length for _, length in held]
        cells = cp_model.LinearExpr.sum([cell for _, cell in self._cells[track, session]])
        room = cells if self._several else self.inside[track, session]
        self.cp.add(cp_model.LinearExpr.weighted_sum(talks, lengths) <= capacity * room)
        # Two talks longer than half a session never share a room.
        long = [talk for talk, length in held if 2 * length > capacity]
        if self._several and long:
            self.cp.add(cp_model.LinearExpr.sum(long) <= cells)

    def _charge(self, price: int, literal: cp_model.IntVar) -> None:
        if literal is self._always:
            self._constant += price
        elif price:
            self._priced.append(literal)
            self._prices.append(price)

    def _add_cell_costs(self) -> None:
        for (track, session, room), literal in self.cell.items():
            self._charge(self._cell_price(track, session, room), literal)

    def _add_shape_costs(self) -> None:
        weights = self.instance.weights
        used: dict[int, dict[int, list[cp_model.IntVar]]] = {track: {} for track in self._tracks}
        for (track, _, room), cell in self.cell.items():
            used[track].setdefault(room, []).append(cell)
        for track in self._tracks:
            if weights.rooms_per_track and self._part != "talks":
                self._constant -= weights.rooms_per_track
                rooms = [self._any(cells) for cells in used[track].values()]
                self.cp.add(cp_model.LinearExpr.sum(rooms) >= 1)
                for is_used in rooms:
                    self._charge(weights.rooms_per_track, is_used)
            if weights.consecutive_tracks and self._part == "all":
                self._charge(weights.consecutive_tracks, self._gap(track))
        if weights.parallel_tracks and self._several and self._part == "all":
            for place, cells in self._cells.items():
                for _, cell in cells:
                    self._charge(weights.parallel_tracks, cell)
                self._charge(-weights.parallel_tracks, self.inside[place])

    def _any(self, literals: list[cp_model.IntVar]) -> cp_model.IntVar:
        """Return a literal that is true when one of these is."""
        if any(literal is self._always for literal in literals):
            return self._always
        found = self.cp.new_bool_var("")
        for literal in literals:
            self.cp.add_implication(literal, found)
        return found

    def _add_pair_costs(self) -> None:
        if self._part != "all":
            return
        for (one, other), cost in self.instance.track_prices.items():
            if one not in self._free and other not in self._free:
                continue
            for session in self._open:
                both = self._both_inside(one, other, session)
                if both is not None:
                    self._charge(cost, both)

    def _both_inside(self, one: int, other: int, session: int) -> cp_model.IntVar | None:
        """Return a literal that is true when two tracks share a session; None when they do not."""
        stands = [track for track in (one, other) if track not in self._free]
        if not all(track in self._grid[session] for track in stands):
            return None
        places = [(track, session) for track in (one, other) if track in self._free]
        if not all(place in self.inside for place in places):
            return None
        if stands:
            return self.inside[places[0]]
        return self._both(self.inside[places[0]], self.inside[places[1]])

    def _gap(self, track: int) -> cp_model.IntVar:
        """Return a literal that is true when the track's sessions do not follow each other."""
        sessions = range(len(self.instance.sessions))
        gap = self.cp.new_bool_var("")
        begun = [self.cp.new_bool_var("") for _ in sessions]
        going_on = [self.cp.new_bool_var("") for _ in sessions]
        for session in sessions:
            inside = self.inside.get((track, session))
            here = [begun[session].negated(), going_on[session].negated(), gap]
            if inside is not None:
                self.cp.add_implication(inside, begun[session])
                self.cp.add_implication(inside, going_on[session])
                here.append(inside)
            if session:
                self.cp.add_implication(begun[session - 1], begun[session])
                self.cp.add_implication(going_on[session], going_on[session - 1])
            self.cp.add_bool_or(here)
        return gap

    def _add_talk_costs(self) -> None:
        places = {(number, session) for number in self._talks for session in self._open}
        for number, session in sorted(places & self.talk.keys()):
            self._charge(self._talk_price(number, session), self.talk[number, session])
            if self.instance.weights.submissions_rooms:
                self._add_room_cost(number, session)

    def _add_room_cost(self, number: int, session: int) -> None:
        """Charge a talk in a session for the rooms of its track there: by a literal each, or where they are many at once."""
        submission = self.instance.submissions[number]
        price = self.instance.weights.submissions_rooms * submission.slots
        talk = self.talk[number, session]
        there = [
            (price * submission.room_penalty[room], cell)
            for room, cell in self._cells[submission.track, session]
            if submission.room_penalty[room]
        ]
        if talk is self._always or len(there) <= _FEW_ROOMS:
            for cost, cell in there:
                self._charge(cost, self._both(talk, cell))
            return
        paid = self.cp.new_int_var(0, sum(cost for cost, _ in there), "")
        self._charge(1, paid)
        costs = cp_model.LinearExpr.weighted_sum(
            [cell for _, cell in there], [cost for cost, _ in there]
        )
        self.cp.add(paid >= costs).only_enforce_if(talk)

    def _add_conflicts(self) -> None:
        if self._part == "rooms":
            return
        free = set(self._talks)
        for one in self._talks:
            for other, price in self.instance.talk_prices.get(one, ()):
                if other in free:
                    if one < other:
                        self._add_conflict(one, other, price)
                    continue
                # Two tracks never share a room, so with a kept talk the session alone decides.
                talk = self.talk.get((one, self._session_of[other]))
                if talk is not None and self._session_of[other] in self._open_set:
                    self._charge(price, talk)

    def _add_conflict(self, one: int, other: int, price: int) -> None:
        track = self.instance.submissions[one].track
        is_same = track == self.instance.submissions[other].track
        if is_same and not self._several:
            return
        both = [
            (self.talk[one, session], self.talk[other, session], session)
            for session in self._open
            if (one, session) in self.talk and (other, session) in self.talk
        ]
        if not both:
            return
        clash = self.cp.new_bool_var("")
        self._charge(price, clash)
        for first, second, session in both:
            unless = [self._split(track, session).negated()] if is_same else []
            self.cp.add_bool_or([first.negated(), second.negated(), clash, *unless])

    def _split(self, track: int, session: int) -> cp_model.IntVar:
        """Return a literal that is true when the track stands in several rooms of the session."""
        if (track, session) not in self._splits:
            cells = [cell for _, cell in self._cells[track, session]]
            split = self.cp.new_bool_var("")
            most = max(len(cells) - 1, 1)
            self.cp.add(cp_model.LinearExpr.sum(cells) <= 1 + most * split)
            self._splits[track, session] = split
        return self._splits[track, session]

    def _add_order(self) -> None:
        """Charge a talk whose wished place lies outside the places of its session."""
        weight = self.instance.weights.order
        for track in self._tracks if weight and self._part != "rooms" else ():
            numbers = self.instance.of_track[track]
            if not any(self.instance.submissions[number].order for number in numbers):
                continue
            befores = self._talks_before(numbers)
            for number in numbers:
                wished = self.instance.submissions[number].order
                if not wished:
                    continue
                kept = self.cp.new_bool_var("")
                self._constant += weight
                self._charge(-weight, kept)
                for session in range(len(self.instance.sessions)):
                    talk = self.talk.get((number, session))
                    if talk is not None:
                        here = [talk, kept]
                        self.cp.add(befores[session] <= wished - 1).only_enforce_if(here)
                        self.cp.add(befores[session + 1] >= wished).only_enforce_if(here)

    def _talks_before(self, numbers: tuple[int, ...]) -> list[cp_model.IntVar]:
        """Return, for each session and for the end, how many of these talks stand in earlier ones."""
        befores = [self.cp.new_constant(0)]
        for session in range(len(self.instance.sessions)):
            here = [
                self.talk[number, session] for number in numbers if (number, session) in self.talk
            ]
            if not here:
                befores.append(befores[-1])
                continue
            befores.append(self.cp.new_int_var(0, len(numbers), ""))
            self.cp.add(befores[-1] == befores[-2] + cp_model.LinearExpr.sum(here))
        return befores

    def _both(self, one: cp_model.IntVar, other: cp_model.IntVar) -> cp_model.IntVar:
        if one is self._always or other is self._always:
            return other if one is self._always else one
        both = self.cp.new_bool_var("")
        self.cp.add_bool_or([one.negated(), other.negated(), both])
        return both


def talk_sessions(schedule: Schedule) -> dict[int, int]:
    """Return talk -> session."""
    return {
        talk: session
        for session, rooms in enumerate(schedule.talks)
        for talks in rooms
        for talk in talks
        if talk >= 0
    }
