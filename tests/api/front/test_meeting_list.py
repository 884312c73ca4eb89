"""The list of meetings: by month with the RC concerned, narrowed by kind and RC, and what has been."""

from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.accounts.service import viewer_for
from api.front.own_meetings import FEW, Wanted, meetings_page
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings.models import MeetingKind
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import browser

SAY = Speaker("sv")
TRIO = ("dalarna", "gavleborg", "uppsala")


def _planner(session: Session) -> Viewer:
    """A planner who looks at a circle's one meeting and more national ones than fit a glance."""
    import_shipped(session, "system")
    publish_round(session, "p", [Group(Layer.NEARNESS, TRIO, {}, None)], "nch", now())
    (network,) = networks.active_networks(session)
    for _ in range(FEW):
        make_meeting(session)
    circle = make_meeting(session)
    circle.kind, circle.network_id = MeetingKind.NETWORK, network.id
    session.flush()
    return viewer_for(session, make_member(session, Role.PLANNER).person)


def _who(session: Session, viewer: Viewer, wanted: Wanted) -> set[tuple[str, str]]:
    page = meetings_page(session, viewer, SAY, now(), wanted)
    return {(line.kind, line.who) for _, lines in page.months for line in lines}


def test_each_line_says_whom_it_concerns_and_the_list_is_narrowed_by_kind_and_rc(
    session: Session,
) -> None:
    viewer = _planner(session)
    trio, everybody = ("nearness", "Dalarna, Gävleborg, Uppsala"), ("national", "alla RC")
    assert {trio, everybody} <= _who(session, viewer, Wanted())
    assert _who(session, viewer, Wanted(kind="nearness")) >= {trio}
    assert everybody not in _who(session, viewer, Wanted(kind="nearness"))
    assert trio in _who(session, viewer, Wanted(rc_id="dalarna"))
    assert trio not in _who(session, viewer, Wanted(rc_id="skane"))
    assert everybody in _who(session, viewer, Wanted(rc_id="skane"))


def test_what_can_be_filtered_by_is_counted_and_left_out_where_there_is_little(
    session: Session,
) -> None:
    viewer = _planner(session)
    page = meetings_page(session, viewer, SAY, now())
    assert ("national", "Nationella", FEW) in page.kinds
    only = viewer_for(session, make_member(session, Role.GUEST).person)
    assert meetings_page(session, only, SAY, now()).kinds == ()


def test_a_meeting_that_has_been_is_found_again(session: Session) -> None:
    viewer = _planner(session)
    old = make_meeting(session)
    old.starts_at -= timedelta(days=60)
    old.ends_at -= timedelta(days=60)
    session.flush()

    def ids(*, is_past: bool) -> set[str]:
        page = meetings_page(session, viewer, SAY, now(), Wanted(is_past=is_past))
        return {line.id for _, lines in page.months for line in lines}

    assert ids(is_past=True) == {old.id}
    assert old.id not in ids(is_past=False)


def test_the_page_takes_what_is_chosen_from_its_address(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = _planner(session).person_id
    web = browser(app, person)
    assert "Inga träffar har varit än." in web.get("/traffar?tid=tidigare").text
    assert "Inga träffar passar det du har valt." in web.get("/traffar?slag=managers").text
    assert "Dalarna, Gävleborg, Uppsala" in web.get("/traffar?slag=what").text
    assert "Neighbour circles" in web.get("/en/traffar").text
