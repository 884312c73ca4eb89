"""The map's projection: from degrees to metres on the map."""

from math import atan2, atanh, cos, cosh, radians, sin, sinh

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
