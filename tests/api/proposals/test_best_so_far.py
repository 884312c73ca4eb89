"""While a programme is planned its page shows the best so far, and stopping keeps that."""

import re

from fastapi import FastAPI
from sqlmodel import Session, select

from api.jobs import service as jobs
from api.jobs.handlers import JobProgress, Json
from api.jobs.models import Job, JobState
from api.proposals.kinds import given
from api.proposals.models import Proposal, ProposalState
from api.proposals.programme import jobs as programme_jobs
from api.proposals.programme.store import PROGRAMME
from matcher.programme.rules.violations import violations
from tests.api.proposals.test_programme_workbench import Bench


def _job(session: Session, bench: Bench) -> Job:
    return session.get_one(Job, bench.newest(session).job_id)


def test_the_best_so_far_stands_in_the_grid_and_stopping_keeps_it(app: FastAPI) -> None:
    bench = Bench(app)
    path = bench.start().partition("?")[0]
    waiting = bench.web.get(path).text
    assert "Sidan visar programmet när det är klart" in waiting
    assert "time-grid" not in waiting
    with app.state.database.transaction() as session:
        job = _job(session, bench)
        job_id, payload = job.id, given(session, job)
        assert "problem" not in job.payload, "it stands in the proposal, once"
        assert payload["problem"] == bench.newest(session).problem
        begun = jobs.begin(session, job_id, "test")
        assert begun is not None
        attempt = begun.attempt
    told: list[tuple[JobProgress, Json]] = []

    def report(progress: JobProgress, best: Json | None = None) -> None:
        if best is not None:
            told.append((progress, best))

    programme_jobs.programme({"seed": 0, **payload, "seconds": 300.0}, report, lambda: bool(told))
    progress, best = told[0]
    with app.state.database.transaction() as session:
        assert jobs.note_progress(session, job_id, attempt, progress, best)
    page = bench.web.get(path).text
    assert "Det bästa hittills står här nedanför" in page
    shown = set(re.findall(r'data-held="([^"]+)"', page))
    with app.state.database.reading() as session:
        made = bench.newest(session)
        assert made.state is ProposalState.SOLVING
        assert made.solution is None, "who only looks stores nothing"
        runs: list[list[str]] = best["timetable"]["runs"]  # type: ignore[index]
    assert shown == {run[0] for run in runs}
    assert "board-move" not in page, "nothing is moved while the planning goes on"
    stopped = bench.web.submit(path, f"/jobb/{job_id}/stoppa", {"back": "result"})
    assert stopped.status_code == 303
    assert str(stopped.headers["location"]).partition("?")[0] == path
    with app.state.database.transaction() as session:
        assert jobs.must_stop(session, job_id, attempt)
        assert jobs.finish(session, job_id, attempt, JobState.STOPPED, best, "")
    with app.state.database.reading() as session:
        made = session.exec(select(Proposal)).one()
        assert made.state is ProposalState.DRAFT
        timetable = PROGRAMME.answer_of(made).timetable
        assert {run.session for run in timetable.runs} == shown
        assert not violations(PROGRAMME.problem_of(made), timetable)
    assert "board-move" in bench.web.get(path).text
