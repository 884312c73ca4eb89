"""The demonstration does the whole main job: what it prints is what is there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import vobject
from fastapi.testclient import TestClient

from api.app import create_app
from api.kit.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def made(folder: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "api", "demo", "--once", "--json", "--data", str(folder)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    document: dict[str, object] = json.loads(done.stdout)
    return document


def _list(document: dict[str, object], name: str) -> list[dict[str, object]]:
    found = document[name]
    assert isinstance(found, list)
    return found


def test_every_layer_covers_all_16_in_networks_of_three_or_four(made: dict[str, object]) -> None:
    layers: dict[str, list[str]] = {}
    for network in _list(made, "networks"):
        members = network["members"]
        assert isinstance(members, list)
        assert len(members) in {3, 4}
        assert network["why"]
        assert str(network["name"]).startswith("Exempel")
        layers.setdefault(str(network["layer"]), []).extend(one["id"] for one in members)
    assert set(layers) == {"likeness", "nearness", "experience"}
    assert all(len(ids) == 16 == len(set(ids)) for ids in layers.values())


def test_the_meeting_has_two_tracks_and_every_feed_is_a_calendar_marked_as_example(
    made: dict[str, object],
) -> None:
    meeting = made["meeting"]
    assert isinstance(meeting, dict)
    assert len(meeting["tracks"]) >= 2
    assert meeting["sessions"] >= 8
    kinds = set()
    people = {str(one["name"]) for one in _list(made, "sign_in")}
    for feed in _list(made, "feeds"):
        text = Path(str(feed["file"])).read_text(encoding="utf-8")
        calendar = vobject.readOne(text)
        assert "Exempel" in calendar.contents["x-wr-calname"][0].value
        assert "METHOD" not in text
        assert "ATTENDEE" not in text
        assert not any(name in text.replace("\r\n ", "").replace("\n ", "") for name in people)
        kinds.add(feed["scope"])
    assert kinds == {"rc", "network", "meeting", "track", "role", "function", "person"}


def test_a_prosecutor_has_one_session_in_the_feed(made: dict[str, object]) -> None:
    feed = next(one for one in _list(made, "feeds") if "Åklagarmyndigheten" in str(one["name"]))
    calendar = vobject.readOne(Path(str(feed["file"])).read_text(encoding="utf-8"))
    events = calendar.contents["vevent"]
    assert len(events) == 1
    assert "Förbered" in events[0].description.value


def test_the_files_are_what_the_addresses_serve_and_links_sign_in_once(
    made: dict[str, object],
) -> None:
    settings = Settings(database=str(made["database"]), base_url="http://testserver", is_demo=True)
    app = create_app(settings)
    with TestClient(app, follow_redirects=False) as web:
        feed = _list(made, "feeds")[0]
        answer = web.get(str(feed["url"]).replace("http://127.0.0.1:8000", ""))
        assert answer.content == Path(str(feed["file"])).read_bytes()
        for link in _list(made, "sign_in"):
            path = str(link["url"]).replace("http://127.0.0.1:8000", "")
            first = web.get(path)
            assert first.status_code == 303
            assert "samkrets" in first.headers["set-cookie"]
            web.cookies.clear()
            assert web.get(path).status_code != 303
