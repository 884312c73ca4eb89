"""Publishing a round of networks, and reading the ones that are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from api.accounts.policy import (
    Viewer,
    insist,
    may_act_for_rc,
    may_act_in_network,
    may_plan,
    may_see_network,
)
from api.audit.service import record
from api.kit.clock import now, to_local
from api.kit.db import announce, lock
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import Speaker, compared
from api.kit.mail import has_link
from api.networks import queries
from api.networks.claims import Hours
from api.networks.foresight import Group, changes, succession
from api.networks.models import Layer, Network, NetworkForm, NetworkMember, Round
from api.networks.naming import Name, circle_names, still_holds
from api.outbox.acts import Data, can_undo_by, changed
from api.registry import queries as registry
from api.travel.service import travel_of
from matcher.geo import Point
from matcher.travel import BAND_HOURS

# A network meets in person where nobody travels longer than this, from door to door; where journeys
# are not known, where all its seats lie this near as the crow flies.
IN_PERSON_HOURS, IN_PERSON_KM = BAND_HOURS[0], 150.0
LONGEST_NAME = 60
UNDO_ANSWER = "circle answered"
MARK = "Exempel: "


@dataclass(frozen=True, slots=True)
class NetworkPublished:
    """News: a network was made or its members changed."""

    network_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class NetworkRenamed:
    """News: a network is called something else; what it was called before."""

    network_id: str
    former: Name


@dataclass(frozen=True, slots=True)
class CircleAnswered:
    """News: an RC has said no to its place in a network, or takes part in it again."""

    network_id: str
    rc_id: str
    is_no: bool
    actor: str  # a person's id
    at: datetime


@dataclass(frozen=True, slots=True)
class NetworkEnded:
    """News: a network is no more."""

    network_id: str


# What each kind of network is called on pages; a Swedish source text.
LAYER_NAMES = {
    Layer.LIKENESS: "Likhetskretsar",
    Layer.NEARNESS: "Grannkretsar",
    Layer.EXPERIENCE: "Erfarenhetskretsar",
    Layer.FORUM: "Forum",
}

_NAMES = {
    Layer.LIKENESS: ("Likhetskrets", "Peer circle", "Likhet"),
    Layer.NEARNESS: ("Grannkrets", "Neighbour circle", "Närhet"),
    Layer.EXPERIENCE: ("Erfarenhetskrets", "Learning circle", "Erfarenhet"),
    Layer.FORUM: ("Forum", "Forum", "Forum"),
}


# What a shared calendar does not say of a circle.
_TELLING = re.compile(
    r"(?:centr\w+ (?:mot|against) )?\b\w*(?:våld|heder|violence|honou?r)\w*", re.IGNORECASE
)


def short_name(network: Network) -> tuple[str, str]:
    """Return what tells a network from others in calendars that colleagues see: "Likhet 1.1".

    The kind and the number of its name, else the name up to a colon; in Swedish and English.
    """
    kind_sv, kind_en, short_sv = _NAMES[network.layer]
    told: list[str] = []
    for name, kind, short in (
        (network.name_sv, kind_sv, short_sv),
        (network.name_en, kind_en, kind_en.removesuffix(" circle")),
    ):
        plain = name.removeprefix("Exempel: ").strip()
        number = plain.removeprefix(kind).strip()
        is_numbered = plain.startswith(kind) and number[:1].isdigit()
        shown = f"{short} {number}" if is_numbered else plain
        # "Centrum mot våld i väst" is for colleagues "Likhet i väst".
        shown = _TELLING.sub(short, shown.partition(":")[0])
        told.append(shown[:LONGEST_NAME].strip())
    return told[0], told[1]


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


def circles_of_rc(
    session: Session, viewer: Viewer, say: Speaker, rc_id: str
) -> tuple[tuple[str, str], ...]:
    """Return address and name of an RC's circles of today that a viewer may see."""
    return tuple(
        (f"/natverk/{network.id}", say.either(network.name_sv, network.name_en))
        for network, rc_ids in networks_for(session, viewer)
        if rc_id in rc_ids
    )


def answer_for_rc(
    session: Session, viewer: Viewer, network_id: str, rc_id: str, at: datetime | None
) -> None:
    """Note that an RC declines its place in a network (`at`), or takes that back (None).

    It stays in the network until the next round, which is then matched without it; until then nobody
    asks it anything, and what the circle has ahead leaves its calendar.

    Raises:
        MissingError: when the RC is not in the network, or the viewer may not act for it.
    """
    _, rc_ids = network_for(session, viewer, network_id)
    insist(rc_id in rc_ids and may_act_for_rc(viewer, rc_id))
    member = _member(session, network_id, rc_id)
    if (member.declined_at is None) == (at is None):
        return
    before, action = member.declined_at, "declined" if at else "accepted"
    _set_answer(session, member, at, viewer.person_id)
    data = {"network": network_id, "rc": rc_id, "before": _iso(before), "after": _iso(at)}
    can_undo_by(session, UNDO_ANSWER, data)
    record(session, viewer.person_id, action, ("network", network_id), after={"rc": rc_id})


def undo_answer(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Let an RC's place in a network be as it was before it answered.

    Raises:
        ConflictError: when it has answered once more since.
    """
    del at
    member = _member(session, data["network"], data["rc"])
    changed({"declined": data["after"]}, {"declined": _iso(member.declined_at)})
    before = datetime.fromisoformat(data["before"]) if data["before"] else None
    _set_answer(session, member, before, actor)


def _member(session: Session, network_id: str, rc_id: str) -> NetworkMember:
    rows = queries.members(session, [network_id])[network_id]
    return next(row for row in rows if row.rc_id == rc_id)


def _set_answer(session: Session, member: NetworkMember, at: datetime | None, actor: str) -> None:
    member.declined_at = at
    session.add(member)
    session.flush()
    is_no = at is not None
    announce(session, CircleAnswered(member.network_id, member.rc_id, is_no, actor, at or now()))


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def rename(session: Session, viewer: Viewer, network_id: str, name: str) -> Network:
    """Call a network what its members, or a planner, want; an empty name goes back to the one before.

    Raises:
        MissingError: when there is no such network, or the viewer may not act in it.
        FieldFault: when the name is too short or long, holds a link, or another circle has it.
    """
    network, rc_ids = network_for(session, viewer, network_id)
    insist(may_act_in_network(viewer, rc_ids))
    lock(network)
    before = _name(network)
    wanted = " ".join(name.split())
    if not wanted and not network.former_sv:
        return network
    after = Name(wanted, wanted) if wanted else Name(network.former_sv, network.former_en)
    if not 2 <= len(after.swedish) <= LONGEST_NAME:
        raise FieldFault("name", "Skriv ett namn på 2 till 60 tecken.")
    if has_link(after.swedish):  # it stands in mails, also to people who are new
        raise FieldFault("name", "Skriv ett namn utan adresser och länkar.")
    for other in queries.active_networks(session):
        if other.id != network_id and compared(after.swedish) in {
            compared(other.name_sv),
            compared(other.name_en),
        }:
            raise FieldFault("name", "En annan krets heter redan så.")
    if after == before:
        return network
    network.name_sv, network.name_en = after.swedish, after.english
    network.former_sv, network.former_en = (before.swedish, before.english) if wanted else ("", "")
    network.named_by = viewer.person_id if wanted else None
    session.add(network)
    record(
        session,
        viewer.person_id,
        "renamed",
        ("network", network_id),
        before={"name": before.swedish},
        after={"name": after.swedish},
    )
    announce(session, NetworkRenamed(network_id, before))
    return network


def rename_untrue(session: Session) -> int:
    """Give circles that nobody named by hand a name that is true of their members today; return how many.

    Names from before names were made of what is true, and those whose RC have changed since, get a new one.
    """
    register, hours = {rc.id: rc for rc in registry.rcs(session)}, _hours(session)
    active = queries.active_networks(session)
    rows = queries.members(session, [network.id for network in active])
    taken = {name.removeprefix(MARK) for one in active for name in (one.name_sv, one.name_en)}
    renamed = 0
    for network in active:
        rcs = [register[row.rc_id] for row in rows[network.id] if row.rc_id in register]
        by_hand = network.named_by is not None
        made = Name(network.former_sv, network.former_en) if by_hand else _name(network)
        plain = Name(made.swedish.removeprefix(MARK), made.english.removeprefix(MARK))
        if (
            network.layer == Layer.FORUM
            or not (rcs and plain.swedish)
            or still_holds(plain, network.layer, rcs, hours)
        ):
            continue
        (name,) = circle_names([(network.layer, rcs)], hours, taken)
        taken |= {name.swedish, name.english}
        session.add(network)
        if by_hand:  # what its members chose stays; what they may go back to is true
            mark = MARK if network.is_example else ""
            network.former_sv, network.former_en = f"{mark}{name.swedish}", f"{mark}{name.english}"
            continue
        before = network.name_sv
        _call(session, network, name)
        record(
            session,
            "system",
            "renamed",
            ("network", network.id),
            before={"name": before},
            after={"name": network.name_sv},
        )
        renamed += 1
    return renamed


def _name(network: Network) -> Name:
    return Name(network.name_sv, network.name_en)


def _hours(session: Session) -> Hours:
    travel = travel_of(session)
    return lambda one, other: travel.hours(Point(*one), Point(*other))


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
        if heir is not None and group.name is not None and heir.named_by is None:
            _call(session, heir, group.name)
        session.add(network)
        session.flush()
        _set_members(session, network, set(group.rc_ids), present.get(network.id, {}), day)
        announce(session, NetworkPublished(network.id, is_new=heir is None))
    for network in line.ended:
        network.ended_on = day
        session.add(network)
        _set_members(session, network, set(), present[network.id], day)
        announce(session, NetworkEnded(network.id))


def _call(session: Session, network: Network, name: Name) -> None:
    """Give a network that lives on the name that is true of its members now."""
    mark = MARK if network.is_example else ""
    before = _name(network)
    network.name_sv, network.name_en = f"{mark}{name.swedish}", f"{mark}{name.english}"
    if before.swedish != network.name_sv:
        announce(session, NetworkRenamed(network.id, before))


def _form(group: Group) -> NetworkForm:
    if group.farthest_hours is not None:
        near = group.farthest_hours <= IN_PERSON_HOURS
    else:
        near = group.farthest_km is not None and group.farthest_km <= IN_PERSON_KM
    return NetworkForm.IN_PERSON if near else NetworkForm.DIGITAL


def _new_network(
    group: Group,
    made: Round,
    numbers: dict[Layer, int],
    is_example: bool,  # noqa: FBT001 - passed on
) -> Network:
    swedish, english, _ = _NAMES[group.layer]
    number = f"{made.number}.{numbers[group.layer]}"
    mark = MARK if is_example else ""
    name = group.name or Name(f"{swedish} {number}", f"{english} {number}")
    return Network(
        layer=group.layer,
        name_sv=f"{mark}{name.swedish}",
        name_en=f"{mark}{name.english}",
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
