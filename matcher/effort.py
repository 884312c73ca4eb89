"""What a solve may still use: seconds by the clock, and work, which is the same on every machine."""

from __future__ import annotations

from math import inf
from time import perf_counter

from matcher.proof import Budget


class Effort:
    """A budget in use, shared among stages: each gets a part of what is left, and what it saves goes on.

    Work is counted in CP-SAT's deterministic time, about a second of an idle machine. Where it is
    counted the stages share it, and seconds only end the whole: a busy machine ends no stage early.
    Where the budget counts none there is no end of it, and seconds alone are shared.
    """

    def __init__(self, budget: Budget, whole: Effort | None = None) -> None:
        self._budget = budget
        self._whole = whole
        self._began = perf_counter()
        self._given = inf if budget.work is None else budget.work
        self._spent = 0.0

    @property
    def is_counted(self) -> bool:
        """Whether work is counted: then the same work is done however busy the machine is."""
        return self._budget.work is not None

    @property
    def seconds(self) -> float:
        """Seconds left, never below 0."""
        left = max(self._began + self._budget.seconds - perf_counter(), 0.0)
        return left if self._whole is None else min(left, self._whole.seconds)

    @property
    def work(self) -> float:
        """Work left, never below 0."""
        left = max(self._given - self._spent, 0.0)
        return left if self._whole is None else min(left, self._whole.work)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left of one or the other."""
        return self.seconds <= 0 or self.work <= 0

    @property
    def used(self) -> float:
        """The share that is used up: of the work where it is counted, else of the seconds."""
        if self.is_counted:
            return self._spent / self._given if self._given else 1.0
        gone = perf_counter() - self._began
        return gone / self._budget.seconds if self._budget.seconds > 0 else 1.0

    def spend(self, work: float) -> None:
        """Note work that was done, here and in the whole that this is a part of."""
        self._spent += work
        if self._whole is not None:
            self._whole.spend(work)

    def part(self, share: float = 1.0, seconds: float = 0.0, work: float = 0.0) -> Effort:
        """Return a share of what is left, at least so many seconds and so much work while there is any."""
        return Effort(self.budget(share, seconds, work), self)

    def budget(self, share: float = 1.0, seconds: float = 0.0, work: float = 0.0) -> Budget:
        """Return such a part as a budget; who uses it notes the work done with `spend`."""
        left, can = self.seconds, self.work
        return Budget(
            seconds=left if self.is_counted else min(max(left * share, seconds), left),
            workers=self._budget.workers,
            seed=self._budget.seed,
            work=min(max(can * share, work), can) if self.is_counted else None,
        )
