"""What people see of a job: its state and gap in words, and the way of the solver there."""

from dataclasses import dataclass
from datetime import datetime

from api.audit.naming import SAID
from api.jobs import service
from api.jobs.models import ENDS, Job, JobState
from api.jobs.trail import TrailPicture, picture
from api.kit.i18n import Speaker

# Swedish source texts; what is not named here is shown as its kind.
KIND_NAMES = {
    "match": "Nya kretsar",
    "study": "Alternativ till kretsarna",
    "programme": "Program för en träff",
    "year": "Årets träffar",
    "rounds": "Bord i flera omgångar",
}
STATE_NAMES = {
    JobState.QUEUED: "Väntar på tur",
    JobState.RUNNING: "Räknar",
    JobState.DONE: "Klart",
    JobState.STOPPED: "Stoppat, det bästa är sparat",
    JobState.FAILED: "Avbrutet",
}
SAID["job", "state"] = STATE_NAMES


# A relative gap below this is none.
PROVEN = 0.0000005


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
    said: str  # the state and the gap in one sentence
    trail: TrailPicture | None
    is_part: bool = False  # fetched alone, into a page that has the sentence already
    leads_back: bool = False  # the page that fetched it is the result's own


def shown(job: Job, say: Speaker, *, refreshes: bool = False) -> JobPage:
    """Return a job as its page shows it."""
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
        said=said(job, say),
        trail=picture(_trail(job), say),
    )


def said(job: Job, say: Speaker) -> str:
    """Return a job's state in one sentence, with how far from the best possible it is."""
    state = say.text(STATE_NAMES[job.state])
    if job.gap is None or job.state is JobState.FAILED:
        return f"{state}."
    if job.gap < PROVEN:
        return say.text("%(state)s: bästa möjliga är hittat och bevisat.", state=state)
    percent = say.number(job.gap * 100, 1)
    return say.text(
        "%(state)s: bäst hittills, inget annat svar är mer än %(percent)s procent bättre.",
        state=state,
        percent=percent,
    )


def _trail(job: Job) -> list[list[float | None]]:
    """Return the whole way, which the result holds, or what has been told so far."""
    whole = job.result.get("trail") if job.result else None
    return whole if isinstance(whole, list) else job.trail
