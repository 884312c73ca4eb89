"""Instances of CoSPLib's kind around a schedule that costs nothing, so that the best value is known: 0."""

import random
from typing import Final

from bench.cosplib.instance import Instance, Matrix, Schedule, Submission, Weights

# name -> (tracks, sessions, rooms, most sessions of a track, sizes of sessions)
PLANTED: Final = {
    "tiny": (6, 6, 8, 3, (2, 3)),
    "few-tracks": (5, 14, 3, 8, (3, 4, 5)),
    "long-tracks": (8, 20, 4, 10, (3, 4, 5)),
    "mixed": (30, 12, 9, 4, (3, 4, 5)),
    "large": (72, 32, 23, 12, (2, 2, 3)),
}
# As the library weighs its larger conferences, all terms switched on.
_WEIGHTS: Final = Weights(1, 1, 1, 1, 10, 10, 10, 1, 1, 1, 1, 100, 10, 100, 100, 10)
_FULL: Final = 0.85
_SHARE: Final = 0.3
_DEAREST: Final = 10


def planted(name: str, seed: int = 1) -> tuple[Instance, Schedule]:
    """Return an instance and the schedule that it was built around, which costs 0.

    Each track stands in one room, in sessions that follow each other. What lies elsewhere costs
    something three times in ten; people, chairs and likeness never meet where the schedule stands.
    """
    tracks, sessions, rooms, most, sizes = PLANTED[name]
    draw = random.Random(f"{name} {seed}")
    capacity = tuple(draw.choice(sizes) for _ in range(sessions))
    grid = _grid(draw, tracks, sessions, rooms, most)
    submissions, held = _talks(draw, grid, capacity, rooms)
    beside = {
        (min(one, other), max(one, other))
        for row in grid
        for one in row
        for other in row
        if one >= 0 and other >= 0 and one != other
    }
    chairs = _apart(draw, tracks, beside)
    instance = Instance(
        tracks=tuple(f"T{number}" for number in range(tracks)),
        sessions=tuple(f"S{number}" for number in range(sessions)),
        rooms=tuple(f"R{number}" for number in range(rooms)),
        capacity=capacity,
        submissions=submissions,
        chairs=chairs,
        weights=_WEIGHTS,
        tracks_sessions=_penalties(
            draw, tracks, sessions, {(k, s) for s, row in enumerate(grid) for k in row}
        ),
        tracks_rooms=_penalties(
            draw, tracks, rooms, {(k, r) for row in grid for r, k in enumerate(row)}
        ),
        sessions_rooms=_penalties(
            draw,
            sessions,
            rooms,
            {(s, r) for s, row in enumerate(grid) for r, k in enumerate(row) if k >= 0},
        ),
        similar=tuple(
            tuple(
                _DEAREST * (one < other and (one, other) not in beside and draw.random() < _SHARE)
                for other in range(tracks)
            )
            for one in range(tracks)
        ),
    )
    return instance, Schedule(tuple(tuple(row) for row in grid), held)


def _grid(
    draw: random.Random, tracks: int, sessions: int, rooms: int, most: int
) -> list[list[int]]:
    """Return sessions x rooms -> track: room after room is filled with tracks of some sessions in a row."""
    free = [(room, 0) for room in range(rooms)]
    grid = [[-1] * rooms for _ in range(sessions)]
    shortest = max(1, min(most, round(_FULL * sessions * rooms / tracks) - 1))
    left = list(range(tracks))
    draw.shuffle(left)
    while left:
        room, first = min(free, key=lambda one: one[1])
        if first >= sessions:
            raise ValueError("more tracks than the rooms hold")
        free.remove((room, first))
        length = min(draw.randint(shortest, shortest + 2), most, sessions - first)
        track = left.pop()
        for session in range(first, first + length):
            grid[session][room] = track
        free.append((room, first + length))
    return grid


def _talks(
    draw: random.Random, grid: list[list[int]], capacity: tuple[int, ...], rooms: int
) -> tuple[tuple[Submission, ...], tuple[tuple[tuple[int, ...], ...], ...]]:
    """Return the talks, drawn cell by cell, and where they stand; every third track has an order."""
    held = [[[-1] * size for _ in range(rooms)] for size in capacity]
    submissions: list[Submission] = []
    place: dict[int, int] = {}
    busy: list[set[str]] = [set() for _ in grid]
    people = [f"p{number}" for number in range(4 * sum(map(len, grid)))]
    for session, row in enumerate(grid):
        for room, track in enumerate(row):
            slot = 0
            while track >= 0 and slot < capacity[session] - (draw.random() < 1 - _FULL):
                length = 2 if capacity[session] - slot >= 2 and draw.random() < _SHARE / 2 else 1
                place[track] = place.get(track, 0) + 1
                presenters = _free(draw, people, busy[session], draw.choice((1, 1, 2)))
                attendees = _free(draw, people, busy[session], 1)
                number = len(submissions)
                submissions.append(
                    Submission(
                        reference=f"x{number}",
                        track=track,
                        slots=length,
                        order=place[track] if track % 3 == 0 else 0,
                        presenters=presenters,
                        attendees=attendees,
                        session_penalty=_row(draw, len(grid), session),
                        room_penalty=_row(draw, rooms, room),
                        zone_penalty=_row(draw, len(grid), session),
                    )
                )
                for used in range(slot, slot + length):
                    held[session][room][used] = number
                slot += length
    return tuple(submissions), tuple(tuple(tuple(one) for one in row) for row in held)


def _free(draw: random.Random, people: list[str], busy: set[str], count: int) -> frozenset[str]:
    """Return some people who are not busy, and note that they are."""
    found: set[str] = set()
    while len(found) < count:
        found.add(draw.choice(people))
        found -= busy
    busy |= found
    return frozenset(found)


def _row(draw: random.Random, count: int, free: int) -> tuple[int, ...]:
    return tuple(
        0 if place == free or draw.random() > _SHARE else draw.randint(1, _DEAREST)
        for place in range(count)
    )


def _penalties(draw: random.Random, rows: int, columns: int, used: set[tuple[int, int]]) -> Matrix:
    return tuple(
        tuple(
            0 if (row, column) in used or draw.random() > _SHARE else draw.randint(1, _DEAREST)
            for column in range(columns)
        )
        for row in range(rows)
    )


def _apart(
    draw: random.Random, tracks: int, beside: set[tuple[int, int]]
) -> tuple[frozenset[str], ...]:
    """Return the chairs of each track: who chairs two has them in different sessions."""
    led: list[list[int]] = []
    for track in range(tracks):
        free = [
            group
            for group in led
            if not any((one, track) in beside for one in group) and draw.random() < _SHARE
        ]
        if free:
            free[0].append(track)
        else:
            led.append([track])
    chair = {track: f"c{number}" for number, group in enumerate(led) for track in group}
    return tuple(frozenset({chair[track]}) for track in range(tracks))
