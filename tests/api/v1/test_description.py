"""The API's description is kept in the repository, and nothing that it promises goes away unseen."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.kit.settings import Settings
from tests.api.v1.breaking import breaks

KEPT = Path(__file__).resolve().parents[3] / "docs/openapi.json"
ACCEPT = "if it must be so: python -m api openapi > docs/openapi.json, and a line in CHANGELOG.md"


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(Settings(database=f"sqlite:///{tmp_path_factory.mktemp('api')}/x.db"))
    document: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    app.state.database.close()
    return document


def test_nothing_that_was_promised_is_gone(described: dict[str, Any]) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert breaks(kept, described) == [], ACCEPT


def test_a_path_a_field_and_a_need_are_missed(described: dict[str, Any]) -> None:
    changed = copy.deepcopy(described)
    del changed["paths"]["/api/v1/me"]
    del changed["components"]["schemas"]["PollWithTimesOut"]["properties"]["times"]
    changed["components"]["schemas"]["FeedIn"]["required"].append("level")
    [act] = changed["paths"]["/api/v1/meetings/{meeting_id}/call-off"].values()
    schema = act["requestBody"]["content"]["application/json"]["schema"]
    del schema["properties"]["reason"]
    assert sorted(breaks(described, changed)) == [
        "GET /api/v1/me is gone",
        "GET /api/v1/polls/{poll_id}: responses.times is gone",
        "POST /api/v1/feeds: requestBody.level must be sent",
        "POST /api/v1/meetings/{meeting_id}/call-off: requestBody.reason is gone",
    ]
    assert breaks(described, described) == []
    more = copy.deepcopy(described)
    more["components"]["schemas"]["MeOut"]["properties"]["new"] = {"type": "string"}
    assert breaks(described, more) == []


def test_operations_have_names_of_their_own(described: dict[str, Any]) -> None:
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) > 200
