"""Search: everything that the viewer may see, by a few letters, with and without script."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.accounts.finding import PEOPLE
from api.accounts.policy import Viewer
from api.accounts.session import SignedInViewer, Transaction
from api.audit.web.finding import LOG
from api.kit.finding.matching import Entry
from api.kit.finding.service import Found, Kind, search
from api.kit.i18n import Speaker, later
from api.kit.pages import render, speaker_of
from api.library.finding import MATERIALS
from api.meetings.finding import MEETINGS
from api.networks.finding import NETWORKS
from api.outbox.finding import MAILS
from api.questions.finding import QUESTIONS
from api.registry.finding import RCS
from api.start.navigation import DOORS, OWN
from api.surveys.web.finding import SURVEYS, THEMES

pages = APIRouter()

LONGEST = 80


def _pages(_session: Transaction, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    """Yield the pages themselves: a door's rooms, and the viewer's own."""
    for door in DOORS:
        if door.is_for(viewer):
            for room in door.rooms:
                if room.is_for(viewer):
                    yield Entry(say.text(room.label), room.path, say.text(door.label))
    for room in OWN:
        if room.is_for(viewer):
            yield Entry(say.text(room.label), room.path)


# In this order; a feature's own module says what is found and by whom.
KINDS: tuple[Kind[Viewer], ...] = (
    RCS,
    PEOPLE,
    NETWORKS,
    MEETINGS,
    SURVEYS,
    THEMES,
    QUESTIONS,
    MATERIALS,
    Kind(later("Sidor"), _pages),
    MAILS,
    LOG,
)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was asked, and what was found of each kind."""

    query: str
    found: tuple[Found, ...]


@pages.get("/sok")
def find(request: Request, session: Transaction, viewer: SignedInViewer, q: str = "") -> Response:
    """Show what the viewer finds."""
    asked = " ".join(q[:LONGEST].split())
    found = search(session, KINDS, viewer, speaker_of(request), asked) if asked else ()
    block = "found" if request.headers.get("x-part") == "found" else None
    return render(request, "front/search.html", SearchPage(asked, found), block=block)
