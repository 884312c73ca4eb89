"""Plan a programme: structure first, then the search on the exact weight, the levels, the tables."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.errors import EngineError
from matcher.programme.exact.finish import Finished, finish
from matcher.programme.exact.joint import fits_exact_model
from matcher.programme.explain import Reason, unplaced
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rooms.reorder import reorder_slots
from matcher.programme.rooms.settle import settle_rooms
from matcher.programme.rooms.tables import seat
from matcher.programme.rules.violations import Scores, scores, violations
from matcher.programme.search.bounds import weight_bound
from matcher.programme.search.improve import improve
from matcher.programme.structure.construct import construct
from matcher.programme.structure.tracks import choose_tracks
from matcher.programme.watch import Watch
from matcher.proof import RELATIVE_TOLERANCE, Budget, OnProgress, Progress

# The last part of the budget puts people, rooms, tracks and tables in order. Where all levels go
# into one exact model, that part is the largest and the search only gives it a start.
_FINISHING_SHARE, _FINISHING_SHARE_EXACT = 0.1, 0.9
_SETTLING_SHARE, _SETTLING_SECONDS = 0.1, 2.0
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Solution:
    """A timetable that holds every hard rule, its scores, and what is known of how good it is.

    `upper_bound` is of the attended weight; how it was found, and what it is valid for, stands in
    `bound_method`. `proven` names the levels whose value is proven to be the best, given the levels
    above them. `reasons` says for each topic that does not run why. `first_seconds` is the time to
    the first feasible timetable.
    """

    timetable: Timetable
    scores: Scores
    upper_bound: float
    bound_method: str
    proven: frozenset[str]
    prices: Mapping[str, float]
    reasons: Mapping[str, Reason]
    seconds: float
    first_seconds: float

    @property
    def gap(self) -> float:
        """(upper bound - attended weight) / attended weight; 0 when nothing more can be had."""
        missing = max(self.upper_bound - self.scores.attended_weight, 0.0)
        if missing <= RELATIVE_TOLERANCE * max(self.upper_bound, 1.0):
            return 0.0
        return missing / self.scores.attended_weight if self.scores.attended_weight else 1.0


def solve(
    problem: Problem,
    budget: Budget,
    hint: tuple[Run, ...] = (),
    on_progress: OnProgress | None = None,
) -> Solution:
    """Plan a programme within a budget; `hint` is a known good set of runs to start from.

    Raises:
        InfeasibleError: with the smallest set of rules that cannot all hold.
        NoSolutionInTimeError: the budget ended before a first timetable.
    """
    began = time.perf_counter()
    places = Places(problem)
    first = _first(places, budget, hint)
    first_seconds = time.perf_counter() - began
    watch = Watch(on_progress)
    watch(Progress(first_seconds, None, None, "first timetable"))
    finishing = _FINISHING_SHARE_EXACT if fits_exact_model(places) else _FINISHING_SHARE
    searching = budget.seconds * (1 - finishing)
    ends = began + searching
    bound = weight_bound(places)
    better = improve(
        places, first, bound, replace(budget, seconds=ends - time.perf_counter()), watch
    )
    settling = min(budget.seconds * _SETTLING_SHARE, _SETTLING_SECONDS)
    left = max(budget.seconds - settling - (time.perf_counter() - began), 0.5)
    finished = finish(places, better, bound, replace(budget, seconds=left), watch)
    ends = began if watch.is_stopped else began + budget.seconds
    timetable = _complete(places, finished, ends, budget.seed)
    broken = violations(problem, timetable)
    if broken:
        raise EngineError(f"The solver's own answer breaks a rule: {broken[0].message}")
    found = scores(problem, timetable)
    return Solution(
        timetable=timetable,
        scores=found,
        upper_bound=finished.bound.weight,
        bound_method=finished.bound.method,
        proven=_proven(finished, found),
        prices=finished.prices,
        reasons=unplaced(problem, timetable),
        seconds=time.perf_counter() - began,
        first_seconds=first_seconds,
    )


def _first(places: Places, budget: Budget, hint: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the hint when it holds every rule of the structure, else a constructed start."""
    if hint:
        agendas = choose_slot_by_slot(places, hint)
        tracks = choose_tracks(places.problem, hint)
        if not violations(places.problem, Timetable(hint, tracks, agendas)):
            return hint
    return construct(places, budget)


def _proven(finished: Finished, found: Scores) -> frozenset[str]:
    """Return the levels proven to be at their best: a cost of zero always is."""
    kept = set(finished.proven)
    if found.attended_weight >= finished.bound.weight * (1 - RELATIVE_TOLERANCE):
        kept.add("wished_weight")
    return frozenset(kept | {name for name, value in found.levels.items() if value == 0})


def _complete(places: Places, finished: Finished, ends: float, seed: int) -> Timetable:
    """Settle the rooms and the order of slots for the agendas, then add tracks and tables.

    A problem proven early leaves time for this, but nobody waits long for the last few steps.
    """
    problem = places.problem
    tracks = choose_tracks(problem, finished.runs)
    timetable = Timetable(finished.runs, tracks, finished.agendas)
    seconds = min(max(ends - time.perf_counter(), _LEAST_SECONDS), _SETTLING_SECONDS)
    ends = time.perf_counter() + seconds
    timetable = settle_rooms(places, timetable, seconds, seed)
    timetable = reorder_slots(places, timetable, ends - time.perf_counter())
    timetable = replace(timetable, tracks=choose_tracks(problem, timetable.runs))
    return replace(timetable, tables=seat(problem, timetable))
