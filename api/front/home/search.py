"""Search: everything that the viewer may see, by a few letters, with and without script."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.accounts.policy import Viewer
from api.accounts.session import SignedInViewer
from api.front.home.finding import KINDS, catch_up
from api.kit.clock import now
from api.kit.db import Database
from api.kit.finding.matching import Entry, best
from api.kit.finding.service import MOST_OF_A_KIND, Found, search
from api.kit.i18n import Speaker, later
from api.kit.pages import render, shows, speaker_of
from api.registry.web.finding import facts
from api.start.navigation import DOORS, OWN

pages = APIRouter()

LONGEST = 80
PAGES = later("Sidor")
FACTS = later("Uppgifter att rätta")


def _pages(viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    """Yield the pages themselves: a door's rooms, and the viewer's own."""
    for door in DOORS:
        if door.is_for(viewer):
            for room in (one for behind in door.rooms for one in behind.all):
                if room.is_for(viewer):
                    yield Entry(say.text(room.label), room.path, say.text(door.label))
    for room in OWN:
        if room.is_for(viewer):
            yield Entry(say.text(room.label), room.path)


def _shown(label: str, entries: Sequence[Entry]) -> tuple[Found, ...]:
    if not entries:
        return ()
    return (Found(label, tuple(entries[:MOST_OF_A_KIND]), len(entries) > MOST_OF_A_KIND),)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was asked, and what was found of each kind."""

    query: str
    found: tuple[Found, ...]


@pages.get("/sok")
@shows(SearchPage)
def find(request: Request, viewer: SignedInViewer, q: str = "") -> Response:
    """Show what the viewer finds."""
    asked, say = " ".join(q[:LONGEST].split()), speaker_of(request)
    found: tuple[Found, ...] = ()
    if asked:
        database: Database = request.app.state.database
        catch_up(database)
        with database.reading() as session:
            found = search(session, KINDS, viewer, say, asked, now())
            if " " in asked:  # an RC and what is to be corrected there
                found = (*_shown(FACTS, best(facts(session, viewer, say), asked)), *found)
        found = (*found, *_shown(PAGES, best(_pages(viewer, say), asked)))
    block = "found" if request.headers.get("x-part") == "found" else None
    return render(request, "front/search.html", SearchPage(asked, found), block=block)
