"""A programme is changed on a phone, a tablet and a desk: what a place means, and the bar, are always in view."""

import pytest
from playwright.sync_api import Locator, Page, expect

from api.accounts.models import Role
from api.proposals import queries as proposals
from api.proposals.models import ProposalKind, ProposalState
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Whether an element is whole inside the window, and nothing lies over its middle.
IS_IN_VIEW = """element => {
  const box = element.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const isInside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
  return box.width > 0 && isInside && element.contains(over);
}"""
LOOKS = [
    Look("en", 360, "dark"),
    Look("sv", 768, "light"),
    Look("sv", 1280, "light"),
    pytest.param(Look("sv", 320, "light"), marks=pytest.mark.full),
    pytest.param(Look("sv", 360, "light"), marks=pytest.mark.full),
    pytest.param(Look("en", 1280, "dark"), marks=pytest.mark.full),
]


def _draft_of(page: Page, site: Site, look: Look) -> None:
    """Open the demonstration's published programme and begin the draft of its next version."""
    with site.app.state.database.reading() as session:
        found = proposals.proposals(session, ProposalKind.PROGRAMME)
        published = next(one.id for one in found if one.state is ProposalState.PUBLISHED)
    page.goto(site.url + look.path(f"/planera/program/{published}"))
    page.locator("form[action$='/andra'] button").click()
    expect(page.locator(".board.is-live")).to_be_visible()


def _insist_on_view(page: Page, *others: Locator) -> None:
    """What is said and the bar with it are in view, and so is whatever else is asked for."""
    cost, bar = page.locator("#cost"), page.locator(".board-bar")
    expect(cost).not_to_be_empty()
    unseen = [str(one) for one in (cost, bar, *others) if not one.evaluate(IS_IN_VIEW)]
    assert unseen == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing scrolls sideways"


def _place(page: Page, kind: str) -> Locator:
    """Return a place on the day that is shown that would be this for what is held; it is fetched into view."""
    place = page.locator(f"td[data-verdict='{kind}']:visible").last
    place.scroll_into_view_if_needed()
    return place


def _dropped(page: Page, key: str) -> None:
    undo = page.locator("form[action$='/angra'] button")
    expect(undo).to_be_visible()
    card = page.locator(f"[data-held='{key}']")
    _insist_on_view(page, card, undo, page.locator(".board-bar .tag").first)
    undo.click()
    expect(undo).to_have_count(0)


def _with_a_finger(page: Page, look: Look) -> None:
    card = page.locator("td:visible > .pass[data-held]").nth(2)
    key = str(card.get_attribute("data-held"))
    card = page.locator(f"[data-held='{key}']")
    card.locator(".pass-title").tap()
    expect(page.locator("[data-verdict]").first).to_be_attached()
    _insist_on_view(page, card, page.locator("[data-put-back]"))
    assert _axe_faults(page, look) == []
    place = _place(page, "clash")
    _insist_on_view(page, place.locator(".what-it-means"))
    place.locator(".what-it-means").tap()  # the words stand where it would be let go: one press
    _dropped(page, key)

    card.locator(".pass-title").tap()
    expect(page.locator("[data-verdict]").first).to_be_attached()
    page.locator("[data-put-back]").tap()
    expect(page.locator(".is-picking")).to_have_count(0)
    _insist_on_view(page, card)
    assert page.locator(".what-it-means").count() == 0

    card.locator(".pass-title").tap()
    page.locator("button[data-best]").tap()
    _dropped(page, key)


def _with_a_mouse(page: Page) -> None:
    card = page.locator("td:visible > .pass[data-held]").nth(2)
    key = str(card.get_attribute("data-held"))
    card.hover()
    page.mouse.down()
    page.mouse.move(640, 400, steps=3)
    expect(page.locator("[data-verdict]").first).to_be_attached()
    place = _place(page, "clash")
    place.hover()
    label = page.locator(".pick-label")
    expect(label).to_have_attribute("data-verdict", "clash")
    assert label.evaluate(
        "one => { const box = one.getBoundingClientRect(); return "
        "box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight }"
    )
    _insist_on_view(page)
    page.mouse.up()
    _dropped(page, key)


def _with_keys(page: Page) -> None:
    card = page.locator("td:visible > .pass[data-held]").nth(1)
    key = str(card.get_attribute("data-held"))
    card.locator("a.pass-title").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict]").first).to_be_attached()
    cost = page.locator("#cost")
    for _ in range(4):
        before = cost.inner_text()
        page.keyboard.press("ArrowDown")
        expect(cost).not_to_have_text(before)
        _insist_on_view(page, page.locator(".drop-here"))
    page.keyboard.press("Enter")
    _dropped(page, key)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_verdict_and_the_bar_are_in_view_as_a_session_is_picked_up_and_let_go(
    own_site: Site, look: Look
) -> None:
    page = own_site.context(Role.PLANNER, look, touch=look.width < 1000).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    _draft_of(page, own_site, look)
    if look.width < 1000:
        _with_a_finger(page, look)
    else:
        _with_a_mouse(page)
    _with_keys(page)
    assert faults == []
    page.context.close()
