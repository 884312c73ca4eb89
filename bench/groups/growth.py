"""How the time to a good partition grows with the members: seconds to 0.95 x MDAV, and the exponent."""

from __future__ import annotations

from math import log
from time import perf_counter

from bench.groups.instances import Instance, clustered
from bench.groups.peers import mdav, sse
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.groups.cover.solve import cover
from matcher.proof import Budget, Progress

SHARE = 0.95


def seconds_to_share(instance: Instance, seed: int) -> tuple[float | None, float]:
    """Seconds of the engine until SHARE x MDAV's cost, None when never; and the share then reached."""
    points = instance.values
    goal = sse(points, mdav(instance))
    scale = (0.0, *(1.0 / size for size in range(1, instance.largest + 1)))
    problem = Cover(
        SquaredEuclidean(points), instance.smallest, instance.largest, scale, coordinates=points
    )
    start = perf_counter()
    reached: list[tuple[float, float]] = []

    def follow(progress: Progress) -> bool:
        if progress.incumbent is not None and progress.incumbent <= SHARE * goal:
            reached.append((perf_counter() - start, progress.incumbent / goal))
        return not reached

    found = cover(problem, Budget(instance.seconds, 2, seed), None, follow)
    return reached[0] if reached else (None, found.proof.objective / goal)


def growth(seed: int) -> None:
    """Print a line per size, and the exponent of n between each size and the one before."""
    before: tuple[int, float] | None = None
    for instance in clustered(seed):
        seconds, share = seconds_to_share(instance, seed)
        line = f"{instance.name:34} {share:.4f} x MDAV after "
        if seconds is None:
            print(f"{line} {instance.seconds:.0f} s: not reached")
            continue
        if before:
            exponent = log(seconds / before[1]) / log(len(instance.points) / before[0])
            line += f"(n^{exponent:.2f}) "
        print(f"{line}{seconds:.2f} s", flush=True)
        before = len(instance.points), seconds
