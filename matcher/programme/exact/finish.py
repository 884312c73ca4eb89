"""The levels of the objective one after the other: each made as good as it can be, then kept."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ortools.sat.python import cp_model

from matcher.cpsat import give_hint, solve_model
from matcher.errors import NoSolutionInTimeError
from matcher.programme.exact.joint import VALID, fits_exact_model, improve_levels
from matcher.programme.people.attendance import choose_slot_by_slot, slots_are_independent
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.people.model import People, openings_at
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Run, Timetable
from matcher.programme.rooms.assign import assign_rooms
from matcher.programme.rules.scores import scores
from matcher.programme.search.bounds import Bound
from matcher.programme.structure.model import above
from matcher.programme.watch import Watch
from matcher.proof import Budget

# The first agendas are only where the exact model starts from; who stops does not wait long either.
_FIRST_AGENDAS_SHARE, _FIRST_AGENDAS_SECONDS = 0.1, 1.0
_LEAST_SECONDS = 0.2


@dataclass(frozen=True)
class Finished:
    """Runs and agendas, the bound on attended weight, and what is proven."""

    runs: tuple[Run, ...]
    agendas: Agendas
    bound: Bound
    proven: frozenset[str] = frozenset()
    prices: Mapping[str, float] = field(default_factory=dict)


def finish(
    places: Places, runs: tuple[Run, ...], bound: Bound, budget: Budget, watch: Watch
) -> Finished:
    """Return the best agendas and rooms for good runs; small rich problems are solved as a whole."""
    ends = time.perf_counter() + budget.seconds
    runs = assign_rooms(places, runs)
    exact = fits_exact_model(places)
    seconds = budget.seconds
    if exact or watch.is_stopped:
        seconds = min(seconds * _FIRST_AGENDAS_SHARE, _FIRST_AGENDAS_SECONDS)
    agendas = agendas_for(places, runs, replace(budget, seconds=seconds))
    if not exact or watch.is_stopped:
        return Finished(runs, agendas, bound)
    left = max(ends - time.perf_counter(), _LEAST_SECONDS)
    levels = improve_levels(places, runs, agendas, replace(budget, seconds=left), watch)
    if levels.weight_bound is not None and levels.weight_bound < bound.weight:
        bound = Bound(levels.weight_bound, VALID)
    return Finished(levels.runs, levels.agendas, bound, frozenset(levels.proven), levels.prices)


def agendas_for(places: Places, runs: tuple[Run, ...], budget: Budget) -> Agendas:
    """Return the best agendas for runs that stand fixed: by flow, else by the exact model.

    Nobody is sent to a run that does not fit where somebody has put it.
    """
    runs = tuple(run for run in runs if places.timeline.filled(run.session, run.slot))
    simple = choose_slot_by_slot(places, runs) if slots_are_independent(places, runs) else None
    if simple is not None:
        return simple
    model = cp_model.CpModel()
    people = People(places, model, openings_at(model, places, runs))
    agendas = choose_greedily(places, runs)
    known = scores(places.problem, Timetable(runs, agendas=agendas)).key
    levels = (people.must_haves(), people.coverage(), people.weight())
    share = replace(budget, seconds=budget.seconds / len(levels))
    for number, level in enumerate(levels, 1):
        if isinstance(level.expression, int):
            continue
        model.maximize(above(level, levels[number:])[0])
        give_hint(model, people.hint(agendas))
        try:
            answer = solve_model(model, share, phase="agendas")
        except NoSolutionInTimeError:
            break
        found = people.agendas(answer)
        key = scores(places.problem, Timetable(runs, agendas=found)).key
        if key < known:
            agendas, known = found, key
        model.add(level.expression >= answer.value(level.expression))
    return agendas
