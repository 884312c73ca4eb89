"""Progress passed on through all phases of a plan, and the wish to stop remembered."""

from matcher.proof import OnProgress, Progress


class Watch:
    """Called like the caller's own progress function; once that says stop, it stays with it."""

    def __init__(self, on_progress: OnProgress | None = None) -> None:
        self._on_progress = on_progress
        self.is_stopped = False

    def __call__(self, progress: Progress) -> bool:
        """Pass a message on; return whether to go on."""
        if self._on_progress is not None and self._on_progress(progress) is False:
            self.is_stopped = True
        return not self.is_stopped
