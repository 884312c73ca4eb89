"""The solver for CoSPLib: a start, the whole model, then neighbourhoods of a few tracks."""

import random
import time
from collections.abc import Callable
from dataclasses import fields, replace

from bench.cosplib.evaluate import faults, objective
from bench.cosplib.instance import Instance, Schedule, Weights
from bench.cosplib.model import Kept, Model
from bench.cosplib.start import starts
from matcher.cpsat import solve_model
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget

Report = Callable[[str], None]

# Up to so many cells (tracks x sessions x rooms) the whole model finds good schedules by itself;
# above, it comes between two rounds of neighbourhoods.
_SMALL = 6_000
# Above so many it only costs the time to build it.
_LARGE = 12_000
# One room per track and session is the smaller model; it goes first.
_SHARES_SMALL = (0.35, 0.25, 0.25)
_SHARES_LARGE = (0.45, 0.3)
_STARTING_SHARE = 0.05
_SCARCE_SHARE = 0.5
_FEWEST_FREE = 3
_FIRST_CELLS = 1_500
_QUICK_SECONDS, _SLOW_SECONDS = 0.5, 3.0
# What is freed together: tracks of two sessions, of three rooms, of anywhere; or more of them, in some sessions only.
_WAYS = ("sessions", "rooms", "tracks", "hours")
_IN_A_ROW = 0.5


class Search:
    """The best schedule so far, and the clock."""

    def __init__(self, instance: Instance, budget: Budget, report: Report) -> None:
        self.instance = instance
        self.best: Schedule | None = None
        self.value: int | None = None
        self.lower_bound: float | None = None
        self._budget = budget
        self._ends = time.perf_counter() + budget.seconds
        self._draw = random.Random(budget.seed)
        self._report = report

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._ends - time.perf_counter()

    def offer(self, schedule: Schedule, source: str) -> bool:
        """Take a valid schedule when it is better; say so."""
        if faults(self.instance, schedule):
            return False
        value = objective(self.instance, schedule)
        if self.value is not None and value >= self.value:
            return False
        self.best, self.value = schedule, value
        self._report(f"{self._budget.seconds - self.left:6.1f} s  {value}  {source}")
        return True

    def whole(self, *, several_rooms: bool, seconds: float) -> bool:
        """Solve the whole model; tell whether its optimum is proven."""
        model = Model(self.instance, several_rooms=several_rooms)
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

    def neighbourhoods(self, seconds: float) -> None:
        """Free a part at a time, re-solve, keep what is better; each way's size follows the pace."""
        ends = min(time.perf_counter() + seconds, self._ends)
        tracks = len(self.instance.tracks)
        cells = len(self.instance.sessions) * len(self.instance.rooms)
        first = max(min(tracks // 8, _FIRST_CELLS // cells), _FEWEST_FREE)
        sizes = dict.fromkeys(_WAYS, float(first))
        while self.best is not None and time.perf_counter() < ends - _QUICK_SECONDS:
            began = time.perf_counter()
            way = self._draw.choice(_WAYS)
            kept = self._freed(self.best, way, sizes[way])
            model = Model(self.instance, several_rooms=True, kept=kept)
            model.hint(self.best)
            left = min(_SLOW_SECONDS, ends - time.perf_counter())
            try:
                answer = solve_model(
                    model.cp, replace(self._budget, seconds=left), phase="neighbourhood"
                )
            except (InfeasibleError, NoSolutionInTimeError):
                sizes[way] = max(sizes[way] * 0.9, _FEWEST_FREE)
                continue
            self.offer(model.schedule(answer), f"neighbourhood ({way})")
            taken = time.perf_counter() - began
            if taken < _QUICK_SECONDS:
                sizes[way] = min(sizes[way] * 1.1, tracks)
            elif taken > _SLOW_SECONDS / 2:
                sizes[way] = max(sizes[way] * 0.9, _FEWEST_FREE)

    def _freed(self, schedule: Schedule, way: str, size: float) -> Kept:
        """Return what stays when so many tracks are free: in all sessions, or more of them in a few."""
        tracks, grid = range(len(self.instance.tracks)), schedule.track
        sessions = list(range(len(grid)))
        near = set(tracks)
        if way == "hours":
            count = self._draw.randint(2, max(2, len(sessions) // 2))
            size = size * len(sessions) / count
            sessions = self._window(count)
        if way in {"hours", "sessions"}:
            lines = sessions if way == "hours" else self._draw.sample(sessions, min(2, len(grid)))
            near = {track for session in lines for track in grid[session] if track >= 0}
        elif way == "rooms":
            rooms = self._draw.sample(range(len(grid[0])), min(3, len(grid[0])))
            near = {row[room] for row in grid for room in rooms if row[room] >= 0}
        many = min(round(size), len(near) if way == "hours" else len(tracks))
        chosen = self._draw.sample(sorted(near), min(many, len(near)))
        others = [track for track in tracks if track not in chosen]
        free = frozenset([*chosen, *self._draw.sample(others, many - len(chosen))])
        return Kept(schedule, free, frozenset(sessions))

    def _window(self, count: int) -> list[int]:
        """Return some sessions: as often in a row as anywhere."""
        sessions = len(self.instance.sessions)
        count = min(count, sessions)
        if self._draw.random() < _IN_A_ROW:
            first = self._draw.randrange(sessions - count + 1)
            return list(range(first, first + count))
        return self._draw.sample(range(sessions), count)


def solve(instance: Instance, budget: Budget, report: Report) -> Search:
    """Return the search at its end, with the best schedule found."""
    search = Search(instance, budget, report)
    search.start()
    cells = len(instance.tracks) * len(instance.sessions) * len(instance.rooms)
    if cells <= _SMALL or search.best is None:
        single = search.whole(several_rooms=False, seconds=budget.seconds * _SHARES_SMALL[0])
        search.neighbourhoods(budget.seconds * _SHARES_SMALL[1])
        several = search.whole(several_rooms=True, seconds=budget.seconds * _SHARES_SMALL[2])
        if single and several:
            return search
    else:
        search.neighbourhoods(budget.seconds * _SHARES_LARGE[0])
        if cells <= _LARGE:
            search.whole(several_rooms=False, seconds=budget.seconds * _SHARES_LARGE[1])
    search.neighbourhoods(search.left)
    return search
