"""The job `programme`: plans a stored problem, or repairs a published programme, in a worker's child process."""

from dataclasses import replace

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop
from api.proposals.programme.engine import WORK, repair_document, solve_document
from api.proposals.trail import Trail, in_words
from matcher.proof import Budget, Progress

KIND = "programme"


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

    trail = Trail()

    def told(progress: Progress) -> bool:
        trail.hear(progress)
        report(in_words(progress, trail))
        return not should_stop()

    return solve_document(text, replace(budget, work=WORK), told) | {"trail": trail.points}
