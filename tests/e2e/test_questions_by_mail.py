"""Questions and the living register as mail brings them: a real SMTP server, a real IMAP mailbox and a real browser.

What an RC wrote to the function mailbox becomes a question by one press and is answered, thanked for and closed. A circle's
question is answered from its mail without signing in, put on the next meeting's agenda by one press, offered without
names, published by a planner, and counted in the weekly letter. The yearly *stämmer det fortfarande?* is saved from its mail.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from api.accounts.models import Role
from api.feeds.housekeeping import send_digests
from api.invitations import mailbox
from api.invitations.delivery import choose
from api.invitations.models import Delivery
from api.kit.clock import now
from api.kit.mail import Server
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.registry.checking import PARTS
from tests.api.outbox.test_outbox import Difficult
from tests.api.outbox.test_outbox import serving as smtp
from tests.e2e.site import Look, Site, insist_on_chromium, serving
from tests.factories import Member, make_member
from tests.mailbox import serving as imap
from tests.post import Postman, text_of
from tests.shipped import import_shipped

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK, PHONE, ENGLISH = (
    Look("sv", 1280, "light"),
    Look("sv", 360, "light"),
    Look("en", 1280, "light"),
)
HELD = timedelta(minutes=11)
START = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
EVIDENCE: dict[str, object] = {
    "attributes": [],
    "members": [],
    "pre_operational": [],
    "operational": [],
    "farthest_km": 92.0,
}
WRITTEN = "Hur ansöker vi om medel för 2028?"
ASKED = "Hur har ni skrivit samverkansavtalet med regionen?"
SAID = "Vi utgick från länets egen mall."


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:
    """An empty service and a Chromium."""
    insist_on_chromium()
    file = tmp_path / "questions.db"
    shutil.copy(sqlite_template, file)
    with serving(f"sqlite:///{file}", is_demo=False) as made:
        yield made


def _furnish(session: Session) -> dict[str, Member]:
    import_shipped(session, "system")
    people = {
        rc: make_member(session, Role.RC_MEMBER, rc_id=rc)
        for rc in ("skaraborg", "fyrbodal", "goteborg", "jamtland")
    }
    people["planner"] = make_member(session, Role.PLANNER)
    people["planner"].function.mailbox = "resurs@example.org"
    session.flush()
    circle = ("fyrbodal", "goteborg", "skaraborg")
    publish_round(session, "one", [Group(Layer.LIKENESS, circle, EVIDENCE, 92.0)], "nch", now())
    session.flush()
    start = now() + timedelta(days=30)
    draft = MeetingDraft(
        kind=MeetingKind.NETWORK,
        name_sv="Exempel kretsträff",
        name_en="Example of a circle's meeting",
        focus_sv="Exempel",
        focus_en="Example",
        form=MeetingForm.DIGITAL,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        town="",
        network_id=session.exec(select(Network)).one().id,
    )
    create(session, draft, "system", now())
    for one in people.values():
        choose(session, one.person.id, Delivery.INVITATION, now(), has_digest=True)
    session.flush()
    session.expunge_all()
    return people


def _letter(sender: str) -> bytes:
    written = EmailMessage()
    written["From"], written["To"] = sender, "resurs@example.org"
    written["Subject"], written["Message-ID"] = WRITTEN, "<one@example.org>"
    written.set_content("Hej! Undrar vi.")
    return written.as_bytes()


class Walk(Postman):
    """What everybody does in browsers of their own, and the post that comes of it."""

    def __init__(
        self, site: Site, server: Server, taken: list[bytes], clock: time_machine.Traveller
    ) -> None:
        super().__init__(site.app, server, taken)
        self.site, self.clock = site, clock
        with site.app.state.database.transaction() as session:
            self.people = _furnish(session)
        self.pages: list[Page] = []
        self.planner = self.page_of("planner", ENGLISH)
        self.own = self.page_of("skaraborg", PHONE, script=False)
        self.members = {self.email(rc) for rc in ("skaraborg", "fyrbodal", "goteborg")}

    def email(self, who: str) -> str:
        return self.people[who].person.email

    def page_of(self, who: str, look: Look, *, script: bool = True) -> Page:
        person = self.people[who].person.id
        self.pages.append(self.site.context_of(person, look, script=script).new_page())
        return self.pages[-1]

    def brought(self) -> dict[str, EmailMessage]:
        """Let what waits go, and return the post by receiver."""
        self.clock.shift(HELD)
        return {str(one["To"]): one for one in self.post()}

    def linked(self, message: EmailMessage) -> Page:
        """Open a mail's link on a phone that is signed in as nobody and has no script."""
        self.pages.append(self.site.empty_context(PHONE, script=False).new_page())
        self.pages[-1].goto(self.site.url + self.paths(message)[0])
        return self.pages[-1]

    def from_the_function_mailbox(self) -> None:
        """One press makes a question of it; it is answered, thanked for and closed."""
        asker = self.email("skaraborg")
        with imap(_letter(asker)) as (url, _):
            mailbox.poll(self.app.state.database, url, now)
        desk = self.planner
        desk.goto(f"{self.site.url}/en/planera/mejl")
        desk.get_by_role("button", name=f"Put the subject from {asker}").click()
        expect(desk.get_by_text("The subject is now a question to NCH.")).to_be_visible()
        expect(desk.get_by_text(WRITTEN)).to_be_visible()
        assert self.brought() == {}
        desk.get_by_label("Your answer").fill("Ansökan öppnar i mars.")
        desk.get_by_role("button", name="Answer", exact=True).click()
        desk.locator("article p", has_text="Ansökan öppnar i mars.").wait_for()
        [(to, mail)] = self.brought().items()
        assert (to, WRITTEN in text_of(mail)) == (asker, False)
        self.own.goto(self.site.url + self.paths(mail)[0])
        self.own.get_by_role("button", name="Tacka").click()
        self.own.get_by_role("button", name="Frågan är besvarad: avsluta").click()
        expect(self.own.get_by_text("Avslutad")).to_be_visible()

    def to_the_circle(self) -> str:
        """The circle is chosen beforehand; its mail is answered without signing in. Return the question's address."""
        own = self.own
        own.goto(f"{self.site.url}/fragor/ny")
        expect(own.get_by_text("kan lämnas ut som allmän handling").first).to_be_visible()
        own.get_by_role("textbox", name="Frågan").fill(ASKED)
        own.get_by_role("button", name="Skicka frågan").click()
        where = own.url.partition("?")[0]
        mails = self.brought()
        assert set(mails) == self.members
        mate = self.linked(mails[self.email("fyrbodal")])
        expect(mate.get_by_text(ASKED)).to_be_visible()
        mate.get_by_label("Ert svar").fill(SAID)
        mate.get_by_role("button", name="Svara", exact=True).click()
        expect(mate.get_by_text("Tack! Svaret är sparat.")).to_be_visible()
        assert set(self.brought()) == self.members
        own.goto(where)
        own.get_by_role("button", name="Ta upp på Exempel kretsträff").click()
        own.get_by_role("link", name="Exempel kretsträff").click()
        expect(own.get_by_role("link", name=ASKED)).to_be_visible()
        return where

    def for_everybody(self, where: str) -> None:
        """Whoever answered offers it without names; a planner publishes it, and all read it."""
        answerer = self.page_of("fyrbodal", PHONE)
        answerer.goto(where)
        answerer.locator("summary", has_text="Erbjud svaret").click()
        answerer.get_by_label("Frågan utan namn").fill("Hur skrivs ett samverkansavtal?")
        answerer.get_by_role("button", name="Erbjud", exact=True).click()
        self.planner.goto(f"{self.site.url}/en/fragor")
        self.planner.get_by_role("button", name="Publish").click()
        reader = self.page_of("jamtland", DESK)
        reader.goto(f"{self.site.url}/fragor")
        reader.locator("summary", has_text="Hur skrivs ett samverkansavtal?").click()
        expect(reader.get_by_text(SAID)).to_be_visible()
        expect(reader.get_by_text(ASKED)).to_have_count(0)

    def weekly(self) -> None:
        """The letter counts new questions for those who may see them, and holds none."""
        with self.app.state.database.transaction() as session:
            send_digests(session, now())
        letters = self.brought()
        assert "1 fråga till" in text_of(letters[self.email("goteborg")])
        stranger = letters.get(self.email("jamtland"))
        assert stranger is None or "fråga till" not in text_of(stranger)
        assert all(ASKED not in text_of(one) for one in letters.values())

    def yearly(self) -> None:
        """The link opens, a button for each group of facts saves, and NCH confirms after it."""
        self.planner.goto(f"{self.site.url}/en/planera/registret")
        self.planner.get_by_role("button", name="Mail them the question now").click()
        check = self.linked(self.brought()[self.email("skaraborg")])
        for heading in PARTS.values():
            check.get_by_role("button", name=f"Det här stämmer: {heading}").click()
        expect(check.get_by_text("Bekräftat av RC:t")).to_have_count(len(PARTS))
        self.planner.goto(f"{self.site.url}/en/planera/registret")
        confirm = self.planner.get_by_role("button", name=re.compile("^Confirm: .*Skaraborg"))
        expect(confirm).to_have_count(len(PARTS))


def test_questions_and_the_yearly_check_by_mail(site: Site) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False) as clock, smtp(handler) as server:
        walk = Walk(site, server, handler.taken, clock)
        walk.from_the_function_mailbox()
        where = walk.to_the_circle()
        walk.for_everybody(where)
        walk.weekly()
        walk.yearly()
        assert walk.opened > len(walk.members)  # each link of each mail, twice
        for page in walk.pages:
            is_phone = page.viewport_size == {"width": PHONE.width, "height": 800}
            wide = page.evaluate("document.documentElement.scrollWidth") if is_phone else 0
            assert wide <= PHONE.width, page.url
            page.context.close()
