"""The A4 for a manager says why, who, how much time and what is asked, to those who may see the circle."""

from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.clock import now
from api.networks import queries as networks
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.networks import service
from api.proposals.networks.building import Choice
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import browser


def test_a_member_prints_its_circle_on_one_page_for_its_manager(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        choice = Choice(layers=(Layer.NEARNESS,))
        problem = service.networks_problem(session, choice, now())
        made = service.propose_networks(session, problem, choice, "t", "nch", now())
        service.record_answer(session, made, matched(made.problem))
        spine.review(session, service.NETWORKS, made, made.version, "nch")
        service.publish(session, made, made.version, "nch", now())
        group = service.groups_in(made)[Layer.NEARNESS][0]
        own = next(
            network.id
            for network in networks.active_networks(session)
            if group[0]
            in {one.rc_id for one in networks.members(session, [network.id])[network.id]}
        )
        member = make_member(session, Role.RC_MEMBER, group[0]).person.id
        guest = make_member(session, Role.GUEST).person.id
    sheet = browser(app, member).get(f"/natverk/{own}/a4").text
    assert "1 träff, sammanlagt 5 timmar" in sheet or "1 träff, sammanlagt 2 timmar" in sheet
    assert "Det här ber vi chefen om" in sheet
    assert "Längst är resan mellan" in sheet
    assert "What we ask of the manager" in browser(app, member).get(f"/en/natverk/{own}/a4").text
    assert browser(app, guest).get(f"/natverk/{own}/a4").status_code == 404
