"""Journeys over a table of legs: the quickest way beside every way there is, and places outside it."""

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.geo import Point, great_circle_km
from matcher.travel import CHANGE_HOURS, DOOR_HOURS, MARGIN, Leg, Travel, nights, steps

TOWNS = {name: Point(57.0 + 2 * n, 12.0 + 3 * (n % 3)) for n, name in enumerate("abcde")}
PLACES = st.builds(Point, st.floats(55.5, 68.0), st.floats(11.0, 24.0))
LEGS = st.lists(
    st.builds(
        lambda ends, mode, hours: Leg(ends[0], ends[1], mode, hours),
        st.sampled_from(list(permutations(TOWNS, 2))),
        st.sampled_from(["rail", "air"]),
        st.floats(0.1, 9.0),
    ),
    max_size=12,
)


@given(LEGS, st.sampled_from(list(permutations(TOWNS, 2))))
def test_the_quickest_way_is_the_least_of_all_ways(legs: list[Leg], ends: tuple[str, str]) -> None:
    one, other = ends
    found = Travel(legs, TOWNS).journey(TOWNS[one], TOWNS[other])
    ways = _ways(legs, one, other)
    if not ways:
        assert found.basis == "rough"
        return
    assert found.hours == pytest.approx(min(ways), abs=1e-5)
    assert found.basis == "table"
    assert [found.legs[0].a, found.legs[-1].b] == [one, other]
    changes = len(found.legs) - 1
    spent = sum(leg.hours for leg in found.legs)
    assert found.hours == pytest.approx(spent + CHANGE_HOURS * changes + DOOR_HOURS, abs=1e-5)


@given(LEGS, PLACES, PLACES)
def test_nobody_travels_in_no_time_and_both_ways_take_as_long(
    legs: list[Leg], one: Point, other: Point
) -> None:
    travel = Travel(legs, TOWNS)
    there, back = travel.hours(one, other), travel.hours(other, one)
    assert there == pytest.approx(back, abs=1e-5)
    assert there >= DOOR_HOURS
    assert travel.hours(one, one) == DOOR_HOURS


@given(st.floats(1.0, 2000.0), st.floats(0.0, 500.0))
def test_without_a_table_farther_is_never_quicker(km: float, more: float) -> None:
    start, near, far = (
        Point(55.0, 13.0),
        Point(55 + km / 111, 13.0),
        Point(55 + (km + more) / 111, 13),
    )
    assert Travel().hours(start, near) <= Travel().hours(start, far) + 1e-9


def test_a_place_outside_the_table_goes_by_road_to_the_town_that_is_best_and_is_rough() -> None:
    travel = Travel([Leg("a", "b", "rail", 1.0)], TOWNS)
    near = Point(TOWNS["a"].lat - 0.3, TOWNS["a"].lon)
    found = travel.journey(near, TOWNS["b"])
    road = 1.3 * great_circle_km(near, TOWNS["a"]) / 70.0
    assert found.basis == "rough"
    assert [leg.mode for leg in found.legs] == ["road", "rail"]
    assert found.hours == pytest.approx(road + CHANGE_HOURS + 1.0 + DOOR_HOURS, abs=1e-5)


@pytest.mark.parametrize(("hours", "expected"), [(2.0, 0), (3.0, 0), (3.1, 1), (6.0, 1), (6.1, 2)])
def test_nights_away_from_a_meeting_between_nine_and_four(hours: float, expected: int) -> None:
    assert nights(hours, 9.0, 16.0) == expected


@given(st.lists(st.floats(0.5, 200.0), min_size=1))
def test_what_lies_within_the_margin_is_a_tie_and_order_is_kept(values: list[float]) -> None:
    found = steps(values)
    ordered = sorted(found)
    assert [found[value] for value in ordered] == sorted(found.values())
    least = min(values)
    assert all((found[value] == 0) == (value < least * (1 + MARGIN)) for value in values)


def _ways(legs: list[Leg], one: str, other: str) -> list[float]:
    """Return the hours of every way that meets no town twice."""
    best: dict[frozenset[str], float] = {}
    for leg in legs:
        ends = frozenset((leg.a, leg.b))
        best[ends] = min(leg.hours, best.get(ends, leg.hours))
    between = [name for name in TOWNS if name not in (one, other)]
    found = []
    for size in range(len(between) + 1):
        for middle in permutations(between, size):
            stops = (one, *middle, other)
            spans = [frozenset(pair) for pair in pairwise(stops)]
            if all(span in best for span in spans):
                found.append(sum(best[span] for span in spans) + CHANGE_HOURS * size + DOOR_HOURS)
    return found
