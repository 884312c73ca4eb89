from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.kit.errors import MissingError
from api.networks import queries
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import network_for, networks_for, pairs_met, publish_round

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


def test_pairs_met_are_counted_over_rounds_and_layers(session: Session) -> None:
    publish_round(
        session, "one", [_group("a", "b", "c"), _group("a", "b", layer=Layer.NEARNESS)], "n", SPRING
    )
    publish_round(session, "two", [_group("a", "b", "d")], "n", AUTUMN)
    met = pairs_met(session)
    assert met[frozenset("ab")] == 2
    assert met[frozenset("ac")] == 1
    assert frozenset("cd") not in met


def test_only_members_planners_and_readers_see_a_network(session: Session) -> None:
    publish_round(session, "one", [_group("a", "b", "c")], "nch", SPRING)
    network = queries.active_networks(session)[0]
    for viewer in (_viewer(Role.RC_MEMBER, "a"), _viewer(Role.PLANNER), _viewer(Role.READER)):
        assert network_for(session, viewer, network.id)[1] == ("a", "b", "c")
        assert len(networks_for(session, viewer)) == 1
    for stranger in (_viewer(Role.RC_MEMBER, "x"), _viewer(Role.GUEST), None):
        with pytest.raises(MissingError):
            network_for(session, stranger, network.id)
