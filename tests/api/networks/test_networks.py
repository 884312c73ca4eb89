from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.kit.errors import MissingError
from api.meetings.met import pairs_met
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.networks import queries
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import network_for, networks_for, publish_round

SPRING = datetime(2026, 3, 12, 8, tzinfo=UTC)
AUTUMN = datetime(2026, 9, 12, 8, tzinfo=UTC)


def _group(*rc_ids: str, layer: Layer = Layer.LIKENESS) -> Group:
    return Group(layer, rc_ids, {"cost": 0.1}, 100.0)


def _viewer(role: Role, *rc_ids: str) -> Viewer:
    return Viewer("p", "P", frozenset({role}), frozenset(), frozenset(), frozenset(rc_ids))


def test_a_group_keeps_its_network_while_two_members_stay(session: Session) -> None:
    publish_round(session, "one", [_group("a", "b", "c"), _group("d", "e", "f")], "nch", SPRING)
    before = {network.name_sv: network.id for network in queries.active_networks(session)}

    second = publish_round(
        session, "two", [_group("a", "b", "d"), _group("c", "e", "f")], "nch", AUTUMN
    )
    after = {network.name_sv: network.id for network in queries.active_networks(session)}

    assert before == after
    members = queries.members(session, list(after.values()))
    assert {tuple(m.rc_id for m in rows) for rows in members.values()} == {
        ("a", "b", "d"),
        ("c", "e", "f"),
    }
    assert second.difference["changed"] == [
        {"layer": "likeness", "rc": "a", "met": ["d"], "parted": ["c"]},
        {"layer": "likeness", "rc": "b", "met": ["d"], "parted": ["c"]},
        {"layer": "likeness", "rc": "c", "met": ["c", "e", "f"][1:], "parted": ["a", "b"]},
        {"layer": "likeness", "rc": "d", "met": ["a", "b"], "parted": ["e", "f"]},
        {"layer": "likeness", "rc": "e", "met": ["c"], "parted": ["d"]},
        {"layer": "likeness", "rc": "f", "met": ["c"], "parted": ["d"]},
    ]


def test_a_group_with_one_old_member_is_a_new_network_and_the_old_one_ends(
    session: Session,
) -> None:
    publish_round(session, "one", [_group("a", "b", "c")], "nch", SPRING)
    old = queries.active_networks(session)[0]
    publish_round(session, "two", [_group("a", "x", "y")], "nch", AUTUMN)
    assert [network.id for network in queries.active_networks(session)] != [old.id]
    assert old.ended_on == AUTUMN.date()


def test_publishing_a_proposal_twice_gives_one_round(session: Session) -> None:
    first = publish_round(session, "one", [_group("a", "b", "c")], "nch", SPRING)
    again = publish_round(session, "one", [_group("a", "b", "x")], "nch", AUTUMN)
    assert again.id == first.id
    assert len(queries.active_networks(session)) == 1


def test_pairs_have_met_in_meetings_that_took_place_not_by_sharing_a_network(
    session: Session,
) -> None:
    publish_round(
        session, "one", [_group("a", "b", "c"), _group("a", "b", layer=Layer.NEARNESS)], "n", SPRING
    )
    assert pairs_met(session) == {}
    first = next(one for one in queries.active_networks(session) if one.layer is Layer.LIKENESS)
    _meets(session, first.id, SPRING + timedelta(days=9), was_held=True)
    _meets(session, first.id, SPRING + timedelta(days=20), was_held=False)
    _meets(session, first.id, SPRING + timedelta(days=30), was_held=None)
    publish_round(session, "two", [_group("a", "b", "d")], "n", AUTUMN)
    second = next(one for one in queries.active_networks(session) if one.layer is Layer.LIKENESS)
    _meets(session, second.id, AUTUMN + timedelta(days=9), was_held=True)
    met = pairs_met(session)
    assert met[frozenset("ab")] == 2
    assert met[frozenset("ac")] == met[frozenset("ad")] == 1
    assert frozenset("cd") not in met


def _meets(session: Session, network_id: str, start: datetime, *, was_held: bool | None) -> None:
    meeting = Meeting(
        kind=MeetingKind.NETWORK,
        network_id=network_id,
        name_sv="Exempel",
        name_en="Example",
        focus_sv="Exempel",
        focus_en="Example",
        form=MeetingForm.DIGITAL,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        state=MeetingState.PUBLISHED,
        was_held=was_held,
    )
    session.add(meeting)
    session.flush()


def test_only_members_planners_and_readers_see_a_network(session: Session) -> None:
    publish_round(session, "one", [_group("a", "b", "c")], "nch", SPRING)
    network = queries.active_networks(session)[0]
    for viewer in (_viewer(Role.RC_MEMBER, "a"), _viewer(Role.PLANNER), _viewer(Role.READER)):
        assert network_for(session, viewer, network.id)[1] == ("a", "b", "c")
        assert len(networks_for(session, viewer)) == 1
    for stranger in (_viewer(Role.RC_MEMBER, "x"), _viewer(Role.GUEST), None):
        with pytest.raises(MissingError):
            network_for(session, stranger, network.id)
