"""A picture of a solver's way: the best found falls, what is proven rises, until they meet; with its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.i18n import Speaker

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 30
MOST_ROWS = 12

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
    """Return the picture, or None while there are not two steps with an answer and a bound."""
    known = [(s, i, b) for s, i, b in steps if s is not None and i is not None and b is not None]
    if len(known) < 2:
        return None
    low = min(bound for _, _, bound in known)
    high = max(best for _, best, _ in known)
    end = max(known[-1][0], known[0][0] + 0.001)
    span = (high - low) or 1.0

    def at(seconds: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (seconds - known[0][0]) / (end - known[0][0])
        y = TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / span
        return f"{x:.1f},{y:.1f}"

    def stairs(values: Sequence[float]) -> list[str]:
        found = [at(known[0][0], values[0])]
        for (seconds, _, _), before, value in zip(known[1:], values, values[1:], strict=False):
            found += [at(seconds, before), at(seconds, value)]
        return found

    best = stairs([one for _, one, _ in known])
    bound = stairs([one for _, _, one in known])
    return TrailPicture(
        width=WIDTH,
        height=HEIGHT,
        incumbent=" ".join(best),
        lower_bound=" ".join(bound),
        between=" ".join([*best, *reversed(bound)]),
        high=say.number(high, 2),
        low=say.number(low, 2),
        last=say.text("%(seconds)s sekunder", seconds=say.number(end, 1)),
        axis_y=HEIGHT - BOTTOM,
        rows=tuple(_row(say, *step) for step in _few(known)),
    )


def _few(known: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return at most MOST_ROWS steps, evenly, the first and the last among them."""
    if len(known) <= MOST_ROWS:
        return list(known)
    apart = (len(known) - 1) / (MOST_ROWS - 1)
    return [known[round(number * apart)] for number in range(MOST_ROWS)]


def _row(say: Speaker, seconds: float, incumbent: float, lower_bound: float) -> TrailRow:
    gap = max(0.0, (incumbent - lower_bound) / (abs(incumbent) or 1.0))
    return TrailRow(
        say.number(seconds, 1),
        say.number(incumbent, 3),
        say.number(lower_bound, 3),
        f"{say.number(100 * gap, 1)} %",
    )
