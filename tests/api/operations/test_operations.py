import io
import json
import logging
import re

import pytest
from fastapi import FastAPI
from sqlmodel import text

from api.app import create_app
from api.jobs import service as jobs
from api.kit.logs import configure, without_secrets
from api.kit.settings import Settings
from api.migrations import newest
from tests.web import browser


def _stamp(app: FastAPI, revision: str) -> None:
    """Say that the tables, which the tests make without Alembic, stand at a revision."""
    with app.state.database.transaction() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:at)").bindparams(at=revision))


def test_a_process_that_lives_says_so_whatever_its_database_does() -> None:
    app = create_app(Settings(database="sqlite:////nonexistent/folder/x.db"))
    web = browser(app)
    assert web.get("/healthz").json() == {"status": "ok"}
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "does not answer")
    app.state.database.close()


def test_ready_means_the_newest_tables_and_a_queue_that_moves(app: FastAPI) -> None:
    web = browser(app)
    assert web.get("/readyz").status_code == 503
    _stamp(app, newest())
    assert set(web.get("/readyz").json().values()) == {"ok"}
    with app.state.database.transaction() as session:
        job = jobs.submit(session, "match", {}, "key")
        job.created_at = job.created_at.replace(year=2020)
    answer = web.get("/readyz")
    assert (answer.status_code, answer.json()["queue"]) == (503, "1 jobs wait for a worker")


def test_metrics_are_off_unless_set_and_hold_patterns_instead_of_addresses(
    app: FastAPI, settings: Settings
) -> None:
    assert browser(app).get("/metrics").status_code == 404
    watched = create_app(settings.model_copy(update={"metrics": True}))
    web = browser(watched)
    web.get("/logga-in/a-very-secret-token-0123456789")
    web.get("/en/logga-in/a-very-secret-token-0123456789")
    web.get("/feeds/a-very-secret-token-0123456789.ics")
    figures = web.get("/metrics").text
    watched.state.database.close()
    assert (
        'samkrets_requests_total{method="GET",route="/logga-in/{token}",status="404"} 2.0'
        in figures
    )
    assert 'samkrets_jobs{state="queued"} 0.0' in figures
    assert "secret" not in figures


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


def test_logs_are_one_json_object_a_line_without_secrets(
    app: FastAPI, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", lines)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        configure(as_json=True)
        browser(app).get("/logga-in/a-very-secret-token-0123456789")
        logging.getLogger("uvicorn.error").info("GET /feeds/abcdefghijklmnop.ics failed")
        fault = ValueError("/enkat/abcdefghijklmnop")
        logging.getLogger("samkrets").error("oops", exc_info=fault)
    finally:
        root.handlers[:], root.level = handlers, level
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    requests = [line for line in said if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [("/logga-in/{token}", 404)]
    assert {"level", "logger", "timestamp"} <= said[0].keys()
    assert not re.search("secret|abcdefghijklmnop", lines.getvalue())
    assert any("ValueError" in line.get("exception", "") for line in said)


def test_secrets_are_cut_wherever_they_stand() -> None:
    assert without_secrets("x /en/feeds/AbC_123-xyz.ics y") == "x /en/feeds/… y"
    assert without_secrets("/logga-in?next=/rc") == "/logga-in?next=/rc"
