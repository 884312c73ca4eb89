"""A first valid schedule: tracks one after the other into the cheapest free cells, several tries."""

import random

from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack

_TRIES = 60


def start(instance: Instance, seed: int = 0) -> Schedule | None:
    """Return the first valid schedule that a try gives, or None."""
    draw = random.Random(seed)
    length = [
        sum(instance.submissions[talk].slots for talk in talks) for talks in instance.of_track
    ]
    for number in range(_TRIES):
        noise = number / 10
        order = sorted(
            range(len(instance.tracks)),
            key=lambda track: -length[track] * (1 + noise * draw.random()),
        )
        found = _place_all(instance, order, draw, noise)
        if found is not None:
            return found
    return None


def _place_all(
    instance: Instance, order: list[int], draw: random.Random, noise: float
) -> Schedule | None:
    free = {(s, r) for s in range(len(instance.sessions)) for r in range(len(instance.rooms))}
    session_of = [-1] * len(instance.submissions)
    rooms_of: dict[tuple[int, int], list[int]] = {}
    for track in order:
        talks = sorted(instance.of_track[track], key=lambda one: _hardness(instance, one))
        while talks:
            cell = _best_cell(instance, track, talks, free, rooms_of, draw.random() * noise)
            if cell is None:
                return None
            free.discard(cell)
            rooms_of.setdefault((track, cell[0]), []).append(cell[1])
            space = instance.capacity[cell[0]]
            for talk in list(talks):
                if instance.submissions[talk].slots <= space:
                    space -= instance.submissions[talk].slots
                    session_of[talk] = cell[0]
                    talks.remove(talk)
    for rooms in rooms_of.values():
        rooms.sort()
    return pack(instance, rooms_of, session_of)


def _hardness(instance: Instance, talk: int) -> tuple[int, int]:
    submission = instance.submissions[talk]
    return -submission.slots, submission.order


def _best_cell(
    instance: Instance,
    track: int,
    talks: list[int],
    free: set[tuple[int, int]],
    rooms_of: dict[tuple[int, int], list[int]],
    noise: float,
) -> tuple[int, int] | None:
    """Return the free cell with the least cost for what it would hold, fuller cells preferred."""
    weights = instance.weights
    longest = instance.submissions[talks[0]].slots
    needed = sum(instance.submissions[talk].slots for talk in talks)

    def cost(cell: tuple[int, int]) -> tuple[float, int, int]:
        session, room = cell
        penalty = (
            weights.tracks_sessions * instance.tracks_sessions[track][session]
            + weights.tracks_rooms * instance.tracks_rooms[track][room]
            + weights.sessions_rooms * instance.sessions_rooms[session][room]
            + weights.parallel_tracks * len(rooms_of.get((track, session), ()))
        )
        hours = sum(
            weights.timezones * instance.submissions[talk].zone_penalty[session]
            + weights.submissions_sessions * instance.submissions[talk].session_penalty[session]
            for talk in talks
        )
        waste = max(instance.capacity[session] - needed, 0)
        return (
            penalty + hours / len(talks) + waste + noise * ((session * 7 + room * 3) % 5),
            session,
            room,
        )

    fitting = [cell for cell in free if instance.capacity[cell[0]] >= longest]
    return min(fitting, key=cost, default=None)
