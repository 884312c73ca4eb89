"""What an evaluation may show: one table per meeting, from which nobody's answer can be worked out.

Three rules, each with its reason:

1. A band of fewer than `SMALLEST` answers is hidden, and so is at least one band more, so that the
   hidden ones together are `SMALLEST` or more: else the total less the shown bands would be the small one.
2. "All" and "none" are never told apart from "all but one" and "one": in a group that is of one mind,
   everybody's answer would be known.
3. The total is the sum of what is already said of its parts, so it adds nothing to them.

A filter picks rows of this table and never makes a new group; there is nothing to take a difference of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from api.surveys.models import Band

SMALLEST = 5
SMALLEST_FOR_NEXT = SMALLEST + 1  # so that rule 2 can hold beside "fewer than five"

_Z = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group agree, as far as it may be said: `low` to `high` of `number`."""

    number: int
    low: int
    high: int

    @property
    def interval(self) -> tuple[float, float]:
        """A 95 % interval for the share, from 0 to 1 (Wilson 1927), wide enough for the whole range."""
        return wilson(self.low, self.number)[0], wilson(self.high, self.number)[1]

    @property
    def middle(self) -> float:
        """The middle of the range, as a share from 0 to 1: where a picture puts its mark."""
        return (self.low + self.high) / 2 / self.number


@dataclass(frozen=True, slots=True)
class Published:
    """One question of one meeting: the bands that may be shown, and all answers together."""

    bands: Mapping[Band, Share]
    hidden: tuple[Band, ...]  # had answers, too few to show alone
    total: Share | None  # None: fewer than `SMALLEST` answers in all


@dataclass(frozen=True, slots=True)
class NextTheme:
    """How many chose a theme for the next meeting."""

    theme_id: str
    number: int  # "at least" this many when `is_floor`
    is_floor: bool


def publish(counts: Mapping[Band, tuple[int, int]]) -> Published:
    """Return what may be shown of `counts`: answers and those who agree, by band."""
    present = {band: count for band, count in counts.items() if count[0]}
    pool = _pool({band: number for band, (number, _) in present.items()})
    shown = {band: share(*present[band]) for band in Band if band in present and band not in pool}
    parts = list(shown.values())
    pooled = sum(present[band][0] for band in pool)
    if pool and pooled >= SMALLEST:
        parts.append(share(pooled, sum(present[band][1] for band in pool)))
    total = None
    if parts:
        total = Share(
            number=sum(part.number for part in parts),
            low=sum(part.low for part in parts),
            high=sum(part.high for part in parts),
        )
    return Published(shown, tuple(band for band in Band if band in pool), total)


def share(number: int, agreeing: int) -> Share:
    """Return how many agree, with unanimity and all-but-one as one statement."""
    if agreeing >= number - 1:
        return Share(number, number - 1, number)
    if agreeing <= 1:
        return Share(number, 0, 1)
    return Share(number, agreeing, agreeing)


def _pool(sizes: Mapping[Band, int]) -> frozenset[Band]:
    """Return the bands to hide: the small ones, and the smallest others until they are enough together."""
    pool = {band for band, number in sizes.items() if number < SMALLEST}
    while pool and sum(sizes[band] for band in pool) < SMALLEST and len(pool) < len(sizes):
        rest = [band for band in Band if band in sizes and band not in pool]
        pool.add(min(rest, key=lambda band: sizes[band]))
    return frozenset(pool)


def publish_next(number: int, chosen: Mapping[str, int]) -> tuple[NextTheme, ...]:
    """Return the themes that at least `SMALLEST` of `number` answers chose, the most wanted first.

    Only for the meeting as a whole, never by band; a theme that fewer chose is not named at all.
    """
    if number < SMALLEST_FOR_NEXT:
        return ()
    themes = [
        NextTheme(theme, min(count, number - 1), is_floor=count >= number - 1)
        for theme, count in chosen.items()
        if count >= SMALLEST
    ]
    return tuple(sorted(themes, key=lambda theme: (-theme.number, theme.theme_id)))


def wilson(successes: int, number: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (E. B. Wilson 1927), each end from 0 to 1."""
    if number == 0:
        return 0.0, 1.0
    square = _Z * _Z
    middle = (successes + square / 2) / (number + square)
    half = _Z * sqrt(successes * (number - successes) / number + square / 4) / (number + square)
    return max(0.0, middle - half), min(1.0, middle + half)
