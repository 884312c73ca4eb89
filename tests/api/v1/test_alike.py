"""Page and API answer alike: any user, any object, any pair of a page and what the API shows of it."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlmodel import select

from api.accounts.models import Person, Role
from api.v1.acts import ACTS, FILES, Act
from api.v1.resources import RESOURCES
from api.v1.views import VIEWS
from tests.api.test_foreign_objects import QUERIES, World, world_on
from tests.api.test_policy_table import BODY, FIELDS, UNKNOWN
from tests.e2e.site import make_demo
from tests.web import HIDDEN, Browser

PAIRS = sorted([*RESOURCES.items(), *((page, path) for page, path, _ in (*FILES, *VIEWS))])
VISITORS = ("anonymous", *(role.value for role in Role))
NO_PLANNERS = tuple(who for who in VISITORS if who != Role.PLANNER.value)
# What is no more where all is published, and the agenda of somebody who takes part.
NOT_THERE = {
    "/meetings/{meeting_id}/agenda",
    "/network-proposals/{proposal_id}/affected",
    "/programme-proposals/{proposal_id}/affected",
}
# Lists of which the demonstration shows a planner more than one line, and statuses of those not one's own.
PAGED = {f"/api/v1/{name}" for name in ("groups", "meetings", "networks", "themes", "mails")}
REFUSED = (401, 403, 404)
# The log grows while it is read: its parts go by number (`before`).
GROWS = "/api/v1/log"
# A page leads on to what it is now; the API gives the thing itself.
ALIKE = {303: 200, 308: 200}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = world_on(make_demo(tmp_path_factory.mktemp("demo")))
    yield made
    made.app.state.database.close()


def _filled(world: World, path: str, of: str) -> str:
    return re.sub(r"{unknown}", UNKNOWN, world.filled(path, of))


def _status(answer: int) -> int:
    return ALIKE.get(answer, answer)


def _of_page(world: World, who: str, page: str) -> int:
    query = {name: world.ids[kind] for name, kind in QUERIES.get(page, {}).items()}
    answer = world.visitors[who].get(_filled(world, page, page), params=query)
    if answer.headers.get("location", "").startswith("/logga-in"):
        return 401
    return _status(int(answer.status_code))


@given(who=st.sampled_from(VISITORS), pair=st.sampled_from(PAIRS))
@settings(
    max_examples=150,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_a_read_is_for_whom_its_page_is(world: World, who: str, pair: tuple[str, str]) -> None:
    page, path = pair
    shown = _of_page(world, who, page)
    query = {name: world.ids[kind] for name, kind in QUERIES.get(page, {}).items()}
    answered = world.visitors[who].get(f"/api/v1{_filled(world, path, page)}", params=query)
    assert _status(int(answered.status_code)) == shown, (who, page, path, answered.text[:300])


@given(who=st.sampled_from(NO_PLANNERS), act=st.sampled_from(ACTS))
@settings(
    max_examples=60,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_an_act_is_refused_to_whom_its_form_is(world: World, who: str, act: Act) -> None:
    """Planners' acts change things: those of the others are compared here, planners' in their own tests."""
    web = world.visitors[who]
    form, path = act.form, act.path
    token = dict(HIDDEN.findall(web.get("/logga-in").text))["form_token"]

    def posted() -> int | str:
        answer = web.post(_filled(world, form, form), data={"form_token": token, **FIELDS})
        is_anonymous = answer.headers.get("location", "").startswith("/logga-in")
        return _refused(401 if is_anonymous else answer.status_code)

    before = posted()
    sent = web.post(f"/api/v1{_filled(world, path, form)}", json={**BODY, **FIELDS})
    answered = _refused(sent.status_code)
    if answered != before:  # what the form itself has ended is gone for both
        assert answered == posted(), (who, path, sent.text[:300])


# The writes that were there before the acts, beside the form that each does the same as.
OLDER = {
    "/meetings/{meeting_id}/move": "/traffar/{meeting_id}/tid",
    "/meetings/{meeting_id}/confirm": "/traffar/{meeting_id}/bestam",
    "/meetings/{meeting_id}/cancel": "/traffar/{meeting_id}/stall-in",
    "/meetings/{meeting_id}/content/import": "/planera/program/innehall/{meeting_id}/schema",
    "/proposals/{proposal_id}/review": "/planera/natverk/{proposal_id}/granska",
    "/proposals/{proposal_id}/publish": "/planera/natverk/{proposal_id}/publicera",
    "/proposals/{proposal_id}/move": "/planera/natverk/{proposal_id}/flytta",
}
OLDER_BODY = {
    "starts_at": "2030-01-01T09:00:00Z",
    "ends_at": "2030-01-01T10:00:00Z",
    "text": "{}",
    "rc": "uppsala",
    "layer": "likeness",
    "to_group": 0,
}


@pytest.mark.parametrize("path", sorted(OLDER))
@pytest.mark.parametrize("who", NO_PLANNERS)
def test_an_older_write_is_refused_to_whom_its_form_is(world: World, who: str, path: str) -> None:
    web, form = world.visitors[who], OLDER[path]
    token = dict(HIDDEN.findall(web.get("/logga-in").text))["form_token"]
    data = {"form_token": token, **FIELDS, "version": "999"}  # a stale version changes nothing
    answer = web.post(_filled(world, form, form), data=data)
    is_anonymous = answer.headers.get("location", "").startswith("/logga-in")
    body = {**BODY, **FIELDS, **OLDER_BODY, "version": 999}
    sent = web.post(f"/api/v1{_filled(world, path, form)}", json=body)
    wanted = _refused(401 if is_anonymous else answer.status_code)
    assert _refused(sent.status_code) == wanted, (who, path, sent.text[:300])


def _refused(status: int) -> int | str:
    return status if status in {401, 403, 404} else "let in"


@given(who=st.sampled_from(VISITORS[1:]), view=st.sampled_from(VIEWS))
@settings(
    max_examples=60,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_a_view_names_nobody_whom_its_page_does_not(
    world: World, who: str, view: tuple[str, str, str]
) -> None:
    """Its data are what the route worked out; the page may show less of them, but never of people."""
    page, path, _ = view
    query = {name: world.ids[kind] for name, kind in QUERIES.get(page, {}).items()}
    web = world.visitors[who]
    answered = web.get(f"/api/v1{_filled(world, path, page)}", params=query)
    if answered.status_code != 200:
        return
    said, shown = answered.text, web.get(_filled(world, page, page), params=query).text
    with world.app.state.database.reading() as session:
        found = session.exec(select(Person.email, Person.name, Person.phone)).all()
    marks = {one for row in found for one in row if one}
    told = [one for one in marks if one in said and html.escape(one) not in shown]
    assert told == [], (who, page)
    assert "token" not in answered.json()


@pytest.mark.parametrize("view", VIEWS, ids=[path for _, path, _ in VIEWS])
def test_a_view_is_as_described(world: World, view: tuple[str, str, str]) -> None:
    """Each field that is said is described, and each that is described is there, of its type."""
    page, path, _ = view
    query = {name: world.ids[kind] for name, kind in QUERIES.get(page, {}).items()}
    document = world.app.openapi()
    schema = document["paths"][f"/api/v1{path}"]["get"]["responses"]["200"]["content"]
    described = schema["application/json"]["schema"] | {"components": document["components"]}
    named = document["components"]["schemas"][described["$ref"].rpartition("/")[2]]
    assert named["properties"]
    answers = [
        world.visitors[who].get(f"/api/v1{_filled(world, path, page)}", params=query)
        for who in VISITORS[1:]
    ]
    seen = [one.json() for one in answers if one.status_code == 200]
    assert bool(seen) is (path not in NOT_THERE), [one.text for one in answers]
    for one in seen:
        Draft202012Validator(described).validate(one)
        assert one.keys() == named["properties"].keys()


def test_every_list_comes_a_part_at_a_time(world: World) -> None:
    described = world.app.openapi()["paths"]
    lists = [
        path
        for path, operations in described.items()
        if _answer_of(operations).get("type") == "array" and "{" not in path and path != GROWS
    ]
    assert len(lists) >= len(PAGED)
    for path in lists:
        for who in (Role.PLANNER.value, Role.RC_MEMBER.value):
            _in_parts(world.visitors[who], path)
    seen = {path for path in lists if len(world.visitors[Role.PLANNER.value].get(path).json()) > 1}
    assert seen >= PAGED


def _answer_of(operations: dict[str, Any]) -> dict[str, Any]:
    answers = operations.get("get", {}).get("responses", {}).get("200", {})
    return dict(answers.get("content", {}).get("application/json", {}).get("schema", {}))


def _in_parts(web: Browser, path: str) -> None:
    whole = web.get(path)
    if whole.status_code in REFUSED:
        return
    assert whole.headers.get("x-total-count") == str(len(whole.json())), path
    limit = len(whole.json()) // 2 + 1
    first = web.get(path, params={"limit": limit})
    found = list(first.json())
    if len(whole.json()) > limit:
        rest = web.get(first.links["next"]["url"])
        assert "next" not in rest.links, path
        assert web.get(rest.links["prev"]["url"]).json() == found, path
        found += rest.json()
    assert found == whole.json(), path
