"""Pages of jobs: the newest, and one with its progress, which refreshes itself and can be stopped."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import Viewer, did, insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.jobs import service
from api.jobs.models import Job
from api.jobs.web.showing import JobPage, shown
from api.kit.pages import lead_to, render, speaker_of

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class JobsPage:
    """The newest jobs."""

    jobs: tuple[JobPage, ...]


@pages.get("/jobb")
def newest_jobs(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List the newest jobs for planners."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    found = tuple(shown(job, say) for job in service.newest(session))
    return render(request, "jobs/jobs.html", JobsPage(found))


@pages.get("/jobb/{job_id}")
def job_page(
    request: Request, session: Transaction, viewer: SignedInViewer, job_id: str, auto: str = ""
) -> Response:
    """Show a job; htmx fetches the progress alone, without script `?auto=on` reloads the page."""
    job = _visible(session, viewer, job_id)
    page = shown(job, speaker_of(request), refreshes=auto == "on")
    if "hx-request" not in request.headers:
        return render(request, "jobs/job.html", page)
    leads_back = request.headers.get("hx-current-url", "").endswith(job.page)
    part = replace(page, is_part=True, leads_back=leads_back)
    return render(request, "jobs/job.html", part, block="progress")


@pages.post("/jobb/{job_id}/stoppa")
def stop_job(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    job_id: str,
    back: Annotated[Literal["", "result"], Form()] = "",
) -> Response:
    """Ask a job to end with the best it has, and lead to the job or to the page of its result."""
    job = _visible(session, viewer, job_id)
    service.stop(session, job_id, viewer.person_id)
    where = job.page if back == "result" else f"/jobb/{job_id}"
    return lead_to(request, where)


def _visible(session: Transaction, viewer: Viewer, job_id: str) -> Job:
    job = service.follow(session, job_id)
    insist(may_plan(viewer) or did(viewer, job.requested_by))
    return job
