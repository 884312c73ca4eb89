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
# WCAG 1.4.12: what a reader may set without losing anything.
TEXT_SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
    " p { margin-bottom: 2em !important; }"
)


def _axe_faults(page: Page, look: Look) -> list[str]:
    page.wait_for_load_state()
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


def _check(site: Site, role: Role | None, look: Look) -> None:
    places = site.places(role)
    context = site.context(role, look)
    heard = _complaints(context)
    page = context.new_page()
    faults = []
    for path in places:
        page.goto(site.url + look.path(path))
        faults += _axe_faults(page, look)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > look.width:
            faults.append(f"{page.url}: {wide} px wide at {look.width}")
        if look.language == "en":
            faults += _swedish(page)
    context.close()
    assert faults == []
    assert heard == []


@pytest.mark.parametrize("look", QUICK, ids=str)
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_page_has_an_accessibility_fault_or_holds_the_other_language(
    site: Site, role: Role | None, look: Look
) -> None:
    _check(site, role, look)


@pytest.mark.full
@pytest.mark.parametrize("look", [look for look in ALL if look not in QUICK], ids=str)
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_page_has_a_fault_in_any_other_look(site: Site, role: Role | None, look: Look) -> None:
    _check(site, role, look)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.RC_MEMBER], ids=str)
def test_every_page_reflows_at_320_pixels_with_wide_text_spacing_and_a_wide_font(
    site: Site, role: Role
) -> None:
    look = Look("sv", 320, "light")
    context = site.context(role, look)
    page = context.new_page()
    # A reader whose font never comes sees the system's own, which may be far wider than ours.
    page.route("**/*.woff2", lambda route: route.abort())
    wide = {}
    for path in site.places(role):
        page.goto(site.url + path)
        for name in ("as it is", "spaced"):
            if name == "spaced":
                page.evaluate(
                    "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
                    " document.adoptedStyleSheets = [sheet]; }",
                    TEXT_SPACING,
                )
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                wide[f"{path} {name}"] = width
    context.close()
    assert wide == {}


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


@pytest.mark.parametrize(("width", "latest"), [(1280, 120), (360, 96)])
@pytest.mark.parametrize("role", [Role.PLANNER, Role.RC_MEMBER], ids=str)
def test_the_work_begins_near_the_top_and_the_doors_are_one_row(
    site: Site, role: Role, width: int, latest: int
) -> None:
    context = site.context(role, Look("sv", width, "light"))
    page = context.new_page()
    late = {}
    for path in site.places(role):
        page.goto(site.url + path)
        top = page.evaluate("document.querySelector('main h1').getBoundingClientRect().top")
        header = page.evaluate("document.querySelector('.site-header').offsetHeight")
        if top > latest or header > 56:
            late[path] = (top, header)
    context.close()
    assert late == {}
