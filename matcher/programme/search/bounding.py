"""The closer bound, worked out by a process beside the search where there are two workers, else after it."""

import signal
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

from matcher.effort import Effort
from matcher.milp import always
from matcher.programme.places import Places
from matcher.programme.problem import Problem
from matcher.programme.search.bounds import Bound, closer_bound, closer_bounds
from matcher.programme.watch import Watch

# Whoever allows less does not wait for a proof.
_LEAST_SECONDS = 15.0
# What a single worker gives to it: of all time, so that of what the search leaves.
_SHARE, _OF_WHAT_IS_LEFT = 0.25, 0.7


class Bounding:
    """A bound that takes some seconds of counting; the search never waits for it.

    Not where work is counted, which promises the same answer of a slow machine, and not where all
    levels go into one exact model (`is_exact`), which has a bound of its own.
    """

    def __init__(
        self, places: Places, known: Bound, effort: Effort, watch: Watch, *, is_exact: bool = False
    ) -> None:
        self._places, self._known = places, known
        self._effort, self._watch = effort, watch
        self.is_wanted = not effort.is_counted and effort.seconds >= _LEAST_SECONDS and not is_exact
        self._is_alone = effort.budget().workers < 2
        self.beside: BaseProcess | None = None
        self._heard: Connection | None = None

    @property
    def share(self) -> float:
        """The share of the time that the search leaves to it."""
        return _SHARE if self.is_wanted and self._is_alone else 0.0

    def __enter__(self) -> Self:
        """Begin beside the search, which holds the interpreter of this process for itself."""
        if self.is_wanted and not self._is_alone:
            context = get_context("spawn")
            self._heard, tells = context.Pipe(duplex=False)
            problem = self._places.problem
            self.beside = context.Process(target=bound_beside, args=(problem, tells), daemon=True)
            self.beside.start()
            tells.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the work that is still going on; what was proven by then counts."""
        if self.beside is None or self._heard is None:
            return
        try:
            while self._heard.poll():
                self._known = min(self._known, self._heard.recv(), key=lambda one: one.weight)
        except EOFError:
            pass  # it has come to its end, or was lost
        self.beside.kill()
        self.beside.join()
        self.beside.close()
        self._heard.close()

    def work_alone(self) -> None:
        """Do a single worker's share, after the search."""
        if not self.share:
            return
        effort = self._effort.part(_OF_WHAT_IS_LEFT)
        self._known = closer_bound(
            self._places, self._known, lambda: not (effort.is_over or self._watch.is_stopped)
        )

    def closer(self, known: Bound) -> Bound:
        """Return the better of a bound and what was found."""
        return min(known, self._known, key=lambda one: one.weight)


def bound_beside(problem: Problem, tells: Connection) -> None:
    """Tell each closer bound of a problem until there is no closer one or this process is ended."""
    # Ctrl-C reaches all processes of a terminal; only the one that waits for the others heeds it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for bound in closer_bounds(Places(problem), always):
        tells.send(bound)
    tells.close()
