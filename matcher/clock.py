"""A budget in use: seconds gone, whether to go on, and the messages to whoever follows the solve."""

from __future__ import annotations

from time import perf_counter

from matcher.proof import Budget, OnProgress, Progress

# Seconds after which the follower is asked again whether to go on, news or not.
ASK_EVERY = 0.25


class Clock:
    """Counts a budget from its making; a `False` from the follower stops it for good.

    Incumbents in its messages fall and bounds rise. Whoever works asks `keep_going` often; without
    news the follower then hears the same figures again, so that its stop never has to wait for any.
    """

    def __init__(self, budget: Budget, on_progress: OnProgress | None = None) -> None:
        self.budget = budget
        self._start = perf_counter()
        self.follow = on_progress
        self._incumbent: float | None = None
        self._bound: float | None = None
        self._phase = "begun"
        self._asked = 0.0
        self.is_stopped = False

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._start

    @property
    def left(self) -> float:
        """Seconds left of the budget, 0 when stopped."""
        return 0.0 if self.is_stopped else max(0.0, self.budget.seconds - self.seconds)

    def keep_going(self) -> bool:
        """Whether there is time left and nobody asked to stop."""
        if self.follow is not None and self.seconds - self._asked > ASK_EVERY:
            self.ask(self._phase)
        return self.left > 0.0

    def tell(self, phase: str, incumbent: float | None = None, bound: float | None = None) -> None:
        """Report a better incumbent or bound."""
        better = incumbent is not None and (
            self._incumbent is None or incumbent < self._incumbent - 1e-12 * abs(self._incumbent)
        )
        higher = bound is not None and (
            self._bound is None or bound > self._bound + 1e-9 * abs(self._bound)
        )
        if better:
            self._incumbent = incumbent
        if higher and bound is not None:
            self._bound = bound if self._incumbent is None else min(bound, self._incumbent)
        if better or higher:
            self.ask(phase)

    def ask(self, phase: str) -> None:
        """Say that work goes on; an answer of False stops it."""
        self._phase = phase
        if self.follow is not None and not self.is_stopped:
            self._asked = self.seconds
            message = Progress(self._asked, self._incumbent, self._bound, phase)
            if self.follow(message) is False:
                self.is_stopped = True
