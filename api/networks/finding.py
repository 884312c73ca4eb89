"""Networks as they are searched for: by name and by the RC in them."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.networks.service import networks_for
from api.registry import queries as registry


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    found = networks_for(session, viewer)
    names = {rc.id: rc.name for rc in registry.rcs(session)} if found else {}
    for network, rc_ids in found:
        members = say.listing(names.get(one, one) for one in rc_ids)
        name = say.either(network.name_sv, network.name_en)
        yield Entry(name, f"/natverk/{network.id}", members)


NETWORKS = Kind(later("Nätverk"), _entries)
