"""CoSPLib as a CP-SAT model: tracks to cells, talks to sessions; rooms and time slots are read off.

The model is the library's objective exactly, but for tracks that stand in several rooms of one
session at once: there similar tracks and chairs count once per track, and a pair of one track's
talks with a common presenter is charged as if it were split; and a pair that shares a session is charged
as if it shared a time slot. Bounds speak of this model.
"""

from dataclasses import dataclass
from itertools import chain, product

from ortools.sat.python import cp_model

from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack
from matcher.cpsat import Answer

# So many rooms that a talk is to stay out of are said by a literal each.
_FEW_ROOMS = 3


@dataclass(frozen=True)
class Kept:
    """What a neighbourhood leaves as it is: all but the free tracks in the free sessions."""

    schedule: Schedule
    free_tracks: frozenset[int]
    free_sessions: frozenset[int]


class Model:
    """Variables and terms of one instance; `several_rooms` lets a track stand in many at once.

    With `kept` only the free tracks have variables, and those only in the free sessions; what they
    cost beside the others stays in.
    """

    def __init__(
        self, instance: Instance, *, several_rooms: bool, kept: Kept | None = None
    ) -> None:
        self.instance = instance
        self._kept = kept
        self._tracks = sorted(kept.free_tracks if kept else range(len(instance.tracks)))
        self._free = frozenset(self._tracks)
        sessions = range(len(instance.sessions))
        self._open = sorted(kept.free_sessions) if kept else list(sessions)
        self._session_of = talk_sessions(kept.schedule) if kept else {}
        self.cp = cp_model.CpModel()
        self._always, self._never = self.cp.new_constant(1), self.cp.new_constant(0)
        self._several = several_rooms
        self._costs: list[cp_model.LinearExprT] = []
        self._splits: dict[tuple[int, int], cp_model.IntVar] = {}
        self._add_cells()
        self._add_talks()
        self._add_cell_costs()
        self._add_shape_costs()
        self._add_pair_costs()
        self._add_talk_costs()
        self._add_conflicts()
        self._add_order()
        self.cp.minimize(cp_model.LinearExpr.sum(self._costs))

    def schedule(self, answer: Answer) -> Schedule:
        """Read a schedule out of an answer; kept tracks stand where they stood."""
        rooms_of = {
            (track, session): [
                room
                for room in range(len(self.instance.rooms))
                if answer.is_true(self.cell[track, session, room])
            ]
            for track, session in self.inside
        }
        for session, rooms in enumerate(self._kept.schedule.track if self._kept else ()):
            for room, track in enumerate(rooms):
                if track >= 0 and track not in self._free:
                    rooms_of.setdefault((track, session), []).append(room)
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
        tracks, sessions, rooms = self._ranges()
        for track, session in product(tracks, sessions):
            here = schedule.track[session]
            self.cp.add_hint(self.inside[track, session], track in here)
            for room in rooms:
                self.cp.add_hint(self.cell[track, session, room], here[room] == track)
        for number, session in product(self._talks, sessions):
            self.cp.add_hint(self.talk[number, session], where.get(number) == session)

    def _add_cells(self) -> None:
        tracks, sessions, rooms = self._ranges()
        self.cell: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.inside: dict[tuple[int, int], cp_model.IntVar] = {}
        for track, session in product(tracks, range(len(self.instance.sessions))):
            is_open = not self._kept or session in self._kept.free_sessions
            here = self._kept.schedule.track[session] if self._kept else ()
            self.inside[track, session] = self._literal(is_open=is_open, stands=track in here)
            for room in rooms:
                stands = not is_open and here[room] == track
                self.cell[track, session, room] = self._literal(is_open=is_open, stands=stands)
        for session in sessions:
            for room in rooms:
                holds = self._kept.schedule.track[session][room] if self._kept else -1
                cells = [self.cell[track, session, room] for track in tracks]
                if holds >= 0 and holds not in self._free:
                    self.cp.add_bool_and([cell.negated() for cell in cells])
                else:
                    self.cp.add_at_most_one(cells)
        for track, session in product(tracks, sessions):
            cells = [self.cell[track, session, room] for room in rooms]
            if self._several:
                self.cp.add_max_equality(self.inside[track, session], cells)
            else:
                self.cp.add(sum(cells) == self.inside[track, session])

    def _literal(self, *, is_open: bool, stands: bool) -> cp_model.IntVar:
        """Return a new literal where something is open, else what stands."""
        if is_open:
            return self.cp.new_bool_var("")
        return self._always if stands else self._never

    def _add_talks(self) -> None:
        tracks, sessions, rooms = self._ranges()
        self.talk: dict[tuple[int, int], cp_model.IntVar] = {}
        self._talks: list[int] = []
        for number in chain.from_iterable(self.instance.of_track[track] for track in tracks):
            stands = self._session_of.get(number)
            is_free = stands is None or stands in sessions
            for session in range(len(self.instance.sessions)):
                is_open = is_free and session in sessions
                self.talk[number, session] = self._literal(
                    is_open=is_open, stands=not is_free and stands == session
                )
            if is_free:
                self._talks.append(number)
                self._add_talk(number)
        for track, session in product(tracks, sessions):
            inside = self.inside[track, session]
            capacity = self.instance.capacity[session]
            numbers = self.instance.of_track[track]
            cells = sum(self.cell[track, session, room] for room in rooms)
            slots = [(self.instance.submissions[number].slots, number) for number in numbers]
            held = sum(length * self.talk[number, session] for length, number in slots)
            self.cp.add(held <= capacity * (cells if self._several else inside))
            # Two talks longer than half a session never share a room.
            long = [self.talk[number, session] for length, number in slots if 2 * length > capacity]
            if self._several and long:
                self.cp.add(sum(long) <= cells)

    def _add_talk(self, number: int) -> None:
        """Put a free talk into one of the open sessions."""
        submission = self.instance.submissions[number]
        for session in self._open:
            self.cp.add_implication(
                self.talk[number, session], self.inside[submission.track, session]
            )
            if submission.slots > self.instance.capacity[session]:
                self.cp.add(self.talk[number, session] == 0)
        self.cp.add_exactly_one(self.talk[number, session] for session in self._open)

    def _add_cell_costs(self) -> None:
        weights = self.instance.weights
        for track, session, room in product(*self._ranges()):
            literal = self.cell[track, session, room]
            cost = (
                weights.tracks_sessions * self.instance.tracks_sessions[track][session]
                + weights.tracks_rooms * self.instance.tracks_rooms[track][room]
                + weights.sessions_rooms * self.instance.sessions_rooms[session][room]
            )
            if cost:
                self._costs.append(cost * literal)

    def _add_shape_costs(self) -> None:
        weights = self.instance.weights
        tracks, sessions, rooms = self._ranges()
        for track in tracks:
            if weights.rooms_per_track:
                used = [self.cp.new_bool_var("") for _ in rooms]
                for session, room in product(range(len(self.instance.sessions)), rooms):
                    cell = self.cell[track, session, room]
                    if cell is not self._never:
                        self.cp.add_implication(cell, used[room])
                self._costs.append(weights.rooms_per_track * (sum(used) - 1))
            if weights.parallel_tracks and self._several:
                for session in sessions:
                    cells = sum(self.cell[track, session, room] for room in rooms)
                    surplus = cells - self.inside[track, session]
                    self._costs.append(weights.parallel_tracks * surplus)
            if weights.consecutive_tracks:
                self._costs.append(weights.consecutive_tracks * self._gap(track))

    def _add_pair_costs(self) -> None:
        for (one, other), cost in self.instance.track_prices.items():
            if one not in self._free and other not in self._free:
                continue
            for session in self._open:
                both = self._both_inside(one, other, session)
                if both is not None:
                    self._costs.append(cost * both)

    def _both_inside(self, one: int, other: int, session: int) -> cp_model.IntVar | None:
        """Return a literal that is true when two tracks share a session; None when they do not."""
        free = [track for track in (one, other) if track in self._free]
        stands = [track for track in (one, other) if track not in self._free]
        here = self._kept.schedule.track[session] if self._kept else ()
        if not free or not all(track in here for track in stands):
            return None
        if stands:
            return self.inside[free[0], session]
        return self._both(self.inside[one, session], self.inside[other, session])

    def _gap(self, track: int) -> cp_model.IntVar:
        """Return a literal that is true when the track's sessions do not follow each other."""
        sessions = range(len(self.instance.sessions))
        gap = self.cp.new_bool_var("")
        begun = [self.cp.new_bool_var("") for _ in sessions]
        going_on = [self.cp.new_bool_var("") for _ in sessions]
        for session in sessions:
            inside = self.inside[track, session]
            self.cp.add_implication(inside, begun[session])
            self.cp.add_implication(inside, going_on[session])
            if session:
                self.cp.add_implication(begun[session - 1], begun[session])
                self.cp.add_implication(going_on[session], going_on[session - 1])
            self.cp.add_bool_or(
                [begun[session].negated(), going_on[session].negated(), inside, gap]
            )
        return gap

    def _add_talk_costs(self) -> None:
        weights = self.instance.weights
        for number, session in product(self._talks, self._open):
            talk = self.talk[number, session]
            submission = self.instance.submissions[number]
            cost = submission.slots * (
                weights.timezones * submission.zone_penalty[session]
                + weights.submissions_sessions * submission.session_penalty[session]
            )
            if cost:
                self._costs.append(cost * talk)
            self._add_room_cost(number, session)

    def _add_room_cost(self, number: int, session: int) -> None:
        """Charge a talk in a session for the rooms of its track there: by a literal each, or where they are many at once."""
        submission = self.instance.submissions[number]
        price = self.instance.weights.submissions_rooms * submission.slots
        talk = self.talk[number, session]
        there = [
            (price * penalty, self.cell[submission.track, session, room])
            for room, penalty in enumerate(submission.room_penalty)
            if price and penalty
        ]
        if len(there) <= _FEW_ROOMS:
            self._costs.extend(cost * self._both(talk, cell) for cost, cell in there)
            return
        paid = self.cp.new_int_var(0, sum(cost for cost, _ in there), "")
        self._costs.append(paid)
        costs = cp_model.LinearExpr.sum([cost * cell for cost, cell in there])
        self.cp.add(paid >= costs).only_enforce_if(talk)

    def _add_conflicts(self) -> None:
        free = set(self._talks)
        for one in self._talks:
            for other, price in self.instance.talk_prices.get(one, ()):
                if other in free:
                    if one < other:
                        self._add_conflict(one, other, price)
                elif self._session_of[other] in self._open:
                    # Two tracks never share a room, so with a kept talk the session alone decides.
                    self._costs.append(price * self.talk[one, self._session_of[other]])

    def _add_conflict(self, one: int, other: int, price: int) -> None:
        track = self.instance.submissions[one].track
        is_same = track == self.instance.submissions[other].track
        if is_same and not self._several:
            return
        clash = self.cp.new_bool_var("")
        self._costs.append(price * clash)
        for session in self._open:
            unless = [self._split(track, session).negated()] if is_same else []
            both = self.talk[one, session].negated(), self.talk[other, session].negated()
            self.cp.add_bool_or([*both, clash, *unless])

    def _split(self, track: int, session: int) -> cp_model.IntVar:
        """Return a literal that is true when the track stands in several rooms of the session."""
        if (track, session) not in self._splits:
            split = self.cp.new_bool_var("")
            rooms = range(len(self.instance.rooms))
            cells = sum(self.cell[track, session, room] for room in rooms)
            self.cp.add(cells <= 1 + (len(rooms) - 1) * split)
            self._splits[track, session] = split
        return self._splits[track, session]

    def _add_order(self) -> None:
        """Charge a talk whose wished place lies outside the places of its session."""
        weight = self.instance.weights.order
        for track in self._tracks if weight else ():
            numbers = self.instance.of_track[track]
            if not any(self.instance.submissions[number].order for number in numbers):
                continue
            befores = self._talks_before(numbers)
            for number in numbers:
                wished = self.instance.submissions[number].order
                if not wished:
                    continue
                kept = self.cp.new_bool_var("")
                self._costs.append(weight * (1 - kept))
                for session in range(len(self.instance.sessions)):
                    talk = self.talk[number, session]
                    if talk is not self._never:
                        here = [talk, kept]
                        self.cp.add(befores[session] <= wished - 1).only_enforce_if(here)
                        self.cp.add(befores[session + 1] >= wished).only_enforce_if(here)

    def _talks_before(self, numbers: tuple[int, ...]) -> list[cp_model.IntVar]:
        """Return, for each session and for the end, how many of these talks stand in earlier ones."""
        befores = [self._never]
        for session in range(len(self.instance.sessions)):
            here = [self.talk[number, session] for number in numbers]
            befores.append(self.cp.new_int_var(0, len(numbers), ""))
            self.cp.add(befores[-1] == befores[-2] + cp_model.LinearExpr.sum(here))
        return befores

    def _both(self, one: cp_model.IntVar, other: cp_model.IntVar) -> cp_model.IntVar:
        both = self.cp.new_bool_var("")
        self.cp.add_bool_or([one.negated(), other.negated(), both])
        return both

    def _ranges(self) -> tuple[list[int], list[int], range]:
        """Return the free tracks, the open sessions and the rooms."""
        return self._tracks, self._open, range(len(self.instance.rooms))


def talk_sessions(schedule: Schedule) -> dict[int, int]:
    """Return talk -> session."""
    return {
        talk: session
        for session, rooms in enumerate(schedule.talks)
        for talks in rooms
        for talk in talks
        if talk >= 0
    }
