"""All SQL over networks, their members and rounds."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from api.networks.models import Layer, Network, NetworkMember, Round


def network(session: Session, network_id: str) -> Network | None:
    """Return a network, ended or not."""
    return session.get(Network, network_id)


def networks_by_id(session: Session, ids: Collection[str]) -> list[Network]:
    """Return the networks with these ids, ended or not."""
    if not ids:
        return []
    return list(session.exec(select(Network).where(col(Network.id).in_(ids))))


def active_networks(session: Session) -> list[Network]:
    """Return the networks of today, by layer and name."""
    statement = select(Network).where(col(Network.ended_on).is_(None))
    return list(session.exec(statement.order_by(Network.layer, Network.name_sv)))


def members(session: Session, network_ids: list[str]) -> dict[str, list[NetworkMember]]:
    """Return the present members of each network, by RC."""
    if not network_ids:
        return {}
    statement = (
        select(NetworkMember)
        .where(col(NetworkMember.network_id).in_(network_ids))
        .where(col(NetworkMember.until).is_(None))
        .order_by(NetworkMember.rc_id)
    )
    found: dict[str, list[NetworkMember]] = {network_id: [] for network_id in network_ids}
    for member in session.exec(statement):
        found[member.network_id].append(member)
    return found


def layers(session: Session, network_ids: list[str]) -> dict[str, str]:
    """Return what kind each of these networks is."""
    statement = select(Network.id, Network.layer).where(col(Network.id).in_(network_ids))
    return {one: Layer(layer).value for one, layer in session.exec(statement)}


def networks_of_rc(session: Session, rc_id: str) -> list[str]:
    """Return the networks that an RC is in today."""
    statement = select(NetworkMember.network_id).where(NetworkMember.rc_id == rc_id)
    return list(session.exec(statement.where(col(NetworkMember.until).is_(None))))


def networks_of_rcs(session: Session, rc_ids: Collection[str]) -> set[str]:
    """Return the networks that any of these RC is in today."""
    if not rc_ids:
        return set()
    statement = select(NetworkMember.network_id).where(col(NetworkMember.rc_id).in_(rc_ids))
    return set(session.exec(statement.where(col(NetworkMember.until).is_(None))))


def memberships(session: Session) -> list[NetworkMember]:
    """Return every membership there ever was."""
    return list(session.exec(select(NetworkMember).order_by(col(NetworkMember.since))))


def memberships_by_layer(session: Session) -> list[tuple[NetworkMember, Layer]]:
    """Return every membership there ever was with its network's layer, oldest first."""
    statement = (
        select(NetworkMember, Network.layer)
        .join(Network, col(Network.id) == NetworkMember.network_id)
        .order_by(col(NetworkMember.since), col(NetworkMember.declined_at).is_not(None))
    )
    return [(member, Layer(layer)) for member, layer in session.exec(statement)]


def latest_round(session: Session) -> Round | None:
    """Return the newest published round."""
    return session.exec(select(Round).order_by(col(Round.number).desc()).limit(1)).first()


def rounds(session: Session) -> list[Round]:
    """Return all published rounds, newest first."""
    return list(session.exec(select(Round).order_by(col(Round.number).desc())))


def round_of_proposal(session: Session, proposal_id: str) -> Round | None:
    """Return the round that a proposal became."""
    return session.exec(select(Round).where(Round.proposal_id == proposal_id)).first()
