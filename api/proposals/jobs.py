"""The jobs `match` and `study`: they solve and explain a stored matching problem in a child process."""

from time import perf_counter

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.proposals.engine import networks_answer, read_networks, study_networks
from matcher.errors import InfeasibleError
from matcher.groups.solve import solve
from matcher.proof import Budget, Progress

KIND = "match"
STUDY = "study"


def match(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `seconds`; stopping keeps the best.

    Where no networks keep every wish, the result is `conflict`: the smallest set that clashes.
    """
    started = perf_counter()
    problem = read_networks(str(payload["problem"]))

    def told(progress: Progress) -> bool:
        report(in_words(progress))
        return not should_stop()

    try:
        solution = solve(problem, _budget(payload), None, told)
    except InfeasibleError as error:
        return {"conflict": list(error.conflict)}
    return networks_answer(problem, solution, perf_counter() - started)


def study(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Find what else the payload's `networks` could have been; stopping keeps what is found."""

    def told(share: float, document: Json) -> bool:
        report(JobProgress(f"{round(100 * share)} %"), document)
        return not should_stop()

    networks: dict[str, list[list[str]]] = payload["networks"]  # type: ignore[assignment] # as submitted
    return study_networks(str(payload["problem"]), networks, _budget(payload), told)


def _budget(payload: Json) -> Budget:
    return Budget(float(str(payload["seconds"])), workers=2, seed=int(str(payload["seed"])))


def in_words(progress: Progress) -> JobProgress:
    """Return a solver's progress as a job tells it."""
    gap = None
    if progress.incumbent is not None and progress.lower_bound is not None:
        scale = abs(progress.incumbent) or 1.0
        gap = max(0.0, (progress.incumbent - progress.lower_bound) / scale)
    return JobProgress("", progress.incumbent, progress.lower_bound, gap)
