"""Progress passed on through all phases of a plan, the best so far, and the wish to stop remembered."""

from collections.abc import Callable

from matcher.programme.problem import Timetable
from matcher.proof import OnProgress, Progress

OnBest = Callable[[Timetable], None]
"""Called with each timetable that is better than those before; its people sit at no tables yet."""


class Watch:
    """Called like the caller's own progress function; once that says stop, it stays with it."""

    def __init__(
        self, on_progress: OnProgress | None = None, on_best: OnBest | None = None
    ) -> None:
        self._on_progress = on_progress
        self._on_best = on_best
        self.is_stopped = False

    def __call__(self, progress: Progress) -> bool:
        """Pass a message on; return whether to go on."""
        if self._on_progress is not None and self._on_progress(progress) is False:
            self.is_stopped = True
        return not self.is_stopped

    @property
    def wants_best(self) -> bool:
        """Whether anybody asks for the best so far."""
        return self._on_best is not None

    def show(self, timetable: Timetable) -> None:
        """Pass on the best so far."""
        if self._on_best is not None:
            self._on_best(timetable)
