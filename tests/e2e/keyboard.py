"""Somebody who uses a page without a mouse."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.hand import Hand

SOLVED_MS = 600_000  # a page waits for the worker at most so long
MOST_TABS = 250
IS_FOCUSED = "element => element.getRootNode().activeElement === element"


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


@dataclass
class KeyboardHand(Hand):
    """The same jobs by Tab, arrows, Space and Enter alone: no mouse, and nothing focused by script."""

    def press(self, place: Locator) -> None:
        """Reach something and press Enter."""
        self._tab_to(place.first)
        self.page.keyboard.press("Enter")
        self.presses += 1

    def fill(self, place: Locator, text: str) -> None:
        """Reach a field and type into it, as its own parts are typed where it has such."""
        self._tab_to(place)
        kind = place.get_attribute("type")
        if kind == "date":  # the browser's own order, that of its language
            year, month, day = text.split("-")
            self.page.keyboard.type(f"{month}{day}{year}")
        elif kind == "time":
            self.page.keyboard.type(f"{text.replace(':', '')}AM")
        else:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(text)
        expect(place).to_have_value(text)
        self.fields += 1

    def choose(self, place: Locator, value: str | None = None, index: int | None = None) -> None:
        """Reach a list, a box or a choice, and press the arrows or Space until it is as wanted."""
        if value is None and index is None:
            if place.get_attribute("type") == "radio":
                self._to_choice(place)
            else:
                self._tab_to(place)
                self.page.keyboard.press("Space")
            expect(place).to_be_checked()
        else:
            self._tab_to(place)
            values = place.locator("option").evaluate_all("all => all.map(one => one.value)")
            wanted = values.index(value) if value is not None else int(index or 0)
            now = place.evaluate("one => one.selectedIndex")
            for _ in range(abs(wanted - now)):
                self.page.keyboard.press("ArrowDown" if wanted > now else "ArrowUp")
            expect(place).to_have_value(values[wanted])
        self.fields += 1

    def point_at(self, thing: Locator) -> None:
        """Reach something within it."""
        self._tab_to(thing.locator("a, button").first)

    def put_back(self, place: Locator) -> None:
        """Reach it and press Enter: not counted."""
        self._tab_to(place.first)
        self.page.keyboard.press("Enter")

    def drag(self, thing: Locator, place: Locator, *, keys: Callable[[Hand], None]) -> None:  # noqa: ARG002
        """Do what the keyboard has instead of dragging."""
        keys(self)

    def _to_choice(self, place: Locator) -> None:
        name = place.get_attribute("name")
        one_of = f"input[type=radio][name='{name}']"
        for _ in range(MOST_TABS):
            if self.page.evaluate("s => document.activeElement.matches(s)", one_of):
                break
            self.page.keyboard.press("Tab")
        for _ in range(self.page.locator(one_of).count()):
            if place.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def _tab_to(self, place: Locator) -> None:
        expect(place).to_be_attached()
        self.page.wait_for_load_state()
        for _ in range(MOST_TABS):
            if place.evaluate(IS_FOCUSED):
                return
            self.page.keyboard.press("Tab")
        what = re.sub(r"\s+", " ", place.evaluate("one => one.outerHTML"))[:120]
        raise AssertionError(f"not reached with Tab: {what}")
