"""Each kind of meeting for chosen RC or posts, its whole life in a browser on phones, by real SMTP and real IMAP.

A planner makes it and sees who gets a mail; the invited answer from their mails on phones without script and from
their mail programs; it is moved and called off on its page, and everybody hears once. Presses are counted.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from api.accounts import directory
from api.accounts.models import FunctionKind, Role
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat, Place
from api.kit.clock import now, to_local
from api.meetings.service import first_working_day
from tests.api.front.test_every_kind import RCS, Country
from tests.api.outbox.test_outbox import Difficult
from tests.api.outbox.test_outbox import serving as smtp
from tests.e2e.site import Look, Site, insist_on_chromium, serving
from tests.e2e.test_booking import Presses
from tests.e2e.test_looks import _axe_faults
from tests.factories import make_person
from tests.mailbox import answer_to, newest_request
from tests.mailbox import serving as imap
from tests.post import text_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = Look("sv", 360, "light")
# What each kind is made of: how it is timed, who is invited, and what is typed beside.
KINDS: dict[str, dict[str, str]] = {
    "Barnahusdag": {"how": "once", "who": "rc", "town": "Borås"},
    "Digitalt forum för grupp 3": {"how": "again", "who": "rc"},
    "Länsstyrelsernas ledare": {"how": "poll", "who": "leaders"},
    "Chefsgruppen": {"how": "once", "who": "managers"},
    "NCH:s avstämningar": {"how": "pick", "who": "rc"},
    "Ansökningsverkstad": {"how": "once", "who": "rc"},
    "Utbildning med en plats": {"how": "once", "who": "rc", "seats": "1"},
}
BUTTON = {
    "once": "Boka och bjud in",
    "again": "Boka och bjud in",
    "poll": "Skicka frågan",
    "pick": "Skicka frågan",
}


class Desk:
    """The planner's phone, the phones of the others, and the post between them."""

    def __init__(self, site: Site, country: Country, managers: dict[str, str]) -> None:
        self.site, self.country, self.managers = site, country, managers
        self.page = site.context_of(country.nch.person.id, PHONE).new_page()

    def expected(self, who: str) -> list[str]:
        """Return the addresses of those who are invited."""
        if who == "leaders":
            return sorted(address for address, _ in self.country.leaders)
        if who == "managers":
            return sorted(self.managers.values())
        return sorted(one.person.email for one in self.country.rcs.values())

    def from_mail(self, message: EmailMessage, pattern: str, button: str) -> None:
        """Answer on a phone without script that is signed in as nobody: the link, and one button."""
        link = next(one for one in self.country.paths(message) if re.search(pattern, one))
        context = self.site.empty_context(PHONE, script=False)
        page = context.new_page()
        page.goto(self.site.url + link)
        if button == "Ta tiden":
            page.get_by_role("radio").first.check()  # which time: that is the answer itself
        page.get_by_role("button", name=button, exact=True).first.click()
        page.get_by_role("status").or_(page.locator(".notice.good")).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
        context.close()

    def from_program(self, words: dict[str, str]) -> None:
        """Let mail programs answer the newest invitation of each address, by IMAP."""
        replies = []
        with self.country.app.state.database.reading() as session:
            for number, (address, word) in enumerate(words.items()):
                newest = newest_request(session, address)
                stamp = f"{now():%Y%m%dT%H%M%SZ}"
                replies.append(answer_to(newest, word, stamp=stamp, number=number))
        with imap(*replies) as (url, _):
            mailbox.poll(self.country.app.state.database, url, now)

    def place(self, address: str) -> Invitation:
        """Return the newest place of an address."""
        with self.country.app.state.database.reading() as session:
            found: Invitation | None = session.exec(
                select(Invitation)
                .where(Invitation.address == address)
                .order_by(col(Invitation.created_at).desc())
            ).first()
            assert found is not None
            session.expunge_all()
            return found

    def reads_well(self) -> None:
        assert _axe_faults(self.page, PHONE) == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE.width


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A service with three RC, their managers, and leaders at county boards."""
    insist_on_chromium()
    file = tmp_path_factory.mktemp("kinds") / "kinds.db"
    shutil.copy(sqlite_template, file)
    handler = Difficult("well")
    with smtp(handler) as server, serving(f"sqlite:///{file}", is_demo=False) as site:
        country = Country(site.app, server, handler.taken)
        managers = {}
        with site.app.state.database.transaction() as session:
            for rc, one in country.rcs.items():
                person = make_person(session, f"Exempel Chef {rc}")
                kind, role = FunctionKind.MANAGER, Role.RC_MEMBER
                directory.create_function(session, one.body, kind, "Chef", role, holder=person)
                managers[rc] = person.email
        yield Desk(site, country, managers)


def _day(weeks: int = 9) -> date:
    return first_working_day(to_local(now() + timedelta(weeks=weeks)).date())


def _choose(page: Page, country: Country, who: str) -> None:
    if who == "leaders":
        page.locator("summary", has_text="Andra: länsstyrelser").click()
        for _, post in country.leaders:
            page.locator(f"#fn-{post}").check()
        return
    for rc in RCS:
        page.locator(f"#rc-{rc}").check()
    for box in page.locator('#posts input[type="checkbox"]').all():
        box.uncheck()
    post = "manager" if who == "managers" else "operative_coordinator"
    page.locator(f"#post-{post}").check()


def _fill(page: Page, name: str, made: dict[str, str]) -> None:
    page.get_by_label("Vad träffen heter").fill(name)
    page.get_by_label("Vad den handlar om").fill("Exempel på fokus")
    how = made["how"]
    page.locator(f"#how-{how}").check()
    if made.get("town"):
        page.locator("#form").select_option("in_person")
        page.locator("#town").fill(made["town"])
    if made.get("seats"):
        page.locator("#seats").fill(made["seats"])
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


def _made(desk: Desk, name: str, made: dict[str, str]) -> list[EmailMessage]:
    """Make it from the list of meetings, four presses with the one to the list; return the mails that came."""
    page, number = desk.page, len(desk.expected(made["who"]))
    page.goto(f"{desk.site.url}/traffar")
    counted = Presses(page)
    counted.press(page.get_by_role("link", name="Ny träff", exact=True))
    _choose(page, desk.country, made["who"])
    _fill(page, name, made)
    desk.reads_well()
    counted.press(page.get_by_role("button", name="Se vilka som får mejl"))
    page.get_by_role("heading", name=re.compile(f"^{number} personer får")).wait_for()
    desk.reads_well()
    assert desk.country.post() == []  # nothing has gone before the button
    counted.press(page.get_by_role("button", name=BUTTON[made["how"]]))
    expect(page).to_have_url(re.compile(r"/(traffar|serie|tidsval)/(?!ny)[^/?#]+"))
    assert counted.number + 1 <= 4  # with the press from the start page to the meetings
    desk.reads_well()
    mails = desk.country.post()
    assert sorted(str(one["To"]) for one in mails) == desk.expected(made["who"])
    return mails


def _answered(desk: Desk, mails: list[EmailMessage]) -> None:
    """The first answers on the page behind the mail, the others from their programs."""
    first, *others = mails
    desk.from_mail(first, r"^/svar/", "Jag kommer")
    words = ("TENTATIVE", "DECLINED", "ACCEPTED")
    said = {str(one["To"]): words[n % 3] for n, one in enumerate(others)}
    desk.from_program(said)
    assert desk.place(str(first["To"])).partstat is Partstat.ACCEPTED
    assert {one: desk.place(one).partstat.value for one in said} == said
    assert desk.country.post() == []  # an answer asks nobody anything


def _moved(desk: Desk, path: str, expected: list[str]) -> None:
    """Move it on its page, which names who gets a mail before the button; answer anew."""
    page = desk.page
    page.goto(f"{path}/tid")
    page.locator("#day").fill(str(_day(11)))
    page.get_by_role("button", name="Se vad det innebär").click()
    said = f"{len(expected)} personer får mejl om den nya tiden:"
    page.get_by_text(said).wait_for()
    page.get_by_role("button", name="Spara den nya tiden").click()
    expect(page).to_have_url(re.compile(r"/traffar/[^/?#]+(\?.*)?$"))
    told = desk.country.post()
    assert sorted(str(one["To"]) for one in told) == expected
    desk.from_program(dict.fromkeys(expected, "ACCEPTED"))
    assert {desk.place(one).partstat for one in expected} == {Partstat.ACCEPTED}


def _called_off(desk: Desk, path: str, button: str, expected: list[str]) -> None:
    """Call it off on its page, which names who hears and asks why."""
    page = desk.page
    page.goto(path)
    page.locator("summary", has_text=button).click()
    page.get_by_text(f"{len(expected)} inbjudna får veta det:").wait_for()
    page.get_by_label("Varför? Det står i mejlet").fill("Exempel: för få kan")
    page.get_by_role("button", name="Ställ in", exact=True).click()
    page.get_by_text("inställd").first.wait_for()
    told = desk.country.post()
    assert sorted(str(one["To"]) for one in told) == expected
    assert all("Exempel: för få kan" in text_of(one) for one in told)


def _of_a_poll(desk: Desk, mails: list[EmailMessage]) -> list[EmailMessage]:
    """All answer from their mails; the planner books what suits, two presses; return the invitations."""
    for message in mails:
        desk.from_mail(message, "svar=alla", "Spara mitt svar")
    page = desk.page
    page.reload()
    counted = Presses(page)
    best = page.locator("article", has_text="passar flest")
    counted.press(best.locator("summary"))
    counted.press(page.get_by_role("dialog").get_by_role("button", name="Boka"))
    assert counted.number == 2
    expect(page).to_have_url(re.compile(r"/traffar/[^/?#]+"))
    return desk.country.post()


@pytest.mark.parametrize("name", list(KINDS))
def test_this_kind_of_meeting_lives_by_browser_mail_and_mail_program(desk: Desk, name: str) -> None:
    made = KINDS[name]
    expected = desk.expected(made["who"])
    mails = _made(desk, name, made)
    if made["how"] == "pick":
        _check_ins(desk, mails)
        return
    if made.get("seats"):
        _few_seats(desk, mails)
        return
    if made["how"] == "poll":
        mails = _of_a_poll(desk, mails)
        assert sorted(str(one["To"]) for one in mails) == expected
    path = desk.page.url.partition("?")[0]
    _answered(desk, mails)
    if made["how"] == "again":
        _called_off(desk, path, "Avsluta serien", expected)
        return
    _moved(desk, path, expected)
    _called_off(desk, path, "Ställ in träffen", expected)


def _check_ins(desk: Desk, mails: list[EmailMessage]) -> None:
    """Each takes a time of its own; the two who meet get it in their calendars, and it can be declined by mail."""
    nch = desk.country.nch.person.email
    for message in mails:
        desk.from_mail(message, r"^/tid/", "Ta tiden")
        pair = desk.country.post()
        assert sorted(str(one["To"]) for one in pair) == sorted([str(message["To"]), nch])
        desk.from_program({str(message["To"]): "ACCEPTED"})
        assert desk.place(str(message["To"])).partstat is Partstat.ACCEPTED
    desk.page.reload()
    assert desk.page.get_by_text("Tagen av").count() == len(mails)


def _few_seats(desk: Desk, mails: list[EmailMessage]) -> None:
    """The first to say yes has the seat, on the page or by mail; the queue moves up when it is given back."""
    first, second = (str(one["To"]) for one in mails[:2])
    desk.from_mail(mails[0], r"^/svar/", "Jag kommer")
    desk.from_program({second: "ACCEPTED"})
    [queued] = desk.country.post()
    assert (str(queued["To"]), "du står på kö" in text_of(queued)) == (second, True)
    desk.from_program({first: "DECLINED"})
    assert second in {str(one["To"]) for one in desk.country.post()}
    assert desk.place(second).place is Place.INVITED
