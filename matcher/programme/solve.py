"""Plan a programme: structure first, then the search on the exact weight, the levels, the tables."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.effort import Effort
from matcher.errors import EngineError
from matcher.programme.exact.finish import Finished, finish
from matcher.programme.exact.joint import fits_exact_model
from matcher.programme.explain import Reason, unplaced
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rooms.reorder import reorder_slots
from matcher.programme.rooms.settle import settle_rooms
from matcher.programme.rooms.tables import seat
from matcher.programme.rules.violations import Scores, scores, violations
from matcher.programme.search.bounding import Bounding
from matcher.programme.search.bounds import weight_bound
from matcher.programme.search.improve import improve
from matcher.programme.structure.construct import construct
from matcher.programme.structure.putting_back import put_back
from matcher.programme.structure.tracks import choose_tracks
from matcher.programme.watch import OnBest, Watch
from matcher.proof import RELATIVE_TOLERANCE, Budget, OnProgress, Progress

# The last part of the budget puts people, rooms, tracks and tables in order. Where all levels go
# into one exact model, that part is the largest and the search only gives it a start.
_FINISHING_SHARE, _FINISHING_SHARE_EXACT = 0.1, 0.9
_SETTLING_SHARE, _SETTLING_SECONDS = 0.1, 2.0
_LEAST_SECONDS, _LEAST_FINISHING = 0.1, 0.5


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
    *,
    on_best: OnBest | None = None,
    with_prices: bool = True,
) -> Solution:
    """Plan a programme within a budget; `hint` is a known good set of runs to start from.

    `on_best` hears each better timetable on the way. What each level costs those below it is left
    out where nobody asks for the prices.

    Raises:
        InfeasibleError: with the smallest set of rules that cannot all hold.
        NoSolutionInTimeError: the budget ended before a first timetable.
    """
    began, effort = time.perf_counter(), Effort(budget)
    places = Places(problem)
    first = _first(places, budget, hint)
    first_seconds = time.perf_counter() - began
    watch = Watch(on_progress, on_best)
    _show(places, first, watch)
    watch(Progress(first_seconds, None, None, "first timetable"))
    is_exact = fits_exact_model(places)
    finishing = _FINISHING_SHARE_EXACT if is_exact else _FINISHING_SHARE
    bound = weight_bound(places)
    with Bounding(places, bound, effort, watch, is_exact=is_exact) as bounding:
        searching = effort.part(1 - finishing - bounding.share)
        better = improve(places, first, bound, searching, watch, budget.seed)
        if better != first:
            _show(places, better, watch)
        bounding.work_alone()
        left = _without_settling(effort)
        finished = finish(places, better, bound, left, watch, with_prices=with_prices)
        settling = _settling(effort, is_stopped=watch.is_stopped)
        timetable = _complete(places, finished, settling, budget.seed)
    finished = replace(finished, bound=bounding.closer(finished.bound))
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


def _show(places: Places, runs: tuple[Run, ...], watch: Watch) -> None:
    """Pass runs on as a timetable in which each goes to the best that is free."""
    if watch.wants_best:
        tracks = choose_tracks(places.problem, runs)
        watch.show(Timetable(runs, tracks, choose_greedily(places, runs)))


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


def _without_settling(effort: Effort) -> Effort:
    """Return what is left but for the last few steps."""
    kept = 1 - _SETTLING_SHARE
    return effort.part(kept, max(effort.seconds - _SETTLING_SECONDS, _LEAST_FINISHING))


def _settling(effort: Effort, *, is_stopped: bool) -> Effort:
    """Return what the last few steps may use.

    A problem proven early leaves much for them, but nobody waits long for them.
    """
    if is_stopped or effort.is_over:
        return Effort(Budget(_LEAST_SECONDS))
    work, seconds = effort.work, effort.seconds
    if effort.is_counted:
        return Effort(Budget(seconds, work=min(work, _SETTLING_SECONDS)))
    return Effort(Budget(max(min(seconds, _SETTLING_SECONDS), _LEAST_SECONDS)))


def _complete(places: Places, finished: Finished, effort: Effort, seed: int) -> Timetable:
    """Settle the rooms and the order of slots for the agendas, then add tracks and tables."""
    problem = places.problem
    tracks = choose_tracks(problem, finished.runs)
    timetable = put_back(places, Timetable(finished.runs, tracks, finished.agendas))
    timetable = settle_rooms(places, timetable, effort.seconds, seed)
    timetable = reorder_slots(places, timetable, effort)
    timetable = replace(timetable, tracks=choose_tracks(problem, timetable.runs))
    return replace(timetable, tables=seat(problem, timetable))
