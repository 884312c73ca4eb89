"""Search finds what the viewer may see, forgives a slip, and never what the viewer may not."""

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.finding.matching import Entry, best, distance, folded
from api.outbox.service import queue
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser

ENTRIES = [
    Entry("Västra Götaland – Skaraborg", "/rc/skaraborg"),
    Entry("Örebro", "/rc/orebro"),
    Entry("Jönköping", "/rc/jonkoping"),
    Entry("Exempel: Samordnare Örebro", "/p/1", "Samordnare, RC Örebro"),
    Entry("Samtycke och sekretess", "/t/1", "", "rutiner"),
]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("orebro", "/rc/orebro"),
        ("ÖREBRO", "/rc/orebro"),
        ("örbro", "/rc/orebro"),  # a letter too little
        ("jonkopnig", "/rc/jonkoping"),  # two swapped
        ("skaraborg", "/rc/skaraborg"),
        ("gotaland skara", "/rc/skaraborg"),
        ("sekretes", "/t/1"),
        ("rutin", "/t/1"),
        ("jönk", "/rc/jonkoping"),  # no more than its beginning
    ],
)
def test_the_nearest_comes_first(query: str, path: str) -> None:
    assert best(ENTRIES, query)[0].path == path


@pytest.mark.parametrize("query", ["", "   ", "xyz", "orebro dalarna", "öbr"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert best(ENTRIES, query) == []


def test_all_words_must_be_held_and_a_name_that_begins_so_is_nearer() -> None:
    assert [one.path for one in best(ENTRIES, "örebro")] == ["/rc/orebro", "/p/1"]


def test_distance_counts_slips_and_stops_when_there_are_too_many() -> None:
    assert [distance("orebro", one, 2) for one in ("orebro", "orbero", "oreboo", "ore")] == [
        0,
        1,
        1,
        3,
    ]
    assert folded("Ångström é") == "angstrom e"


def _paths(web: Browser, query: str) -> str:
    answer = web.get("/sok", params={"q": query})
    assert answer.status_code == 200
    return str(answer.text.partition("<main")[2])


def test_each_finds_what_they_may_see_and_no_more(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER)
        member = make_member(session, Role.RC_MEMBER, rc_id="skane")
        guest = make_member(session, Role.GUEST)
        meeting = make_meeting(session)
        queue(session, "a@example.org", "Hemligt ärende om Skåne", "T", "", now())
        session.flush()
        ids = planner.person.id, member.person.id, guest.person.id
        meeting_path = f"/traffar/{meeting.id}"
        name = meeting.name_sv
    web = {role: browser(app, one) for role, one in zip("pmg", ids, strict=True)}
    assert 'href="/rc/skane"' in _paths(web["p"], "skane")
    assert 'href="/rc/skane"' in _paths(web["m"], "Skaane")
    assert 'href="/rc/skane"' not in _paths(web["g"], "skane")
    assert "Hemligt" in _paths(web["p"], "hemligt")
    assert "Hemligt ärende" not in _paths(web["m"], "hemligt")
    assert [meeting_path in _paths(web[role], name) for role in "pm"] == [True, True]
    assert 'href="/planera/skollov"' in _paths(web["p"], "skollov")
    assert "/planera/skollov" not in _paths(web["m"], "skollov")


def test_a_fact_is_found_by_its_rc_and_name_by_those_who_may_correct_it(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER).person.id
        member = make_member(session, Role.RC_MEMBER, rc_id="skane").person.id
    field = '"/rc/skane#funding_detail"'
    assert field in _paths(browser(app, planner), "skåne finans")
    assert field in _paths(browser(app, member), "skane finansieringen")
    assert "/rc/orebro#" not in _paths(browser(app, member), "örebro finans")
    assert "/rc/orebro#" in _paths(browser(app, planner), "örebro finans")
    page = browser(app, planner).get("/rc/skane").text
    assert 'id="funding_detail"' in page


def test_as_one_types_only_what_was_found_is_sent(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        person = make_member(session, Role.PLANNER).person.id
    web = browser(app, person)
    part = web.get("/en/sok", params={"q": "dalarna"}, headers={"X-Part": "found"}).text
    assert 'href="/en/rc/dalarna"' in part
    assert "<html" not in part


def test_what_is_asked_is_shown_as_text(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person.id
    text = browser(app, person).get("/sok", params={"q": "<script>x" + "y" * 200}).text
    assert "<script>x" not in text
