"""Better runs within a time: the annealing search on wished weight, with the levels above folded in."""

import time

import numpy as np
from numpy.typing import NDArray

from matcher.programme.attendance import choose_slot_by_slot, slots_are_independent
from matcher.programme.bounds import per_person_bound
from matcher.programme.crowd import gather
from matcher.programme.places import Places
from matcher.programme.problem import Run, Timetable
from matcher.programme.scores import attended_weights, body_wishes
from matcher.programme.search import Annealing
from matcher.programme.wider import WiderRules
from matcher.proof import Budget, OnProgress


def improve(
    places: Places, runs: tuple[Run, ...], budget: Budget, on_progress: OnProgress | None = None
) -> tuple[Run, ...]:
    """Return runs that grant more wished weight and hold the same rules."""
    ends = time.perf_counter() + budget.seconds
    crowd = gather(places, worth(places))
    if not crowd.members or budget.seconds <= 0:
        return runs
    if _is_enough(places, runs):
        return runs
    rules = WiderRules(places)
    search = Annealing(places, crowd, runs, budget.seed, rules if rules.is_needed else None)
    return search.run(ends, on_progress)


def _is_enough(places: Places, runs: tuple[Run, ...]) -> bool:
    """Tell whether every wish that can be granted is, so that there is nothing to search for."""
    if not slots_are_independent(places, runs) or places.must.any():
        return False
    timetable = Timetable(runs, agendas=choose_slot_by_slot(places, runs))
    granted = sum(attended_weights(places.problem, timetable).values())
    return granted >= per_person_bound(places)


def worth(places: Places) -> NDArray[np.float64]:
    """Return sessions x people: the wish, and on top what the levels above it make of it.

    A must-have outweighs all wishes of a person. What a body wishes covered is shared among its
    delegates: a surrogate that draws its topics apart in time; the exact levels come afterwards.
    """
    values = places.wishes.copy()
    largest = values.sum(axis=0).max(initial=0.0) + 1
    values[places.must] += largest
    members: dict[str, list[int]] = {}
    for column, person in enumerate(places.problem.people):
        if person.body is not None:
            members.setdefault(person.body, []).append(column)
    for body, wishes in body_wishes(places.problem).items():
        delegates = members.get(body, [])
        for name, weight in wishes.items() if delegates else ():
            values[places.session_index[name], delegates] += weight / len(delegates)
    return values
