"""Every answer has the security headers once, whoever made it: a page, a file, a feed, a refusal, a failure."""

from collections import Counter
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.kit.guard import SECURITY_HEADERS
from api.kit.settings import Settings
from tests.web import browser


def _fail() -> None:
    raise RuntimeError("a fault of ours")


@pytest.fixture
def failing(app: FastAPI) -> FastAPI:
    app.add_api_route("/fel", _fail)
    app.add_api_route("/api/v1/fel", _fail)
    return app


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/en/", 200),
        ("GET", "/static/samkrets.css", 200),
        ("GET", "/static/none.css", 404),
        ("GET", "/prenumerera", 303),
        ("GET", "/finns-inte", 404),
        ("GET", f"/feeds/{'a' * 43}.ics", 404),
        ("POST", f"/feeds/{'a' * 43}.ics", 405),
        ("GET", "/api/v1/feeds", 401),
        ("GET", "/healthz", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/logga-in", 403),
        ("GET", "/fel", 500),
        ("GET", "/en/fel", 500),
        ("GET", "/api/v1/fel", 500),
    ],
)
def test_every_answer_has_the_headers_once(
    failing: FastAPI, method: str, path: str, status: int
) -> None:
    answer = browser(failing).request(method, path)
    assert answer.status_code == status
    _assert_guarded(answer)


def test_a_fault_of_ours_is_told_in_the_language_of_the_page(failing: FastAPI) -> None:
    web = browser(failing)
    assert "Felet är vårt" in web.get("/fel").text
    assert "Felet är vårt" not in web.get("/en/fel").text
    assert web.get("/api/v1/fel").headers["content-type"] == "application/problem+json"


def test_a_cross_site_post_is_refused_with_the_headers(app: FastAPI) -> None:
    answer = browser(app).post("/logga-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    _assert_guarded(answer)


def test_only_a_service_on_https_asks_for_https_ever_after(settings: Settings) -> None:
    secure = settings.model_copy(update={"base_url": "https://samkrets.example"})
    for is_secure, one in ((False, settings), (True, secure)):
        made = create_app(one)
        for path in ("/", f"/feeds/{'a' * 43}.ics"):
            answer = browser(made).get(path)
            assert ("strict-transport-security" in answer.headers) is is_secure
        made.state.database.close()


def _assert_guarded(answer: Any) -> None:  # noqa: ANN401 - httpx2's Response
    names = Counter(name.lower() for name, _ in answer.headers.multi_items())
    assert [name for name, times in names.items() if times > 1 and name != "set-cookie"] == []
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
