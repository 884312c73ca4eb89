"""A circle's whole year as its people live it: a real SMTP server, a real IMAP mailbox and a real browser on phones.

Twelve meetings, two of them by a poll asked on a page, answered from mails, reminded of and booked; one coordinator
leaves and the newcomer signs in by mail; somebody passes the turn on; one meeting is not held; two months are silent
until the planner writes kindly. The clock is shifted from one act to the next, and presses are counted.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from api.accounts import queries as accounts
from api.circles import queries
from api.circles.met import history, silent_circles
from api.circles.models import Convening, Held, HeldAnswer
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat
from api.kit.clock import now, to_local
from api.kit.mail import Server
from api.meetings import queries as meetings
from api.meetings.service import agree
from tests.api.circles.test_a_year import (
    CIRCLE,
    START,
    Year,
    nobody_got_anything_twice,
    told_of_the_hand_over,
)
from tests.api.outbox.test_outbox import Difficult
from tests.api.outbox.test_outbox import serving as smtp
from tests.e2e.site import Look, Site, insist_on_chromium, serving
from tests.e2e.test_booking import Presses
from tests.mailbox import answer_to, newest_request
from tests.mailbox import serving as imap
from tests.post import text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = Look("sv", 360, "light")
# In which week each of the twelve meetings is; after the sixth the circle falls silent.
WEEKS = (2, 6, 10, 14, 18, 22, 33, 36, 39, 42, 46, 50)
POLLS, NOT_HELD, LEAVES, DECLINES, SILENT_AFTER = {1, 7}, 5, 3, 4, 6
HELD = timedelta(minutes=10)  # what tells others can be taken back so long
NEWCOMER = "ny@example.org"


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An empty service and a Chromium."""
    insist_on_chromium()
    file = tmp_path / "year.db"
    shutil.copy(sqlite_template, file)
    with serving(f"sqlite:///{file}", is_demo=False) as made:
        yield made


class Lived(Year):
    """A year whose people press buttons, in browsers of their own."""

    def __init__(
        self, site: Site, server: Server, taken: list[bytes], clock: time_machine.Traveller
    ) -> None:
        super().__init__(site.app, server, taken)
        self.site, self.clock = site, clock
        site.app.state.database.info["outbox"].hold = HELD

    def morning(self) -> list[EmailMessage]:
        """Do what the worker does, let what waits go, and return the post that came."""
        self.daily()
        self.clock.shift(HELD)
        return self.post()

    def phone(self, rc: str) -> Page:
        """Open the start page on the phone of whoever has an RC's post now."""
        with self.app.state.database.reading() as session:
            post = accounts.function(session, self.posts[rc])
            assert post is not None
            assert post.holder_id is not None
            who = post.holder_id
        page = self.site.context_of(who, PHONE).new_page()
        page.goto(self.site.url)
        return page

    def link(self, message: EmailMessage, pattern: str) -> str:
        """Return an address of a mail."""
        found = re.search(rf"{re.escape(self.site.url)}{pattern}", text_of(message))
        assert found is not None, text_of(message)
        return found[0]

    def press_mailed(self, link: str, button: str | re.Pattern[str], then: str) -> None:
        """Open a link of a mail on a phone that is signed in as nobody, and press a button: two presses."""
        self.opened += 1
        context = self.site.empty_context(PHONE, script=self.opened % 2 == 0)
        page = context.new_page()
        page.goto(link)
        page.get_by_role("button", name=button).first.click()
        page.get_by_text(then).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
        context.close()

    def signs_in(self, link: str, address: str) -> Page:
        """Open a page of a mail as nobody: sign in by the mail that comes, and land on that page."""
        page = self.site.empty_context(PHONE).new_page()
        page.goto(link)
        page.get_by_label("E-postadress").fill(address)
        page.get_by_role("button", name=re.compile("Skicka|länk")).first.click()
        page.get_by_text("får du strax ett mejl").wait_for()
        [message] = self.morning()
        assert message["To"] == address
        page.goto(self.link(message, r"/logga-in/\S+"))
        page.get_by_role("button", name=re.compile("Logga in")).first.click()
        return page

    def ask(self, page: Page, days: list[datetime]) -> str:
        """Ask the others for a time from the form, and return the poll's page."""
        page.get_by_label("Vad träffen handlar om").fill("Exempel: rutiner")
        for number, moment in enumerate(days, start=1):
            page.locator(f"#day{number}").fill(to_local(moment).date().isoformat())
            page.locator(f"#clock{number}").fill(f"{to_local(moment):%H:%M}")
        page.get_by_role("button", name="Läs mejlet först").click()
        page.get_by_role("button", name=re.compile("^Skicka frågan")).click()
        expect(page).to_have_url(re.compile(r"/tidsval/[^/?#]+"))
        return page.url.partition("?")[0]

    def book_best(self, page: Page, poll: str) -> None:
        """Book the time that suits most: two presses."""
        page.goto(poll)
        counted = Presses(page)
        best = page.locator("article", has_text="passar flest")
        counted.press(best.locator("summary"))
        counted.press(page.get_by_role("dialog").get_by_role("button", name="Boka"))
        assert counted.number == 2
        expect(page).to_have_url(re.compile(r"/traffar/[^/?#]+"))
        page.context.close()

    def booked(self, day: datetime) -> None:
        """Let the circle's planner book a meeting, as a series or the year does."""
        with self.app.state.database.transaction() as session:
            self.book(session, 0, day)
            [made] = [
                one
                for one in meetings.meetings_of_network(session, self.network)
                if one.starts_at == day
            ]
            agree(session, made, now())

    def invited(self, mails: list[EmailMessage]) -> None:
        """Everybody got the invitation; two answer from their mail programs, by IMAP, the third on the page."""
        asked = [one for one in mails if "/svar/" in text_of(one)]
        assert len({str(one["To"]) for one in asked}) == len(asked) == len(CIRCLE)
        words = {
            str(one["To"]): word
            for one, word in zip(asked, ("ACCEPTED", "TENTATIVE"), strict=False)
        }
        replies = []
        with self.app.state.database.reading() as session:
            for number, (address, word) in enumerate(words.items()):
                newest = newest_request(session, address)
                replies.append(
                    answer_to(newest, word, stamp=f"{now():%Y%m%dT%H%M%SZ}", number=number)
                )
        with imap(*replies) as (url, _):
            mailbox.poll(self.app.state.database, url, now)
        self.press_mailed(self.link(asked[2], r"/svar/\S+"), "Jag kommer", "Du kommer")
        with self.app.state.database.reading() as session:
            newest_first = select(Invitation).order_by(col(Invitation.created_at).desc())
            found = session.exec(newest_first).all()[: len(CIRCLE)]
            assert Counter(one.partstat for one in found) == {
                Partstat.ACCEPTED: 2,
                Partstat.TENTATIVE: 1,
            }


def _by_poll(year: Lived, day: datetime, *, is_first: bool) -> list[EmailMessage]:
    """Ask, answer from the mails, be reminded, and book; return the invitations that came."""
    if is_first:
        page = year.phone("skane")
        counted = Presses(page)
        counted.press(page.locator('main a[href^="/natverk/"]').first)
        counted.press(page.get_by_role("link", name="Föreslå tider för en träff"))
        poll = year.ask(page, [day, day + timedelta(days=1)])
        assert counted.number + 2 <= 4  # with the two of asking, beside the times
    else:
        page = _woken(year)
        poll = year.ask(page, [day, day + timedelta(days=1)])
    asked = year.morning()
    assert len({str(one["To"]) for one in asked}) == len(asked) == len(CIRCLE) - 1
    year.press_mailed(
        year.link(asked[0], r"/tid/\S+svar=alla"), "Spara mitt svar", "Tack, svaret är sparat."
    )
    assert year.morning() == []
    if not is_first:
        page.context.close()
        before_last = now() + timedelta(days=6)
        year.clock.move_to(before_last.replace(hour=9))  # by daylight
        [reminder] = year.morning()
        assert reminder["To"] == asked[1]["To"]
        asked[1] = reminder
    one_time = year.link(asked[1], r"/tid/\S+svar=(?!alla|inga)\S+")
    year.press_mailed(one_time, "Spara mitt svar", "Tack, svaret är sparat.")
    year.book_best(page if is_first else year.phone("kronoberg"), poll)
    return year.morning()


def _woken(year: Lived) -> Page:
    """Two months of silence: the planner sees it and writes kindly, and the mail leads to asking for a time."""
    year.clock.shift(timedelta(days=61))
    with year.app.state.database.reading() as session:
        assert [one.id for one, _ in silent_circles(session, now())] == [year.network]
    year.morning()
    desk = year.site.context_of(year.planner, PHONE).new_page()
    desk.goto(f"{year.site.url}/natverk/{year.network}")
    desk.locator("summary", has_text="Skriv en vänlig påminnelse").click()
    desk.get_by_role("button", name="Skicka påminnelsen").click()
    desk.get_by_text("En vänlig påminnelse är skriven.").wait_for()
    desk.context.close()
    [kind] = year.morning()
    return year.signs_in(year.link(kind, r"/natverk/\S+/ny-tid"), str(kind["To"]))


def _leaves(year: Lived) -> None:
    """Skåne's coordinator hands over by three presses from the start page; the newcomer signs in by mail."""
    page = year.phone("skane")
    counted = Presses(page)
    counted.press(page.get_by_role("main").get_by_role("link", name="Jag slutar eller lämnar över"))
    counted.press(page.get_by_role("link", name=re.compile("^Lämna över")).first)
    page.get_by_label("Namn på den som ska ha funktionen").fill("Exempel Ny")
    page.get_by_label("E-postadress till den som ska ha funktionen").fill(NEWCOMER)
    counted.press(page.get_by_role("button", name="Spara överlämningen"))
    page.get_by_text("Exempel Ny är nu").wait_for()
    assert counted.number <= 4
    page.context.close()
    heard = year.morning()
    told = told_of_the_hand_over(heard)
    assert len(told) == len(set(told)) == 4  # the two, and the two others of the circle
    [welcome] = [one for one in heard if one["To"] == NEWCOMER and "Välkommen" in one["Subject"]]
    page = year.signs_in(year.link(welcome, r"/logga-in\?next=/valkommen"), NEWCOMER)
    page.get_by_role("heading", name="Välkommen, Exempel Ny").wait_for()
    page.get_by_text("Din fadder").wait_for()
    page.context.close()


def _declines(year: Lived) -> None:
    """Whoever has the turn passes it on without saying why, and somebody else convenes."""
    with year.app.state.database.reading() as session:
        turn = queries.turn(session, year.network)
        assert turn is not None
        whose = turn.rc_id
    page = year.phone(whose)
    page.locator('main a[href^="/natverk/"]').first.click()
    page.locator("summary", has_text="Lämna turen vidare").click()
    page.get_by_role("button", name="Lämna turen", exact=True).click()
    page.get_by_text("Turen har gått vidare.").wait_for()
    page.context.close()
    with year.app.state.database.reading() as session:
        following = queries.turn(session, year.network)
        assert following is not None
        assert following.rc_id != whose


def _met(year: Lived, day: datetime, said: str) -> None:
    """The same evening nobody is asked, the day after one is, and answers by a press in the mail and one on the page."""
    year.clock.move_to(day + timedelta(hours=6))
    assert not [one for one in year.morning() if "/traffades/" in text_of(one)]
    year.clock.move_to(day + timedelta(days=1))
    [question] = [one for one in year.morning() if "/traffades/" in text_of(one)]
    year.press_mailed(
        year.link(question, rf"/traffades/\S+svar={said}"), "Spara svaret", "Tack, svaret är sparat"
    )
    year.morning()


def test_a_circle_lives_a_year_by_mail_calendar_programs_and_browsers(site: Site) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False) as clock, smtp(handler) as server:
        year = Lived(site, server, handler.taken, clock)
        year.morning()
        for number, week in enumerate(WEEKS, start=1):
            day = START + timedelta(weeks=week, days=2, hours=7)
            if number != SILENT_AFTER + 1:
                clock.move_to(day - timedelta(days=13))
            if number == LEAVES:
                _leaves(year)
            if number == DECLINES:
                _declines(year)
            if number in POLLS:
                year.invited(_by_poll(year, day, is_first=number == 1))
            else:
                year.morning()
                year.booked(day)
                year.invited(year.morning())
            _met(year, day, "nej" if number == NOT_HELD else "ja")
        with site.app.state.database.reading() as session:
            assert history(session, year.network, now()).held == len(WEEKS) - 1
            answers = Counter(one.answer for one in session.exec(select(Held)))
            assert answers == {HeldAnswer.YES: len(WEEKS) - 1, HeldAnswer.NO: 1}
            turns = Counter(one.rc_id for one in session.exec(select(Convening)) if one.end)
            assert set(turns) == set(CIRCLE)
    nobody_got_anything_twice(handler.taken)
