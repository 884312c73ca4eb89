"""Weights as whole numbers for the exact solvers, with the levels stacked so that none outbids a higher one."""

from collections.abc import Iterable

_FINEST = 1000
_EXACT = 1e-9
_LARGEST_SUM = 10**15


def scale_of(weights: Iterable[float]) -> int:
    """Return the smallest power of ten, at most 1000, that makes all weights whole numbers.

    Weights with more decimals than three are rounded to the third; the proof is then of the
    rounded problem, and the reported weight is always the unrounded one.
    """
    values = sorted(set(weights))
    for scale in (1, 10, 100, _FINEST):
        if all(abs(value * scale - round(value * scale)) < _EXACT * scale for value in values):
            return scale
    return _FINEST


def stacked(lower_total: int, values: int) -> int:
    """Return a factor for a level above one whose total is `lower_total`, kept within 64 bits."""
    return max(1, min(lower_total + 1, _LARGEST_SUM // max(values, 1)))
