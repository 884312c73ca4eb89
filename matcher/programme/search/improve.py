"""Better runs within an effort: the annealing search on wished weight, with the levels above folded in."""

import numpy as np
from numpy.typing import NDArray

from matcher.effort import Effort
from matcher.programme.people.attendance import choose_slot_by_slot, slots_are_independent
from matcher.programme.places import Places
from matcher.programme.problem import Run, Timetable
from matcher.programme.rooms.assign import assign_rooms
from matcher.programme.rules.scores import attended_weights, body_wishes
from matcher.programme.search.annealing import Annealing
from matcher.programme.search.bounds import Bound
from matcher.programme.search.crowd import gather
from matcher.programme.structure.wider import WiderRules
from matcher.programme.watch import Watch

# The short search and the long one, as shares of what is left.
_SHARES = (0.1, 1.0)
_EXACT = 1e-6


def improve(
    places: Places, runs: tuple[Run, ...], bound: Bound, effort: Effort, watch: Watch, seed: int = 0
) -> tuple[Run, ...]:
    """Return runs that grant more wished weight and hold the same rules.

    A first short search often reaches the bound; the long one starts where that ended. Where slots
    overlap, what a run grants depends on more than its slot: the exact levels do all the work.
    """
    if places.timeline.has_overlaps:
        return runs
    crowd = gather(places, worth(places))
    if not crowd.members or effort.is_over:
        return runs
    rules = WiderRules(places)
    check = rules if rules.is_needed else None
    best, most = runs, granted(places, runs)
    for share in _SHARES:
        if watch.is_stopped or (most is not None and most >= bound.weight - _EXACT):
            return best
        search = Annealing(places, crowd, best, seed, check)
        found = search.run(effort.part(share), watch)
        weight = granted(places, found)
        if most is None or weight is None or weight >= most:
            best, most = found, weight
    return best


def granted(places: Places, runs: tuple[Run, ...]) -> float | None:
    """Return the weight of the best agendas, where it is known at once and stands alone."""
    if not slots_are_independent(places, runs) or places.must.any():
        return None
    timetable = Timetable(runs, agendas=choose_slot_by_slot(places, assign_rooms(places, runs)))
    return sum(attended_weights(places.problem, timetable).values())


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
