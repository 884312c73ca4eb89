"""RC as they are searched for: by name, place, county, and what the register knows of them."""

from collections.abc import Collection

from sqlmodel import Session

from api.accounts.policy import Viewer, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later
from api.registry import queries
from api.registry.models import Rc
from api.registry.web.view import fact_groups


def _entries(
    session: Session, viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    return {
        rc.id: Entry(
            rc.name,
            f"/rc/{rc.id}",
            rc.own_name or "",
            _known(say, rc) if viewer is None else "",
        )
        for rc in queries.rcs(session)
        if rc.id in ids
    }


def _known(say: Speaker, rc: Rc) -> str:
    """Return every known fact of the RC's page, for the index."""
    groups = fact_groups(say, rc)
    known = (one.text or "" for group in groups for one in group.known)
    return " ".join((rc.id, *known))


RCS: Kind[Viewer] = Kind("rc", later("RC"), may_read_register, all_of_them, _entries)
