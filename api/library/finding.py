"""Links and documents as they are searched for: by title, what they are for, whose they are and where they lie."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.accounts.policy import Viewer, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.library import queries, service
from api.library.view import SORTS
from api.registry import queries as registry


def _seen(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    return [one.id for one in service.seen(session, viewer, ids)]


def _entries(
    session: Session, viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    found = queries.materials(session, ids)
    names: dict[str, str] = {}
    lying: dict[str, service.Lying] = {}
    if viewer is None:  # for the index
        names = registry.names(session) if found else {}
        places = service.places_of(session, found)
    else:
        lying = service.lying(session, viewer, found)
        places = {key: one.place for key, one in lying.items()}
    entries = {}
    for one in found:
        place = places[one.id]
        path = f"/bibliotek/{one.id}/versioner"
        if viewer is not None and not one.is_file:
            path = lying[one.id].path or "/bibliotek"
        words = f"{say.text(SORTS[one.sort])} {names.get(one.rc_id, '')}"
        about = say.either(*place.names)
        entries[one.id] = Entry(one.title, path, about, words, service.newest(one))
    return entries


MATERIALS: Kind[Viewer] = Kind(
    "material", later("Länkar och dokument"), may_read_register, _seen, _entries
)
