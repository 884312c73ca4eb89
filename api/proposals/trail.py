"""A solver's way to its answer: each better incumbent or bound, with its second."""

from math import isfinite

from api.jobs.handlers import JobProgress
from matcher.proof import Progress

MOST_STEPS = 200


class Trail:
    """Hears a solver and keeps `[seconds, incumbent, lower bound]` of each step."""

    def __init__(self) -> None:
        self.points: list[list[float | None]] = []

    def hear(self, progress: Progress) -> None:
        """Keep what a solver says, where it is news."""
        self.add(progress.seconds, progress.incumbent, finite(progress.lower_bound))

    def add(self, seconds: float, incumbent: float | None, lower_bound: float | None) -> None:
        """Keep a step that is news; when there are too many, every other one goes."""
        if incumbent is None and lower_bound is None:
            return
        if self.points and self.points[-1][1:] == [incumbent, lower_bound]:
            return
        self.points.append([round(seconds, 3), incumbent, lower_bound])
        if len(self.points) > MOST_STEPS:
            self.points = [*self.points[:-1:2], self.points[-1]]


def finite(bound: float | None) -> float | None:
    """Return a bound that says something; minus infinity says nothing."""
    return bound if bound is not None and isfinite(bound) else None


def in_words(progress: Progress, trail: Trail) -> JobProgress:
    """Return a solver's progress as a job tells it, the way there included."""
    bound = finite(progress.lower_bound)
    gap = None
    if progress.incumbent is not None and bound is not None:
        scale = abs(progress.incumbent) or 1.0
        gap = max(0.0, (progress.incumbent - bound) / scale)
    return JobProgress("", progress.incumbent, bound, gap, list(trail.points))
