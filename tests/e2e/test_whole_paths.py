"""A tired coordinator's week without JavaScript and a guest's one session, from sign-in to calendar, in both languages."""

import re

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, Request, expect

from api.accounts.models import Role
from api.kit.i18n import Language, Speaker
from tests.e2e.site import Look, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Issue's ceilings for a first visit: what a slow line in the inland can take.
MOST_BYTES, MOST_REQUESTS = 150_000, 15
LANGUAGES: tuple[Language, ...] = ("sv", "en")


class Reader:
    """Somebody at a page, who reads its Swedish or English labels."""

    def __init__(self, site: Site, language: Language, *, script: bool) -> None:
        self.site, self.language = site, language
        self.page: Page = site.context(None, Look(language, 360, "light"), script=script).new_page()

    def word(self, swedish: str) -> str:
        return Speaker(self.language).text(swedish)

    def sign_in(self, role: str) -> None:
        """Choose an invented person on the demonstration's first page."""
        self.page.goto(self.site.url + Look(self.language, 360, "light").path("/"))
        card = self.page.locator(
            "li.card", has=self.page.get_by_role("heading", name=self.word(role))
        )
        card.get_by_role("button").click()
        expect(self.page.locator(".own")).to_be_visible()

    def follow(self, swedish: str) -> None:
        self.page.get_by_role("link", name=self.word(swedish), exact=True).first.click()

    def calendar(self, url: str) -> Calendar:
        """Fetch a calendar as a program would."""
        answer = self.page.request.get(url)
        assert answer.status == 200
        return Calendar.from_ical(answer.body())

    def close(self) -> None:
        self.page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guest_finds_the_one_session_and_nothing_else(site: Site, language: Language) -> None:
    guest = Reader(site, language, script=False)
    guest.sign_in("Gäst på ett pass, till exempel åklagare")
    page = guest.page
    guest.follow("Mina träffar")
    sessions = page.locator(".agenda li")
    expect(sessions).to_have_count(1)
    title = sessions.get_by_role("heading").inner_text()
    sessions.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    link = page.get_by_role("link", name=guest.word("Lägg till passet i din kalender"))
    events = guest.calendar(site.url + str(link.get_attribute("href"))).walk("VEVENT")
    assert len(events) == 1
    assert "ATTENDEE" not in events[0]
    meeting = page.url.rsplit("/pass/", 1)[0]
    page.goto(meeting)
    assert title in page.inner_text("main")
    assert page.locator(".programme a").count() <= 1
    for hidden in ("/planera/natverk", "/rc", "/logg", "/jobb"):
        answer = page.goto(site.url + hidden)
        assert answer is not None
        assert answer.status == 404, hidden
    guest.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_coordinators_week_needs_no_script(site: Site, language: Language) -> None:
    member = Reader(site, language, script=False)
    member.sign_in("Medarbetare på ett RC")
    page = member.page
    page.locator('main a.row-link[href*="/natverk/"]').nth(LANGUAGES.index(language)).click()
    expect(page.locator("p.lead")).not_to_be_empty()
    assert page.locator('main a[href^="tel:"]').count() >= 2, "whom to ring"
    page.locator("summary", has_text=member.word("Bekräfta tiden")).first.click()
    page.get_by_role("button", name=member.word("Bestäm och bjud in")).first.click()
    expect(page.get_by_text(member.word("bestämd"), exact=True).first).to_be_visible()
    member.follow("Träffar")
    follow_meeting = page.locator('main a[href*="/traffar/"]:not([href*="/pass/"]):visible').last
    meeting = follow_meeting.inner_text()
    follow_meeting.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(meeting)
    page.goto(site.url + Look(language, 360, "light").path("/prenumerera"))
    page.locator("#label").fill("Min Outlook")
    page.get_by_role("button", name=member.word("Skapa kalenderlänk")).click()
    address = page.locator("#url").input_value()
    events = member.calendar(address).walk("VEVENT")
    assert len(events) >= 3
    assert not any("ATTENDEE" in event for event in events)
    member.follow("RC")
    expect(page).to_have_url(re.compile("/rc$"))
    page.goto(site.url + Look(language, 360, "light").path("/"))
    page.locator('main a[href*="/rc/"]').first.click()
    member.follow("Rätta en uppgift om oss")
    expect(page.locator("form")).not_to_have_count(0)
    page.locator(".own > summary").click()
    page.get_by_role("button", name=member.word("Logga ut")).click()
    expect(page.locator(".own")).to_have_count(0)
    answer = page.goto(site.url + "/traffar")
    assert answer is not None
    assert "/logga-in" in page.url
    member.close()


@pytest.mark.parametrize("role", [None, Role.RC_MEMBER, Role.PLANNER], ids=str)
def test_the_first_visit_is_small_and_asks_nobody_else(site: Site, role: Role | None) -> None:
    page = site.context(role, Look("sv", 1280, "light")).new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.extend([request]))  # no builtin as a handler
    page.goto(site.url + "/", wait_until="networkidle")
    sizes = [request.sizes() for request in asked]
    carried = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert [each.url for each in asked if not each.url.startswith(site.url)] == []
    assert len(asked) <= MOST_REQUESTS
    assert carried <= MOST_BYTES
    page.context.close()
