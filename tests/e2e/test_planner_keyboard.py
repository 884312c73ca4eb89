"""A planner's round of matching by keyboard alone, from the choices to the published networks, in both languages."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.accounts.models import Role
from api.i18n import Language, Speaker
from tests.e2e.site import Look, Site, insist_on_chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SOLVED_MS = 120_000  # a page waits for the worker at most so long
MOST_TABS = 250


@pytest.fixture
def workshop(demo: str, tmp_path: Path) -> Iterator[Site]:
    """A copy of the demonstration with a worker of its own: what is published stays in it."""
    insist_on_chromium()
    file = tmp_path / "demo.db"
    shutil.copy(demo.removeprefix("sqlite:///"), file)
    url = f"sqlite:///{file}"
    worker = subprocess.Popen(
        [sys.executable, "-m", "api", "worker", "--database", url],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )
    try:
        with serving(url) as site:
            yield site
    finally:
        worker.terminate()
        worker.wait(timeout=30)


class Keyboard:
    """Somebody who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, selector: str) -> None:
        """Press Tab until the element has the focus."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"{selector} is not reached with Tab on {self.page.url}")

    def use(self, selector: str, key: str = "Enter") -> None:
        """Reach an element and press a key on it."""
        self.go_to(selector)
        self.page.keyboard.press(key)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_planner_matches_moves_locks_compares_and_publishes_without_a_mouse(
    workshop: Site, language: Language
) -> None:
    say = Speaker(language)
    look = Look(language, 1280, "light")
    page = workshop.context(Role.PLANNER, look).new_page()
    keys = Keyboard(page)
    quality = page.locator("p.lead")

    page.goto(workshop.url + look.path("/planera/natverk"))
    keys.use("[name=preset]", "ArrowDown")
    keys.use("#layer-nearness", "Space")
    keys.use("#layer-experience", "Space")
    keys.use("main form button")
    best = say.text("Bevisat bästa: inga andra nätverk passar bättre med de här vikterna.")
    expect(quality).to_have_text(best, timeout=SOLVED_MS)

    keys.use("#to-likeness", "ArrowDown")
    keys.use("form[action$='/flytta'] button")
    expect(quality).to_have_text(say.text("Ändrat för hand: inte längre det bevisat bästa."))

    keys.use("li:last-child > * > [name=locked]", "Space")
    locked = page.locator("[name=locked]:checked")
    expect(locked).to_have_count(1)
    card = page.locator("li.card", has=locked)
    kept = card.locator("ul a").all_inner_texts()
    keys.use("#again button")
    expect(quality).to_have_text(best, timeout=SOLVED_MS)
    circles = [each.locator("ul a").all_inner_texts() for each in page.locator("li.card").all()]
    assert kept in circles

    keys.use("a[href*='/jamfor']")
    expect(page.get_by_role("heading", level=1)).to_have_text(say.text("Jämför sida vid sida"))
    page.go_back()
    expect(quality).to_have_text(best)
    keys.use("form[action$='/granska'] button")
    expect(page.locator("form[action$='/publicera']")).to_be_visible()
    keys.use("form[action$='/publicera'] button")
    expect(page).to_have_url(workshop.url + look.path("/natverk"))
    listed = page.locator("main").inner_text()
    assert all(name in listed for name in kept)
    page.context.close()
