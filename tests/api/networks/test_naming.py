"""Circles have names that are true of all members, each once; members change them, and back."""

import random
import re
from itertools import product

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.audit.queries import entries_about
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds import queries as feeds
from api.feeds.access import feed_name
from api.feeds.models import Feed
from api.feeds.service import create_feed
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.meetings import queries as meetings
from api.networks import queries
from api.networks.models import Layer
from api.networks.naming import Name, circle_names
from api.networks.service import rename, rename_untrue
from api.proposals import spine
from api.proposals.networks import service
from api.proposals.networks.building import Choice
from api.registry.models import Rc
from api.registry.queries import rcs
from api.travel.shipped import shipped_travel
from matcher.geo import Point
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import browser

WEST, NORTH = {"13", "14"}, {"21", "22", "23", "24", "25"}


def hours(one: tuple[float, float], other: tuple[float, float]) -> float:
    return shipped_travel().hours(Point(*one), Point(*other))


def is_true(name: str, circle: list[Rc]) -> bool:  # noqa: C901, PLR0911 - one line a word
    """Ask the register what each word of a name says."""
    if name.startswith("Barnahus") and any(rc.org_model_current != "barnahus" for rc in circle):
        return False
    if name.startswith("Centrum") and any(rc.org_model_planned is not None for rc in circle):
        return False
    if name.startswith("På väg") and any(rc.phase_band != "pre_operational" for rc in circle):
        return False
    if name.startswith("Kommit") and any(rc.phase_band != "operational" for rc in circle):
        return False
    if name.startswith("Stöd") and any(rc.support_exposed_any != "none" for rc in circle):
        return False
    if name.endswith("i väst") and any(rc.county_code not in WEST for rc in circle):
        return False
    if name.endswith("i norr") and any(rc.county_code not in NORTH for rc in circle):
        return False
    if " för " in name:
        said = name.split(" för ")[1].split(" och ")
        starting = [rc for rc in circle if rc.phase_band == "pre_operational"]
        return sorted(said) == sorted(rc.name.split(" – ")[-1] for rc in starting)
    if " kring " in name:
        town = next((rc for rc in circle if rc.seat_city == name.split(" kring ")[1]), None)
        return town is not None and all(hours(seat(town), seat(rc)) <= 3.5 for rc in circle)
    if "," in name or name.endswith(short_names(circle)[-1:]):
        return all(one in name for one in short_names(circle))
    return True


def seat(rc: Rc) -> tuple[float, float]:
    return rc.seat_lat or 0.0, rc.seat_lon or 0.0


def short_names(circle: list[Rc]) -> tuple[str, ...]:
    return tuple(rc.name.split(" – ")[-1] for rc in circle)


def test_names_of_random_circles_are_true_and_no_two_are_alike(session: Session) -> None:
    import_shipped(session, "system")
    register = rcs(session)
    kinds = (Layer.LIKENESS, Layer.NEARNESS, Layer.EXPERIENCE)
    for seed in range(40):
        chance = random.Random(seed)
        circles = []
        for layer in kinds:
            mixed = chance.sample(register, len(register))
            circles += [(layer, mixed[start : start + 4]) for start in range(0, 16, 4)]
        names = circle_names(circles, hours)
        for language in ("swedish", "english"):
            said = [getattr(name, language) for name in names]
            assert len({name.casefold() for name in said}) == len(said)
        for name, (_, circle) in zip(names, circles, strict=True):
            assert is_true(name.swedish, circle), (name, [rc.id for rc in circle])


def test_the_barnahus_of_the_west_are_called_so(session: Session) -> None:
    import_shipped(session, "system")
    known = {rc.id: rc for rc in rcs(session)}
    west = [known[one] for one in ("alvsborg", "fyrbodal", "skaraborg")]
    start = [known[one] for one in ("jonkoping", "kronoberg", "skaraborg")]
    names = circle_names([(Layer.LIKENESS, west), (Layer.EXPERIENCE, start)], hours)
    assert [(one.swedish, one.english) for one in names] == [
        ("Barnahus i väst", "Barnahus in the west"),
        ("Starthjälp för Jönköping", "Start-up help for Jönköping"),
    ]
    (other,) = circle_names([(Layer.LIKENESS, west)], hours, taken=["barnahus i VÄST"])
    assert other.swedish == "Barnahus kring Borås"


def _publish(session: Session, choice: Choice) -> str:
    at = now()
    problem = service.networks_problem(session, choice, at)
    made = service.propose_networks(session, problem, choice, "t", "nch", at)
    service.record_answer(session, made, matched(made.problem))
    spine.review(session, service.NETWORKS, made, made.version, "nch")
    service.publish(session, made, made.version, "nch", at)
    return made.id


def _circles(session: Session) -> dict[str, set[str]]:
    active = queries.active_networks(session)
    rows = queries.members(session, [one.id for one in active])
    return {one.name_sv: {member.rc_id for member in rows[one.id]} for one in active}


def _bytes(session: Session, feed_id: str) -> bytes:
    found = feeds.version(session, feed_id)
    assert found is not None
    return found.body


@pytest.fixture
def published(app: FastAPI) -> FastAPI:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        _publish(session, Choice(layers=(Layer.LIKENESS,)))
    return app


def test_members_rename_their_circle_and_take_it_back(published: FastAPI) -> None:
    database = published.state.database
    with database.transaction() as session:
        network = next(
            one for one in queries.active_networks(session) if one.name_sv == "Barnahus i väst"
        )
        member = make_member(session, Role.RC_MEMBER, rc_id="skaraborg")
        stranger = make_member(session, Role.RC_MEMBER, rc_id="skane")
        session.flush()
        ids = network.id, member.person.id, stranger.person.id
        scope = Scope(ScopeKind.NETWORK, network.id)
        former = feed_name(session, scope, "sv")
        feed, _ = create_feed(
            session, scope, Level.INTERNAL, "sv", former, member.person.id, at=now()
        )
        feed_id = feed.id
        assert former.encode() in _bytes(session, feed_id)
    network_id, person, other = ids
    page, act = f"/natverk/{network_id}", f"/natverk/{network_id}/namn"
    web = browser(published, person)
    assert web.submit(page, act, {"name": "  Västra   Barnahusen "}).status_code == 303
    assert "Västra Barnahusen" in web.get(page).text
    assert browser(published, other).submit("/natverk", act, {"name": "x y"}).status_code == 404
    with database.transaction() as session:
        found = queries.network(session, network_id)
        assert found is not None
        assert (found.name_sv, found.name_en) == ("Västra Barnahusen", "Västra Barnahusen")
        ahead = meetings.meetings_of_network(session, network_id)
        assert [one.name_sv for one in ahead] == ["Västra Barnahusen: första träffen"]
        feed = session.get(Feed, feed_id)
        assert feed is not None
        assert feed.name == feed_name(session, scope, "sv") != former
        told = _bytes(session, feed_id)
        assert (feed.name.encode() in told, former.encode() in told) == (True, False)
        said = [e for e in entries_about(session, "network", network_id) if e.action == "renamed"]
        assert len(said) == 1
        # What its members chose stays when the next round is published.
        _publish(session, Choice(layers=(Layer.LIKENESS,)))
        assert "Västra Barnahusen" in _circles(session)
    assert "Tillbaka till Barnahus i väst" in web.get(page).text
    assert web.submit(page, act, {}).status_code == 303
    with database.transaction() as session:
        found = queries.network(session, network_id)
        assert found is not None
        assert (found.name_sv, found.name_en) == ("Barnahus i väst", "Barnahus in the west")
        assert found.named_by is None


def test_old_names_and_names_that_are_true_no_more_give_way_and_chosen_ones_stay(
    published: FastAPI,
) -> None:
    database = published.state.database
    with database.transaction() as session:
        assert rename_untrue(session) == 0  # what is published today is true today
        circles = queries.active_networks(session)
        rows = queries.members(session, [one.id for one in circles])
        chosen, untrue, *old = circles
        west = next(one for one in circles if one.name_sv == "Barnahus i väst")
        if west in (chosen, *old):
            untrue, chosen, *old = west, *(one for one in circles if one is not west)
        chosen.named_by, chosen.name_sv, chosen.name_en = "p", "Västra husen", "Västra husen"
        chosen.former_sv, chosen.former_en = "Likhetskrets 1.1", "Likeness circle 1.1"
        chosen_id = chosen.id
        for number, one in enumerate(old, 2):
            was = Name(f"Likhetskrets 1.{number}", f"Likeness circle 1.{number}")
            for meeting in meetings.meetings_of_network(session, one.id):
                meeting.name_sv = meeting.name_sv.replace(one.name_sv, was.swedish)
                meeting.name_en = meeting.name_en.replace(one.name_en, was.english)
            one.name_sv, one.name_en = was.swedish, was.english
        moved = next(rc for rc in rcs(session) if rc.id == rows[untrue.id][0].rc_id)
        moved.org_model_current = "standalone_teams"
        session.flush()
        assert rename_untrue(session) == 1 + len(old)
        assert rename_untrue(session) == 0
    with database.reading() as session:
        known = {rc.id: rc for rc in rcs(session)}
        circles = queries.active_networks(session)
        rows = queries.members(session, [one.id for one in circles])
        for one in circles:
            circle = [known[row.rc_id] for row in rows[one.id]]
            if one.id == chosen_id:
                assert (one.name_sv, one.named_by) == ("Västra husen", "p")
                assert is_true(one.former_sv, circle)
                assert not one.former_sv.startswith("Likhetskrets")
                continue
            assert is_true(one.name_sv, circle), one.name_sv
            assert not re.search(r"\d", one.name_sv + one.name_en)
            for meeting in meetings.meetings_of_network(session, one.id):
                assert meeting.name_sv.startswith(one.name_sv)
                assert meeting.name_en.startswith(one.name_en)


def test_a_name_that_another_circle_has_is_refused(published: FastAPI) -> None:
    viewer = Viewer("p", "P", frozenset({Role.PLANNER}), frozenset(), frozenset(), frozenset())
    with published.state.database.transaction() as session:
        first, second, *_ = queries.active_networks(session)
        for wrong in (second.name_sv.upper(), second.name_en, "x", "y" * 61, "se evil.example"):
            with pytest.raises(FieldFault):
                rename(session, viewer, first.id, wrong)
        with pytest.raises(MissingError):
            rename(session, viewer, "none", "En krets")


def test_what_is_published_can_be_taken_back_to_the_last_round(published: FastAPI) -> None:
    with published.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        session.flush()
        viewer = planner.viewer
        with pytest.raises(ConflictError):
            service.take_back(session, viewer, "t", now())
        before = _circles(session)
        _publish(session, Choice(layers=(Layer.LIKENESS,), sizes=(4, 4), stability=0.0))
        assert set(map(frozenset, _circles(session).values())) != set(
            map(frozenset, before.values())
        )
    web = browser(published, viewer.person_id)
    answer = web.submit("/planera/natverk", "/planera/natverk/tillbaka", {})
    path = answer.headers["location"]
    assert path.endswith("/publicera")
    assert "Tillbaka till den förra indelningen" in web.get(path).text
    page = web.get(path).text
    version = page.split('name="version" value="')[1].split('"')[0]
    assert web.submit(path, path, {"version": version}).status_code == 303
    with published.state.database.transaction() as session:
        assert _circles(session) == before


def test_a_circle_in_person_is_told_by_hours(published: FastAPI) -> None:
    with published.state.database.reading() as session:
        known = {rc.id: rc for rc in rcs(session)}
        active = queries.active_networks(session)
        rows = queries.members(session, [one.id for one in active])
        for network in active:
            seats = [known[m.rc_id] for m in rows[network.id]]
            longest = max(
                hours((a.seat_lat or 0, a.seat_lon or 0), (b.seat_lat or 0, b.seat_lon or 0))
                for a, b in product(seats, seats)
            )
            assert (network.form == "in_person") is (longest <= 2.5), network.name_sv
