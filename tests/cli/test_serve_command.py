"""`samkrets serve` behind a proxy: whose word is taken for where a request comes from."""

from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.commands.running import serve
from api.kit.settings import Settings
from tests.postgres import Postgres


@pytest.mark.parametrize(("proxy", "expected"), [("10.0.0.7", {404}), ("10.9.9.9", {404, 429})])
def test_only_a_named_proxy_is_believed(
    postgres: Postgres,
    postgres_template: str,
    monkeypatch: pytest.MonkeyPatch,
    proxy: str,
    expected: set[int],
) -> None:
    """Thirty guessers behind one proxy are thirty clients; behind anything else they are one."""
    name = postgres.copy(postgres_template)
    started: dict[str, Any] = {}

    def run(app: object, **options: object) -> None:
        started.update(options, app=app)

    monkeypatch.setattr(uvicorn, "run", run)
    monkeypatch.setattr(serve, "configure", lambda *, as_json: None)  # noqa: ARG005 - the same signature
    settings = Settings(
        database=postgres.url(name), base_url="http://testserver", proxies="10.0.0.7"
    )
    serve.run(settings, "127.0.0.1", 0)
    app = ProxyHeadersMiddleware(started["app"], trusted_hosts=started["forwarded_allow_ips"])
    web = TestClient(app, client=(proxy, 1))  # type: ignore[arg-type] # uvicorn types ASGI in its own way
    answers = [
        web.get(f"/logga-in/guess-{n}", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
        for n in range(30)
    ]
    started["app"].state.database.close()
    postgres.drop(name)
    assert set(answers) == expected
    assert started["access_log"] is False
