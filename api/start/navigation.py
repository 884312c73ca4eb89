"""The main menu: what each role has use for, of the pages that there are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.accounts.policy import Viewer, may_plan, may_read_register


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A menu item: its path without language, its Swedish label, and who has use for it."""

    path: str
    label: str
    is_for: Callable[[Viewer | None], bool]


def _is_signed_in(viewer: Viewer | None) -> bool:
    return viewer is not None


def _is_rc_member(viewer: Viewer | None) -> bool:
    return viewer is not None and bool(viewer.rc_ids) and not viewer.is_planner


MENU = (
    NavigationLink("/planera", "Planera", may_plan),
    NavigationLink("/var-krets", "Vår krets", _is_rc_member),
    NavigationLink("/mina-traffar", "Mina träffar", _is_signed_in),
    NavigationLink("/rc", "Registret", may_read_register),
    NavigationLink("/natverk", "Nätverk", may_read_register),
    NavigationLink("/traffar", "Träffar", may_read_register),
    NavigationLink("/enkater", "Enkäter", may_read_register),
    NavigationLink("/logg", "Logg", may_plan),
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
