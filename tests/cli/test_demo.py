"""The demonstration does the whole main job: what it prints is what is there."""

from pathlib import Path
from typing import Any

import pytest
import vobject
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.accounts.models import Function
from api.app import create_app
from api.calendar.models import Event
from api.invitations.models import Invitation
from api.invitations.telling import KIND
from api.kit.settings import Settings
from api.outbox.models import Mail
from tests.e2e.site import made_demo, make_demo


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the command printed, with a copy of its database."""
    return {**made_demo(), "database": make_demo(tmp_path_factory.mktemp("demo"))}


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
    told = events[0].description.value
    assert "Det ger ni oss" in told
    assert "Det ger vi er" in told


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


def test_every_circle_has_three_true_claims_and_every_member_is_in_one(
    made: dict[str, object],
) -> None:
    for network in _list(made, "networks"):
        evidence, members = network["evidence"], network["members"]
        assert isinstance(evidence, list)
        assert isinstance(members, list)
        assert len(evidence) >= 3
        assert any(one["claim"] != "near" for one in evidence)
        assert {one["id"] for one in members} <= {rc for one in evidence for rc in one["members"]}
        assert network["preset"]
        assert network["hours_max"]
        assert network["km_max"]


def test_guests_are_heard_musts_are_met_and_rc_lead_what_they_offered(
    made: dict[str, object],
) -> None:
    meeting = made["meeting"]
    assert isinstance(meeting, dict)
    programme = meeting["programme"]
    guests = [one for one in programme if one["for_guest"]]
    assert {one["for_guest"] for one in guests} == {"police", "prosecutor"}
    for one in guests:
        assert one["minutes"] == 30
        assert set(one["asked_by"]) <= set(one["attending_rcs"])
        assert len(one["attending_rcs"]) * 3 >= 16
        assert [other for other in programme if other["start"] == one["start"]] == [one]
    assert all(must["met"] for must in meeting["musts"])
    led_by_rc = [
        one for one in programme if one["leaders"][0]["body"] not in {"nch", "police", "prosecutor"}
    ]
    assert len(led_by_rc) * 3 >= len(programme)
    for agenda in meeting["agendas"]:
        assert agenda["sessions"] >= 4
        for hole in agenda["holes"]:
            then = [one for one in programme if one["start"] == hole["start"]]
            for one in then:
                asked = agenda["rc"] in one["asked_by"]
                assert (f"{one['title']} (RC:t har inte bett om det)" in hole["why"]) is not asked
            assert then or hole["why"] == "Inget går då."
    assert meeting["scores"]["must_haves"] == 0
    assert made["planner_post"]
    assert made["rc_post"]


def test_guests_are_invited_to_their_own_sessions_and_rc_to_the_whole(
    made: dict[str, object],
) -> None:
    app = create_app(Settings(database=str(made["database"]), is_demo=True))
    meeting: Any = made["meeting"]
    guests = {one["id"]: one["for_guest"] for one in meeting["programme"] if one["for_guest"]}
    with app.state.database.reading() as session:
        statement = select(Event, Invitation, Function).where(
            col(Invitation.event_id) == Event.id, col(Invitation.function_id) == Function.id
        )
        found = session.exec(statement).all()
        mailed = {one.recipient for one in session.exec(select(Mail)).all() if one.kind == KIND}
        invited: dict[str, list[str]] = {}
        for event, invitation, function in found:
            invited.setdefault(event.subject_id, []).append(function.kind.value)
            assert invitation.address in mailed, "the mail waits"
        for key, guest in guests.items():
            assert invited.pop(str(key)) == [f"{guest}_contact"]
        kinds = invited.pop(meeting["id"])
        assert len(kinds) >= 16
        assert not any(kind.endswith("_contact") for kind in kinds)
