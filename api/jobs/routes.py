"""Pages of jobs: the newest, and one with its progress, which refreshes itself and can be stopped."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.policy import Viewer, insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.jobs import service
from api.jobs.models import ENDS, Job, JobState
from api.pages import address, language_of, render

pages = APIRouter()

# Swedish source texts; what is not named here is shown as its kind.
KIND_NAMES = {
    "match": "Matchning av nätverk",
    "study": "Vad som hade kunnat vara",
    "programme": "Program för en träff",
}
STATE_NAMES = {
    JobState.QUEUED: "Väntar på tur",
    JobState.RUNNING: "Räknar",
    JobState.DONE: "Klart",
    JobState.STOPPED: "Stoppat, det bästa är sparat",
    JobState.FAILED: "Avbrutet",
}


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job as people follow it; `gap` is a share, 0.03 for three per cent."""

    id: str
    kind: str
    state: str
    is_open: bool
    is_stopping: bool
    is_silent: bool
    created_at: datetime
    finished_at: datetime | None
    phase: str
    incumbent: float | None
    lower_bound: float | None
    gap: float | None
    error: str
    has_result: bool
    result_page: str
    refreshes: bool


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The newest jobs."""

    jobs: tuple[JobPage, ...]


@pages.get("/jobb")
def newest_jobs(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List the newest jobs for planners."""
    insist(may_plan(viewer))
    found = tuple(_page(job) for job in service.newest(session))
    return render(request, "jobs/jobs.html", JobsPage(found))


@pages.get("/jobb/{job_id}")
def job_page(
    request: Request, session: Transaction, viewer: SignedInViewer, job_id: str, auto: str = ""
) -> Response:
    """Show a job; htmx fetches the progress alone, without script `?auto=on` reloads the page."""
    job = _visible(session, viewer, job_id)
    block = "progress" if "hx-request" in request.headers else None
    return render(request, "jobs/job.html", _page(job, refreshes=auto == "on"), block=block)


@pages.post("/jobb/{job_id}/stoppa")
def stop_job(
    request: Request, session: Transaction, viewer: SignedInViewer, job_id: str
) -> Response:
    """Ask a job to end with the best it has."""
    _visible(session, viewer, job_id)
    service.stop(session, job_id, viewer.person_id)
    return RedirectResponse(address(language_of(request), f"/jobb/{job_id}"), status_code=303)


def _visible(session: Transaction, viewer: Viewer, job_id: str) -> Job:
    job = service.follow(session, job_id)
    insist(may_plan(viewer) or job.requested_by == viewer.person_id)
    return job


def _page(job: Job, *, refreshes: bool = False) -> JobPage:
    is_open = job.state not in ENDS
    return JobPage(
        id=job.id,
        kind=KIND_NAMES.get(job.kind, job.kind),
        state=STATE_NAMES[job.state],
        is_open=is_open,
        is_stopping=is_open and job.stop_requested_at is not None,
        is_silent=service.is_silent(job),
        created_at=job.created_at,
        finished_at=job.finished_at,
        phase=job.phase,
        incumbent=job.incumbent,
        lower_bound=job.lower_bound,
        gap=job.gap,
        error=job.error,
        has_result=job.result is not None,
        result_page=job.page,
        refreshes=refreshes and is_open,
    )
