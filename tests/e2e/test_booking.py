"""A coordinator asks for a time, the others answer from their mails and by a link, the best one is booked.

Presses are counted as a person makes them: ask at most four beside the times, answer two, book two.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from api.accounts.models import Role
from api.calendar.days import holiday_name
from api.calendar.models import Event, EventAudience, ScopeKind
from api.kit.clock import now, to_local
from api.outbox import holding
from api.outbox.models import Mail
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults
from tests.mailbox import text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = Look("sv", 1280, "light")
PHONE = Look("sv", 360, "light")


def _day() -> str:
    day = to_local(now() + timedelta(days=70)).date()
    while day.isoweekday() > 5 or holiday_name(day):
        day += timedelta(days=1)
    return day.isoformat()


class Presses:
    """Counts what is pressed on a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.number = page, 0

    def press(self, found: Locator) -> None:
        found.click()
        self.number += 1


def _answer(page: Page, link: str, number: int, *, with_axe: bool) -> None:
    page.goto(link)
    page.get_by_label("Din funktion eller ditt namn").fill(f"Exempel {number}")
    times = page.locator("main fieldset")
    times.nth(0).get_by_label("Kanske").check()
    times.nth(1).get_by_label("Ja").check()
    if with_axe:
        assert _axe_faults(page, PHONE) == []
    page.get_by_role("button", name="Spara mitt svar").click()
    page.get_by_text("Ditt svar är sparat.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width


def _propose(page: Page, site: Site) -> str:
    """Ask for two times from the first page and return the link to pass on."""
    page.goto(site.url)
    counted = Presses(page)
    counted.press(page.get_by_role("link", name="Föreslå tider").first)
    page.get_by_label("Vad träffen handlar om").fill("Rutiner")
    for number, clock in ((1, "09:00"), (2, "13:00")):
        page.locator(f"#day{number}").fill(_day())
        page.locator(f"#clock{number}").fill(clock)
    counted.press(page.get_by_role("button", name="Läs mejlet först"))
    assert _axe_faults(page, DESK) == []
    counted.press(page.get_by_role("button", name=re.compile("^Skicka frågan")))
    expect(page).to_have_url(re.compile(r"/tidsval/[^/?#]+"))
    assert counted.number <= 4
    return page.locator("#link").input_value()


def _mailed(site: Site, page: Page) -> list[str]:
    """Let the mails of the poll on a page go, and return the link in each that says yes to all."""
    poll_id = re.search(r"/tidsval/([^/?#]+)", page.url)
    assert poll_id is not None
    database = site.app.state.database
    holding.release_all(database, now())
    with database.reading() as session:
        mails = session.exec(select(Mail).where(Mail.batch == f"poll:{poll_id[1]}")).all()
        texts = [text_of(mail, site.url) for mail in mails]
    found = [re.search(r"https?://\S+svar=alla", text) for text in texts]
    return [one[0] for one in found if one is not None]


def _answer_from_mail(page: Page, link: str, *, with_axe: bool) -> None:
    counted = Presses(page)
    page.goto(link)  # the first press, in the mail
    counted.number += 1
    counted.press(page.get_by_role("button", name="Spara mitt svar"))
    page.get_by_text("Tack, svaret är sparat.").wait_for()
    assert counted.number == 2
    if with_axe:
        assert _axe_faults(page, PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width


def test_asked_answered_from_mails_and_by_a_link_booked_and_in_the_feeds(site: Site) -> None:
    desk = site.context(Role.RC_MEMBER, DESK).new_page()
    link = _propose(desk, site)
    mailed = _mailed(site, desk)
    assert mailed
    for number, one in enumerate(mailed):
        phone = site.context(None, PHONE, script=number % 2 == 0)
        _answer_from_mail(phone.new_page(), one, with_axe=number == 0)
        phone.close()
    for number in range(2 + len(mailed)):
        phone = site.context(None, PHONE, script=number % 2 == 0)
        _answer(phone.new_page(), link, number, with_axe=number == 0)
        phone.close()
    desk.reload()
    assert _axe_faults(desk, DESK) == []
    best = desk.locator("article", has_text="passar flest")
    assert "13.00" in best.inner_text()
    counted = Presses(desk)
    counted.press(best.locator("summary"))
    counted.press(desk.get_by_role("dialog").get_by_role("button", name=re.compile("^Boka")))
    assert counted.number == 2
    expect(desk).to_have_url(re.compile(r"/traffar/[^/?#]+"))
    meeting_id = re.search(r"/traffar/([^/?#]+)", desk.url)
    assert meeting_id is not None
    with site.app.state.database.reading() as session:
        event = session.exec(select(Event).where(Event.subject_id == meeting_id[1])).one()
        rows = session.exec(select(EventAudience).where(EventAudience.event_id == event.id)).all()
        kinds = {row.scope_kind for row in rows}
    assert kinds >= {ScopeKind.NETWORK, ScopeKind.RC, ScopeKind.FUNCTION}
    desk.context.close()
