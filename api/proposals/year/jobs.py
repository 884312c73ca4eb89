"""The job `year`: lays a stored year out in a worker's child process."""

from dataclasses import replace

from api.jobs.handlers import Json, ReportProgress, ShouldStop
from api.proposals.trail import Trail, in_words
from api.proposals.year.engine import solve_document
from matcher.proof import Budget, Progress

# The engine's phases in order, as Swedish source texts.
PHASES = {
    "year: moved": "Flyttar så få träffar som möjligt",
    "year: absent": "Letar dagar då så många som möjligt kan",
    "year: crowded": "Sprider träffarna för var och en",
    "year: overloaded": "Håller timmarna i månaden nere för var och en",
    "year: school_weeks": "Undviker veckor då skolorna brukar ha lov",
    "year: uneven": "Sprider träffarna över året",
}


def year(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Solve the payload's `problem` within `seconds`; stopping keeps the best."""
    trails: dict[str, Trail] = {}

    def told(progress: Progress) -> bool:
        trail = trails.setdefault(progress.phase, Trail())  # each phase counts something else
        trail.hear(progress)
        phase = PHASES.get(progress.phase, "")
        report(replace(in_words(progress, trail), phase=phase))
        return not should_stop()

    budget = Budget(float(str(payload["seconds"])), workers=2, seed=int(str(payload["seed"])))
    return solve_document(str(payload["problem"]), budget, told)
