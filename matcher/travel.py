"""Journeys as people know them: the quickest way over a table of usual legs, with its changes.

A leg is a usual journey between two towns, centre to centre. Hours from door to door are those of
the quickest way over the legs, `CHANGE_HOURS` for each leg beyond the first, and `DOOR_HOURS` at
both ends together. A place outside the table goes by road to a town that is in it, and the answer
is called rough. All hours are estimates: two that differ by less than `MARGIN` are the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from matcher.geo import Point, great_circle_km

CHANGE_HOURS = 0.4
DOOR_HOURS = 0.5
# A place this near a town of the table is that town.
SAME_TOWN_KM = 8.0
# By road: km along it for each km as the crow flies, and km an hour.
DETOUR, ROAD_SPEED = 1.3, 70.0
# By air where there is no table at all: hours at the airports, and km an hour.
AIRPORT_HOURS, AIR_SPEED = 3.0, 600.0
# Two journeys, or two sums of journeys, that differ by a smaller share are equally long.
MARGIN = 0.10
# Nobody is asked to leave home earlier or come home later, in hours of the day.
EARLIEST, LATEST = 6.0, 22.0


class Band(StrEnum):
    """How far it is, in what it means for a meeting; see `band_of`."""

    SHORT_DAY_TRIP = "short_land_day_trip"
    LONG_DAY_TRIP = "long_land_day_trip"
    NIGHT_OR_DIGITAL = "land_overnight_or_digital"
    FAR_OR_DIGITAL = "air_overnight_or_digital"


BANDS = tuple(Band)
# The upper ends of all bands but the last, in hours one way.
BAND_HOURS = (2.5, 4.5, 7.0)

Basis = Literal["table", "rough"]
Way = tuple["Leg", ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """A usual journey between two towns, both ways: hours centre to centre, and what that rests on."""

    a: str
    b: str
    mode: str
    hours: float
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """The quickest way from door to door: hours one way, and the legs in the order of travel."""

    hours: float
    legs: Way
    basis: Basis


class Travel:
    """A table of legs and where its towns are, with the quickest way between any two places."""

    def __init__(self, legs: Iterable[Leg] = (), towns: Mapping[str, Point] | None = None) -> None:
        self.legs = tuple(legs)
        known = towns or {}
        names = sorted({end for leg in self.legs for end in (leg.a, leg.b)})
        self.towns = {name: known[name] for name in names if name in known}
        self._ways = {name: _quickest(name, self.legs) for name in self.towns}
        self._between = lru_cache(maxsize=20_000)(self._find)

    def journey(self, one: Point, other: Point) -> Journey:
        """Return the quickest way between two places."""
        return self._between(one, other)

    def hours(self, one: Point, other: Point) -> float:
        """Hours one way, door to door; never less than `DOOR_HOURS`."""
        return self._between(one, other).hours

    def _find(self, one: Point, other: Point) -> Journey:
        start, goal = self._town_at(one), self._town_at(other)
        if start is not None and goal is not None:
            way = self._ways[start].get(goal)
            if way is not None:
                return Journey(_door_to_door(way), way, "table")
        best = self._straight(one, other, start, goal)
        goals = self._roads(other, goal)
        for town, first in self._roads(one, start):
            for end, last in goals:
                way = self._ways[town].get(end)
                if way is None:
                    continue
                whole = (*first, *way, *(_turned(leg) for leg in last))
                hours = _door_to_door(whole)
                if hours < best.hours:
                    best = Journey(hours, whole, "rough")
        return best

    def _town_at(self, place: Point) -> str | None:
        near = [
            (km, name)
            for name, point in self.towns.items()
            if (km := great_circle_km(place, point)) <= SAME_TOWN_KM
        ]
        return min(near)[1] if near else None

    def _roads(self, place: Point, town: str | None) -> list[tuple[str, Way]]:
        """Return each town that can be the first one by rail or air, with the road to it."""
        if town is not None:
            return [(town, ())]
        return [
            (name, (Leg("", name, "road", road_hours(great_circle_km(place, point))),))
            for name, point in self.towns.items()
        ]

    def _straight(self, one: Point, other: Point, start: str | None, goal: str | None) -> Journey:
        km = great_circle_km(one, other)
        leg = Leg(start or "", goal or "", "road", road_hours(km))
        by_air = AIRPORT_HOURS + km / AIR_SPEED
        if not self.legs and by_air < leg.hours:
            leg = Leg("", "", "air", by_air)
        return Journey(leg.hours + DOOR_HOURS, (leg,), "rough")


def road_hours(km: float) -> float:
    """Hours by road for a great-circle distance."""
    return DETOUR * km / ROAD_SPEED


def band_of(hours: float) -> Band:
    """Return the band of a journey in hours one way, door to door."""
    return BANDS[sum(hours > end for end in BAND_HOURS)]


def limit_of(band: Band) -> float | None:
    """Return the longest journey in a band, in hours; None for the last, which has no end."""
    return dict(zip(BANDS, BAND_HOURS, strict=False)).get(band)


def nights(hours: float, starts: float, ends: float) -> int:
    """Nights away for a journey of `hours` one way to a meeting between two hours of its day."""
    return int(starts - hours < EARLIEST) + int(ends + hours > LATEST)


def steps(values: Iterable[float]) -> dict[float, int]:
    """Return each value's step, lowest first: a step holds what is less than `MARGIN` above its least."""
    found: dict[float, int] = {}
    least, step = 0.0, -1
    for value in sorted(set(values)):
        if step < 0 or value >= least * (1.0 + MARGIN):
            least, step = value, step + 1
        found[value] = step
    return found


def _door_to_door(way: Way) -> float:
    changes = max(0, len(way) - 1)
    return round(sum(leg.hours for leg in way) + CHANGE_HOURS * changes + DOOR_HOURS, 6)


def _quickest(start: str, legs: tuple[Leg, ...]) -> dict[str, Way]:
    """Return the quickest way from one town to every other that can be reached (Dijkstra 1959)."""
    out: dict[str, list[Leg]] = {}
    for leg in legs:
        out.setdefault(leg.a, []).append(leg)
        out.setdefault(leg.b, []).append(_turned(leg))
    found: dict[str, Way] = {}
    order = count()
    queue: list[tuple[float, int, str, Way]] = [(0.0, next(order), start, ())]
    while queue:
        cost, _, town, way = heappop(queue)
        if town in found:
            continue
        found[town] = way
        for leg in out.get(town, ()):
            if leg.b not in found:
                more = cost + leg.hours + CHANGE_HOURS
                heappush(queue, (more, next(order), leg.b, (*way, leg)))
    return found


def _turned(leg: Leg) -> Leg:
    return Leg(leg.b, leg.a, leg.mode, leg.hours, leg.basis)
