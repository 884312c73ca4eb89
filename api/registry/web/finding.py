"""RC as they are searched for: by name, place, county, and what the register knows of them."""

from collections.abc import Collection, Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_act_for_rc, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later
from api.registry import queries
from api.registry.facts import GROUPS
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
        for rc in queries.rcs_by_id(session, ids)
    }


def _known(say: Speaker, rc: Rc) -> str:
    """Return every known fact of the RC's page, for the index."""
    groups = fact_groups(say, rc)
    known = (one.text or "" for group in groups for one in group.known)
    return " ".join((rc.id, *known))


def facts(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    """Yield each fact that the viewer may correct, with the address that opens its field."""
    for rc in queries.rcs(session):
        if may_act_for_rc(viewer, rc.id):
            for _, shown in GROUPS:
                for fact in shown:
                    yield Entry(f"{rc.name}: {say.text(fact.label)}", f"/rc/{rc.id}#{fact.name}")


RCS: Kind[Viewer] = Kind("rc", later("RC"), may_read_register, all_of_them, _entries)
