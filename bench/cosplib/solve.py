"""The solver for CoSPLib: a start, the whole model, then neighbourhoods of a few tracks."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

from bench.cosplib.evaluate import faults, objective
from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.model import Kept, Model
from bench.cosplib.start import start
from matcher.cpsat import solve_model
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget

Report = Callable[[str], None]

# One room per track and session is the smaller model; it gets the first part of the time.
_SINGLE_SHARE = 0.6
_NEIGHBOURHOOD_SECONDS = 4.0
_MOST_CELLS_FOR_WHOLE_MODEL = 30_000


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

    def neighbourhoods(self) -> None:
        """Free a few tracks at a time, re-solve, keep what is better, until the time is up."""
        draw = random.Random(self._budget.seed)
        size = max(3, len(self.instance.tracks) // 5)
        while self.best is not None and self.left > 1:
            free = draw.sample(
                range(len(self.instance.tracks)), min(size, len(self.instance.tracks))
            )
            model = Model(self.instance, several_rooms=True)
            model.hint(self.best)
            model.keep(Kept(self.best, frozenset(free)))
            seconds = min(_NEIGHBOURHOOD_SECONDS, self.left)
            try:
                answer = solve_model(
                    model.cp, replace(self._budget, seconds=seconds), phase="neighbourhood"
                )
            except (InfeasibleError, NoSolutionInTimeError):
                continue
            self.offer(model.schedule(answer), "neighbourhood")


def solve(instance: Instance, budget: Budget, report: Report) -> Search:
    """Return the search at its end, with the best schedule found."""
    search = Search(instance, budget, report)
    first = start(instance, budget.seed)
    if first is not None:
        search.offer(first, "start")
    single = search.whole(several_rooms=False, seconds=budget.seconds * _SINGLE_SHARE)
    if search.left > 1:
        proven = search.whole(several_rooms=True, seconds=search.left)
        if not (single and proven):
            search.neighbourhoods()
    return search
