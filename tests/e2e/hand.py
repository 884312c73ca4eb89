"""A hand at a page: what it presses, fills and scrolls past is counted, and whether the answer is in view."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Locator, Page, expect

# Tells how long it took from a press until the page showed something of it (Event Timing API).
WATCH = """
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.toldOfPress(one.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
# How far outside the window an element lies, in pixels; what lies at the window's foot hides the page.
OUTSIDE = """element => {
  const box = element.getBoundingClientRect();
  const own = getComputedStyle(document.documentElement).getPropertyValue("--door-bar");
  const foot = innerHeight - (element.closest(".doors") ? 0 : parseFloat(own) || 0);
  const middle = box.top + Math.min(box.height, 44) / 2;
  return middle < 0 ? -middle : Math.max(0, middle - foot);
}"""


@dataclass
class Hand:
    """Somebody's hand on one page."""

    page: Page
    presses: int = 0
    fields: int = 0
    screens: int = 0
    out_of_sight: list[str] = field(default_factory=list)
    slowest_ms: float = 0

    def press(self, place: Locator) -> None:
        """Press something, after scrolling to it where one must."""
        self._reach(place)
        place.first.click()
        self.presses += 1

    def button(self, name: str) -> None:
        """Press the first button in view of a name, in the open question where there is one."""
        self.press(self._where().get_by_role("button", name=name).first)

    def link(self, name: str) -> None:
        """Follow the page's first link of a name."""
        self.press(self._where().get_by_role("link", name=name).first)

    def fill(self, place: Locator, text: str) -> None:
        """Write into a field."""
        self._reach(place)
        place.fill(text)
        self.fields += 1

    def choose(self, place: Locator, value: str | None = None, index: int | None = None) -> None:
        """Choose from a list, or tick a box or a choice."""
        self._reach(place)
        if value is None and index is None:
            place.check(force=True)
        else:
            place.select_option(value, index=index)
        self.fields += 1

    def point_at(self, thing: Locator) -> None:
        """Rest on something that shows more of itself then."""
        thing.hover()

    def put_back(self, place: Locator) -> None:
        """Press something that only leaves the page as the next job needs it: not counted."""
        place.first.click()

    def drag(
        self,
        thing: Locator,
        place: Locator,
        *,
        keys: Callable[[Hand], None],  # noqa: ARG002 - how the same is done by keyboard
    ) -> None:
        """Drag something to a place: one press."""
        self._reach(thing)
        thing.hover()
        self.page.mouse.down()
        place.hover()
        place.hover()  # the second movement is what the browser takes for a drag
        self.page.mouse.up()
        self.presses += 1

    def scroll(self, place: Locator) -> None:
        """Scroll to something, where one must: counted as screens."""
        self._reach(place)

    def sees(self, answer: Locator, what: str, timeout: float | None = None) -> None:
        """Wait for what an act answers with, and note it where it lies outside the window."""
        expect(answer.first).to_be_visible(timeout=timeout)
        self.page.wait_for_load_state()
        if answer.first.evaluate(OUTSIDE):
            self.out_of_sight.append(what)

    def _where(self) -> Locator:
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.locator("main")

    def _reach(self, place: Locator) -> None:
        expect(place.first).to_be_attached()
        self.page.wait_for_load_state()
        height = (self.page.viewport_size or {"height": 800})["height"]
        self.screens += math.ceil(place.first.evaluate(OUTSIDE) / height)
        place.first.scroll_into_view_if_needed()

    def hear(self, milliseconds: float) -> None:
        """Hear how long the page took to show something of a press."""
        self.slowest_ms = max(self.slowest_ms, milliseconds)


def hand_on(context: BrowserContext, address: str, kind: type[Hand] = Hand) -> Hand:
    """Open a page and lay a hand on it."""
    page = context.new_page()
    hand = kind(page)
    page.expose_function("toldOfPress", hand.hear)
    page.add_init_script(WATCH)
    page.goto(address)
    return hand
