"""The kinds of proposals, each once: who answers which job, and who hears that it has ended."""

from sqlmodel import Session

from api.jobs.handlers import Json, Kinds
from api.jobs.models import Job
from api.jobs.service import JobFinished
from api.proposals import queries, spine
from api.proposals.networks.service import NETWORKS
from api.proposals.programme.store import PROGRAMME
from api.proposals.rounds.service import ROUNDS
from api.proposals.year.service import YEAR

KINDS: tuple[spine.AnyKind, ...] = (NETWORKS, PROGRAMME, YEAR, ROUNDS)

# Each kind of job and its handler, "module:function"; see api.jobs.handlers.
HANDLERS: Kinds = {
    job: handler
    for kind in KINDS
    for job, handler in (
        (kind.job, kind.handler),
        *((job, handler) for job, (handler, _) in kind.others.items()),
    )
}


def given(session: Session, job: Job) -> Json:
    """Return what a job's handler is given: what was submitted, and the problem of the proposal that it is for.

    A problem that was submitted itself comes first: a repair's, one with sessions held, and what waited
    in the queue before a job named its proposal alone.
    """
    proposal = queries.proposal(session, str(job.payload.get("proposal", "")))
    return job.payload if proposal is None else {"problem": proposal.problem, **job.payload}


def on_job_finished(session: Session, news: JobFinished) -> None:
    """Let the kind whose job has ended take what came of it."""
    for kind in KINDS:
        if news.kind == kind.job or news.kind in kind.others:
            spine.on_job_finished(session, kind, news)
