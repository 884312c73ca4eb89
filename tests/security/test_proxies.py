"""Whom a request counts for, and that a proxy which is not believed is seen before it locks everybody out."""

from urllib.request import Request, urlopen

import pytest
from fastapi import FastAPI

from api.kit.settings import Settings
from api.kit.throttle.service import client_of
from api.operations.doctor import examine
from tests.serving import free_port, running
from tests.web import browser


def _counted(address: str) -> str:
    return client_of({"type": "http", "client": (address, 4711)})


def test_a_network_of_ipv6_counts_as_one() -> None:
    assert _counted("2001:db8:1:2::1") == _counted("2001:db8:1:2:ffff::9")
    assert _counted("2001:db8:1:2::1") != _counted("2001:db8:1:3::1")
    assert _counted("::ffff:192.0.2.7") == _counted("192.0.2.7") != _counted("192.0.2.8")


@pytest.mark.parametrize("path", ["/logga-in/", "//evil.example/logga-in/", "/en/logga-in/"])
def test_a_last_slash_never_leads_to_the_host_that_was_asked_for(app: FastAPI, path: str) -> None:
    answer = browser(app).get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert "evil" not in answer.headers.get("location", "")
    if "evil" not in path:
        assert (answer.status_code, answer.headers["location"]) == (308, path.rstrip("/"))


@pytest.mark.parametrize(
    "path", ["/api/v1/feeds", "/api/v1/agenda", "/openapi.json", "/readyz", "/"]
)
def test_what_is_somebodys_own_is_kept_by_nobody(app: FastAPI, path: str) -> None:
    assert browser(app).get(path).headers["cache-control"] == "no-store"


def _fault(settings: Settings) -> str:
    return {found.name: found.fault for found in examine(settings)}["proxies"]


@pytest.mark.parametrize(("believed", "is_seen"), [("127.0.0.1", False), ("192.0.2.1", True)])
def test_doctor_sees_a_proxy_that_is_not_believed(
    app: FastAPI, believed: str, *, is_seen: bool
) -> None:
    port = free_port()
    asked = Settings(base_url=f"http://127.0.0.1:{port}")
    assert _fault(asked) == ""  # nothing is served yet
    with running(app, port, believed):
        by_proxy = Request(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "192.0.2.7"})
        with urlopen(by_proxy) as answer:  # noqa: S310 - an address of ours
            assert answer.status == 200
        assert ("SAMKRETS_PROXIES does not name it" in _fault(asked)) is is_seen
