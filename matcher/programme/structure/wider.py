"""The rules that look beyond one slot, for the search: order, windows, plenaries, hosts' walks and pauses."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.places import Places
from matcher.programme.structure.model import sharing_hosts, walks

Ints: TypeAlias = NDArray[np.int64]


class WiderRules:
    """Tells after a swap whether the rules that the swap's own gain cannot see still hold."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._rooms = len(places.problem.rooms)
        self._slots = len(places.problem.slots)
        sessions = places.problem.sessions
        self._ordered = [
            (row, places.session_index[needed])
            for row, session in enumerate(sessions)
            for needed in sorted(session.prerequisites)
        ]
        self._windows = [
            ({row for row, session in enumerate(sessions) if role.id in session.roles}, role.window)
            for role in places.problem.roles
            if role.window is not None
        ]
        self._plenaries = [
            place for place, slot in enumerate(places.problem.slots) if slot.kind == "plenary"
        ]
        self._walks = list(walks(places))
        self._pause = places.problem.leader_pause
        self._sharing = sharing_hosts(places) if self._walks or self._pause else {}

    @property
    def is_needed(self) -> bool:
        """Tell whether the problem has any such rule."""
        return bool(self._ordered or self._windows or self._plenaries or self._walks or self._pause)

    def __call__(self, entry: Ints, swapped: tuple[int, int]) -> bool:
        """Tell whether the rules hold; `entry` is the copy in each cell, slot after slot."""
        del swapped  # the few rules are looked at whole: a meeting with them is small
        starts: dict[int, list[tuple[int, int]]] = {}
        for cell in np.flatnonzero(entry[: self._slots * self._rooms] >= 0).tolist():
            session = self._places.copies[int(entry[cell])][0]
            starts.setdefault(session, []).append((cell // self._rooms, cell % self._rooms))
        return (
            self._in_order(starts)
            and self._in_windows(starts)
            and self._alone(starts)
            and self._walkable(starts)
            and self._rested(starts)
        )

    def _in_order(self, starts: dict[int, list[tuple[int, int]]]) -> bool:
        for session, needed in self._ordered:
            ends = [self._places.filled[needed][slot][-1] for slot, _ in starts.get(needed, ())]
            for slot, _ in starts.get(session, ()):
                if not any(self._places.timeline.is_before(end, slot) for end in ends):
                    return False
        return True

    def _in_windows(self, starts: dict[int, list[tuple[int, int]]]) -> bool:
        slots, rank = self._places.problem.slots, self._places.timeline.rank
        for sessions, window in self._windows:
            filled = sorted(
                place
                for session in sessions
                for slot, _ in starts.get(session, ())
                for place in self._places.filled[session][slot]
            )
            if not filled:
                continue
            if rank[filled[-1]] - rank[filled[0]] >= window:
                return False
            if slots[filled[0]].day != slots[filled[-1]].day:
                return False
        return True

    def _alone(self, starts: dict[int, list[tuple[int, int]]]) -> bool:
        slots, at_once = self._places.problem.slots, self._places.timeline.at_once
        runs = [
            self._places.filled[session][slot]
            for session, begun in starts.items()
            for slot, _ in begun
        ]
        for place in self._plenaries:
            name = slots[place].id
            meanwhile = [run for run in runs if any(name in at_once[one] for one in run)]
            if len(meanwhile) > 1 and any(place in run for run in meanwhile):
                return False
        return True

    def _walkable(self, starts: dict[int, list[tuple[int, int]]]) -> bool:
        between = self._places.timeline.minutes_between
        for one, other, minutes in self._walks:
            for session, mates in self._sharing.items():
                for slot, room in starts.get(session, ()):
                    end = self._places.filled[session][slot][-1]
                    for mate in mates if room == one else ():
                        for later, place in starts.get(mate, ()):
                            if place == other and end < later and between(end, later) < minutes:
                                return False
        return True

    def _rested(self, starts: dict[int, list[tuple[int, int]]]) -> bool:
        between = self._places.timeline.minutes_between
        for session, mates in self._sharing.items() if self._pause else ():
            for slot, _ in starts.get(session, ()):
                end = self._places.filled[session][slot][-1]
                for mate in mates:
                    for later, _ in starts.get(mate, ()):
                        if end < later and between(end, later) < self._pause:
                            return False
        return True
