"""People as planners search for them: by name, post, organisation and address."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts import queries
from api.accounts.policy import Viewer, may_plan
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later


def _entries(session: Session, viewer: Viewer, _say: Speaker) -> Iterator[Entry]:
    if not may_plan(viewer):
        return
    for title, body, holder in queries.posts(session):
        path = f"/organisationer/{body.id}"
        if holder is None:
            yield Entry(title, path, body.name)
        else:
            yield Entry(holder.name, path, f"{title}, {body.name}", holder.email)


PEOPLE = Kind(later("Personer"), _entries)
