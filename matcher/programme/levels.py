"""The levels of the objective one after the other: each made as good as it can be, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ortools.sat.python import cp_model

from matcher.cpsat import give_hint, solve_model
from matcher.programme.attendance import choose_slot_by_slot, slots_are_independent
from matcher.programme.bounds import PER_PERSON, per_person_bound
from matcher.programme.people_model import People, openings_at
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Run
from matcher.programme.rooms import assign_rooms
from matcher.proof import Budget


@dataclass(frozen=True)
class Finished:
    """Runs and agendas, the bound on attended weight and its validity, and what is proven."""

    runs: tuple[Run, ...]
    agendas: Agendas
    bound: float
    bound_method: str
    proven: frozenset[str] = frozenset()
    prices: Mapping[str, float] = field(default_factory=dict)


def finish(places: Places, runs: tuple[Run, ...], budget: Budget) -> Finished:
    """Return the best agendas and rooms for good runs."""
    runs = assign_rooms(places, runs)
    agendas = agendas_for(places, runs, budget)
    return Finished(runs, agendas, per_person_bound(places), PER_PERSON)


def agendas_for(places: Places, runs: tuple[Run, ...], budget: Budget) -> Agendas:
    """Return the best agendas for runs that stand fixed: by flow, else by the exact model."""
    simple = choose_slot_by_slot(places, runs) if slots_are_independent(places, runs) else None
    if simple is not None:
        return simple
    model = cp_model.CpModel()
    people = People(places, model, openings_at(model, places, runs))
    agendas: Agendas = {}
    hint: dict[cp_model.IntVar, int] = dict.fromkeys(people.attends.values(), 0)
    for expression in (people.must_haves(), people.coverage(), people.weight()):
        if isinstance(expression, int):
            continue
        model.maximize(expression)
        give_hint(model, hint)
        answer = solve_model(model, replace(budget, seconds=budget.seconds / 3), phase="agendas")
        hint = {literal: answer.value(literal) for literal in people.attends.values()}
        model.add(expression >= answer.value(expression))
        agendas = people.agendas(answer)
    if not agendas:
        answer = solve_model(model, budget, phase="agendas")
        agendas = people.agendas(answer)
    return agendas
