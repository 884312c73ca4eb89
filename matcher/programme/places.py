"""Where each topic may run, worked out once from the problem: the ground that all solvers share."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.problem import Person, Problem, Room, Session
from matcher.programme.rules.day import Timeline

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """A problem in numbers: sessions, slots, rooms and people by their place in its lists.

    A *copy* is one of the times that a session may run: sessions with `repeats` have several.
    """

    problem: Problem

    @cached_property
    def timeline(self) -> Timeline:
        """The slots as a line of time."""
        return Timeline.of(self.problem)

    @cached_property
    def session_index(self) -> dict[str, int]:
        """Session id -> place in the problem's list."""
        return {session.id: place for place, session in enumerate(self.problem.sessions)}

    @cached_property
    def copies(self) -> tuple[tuple[int, int], ...]:
        """(session, number) of each copy; number 0 carries the pin."""
        return tuple(
            (place, number)
            for place, session in enumerate(self.problem.sessions)
            for number in range(min(session.repeats, len(self.problem.slots)))
        )

    @cached_property
    def filled(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Sessions x slots -> the slots that a run beginning there fills; empty: does not fit."""
        return tuple(
            tuple(self.timeline.filled(session.id, slot.id) for slot in self.problem.slots)
            for session in self.problem.sessions
        )

    @cached_property
    def occupied(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """Sessions x slots -> the moments that a run beginning there takes (see `Timeline.moments`)."""
        return tuple(
            tuple(self.timeline.occupied(session.id, slot.id) for slot in self.problem.slots)
            for session in self.problem.sessions
        )

    @cached_property
    def wishes(self) -> FloatArray:
        """Sessions x people: the weight wished."""
        weights = np.zeros((len(self.problem.sessions), len(self.problem.people)))
        for column, person in enumerate(self.problem.people):
            for session, weight in person.wishes.items():
                weights[self.session_index[session], column] = weight
        return weights

    @cached_property
    def here(self) -> BoolArray:
        """People x slots: the person can attend."""
        return np.array(
            [
                [
                    self.timeline.can_attend(person, place)
                    for place in range(len(self.problem.slots))
                ]
                for person in self.problem.people
            ],
            dtype=np.bool_,
        ).reshape(len(self.problem.people), len(self.problem.slots))

    @cached_property
    def reach(self) -> BoolArray:
        """People x rooms: the person can take part there."""
        return np.array(
            [
                [_reaches(room, person) for room in self.problem.rooms]
                for person in self.problem.people
            ],
            dtype=np.bool_,
        ).reshape(len(self.problem.people), len(self.problem.rooms))

    @cached_property
    def hosts(self) -> tuple[tuple[int, ...], ...]:
        """Sessions -> those of its hosts who stand under people."""
        index = {person.id: place for place, person in enumerate(self.problem.people)}
        return tuple(
            tuple(sorted(index[host] for host in session.hosts if host in index))
            for session in self.problem.sessions
        )

    @cached_property
    def outside_hosts(self) -> tuple[int, ...]:
        """Sessions -> how many of its hosts do not stand under people; they take a seat as well."""
        return tuple(
            len(session.hosts) - len(inside)
            for session, inside in zip(self.problem.sessions, self.hosts, strict=True)
        )

    @cached_property
    def guests_only(self) -> BoolArray:
        """Sessions x people: False where a guest of a windowed role has no part in a session."""
        windowed = {role.id for role in self.problem.roles if role.window is not None}
        allowed = np.ones((len(self.problem.sessions), len(self.problem.people)), dtype=np.bool_)
        for column, person in enumerate(self.problem.people):
            roles = person.roles & windowed
            for row, session in enumerate(self.problem.sessions) if roles else ():
                allowed[row, column] = bool(session.roles & roles) or person.id in session.hosts
        return allowed

    @cached_property
    def must(self) -> BoolArray:
        """Sessions x people: the person has to attend, by own list or as a guest of a role."""
        windowed = {role.id for role in self.problem.roles if role.window is not None}
        needed = np.zeros((len(self.problem.sessions), len(self.problem.people)), dtype=np.bool_)
        for column, person in enumerate(self.problem.people):
            for name in person.must:
                needed[self.session_index[name], column] = True
            roles = person.roles & windowed
            for row, session in enumerate(self.problem.sessions) if roles else ():
                needed[row, column] |= bool(session.roles & roles)
        return needed

    @cached_property
    def cells(self) -> BoolArray:
        """Sessions x slots x rooms: a run may begin in this slot in this room, pins not counted."""
        shape = (len(self.problem.sessions), len(self.problem.slots), len(self.problem.rooms))
        allowed = np.zeros(shape, dtype=np.bool_)
        for row, session in enumerate(self.problem.sessions):
            rooms = [self._room_suits(row, room) for room in range(shape[2])]
            for slot in range(shape[1]):
                if self._time_suits(row, session, slot):
                    filled = self.filled[row][slot]
                    taken = frozenset().union(*(self.timeline.at_once[place] for place in filled))
                    for column, room in enumerate(self.problem.rooms):
                        free = room.unavailable_slots.isdisjoint(taken)
                        allowed[row, slot, column] = rooms[column] and free
        return allowed

    def copy_cells(self, copy: int) -> BoolArray:
        """Slots x rooms where a copy may begin: its session's cells, and the pin for the first."""
        row, number = self.copies[copy]
        return self.pinned_cells(row) if number == 0 else self.cells[row].copy()

    def pinned_cells(self, row: int) -> BoolArray:
        """Slots x rooms where a session may begin and keep its pin; without one, all its cells."""
        session = self.problem.sessions[row]
        allowed: BoolArray = self.cells[row].copy()
        if session.pin_slot is not None:
            kept = self.timeline.index[session.pin_slot]
            allowed[np.arange(len(allowed)) != kept, :] = False
        if session.pin_room is not None:
            for column, room in enumerate(self.problem.rooms):
                allowed[:, column] &= room.id == session.pin_room
        return allowed

    def must_place(self, copy: int) -> bool:
        """Tell whether a copy has to run: the first of a session that must run or is pinned."""
        row, number = self.copies[copy]
        session = self.problem.sessions[row]
        pinned = session.pin_slot is not None or session.pin_room is not None
        return number == 0 and (session.is_must_run or pinned)

    def _time_suits(self, row: int, session: Session, slot: int) -> bool:
        filled = self.filled[row][slot]
        start = self.problem.slots[slot].start
        if not filled or (session.not_before and start and start < session.not_before):
            return False
        end = self.problem.slots[filled[-1]].end
        if session.ends_by and end and end > session.ends_by:
            return False
        if not session.unavailable_slots.isdisjoint(
            self.problem.slots[place].id for place in filled
        ):
            return False
        return all(self.here[host, place] for host in self.hosts[row] for place in filled)

    def _room_suits(self, row: int, column: int) -> bool:
        session, room = self.problem.sessions[row], self.problem.rooms[column]
        has_all = (
            (room.is_digital or not session.needs_digital)
            and (room.is_accessible or not session.needs_accessible)
            and session.equipment <= room.equipment
            and room.id not in session.forbidden_rooms
        )
        holds_hosts = room.capacity is None or room.capacity >= len(session.hosts)
        return has_all and holds_hosts and all(self.reach[host, column] for host in self.hosts[row])


def _reaches(room: Room, person: Person) -> bool:
    if person.form == "digital":
        return room.is_digital
    return room.is_accessible or not person.needs_accessible
