"""Rooms afterwards: with slots decided, the fullest runs get the largest rooms that suit them."""

import numpy as np
from numpy.typing import NDArray

from matcher.flow import choose
from matcher.programme.places import Places
from matcher.programme.problem import Run

_SEAT_MISSING, _PLACED = 1_000, 10**9


def assign_rooms(places: Places, runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the same runs in rooms with the fewest people beyond a room's seats, slot by slot.

    Expected are the people whose best wish in the slot it is. Long runs, pinned rooms and published
    runs stay; where slots overlap all do.
    """
    if places.timeline.has_overlaps:
        return runs
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    sessions = places.session_index
    moved: list[Run] = []
    for place, slot in enumerate(places.problem.slots):
        here = [run for run in runs if run.slot == slot.id]
        loose = [run for run in here if _is_loose(places, run)]
        moved.extend(run for run in here if run not in loose)
        if not loose:
            continue
        held = {rooms[run.room] for run in runs if run not in loose and _fills(places, run, place)}
        rows = [sessions[run.session] for run in loose]
        open_cells = places.cells[rows, place, :].copy()
        open_cells[:, sorted(held)] = False
        values = np.where(open_cells, _PLACED - _costs(places, rows, place), 0).astype(np.int64)
        one_each = np.ones(len(loose), dtype=np.int64)
        sent = choose(values, one_each, np.ones(len(rooms), dtype=np.int64))
        for run, row in zip(loose, sent, strict=True):
            room = places.problem.rooms[int(row.argmax())].id if row.any() else run.room
            moved.append(Run(run.session, run.slot, room))
    return tuple(moved)


def _is_loose(places: Places, run: Run) -> bool:
    session = places.problem.sessions[places.session_index[run.session]]
    stays = session.pin_room is not None or run in places.problem.published
    return session.duration == 1 and not stays


def _fills(places: Places, run: Run, place: int) -> bool:
    return place in places.timeline.filled(run.session, run.slot)


def _costs(places: Places, rows: list[int], place: int) -> NDArray[np.float64]:
    """Return runs x rooms: people without a seat count most, then crowding and rooms less preferred, then empty seats."""
    everyone = len(places.problem.people)
    seats = np.array(
        [everyone if room.capacity is None else room.capacity for room in places.problem.rooms]
    )
    worth = places.wishes[rows] * places.here[:, place]
    for row, session in enumerate(rows):
        worth[row, list(places.hosts[session])] = np.inf  # who hosts is nowhere else
    best = worth.argmax(axis=0)
    expected = np.bincount(best[worth.max(axis=0, initial=0) > 0], minlength=len(rows)).astype(
        float
    )
    for row, session in enumerate(rows):
        expected[row] = max(expected[row], len(places.hosts[session]))
        expected[row] += places.outside_hosts[session]
    missing = np.maximum(expected[:, None] - seats[None, :], 0)
    crowd = np.maximum(expected[:, None] - 0.8 * seats[None, :], 0)
    unloved = np.zeros_like(crowd)
    for row, session in enumerate(rows):
        preferred = places.problem.sessions[session].preferred_rooms
        for room, one in enumerate(places.problem.rooms) if preferred else ():
            unloved[row, room] = 0.0 if one.id in preferred else max(expected[row], 1.0)
    costs: NDArray[np.float64] = np.rint(_SEAT_MISSING * missing + 10 * (crowd + unloved))
    return costs
