"""The closer bound, worked out beside the search where there are two workers, else after it."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from matcher.effort import Effort
from matcher.programme.places import Places
from matcher.programme.search.bounds import Bound, closer_bound
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
        self._is_over = False
        self._found: Future[Bound] | None = None
        self._pool: ThreadPoolExecutor | None = None

    @property
    def share(self) -> float:
        """The share of the time that the search leaves to it."""
        return _SHARE if self.is_wanted and self._is_alone else 0.0

    def __enter__(self) -> Self:
        """Begin beside the search. Numpy lets go of the interpreter while it counts, so a thread is enough."""
        if self.is_wanted and not self._is_alone:
            self._pool = ThreadPoolExecutor(1, "bound")
            self._found = self._pool.submit(closer_bound, self._places, self._known, self._goes_on)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the work that is still going on."""
        self._is_over = True
        if self._pool is not None:
            self._pool.shutdown()

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
        found = self._known if self._found is None else self._found.result()
        return min(known, found, key=lambda one: one.weight)

    def _goes_on(self) -> bool:
        return not (self._is_over or self._effort.is_over or self._watch.is_stopped)
