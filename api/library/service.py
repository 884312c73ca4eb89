"""Adding, taking away and finding a meeting's materials."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.audit.service import record
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.library import queries
from api.library.models import Material
from api.meetings.audience import concerning
from api.meetings.models import Meeting

MOST = 30  # for one meeting: more is a folder of its own, to be linked once
LONGEST_TITLE = 120
LONGEST_ADDRESS = 1000
LOOKED_BACK = timedelta(days=365)


def materials_of(session: Session, meeting_id: str) -> tuple[Material, ...]:
    """Return a meeting's materials in the order they came."""
    return queries.of_meetings(session, [meeting_id]).get(meeting_id, ())


def add(
    session: Session, meeting: Meeting, title: str, address: str, actor: str, at: datetime
) -> Material:
    """Add a link to a meeting.

    Raises:
        FieldFault: when the title or the address cannot be used, or the address is there already.
        ConflictError: when the meeting has as many as it may.
    """
    words, link = " ".join(title.split()), address.strip()
    if not words or len(words) > LONGEST_TITLE:
        raise FieldFault(
            "title", "Skriv vad det är, med högst %(most)s tecken.", most=LONGEST_TITLE
        )
    _insist_on_link(link)
    known = materials_of(session, meeting.id)
    if link in {one.address for one in known}:
        raise FieldFault("address", "Den länken finns redan på träffen.")
    if len(known) >= MOST:
        raise ConflictError("Träffen har redan %(most)s länkar. Ta bort någon först.", most=MOST)
    made = Material(meeting_id=meeting.id, title=words, address=link, added_at=at)
    session.add(made)
    session.flush()
    record(session, actor, "added", ("material", made.id), after=_summary(made))
    return made


def remove(session: Session, meeting: Meeting, material_id: str, actor: str) -> None:
    """Take a link away from its meeting.

    Raises:
        MissingError: when there is none, or it is another meeting's.
    """
    found = queries.material(session, material_id)
    if found is None or found.meeting_id != meeting.id:
        raise MissingError
    record(session, actor, "removed", ("material", found.id), before=_summary(found))
    session.delete(found)
    session.flush()


def earlier(session: Session, viewer: Viewer, at: datetime) -> list[Meeting]:
    """Return the viewer's own meetings of the last year that have materials, newest first."""
    found = queries.meetings_with_materials(session, at - LOOKED_BACK, at)
    return concerning(session, viewer, found)


def _insist_on_link(link: str) -> None:
    """Only https with a host and no password; nothing that a browser runs instead of opening."""
    try:
        parts = urlsplit(link)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, has_host = urlsplit(""), False
    is_plain = link.isprintable() and not any(sign in link for sign in ' "<>\\')
    is_safe = parts.scheme == "https" and "@" not in parts.netloc
    if not (has_host and is_plain and is_safe) or len(link) > LONGEST_ADDRESS:
        raise FieldFault("address", "Skriv en hel adress som börjar med https://.")


def _summary(found: Material) -> dict[str, object]:
    return {"meeting": found.meeting_id, "title": found.title, "address": found.address}
