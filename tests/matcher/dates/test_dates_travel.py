"""The codebook's travel estimate: anchors, bands and the air branch."""

import pytest

from matcher.dates.travel import door_to_door_hours, time_step
from matcher.geo import Point, band_of_km, great_circle_km

GAVLE, VAXJO = Point(60.6745, 17.1417), Point(56.8777, 14.8091)


def test_distance_agrees_with_the_published_table() -> None:
    assert round(great_circle_km(GAVLE, VAXJO)) == 443


def test_distance_is_symmetric_and_zero_at_home() -> None:
    assert great_circle_km(GAVLE, VAXJO) == pytest.approx(great_circle_km(VAXJO, GAVLE))
    assert great_circle_km(GAVLE, GAVLE) == 0.0


@pytest.mark.parametrize(
    ("km", "hours"),
    [(0, 0.5), (150, 2.5), (400, 0.5 + 400 / 75), (401, 3.5 + 401 / 600), (900, 5.0)],
)
def test_hours_by_land_and_above_400_km_by_the_lesser_of_land_and_air(
    km: float, hours: float
) -> None:
    assert door_to_door_hours(km) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("km", "band"),
    [
        (150, "short_land_day_trip"),
        (150.1, "long_land_day_trip"),
        (300.1, "land_overnight_or_digital"),
        (500, "land_overnight_or_digital"),
        (500.1, "air_overnight_or_digital"),
    ],
)
def test_bands_end_where_the_codebook_says(km: float, band: str) -> None:
    assert band_of_km(km) == band


def test_time_steps_follow_the_bands_by_land() -> None:
    assert [time_step(hours) for hours in (2.5, 2.6, 4.6, 7.2)] == [0, 1, 2, 3]
