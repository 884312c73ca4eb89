"""Door-to-door travel as the codebook estimates it: great-circle km, hours and bands, never minutes.

Land hours are 0.5 + km / 75, from two sourced train journeys; the error may be a third. Above
400 km the lesser of land and air counts, air being 3.5 + km / 600. Show the band, not the figure.
"""

import math
from dataclasses import dataclass
from typing import Literal

EARTH_RADIUS_KM = 6371.0088
AIR_FROM_KM = 400.0

Band = Literal[
    "short_land_day_trip",
    "long_land_day_trip",
    "land_overnight_or_digital",
    "air_overnight_or_digital",
]
BANDS: tuple[Band, ...] = (
    "short_land_day_trip",
    "long_land_day_trip",
    "land_overnight_or_digital",
    "air_overnight_or_digital",
)
# The upper ends, in km, of all bands but the last.
_BAND_ENDS_KM = (150.0, 300.0, 500.0)


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and east (WGS 84)."""

    lat: float
    lon: float


def great_circle_km(a: Point, b: Point) -> float:
    """Haversine distance on a sphere of the mean earth radius."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2.0
    half_lon = math.radians(b.lon - a.lon) / 2.0
    square = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(square)))


def door_to_door_hours(km: float) -> float:
    """Return the estimated hours one way for a great-circle distance."""
    land = 0.5 + km / 75.0
    return land if km <= AIR_FROM_KM else min(land, 3.5 + km / 600.0)


def hours_between(a: Point, b: Point) -> float:
    """Estimated hours one way between two points."""
    return door_to_door_hours(great_circle_km(a, b))


def band_of_km(km: float) -> Band:
    """Return the codebook's meeting band of a great-circle distance."""
    return BANDS[sum(km > end for end in _BAND_ENDS_KM)]


def land_hours_of_band(band: Band) -> float | None:
    """Return the estimated hours by land at a band's far end; None for the last, which has no end."""
    ends = dict(zip(BANDS, _BAND_ENDS_KM, strict=False))
    return 0.5 + ends[band] / 75.0 if band in ends else None


def time_step(hours: float) -> int:
    """Return the step 0-3 of a travel time: the bands' ends, by land, counted in hours.

    Two times in one step differ by less than the estimate can tell apart.
    """
    return sum(hours > 0.5 + end / 75.0 for end in _BAND_ENDS_KM)
