"""What a kind of job is: a function from a payload to a result, run in a child process of the worker.

The worker's table of kinds names each function as "module:function", so that the child imports
that module and nothing else. A handler gets no database: what it needs is in its payload, what it
found is in its result, both JSON objects.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol

Json = dict[str, object]
Kinds = Mapping[str, str]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a solve has come; None where nothing is known yet. `gap` is relative, 0 when proven.

    trail: how it came there, `[seconds, incumbent, lower bound]` at each step; empty where it is not kept.
    """

    phase: str = ""  # a Swedish source text
    incumbent: float | None = None
    lower_bound: float | None = None
    gap: float | None = None
    trail: list[list[float | None]] = field(default_factory=list)


class ReportProgress(Protocol):
    """Tells how far the work has come.

    `best` is a whole result as good as found so far: it is what is kept when the job is stopped,
    runs out of time or does not answer a stop in time.
    """

    def __call__(self, progress: JobProgress, best: Json | None = None) -> None:
        """Report; cheap enough to call at each improvement."""


class Handler(Protocol):
    """Does one job; returns its result, or the best so far soon after `should_stop()` turns True."""

    def __call__(self, payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
        """Do the work."""


def find(name: str) -> Handler:
    """Return the function named "module:function"."""
    module, _, function = name.partition(":")
    handler: Handler = getattr(import_module(module), function)
    return handler
