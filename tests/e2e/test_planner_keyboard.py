"""A planner's round of matching by keyboard alone, from the choices to the published networks: in Swedish, and in English under --full."""

import re

import pytest
from playwright.sync_api import expect

from api.accounts.models import Role
from api.kit.i18n import Language, Speaker
from tests.e2e.keyboard import SOLVED_MS, Keyboard
from tests.e2e.site import Look, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.full)])
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
    best = say.text("Bästa möjliga: med dina val passar inga andra kretsar bättre.")
    expect(quality).to_have_text(best, timeout=SOLVED_MS)

    keys.use("#to-likeness", "ArrowDown")
    score = page.locator("#score-likeness")
    expect(score).to_contain_text(say.text("Om %(name)s flyttas till krets %(number)s:").split()[0])
    keys.use("form[action$='/flytta'] button")
    expect(quality).to_contain_text(say.text("Ändrat för hand: en regel är bruten.").split(":")[0])
    keys.use("form[action$='/angra'] button")
    expect(quality).to_have_text(best)

    keys.use("li:last-child form[action$='/las'] button")
    locked = page.get_by_text(say.text("låst"), exact=True)
    expect(locked).to_have_count(1)
    card = page.locator("li.card", has=locked)
    kept = card.locator("ul a").all_inner_texts()
    names = [name.partition("(")[0].strip() for name in kept]  # phase and organisation follow
    keys.use("#again button")
    expect(quality).to_have_text(best, timeout=SOLVED_MS)
    circles = [each.locator("ul a").all_inner_texts() for each in page.locator("li.card").all()]
    assert kept in circles

    keys.use("a[href*='/jamfor']")
    expect(page.get_by_role("heading", level=1)).to_have_text(say.text("Jämför sida vid sida"))
    page.go_back()
    expect(quality).to_have_text(best)
    keys.use("form[action$='/granska'] button")
    expect(page).to_have_url(re.compile("/publicera"))
    told = page.locator("[name=told]:not(:disabled)")
    expect(told.first).to_be_checked()
    keys.use("form[action$='/publicera'] button")
    expect(page).to_have_url(workshop.url + look.path("/natverk"))
    listed = page.locator("main").inner_text()
    assert all(name in listed for name in names)
    page.context.close()
