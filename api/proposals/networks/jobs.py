"""The jobs `match` and `study`: they solve and explain a stored matching problem in a child process."""

from dataclasses import asdict

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.kit.settings import Settings
from api.proposals.networks.cluster import connected_or_here
from api.proposals.networks.engine import solve_networks, study_networks
from api.proposals.trail import Trail, in_words
from matcher.errors import InfeasibleError
from matcher.proof import Budget, Progress

STUDY = "study"


def match(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `seconds`; stopping keeps the best.

    Where no networks keep every wish, the result is `conflict`: the smallest set that clashes.
    """
    trail = Trail()

    def told(progress: Progress) -> bool:
        report(in_words(progress, trail))
        return not should_stop()

    try:
        with connected_or_here(Settings().cluster) as workers:
            return solve_networks(str(payload["problem"]), _budget(payload), told, trail, workers)
    except InfeasibleError as error:
        return {"conflict": [asdict(one) for one in error.requirements]}


def study(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Find what else the payload's `networks` could have been; stopping keeps what is found."""

    def told(share: float, document: Json) -> bool:
        report(JobProgress(f"{round(100 * share)} %"), document)
        return not should_stop()

    networks: dict[str, list[list[str]]] = payload["networks"]  # type: ignore[assignment] # as submitted
    return study_networks(str(payload["problem"]), networks, _budget(payload), told)


def _budget(payload: Json) -> Budget:
    return Budget(float(str(payload["seconds"])), workers=2, seed=int(str(payload["seed"])))
