"""A planner's round of a programme by keyboard, by mouse and without script: plan, move, undo, filter, publish."""

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


@pytest.mark.parametrize("language", [pytest.param("sv", marks=pytest.mark.full), "en"])
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
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    planned = _grid(page)
    assert len(planned) >= 8
    assert _axe_faults(page, look) == []

    status, undo = page.locator("#cost"), "form[action$='/angra'] button"
    keys.use(f"{CELL} a")
    expect(page.locator("[data-verdict]").first).to_be_attached()
    before = status.inner_text()
    page.keyboard.press("ArrowDown")
    expect(status).not_to_have_text(before)
    assert str(page.locator(".drop-here").get_attribute("title")) in status.inner_text()
    assert _grid(page) == planned, "nothing moves before it is let go"
    page.keyboard.press("Enter")
    expect(page.locator(undo)).to_be_visible()
    moved = _grid(page)
    assert moved != planned
    keys.use(undo)
    expect(page.locator(undo)).to_have_count(0)
    assert _grid(page) == planned
    keys.use("form[action$='/gor-om'] button")
    expect(page.locator(undo)).to_be_visible()
    assert _grid(page) == moved
    page.keyboard.press("Control+z")
    expect(page.locator(undo)).to_have_count(0)
    assert _grid(page) == planned

    keys.use("form[action$='/granska'] button")
    publish = "button[form='publish']"
    expect(page.locator(publish)).to_be_visible()
    assert _axe_faults(page, look) == []
    keys.use(publish)
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
    page.get_by_role("button", name="Ta fram ett program").click()
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    before = _grid(page)
    opening = next(place for place, session in before.items() if session == "opening")
    target = next(place for place in before if place != opening)
    # Both ends are on screen: a page that scrolls between press and move picks up another session.
    page.locator("#programmet").evaluate("heading => heading.scrollIntoView()")
    page.evaluate("document.body.dataset.same = 'yes'")
    held, place = page.locator("[data-held='opening']"), page.locator(f"[data-place='{target}']")
    held.hover()
    page.mouse.down()
    place.hover()
    expect(place).to_have_attribute("data-verdict", "clash")
    expect(page.locator(".pick-label")).not_to_be_empty()
    assert _grid(page) == before, "what it would break is said before it is let go"
    page.mouse.up()
    expect(page.locator(".board-bar a.tag.bad")).to_be_visible()
    assert _grid(page)[target] == "opening"
    assert page.locator("body").get_attribute("data-same") == "yes", "the page is the same"
    clashing = page.locator("[data-held='opening'].is-clash")
    expect(clashing).to_be_visible()
    assert _axe_faults(page, Look("sv", 1280, "light")) == []

    clashing.locator("[data-solve]").click()
    page.locator("#move-session button[name='best']").first.click()
    expect(page.locator(".board-bar .tag.good")).to_be_visible()
    expect(page.locator(".is-clash")).to_have_count(0)
    page.context.close()


def test_without_script_a_session_opens_where_it_stands_and_is_moved_there(workshop: Site) -> None:
    look = Look("sv", 360, "dark")
    with_script = workshop.context(Role.PLANNER, look).new_page()
    with_script.goto(f"{workshop.url}/planera/program")
    with_script.locator("main a.button").first.click()
    with_script.get_by_role("button", name="Ta fram ett program").click()
    expect(with_script.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    page = workshop.context(Role.PLANNER, look, script=False).new_page()
    page.goto(with_script.url)
    planned = _grid(page)
    page.locator("td [data-held] a").first.click()
    chosen = page.locator("td:has(#move-session)")
    expect(chosen).to_be_visible()
    page.locator("#place").select_option("-")
    page.locator("#move-there").click()
    expect(page.locator(".tray li").first).to_be_visible()
    assert len(_grid(page)) == len(planned) - 1
    page.locator("form[action$='/angra'] button").click()
    assert _grid(page) == planned
    for one in (page, with_script):
        one.context.close()


def _filters_are_kept(page: Page, look: Look) -> None:
    """What is shown of the grid is remembered; who takes the last choice away goes on choosing."""
    page.locator(".board-filter summary").click()
    page.locator("#spar").select_option(index=1)
    expect(page.locator(".pass.is-dim").first).to_be_attached()
    page.locator("[id^='hide-']").first.check()
    expect(page.locator(".time-grid thead").first.locator("th")).to_have_count(
        page.locator("[id^='hide-']").count()
    )
    page.reload()
    expect(page.locator(".pass.is-dim").first).to_be_attached()
    assert _axe_faults(page, look) == []
    page.locator("[id^='hide-']").first.uncheck()
    page.locator("#spar").select_option("")
    expect(page.locator(".pass.is-dim")).to_have_count(0)
    expect(page.locator("#spar")).to_be_focused()


def _any_five_minutes(page: Page, key: str) -> None:
    """In free space a session begins where its upper edge is let go; by keyboard Shift moves it by five minutes."""
    card, label = page.locator(f"[data-held='{key}']"), page.locator(".pick-label")
    stands = page.locator(f"td:has([data-held='{key}'])")
    home = str(stands.get_attribute("data-place"))
    card.locator("a.pass-title").focus()
    page.keyboard.down("Shift")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.up("Shift")
    expect(card.locator(".edge")).to_have_attribute("data-minutes", "30")
    begins = str(page.locator(f"tr:has([data-held='{key}'])").get_attribute("data-begins"))

    box = card.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 25 * 56 / 60, steps=5)
    expect(label).to_have_attribute("data-verdict", re.compile("free|costs"))
    said = label.inner_text()
    assert not said.startswith(Speaker("sv").text("Räknar")), "it is judged before it is let go"
    expect(page.locator(".drop-line")).to_be_visible()
    page.mouse.up()
    expect(stands).to_have_attribute("data-place", re.compile("^at-.*-30"))
    later = str(page.locator(f"tr:has([data-held='{key}'])").get_attribute("data-begins"))
    assert later[:14] == begins[:14]
    assert int(later[14:]) - int(begins[14:]) == 25

    card.locator("a.pass-title").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict]").first).to_be_attached()
    before = page.locator("#cost").inner_text()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#cost")).not_to_have_text(before)
    expect(page.locator("#cost")).to_contain_text(".30, ")
    page.keyboard.press("Enter")
    expect(
        page.locator(f"tr[data-begins='{begins[:14]}30']:has([data-held='{key}'])")
    ).to_be_visible()
    for _ in range(3):
        count = page.locator("body").evaluate(
            "() => document.querySelector('[data-board]').dataset.version"
        )
        page.locator("form[action$='/angra'] button").click()
        expect(page.locator(f"[data-board]:not([data-version='{count}'])")).to_be_attached()
    expect(stands).to_have_attribute("data-place", home)


def _the_tray_is_searched(page: Page, look: Look) -> None:
    """What has no place is found by a few letters as they are written, and stays so whatever is moved meanwhile."""
    rest = page.locator("td:visible > .pass[data-held]")
    for _ in range(2):
        rest.nth(1).locator("a.pass-title").focus()
        left = page.locator(".tray li").count()
        page.keyboard.press("Enter")
        expect(page.locator("[data-verdict]").first).to_be_attached()
        page.keyboard.press("Delete")
        page.keyboard.press("Enter")
        expect(page.locator(".tray li")).to_have_count(left + 1)
    shown = page.locator(".tray li:visible")
    title = shown.first.locator(".pass-title").inner_text()
    page.locator("#tray-text").fill(title[-14:])
    expect(shown).to_have_count(1)
    page.locator("#tray-text").press("Tab")
    expect(page.locator(".tray li")).to_have_count(1)
    assert _axe_faults(page, look) == []
    page.locator("#tray-text").fill("")
    page.locator("#tray-text").press("Tab")
    expect(page.locator(".tray li")).not_to_have_count(1)


def test_an_edge_is_dragged_filters_are_kept_and_parts_are_tabs(workshop: Site) -> None:
    look = Look("sv", 1280, "light")
    page = workshop.context(Role.PLANNER, look).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{workshop.url}/planera/program")
    page.locator("main a.button").first.click()
    page.get_by_role("button", name="Ta fram ett program").click()
    expect(page.locator("#live [data-held]").first).to_be_visible(timeout=SOLVED_MS)
    if page.locator("#solving").count():  # the best so far, before it is ready
        assert page.locator(".board-bar").count() == 0
        assert _axe_faults(page, look) == []
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)

    tabs, parts = page.locator("[data-part]"), page.locator("[data-part-of]:visible")
    for tab in tabs.all():
        tab.click()
        name = tab.get_attribute("data-part")
        shown = {one.get_attribute("data-part-of") for one in parts.all()}
        assert shown == {name}
        assert tab.get_attribute("aria-current") == "true"
    assert tabs.count() >= 3
    assert _axe_faults(page, look) == []

    page.locator("#programmet").evaluate("heading => heading.scrollIntoView()")
    page.evaluate("document.body.dataset.same = 'yes'")
    card = page.locator("td:visible .pass:has(.edge[data-minutes='60'])").first
    key = str(card.get_attribute("data-held"))
    edge = page.locator(f"[data-held='{key}'] .edge")
    box = edge.bounding_box()
    high = card.bounding_box()
    assert box is not None
    assert high is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - high["height"] / 4, steps=4)
    expect(page.locator("#cost")).to_contain_text("45 minuter")
    page.mouse.up()
    expect(edge).to_have_attribute("data-minutes", "45")
    assert page.locator("body").get_attribute("data-same") == "yes", "the page is the same"
    page.locator("form[action$='/angra'] button").click()
    expect(edge).to_have_attribute("data-minutes", "60")

    _any_five_minutes(page, key)
    _filters_are_kept(page, look)
    _the_tray_is_searched(page, look)
    assert faults == []
    page.context.close()
