"""The solver for CoSPLib: a start, the whole model, then neighbourhoods of a few tracks."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from math import inf
from threading import Lock
from typing import Final

from bench.cosplib.evaluate import faults, objective
from bench.cosplib.instance import Instance, Schedule, Weights
from bench.cosplib.merge import merged
from bench.cosplib.model import Kept, Model, Part
from bench.cosplib.start import starts
from matcher.cpsat import solve_model
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget

Report = Callable[[str], None]

# Up to so many cells (tracks x sessions x rooms) the whole model finds good schedules by itself;
# one room per track and session is the smaller model; it goes first.
_SMALL = 6_000
_WHOLE_SHARES = (0.35, 0.2)
_STARTING_SHARE = 0.05
_SCARCE_SHARE = 0.5
_FEWEST_FREE, _FEWEST_ROOMS = 3, 2
_FIRST_CELLS = 1_500
# A round may take so much work (CP-SAT's deterministic seconds), and as much more for each so many seconds of a
# processor without a gain; a round of fewer seconds than the first share of it is quick, of more than the second slow.
_WORK, _MOST_WORK, _PATIENCE = 0.5, 4.0, 20.0
_QUICK, _SLOW = 0.3, 0.9
_MORE_ROOMS = 2
# What is freed together: tracks of two sessions, or of anywhere, with the rooms where they stand; what stands in some
# rooms, in all sessions or a block of them; more tracks in some sessions; only their rooms, or the sessions of their talks.
WAYS: Final[dict[str, Part]] = {
    "sessions": "all",
    "rooms": "all",
    "block": "all",
    "tracks": "all",
    "hours": "all",
    "places": "rooms",
    "talks": "talks",
}
_IN_A_ROW = 0.5
# A way gets at least this share of the time that the best one gets; time goes by gain per second, and news weighs so much.
_LEAST_TRIED = 0.2
_NEWS = 0.1


@dataclass
class Way:
    """How many tracks it frees, for how much work, and what it has gained per second of a processor lately."""

    size: float
    work: float
    gain: float = 0.0
    seconds: float = 0.1

    def learn(self, gain: float, seconds: float, allowed: float, most: float) -> None:
        """Note a round: quick ones free more next time, slow ones less, or have longer where less is too little."""
        self.seconds += _NEWS * (seconds - self.seconds)
        self.gain += _NEWS * (gain / max(seconds, 0.01) - self.gain)
        if seconds < allowed * _QUICK:
            self.size = min(self.size * 1.1, most)
        elif seconds > allowed * _SLOW and self.size > _FEWEST_FREE:
            self.size = max(self.size * 0.9, _FEWEST_FREE)
        elif seconds > allowed * _SLOW:
            self.work = min(self.work * 1.2, _MOST_WORK)


class Search:
    """The best schedule so far, and the clock."""

    def __init__(self, instance: Instance, budget: Budget, report: Report) -> None:
        self.instance = instance
        self.best: Schedule | None = None
        self.value: int | None = None
        self.lower_bound: float | None = None
        self._budget = budget
        self._ends = time.perf_counter() + budget.seconds
        self._report = report
        self._lock = Lock()
        cells = len(instance.sessions) * len(instance.rooms)
        first = max(min(len(instance.tracks) // 8, _FIRST_CELLS // cells), _FEWEST_FREE)
        self._idle = 0.0
        self._ways = {name: Way(float(first), _WORK) for name in WAYS}

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._ends - time.perf_counter()

    def offer(self, schedule: Schedule, source: str, base: Schedule | None = None) -> int:
        """Take a valid schedule when it is better, say so, and return by how much.

        Where the best is no longer the `base` that was changed, the change is made in the best too.
        """
        if faults(self.instance, schedule):
            return 0
        found, chosen = objective(self.instance, schedule), schedule
        best = self.best
        if base is not None and best is not None and best is not base:
            both = merged(self.instance, base, schedule, best)
            if both is not None and not faults(self.instance, both):
                found, chosen = min((objective(self.instance, both), both), (found, chosen))
        with self._lock:
            if self.value is not None and found >= self.value:
                return 0
            gain = 0 if self.value is None else self.value - found
            self.best, self.value = chosen, found
            self._report(f"{self._budget.seconds - self.left:6.1f} s  {found}  {source}")
        return gain

    def whole(self, *, several_rooms: bool, seconds: float) -> bool:
        """Solve the whole model; tell whether its optimum is proven."""
        most = inf if self.value is None else self.value
        model = Model(self.instance, several_rooms=several_rooms, most=most)
        name = "several rooms" if several_rooms else "one room"
        if self.best is not None:
            model.hint(self.best)
        budget = replace(self._budget, seconds=min(seconds, self.left))
        try:
            answer = solve_model(model.cp, budget, phase=name)
        except (InfeasibleError, NoSolutionInTimeError):
            return False
        self.offer(model.schedule(answer), name)
        if several_rooms:
            self.lower_bound = answer.proof.lower_bound
        return answer.proof.status == "optimal"

    def start(self) -> None:
        """Offer schedules made cell by cell; the first valid one comes within a second."""
        ends = time.perf_counter() + self._budget.seconds * _STARTING_SHARE
        for schedule in starts(self.instance, self._budget.seed):
            self.offer(schedule, "start")
            if time.perf_counter() > ends:
                break
        if self.best is None:
            self._start_by_model()

    def _start_by_model(self) -> None:
        """Find any valid schedule, all terms switched off: where cells are scarce."""
        free = replace(self.instance, weights=Weights(*[0] * len(fields(Weights))))
        model = Model(free, several_rooms=True)
        budget = replace(self._budget, seconds=self.left * _SCARCE_SHARE)
        try:
            answer = solve_model(model.cp, budget, phase="any schedule")
        except (InfeasibleError, NoSolutionInTimeError):
            return
        self.offer(model.schedule(answer), "any schedule")

    def neighbourhoods(self) -> None:
        """Free parts, one beside the other for each worker, re-solve them and keep what is better."""
        workers = range(self._budget.workers)
        draws = [random.Random(f"{self._budget.seed} {number}") for number in workers]
        with ThreadPoolExecutor(len(workers)) as threads:
            for done in [threads.submit(self._improve, draw) for draw in draws]:
                done.result()

    def _improve(self, draw: random.Random) -> None:
        """Free a part at a time until the end; each way's size follows the pace, its turns what it gains."""
        most = float(len(self.instance.tracks))
        while (base := self.best) is not None and self.value and self.left > 0:
            began = time.thread_time()
            best = max(way.gain for way in self._ways.values())
            chances = [
                max(way.gain, _LEAST_TRIED * best, 1e-9) / way.seconds
                for way in self._ways.values()
            ]
            (name,) = draw.choices(list(WAYS), chances)
            way = self._ways[name]
            kept = freed(self.instance, base, name, way.size, draw)
            model = Model(
                self.instance, several_rooms=True, kept=kept, most=kept.most(self.instance)
            )
            model.hint(base)
            allowed = way.work * (1 + self._idle / _PATIENCE)
            budget = Budget(self.left, 1, draw.randrange(1 << 20))
            gain = 0
            try:
                answer = solve_model(model.cp, budget, phase=name, work=allowed)
                gain = self.offer(model.schedule(answer), f"neighbourhood ({name})", base)
            except (InfeasibleError, NoSolutionInTimeError):
                pass
            seconds = time.thread_time() - began
            self._idle = 0.0 if gain else self._idle + seconds
            way.learn(gain, seconds, allowed, most)


def freed(
    instance: Instance, schedule: Schedule, way: str, size: float, draw: random.Random
) -> Kept:
    """Return what stays when so many tracks are free: in all sessions, or more of them in a few."""
    grid = schedule.track
    sessions, rooms = list(range(len(grid))), list(range(len(instance.rooms)))
    near = set(range(len(instance.tracks)))
    if way in {"hours", "block"}:
        count = draw.randint(2, max(2, len(sessions) // 2))
        size = size * len(sessions) / count
        sessions = _window(len(sessions), count, draw)
    if way in {"hours", "sessions"}:
        lines = sessions if way == "hours" else draw.sample(sessions, min(2, len(grid)))
        near = {track for session in lines for track in grid[session]} - {-1}
    elif way in {"rooms", "block"}:
        return _rectangle(schedule, sessions, size, draw)
    chosen = set(draw.sample(sorted(near), min(round(size), len(near))))
    free_rooms = None
    if WAYS[way] == "all":
        used = {room for session in sessions for room in rooms if grid[session][room] in chosen}
        free_rooms = frozenset(used | set(draw.sample(rooms, min(_MORE_ROOMS, len(rooms)))))
    return Kept(schedule, frozenset(chosen), frozenset(sessions), free_rooms, WAYS[way])


def _rectangle(schedule: Schedule, sessions: list[int], size: float, draw: random.Random) -> Kept:
    """Return what stays when all tracks in some rooms of these sessions are free there: two rooms at least."""
    grid = schedule.track
    tracks, rooms = set[int](), list[int]()
    for room in draw.sample(range(len(grid[0])), len(grid[0])):
        more = tracks | ({grid[session][room] for session in sessions} - {-1})
        if len(more) > size and len(rooms) >= _FEWEST_ROOMS:
            break
        tracks = more
        rooms.append(room)
    return Kept(schedule, frozenset(tracks), frozenset(sessions), frozenset(rooms))


def _window(sessions: int, count: int, draw: random.Random) -> list[int]:
    """Return some sessions: as often in a row as anywhere."""
    count = min(count, sessions)
    if draw.random() < _IN_A_ROW:
        first = draw.randrange(sessions - count + 1)
        return list(range(first, first + count))
    return draw.sample(range(sessions), count)


def solve(instance: Instance, budget: Budget, report: Report) -> Search:
    """Return the search at its end, with the best schedule found."""
    search = Search(instance, budget, report)
    search.start()
    cells = len(instance.tracks) * len(instance.sessions) * len(instance.rooms)
    if cells <= _SMALL or search.best is None:
        search.whole(several_rooms=False, seconds=budget.seconds * _WHOLE_SHARES[0])
        if search.whole(several_rooms=True, seconds=budget.seconds * _WHOLE_SHARES[1]):
            return search
    search.neighbourhoods()
    return search
