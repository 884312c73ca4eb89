"""`python -m bench.pages.picking`: a programme's sessions picked up, let go and put back in Chromium, in milliseconds.

The demonstration's published programme is opened as the draft of its next version. Each session of its
first day is pressed (a mouse at 1280 px, a finger at 360), and the time runs from the press until every place says
what it would mean; it is let go in the best place, and undone, each until the grid shows it. Beside
them stands how long the page took to show anything of a press (Event Timing, 8 ms steps).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from api.accounts.models import Role
from api.accounts.service import open_session
from api.kit.clock import now
from api.kit.db import Database
from api.proposals import queries as proposals
from api.proposals.models import ProposalKind, ProposalState
from api.start.service import demo_people
from bench.pages.__main__ import make_demo

CHROMIUM = os.environ.get("SAMKRETS_CHROMIUM", "/usr/bin/chromium")
GOALS = {"picked up": 150, "let go": 200, "undone": 200, "anything shown": 100}
WATCH = """
window.shown = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.shown.push(one.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
for (const kind of ["click", "keydown"]) {
  addEventListener(kind, (event) => { window.pressedAt = event.timeStamp; }, { capture: true });
}
"""
# Until something is on the page, seen at the frame that shows it.
SINCE_PRESS = """test => new Promise((done) => {
  const look = () => document.querySelector(test) ? done(performance.now() - window.pressedAt) : requestAnimationFrame(look);
  look();
})"""
UNDO = "form[action$='/angra'] button"


def _until(page: Page, selector: str) -> float:
    found: float = page.evaluate(SINCE_PRESS, selector)
    return found


def measured(
    browser: Browser, url: str, path: str, token: str, width: int
) -> dict[str, list[float]]:
    """Pick up, let go and undo each session of the day that is shown first."""
    is_phone = width < 700
    context = browser.new_context(viewport={"width": width, "height": 740}, has_touch=is_phone)
    context.add_cookies([{"name": "samkrets", "value": token, "url": url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(url + path)
    page.locator("form[action$='/andra'] button").click()
    page.locator(".board.is-live").wait_for()
    found: dict[str, list[float]] = {name: [] for name in GOALS}
    held = page.locator("td:visible > .pass").evaluate_all(
        "all => all.map(one => one.dataset.held)"
    )
    tabs = page.locator("[data-day]")
    for key in held:
        if tabs.count():
            tabs.first.click()
        title = page.locator(f"[data-held='{key}'] a.pass-title")
        if is_phone:
            title.tap()
        else:
            title.click()
        found["picked up"].append(_until(page, "[data-verdict]"))
        best = page.locator("button[data-best]").get_attribute("data-best")
        if not best:
            page.keyboard.press("Escape")
            continue
        place = page.locator(f"td[data-place='{best}']")
        day = place.evaluate("one => one.closest('.board-day').id")
        tab = page.locator(f"[data-day='{day}']")
        if tab.count():
            tab.click()
        place.click()
        found["let go"].append(_until(page, UNDO))
        page.locator(UNDO).click()
        found["undone"].append(_until(page, f".board:not(:has({UNDO}))"))
    found["anything shown"] = page.evaluate("window.shown")
    context.close()
    return found


def _token(database: Database) -> str:
    with database.transaction() as session:
        planner = next(one for one in demo_people(session) if one.role == Role.PLANNER)
        return open_session(session, planner.person_id, "bench", now())


def _path(database: Database) -> str:
    with database.reading() as session:
        made = proposals.proposals(session, ProposalKind.PROGRAMME)
        one = next(one for one in made if one.state is ProposalState.PUBLISHED)
        return f"/planera/program/{one.id}"


def _insist_on_answer(url: str) -> None:
    for _ in range(240):
        try:
            urlopen(f"{url}/healthz")  # noqa: S310 - our own server
        except URLError:
            time.sleep(0.25)
        else:
            return
    message = "the server does not answer"
    raise RuntimeError(message)


def main() -> None:
    """Print the median, the 95th percentile and the worst of each."""
    with tempfile.TemporaryDirectory() as name, socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        database_url = make_demo(Path(name))
        database = Database(database_url)
        command = [sys.executable, "-m", "api", "serve", "--database", database_url]
        server = subprocess.Popen([*command, "--port", str(port)], stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            _insist_on_answer(url)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
                )
                for width in (1280, 360):
                    told = measured(browser, url, _path(database), _token(database), width)
                    for what, times in told.items():
                        _print(f"{width} px, {what}", times, GOALS[what])
                browser.close()
        finally:
            server.terminate()
            server.wait()


def _print(what: str, times: list[float], goal: int) -> None:
    if not times:
        sys.stdout.write(f"{what:<28} under 16 ms\n")
        return
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    median = statistics.median(ordered)
    told = f"{len(times):>4}  median {median:>5.0f}  p95 {p95:>5.0f}  worst {ordered[-1]:>5.0f} ms  (goal {goal})"
    sys.stdout.write(f"{what:<28}{told}\n")


if __name__ == "__main__":
    main()
