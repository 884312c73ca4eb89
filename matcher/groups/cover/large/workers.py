"""Work handed out to an executor a few tasks at a time; a task whose worker is lost is done here."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Tasks in hand for each worker: the next one lies ready when one is done.
AHEAD = 2


@contextmanager
def workers(executor: Executor | None, count: int) -> Iterator[Executor | None]:
    """Use the executor given, else `count` processes of our own, else none."""
    if executor is not None or count < 2:
        yield executor
        return
    # Ctrl-C reaches all processes of a terminal; only the one that waits for the others heeds it.
    pool = ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    try:
        yield pool
    finally:
        # Work that is still going on is of no use any more, and waiting for it at the end of the
        # program could take for ever: the workers only compute, so they may be ended at once.
        left = list((pool._processes or {}).values())  # noqa: SLF001 - kill_workers() is Python 3.14's
        pool.shutdown(wait=False)
        for worker in left:
            worker.kill()


def run_all(
    pool: Executor | None,
    work: Callable[[T], R],
    tasks: Iterable[T],
    keep_going: Callable[[], bool],
    count: int = 1,
) -> Iterator[R]:
    """Yield results as they come. Tasks are made when a worker is about to need them.

    count: workers of the pool. What is not finished when told to stop is left undone.
    """
    left = tasks
    if pool is not None:
        left = yield from _hand_out(pool, work, iter(tasks), keep_going, AHEAD * count)
    for task in left:
        if not keep_going():
            return
        yield work(task)


def _hand_out(
    pool: Executor,
    work: Callable[[T], R],
    coming: Iterator[T],
    keep_going: Callable[[], bool],
    at_once: int,
) -> Generator[R, None, Iterable[T]]:
    """Yield what the pool finishes; return what is left to do when it has no workers any more."""
    waiting: dict[Future[R], T] = {}
    while keep_going():
        for task in islice(coming, max(0, at_once - len(waiting))):
            try:
                waiting[pool.submit(work, task)] = task
            except (BrokenExecutor, RuntimeError):
                return chain([task, *waiting.values()], coming)
        if not waiting:
            return ()
        for future in wait_for(waiting, timeout=0.2, return_when="FIRST_COMPLETED").done:
            task = waiting.pop(future)
            try:
                result = future.result()
            except (BrokenExecutor, OSError):
                result = work(task)
            yield result
    if not isinstance(pool, ProcessPoolExecutor):
        # Our own processes stumble over work that is taken back; they are ended soon anyway.
        for future in waiting:
            future.cancel()
    return ()
