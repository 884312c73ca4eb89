"""The job `match`: solves a stored matching problem in a worker's child process."""

from time import perf_counter

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.proposals.engine import networks_answer, read_networks
from matcher.groups.solve import solve
from matcher.proof import Budget, Progress

KIND = "match"


def match(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `seconds`; stopping keeps the best."""
    started = perf_counter()
    problem = read_networks(str(payload["problem"]))
    budget = Budget(float(str(payload["seconds"])), workers=2, seed=int(str(payload["seed"])))

    def told(progress: Progress) -> bool:
        report(_in_words(progress))
        return not should_stop()

    solution = solve(problem, budget, None, told)
    return networks_answer(problem, solution, perf_counter() - started)


def _in_words(progress: Progress) -> JobProgress:
    gap = None
    if progress.incumbent is not None and progress.lower_bound is not None:
        scale = abs(progress.incumbent) or 1.0
        gap = max(0.0, (progress.incumbent - progress.lower_bound) / scale)
    return JobProgress("", progress.incumbent, progress.lower_bound, gap)
