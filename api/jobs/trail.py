"""A picture of a solver's way: the best found falls, what is proven rises, until they meet; with its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.kit.i18n import Speaker

WIDTH, HEIGHT = 340, 180
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 30
MOST_ROWS = 12
# Fewer steps, or lines that lie closer than this from the start, leave nothing to see.
FEWEST_STEPS = 3
LEAST_SHARE = 1e-4
# A gap above this says nothing: the bound has only begun.
MOST_SHARE = 10.0

Step = Sequence[float | None]  # seconds, incumbent, lower bound


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One step in the table."""

    seconds: str
    incumbent: str
    lower_bound: str
    gap: str


@dataclass(frozen=True, slots=True)
class TrailPicture:
    """Two lines of stairs as SVG points, the room between them, the axes' texts, and the table."""

    width: int
    height: int
    incumbent: str
    lower_bound: str
    between: str
    high: str
    low: str
    last: str
    axis_y: int
    rows: tuple[TrailRow, ...]


def picture(steps: Sequence[Step], say: Speaker) -> TrailPicture | None:
    """Return the picture, or None where so little happened that there is nothing to see."""
    bests = [(s, best) for s, best, _ in steps if s is not None and best is not None]
    bounds = [(s, bound) for s, _, bound in steps if s is not None and bound is not None]
    if len(steps) < FEWEST_STEPS or not bests or not bounds:
        return None
    high, low = max(one for _, one in bests), min(one for _, one in bounds)
    if high - low <= LEAST_SHARE * abs(high):
        return None
    begin, end = min(bests[0][0], bounds[0][0]), max(bests[-1][0], bounds[-1][0])
    frame = _Frame(begin, max(end - begin, 0.001), high, low)
    best, bound = frame.stairs(bests, end), frame.stairs(bounds, end)
    met = frame.stairs([one for one in bounds if one[0] >= bests[0][0]] or bounds[-1:], end)
    return TrailPicture(
        width=WIDTH,
        height=HEIGHT,
        incumbent=" ".join(best),
        lower_bound=" ".join(bound),
        between=" ".join([*best, *reversed(met)]),
        high=say.number(frame.high, 2),
        low=say.number(frame.low, 2),
        last=say.text("%(seconds)s sekunder", seconds=say.number(end, 1)),
        axis_y=HEIGHT - BOTTOM,
        rows=tuple(_row(say, *step) for step in _few(steps)),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """The drawing's scale: seconds to the right, cost upwards."""

    begin: float
    seconds: float
    high: float
    low: float

    def stairs(self, values: Sequence[tuple[float, float]], end: float) -> list[str]:
        """Return the corners of a line that keeps its value until the next, and its last to the end."""
        found = [self._at(*values[0])]
        for (_, before), (seconds, value) in pairwise(values):
            found += [self._at(seconds, before), self._at(seconds, value)]
        return [*found, self._at(end, values[-1][1])]

    def _at(self, seconds: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (seconds - self.begin) / self.seconds
        y = TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)
        return f"{x:.1f},{y:.1f}"


def _few(known: Sequence[Step]) -> list[Step]:
    """Return at most MOST_ROWS steps, evenly, the first and the last among them."""
    if len(known) <= MOST_ROWS:
        return list(known)
    apart = (len(known) - 1) / (MOST_ROWS - 1)
    return [known[round(number * apart)] for number in range(MOST_ROWS)]


def _row(
    say: Speaker, seconds: float | None, incumbent: float | None, lower_bound: float | None
) -> TrailRow:
    gap = "–"
    if incumbent is not None and lower_bound is not None:
        share = max(0.0, (incumbent - lower_bound) / (abs(incumbent) or 1.0))
        if share <= MOST_SHARE:
            gap = f"{say.number(100 * share, 1)} %"
    best, bound = (
        "–" if value is None else say.number(value, 3) for value in (incumbent, lower_bound)
    )
    return TrailRow(say.number(seconds or 0.0, 1), best, bound, gap)
