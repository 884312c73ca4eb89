"""An RC's own circle: what each seeks and offers, declining and taking it back; and who has met whom."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.clock import now
from api.meetings import queries as meetings
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import declined, publish_round
from api.networks.wording import Evidence
from api.proposals.networks import service
from api.proposals.networks.building import Choice
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.web import browser

NEAR = ("fyrbodal", "skaraborg", "alvsborg")


@pytest.fixture
def network_id(app: FastAPI) -> str:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        evidence = Evidence((), (), (), NEAR, 92.0).to_json()
        group = Group(Layer.LIKENESS, NEAR, evidence, 92.0)
        publish_round(session, "one", [group], "nch", now())
        return networks.active_networks(session)[0].id


def _member(app: FastAPI, role: Role, rc_id: str | None = None) -> Member:
    with app.state.database.transaction() as session:
        made = make_member(session, role, rc_id=rc_id)
        session.flush()
        session.expunge_all()
    return made


def test_an_rc_declines_is_left_out_of_the_next_matching_and_may_take_it_back(
    app: FastAPI, network_id: str
) -> None:
    web = browser(app, _member(app, Role.RC_MEMBER, "skaraborg").person.id)
    path = f"/natverk/{network_id}"
    choice = Choice(layers=(Layer.LIKENESS, Layer.NEARNESS))
    assert "Tacka nej till kretsen" in web.get(path).text
    assert web.submit(path, f"{path}/svar", {"rc": "fyrbodal", "says": "no"}).status_code == 404
    assert web.submit(path, f"{path}/svar", {"rc": "skaraborg", "says": "no"}).status_code == 303
    assert "vill inte vara med just nu" in web.get(path).text
    assert "not taking part at the moment" in web.get(f"/en{path}").text
    with app.state.database.reading() as session:
        problem = service.networks_problem(session, choice, now())
        number = problem.number("skaraborg")
        assert number not in problem.participants(problem.layers[0])
        assert number in problem.participants(problem.layers[1])
        assert declined(session, now() + timedelta(days=1)) == {}
    assert web.submit(path, f"{path}/svar", {"rc": "skaraborg", "says": "yes"}).status_code == 303
    with app.state.database.reading() as session:
        problem = service.networks_problem(session, choice, now())
        assert number in problem.participants(problem.layers[0])


def test_only_planners_see_who_has_met_whom(app: FastAPI, network_id: str) -> None:
    with app.state.database.transaction() as session:
        one = meetings.meetings_of_network(session, network_id)[0]
        one.was_held = True
        session.add(one)
    page = "/planera/vem-har-traffat-vem"
    assert (
        browser(app, _member(app, Role.RC_MEMBER, "skaraborg").person.id).get(page).status_code
        == 404
    )
    web = browser(app, _member(app, Role.PLANNER).person.id)
    assert "3 av 120 par" in web.get(page).text
    assert web.get(page).text.count('class="frame"') == 6
    assert "3 of 120 pairs" in web.get(f"/en{page}").text
