"""Where things are: points, and great-circle km of one pair or of arrays.

The one geography of the whole house; journeys in hours are `matcher.travel`.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius R1, IUGG


class Point(NamedTuple):
    """Degrees north and east (WGS 84)."""

    lat: float
    lon: float


def great_circle_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the haversine distance of two (latitude, longitude) in degrees, on a sphere."""
    latitude, longitude = math.radians(one[0]), math.radians(one[1])
    latitude2, longitude2 = math.radians(other[0]), math.radians(other[1])
    chord = (
        math.sin((latitude2 - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(latitude2) * math.sin((longitude2 - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def km_between(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `great_circle_km` of places in radians; the last axis is latitude, longitude."""
    half = np.sin((other - one) / 2) ** 2
    chord = half[..., 0] + np.cos(one[..., 0]) * np.cos(other[..., 0]) * half[..., 1]
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord))))
