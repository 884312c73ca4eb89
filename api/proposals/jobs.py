"""The jobs `match` and `study`: they solve and explain a stored matching problem in a child process."""

from math import isfinite
from time import perf_counter

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.proposals.engine import networks_answer, read_networks, study_networks
from matcher.errors import InfeasibleError
from matcher.groups.solve import solve
from matcher.proof import Budget, Progress

KIND = "match"
STUDY = "study"
MOST_STEPS = 200


def match(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `seconds`; stopping keeps the best.

    Where no networks keep every wish, the result is `conflict`: the smallest set that clashes.
    """
    started = perf_counter()
    problem = read_networks(str(payload["problem"]))

    trail = Trail()

    def told(progress: Progress) -> bool:
        report(trail.told(progress))
        return not should_stop()

    try:
        solution = solve(problem, _budget(payload), None, told)
    except InfeasibleError as error:
        return {"conflict": list(error.conflict)}
    seconds = perf_counter() - started
    trail.add(seconds, solution.proof.objective, solution.proof.lower_bound)
    return networks_answer(problem, solution, seconds) | {"trail": trail.points}


def study(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Find what else the payload's `networks` could have been; stopping keeps what is found."""

    def told(share: float, document: Json) -> bool:
        report(JobProgress(f"{round(100 * share)} %"), document)
        return not should_stop()

    networks: dict[str, list[list[str]]] = payload["networks"]  # type: ignore[assignment] # as submitted
    return study_networks(str(payload["problem"]), networks, _budget(payload), told)


def _budget(payload: Json) -> Budget:
    return Budget(float(str(payload["seconds"])), workers=2, seed=int(str(payload["seed"])))


class Trail:
    """A solver's way to its answer: each better incumbent or bound, with its second."""

    def __init__(self) -> None:
        self.points: list[list[float | None]] = []

    def add(self, seconds: float, incumbent: float | None, lower_bound: float | None) -> None:
        """Keep a step that is news; when there are too many, every other one goes."""
        if self.points and self.points[-1][1:] == [incumbent, lower_bound]:
            return
        self.points.append([round(seconds, 3), incumbent, lower_bound])
        if len(self.points) > MOST_STEPS:
            self.points = [*self.points[:-1:2], self.points[-1]]

    def told(self, progress: Progress) -> JobProgress:
        """Return a solver's progress as a job tells it, the way there included."""
        bound = progress.lower_bound
        if bound is not None and not isfinite(bound):
            bound = None
        gap = None
        if progress.incumbent is not None and bound is not None:
            scale = abs(progress.incumbent) or 1.0
            gap = max(0.0, (progress.incumbent - bound) / scale)
        self.add(progress.seconds, progress.incumbent, bound)
        return JobProgress("", progress.incumbent, bound, gap, list(self.points))
