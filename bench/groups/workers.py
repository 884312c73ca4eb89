"""What more workers give: the same work by 1, 2 and 4 processes of our own, and by as many workers of a cluster.

The work is one pass of shared prices over clustered points. Its tasks are the same whoever does them, and so is the
bound. Processor seconds of tasks, and of whoever hands them out, hold on any machine; wall seconds only tell
what workers give where as many cores are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter, process_time
from typing import Any, TypeVar

import numpy as np

from matcher.groups.cover.construct import far_first
from matcher.groups.cover.large.bound import relax_regions, spread_bound
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.large.workers import run_all
from matcher.groups.cover.large.workers import workers as processes
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.milp import always

COUNTS = (1, 2, 4)
POINTS = 2_000
SIZES = (1_000, 2_000, 4_000, 8_000)
NEVER = 3_600.0
WARM_UP = "matcher.groups.cover.large.decomposition"

T = TypeVar("T")
R = TypeVar("R")


def workers(seed: int) -> None:
    """Print a line for each number of workers."""
    cover = _clustered(seed, POINTS)
    ways = {"processes": processes_of, "cluster": cluster_of}
    if find_spec("distributed") is None:
        print("cluster: distributed is not installed (requirements/cluster.lock)")
        del ways["cluster"]
    for way, made in ways.items():
        for count in COUNTS:
            with made(count) as pool:
                start, own = perf_counter(), process_time()
                spent, bound = one_pass(cover, pool, count)
                # Without a pool the tasks are done here.
                here = process_time() - own - (sum(spent) if pool is None else 0.0)
                print(
                    f"{POINTS} points, {count} {way:9} {len(spent)} tasks {sum(spent):6.1f} s, the longest "
                    f"{max(spent):4.2f} s; here {here:4.1f} s; wall {perf_counter() - start:6.1f} s; bound {bound:.3f}",
                    flush=True,
                )


def one_pass(cover: Cover, pool: Executor | None, count: int) -> tuple[list[float], float]:
    """Price every core and make that hold everywhere; return each task's processor seconds, and the bound."""
    spent: list[float] = []

    def at_work(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        for result, seconds in run_all(pool, partial(_timed, work), tasks, always, count):
            spent.append(seconds)
            yield result

    prices = SharedPrices(cover, lambda: NEVER, lambda: count, at_work)
    prices.first(far_first(cover, np.random.default_rng(0)))
    return spent, prices.bound


def passes(seed: int) -> None:
    """Print a line for each number of points: one pass by kind of work, in processor seconds of one core."""
    for points in SIZES:
        cover = _clustered(seed, points)
        spent: dict[str, list[float]] = {}

        def at_work(
            work: Callable[[T], R],
            tasks: Iterable[T],
            spent: dict[str, list[float]] = spent,
        ) -> Iterator[R]:
            name = getattr(work, "func", work).__name__
            for result, seconds in run_all(None, partial(_timed, work), tasks, always, 1):
                spent.setdefault(name, []).append(seconds)
                yield result

        groups = far_first(cover, np.random.default_rng(0))
        priced = relax_regions(cover, groups, NEVER, at_work, held=None, seed=1, cuts=0)
        spread = spread_bound(cover, priced, NEVER, at_work)
        share = 0.0 if spread is None else spread[0] / sum(priced.duals)
        said = ", ".join(
            f"{name} {len(each)} tasks {sum(each):6.2f} s" for name, each in spent.items()
        )
        print(f"{points} points: {said}; the check leaves {share:.1%}", flush=True)


def _timed(work: Callable[[T], R], task: T) -> tuple[R, float]:
    start = process_time()
    return work(task), process_time() - start


@contextmanager
def processes_of(count: int) -> Iterator[Executor | None]:
    """Have so many processes of our own, ready to work; none for one."""
    with processes(None, count) as pool:
        if pool is not None:
            list(pool.map(_ready, range(count)))
        yield pool


@contextmanager
def cluster_of(count: int) -> Iterator[Executor]:
    """Have a dask.distributed scheduler with so many workers, ready to work."""
    distributed: Any = import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made,
        distributed.Client(made) as client,
    ):
        client.run(_ready)
        yield client.get_executor(retries=3)


def _ready(_: int = 0) -> None:
    import_module(WARM_UP)


def _clustered(seed: int, count: int) -> Cover:
    """Return points in the plane, fifty about a centre, in groups of three to five."""
    rng = np.random.default_rng([seed, count])
    centres = rng.random((count // 50, 2)) * 10.0
    values = centres[rng.integers(0, len(centres), count)] + rng.normal(0.0, 0.3, (count, 2))
    scale = (0.0, *(1.0 / size for size in range(1, 6)))
    return Cover(SquaredEuclidean(values), 3, 5, scale, coordinates=values)
