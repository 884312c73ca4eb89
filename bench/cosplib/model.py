"""CoSPLib as a CP-SAT model: tracks to cells, talks to sessions; rooms and time slots are read off.

The model is the library's objective exactly, but for tracks that stand in several rooms of one
session at once: there similar tracks and chairs count once per track, and a pair of one track's
talks with a common presenter is charged as if it were split. Bounds speak of this model.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from ortools.sat.python import cp_model

from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack
from matcher.cpsat import Answer


@dataclass(frozen=True)
class Kept:
    """What a neighbourhood leaves as it is: tracks whose cells and talks stay."""

    schedule: Schedule
    free_tracks: frozenset[int]


class Model:
    """Variables and terms of one instance; `several_rooms` lets a track stand in many at once.

    With `kept` only the free tracks have variables; what they cost beside the others stays in.
    """

    def __init__(
        self, instance: Instance, *, several_rooms: bool, kept: Kept | None = None
    ) -> None:
        self.instance = instance
        self._kept = kept
        self._tracks = sorted(kept.free_tracks if kept else range(len(instance.tracks)))
        self._free = frozenset(self._tracks)
        self._session_of = talk_sessions(kept.schedule) if kept else {}
        self.cp = cp_model.CpModel()
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
        self.cp.minimize(sum(self._costs))

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
        for (track, session, room), literal in self.cell.items():
            self.cp.add_hint(literal, schedule.track[session][room] == track)
        for (track, session), literal in self.inside.items():
            self.cp.add_hint(literal, track in schedule.track[session])
        for (number, session), literal in self.talk.items():
            self.cp.add_hint(literal, where.get(number) == session)

    def _add_cells(self) -> None:
        tracks, sessions, rooms = self._ranges()
        self.cell: dict[tuple[int, int, int], cp_model.IntVar] = {
            (track, session, room): self.cp.new_bool_var("")
            for track in tracks
            for session in sessions
            for room in rooms
        }
        self.inside: dict[tuple[int, int], cp_model.IntVar] = {
            (track, session): self.cp.new_bool_var("") for track in tracks for session in sessions
        }
        for session in sessions:
            for room in rooms:
                holds = self._kept.schedule.track[session][room] if self._kept else -1
                cells = [self.cell[track, session, room] for track in tracks]
                if holds >= 0 and holds not in self._free:
                    self.cp.add_bool_and([cell.negated() for cell in cells])
                else:
                    self.cp.add_at_most_one(cells)
        for (track, session), inside in self.inside.items():
            cells = [self.cell[track, session, room] for room in rooms]
            if self._several:
                self.cp.add_max_equality(inside, cells)
            else:
                self.cp.add(sum(cells) == inside)

    def _add_talks(self) -> None:
        _, sessions, rooms = self._ranges()
        self.talk: dict[tuple[int, int], cp_model.IntVar] = {}
        for number, submission in enumerate(self.instance.submissions):
            for session in sessions if submission.track in self._free else ():
                talk = self.cp.new_bool_var("")
                self.talk[number, session] = talk
                self.cp.add_implication(talk, self.inside[submission.track, session])
                if submission.slots > self.instance.capacity[session]:
                    self.cp.add(talk == 0)
            if submission.track in self._free:
                self.cp.add_exactly_one(self.talk[number, session] for session in sessions)
        for (track, session), inside in self.inside.items():
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

    def _add_cell_costs(self) -> None:
        weights = self.instance.weights
        for (track, session, room), literal in self.cell.items():
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
                for session in sessions:
                    for room in rooms:
                        self.cp.add_implication(self.cell[track, session, room], used[room])
                self._costs.append(weights.rooms_per_track * (sum(used) - 1))
            if weights.parallel_tracks and self._several:
                for session in sessions:
                    cells = sum(self.cell[track, session, room] for room in rooms)
                    surplus = cells - self.inside[track, session]
                    self._costs.append(weights.parallel_tracks * surplus)
            if weights.consecutive_tracks:
                self._costs.append(weights.consecutive_tracks * self._gap(track))

    def _add_pair_costs(self) -> None:
        weights = self.instance.weights
        sessions = range(len(self.instance.sessions))
        for one, other in combinations(range(len(self.instance.tracks)), 2):
            cost = weights.similar_tracks * self.instance.similar[one][other]
            cost += weights.chairs * ((one, other) in self.instance.chair_pairs)
            for session in sessions if cost else ():
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
        _, sessions, _ = self._ranges()
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
        _, _, rooms = self._ranges()
        for (number, session), talk in self.talk.items():
            submission = self.instance.submissions[number]
            cost = submission.slots * (
                weights.timezones * submission.zone_penalty[session]
                + weights.submissions_sessions * submission.session_penalty[session]
            )
            if cost:
                self._costs.append(cost * talk)
            for room in rooms if weights.submissions_rooms else ():
                if submission.room_penalty[room]:
                    there = self._both(talk, self.cell[submission.track, session, room])
                    price = weights.submissions_rooms * submission.room_penalty[room]
                    self._costs.append(price * submission.slots * there)

    def _add_conflicts(self) -> None:
        weights = self.instance.weights
        prices: dict[tuple[int, int], int] = defaultdict(int)
        for pair in self.instance.presenter_pairs:
            prices[pair] += weights.presenters + weights.presenters_timeslot
        for pair in self.instance.attendee_pairs:
            prices[pair] += weights.attendees + weights.attendees_timeslot
        for (one, other), price in sorted(prices.items()):
            free = [talk for talk in (one, other) if self._is_free(talk)]
            if price and len(free) == 2:
                self._add_conflict(one, other, price)
            elif price and len(free) == 1:
                # Two tracks never share a room, so with a kept talk the session alone decides.
                stands = other if free[0] == one else one
                self._costs.append(price * self.talk[free[0], self._session_of[stands]])

    def _is_free(self, talk: int) -> bool:
        return self.instance.submissions[talk].track in self._free

    def _add_conflict(self, one: int, other: int, price: int) -> None:
        track = self.instance.submissions[one].track
        is_same = track == self.instance.submissions[other].track
        if is_same and not self._several:
            return
        clash = self.cp.new_bool_var("")
        self._costs.append(price * clash)
        for session in range(len(self.instance.sessions)):
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
            sessions = range(len(self.instance.sessions))
            befores = [
                sum(self.talk[number, earlier] for number in numbers for earlier in range(session))
                for session in range(len(sessions) + 1)
            ]
            for number in numbers:
                wished = self.instance.submissions[number].order
                if not wished:
                    continue
                kept = self.cp.new_bool_var("")
                self._costs.append(weight * (1 - kept))
                for session in range(len(self.instance.sessions)):
                    here = [self.talk[number, session], kept]
                    self.cp.add(befores[session] <= wished - 1).only_enforce_if(here)
                    self.cp.add(befores[session + 1] >= wished).only_enforce_if(here)

    def _both(self, one: cp_model.IntVar, other: cp_model.IntVar) -> cp_model.IntVar:
        both = self.cp.new_bool_var("")
        self.cp.add_bool_or([one.negated(), other.negated(), both])
        return both

    def _ranges(self) -> tuple[list[int], range, range]:
        """Return the free tracks, the sessions and the rooms."""
        return self._tracks, range(len(self.instance.sessions)), range(len(self.instance.rooms))


def talk_sessions(schedule: Schedule) -> dict[int, int]:
    """Return talk -> session."""
    return {
        talk: session
        for session, rooms in enumerate(schedule.talks)
        for talks in rooms
        for talk in talks
        if talk >= 0
    }
