"""Many members: regions solved one by one, on any executor, and one bound over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TypeVar

import numpy as np

from matcher.errors import NoSolutionInTimeError
from matcher.groups.clock import Clock
from matcher.groups.cover import (
    Certificate,
    Cover,
    Covering,
    Groups,
    IntArray,
    canonical,
    check_sizes,
    fits,
)
from matcher.groups.regional import RegionResult, RegionTask, solve_region
from matcher.groups.regions import small_cover, split
from matcher.groups.spread import relax_regions, spread_bound
from matcher.proof import Budget, OnProgress, Proof

# Members in a region: in the first quick pass, and when solved by branch-and-price.
QUICK_REGION, REGION = 400, 240
# Share of the time for partitions; the rest is for the bound.
FOR_PARTITIONS = 0.65
# What a region may take at most, in seconds: then its neighbours' turn is worth more.
REGION_SECONDS = 12.0

T = TypeVar("T")
R = TypeVar("R")


def cover_large(
    cover: Cover,
    budget: Budget,
    hint: Groups | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Covering:
    """Partition many members well, with a bound, on as many workers as the executor has.

    executor: anything with the interface of `concurrent.futures.Executor`; without one,
    `budget.workers` processes are started here, or none when that is 1. A worker that is lost
    costs its region one more try, never the solve.

    Raises:
        InfeasibleError: no number of groups of the sizes adds up to n.
        NoSolutionInTimeError: no partition with allowed groups only was found.
    """
    check_sizes(cover)
    clock = Clock(budget, on_progress)
    with _workers(executor, budget.workers) as pool:
        return Decomposition(cover, clock, pool, hint).run()


@contextmanager
def _workers(executor: Executor | None, workers: int) -> Iterator[Executor | None]:
    """Use the executor given, else processes of our own, else none."""
    if executor is not None or workers < 2:
        yield executor
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        # Work that is still going on is of no use any more, and waiting for it at the end of the
        # program could take for ever: the workers only compute, so they may be ended at once.
        workers_left = list((pool._processes or {}).values())  # noqa: SLF001 - kill_workers() is Python 3.14's
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers_left:
            worker.kill()


def run_all(
    pool: Executor | None,
    work: Callable[[T], R],
    tasks: Sequence[T],
    keep_going: Callable[[], bool],
) -> Iterator[R]:
    """Yield results as they come; a task whose worker is lost is done here instead."""
    lost = list(tasks)
    if pool is not None:
        lost = []
        waiting: dict[Future[R], T] = {}
        for task in tasks:
            try:
                waiting[pool.submit(work, task)] = task
            except (BrokenExecutor, RuntimeError):
                lost.append(task)
        yield from _as_they_come(waiting, lost, keep_going)
    for task in lost:
        if not keep_going():
            return
        yield work(task)


def _as_they_come(
    waiting: dict[Future[R], T], lost: list[T], keep_going: Callable[[], bool]
) -> Iterator[R]:
    """Yield what the workers finish; put the tasks of lost workers into `lost`."""
    while waiting and keep_going():
        done, _ = wait_for(waiting, timeout=0.2, return_when="FIRST_COMPLETED")
        for future in done:
            task = waiting.pop(future)
            try:
                result = future.result()
            except (BrokenExecutor, OSError):
                lost.append(task)
                continue
            yield result
    for future in waiting:
        future.cancel()


class Decomposition:
    """One large solve: the incumbent partition and the best prices met so far."""

    def __init__(
        self, cover: Cover, clock: Clock, pool: Executor | None, hint: Groups | None
    ) -> None:
        self._cover = cover
        self._clock = clock
        self._pool = pool
        self._rng = np.random.default_rng(clock.budget.seed)
        self._groups = hint
        self._objective = np.inf if hint is None else cover.objective(hint)

    def run(self) -> Covering:
        """Partition region by region, again over other borders while time lasts, then bound."""
        seconds = self._clock.budget.seconds
        self._quick_pass()
        if self._groups is None:
            raise NoSolutionInTimeError(seconds)
        end = FOR_PARTITIONS * seconds
        rounds = 0
        while self._clock.keep_going() and self._clock.seconds < end:
            before = self._objective
            self._round(end, rounds)
            rounds += 1
            if rounds >= 4 and before - self._objective < 1e-5 * abs(before):
                break
        bound, method, certificate = self._bound()
        bound = min(bound, self._objective)
        self._clock.tell(method, bound=bound)
        groups = canonical(self._groups)
        return Covering(groups, Proof(self._objective, bound), certificate, method)

    def _task(self, members: IntArray, seconds: float, *, is_quick: bool) -> RegionTask:
        """Make a region's task, with the incumbent as hint where there is one."""
        cover = small_cover(self._cover, members)
        hint = None
        if self._groups is not None and not is_quick:
            place = {int(member): number for number, member in enumerate(members)}
            hint = tuple(
                tuple(place[member] for member in group)
                for group in self._groups
                if group[0] in place
            )
        seed = int(self._rng.integers(2**31))
        return RegionTask(members, cover, hint, seconds, seed, is_quick)

    def _quick_pass(self) -> None:
        """Make a first partition, each region by construction and local search."""
        regions = split(self._cover, None, QUICK_REGION, self._rng)
        members = _whole(self._cover, regions)
        tasks = [self._task(part, self._clock.left, is_quick=True) for part in members]
        groups: list[tuple[int, ...]] = []
        covered = 0
        for result in run_all(self._pool, solve_region, tasks, self._clock.keep_going):
            if result.groups is not None:
                groups += [tuple(result.members[list(group)].tolist()) for group in result.groups]
                covered += len(result.members)
            self._clock.ask("construction")
        if covered == self._cover.n:
            self._offer(tuple(groups), "construction")

    def _offer(self, groups: Groups, phase: str) -> None:
        """Take a better partition."""
        objective = self._cover.objective(groups)
        if objective < self._objective:
            self._groups, self._objective = groups, objective
            self._clock.tell(phase, incumbent=objective)

    def _round(self, end: float, number: int) -> None:
        """Solve every region of a fresh split from the incumbent, and take what is better."""
        if self._groups is None:
            return
        regions = split(self._cover, self._groups, REGION, self._rng)
        workers = self._clock.budget.workers if self._pool is not None else 1
        # Three rounds should fit: a member on a border in one is deep inside in another.
        time = (end - self._clock.seconds) / max(1, 3 - number)
        share = min(REGION_SECONDS, 0.95 * time * workers / len(regions))
        tasks = [self._task(part, share, is_quick=False) for part in regions]
        for result in run_all(self._pool, solve_region, tasks, self._clock.keep_going):
            self._take(result)
            self._clock.ask("regions")

    def _take(self, result: RegionResult) -> None:
        """Put a region's better groups into the incumbent."""
        members = result.members
        if result.groups is None or self._groups is None:
            return
        inside = set(members.tolist())
        own = tuple(group for group in self._groups if group[0] in inside)
        new = tuple(tuple(members[list(group)].tolist()) for group in result.groups)
        gain = self._cover.objective(own) - self._cover.objective(new)
        if gain > 1e-12 * abs(self._objective):
            kept = tuple(group for group in self._groups if group[0] not in inside)
            self._groups = kept + new
            self._objective -= gain
            self._clock.tell("regions", incumbent=self._objective)

    def _bound(self) -> tuple[float, str, Certificate | None]:
        """Make one bound for all: prices from regions with their surroundings, made to hold."""
        groups = self._groups or ()
        self._objective = self._cover.objective(groups)
        workers = self._clock.budget.workers if self._pool is not None else 1

        def run(work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
            return run_all(self._pool, work, tasks, self._clock.keep_going)

        certificate = relax_regions(self._cover, groups, 0.6 * self._clock.left * workers, run)
        return spread_bound(self._cover, certificate, run)


def _whole(cover: Cover, regions: list[IntArray]) -> list[IntArray]:
    """Regions that can each be cut into groups of the sizes; those that cannot join the next."""
    parts: list[IntArray] = []
    carried = np.empty(0, dtype=np.int64)
    for members in regions:
        part = np.concatenate([carried, members])
        carried = np.empty(0, dtype=np.int64)
        if fits(cover, len(part)):
            parts.append(part)
        else:
            carried = part
    if len(carried):
        # Members carried to the end join the last region that the sizes then fit.
        while parts:
            carried = np.concatenate([carried, parts.pop()])
            if fits(cover, len(carried)):
                break
        parts.append(carried)
    return [np.sort(part) for part in parts]
