"""How much wished weight any timetable could grant at most, and what that bound is valid for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.programme.places import Places
from matcher.programme.search.bits import WishBits, are_few
from matcher.programme.search.crowd import gather
from matcher.programme.search.every_set import EverySet
from matcher.programme.search.foursomes import Foursomes
from matcher.programme.search.slot_sets import (
    SLOT_SETS,
    mixed,
    slot_set_bound,
    slots_side_by_side,
)

PER_PERSON = (
    "each person's best wishes, one per slot in which he or she is here, among topics that can run:"
    " valid for every timetable of this problem"
)

FOURSOMES = (
    "what the topics side by side grant is bounded by its fours, each topic and each pair of topics in"
    " so many of them; seats, hosts and excluded slots left out: valid for every timetable of this problem"
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


def closer_bound(places: Places, known: Bound, keep_going: Callable[[], bool]) -> Bound:
    """Return a better bound where some seconds of counting give one, as far as there is time.

    First all fours of topics, then, where they are few enough, all sets that a slot can hold.
    """
    slots = slots_side_by_side(places)
    crowd = gather(places, places.wishes)
    if not slots or known.method == SLOT_SETS or not are_few(crowd.worth):
        return known
    topics, rooms = len(places.problem.sessions), len(places.problem.rooms)
    sizes = crowd.count.max(axis=0).astype(np.int64)
    if Foursomes.fits(topics, slots, rooms):
        wishes = crowd.worth - crowd.hosting * (crowd.worth >= crowd.hosting)
        fours = Foursomes(wishes, sizes, slots, rooms, keep_going)
        if fours.is_whole:
            known = min(known, Bound(fours.bound(), FOURSOMES), key=_weight)
    bits = WishBits(crowd.worth, sizes)
    steps = bits.steps_without(crowd.hosting)
    if EverySet.fits(bits, steps, rooms):
        every = EverySet(bits, steps, rooms, keep_going)
        if every.is_whole:
            known = min(
                known, Bound(mixed(every, topics, slots, keep_going), SLOT_SETS), key=_weight
            )
    return known


def _weight(bound: Bound) -> float:
    return bound.weight


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
