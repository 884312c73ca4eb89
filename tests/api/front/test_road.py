"""The road to the start: each thing that is said of an RC of one's circles is in the register, with its source."""

from fastapi import FastAPI

from api.accounts.models import Role
from api.front.road import road_page
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.registry.queries import rc
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser

CIRCLE = ("jonkoping", "kronoberg", "skaraborg", "skane")


def test_a_beginner_sees_who_of_its_circles_has_taken_which_step(app: FastAPI) -> None:
    evidence: dict[str, object] = {
        "attributes": [],
        "members": [],
        "pre_operational": [],
        "operational": [],
        "farthest_km": 252.0,
    }
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        group = Group(Layer.EXPERIENCE, CIRCLE, evidence, 252.0)
        publish_round(session, "one", [group], "nch", now())
        member = make_member(session, Role.RC_MEMBER, rc_id="jonkoping")
        session.flush()
        person, viewer = member.person.id, member.viewer
    with app.state.database.reading() as session:
        page = road_page(session, viewer, "jonkoping", Speaker("sv"))
        asked = {step.name: [guide.rc_id for guide in step.guides] for step in page.steps}
        known = {one: rc(session, one) for one in CIRCLE}
        assert [step.own for step in page.steps][:1] == ["inventerar behov nu"]
        mates = [one for one in known.values() if one is not None and one.id != "jonkoping"]
        assert {*asked["Finansiering"]} == {
            one.id for one in mates if one.funding_status == "secured"
        }
        assert {*asked["Start"]} == {one.id for one in mates if one.phase_band == "operational"}
        assert {*asked["Struktur"]} == {one.id for one in mates if one.org_model_current}
        # What the register knows is never called unknown, also where it is not done.
        assert [step.own for step in page.steps][2:] == [
            "är på väg till: inom Barnahus",
            "saknar långsiktig finansiering",
            "har inte börjat än",
        ]
        north = road_page(session, viewer, "vasternorrland", Speaker("sv"))
        assert [step.own for step in north.steps] == [
            "",
            "har grupper som styr arbetet",
            "har inte bestämt sin organisation",
            "planerar långsiktig finansiering",
            "har inte börjat än",
        ]
        for step in page.steps:
            for guide in step.guides:
                assert "Rapporten, rad" in guide.source or "tolkning" in guide.source
    web = browser(app, person)
    assert "/rc/jonkoping/vagen" in web.get("/").text
    assert "/rc/jonkoping/vagen" in web.get("/rc/jonkoping").text
    shown = web.get("/rc/jonkoping/vagen").text
    assert "Kronoberg" in shown
    assert "Good to ask" in web.get("/en/rc/jonkoping/vagen").text
    assert "/rc/kronoberg/vagen" not in web.get("/rc/kronoberg").text


def test_each_reason_of_a_circle_says_where_it_is_known_from(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        evidence: dict[str, object] = {
            "attributes": [],
            "members": [],
            "pre_operational": [],
            "operational": [],
            "farthest_km": 92.0,
        }
        west = ("alvsborg", "fyrbodal", "skaraborg")
        publish_round(session, "one", [Group(Layer.LIKENESS, west, evidence, 92.0)], "nch", now())
        member = make_member(session, Role.RC_MEMBER, rc_id="skaraborg")
        session.flush()
        person = member.person.id
        network = session.connection().exec_driver_sql("select id from network").scalar_one()
    page = browser(app, person).get(f"/natverk/{network}").text
    assert "Varifrån vet vi det?" in page
    assert "Ni sitter i Barnahus." in page
    told = page.split("Varifrån vet vi det?")[1].split("</details>")[0]
    assert told.count("<li>") >= 3
    assert "Fyrbodal: Rapporten, rad" in told
