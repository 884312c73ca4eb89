"""Whatever the described API is sent, it answers as described and never with a server error."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
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
from api.v1.acts import ACTS
from tests.factories import make_member
from tests.shipped import import_shipped

QUICK, LONG = 4, 30  # examples for each operation
STATEFUL = 1_000  # requests of each visitor on each database: 5,000 on each
DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]
VISITORS = ("anonymous", Role.GUEST, Role.READER, Role.RC_MEMBER, Role.PLANNER)


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


def _try(app: FastAPI, cookies: Mapping[str, str], examples: int, turn: int | None = None) -> int:
    """Send generated requests to every operation and return how many were sent.

    turn: only to each fifth operation, beginning with this one.
    """
    sent = 0
    operations = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()
    for number, found in enumerate(operations):
        assert isinstance(found, Ok), found
        if turn is not None and number % len(VISITORS) != turn:
            continue

        @settings(
            max_examples=examples,
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
    """Each operation is tried by one visitor; by all of them in the long suite."""
    turn = VISITORS.index(visitor)
    assert _try(served, _cookies(served, visitor), QUICK, turn) >= len(ACTS) // len(VISITORS)


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("visitor", VISITORS)
def test_a_thousand_requests_give_no_server_error(served: FastAPI, visitor: str) -> None:
    assert _try(served, _cookies(served, visitor), LONG) >= 1_000


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("visitor", VISITORS)
def test_a_thousand_requests_that_follow_from_each_other_give_no_server_error(
    app: FastAPI, visitor: str
) -> None:
    """What one answer gave is asked for next (links inferred by schemathesis), on both databases."""
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
    cookies, sent, faults = _cookies(app, visitor), 0, list[str]()
    machine = schemathesis.openapi.from_asgi("/openapi.json", app).as_state_machine()

    class Asked(machine):  # type: ignore[misc, valid-type] # made at run time
        def get_call_kwargs(self, case: object) -> dict[str, object]:  # noqa: ARG002
            return {"cookies": dict(cookies)}

        def validate_response(self, response: Any, case: Any, **_: object) -> None:  # noqa: ANN401
            nonlocal sent
            sent += 1
            if response.status_code >= 500:
                faults.append(f"{case.method} {case.path}: {response.text}")

    while sent < STATEFUL and not faults:
        Asked.run(
            settings=settings(
                max_examples=20,
                stateful_step_count=10,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            )
        )
    assert faults == []


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
