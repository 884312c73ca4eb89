"""The main menu: what each role has use for, of the pages that there are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.accounts.policy import Viewer, may_plan, may_read_register
from api.kit.i18n import later


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A menu item: its path without language, its Swedish label, and who has use for it."""

    path: str
    label: str
    is_for: Callable[[Viewer | None], bool]


def _does_not_plan(viewer: Viewer | None) -> bool:
    return viewer is not None and not may_plan(viewer)


def _reads_but_plans_not(viewer: Viewer | None) -> bool:
    return may_read_register(viewer) and not may_plan(viewer)


# In this order: planning first, then who is who, then what the service itself does.
MENU = (
    NavigationLink("/planera", later("Planera"), may_plan),
    NavigationLink("/natverk", later("Nätverk"), may_plan),
    NavigationLink("/natverk", later("Våra kretsar"), _reads_but_plans_not),
    NavigationLink("/traffar", later("Träffar"), may_plan),
    NavigationLink("/traffar", later("Mina träffar"), _does_not_plan),
    NavigationLink("/planera/enkater", later("Enkäter"), may_plan),
    NavigationLink("/planera/utskick", later("Utskick"), may_plan),
    NavigationLink("/rc", later("Registret"), may_read_register),
    NavigationLink("/organisationer", later("Kontakter"), may_plan),
    NavigationLink("/jobb", later("Beräkningar"), may_plan),
    NavigationLink("/logg", later("Logg"), may_plan),
)


def page_paths(routes: Sequence[BaseRoute]) -> Iterable[str]:
    """Return the paths of all routes, such as /rc and /rc/{rc_id}."""
    return (context.path for context in iter_route_contexts(routes) if context.path)


def menu_over(paths: Collection[str]) -> Callable[[Viewer | None], tuple[NavigationLink, ...]]:
    """Return the function that gives a viewer's menu; links lead only to pages that there are."""
    links = tuple(link for link in MENU if link.path in paths)

    def menu(viewer: Viewer | None) -> tuple[NavigationLink, ...]:
        return tuple(link for link in links if link.is_for(viewer))

    return menu
