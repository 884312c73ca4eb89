"""Door-to-door travel as the codebook estimates it from great-circle km: hours, never minutes.

Land hours are 0.5 + km / 75, from two sourced train journeys; the error may be a third. Above
400 km the lesser of land and air counts, air being 3.5 + km / 600. Show the band, not the figure.
"""

from matcher.geo import BAND_ENDS_KM, BANDS, Band, Point, great_circle_km

AIR_FROM_KM = 400.0


def door_to_door_hours(km: float) -> float:
    """Return the estimated hours one way for a great-circle distance."""
    land = 0.5 + km / 75.0
    return land if km <= AIR_FROM_KM else min(land, 3.5 + km / 600.0)


def hours_between(a: Point, b: Point) -> float:
    """Estimated hours one way between two points."""
    return door_to_door_hours(great_circle_km(a, b))


def land_hours_of_band(band: Band) -> float | None:
    """Return the estimated hours by land at a band's far end; None for the last, which has no end."""
    ends = dict(zip(BANDS, BAND_ENDS_KM, strict=False))
    return 0.5 + ends[band] / 75.0 if band in ends else None


def time_step(hours: float) -> int:
    """Return the step 0-3 of a travel time: the bands' ends, by land, counted in hours.

    Two times in one step differ by less than the estimate can tell apart.
    """
    return sum(hours > 0.5 + end / 75.0 for end in BAND_ENDS_KM)
