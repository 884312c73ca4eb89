"""Links and documents as they are searched for: by title, what they are for, whose they are and where they lie."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.library import service
from api.library.view import SORTS
from api.registry import queries as registry


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    found = service.seen(session, viewer)
    names = {rc.id: rc.name for rc in registry.rcs(session)} if found else {}
    for one in found:
        place = service.place_of(session, one)
        about = say.either(*place.names)
        path = f"/bibliotek/{one.id}/versioner"
        if not one.is_file:
            path = service.path_for(session, viewer, place) or "/bibliotek"
        words = f"{say.text(SORTS[one.sort])} {names.get(one.rc_id, '')}"
        yield Entry(one.title, path, about, words)


MATERIALS = Kind(later("Länkar och dokument"), _entries)
