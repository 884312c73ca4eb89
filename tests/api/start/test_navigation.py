"""The main menu: few doors, none to nothing, and every page of a planner lies behind one of them."""

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.accounts.models import Role
from api.accounts.policy import Post, Viewer
from api.start.navigation import DOORS, OWN, Menu, menu_over

MOST_IN_A_ROW = 7  # what one takes in at a look, and what fits the row at 1280 px


def _viewer(role: Role) -> Viewer:
    return Viewer.of("p", "Exempel Anna Andersson", (Post("f", "b", None, role),))


def _menu(app: FastAPI, role: Role | None, here: str = "/") -> Menu:
    menu: Menu = app.state.navigation(_viewer(role) if role else None, here)
    return menu


def _labels(menu: Menu) -> list[str]:
    return [door.label for door in menu.doors]


def test_a_planner_has_five_doors_and_the_others_their_own(app: FastAPI) -> None:
    planner = ["Översikt", "RC", "Nätverk", "Träffar", "Utskick"]
    assert _labels(_menu(app, Role.PLANNER)) == planner
    assert _labels(_menu(app, Role.RC_MEMBER)) == ["Start", "Kretsar", "Träffar", "RC"]
    assert _labels(_menu(app, Role.GUEST)) == ["Start", "Träffar"]
    assert _labels(_menu(app, None)) == []


def test_every_door_and_room_is_a_page(app: FastAPI) -> None:
    paths = {
        path
        for door in DOORS
        for path in (door.path, *(room.path for behind in door.rooms for room in behind.all))
    }
    assert paths | {room.path for room in OWN} <= app.state.page_paths


def test_each_page_that_plans_lies_behind_a_door(app: FastAPI) -> None:
    pages = [
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if "GET" in (route.methods or ()) and str(route.path).startswith(("/planera/", "/rc/"))
    ]
    assert pages
    assert [path for path in pages if _menu(app, Role.PLANNER, path).door is None] == []


def test_the_nearest_room_is_the_one_that_one_is_in(app: FastAPI) -> None:
    menu = _menu(app, Role.PLANNER, "/planera/natverk/some-id/varfor")
    assert menu.door is not None
    assert menu.room is not None
    assert (menu.door.label, menu.room.label) == ("Nätverk", "Förslag")
    mail = _menu(app, Role.PLANNER, "/planera/mejl").door
    assert mail is not None
    assert mail.label == "Utskick"


def test_what_belongs_to_a_room_stands_beside_it_and_not_in_the_row(app: FastAPI) -> None:
    menu = _menu(app, Role.PLANNER, "/planera/skollov")
    assert menu.door is not None
    assert menu.room is not None
    assert (menu.door.label, menu.room.label) == ("Träffar", "Året")
    assert [room.path for room in menu.beside][:3] == [
        "/planera/aret",
        "/belastning",
        "/planera/skollov",
    ]
    assert not {room.path for room in menu.rooms} & {room.path for room in menu.beside[1:]}
    assert all(len(door.rooms) <= MOST_IN_A_ROW for door in DOORS)
    assert _menu(app, Role.PLANNER, "/traffar").beside == ()
    assert _menu(app, Role.RC_MEMBER, "/belastning").beside == ()


def test_a_door_to_a_page_that_is_not_there_is_not_shown() -> None:
    menu = menu_over({"/", "/rc"})(_viewer(Role.PLANNER), "/rc/skane")
    assert _labels(menu) == ["Översikt", "RC"]
    assert [room.path for room in menu.rooms] == ["/rc"]
    assert menu.own == ()


def test_the_own_menu_is_marked_with_the_first_letters_of_the_name() -> None:
    assert _viewer(Role.PLANNER).initials == "EA"
    assert Viewer.of("p", "Åsa", ()).initials == "Å"
    assert Viewer.of("p", "", ()).initials == ""
