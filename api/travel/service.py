"""Journeys as they stand today: the shipped legs with NCH's corrections over them."""

from collections.abc import Mapping

from sqlmodel import Session

from api.travel import queries, shipped
from matcher.geo import Point
from matcher.travel import Leg, Travel

Key = tuple[str, str, str]


def travel_of(session: Session) -> Travel:
    """Return the journeys over the legs that hold now."""
    return shipped.travel_over(tuple(legs_of(session).values()))


def legs_of(session: Session) -> dict[Key, Leg]:
    """Return the legs that hold now, by towns and mode."""
    found = shipped_legs()
    for one in queries.corrections(session):
        key = (one.a, one.b, one.mode)
        if one.hours is None:
            found.pop(key, None)
        else:
            found[key] = Leg(*key, one.hours, one.basis)
    return found


def shipped_legs() -> dict[Key, Leg]:
    """Return the shipped legs by towns and mode."""
    return {key_of(leg.a, leg.b, leg.mode): leg for leg in shipped.legs()}


def key_of(one: str, other: str, mode: str) -> Key:
    """Return what a leg is known by; it is the same both ways."""
    first, last = sorted((one, other))
    return first, last, mode


def hours_between(
    travel: Travel, seats: Mapping[str, tuple[float, float]]
) -> dict[frozenset[str], float]:
    """Return the hours one way between each pair of RC whose seats are known, door to door."""
    ids = sorted(seats)
    return {
        frozenset((one, other)): travel.hours(Point(*seats[one]), Point(*seats[other]))
        for number, one in enumerate(ids)
        for other in ids[number + 1 :]
    }
