"""Somebody who uses a page without a mouse."""

import pytest
from playwright.sync_api import Page, expect

SOLVED_MS = 600_000  # a page waits for the worker at most so long
MOST_TABS = 250


class Keyboard:
    """Somebody who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, selector: str) -> None:
        """Press Tab until the element has the focus; a page on its way is waited for."""
        expect(self.page.locator(selector).first).to_be_attached()
        self.page.wait_for_load_state()
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"{selector} is not reached with Tab on {self.page.url}")

    def use(self, selector: str, key: str = "Enter") -> None:
        """Reach an element and press a key on it."""
        self.go_to(selector)
        self.page.keyboard.press(key)
