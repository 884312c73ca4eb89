"""The doors of the service: what each role has use for, of the pages that there are, and what lies behind each."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.accounts.policy import Viewer, may_plan, may_read_register
from api.kit.i18n import later

Asks = Callable[[Viewer | None], bool]


def _is_signed_in(viewer: Viewer | None) -> bool:
    return viewer is not None


def _does_not_plan(viewer: Viewer | None) -> bool:
    return viewer is not None and not may_plan(viewer)


def _reads_but_plans_not(viewer: Viewer | None) -> bool:
    return may_read_register(viewer) and not may_plan(viewer)


@dataclass(frozen=True, slots=True)
class Room:
    """A page behind a door, or one of the viewer's own: its path without language, and its Swedish label.

    beside: what one has use for together with it; each stands on its page and on theirs (`macros/kit.html`).
    """

    path: str
    label: str
    is_for: Asks = may_plan
    beside: tuple["Room", ...] = ()

    @property
    def all(self) -> tuple["Room", ...]:
        """The room and those beside it."""
        return (self, *self.beside)


@dataclass(frozen=True, slots=True)
class Door:
    """One of the few choices of the main menu.

    icon: its sign in `macros/icons.html`. rooms: the row under the header, the door's own page first.
    under: further paths that lie behind it.
    """

    path: str
    label: str
    icon: str
    is_for: Asks
    rooms: tuple[Room, ...] = ()
    under: tuple[str, ...] = ()


# In this order: where one begins, who is who, and what they do together.
DOORS = (
    Door("/", later("Översikt"), "home", may_plan, under=("/planera", "/logg", "/jobb")),
    Door("/", later("Start"), "home", _does_not_plan),
    Door(
        "/rc",
        later("RC"),
        "people",
        may_plan,
        (
            Room("/rc", later("Alla RC")),
            Room("/rc/lan", later("Län för län")),
            Room("/rc/jamfor", later("Jämför")),
            Room("/planera/registret", later("Stämmer det?")),
            Room("/organisationer", later("Kontakter")),
            Room("/rc/inlasning", later("Läs in")),
        ),
        ("/funktioner", "/personer"),
    ),
    Door(
        "/natverk",
        later("Nätverk"),
        "rings",
        may_plan,
        (
            Room("/natverk", later("I dag")),
            Room(
                "/planera/natverk",
                later("Förslag"),
                beside=(Room("/planera/bord", later("Bord")),),
            ),
            Room("/planera/vem-har-traffat-vem", later("Vilka har träffats?")),
            Room("/planera/puls", later("Pulsen")),
            Room("/planera/vad-det-gav", later("Vad det gav")),
            Room("/fragor", later("Frågor")),
            Room("/bibliotek", later("Bibliotek")),
        ),
        ("/forum", "/tidsval", "/serie"),
    ),
    Door(
        "/natverk",
        later("Kretsar"),
        "rings",
        _reads_but_plans_not,
        (
            Room("/natverk", later("I dag"), may_read_register),
            Room("/fragor", later("Frågor"), may_read_register),
            Room("/bibliotek", later("Bibliotek"), may_read_register),
        ),
        ("/forum", "/tidsval", "/serie"),
    ),
    Door(
        "/traffar",
        later("Träffar"),
        "calendar",
        may_plan,
        (
            Room("/traffar", later("Kommande")),
            Room(
                "/planera/aret",
                later("Året"),
                beside=(
                    Room("/belastning", later("Timmar")),
                    Room("/planera/skollov", later("Skollov")),
                    Room("/planera/restider", later("Restider")),
                    Room("/planera/traffar/las-in", later("Läs in träffar")),
                ),
            ),
            Room("/planera/datum", later("Datum och ort")),
            Room(
                "/planera/enkater",
                later("Enkäter"),
                beside=(
                    Room("/utvarderingar", later("Utvärderingar")),
                    Room("/behov", later("Behov över tid")),
                ),
            ),
            Room("/planera/program", later("Program")),
            Room("/planera/studiebesok", later("Studiebesök")),
        ),
        ("/enkater", "/planera/amnen", "/planera/utvarderingar", "/planera/behov", "/inbjudan"),
    ),
    Door(
        "/traffar",
        later("Träffar"),
        "calendar",
        _does_not_plan,
        under=("/inbjudan", "/enkater", "/belastning", "/utvarderingar", "/behov"),
    ),
    Door(
        "/planera/utskick",
        later("Utskick"),
        "mail",
        may_plan,
        (Room("/planera/utskick", later("Mejl ut")), Room("/planera/mejl", later("Mejl in"))),
    ),
    Door(
        "/rc",
        later("RC"),
        "people",
        _reads_but_plans_not,
        (
            Room("/rc", later("Alla RC"), may_read_register),
            Room("/rc/lan", later("Län för län"), may_read_register),
            Room("/rc/jamfor", later("Jämför"), may_read_register),
        ),
        ("/organisationer", "/funktioner", "/personer"),
    ),
)

# What is the viewer's own, and what the service itself does: behind the viewer's name.
OWN = (
    Room("/mina-sessioner", later("Mina inloggningar"), _is_signed_in),
    Room("/mina-nycklar", later("Mina nycklar"), _is_signed_in),
    Room("/prenumerera", later("Träffarna i min kalender"), _is_signed_in),
    Room("/jag-slutar", later("Jag slutar eller lämnar över"), _is_signed_in),
    Room("/jobb", later("Beräkningar")),
    Room("/logg", later("Logg")),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """What one page shows of the way: the viewer's doors, which of them one is behind, its rooms, which one is in.

    beside: that room and those beside it, none where it stands alone.
    """

    doors: tuple[Door, ...]
    door: Door | None
    rooms: tuple[Room, ...]
    room: Room | None
    beside: tuple[Room, ...]
    own: tuple[Room, ...]


def page_paths(routes: Sequence[BaseRoute]) -> Iterable[str]:
    """Return the paths of all routes, such as /rc and /rc/{rc_id}."""
    return (context.path for context in iter_route_contexts(routes) if context.path)


def menu_over(paths: Collection[str]) -> Callable[[Viewer | None, str], Menu]:
    """Return the function that gives a viewer's menu on a page; no door or room leads to nothing."""
    doors = tuple(door for door in DOORS if door.path in paths)

    def menu(viewer: Viewer | None, here: str) -> Menu:
        shown = tuple(door for door in doors if door.is_for(viewer))
        depth, door = max(
            ((_depth(door, here), door) for door in shown), key=_first, default=(0, None)
        )
        behind = door if depth else None
        rooms = _open_to(behind.rooms if behind else (), viewer)
        near = max(rooms, key=lambda room: _deepest(room.all, here), default=None)
        room = near if near is not None and _deepest(near.all, here) else None
        beside = _open_to(room.all if room and room.beside else (), viewer)
        return Menu(shown, behind, rooms, room, beside, _open_to(OWN, viewer))

    def _open_to(rooms: Iterable[Room], viewer: Viewer | None) -> tuple[Room, ...]:
        return tuple(room for room in rooms if room.path in paths and room.is_for(viewer))

    return menu


def _first(pair: tuple[int, Door]) -> int:
    return pair[0]


def _depth(door: Door, here: str) -> int:
    """Return how much of an address a door accounts for: the longest of its paths that lead there."""
    rooms = (room.path for behind in door.rooms for room in behind.all)
    return max(_reach(path, here) for path in (door.path, *door.under, *rooms))


def _deepest(rooms: Iterable[Room], here: str) -> int:
    return max((_reach(room.path, here) for room in rooms), default=0)


def _reach(path: str, here: str) -> int:
    """Return the length of a path that an address lies at or under, else 0."""
    if path == "/":
        return here == "/"
    return len(path) if here == path or here.startswith(f"{path}/") else 0
