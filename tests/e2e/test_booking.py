"""A coordinator proposes times, four answer on phones, the best one is booked and is in the feeds."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from api.accounts.models import Role
from api.calendar.days import holiday_name
from api.calendar.models import Event, EventAudience, ScopeKind
from api.kit.clock import now, to_local
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = Look("sv", 1280, "light")
PHONE = Look("sv", 360, "light")


def _day() -> str:
    day = to_local(now() + timedelta(days=70)).date()
    while day.isoweekday() > 5 or holiday_name(day):
        day += timedelta(days=1)
    return day.isoformat()


def _answer(page: Page, link: str, number: int, *, with_axe: bool) -> None:
    page.goto(link)
    page.get_by_label("Din funktion eller ditt namn").fill(f"Exempel {number}")
    groups = page.get_by_role("group")
    groups.nth(0).get_by_label("Kanske").check()
    groups.nth(1).get_by_label("Ja").check()
    if with_axe:
        assert _axe_faults(page, PHONE) == []
    page.get_by_role("button", name="Spara mitt svar").click()
    page.get_by_text("Ditt svar är sparat.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width


def _propose(page: Page, site: Site) -> str:
    """Ask for two times and return the link to pass on."""
    page.goto(f"{site.url}/natverk")
    page.locator('main a[href^="/natverk/"]').first.click()
    page.get_by_role("link", name="Föreslå tider för en träff").click()
    page.get_by_label("Vad träffen handlar om").fill("Rutiner")
    for number, clock in ((1, "09:00"), (2, "13:00")):
        page.locator(f"#day{number}").fill(_day())
        page.locator(f"#clock{number}").fill(clock)
    page.get_by_role("button", name="Fråga de andra").click()
    page.get_by_role("button", name=re.compile("^Skicka frågan")).click()
    return page.locator("#link").input_value()


def test_proposed_answered_by_four_on_phones_booked_and_in_the_feeds(site: Site) -> None:
    desk = site.context(Role.RC_MEMBER, DESK).new_page()
    link = _propose(desk, site)
    for number in range(4):
        phone = site.context(None, PHONE, script=number % 2 == 0)
        _answer(phone.new_page(), link, number, with_axe=number == 0)
        phone.close()
    desk.reload()
    assert _axe_faults(desk, DESK) == []
    best = desk.locator("article", has_text="passar flest")
    assert "13.00" in best.inner_text()
    best.locator("summary").click()
    assert _axe_faults(desk, DESK) == []
    desk.get_by_role("dialog").get_by_role("button", name=re.compile("^Boka")).click()
    expect(desk).to_have_url(re.compile(r"/traffar/[^/?#]+"))
    meeting_id = re.search(r"/traffar/([^/?#]+)", desk.url)
    assert meeting_id is not None
    with site.app.state.database.reading() as session:
        event = session.exec(select(Event).where(Event.subject_id == meeting_id[1])).one()
        rows = session.exec(select(EventAudience).where(EventAudience.event_id == event.id)).all()
        kinds = {row.scope_kind for row in rows}
    assert kinds >= {ScopeKind.NETWORK, ScopeKind.RC, ScopeKind.FUNCTION}
    desk.context.close()
