"""RC as they are searched for: by name, place, county and municipalities."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.registry import queries


def _entries(session: Session, viewer: Viewer, _say: Speaker) -> Iterator[Entry]:
    if not may_read_register(viewer):
        return
    for rc in queries.rcs(session):
        words = f"{rc.id} {rc.own_name or ''} {rc.huvudman or ''}"
        yield Entry(rc.name, f"/rc/{rc.id}", rc.own_name or "", words)


RCS = Kind(later("RC"), _entries)
