"""How much wished weight any timetable could grant at most, and what that bound is valid for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from matcher.programme.places import Places
from matcher.programme.search.demand import Demand
from matcher.programme.search.grown_sets import GrownSets
from matcher.programme.search.proving import proven_bounds
from matcher.programme.search.slot_sets import SLOT_SETS, slot_set_bound, slots_side_by_side

PER_PERSON = (
    "each person's best wishes, one per slot in which he or she is here, among topics that can run:"
    " valid for every timetable of this problem"
)

GROWN_SETS = (
    "the best mix of sets of topics side by side, one set per slot and each topic in one of them, a seat of"
    " a topic that more wish for than its largest room holds at a price; excluded slots left out: valid"
    " for every timetable of this problem"
)


@dataclass(frozen=True, slots=True)
class Bound:
    """The most wished weight that there could be, and how that is known and what it is valid for."""

    weight: float
    method: str


def weight_bound(places: Places) -> Bound:
    """Return the best bound that is found at once."""
    simple = Bound(per_person_bound(places), PER_PERSON)
    mixed = slot_set_bound(places)
    return simple if mixed is None or mixed >= simple.weight else Bound(mixed, SLOT_SETS)


def closer_bounds(places: Places, keep_going: Callable[[], bool]) -> Iterator[Bound]:
    """Yield better bounds than those that are found at once, as far as there are any and there is time."""
    slots = slots_side_by_side(places)
    topics, rooms = len(places.problem.sessions), len(places.problem.rooms)
    rooms = min(topics, rooms)
    if not slots or not GrownSets.fits(topics, rooms):
        return
    for grown in proven_bounds(Demand.of(places, slots), slots, rooms, keep_going):
        yield Bound(grown, GROWN_SETS)


def closer_bound(places: Places, known: Bound, keep_going: Callable[[], bool]) -> Bound:
    """Return the best of a bound and those that some seconds of counting give."""
    return min((known, *closer_bounds(places, keep_going)), key=lambda one: one.weight)


def per_person_bound(places: Places) -> float:
    """Return the sum over people of their best wishes, as many as they have slots one after the other.

    A session can be attended when it may begin in some slot, in a room that the person reaches,
    while the person is here. Long sessions count one slot, so the bound holds for them too.
    """
    slots = [place for place, slot in enumerate(places.problem.slots) if slot.kind != "break"]
    total = 0.0
    for person in range(len(places.problem.people)):
        reachable = places.cells[:, :, places.reach[person]].any(axis=2)
        possible = (reachable & places.here[person][None, :]).any(axis=1)
        possible &= places.guests_only[:, person]
        wishes = np.sort(places.wishes[possible, person])[::-1]
        most = _one_after_another(places, [slot for slot in slots if places.here[person, slot]])
        total += float(wishes[:most].sum())
    return total


def _one_after_another(places: Places, slots: list[int]) -> int:
    """Return how many of some slots one person can be in: the one that ends first, then the next."""
    if not places.timeline.has_overlaps:
        return len(slots)
    moments = places.timeline.moments
    count, taken = 0, -1
    for slot in sorted(slots, key=lambda one: moments[one][-1]):
        if slot > taken:
            count, taken = count + 1, moments[slot][-1]
    return count
