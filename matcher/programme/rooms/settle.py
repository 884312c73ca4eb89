"""Rooms chosen anew for agendas that stand: people stay where they are, and rooms are not crowded."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.flow import choose
from matcher.programme.places import Places
from matcher.programme.problem import Room, Run, Session, Timetable
from matcher.programme.rules.case import Case
from matcher.programme.rules.scores import COMFORTABLE_SHARE, LEVELS
from matcher.programme.rules.violations import violations

# Room fit is counted in fifths of a person: four fifths of a whole number of seats.
_FIFTHS = 5
_MOST_STARTS = 40
_LEVELS = ("hopping", "room_fit")


def settle_rooms(
    places: Places, timetable: Timetable, seconds: float, seed: int = 0, starts: int = _MOST_STARTS
) -> Timetable:
    """Return the same slots and agendas in better rooms: hopping, then room fit.

    Slot after slot the runs are assigned to rooms exactly (min-cost flow), given the rooms of all
    other slots, until nothing gets better; then anew from rooms drawn at random, best kept. Long
    runs, pinned runs and runs that stand as published stay. The levels above do not depend on rooms once agendas stand.
    """
    if not timetable.runs or not places.problem.people:
        return timetable
    ends = time.perf_counter() + seconds
    rooms = _Rooms.of(places, timetable)
    random = np.random.default_rng(seed)
    best, least = rooms.at.copy(), np.inf
    for _ in range(starts):
        found = rooms.descend()
        if found < least:
            best, least = rooms.at.copy(), found
        if least == 0 or time.perf_counter() > ends:
            break
        rooms.shuffle(random)
    settled = replace(timetable, runs=rooms.runs(best))
    return settled if _is_better(places, settled, timetable) else timetable


def _is_better(places: Places, new: Timetable, old: Timetable) -> bool:
    """Tell whether nothing is broken and the levels that speak of rooms became better."""
    found, known = (_room_levels(Case(places.problem, one)) for one in (new, old))
    return found < known and not violations(places.problem, new)


def _room_levels(case: Case) -> tuple[float, ...]:
    return tuple(round(sum(one.cost for one in LEVELS[name](case)), 6) for name in _LEVELS)


@dataclass
class _Rooms:
    """The runs by number: `at` is the room of each; `costs` is what a room costs a run by itself.

    `moves[a, b]` counts the people who go from run a to run b or back, one after the other on a
    day; `per_move` is what one of them costs when the rooms differ. Infinite cost: not allowed.
    """

    places: Places
    order: tuple[Run, ...]
    at: NDArray[np.int64]
    costs: NDArray[np.float64]
    moves: NDArray[np.int64]
    per_move: int
    by_slot: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, places: Places, timetable: Timetable) -> "_Rooms":
        """Work out from a timetable what each room would cost each run."""
        case = Case(places.problem, timetable)
        order = timetable.runs
        number = {run: place for place, run in enumerate(order)}
        rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
        at = np.array([rooms[run.room] for run in order])
        costs, most = _own_costs(places, order, at, case.attendance)
        moves = np.zeros((len(order), len(order)), dtype=np.int64)
        for (one, other), people in _moves(case).items():
            moves[number[one], number[other]] += people
            moves[number[other], number[one]] += people
        slots: dict[str, list[int]] = {}
        for place, run in enumerate(order):
            if np.isfinite(costs[place]).sum() > 1:
                slots.setdefault(run.slot, []).append(place)
        return cls(places, order, at, costs, moves, most + 1, tuple(map(tuple, slots.values())))

    def runs(self, at: NDArray[np.int64]) -> tuple[Run, ...]:
        """Return the runs in these rooms."""
        names = [room.id for room in self.places.problem.rooms]
        return tuple(
            replace(run, room=names[room]) for run, room in zip(self.order, at, strict=True)
        )

    def descend(self) -> float:
        """Assign slot after slot until no slot can be assigned better; return the total cost."""
        total = np.inf
        while (now := self._sweep()) < total:
            total = now
        return now

    def shuffle(self, random: np.random.Generator) -> None:
        """Draw rooms at random for the runs that may move, each slot a valid assignment."""
        for here in self.by_slot:
            noise = random.random((len(here), self.costs.shape[1])) * self.per_move
            self._assign(here, np.where(np.isfinite(self.costs[list(here)]), noise, np.inf))

    def _sweep(self) -> float:
        for here in self.by_slot:
            self._assign(here, self._costs_of(here))
        own = self.costs[np.arange(len(self.at)), self.at].sum()
        apart = self.at[:, None] != self.at[None, :]
        return float(own + self.per_move * (self.moves * apart).sum() / 2)

    def _costs_of(self, here: tuple[int, ...]) -> NDArray[np.float64]:
        """Return runs of the slot x rooms: own costs, and people who would have to change rooms."""
        beside = self.moves[list(here)]
        in_room = np.zeros((len(self.at), self.costs.shape[1]))
        in_room[np.arange(len(self.at)), self.at] = 1
        away = beside.sum(axis=1, keepdims=True) - beside @ in_room
        costs: NDArray[np.float64] = self.costs[list(here)] + self.per_move * away
        return costs

    def _assign(self, here: tuple[int, ...], costs: NDArray[np.float64]) -> None:
        """Give each run of a slot a room of its own, at the least cost."""
        possible = np.isfinite(costs)
        top = int(np.where(possible, costs, 0).sum()) + 1
        values = np.where(possible, top - np.where(possible, costs, 0), 0).astype(np.int64)
        ones = np.ones(len(here), dtype=np.int64)
        sent = choose(values, ones, np.ones(values.shape[1], dtype=np.int64))
        if (sent.sum(axis=1) == 1).all():
            self.at[list(here)] = sent.argmax(axis=1)


def _own_costs(
    places: Places,
    order: tuple[Run, ...],
    at: NDArray[np.int64],
    attendance: Mapping[Run, tuple[str, ...]],
) -> tuple[NDArray[np.float64], int]:
    """Return runs x rooms of room fit, and the most that all of them come to."""
    problem = places.problem
    number = {person.id: place for place, person in enumerate(problem.people)}
    costs = np.full((len(order), len(problem.rooms)), np.inf)
    for place, run in enumerate(order):
        row = places.session_index[run.session]
        if run in problem.published or _stays(problem.sessions[row], run):
            costs[place, at[place]] = 0
            continue
        people = [number[name] for name in attendance[run] if name in number]
        open_rooms = places.cells[row, places.timeline.index[run.slot]]
        reached = places.reach[people].all(axis=0)
        for room in np.flatnonzero(open_rooms & reached).tolist():
            crowd = _crowd(problem.rooms[room], len(people) + places.outside_hosts[row])
            if crowd is not None:
                costs[place, room] = crowd + _unloved(places, row, room, len(people))
    costs = _without_taken(places, order, at, costs)
    finite = np.where(np.isfinite(costs), costs, 0)
    return costs, int(finite.max(axis=1).sum())


def _unloved(places: Places, row: int, room: int, people: int) -> int:
    """Return the fifths of people who would be in a room that their session does not prefer."""
    preferred = places.problem.sessions[row].preferred_rooms
    if not preferred or places.problem.rooms[room].id in preferred:
        return 0
    return _FIFTHS * (people + places.outside_hosts[row])


def _crowd(room: Room, people: int) -> int | None:
    """Return the fifths of people beyond four fifths of the seats; None: the room is too small."""
    if room.capacity is None:
        return 0
    if people > room.capacity:
        return None
    return max(0, round(_FIFTHS * (people - COMFORTABLE_SHARE * room.capacity)))


def _stays(session: Session, run: Run) -> bool:
    """Tell whether a run has to keep its room: it is long, or it is the run at the pin."""
    at_pin = session.pin_room == run.room and session.pin_slot in {None, run.slot}
    return session.duration > 1 or at_pin


def _without_taken(
    places: Places, order: tuple[Run, ...], at: NDArray[np.int64], costs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take out the rooms that runs which stay fill in the slots of others."""
    stay = [place for place, row in enumerate(costs) if np.isfinite(row).sum() <= 1]
    for place in stay:
        for slot in places.timeline.filled(order[place].session, order[place].slot):
            for other, run in enumerate(order):
                if other not in stay and places.timeline.index[run.slot] == slot:
                    costs[other, at[place]] = np.inf
    return costs


def _moves(case: Case) -> Counter[tuple[Run, Run]]:
    """Count the people who go from one run to the next on the same day."""
    slots = case.problem.slots
    moves: Counter[tuple[Run, Run]] = Counter()
    for runs in case.agenda_runs.values():
        line = sorted(runs, key=case.place)
        moves.update(
            (one, other)
            for one, other in pairwise(line)
            if slots[case.place(one)].day == slots[case.place(other)].day
        )
    return moves
