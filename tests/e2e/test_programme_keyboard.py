"""A planner's round of a programme by keyboard alone: plan, move, undo, publish, in both languages."""

import re

import pytest
from playwright.sync_api import Page, expect

from api.accounts.models import Role
from api.kit.i18n import Language, Speaker
from tests.e2e.keyboard import SOLVED_MS, Keyboard
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CELL = "[data-held]"


def _grid(page: Page) -> dict[str, str]:
    """Place -> session, as the grid shows them once the page is whole."""
    page.wait_for_load_state()
    cells = page.locator("td[data-place]:has([data-held])").all()
    return {
        str(cell.get_attribute("data-place")): str(cell.locator(CELL).get_attribute("data-held"))
        for cell in cells
    }


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_planner_makes_moves_undoes_and_publishes_a_programme_without_a_mouse(
    workshop: Site, language: Language
) -> None:
    say, look = Speaker(language), Look(language, 1280, "light")
    page = workshop.context(Role.PLANNER, look).new_page()
    keys = Keyboard(page)

    page.goto(workshop.url + look.path("/planera/program"))
    keys.use("main a.button")
    expect(page).to_have_url(re.compile("/ny/"))
    keys.use("main form button")
    expect(page.locator("#programmet")).to_be_visible(timeout=SOLVED_MS)
    planned = _grid(page)
    assert len(planned) >= 8
    assert _axe_faults(page, look) == []

    keys.use(f"{CELL} a")
    expect(page).to_have_url(re.compile("flytta="))
    keys.use("#place", "End")
    keys.use("#move-session button")
    expect(page.get_by_role("button", name=say.text("Ångra senaste flytten"))).to_be_visible()
    assert _grid(page) != planned
    keys.use("form[action$='/angra'] button")
    expect(page.locator("form[action$='/angra']")).to_have_count(0)
    assert _grid(page) == planned

    keys.use("form[action$='/granska'] button")
    keys.use("a.button[href$='/publicera']")
    expect(page.locator("form[action$='/publicera']")).to_be_visible()
    assert _axe_faults(page, look) == []
    keys.use("form[action$='/publicera'] button")
    expect(page).to_have_url(re.compile("/traffar/[^/]+$"))
    shown = page.locator("main").inner_text()
    assert say.text("Gör ett program") in shown
    page.context.close()


def test_a_session_is_dragged_to_a_free_place_and_its_conflicts_are_said_at_once(
    workshop: Site,
) -> None:
    page = workshop.context(Role.PLANNER, Look("sv", 1280, "light")).new_page()
    page.goto(f"{workshop.url}/planera/program")
    page.locator("main a.button").first.click()
    page.get_by_role("button", name="Räkna fram ett program").click()
    expect(page.locator("#programmet")).to_be_visible(timeout=SOLVED_MS)
    before = _grid(page)
    opening = next(place for place, session in before.items() if session == "opening")
    target = next(place for place in before if place != opening)
    # Both ends are on screen: a page that scrolls between press and move picks up another session.
    page.locator("#programmet").evaluate("heading => heading.scrollIntoView()")
    page.locator("[data-held='opening']").drag_to(page.locator(f"[data-place='{target}']"))
    expect(page.locator("main .notice.bad").first).to_be_visible()
    assert _grid(page)[target] == "opening"
    page.context.close()
