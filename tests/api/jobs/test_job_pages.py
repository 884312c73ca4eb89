from datetime import timedelta

from fastapi import FastAPI

from api.accounts.models import Role
from api.jobs import service
from api.jobs.handlers import JobProgress
from api.jobs.models import JobState
from api.kit.clock import now
from tests.factories import make_member
from tests.web import browser

TRAIL: list[list[float | None]] = [[0.1, None, 1.0], [0.2, 3.0, 1.0], [1.0, 2.0, 1.5]]


def _setting(app: FastAPI) -> tuple[str, str, str]:
    """A planner, somebody else, and a running job with some progress."""
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        other = make_member(session, Role.RC_MEMBER).person.id
        job = service.submit(session, "match", {}, "key", requested_by=planner, page="/natverk")
        service.begin(session, job.id, "one")
        service.note_progress(session, job.id, 1, JobProgress("", 2.0, 1.5, 1 / 3, TRAIL))
        return planner, other, job.id


def test_a_planner_follows_a_job_and_stops_it(app: FastAPI) -> None:
    planner, _, job_id = _setting(app)
    web, page = browser(app, planner), f"/jobb/{job_id}"
    assert (
        "Räknar: bäst hittills, inget annat svar är mer än 33,3 procent bättre."
        in web.get(page).text
    )
    assert "best so far, no other answer is more than 33.3% better." in web.get(f"/en{page}").text
    stopped = web.submit(page, f"{page}/stoppa")
    assert (stopped.status_code, stopped.headers["location"]) == (303, page)
    assert "Stoppar." in web.get(page).text
    with app.state.database.transaction() as session:
        service.finish(session, job_id, 1, JobState.STOPPED, {"best": 1}, "")
    assert 'href="/natverk"' in web.get(page).text
    assert "Nya kretsar" in web.get("/jobb").text


def test_progress_comes_as_a_fragment_that_asks_again_until_the_job_has_ended(app: FastAPI) -> None:
    planner, _, job_id = _setting(app)
    web, page = browser(app, planner), f"/jobb/{job_id}"
    fragment = web.get(page, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert 'hx-trigger="every 2s"' in fragment
    assert "<polyline" in fragment
    assert 'hx-swap-oob="innerHTML:#job-said"' in fragment
    assert 'name="back"' not in fragment
    own = web.get(page, headers={"HX-Request": "true", "HX-Current-URL": "http://x/natverk"}).text
    assert 'name="back" value="result"' in own
    back = web.submit(page, f"{page}/stoppa", {"back": "result"})
    assert back.headers["location"] == "/natverk"
    assert "http-equiv" in web.get(f"{page}?auto=on").text
    with app.state.database.transaction() as session:
        service.finish(session, job_id, 1, JobState.DONE, {}, "")
    ended = web.get(page, headers={"HX-Request": "true"}).text
    assert "hx-trigger" not in ended
    assert "http-equiv" not in web.get(f"{page}?auto=on").text


def test_a_worker_that_is_silent_is_said_to_be(app: FastAPI) -> None:
    planner, _, job_id = _setting(app)
    with app.state.database.transaction() as session:
        service.follow(session, job_id).seen_at = now() - timedelta(minutes=5)
    assert "står stilla just nu" in browser(app, planner).get(f"/jobb/{job_id}").text


def test_jobs_of_others_do_not_exist(app: FastAPI) -> None:
    _, other, job_id = _setting(app)
    web = browser(app, other)
    assert web.get(f"/jobb/{job_id}").status_code == 404
    assert web.get("/jobb").status_code == 404
    assert web.submit("/mina-sessioner", f"/jobb/{job_id}/stoppa").status_code == 404
