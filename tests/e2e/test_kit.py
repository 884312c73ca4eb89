"""The page kit in a browser: a question before what cannot be undone, by keyboard, by script and without."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from api.accounts.models import Role
from api.kit.clock import now, to_local
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OPENER = "details.ask > summary"


def _meeting(site: Site, look: Look, *, script: bool = True) -> Page:
    """A planner on the page of a meeting that can be called off."""
    page = site.context(Role.PLANNER, look, script=script).new_page()
    page.goto(site.url + look.path("/traffar"))
    page.locator('[aria-labelledby="coming"] a[href*="/traffar/"]').last.click()
    expect(page.locator(OPENER).first).to_be_attached()
    return page


@pytest.mark.parametrize("look", [Look("sv", 1280, "light"), Look("en", 360, "dark")], ids=str)
def test_the_question_holds_the_focus_says_what_happens_and_gives_the_focus_back(
    site: Site, look: Look
) -> None:
    page = _meeting(site, look)
    name = page.get_by_role("heading", level=1).inner_text()
    page.locator(OPENER).last.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("heading")).to_contain_text(name)
    assert dialog.evaluate("(one) => one.contains(document.activeElement)")
    assert _axe_faults(page, look) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.evaluate("(s) => document.activeElement.matches(s)", OPENER)
    page.context.close()


def test_without_script_the_question_unfolds_in_its_place(site: Site) -> None:
    page = _meeting(site, Look("sv", 360, "light"), script=False)
    button = page.locator("details.ask").last.get_by_role("button")
    expect(button).to_have_count(0)
    page.locator(OPENER).last.click()
    expect(button).to_be_visible()
    page.context.close()


def test_a_menu_that_dropped_down_closes_by_escape(site: Site) -> None:
    page = site.context(Role.PLANNER, Look("sv", 1280, "light")).new_page()
    page.goto(f"{site.url}/kakor")  # nothing to press lies under the menu there
    page.locator(".own > summary").press("Enter")
    leave = page.get_by_role("button", name="Logga ut")
    expect(leave).to_be_visible()
    assert _axe_faults(page, Look("sv", 1280, "light")) == []
    page.keyboard.press("Escape")
    expect(leave).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('.own > summary')")
    page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_key_is_made_used_and_ended_and_nothing_waits_for_a_script_in_sight(
    site: Site, *, script: bool
) -> None:
    look = Look("en", 360, "dark")
    page = site.context(Role.RC_MEMBER, look, script=script).new_page()
    page.goto(site.url + look.path("/mina-nycklar"))
    make = page.get_by_role("button", name="Create the key")
    make.click()
    expect(page.locator("#label")).to_have_attribute("aria-invalid", "true")
    page.locator("#label").fill("A table of ours")
    make.click()
    token = page.locator("#token").input_value()
    expect(page.get_by_role("button", name="Copy")).to_have_count(1 if script else 0)
    asked = {"Authorization": f"Bearer {token}"}
    assert page.request.get(f"{site.url}/api/v1/me", headers=asked).status == 200
    page.goto(site.url + look.path("/mina-nycklar"))
    expect(page.locator("#token")).to_have_count(0)  # shown once
    page.locator("details.ask > summary").click()
    page.get_by_role("button", name="End the key: A table of ours").click()
    expect(page.get_by_text("A table of ours")).to_have_count(0)
    assert page.context.browser is not None
    other = page.context.browser.new_context()  # without the session's cookie
    assert other.request.get(f"{site.url}/api/v1/me", headers=asked).status == 401
    other.close()
    page.context.close()


def test_what_is_written_while_an_answer_is_on_its_way_stays(site: Site) -> None:
    page = site.context(Role.PLANNER, Look("sv", 1280, "light")).new_page()
    page.goto(f"{site.url}/planera/datum")
    first = (to_local(now()) + timedelta(days=100)).date()
    page.locator("#day1").fill(first.isoformat())
    page.locator("#day1").blur()
    expect(page.locator("#best-line a")).to_be_visible()
    waiting: list[Route] = []
    page.route("**/planera/datum?*", lambda route: waiting.append(route))  # noqa: PLW0108 - playwright marks the function
    with page.expect_request("**/planera/datum?*"):
        page.locator("#length").select_option("2")
    page.locator("#focus_sv").fill("Det som RC har bett om.")
    page.locator("#focus_sv").blur()
    with page.expect_response("**/planera/datum?*"):
        waiting[0].continue_()
    expect(page.locator("form.wish")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#best-line a")).to_be_visible()
    expect(page.locator("#focus_sv")).to_have_value("Det som RC har bett om.")
    page.context.close()
