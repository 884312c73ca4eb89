"""A first valid schedule: tracks one after the other into the cheapest free cells, several tries."""

import random
from collections.abc import Iterator

from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack

_TRIES = 60


def starts(instance: Instance, seed: int = 0) -> Iterator[Schedule]:
    """Yield valid schedules: half of the tries keep a track to one room of a session."""
    draw = random.Random(seed)
    length = [
        sum(instance.submissions[talk].slots for talk in talks) for talks in instance.of_track
    ]
    for number in range(_TRIES):
        noise = (number // 2) / 10
        order = sorted(
            range(len(instance.tracks)),
            key=lambda track: -length[track] * (1 + noise * draw.random()),
        )
        found = _Placing(instance, draw, noise, one_room=number % 2 == 0).place_all(order)
        if found is not None:
            yield found


class _Placing:
    """One try: cells still free, and where each track stands so far."""

    def __init__(
        self, instance: Instance, draw: random.Random, noise: float, *, one_room: bool
    ) -> None:
        self._instance = instance
        self._draw = draw
        self._noise = noise
        self._one_room = one_room
        self._free = {
            (s, r) for s in range(len(instance.sessions)) for r in range(len(instance.rooms))
        }
        self._rooms_of: dict[tuple[int, int], list[int]] = {}
        self._session_of: dict[int, int] = {}
        # Tracks that stand in each session, and rooms in which each track stands.
        self._inside: list[set[int]] = [set() for _ in instance.sessions]
        self._rooms_used: list[set[int]] = [set() for _ in instance.tracks]

    def place_all(self, order: list[int]) -> Schedule | None:
        """Place the tracks in this order; None when one finds no cell."""
        if not all(self._place(track) for track in order):
            return None
        for rooms in self._rooms_of.values():
            rooms.sort()
        return pack(self._instance, self._rooms_of, self._session_of)

    def _place(self, track: int) -> bool:
        submissions = self._instance.submissions
        talks = sorted(
            self._instance.of_track[track],
            key=lambda one: (-submissions[one].slots, submissions[one].order),
        )
        while talks:
            cell = self._best_cell(track, talks)
            if cell is None:
                return False
            self._free.discard(cell)
            self._rooms_of.setdefault((track, cell[0]), []).append(cell[1])
            self._inside[cell[0]].add(track)
            self._rooms_used[track].add(cell[1])
            space = self._instance.capacity[cell[0]]
            for talk in list(talks):
                if submissions[talk].slots <= space:
                    space -= submissions[talk].slots
                    self._session_of[talk] = cell[0]
                    talks.remove(talk)
        return True

    def _best_cell(self, track: int, talks: list[int]) -> tuple[int, int] | None:
        """Return the free cell that costs least for what it would hold, fuller cells preferred."""
        longest = self._instance.submissions[talks[0]].slots
        fitting = [
            cell
            for cell in self._free
            if self._instance.capacity[cell[0]] >= longest
            and not (self._one_room and (track, cell[0]) in self._rooms_of)
        ]
        noise = self._noise * self._draw.random()
        sessions = sorted({session for session, _ in fitting})
        costs = {session: self._session_cost(track, talks, session) for session in sessions}

        def cost(cell: tuple[int, int]) -> tuple[float, int, int]:
            session, room = cell
            spread = noise * ((session * 7 + room * 3) % 5)
            return costs[session] + self._room_cost(track, session, room) + spread, session, room

        return min(fitting, key=cost, default=None)

    def _session_cost(self, track: int, talks: list[int], session: int) -> float:
        instance, weights = self._instance, self._instance.weights
        needed = sum(instance.submissions[talk].slots for talk in talks)
        hours = sum(
            weights.timezones * instance.submissions[talk].zone_penalty[session]
            + weights.submissions_sessions * instance.submissions[talk].session_penalty[session]
            for talk in talks
        )
        waste = max(instance.capacity[session] - needed, 0)
        parallel = weights.parallel_tracks * len(self._rooms_of.get((track, session), ()))
        beside = sum(
            instance.track_prices.get((min(track, other), max(track, other)), 0)
            for other in self._inside[session] - {track}
        )
        own = weights.tracks_sessions * instance.tracks_sessions[track][session]
        return own + beside + parallel + waste + hours / len(talks)

    def _room_cost(self, track: int, session: int, room: int) -> float:
        instance, weights = self._instance, self._instance.weights
        elsewhere = self._rooms_used[track]
        new_room = bool(elsewhere) and room not in elsewhere
        return (
            weights.tracks_rooms * instance.tracks_rooms[track][room]
            + weights.sessions_rooms * instance.sessions_rooms[session][room]
            + weights.rooms_per_track * new_room
        )
