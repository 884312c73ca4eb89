"""A database that does not answer: the process says that it lives, pages and feeds say when to come again."""

import logging

import pytest
from fastapi import FastAPI
from sqlmodel import text

from api.app import create_app
from api.kit.logs import without_secrets
from api.kit.settings import Settings
from tests.web import browser

AWAY = (
    "postgresql+psycopg://samkrets:S3cretPW@127.0.0.1:1/samkrets",
    "sqlite:////nonexistent/folder/x.db",
)


@pytest.mark.parametrize("url", AWAY)
@pytest.mark.parametrize("cookie", ["", "a-session-that-somebody-has"])
def test_pages_and_feeds_say_when_to_come_again_and_the_process_lives(
    url: str, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(database=url))
    web = browser(app)
    if cookie:
        web.cookies.set("samkrets", cookie)
    with caplog.at_level(logging.ERROR):
        assert web.get("/healthz").json() == {"status": "ok"}
        ready = web.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, "does not answer")
        paths = ["/feeds/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq.ics", "/logga-in/abcdefgh"]
        for path in [*paths, *(["/", "/rc", "/en/traffar", "/api/v1/agenda"] if cookie else [])]:
            answer = web.get(path)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "30"), path
            assert "Content-Security-Policy" in answer.headers
    app.state.database.close()
    assert all(record.exc_info is None for record in caplog.records)
    assert "S3cretPW" not in caplog.text


def test_a_fault_of_ours_is_still_a_fault(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        session.execute(text("DROP TABLE signed_in"))
    web = browser(app)
    web.cookies.set("samkrets", "a-session-that-somebody-has")
    assert web.get("/rc").status_code == 500


def test_what_postgresql_says_of_a_row_is_cut_out_of_the_log() -> None:
    said = (
        "psycopg.errors.UniqueViolation: duplicate key value\n"
        "DETAIL:  Key (email)=(anna@example.se) already exists,\nand a second line of hers\n\n"
        "The above exception was the direct cause\n"
    )
    cut = without_secrets(said)
    assert "anna" not in cut
    assert "hers" not in cut
    assert "The above exception was the direct cause" in cut


@pytest.mark.parametrize(("subdomains", "said"), [(False, "max-age=63072000"), (True, None)])
def test_hsts_binds_other_hosts_only_where_it_is_set(
    settings: Settings, said: str | None, *, subdomains: bool
) -> None:
    update = {"base_url": "https://rc.example.se", "hsts_subdomains": subdomains}
    app = create_app(settings.model_copy(update=update))
    found = browser(app).get("/healthz").headers["strict-transport-security"]
    app.state.database.close()
    assert found == (said or "max-age=63072000; includeSubDomains")
