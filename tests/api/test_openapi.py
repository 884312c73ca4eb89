"""Whatever the described API is sent, it answers as described and never with a server error."""

from collections.abc import Iterator, Mapping

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlmodel import SQLModel

from api.accounts.models import Role
from api.accounts.service import open_session
from api.app import create_app
from api.kit.clock import now
from api.kit.db import make_engine
from api.kit.settings import Settings
from tests.factories import make_member
from tests.shipped import import_shipped

QUICK, LONG = 15, 250  # examples for each operation
DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]
VISITORS = ("anonymous", Role.GUEST, Role.RC_MEMBER, Role.PLANNER)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    url = f"sqlite:///{tmp_path_factory.mktemp('openapi')}/api.db"
    engine = make_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    app = create_app(Settings.model_validate({"database": url, "secret": "s" * 40}))
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
    yield app
    app.state.database.close()


def _cookies(app: FastAPI, visitor: str) -> dict[str, str]:
    if visitor == "anonymous":
        return {}
    with app.state.database.transaction() as session:
        person = make_member(session, Role(visitor), rc_id=f"rc-{visitor}-{now()}").person
        return {"samkrets": open_session(session, person.id, "schemathesis", now())}


def _try_all(app: FastAPI, cookies: Mapping[str, str], examples: int) -> int:
    """Send generated requests to every operation and return how many were sent."""
    sent = 0
    for found in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        assert isinstance(found, Ok), found

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.ok().as_strategy())
        def attempt(case: schemathesis.Case) -> None:  # type: ignore[type-arg] # of any operation
            nonlocal sent
            sent += 1
            answer = case.call(cookies=dict(cookies))
            assert answer.status_code < 500, (case.method, case.path, answer.text)
            case.validate_response(answer, checks=DESCRIBED)

        attempt()
    return sent


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_request_gives_a_server_error_or_an_undescribed_answer(
    served: FastAPI, visitor: str
) -> None:
    assert _try_all(served, _cookies(served, visitor), QUICK) >= QUICK


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_thousand_requests_give_no_server_error(served: FastAPI) -> None:
    assert _try_all(served, _cookies(served, Role.PLANNER), LONG) >= 1_000


def test_every_operation_is_described_with_a_summary_and_its_refusals(served: FastAPI) -> None:
    document = TestClient(served).get("/openapi.json").json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    assert operations
    for path, method, operation in operations:
        assert path.startswith("/api/v1/"), path
        assert operation["summary"], (method, path)
        assert operation["responses"]["401"] == {"$ref": "#/components/responses/Refused401"}
    for refusal in document["components"]["responses"].values():
        assert list(refusal["content"]) == ["application/problem+json"]
