"""The job `programme`: plans a stored problem, or repairs a published programme, in a worker's child process."""

from dataclasses import replace

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.proposals.programme.engine import WORK, read_programme, repair_document, solve_document
from api.proposals.trail import Trail, in_words
from matcher.proof import Budget, Progress

KIND = "programme"
LEVELS = "levels"  # the engine's name for its exact part


def programme(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `WORK`, and at most `seconds`; with `published`, change as little as can be."""
    seconds, seed = float(str(payload["seconds"])), int(str(payload["seed"]))
    budget = Budget(seconds, workers=2, seed=seed)
    text, published = str(payload["problem"]), payload.get("published")
    if isinstance(published, dict):
        report(JobProgress("Letar efter den minsta ändringen"))
        short = payload.get("short")
        wanted = short.items() if isinstance(short, dict) else ()
        return repair_document(
            text, published, budget, {str(one): frozenset(slots) for one, slots in wanted}
        )

    trail, problem = Trail(), read_programme(text)
    wished = sum(weight for one in problem.people for weight in one.wishes.values())

    def lost(progress: Progress) -> Progress:
        """Tell how much of what is wished for is not granted; only the exact levels know it."""
        known = progress.incumbent if progress.phase == LEVELS else None
        missing = None if known is None else max(wished - known, 0.0)
        return replace(progress, incumbent=missing, lower_bound=None)

    def told(progress: Progress) -> bool:
        said = lost(progress)
        trail.hear(said)
        report(in_words(said, trail))
        return not should_stop()

    def better(best: Json) -> None:
        report(in_words(Progress(0.0, None, None, ""), trail), best)

    answer = solve_document(text, replace(budget, work=WORK), told, better)
    return answer | {"trail": trail.points}
