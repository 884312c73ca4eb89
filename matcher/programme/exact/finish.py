"""The levels of the objective one after the other: each made as good as it can be, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ortools.sat.python import cp_model

from matcher.cpsat import give_hint, solve_model
from matcher.effort import Effort
from matcher.errors import NoSolutionInTimeError
from matcher.programme.exact.joint import VALID, fits_exact_model, improve_levels
from matcher.programme.people.attendance import agendas_by_slot
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


@dataclass(frozen=True)
class Finished:
    """Runs and agendas, the bound on attended weight, and what is proven."""

    runs: tuple[Run, ...]
    agendas: Agendas
    bound: Bound
    proven: frozenset[str] = frozenset()
    prices: Mapping[str, float] = field(default_factory=dict)


def finish(
    places: Places,
    runs: tuple[Run, ...],
    bound: Bound,
    effort: Effort,
    watch: Watch,
    *,
    with_prices: bool = True,
) -> Finished:
    """Return the best agendas and rooms for good runs; small rich problems are solved as a whole."""
    runs = assign_rooms(places, runs)
    exact = fits_exact_model(places)
    agendas = agendas_for(places, runs, _for_agendas(effort, is_short=exact or watch.is_stopped))
    if not exact or watch.is_stopped:
        return Finished(runs, agendas, bound)
    levels = improve_levels(places, runs, agendas, effort, watch, with_prices=with_prices)
    if levels.weight_bound is not None and levels.weight_bound < bound.weight:
        bound = Bound(levels.weight_bound, VALID)
    return Finished(levels.runs, levels.agendas, bound, frozenset(levels.proven), levels.prices)


def _for_agendas(effort: Effort, *, is_short: bool) -> Budget:
    if not is_short:
        return effort.budget()
    budget = effort.budget(_FIRST_AGENDAS_SHARE)
    if budget.work is not None:
        return replace(budget, work=min(budget.work, _FIRST_AGENDAS_SECONDS))
    return replace(budget, seconds=min(budget.seconds, _FIRST_AGENDAS_SECONDS))


def agendas_for(places: Places, runs: tuple[Run, ...], budget: Budget) -> Agendas:
    """Return the best agendas for runs that stand fixed: by flow, else by the exact model.

    Nobody is sent to a run that does not fit where somebody has put it.
    """
    simple = agendas_by_slot(places, runs)
    if simple is not None:
        return simple
    runs = tuple(run for run in runs if places.timeline.filled(run.session, run.slot))
    model = cp_model.CpModel()
    people = People(places, model, openings_at(model, places, runs))
    agendas = choose_greedily(places, runs)
    known = scores(places.problem, Timetable(runs, agendas=agendas)).key
    levels = (people.must_haves(), people.coverage(), people.weight())
    share = Effort(budget).budget(1 / len(levels))
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
