"""Publishing a round of networks, and reading the ones that are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_act_for_rc, may_plan, may_see_network
from api.audit.service import record
from api.kit.clock import to_local
from api.kit.db import announce
from api.kit.errors import MissingError
from api.networks import queries
from api.networks.foresight import Group, changes, succession
from api.networks.models import Layer, Network, NetworkForm, NetworkMember, Round

# A network meets in person where all its seats lie within a day trip by land (CODEBOOK, travel model).
IN_PERSON_KM = 150.0


@dataclass(frozen=True, slots=True)
class NetworkPublished:
    """News: a network was made or its members changed."""

    network_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class NetworkEnded:
    """News: a network is no more."""

    network_id: str


# What each kind of network is called on pages; a Swedish source text.
LAYER_NAMES = {
    Layer.LIKENESS: "Likhet",
    Layer.NEARNESS: "Närhet",
    Layer.EXPERIENCE: "Erfarenhet",
    Layer.FORUM: "Forum",
}

_NAMES = {
    Layer.LIKENESS: ("Likhetskrets", "Likeness circle"),
    Layer.NEARNESS: ("Grannkrets", "Neighbour circle"),
    Layer.EXPERIENCE: ("Erfarenhetskrets", "Experience circle"),
    Layer.FORUM: ("Forum", "Forum"),
}


def publish_round(
    session: Session,
    proposal_id: str,
    groups: Iterable[Group],
    actor: str,
    at: datetime,
    *,
    is_example: bool = False,
) -> Round:
    """Freeze a round and bring the networks to it; a proposal that was published answers its round.

    A group takes over the network of its layer with which it shares most members (at least two).
    """
    done = queries.round_of_proposal(session, proposal_id)
    if done is not None:
        return done
    groups = tuple(groups)
    last = queries.latest_round(session)
    difference: dict[str, object] = {
        "changed": [change.to_json() for change in changes(session, groups)]
    }
    frozen: dict[str, object] = {
        "groups": [{"layer": group.layer.value, "members": list(group.rc_ids)} for group in groups]
    }
    made = Round(
        number=last.number + 1 if last else 1,
        proposal_id=proposal_id,
        published_at=at,
        published_by=actor,
        frozen=frozen,
        difference=difference,
    )
    session.add(made)
    session.flush()
    _apply(session, made, groups, to_local(at).date(), is_example=is_example)
    record(session, actor, "published", ("round", made.id), after={"number": made.number, **frozen})
    return made


def network_for(
    session: Session, viewer: Viewer | None, network_id: str
) -> tuple[Network, tuple[str, ...]]:
    """Return a network and its members' ids, when the viewer may see it.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    network = queries.network(session, network_id)
    if network is None:
        raise MissingError
    rc_ids = tuple(member.rc_id for member in queries.members(session, [network_id])[network_id])
    insist(may_see_network(viewer, rc_ids))
    return network, rc_ids


def networks_for(session: Session, viewer: Viewer) -> list[tuple[Network, tuple[str, ...]]]:
    """Return today's networks that a viewer may see, with their members' ids."""
    networks = queries.active_networks(session)
    members = queries.members(session, [network.id for network in networks])
    pairs = [(network, tuple(m.rc_id for m in members[network.id])) for network in networks]
    return [(network, rc_ids) for network, rc_ids in pairs if may_see_network(viewer, rc_ids)]


def answer_for_rc(
    session: Session, viewer: Viewer, network_id: str, rc_id: str, at: datetime | None
) -> None:
    """Note that an RC declines its place in a network (`at`), or takes that back (None).

    It stays in the network until the next round, which is then matched without it.

    Raises:
        MissingError: when the RC is not in the network, or the viewer may not act for it.
    """
    _, rc_ids = network_for(session, viewer, network_id)
    insist(rc_id in rc_ids and may_act_for_rc(viewer, rc_id))
    rows = queries.members(session, [network_id])[network_id]
    member = next(row for row in rows if row.rc_id == rc_id)
    if (member.declined_at is None) == (at is None):
        return
    member.declined_at = at
    session.add(member)
    action = "declined" if at else "accepted"
    record(session, viewer.person_id, action, ("network", network_id), after={"rc": rc_id})


def declined(session: Session, since: datetime) -> dict[str, tuple[Layer, ...]]:
    """Return per RC the layers in which its latest answer since then was to decline."""
    latest = {
        (member.rc_id, layer): member.declined_at
        for member, layer in queries.memberships_by_layer(session)
    }
    found: dict[str, tuple[Layer, ...]] = {}
    for (rc_id, layer), said in latest.items():
        if said is not None and said >= since:
            found[rc_id] = (*found.get(rc_id, ()), layer)
    return found


def insist_on_planner(viewer: Viewer | None) -> None:
    """Raise MissingError for whoever is no planner: rounds and their differences are for planners."""
    insist(may_plan(viewer))


def pairs_met(session: Session) -> dict[frozenset[str], int]:
    """Return how many networks each pair of RC has shared, over all years."""
    together: dict[str, list[NetworkMember]] = {}
    for member in queries.memberships(session):
        together.setdefault(member.network_id, []).append(member)
    counts: dict[frozenset[str], int] = {}
    for members in together.values():
        met = {
            frozenset((first.rc_id, second.rc_id))
            for first in members
            for second in members
            if first.rc_id < second.rc_id and _overlap(first, second)
        }
        for pair in met:
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def _overlap(first: NetworkMember, second: NetworkMember) -> bool:
    starts = max(first.since, second.since)
    return all(member.until is None or starts < member.until for member in (first, second))


def _apply(
    session: Session, made: Round, groups: tuple[Group, ...], day: date, *, is_example: bool
) -> None:
    networks = queries.active_networks(session)
    present = {
        network_id: {member.rc_id: member for member in members}
        for network_id, members in queries.members(session, [n.id for n in networks]).items()
    }
    line = succession(session, groups)
    numbers: dict[Layer, int] = {}
    for group, heir in zip(groups, line.heirs, strict=True):
        numbers[group.layer] = numbers.get(group.layer, 0) + 1
        network = heir or _new_network(group, made, numbers, is_example)
        network.round_id = made.id
        network.evidence = group.evidence
        network.farthest_km = group.farthest_km
        network.form = _form(group)
        session.add(network)
        session.flush()
        _set_members(session, network, set(group.rc_ids), present.get(network.id, {}), day)
        announce(session, NetworkPublished(network.id, is_new=heir is None))
    for network in line.ended:
        network.ended_on = day
        session.add(network)
        _set_members(session, network, set(), present[network.id], day)
        announce(session, NetworkEnded(network.id))


def _form(group: Group) -> NetworkForm:
    near = group.farthest_km is not None and group.farthest_km <= IN_PERSON_KM
    return NetworkForm.IN_PERSON if near else NetworkForm.DIGITAL


def _new_network(
    group: Group,
    made: Round,
    numbers: dict[Layer, int],
    is_example: bool,  # noqa: FBT001 - passed on
) -> Network:
    swedish, english = _NAMES[group.layer]
    number = f"{made.number}.{numbers[group.layer]}"
    mark = "Exempel: " if is_example else ""
    return Network(
        layer=group.layer,
        name_sv=f"{mark}{swedish} {number}",
        name_en=f"{mark}{english} {number}",
        form=_form(group),
        evidence=group.evidence,
        round_id=made.id,
        is_example=is_example,
    )


def _set_members(
    session: Session,
    network: Network,
    wanted: set[str],
    present: dict[str, NetworkMember],
    day: date,
) -> None:
    for rc_id in sorted(wanted - present.keys()):
        session.add(NetworkMember(network_id=network.id, rc_id=rc_id, since=day))
    for rc_id in present.keys() - wanted:
        present[rc_id].until = day
        session.add(present[rc_id])
