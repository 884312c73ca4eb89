"""A planner drags an RC to another circle: what it costs is said before the drop, and undoing brings it back."""

import pytest
from playwright.sync_api import Locator, Page, expect

from api.accounts.models import Role
from api.kit.i18n import Language, Speaker
from tests.e2e.keyboard import SOLVED_MS, Keyboard
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECTION = "section[data-moves='move-likeness']"


def _circles(page: Page) -> list[list[str]]:
    page.wait_for_load_state()
    cards = page.locator(f"{SECTION} li.card").all()
    return [
        sorted(str(seat.get_attribute("data-held")) for seat in card.locator("[data-held]").all())
        for card in cards
    ]


def _name(seat: Locator) -> str:
    """Return an RC's name alone: its phase and organisation follow it in the chip."""
    return seat.locator("a").inner_text().partition("(")[0].strip()


@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.full)])
def test_an_rc_is_dragged_to_change_places_with_another_and_the_move_is_undone(
    workshop: Site, language: Language
) -> None:
    say, look = Speaker(language), Look(language, 1280, "light")
    page = workshop.context(Role.PLANNER, look).new_page()
    page.goto(workshop.url + look.path("/planera/natverk"))
    page.locator("main form button").first.click()
    expect(page.locator(SECTION)).to_be_visible(timeout=SOLVED_MS)
    solved = _circles(page)
    status = page.locator("#score-likeness")
    expect(status).to_be_empty()

    page.locator(SECTION).evaluate("section => section.scrollIntoView()")
    cards = page.locator(f"{SECTION} li.card")
    dragged, target = (cards.nth(place).locator("[data-held]").first for place in (0, 1))
    dragged.hover()
    page.mouse.down()
    target.hover()
    target.hover()  # the second movement is what the browser takes for a drag
    verdicts = page.locator(f"{SECTION} .verdict:not(:empty)")
    expect(verdicts).to_have_count(len(solved))  # every circle says what it would mean
    expect(verdicts.first).to_have_text(say.text("är här nu"))
    lead = say.text(
        "Om %(name)s och %(other)s byter plats:",
        name=_name(dragged),
        other=_name(target),
    )
    expect(status).to_contain_text(lead)
    assert _circles(page) == solved
    page.mouse.up()

    undo = page.get_by_role("button", name=say.text("Ångra senaste flytten"))
    expect(undo).to_be_visible()
    swapped = _circles(page)
    assert [len(circle) for circle in swapped] == [len(circle) for circle in solved]
    assert swapped[0] != solved[0]
    assert swapped[2:] == solved[2:]
    assert _axe_faults(page, look) == []
    Keyboard(page).use("form[action$='/angra'] button")
    expect(undo).to_have_count(0)
    assert _circles(page) == solved
    Keyboard(page).use("form[action$='/gor-om'] button")
    expect(undo).to_be_visible()
    assert _circles(page) == swapped
    assert _axe_faults(page, look) == []
    page.context.close()
