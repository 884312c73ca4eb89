"""Each kind of meeting for chosen RC, made and answered on a phone; presses are counted as a person makes them."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from api.accounts.models import Role
from api.kit.clock import now, to_local
from api.meetings.service import first_working_day
from api.outbox import holding
from api.outbox.models import Mail
from tests.e2e.site import Look, Site
from tests.e2e.test_booking import Presses
from tests.e2e.test_looks import _axe_faults
from tests.mailbox import text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = Look("sv", 360, "light")
BUTTON = {
    "once": "Boka och bjud in",
    "again": "Boka och bjud in",
    "poll": "Skicka frågan",
    "pick": "Skicka frågan",
}
# What the mail leads to, what is chosen there, and the button that saves it.
ANSWER = {
    "once": (r"https?://\S+/svar/\S+", "Jag kommer"),
    "again": (r"https?://\S+/svar/\S+", "Jag kommer"),
    "poll": (r"https?://\S+svar=alla", "Spara mitt svar"),
    "pick": (r"https?://\S+/tid/\S+", "Ta tiden"),
}


def _day(weeks: int = 9) -> date:
    return first_working_day(to_local(now() + timedelta(weeks=weeks)).date())


def _fill(page: Page, how: str) -> None:
    for number in range(3):
        page.locator('input[id^="rc-"]').nth(number).check()
    page.get_by_label("Vad träffen heter").fill(f"Exempel {how}")
    page.get_by_label("Vad den handlar om").fill("Exempel på fokus")
    page.locator(f"#how-{how}").check()
    if how in {"once", "again"}:
        page.locator("#day").fill(str(_day()))
    if how == "again":
        page.locator("summary", has_text="Flera gånger").click()
        page.locator("#last_day").fill(str(_day() + timedelta(weeks=13)))
    if how == "poll":
        page.locator("summary", has_text="Fråga när de kan").click()
        for number, weeks in ((1, 9), (2, 10)):
            page.locator(f"#pday{number}").fill(str(_day(weeks)))
            page.locator(f"#pclock{number}").fill("09:00")
    if how == "pick":
        page.locator("summary", has_text="Tider att boka").click()
        page.locator("#day1").fill(str(_day()))
        page.locator("#starts1").fill("09:00")
        page.locator("#ends1").fill("11:00")


def _mailed(site: Site, known: set[str], pattern: str) -> str:
    """Let the mails go, and return a link of one that is new."""
    database = site.app.state.database
    holding.release_all(database, now())
    with database.reading() as session:
        new = [one for one in session.exec(select(Mail)) if one.id not in known]
        texts = [text_of(one, site.url) for one in new]
    links = [found[0] for text in texts if (found := re.search(pattern, text))]
    assert links
    return links[0]


@pytest.mark.parametrize("how", list(BUTTON))
def test_a_meeting_of_this_kind_is_made_and_answered_on_a_phone(workshop: Site, how: str) -> None:
    with workshop.app.state.database.reading() as session:
        known = set(session.exec(select(Mail.id)))
    page = workshop.context(Role.PLANNER, PHONE).new_page()
    page.goto(f"{workshop.url}/traffar")
    counted = Presses(page)
    counted.press(page.get_by_role("link", name="Ny träff", exact=True))
    _fill(page, how)
    assert _axe_faults(page, PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    counted.press(page.get_by_role("button", name="Se vilka som får mejl"))
    assert _axe_faults(page, PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    counted.press(page.get_by_role("button", name=BUTTON[how]))
    expect(page).to_have_url(re.compile(r"/(traffar|serie|tidsval)/(?!ny)[^/?#]+"))
    assert counted.number + 1 <= 4  # with the press from the start page to the meetings
    assert _axe_faults(page, PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    page.context.close()
    pattern, button = ANSWER[how]
    link = _mailed(workshop, known, pattern)
    phone = workshop.context(None, PHONE, script=False).new_page()
    answering = Presses(phone)
    phone.goto(link)
    answering.number += 1  # in the mail
    if how == "pick":
        phone.get_by_role("radio").first.check()  # which time: that is the answer itself
    answering.press(phone.get_by_role("button", name=re.compile(button)).first)
    assert answering.number == 2
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    phone.context.close()
