"""Where things are: great-circle distance, the travel bands that are an estimate, and the map's projection."""

from enum import StrEnum
from math import asin, atan2, atanh, cos, cosh, radians, sin, sinh, sqrt

EARTH_RADIUS_KM = 6371.0088  # IUGG mean radius
# The travel model of the register's code book: half an hour of start and stop, then 75 km/h great-circle.
# Its error may be a third: show the band, not the minute.
START_AND_STOP_H, KM_PER_H = 0.5, 75


class TravelBand(StrEnum):
    """How far it is between two seats, in what it means for a meeting."""

    SHORT_LAND_DAY_TRIP = "short_land_day_trip"
    LONG_LAND_DAY_TRIP = "long_land_day_trip"
    LAND_OVERNIGHT_OR_DIGITAL = "land_overnight_or_digital"
    AIR_OVERNIGHT_OR_DIGITAL = "air_overnight_or_digital"


_BAND_LIMITS_KM = (
    (150, TravelBand.SHORT_LAND_DAY_TRIP),
    (300, TravelBand.LONG_LAND_DAY_TRIP),
    (500, TravelBand.LAND_OVERNIGHT_OR_DIGITAL),
)


def great_circle_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the haversine distance between two (latitude, longitude) points in degrees."""
    (lat1, lon1), (lat2, lon2) = first, second
    half_lat = radians(lat2 - lat1) / 2
    half_lon = radians(lon2 - lon1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def travel_band(km: float) -> TravelBand:
    """Return the band of a great-circle distance."""
    for limit, band in _BAND_LIMITS_KM:
        if km <= limit:
            return band
    return TravelBand.AIR_OVERNIGHT_OR_DIGITAL


def land_hours(km: float) -> float:
    """Return the estimated time by land, door to door, in hours."""
    return START_AND_STOP_H + km / KM_PER_H


# GRS 80 and SWEREF 99 TM: Gauss-Krueger with central meridian 15 degrees east, scale 0.9996
# (Lantmaeteriet, "Gauss Conformal Projection (Transverse Mercator)").
_AXIS_M, _FLATTENING = 6378137.0, 1 / 298.257222101
_N = _FLATTENING / (2 - _FLATTENING)
_E2 = _FLATTENING * (2 - _FLATTENING)
_SCALE = 0.9996 * _AXIS_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_LATITUDE_TERMS = (
    _E2,
    (5 * _E2**2 - _E2**3) / 6,
    (104 * _E2**3 - 45 * _E2**4) / 120,
    1237 * _E2**4 / 1260,
)
_SERIES = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_FALSE_EASTING_M, _CENTRAL_MERIDIAN = 500_000, 15


def sweref99tm(lat: float, lon: float) -> tuple[float, float]:
    """Return (north, east) in metres, EPSG:3006, of a point in degrees."""
    phi, away = radians(lat), radians(lon - _CENTRAL_MERIDIAN)
    sine = sin(phi)
    terms = sum(term * sine ** (2 * power) for power, term in enumerate(_LATITUDE_TERMS))
    conformal = phi - sine * cos(phi) * terms
    xi = atan2(sin(conformal), cos(conformal) * cos(away))
    eta = atanh(cos(conformal) * sin(away))
    north, east = xi, eta
    for order, factor in enumerate(_SERIES, start=1):
        north += factor * sin(2 * order * xi) * cosh(2 * order * eta)
        east += factor * cos(2 * order * xi) * sinh(2 * order * eta)
    return _SCALE * north, _SCALE * east + _FALSE_EASTING_M
