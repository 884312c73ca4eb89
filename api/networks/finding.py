"""Networks as they are searched for: by name and by the RC in them."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.accounts.policy import Viewer, may_see_network
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.networks import queries
from api.registry import queries as registry


def _members(session: Session, ids: Collection[str]) -> dict[str, list[str]]:
    rows = queries.members(session, list(ids))
    return {network_id: [row.rc_id for row in found] for network_id, found in rows.items()}


def _seen(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    members = _members(session, ids)
    return [one for one in ids if may_see_network(viewer, members[one])]


def _entries(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    found = [one for one in queries.active_networks(session) if one.id in ids]
    members = _members(session, [one.id for one in found])
    names = registry.names(session) if found else {}
    return {
        one.id: Entry(
            say.either(one.name_sv, one.name_en),
            f"/natverk/{one.id}",
            say.listing(names.get(rc_id, rc_id) for rc_id in members[one.id]),
        )
        for one in found
    }


def _everybody(_viewer: Viewer) -> bool:
    return True


NETWORKS: Kind[Viewer] = Kind("network", later("Nätverk"), _everybody, _seen, _entries)
