"""Six at once save what they saw in the same version: one wins, five hear 409, nothing is done twice.

The routes are read from the application: each that takes a `version`, in a form or in JSON, has a case
here, and each is pressed on PostgreSQL, where six writers really are six.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlmodel import SQLModel, col, func, select

import api.tables
from api.accounts.models import Function
from api.app import create_app
from api.invitations.models import Invitation, Place
from api.invitations.service import invite
from api.kit.clock import now
from api.kit.db import Database, Versioned
from api.kit.errors import ServiceError
from api.kit.settings import Settings
from api.meetings.models import Meeting
from api.proposals.models import Proposal, ProposalState
from tests.e2e.site import make_demo
from tests.postgres import Postgres
from tests.security.forms import Form, forms_of
from tests.web import Browser, browser
from tests.world import World, copy_rows, furnish

TABLES = api.tables
AT_ONCE = 6
DRAFT, REVIEWED = ProposalState.DRAFT, ProposalState.REVIEWED


@dataclass(frozen=True)
class Case:
    """A route, the page its form stands on (none for JSON), and what is typed over the form's own values."""

    route: str
    page: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    before: str = ""  # a form of the same page that is pressed first, by the end of its address
    who: str = "planner"
    sent: dict[str, str] = field(default_factory=dict)  # what the form's second step sends beside

    def __str__(self) -> str:
        return self.route


NETWORKS, PROGRAMME, YEAR = "/planera/natverk/{%s}", "/planera/program/{%s}", "/planera/aret/{%s}"
ROUNDS = "/planera/bord/{%s}"
MOVING = PROGRAMME + "?flytta={key}"  # a session that is picked up, so that its form is there
MOVED = {"starts_at": "2027-04-13T08:00:00Z", "ends_at": "2027-04-13T10:00:00Z"}
NAMES = {"holder_name": "Exempel Ny", "holder_email": "exempel.vinnare@example.org"}
AWAY = {
    "starts_on": "{first}",
    "until": "{longer}",
    "deputy_name": "Exempel E",
    "deputy_email": "exempel.e@example.org",
}
LEG = {"a": "Göteborg", "b": "Borås", "mode": "rail", "hours": "1,5", "basis": "Exempel"}
VIDEO = {"video_url": "https://video.example.org/rum"}
CASES = (
    Case("/funktioner/{function_id}/lamna-over", "/funktioner/{f0}/lamna-over", NAMES),
    Case("/funktioner/{function_id}/ta-tillbaka", "/funktioner/{f1}/lamna-over"),
    Case("/funktioner/{function_id}/borta", "/jag-slutar", AWAY, who="holder"),
    Case(
        "/funktioner/{function_id}/andra", "/funktioner/{f2}/lamna-over", {"title": "Exempel: ny"}
    ),
    Case("/funktioner/{function_id}/avsluta", "/funktioner/{f3}/lamna-over"),
    Case("/organisationer/{body_id}/andra", "/organisationer/{b0}", {"name": "Exempel: nytt namn"}),
    Case("/organisationer/{body_id}/slas-ihop", "/organisationer/{b1}", {"into": "{b3}"}),
    Case("/organisationer/{body_id}/avsluta", "/organisationer/{b2}"),
    Case("/planera/restider", "/planera/restider", LEG),
    Case("/personer/{person_id}", "/personer/{person}", {"name": "Exempel Nytt"}),
    Case("/rc/{rc_id}/andra", "/rc/skane/andra", {"funding_note": "Exempel: ändrat"}),
    Case(
        "/traffar/{meeting_id}/uppgifter",
        "/traffar/{national}/uppgifter",
        {"name_sv": "Exempel"},
        sent={"do": "save"},
    ),
    Case("/traffar/{meeting_id}/vagen-in", "/traffar/{national}/vagen-in", {"way_sv": "Exempel"}),
    Case("/traffar/{meeting_id}/bestam", "/traffar/{m0}"),
    Case(
        "/planera/datum",
        "/planera/datum?traff={waits}&day1={open}&starts=09:30&ends=15:40&length=1&notice=6"
        "&form=in_person&place1=Linköping",
        {"choice": "{open}|in_person|Linköping"},
    ),
    Case("/traffar/{meeting_id}/stall-in", "/traffar/{m1}", {"reason": "Sjukdom"}),
    Case("/traffar/{meeting_id}/skydd", "/traffar/{m2}"),
    Case("/traffar/{meeting_id}/videolank", "/traffar/{m2}", VIDEO),
    Case("/traffar/{meeting_id}/tid", "/traffar/{m3}/tid?day=2027-04-14&starts=10:00&ends=11:00"),
    Case("/api/v1/meetings/{meeting_id}/move", "{m4}", MOVED),
    Case("/api/v1/meetings/{meeting_id}/confirm", "{m5}"),
    Case("/api/v1/meetings/{meeting_id}/cancel", "{m6}"),
    Case("/tidsval/{poll_id}/boka", "/tidsval/{p0}"),
    Case("/tidsval/{poll_id}/ta-bort", "/tidsval/{p1}"),
    Case("/tidsval/{poll_id}/avsluta", "/tidsval/{p2}"),
    Case(
        "/tidsval/{poll_id}/lagg-till", "/tidsval/{p3}", {"day1": "2027-04-15", "clock1": "10:00"}
    ),
    Case(
        "/serie/{series_id}/andra",
        "/serie/{s0}/andra?day={first}&last_day={longer}&name=Exempel&focus=Exempel&form=digital&starts=10:00&ends=11:00&every=week",
    ),
    Case("/serie/{series_id}/forlang", "/serie/{s1}", {"last_day": "{longer}"}),
    Case("/serie/{series_id}/avsluta", "/serie/{s2}", {"reason": "Sjukdom"}),
    Case("/serie/{series_id}/skydd", "/serie/{s3}"),
    Case("/serie/{series_id}/videolank", "/serie/{s3}", VIDEO),
    Case("/planera/enkater/{survey_id}/andra", "/planera/enkater/{survey}/andra"),
    Case("/planera/amnen/{theme_id}", "/planera/amnen", {"name_sv": "Exempel: nytt namn"}),
    Case("/planera/amnen/{theme_id}/texter", "/planera/amnen/{theme}/texter"),
    Case("/svar/{token}/ersattare", "/svar/{token}", {"name": "A", "address": "{fresh}"}),
    Case(
        "/inbjudan/{invitation_id}/ersattare", "/inbjudan/{invitation}", {"name": "A"}, who="holder"
    ),
    Case("/planera/natverk/{proposal_id}/granska", NETWORKS % "n0"),
    Case("/planera/natverk/{proposal_id}/dra-tillbaka", NETWORKS % "n1"),
    Case(
        "/planera/natverk/{proposal_id}/flytta", NETWORKS % "n2", {"rc": "{rc}", "to_group": "{to}"}
    ),
    Case(
        "/planera/natverk/{proposal_id}/angra",
        NETWORKS % "n3",
        {"rc": "{rc}", "to_group": "{to}"},
        before="/flytta",
    ),
    Case("/planera/natverk/{proposal_id}/las", NETWORKS % "n6"),
    Case("/api/v1/proposals/{proposal_id}/review", "{n4}"),
    Case("/api/v1/proposals/{proposal_id}/move", "{n5}", {"rc": "{rc}", "layer": "{layer}"}),
    Case("/planera/natverk/{proposal_id}/publicera", "/planera/natverk/{r0}/publicera"),
    Case("/api/v1/proposals/{proposal_id}/publish", "{r1}"),
    Case("/planera/program/{proposal_id}/granska", PROGRAMME % "g0"),
    Case("/planera/program/{proposal_id}/dra-tillbaka", PROGRAMME % "g1"),
    Case("/planera/program/{proposal_id}/flytta", MOVING % "g2", {"place": "{out}"}),
    Case(
        "/planera/program/{proposal_id}/angra",
        MOVING % "g3",
        {"place": "{out}"},
        before="/flytta",
    ),
    Case("/planera/program/{proposal_id}/las", PROGRAMME % "g4"),
    Case("/planera/program/{proposal_id}/las-upp", PROGRAMME % "g5", before="/las"),
    Case("/planera/program/{proposal_id}/rakna-om", PROGRAMME % "g6", before="/las"),
    Case("/planera/program/{proposal_id}/publicera", "/planera/program/{h0}/publicera"),
    Case("/planera/aret/{proposal_id}/flytta", YEAR % "y0" + "?flytta={key}", {"day": "{day}"}),
    Case(
        "/planera/aret/{proposal_id}/angra",
        YEAR % "y1" + "?flytta={key}",
        {"day": "{day}"},
        before="/flytta",
    ),
    Case(
        "/planera/aret/{proposal_id}/rakna-om",
        YEAR % "y2" + "?flytta={key}",
        {"day": "{day}"},
        before="/flytta",
    ),
    Case(
        "/planera/bord/{proposal_id}/boka", ROUNDS % "rounds0", {"day1": "{day}", "day2": "{later}"}
    ),
    Case("/planera/bord/{proposal_id}/dra-tillbaka", ROUNDS % "rounds1"),
    Case("/planera/aret/{proposal_id}/dra-tillbaka", YEAR % "y3"),
    Case("/planera/aret/{proposal_id}/boka", YEAR % "y4"),
    Case("/planera/aret/{proposal_id}/visa", YEAR % "y5", before="/boka"),
    Case("/planera/aret/{proposal_id}/ta-tillbaka", YEAR % "y6", before="/boka"),
)
# One of each kind of check; the other routes go the same ways and are pressed by the long suite.
QUICK = {
    "/funktioner/{function_id}/lamna-over",
    "/rc/{rc_id}/andra",
    "/api/v1/meetings/{meeting_id}/move",
    "/traffar/{meeting_id}/stall-in",
    "/tidsval/{poll_id}/boka",
    "/serie/{series_id}/forlang",
    "/svar/{token}/ersattare",
    "/inbjudan/{invitation_id}/ersattare",
    "/planera/natverk/{proposal_id}/granska",
    "/planera/program/{proposal_id}/dra-tillbaka",
}
NOT_PRESSED = {
    # It moves a meeting as `/traffar/{meeting_id}/tid` does, after a mail that proposes another time.
    "/inbjudningar/svar/{reply_id}/flytta",
    # They change a draft as `/flytta` and `/angra` do: a leader has said yes, a move was undone, a session
    # is made longer.
    "/planera/program/{proposal_id}/ta-in-svar",
    "/planera/program/{proposal_id}/gor-om",
    "/planera/natverk/{proposal_id}/gor-om",
    "/planera/program/{proposal_id}/langd",
}
# What is ended is no longer there for whoever comes second: 404.
ENDS = {"/funktioner/{function_id}/avsluta", "/organisationer/{body_id}/avsluta"}
# Its version is that of a row of its own beside the meeting.
BESIDE = {"/traffar/{meeting_id}/vagen-in"}
# Their version stands among free form fields, where no signature tells of it.
UNDECLARED = {"/rc/{rc_id}/andra", "/tidsval/{poll_id}/lagg-till"}


def _takes_version(route: Any) -> bool:  # noqa: ANN401 - FastAPI's route context
    def names(dependant: Any) -> Iterator[str]:  # noqa: ANN401 - FastAPI's Dependant
        for one in dependant.body_params:
            yield one.name
            yield from getattr(one.field_info.annotation, "model_fields", {})
        for inner in dependant.dependencies:
            yield from names(inner)

    dependant = getattr(route, "dependant", None)
    return dependant is not None and "version" in set(names(dependant))


def test_every_route_that_takes_a_version_is_pressed_here(app: FastAPI) -> None:
    found = {str(one.path) for one in iter_route_contexts(app.routes) if _takes_version(one)}
    assert {case.route for case in CASES} == (found - NOT_PRESSED) | UNDECLARED
    assert {case.route for case in CASES} >= QUICK


def test_every_table_with_a_version_asks_for_it_in_the_statement() -> None:
    mapped = {one.class_ for one in SQLModel._sa_registry.mappers if "version" in one.columns}
    assert mapped
    assert [one for one in mapped if not issubclass(one, Versioned)] == []


@pytest.fixture(scope="module")
def world(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    postgres.create("one_winner")
    url = postgres.url("one_winner")
    copy_rows(make_demo(tmp_path_factory.mktemp("demo")), url)
    app = create_app(Settings(database=url, base_url="http://testserver"))
    database: Database = app.state.database
    ids = furnish(database)
    planner = browser(app, ids["planner"])
    yield World(app, ids, {"planner": planner, "holder": browser(app, ids["holder"])})
    database.close()
    postgres.drop("one_winner")


def _form(world: World, case: Case, ids: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return where the case's form goes and what it sends, as it stands on the page now."""
    web, page = world.people[case.who], case.page.format(**ids)
    end = re.compile("^" + re.sub(r"{\w+}", "[^/]+", case.route) + "$")
    answer = web.get(page)
    assert answer.status_code == 200, page
    forms = forms_of(answer.text)
    found = [
        one for one in forms if end.match(one.action.partition("?")[0]) and "version" in one.fields
    ]
    assert found, f"no form of {case.route} on {page}: {[one.action for one in forms]}"
    chosen = next((one for one in found if set(case.typed) <= set(one.fields)), found[-1])
    return chosen.action, {**chosen.fields, **_typed(case, ids, chosen), **case.sent}


def _typed(case: Case, ids: dict[str, str], form: Form) -> dict[str, str]:
    return {name: value.format(**ids) for name, value in case.typed.items() if name in form.fields}


def _token(web: Browser) -> str:
    """Return a fresh form's token; the search in every page's head has none, since it changes nothing."""
    found = forms_of(web.get("/mina-sessioner").text)
    return next(one.fields["form_token"] for one in found if "form_token" in one.fields)


def _at_once(
    world: World, case: Case, action: str, data: dict[str, str], *, is_json: bool
) -> list[int]:
    """Press the same form of six pages: same version, six tokens, so that no key stops them first."""
    web = world.people[case.who]
    statuses: list[int] = []
    ready = threading.Barrier(AT_ONCE)
    pages = [{"form_token": _token(web)} for _ in range(AT_ONCE)]

    def press(number: int) -> None:
        own = {name: value.replace("NUMBER", str(number)) for name, value in data.items()}
        ready.wait()
        if is_json:
            document: dict[str, object] = {**own, "version": int(own["version"])}
            if "to_group" in own:
                document["to_group"] = int(own["to_group"])
            statuses.append(web.post(action, json=document).status_code)
        else:
            own["form_token"] = pages[number]["form_token"]
            statuses.append(web.post(action, data=own).status_code)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def _move_of(world: World, ids: dict[str, str]) -> dict[str, str]:
    """Return a move that this draft takes: an RC, its layer and another circle."""
    from api.proposals.networks import moving, service  # noqa: PLC0415 - beside their only use
    from api.proposals.networks.moving import Move  # noqa: PLC0415

    with world.database.reading() as session:
        draft = session.get_one(Proposal, ids["n2"])
        for layer, groups in service.groups_in(draft).items():
            for group, to in product(groups, range(len(groups))):
                wish = Move.read(layer, group[0], str(to))
                try:
                    effect = moving.preview(draft, wish)
                except ServiceError:
                    continue
                if effect.is_change and not effect.broken:
                    return {"rc": group[0], "layer": layer.value, "to": str(to)}
    raise AssertionError("no circle takes anybody")


def _more(world: World, case: Case, ids: dict[str, str]) -> dict[str, str]:
    """Return what a case must be told that only the world knows."""
    found = {**ids, "fresh": "exempel.NUMBER@example.org"}
    if "{rc}" in case.typed.values():
        found |= _move_of(world, ids)
    if "aret" in case.route:
        page = world.people["planner"].get(case.page.split("?")[0].format(**ids)).text
        keys = re.findall(r"\?flytta=([^#\"]+)#flytta", page)
        found |= {"key": keys[-1], "day": f"{ids['year']}-11-18"}
    if "bord" in case.route:
        found |= {"day": f"{ids['year']}-11-18", "later": f"{ids['year']}-11-19"}
    if "{out}" in case.typed.values():
        planner, path = world.people["planner"], case.page.partition("?")[0].format(**ids)
        key = re.search(r"\?flytta=([^#\"]+)#flytta", planner.get(path).text)
        assert key is not None
        page = planner.get(f"{path}?flytta={key[1]}").text
        form = next(one for one in forms_of(page) if "place" in one.choices)
        found |= {"key": key[1], "out": form.choices["place"][-1]}
    return found


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.route, marks=() if case.route in QUICK else pytest.mark.full)
        for case in CASES
    ],
)
def test_one_of_six_saves_what_all_six_saw(world: World, case: Case) -> None:
    ids = _more(world, case, world.ids)
    if case.before:
        first = Case(case.route.rpartition("/")[0] + case.before, case.page, case.typed)
        action, data = _form(world, first, ids)
        data["form_token"] = _token(world.people["planner"])
        assert world.people["planner"].post(action, data=data).status_code == 303
    is_json = case.route.startswith("/api/")
    if is_json:
        key = case.page.format(**ids)
        action = re.sub(r"{\w+}", key, case.route)
        with world.database.reading() as session:
            row = session.get(Meeting, key) or session.get_one(Proposal, key)
            data = {"version": str(row.version)}
        data |= {name: value.format(**ids) for name, value in case.typed.items()}
        data |= {"to_group": ids["to"]} if "rc" in data else {}
    else:
        action, data = _form(world, case, ids)
        if case.route.startswith("/inbjudan/"):
            data["address"] = "exempel.inbjuden.NUMBER@example.org"
    before = world.versions()
    statuses = _at_once(world, case, action, data, is_json=is_json)
    lost = {404, 409} if case.route in ENDS else {409}
    assert statuses[0] == (200 if 200 in statuses else 303)
    assert len(statuses) == AT_ONCE
    assert set(statuses[1:]) <= lost, statuses
    object_id = action.split("?")[0].split("/")[-1 if case.route.endswith("}") else -2]
    after = world.versions()
    mine = [key for key in before if key[1] == str([object_id])]
    assert mine or "/svar/" in action or "{" not in case.route
    moved = {key: after[key] - before[key] for key in mine}  # rows of others may bear the same id
    assert set(moved.values()) <= {0, 1, 2}, moved
    assert any(moved.values()) or not mine or case.route in BESIDE, moved
    if case.route.endswith("/boka") and case.route.startswith("/tidsval/"):
        with world.database.reading() as session:
            named = col(Meeting.name_sv).endswith(": Exempel 0")
            assert len(session.exec(select(Meeting).where(named)).all()) == 1


def test_one_last_seat_is_taken_once(world: World) -> None:
    """Six invitations at once to a room with one seat left: one is asked, five wait."""
    from api.calendar import queries as calendar  # noqa: PLC0415 - beside its only use
    from api.invitations.service import limit_seats  # noqa: PLC0415

    with world.database.transaction() as session:
        meeting = session.get_one(Meeting, world.ids["m2"])
        event = calendar.event_of(session, "meeting", meeting.id)
        assert event is not None
        taken = session.exec(
            select(func.count())
            .select_from(Invitation)
            .where(Invitation.event_id == event.id, Invitation.place == Place.INVITED)
        ).one()
        limit_seats(session, event.id, taken + 1, now())
        known = select(Invitation.function_id).where(Invitation.event_id == event.id)
        functions = session.exec(
            select(Function.id)
            .where(col(Function.holder_id).is_not(None), col(Function.id).not_in(known))
            .order_by(Function.id)
        ).all()[:AT_ONCE]
        event_id = event.id
    ready = threading.Barrier(len(functions))

    def ask(function_id: str) -> None:
        with world.database.transaction() as session:
            found = calendar.event(session, event_id)
            function = session.get_one(Function, function_id)
            assert found is not None
            ready.wait()
            invite(session, found, function, now())

    threads = [threading.Thread(target=ask, args=(one,)) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.database.reading() as session:
        places = [
            one.place
            for one in session.exec(select(Invitation).where(Invitation.event_id == event_id))
            if one.function_id in functions
        ]
    assert sorted(places) == [Place.INVITED, *[Place.WAITING] * (len(functions) - 1)]
