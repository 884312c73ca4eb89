"""A programme that is published, loses a room, says who must be told, and is published mended."""

import re

import pytest
from playwright.sync_api import Page, expect

from api.accounts.models import Role
from tests.e2e.keyboard import SOLVED_MS
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults
from tests.e2e.test_programme_keyboard import _grid

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOK = Look("sv", 1280, "light")


def _review(page: Page) -> None:
    """Review the proposal that is open, and go on to the page that says who is concerned."""
    page.get_by_role("button", name="Jag har granskat programmet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Det här händer när du publicerar")


def _publish(page: Page) -> None:
    page.get_by_role("button", name="Publicera programmet").click()
    expect(page).to_have_url(re.compile("/traffar/[^/]+$"))


def test_a_room_goes_those_concerned_are_named_and_the_repair_is_published(
    workshop: Site,
) -> None:
    page = workshop.context(Role.PLANNER, LOOK).new_page()
    page.goto(f"{workshop.url}/planera/program")
    page.locator("main a.button").first.click()
    page.get_by_role("button", name="Ta fram ett program").click()
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    proposal, before = page.url, _grid(page)
    expect(page.locator("#tables")).to_be_visible()
    _review(page)
    _publish(page)

    page.goto(proposal)
    expect(page.get_by_role("heading", name="Har något hänt?")).to_be_visible()
    # Any session but the opening: that one is everybody's, and stays in its slot.
    lost = min(place for place, session in before.items() if session != "opening")
    slot, room = lost.split("|")
    page.locator("#room").select_option(room)
    page.locator(f"#slot-{slot}").check()
    page.get_by_role("button", name="Hitta den minsta ändringen").click()
    told = page.locator("section[aria-labelledby='told'] li")
    expect(told.first).to_be_visible(timeout=SOLVED_MS)
    assert page.url != proposal
    assert all(line.inner_text().strip() for line in told.all())
    mended = _grid(page)
    assert lost not in mended
    kept = [place for place, session in before.items() if mended.get(place) == session]
    assert 2 * len(kept) > len(before), "a small change leaves most as it was"
    assert _axe_faults(page, LOOK) == []

    _review(page)
    expect(page.get_by_role("heading", name="Agendor som ändras")).to_be_visible()
    assert page.locator("section[aria-labelledby='agendas'] details").count() >= 1
    assert _axe_faults(page, LOOK) == []
    _publish(page)
    page.get_by_role("link", name="Borden att skriva ut").click()
    expect(page.locator(".new-leaf h3").first).to_have_text("Bord 1")
    page.context.close()
