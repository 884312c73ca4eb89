"""The shipped legs beside journeys that were written down from timetables before they were reckoned."""

import csv
from pathlib import Path

import pytest

from api.registry.reference import DATA as REGISTER
from api.travel.shipped import UnknownTownError, legs, shipped_travel, town, towns
from matcher.travel import DOOR_HOURS

JOURNEYS = Path(__file__).with_name("journeys.csv")
# What is farther off than a fifth, by name: nobody shall have to find them out. None is known.
MISSES: frozenset[tuple[str, str]] = frozenset()


def _journeys() -> list[dict[str, str]]:
    with JOURNEYS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hours(one: str, other: str) -> float:
    return shipped_travel().hours(town(one).point, town(other).point)


def test_at_least_forty_journeys_are_within_a_fifth_but_for_the_misses_that_are_named() -> None:
    rows = _journeys()
    far = {
        (row["from"], row["to"])
        for row in rows
        if abs(hours(row["from"], row["to"]) / (float(row["hours"]) + DOOR_HOURS) - 1) > 0.20
    }
    assert len(rows) >= 40
    assert far == MISSES


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Göteborg", "Stockholm", 3.5),
        ("Malmö", "Linköping", 3.0),
        ("Luleå", "Stockholm", 3.5),
        ("Härnösand", "Göteborg", 8.1),
        ("Växjö", "Malmö", 2.4),
        ("Borås", "Jönköping", 1.9),
    ],
)
def test_what_every_swede_knows(one: str, other: str, expected: float) -> None:
    assert hours(one, other) == pytest.approx(expected, abs=0.25)
    assert hours(other, one) == hours(one, other)


def test_every_leg_is_between_towns_that_are_known_and_says_what_it_rests_on() -> None:
    assert all({leg.a, leg.b} <= towns().keys() and leg.basis and leg.hours > 0 for leg in legs())
    pairs = [frozenset((leg.a, leg.b)) | {leg.mode} for leg in legs()]
    assert len(pairs) == len(set(pairs))


def test_stockholm_is_nearest_to_all_and_the_north_farthest() -> None:
    with (REGISTER / "rc_areas.csv").open(encoding="utf-8", newline="") as file:
        seats = [row["seat_city"] for row in csv.DictReader(file)]
    totals = {place: sum(hours(seat, place) for seat in seats) for place in {*seats, "Stockholm"}}
    order = sorted(totals, key=lambda place: totals[place])
    assert order[:2] == ["Stockholm", "Skövde"]
    assert "Linköping" in order[2:4]
    assert {"Östersund", "Luleå"} < set(order[-3:])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("goteborg", "Göteborg"),
        ("GÖTEBORG ", "Göteborg"),
        ("Go\u0308teborg", "Göteborg"),
        ("Gothenburg", "Göteborg"),
        ("Gotland", "Visby"),
        ("Falu kommun", ""),
        ("Örebro kommun", "Örebro"),
    ],
)
def test_towns_are_found_as_people_type_them(typed: str, found: str) -> None:
    if not found:
        with pytest.raises(UnknownTownError):
            town(typed)
    else:
        assert town(typed).name == found


def test_an_unknown_town_is_asked_for_with_the_nearest_names() -> None:
    with pytest.raises(UnknownTownError) as error:
        town("Linkjöping")
    assert "Linköping" in error.value.near
