"""Every page, as each role sees it, in a real browser: axe finds no fault and nothing sticks out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from api.accounts.models import Role
from tests.e2e.site import ALL, QUICK, ROLES, Look, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

VENDOR = Path(__file__).parent / "vendor"
AXE = (VENDOR / "axe.min.js").read_text(encoding="utf-8")
SWEDISH = json.loads((VENDOR / "axe.sv.json").read_text(encoding="utf-8"))
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Only faults are asked for, and only they are sent over: what passes is most of the work.
RUN = (
    "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
    ".then((found) => found.violations)"
)
# What moves in is half transparent on its way: it is judged where it comes to rest.
AT_REST = """() => Promise.all(
  document.getAnimations()
    .filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime))
    .map((one) => one.finished.catch(() => null))
).then(() => null)"""
# WCAG 1.4.12: what a reader may set without losing anything.
TEXT_SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
    " p { margin-bottom: 2em !important; }"
)


def _axe_faults(page: Page, look: Look) -> list[str]:
    page.wait_for_load_state()
    page.evaluate(AT_REST)
    page.evaluate(AXE)
    if look.language == "sv":
        page.evaluate("(locale) => axe.configure({locale})", SWEDISH)
    violations: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [
        f"{page.url}: {fault['id']}: {fault['help']}: {node['html'][:160]}"
        for fault in violations
        for node in fault["nodes"]
    ]


def _complaints(context: BrowserContext) -> list[str]:
    """Return a list that fills with what the browser's console complains about."""
    heard: list[str] = []
    context.on(
        "console",
        lambda message: (
            heard.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    return heard


def _swedish(page: Page) -> list[str]:
    """The lines of an English page that hold Swedish words that are no names: forgotten texts."""
    telltales = (" och ", " är ", " som ", " för ", " inte ", " på ", " att ", " du ", " ni ")
    text: str = page.evaluate(
        "(() => { const copy = document.body.cloneNode(true);"
        " copy.querySelectorAll('[lang=sv], code, input, textarea').forEach(e => e.remove());"
        " return copy.innerText; })()"
    )
    return [
        f"{page.url}: {line.strip()[:120]}"
        for line in text.splitlines()
        if sum(word in f" {line.lower()} " for word in telltales) >= 2
    ]


# Written apart from the pages' own rule (`api.kit.i18n.tied`): a range, a time, a date, a share and a distance.
TORN = re.compile(
    r"\d–\d|\bkl\.? \d|\b[Vv]ecka \d|\b[Ww]eek \d|\d %|\d (?:km|min|h|kB|MB)\b"
    r"|\d (?:jan|feb|mars|april|maj|ju[nl]i|aug|sep|okt|nov|dec|Mar|Apr|May|Ju[nl]|Oct)"
    r"|\b(?i:jan|feb|mar|apr|ma[jy]|ju[nl]|aug|sep|o[kc]t|nov|dec)[a-z]* \d{4}\b"
)


def _torn(page: Page) -> list[str]:
    """Places where a line may break between a number and what it belongs to."""
    texts: list[str] = page.evaluate(
        "[...(function* () { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);"
        " while (walk.nextNode()) if (!walk.currentNode.parentElement.closest('textarea, script, style'))"
        " yield walk.currentNode.data; })()]"
    )
    return [
        f"{page.url}: torn: {found[0]} in {text[:80]}"
        for text in texts
        for found in TORN.finditer(text)
    ]


# Widths below the look's own at which every page of the first look is measured as well, and how far
# down its title may begin there.
NARROWER = ((360, 96), (320, None))
# A reader whose font never comes sees the system's own, which may be far wider than ours.
SYSTEM_FONT = ":root { --face: sans-serif !important; --face-heading: serif !important; }"


def _check(site: Site, role: Role | None, look: Look) -> None:
    """Look at every page once; in the first look that is the walk that finds them."""
    is_first = look == QUICK[0]
    context = site.context(role, look)
    heard = _complaints(context)
    page = context.new_page()
    faults = []
    for path in site.walk(role, page) if is_first else site.places(role):
        if not is_first:
            page.goto(site.url + look.path(path))
        faults += _too_wide(page, look.width)
        faults += _low_start(page, 120) + _too_long(page) if is_first else []
        faults += _squeezed(page) + _torn(page) + _axe_faults(page, look)
        if look.language == "en":
            faults += _swedish(page)
        if is_first:
            faults += _narrower(page)
            page.set_viewport_size({"width": look.width, "height": 800})
    context.close()
    assert faults == []
    assert heard == []


def _too_wide(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url}: {wide} px wide at {width}"] if wide > width else []


# 11 rem: "12 september 2026" on a line.
NARROWEST = """() => [...document.querySelectorAll('.facts > div > dd')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.getBoundingClientRect().width, one.innerText])
  .filter(([width]) => width < 11 * parseFloat(getComputedStyle(document.documentElement).fontSize))"""


def _squeezed(page: Page) -> list[str]:
    """Facts whose values have less room than a date: their names stand above them where a list is narrow."""
    found = page.evaluate(NARROWEST)
    return [f"{page.url}: {width} px for {text[:40]}" for width, text in found]


def _low_start(page: Page, latest: int) -> list[str]:
    """The work begins near the top, and the doors are one row."""
    top = page.evaluate("document.querySelector('main h1').getBoundingClientRect().top")
    header = page.evaluate("document.querySelector('.site-header').offsetHeight")
    is_low = top > latest or header > 56
    return [f"{page.url}: title at {top} px, header of {header} px"] if is_low else []


# In the demonstration: what is longer is folded, tabbed or paged.
LONGEST = 5000


def _too_long(page: Page) -> list[str]:
    high = page.evaluate("document.documentElement.scrollHeight")
    return [f"{page.url}: {high} px long"] if high > LONGEST else []


def _narrower(page: Page) -> list[str]:
    """Measure a page on a phone, and at 320 px with wide letters and spacing as a reader may set them."""
    faults = []
    for width, latest in NARROWER:
        page.set_viewport_size({"width": width, "height": 800})
        faults += _too_wide(page, width) + (_low_start(page, latest) if latest else [])
    for style in (SYSTEM_FONT, SYSTEM_FONT + TEXT_SPACING):
        page.evaluate(
            "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
            " document.adoptedStyleSheets = [sheet]; }",
            style,
        )
        faults += [f"{fault}, as a reader sets it" for fault in _too_wide(page, 320)]
    return faults


@pytest.mark.parametrize("look", QUICK, ids=str)
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_page_has_an_accessibility_fault_sticks_out_or_holds_the_other_language(
    site: Site, role: Role | None, look: Look
) -> None:
    _check(site, role, look)


@pytest.mark.full
@pytest.mark.parametrize("look", [look for look in ALL if look not in QUICK], ids=str)
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_page_has_a_fault_in_any_other_look(site: Site, role: Role | None, look: Look) -> None:
    _check(site, role, look)


def test_the_first_visit_is_light_and_asks_nobody_else(site: Site) -> None:
    context = site.context(None, QUICK[0])
    page = context.new_page()
    answers: list[tuple[str, int]] = []
    page.on("response", lambda answer: answers.append((answer.url, len(answer.body()))))
    page.goto(site.url, wait_until="networkidle")
    context.close()
    assert [url for url, _ in answers if not url.startswith(site.url)] == []
    assert len(answers) <= 15
    assert sum(size for _, size in answers) <= 150_000


def test_the_first_stop_of_the_keyboard_is_the_way_past_the_menu(site: Site) -> None:
    context = site.context(Role.RC_MEMBER, QUICK[0])
    page = context.new_page()
    page.goto(site.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#content$"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    context.close()


def test_only_the_one_cookie_is_set_and_nothing_is_stored(site: Site) -> None:
    context = site.context(None, QUICK[0])
    page = context.new_page()
    page.goto(site.url)
    assert context.cookies() == []
    page.get_by_role("button").first.click()
    expect(page.locator(".own")).to_be_visible()
    assert [cookie["name"] for cookie in context.cookies()] == ["samkrets"]
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()
