"""Doing a worker's work in a test: as much as the test needs, whatever the machine does besides."""

from functools import cache

from api.jobs.handlers import JobProgress, Json
from api.proposals.networks.engine import solve_networks
from api.proposals.programme import jobs as programme_jobs
from api.proposals.year import jobs as year_jobs
from matcher.proof import Budget

SECONDS = 300.0  # for what hangs; nothing here waits for it
FEWEST_MOVED = year_jobs.PHASES["year: moved"]


class _Enough:
    """Lets a year move as few meetings as can be, and stops at the first calendar after that."""

    def __init__(self) -> None:
        self.phase = ""

    def report(self, progress: JobProgress, best: Json | None = None) -> None:
        del best
        self.phase = progress.phase

    def should_stop(self) -> bool:
        return self.phase not in {"", FEWEST_MOVED}


def laid_out(payload: Json) -> Json:
    """Return a year that keeps every rule; how well it is spread is the engine's own tests'."""
    enough = _Enough()
    asked = {"seed": 0, **payload, "seconds": SECONDS}
    return year_jobs.year(asked, enough.report, enough.should_stop)


def planned(payload: Json) -> Json:
    """Return a programme that keeps every rule: the first that the engine tells of, or the smallest repair."""
    asked = {"seed": 0, **payload, "seconds": SECONDS}
    return programme_jobs.programme(asked, lambda *_: None, lambda: True)


@cache
def matched(problem: str) -> Json:
    """Return the engine's answer to a stored matching problem, the same one for each who asks in a run."""
    return solve_networks(problem, Budget(SECONDS, 1, 0))
