"""Asking asks and booking tells: every sentence that says who gets a mail is asked of the mail server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import col, select

from api.accounts import directory
from api.accounts.models import Function, Role
from api.availability import asking, queries
from api.availability.models import Poll, PollState
from api.kit.clock import now
from api.kit.db import Database
from api.kit.mail import Server
from api.meetings.models import Meeting, MeetingState
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.outbox import holding
from api.outbox.acts import outbox_of
from api.outbox.sending import send_due
from tests.api.outbox.test_outbox import SENDER, Difficult, parsed, serving
from tests.factories import Member, make_member, make_person
from tests.promises import keeps
from tests.rows import everything
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser

AT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)  # a Monday
LATER = timedelta(minutes=11)
RCS = ("fyrbodal", "skaraborg", "alvsborg")
TYPED = {
    "theme": "Rutiner",
    "form": "digital",
    "length": "1.5",
    "day1": "2027-03-02",
    "clock1": "09:00",
    "day2": "2027-03-03",
    "clock2": "13:00",
    "answer_by": "2027-01-20",
}


@dataclass
class Circle:
    """A circle of three RC, a mail server that takes everything, and a clock."""

    app: FastAPI
    server: Server
    handler: Difficult
    clock: time_machine.Traveller
    network_id: str = ""
    people: dict[str, Member] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def web(self, rc: str) -> Browser:
        return browser(self.app, self.people[rc].person.id)

    def address(self, rc: str) -> str:
        return self.people[rc].person.email

    def wait(self, step: timedelta = LATER) -> list[EmailMessage]:
        """Let time pass and the outbox do its rounds; return what the server got, by recipient."""
        self.clock.shift(step)
        before = len(self.handler.taken)
        holding.release_due(self.database, now)
        send_due(self.database, self.server, SENDER, now)
        return sorted(map(parsed, self.handler.taken[before:]), key=lambda mail: str(mail["To"]))

    def ask(self, rc: str = "skaraborg") -> str:
        """Propose the times as a browser does, and return the poll's page."""
        page = f"/natverk/{self.network_id}/ny-tid"
        web = self.web(rc)
        shown = web.submit(page, page, TYPED)
        assert shown.status_code == 200
        sent = dict(HIDDEN.findall(shown.text))
        answer = web.post(page, data=sent)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def rows(self) -> dict[str, list[str]]:
        """Return every row of every table, as it is compared."""
        with self.database.reading() as session:
            return everything(session)

    def poll(self) -> Poll:
        with self.database.reading() as session:
            [found] = session.exec(select(Poll)).all()
            session.expunge_all()
            return found

    def options(self) -> list[str]:
        with self.database.reading() as session:
            return [one.id for one in queries.options(session, self.poll().id)]


@pytest.fixture
def circle(app: FastAPI) -> Iterator[Circle]:
    handler = Difficult("well")
    with serving(handler) as server, time_machine.travel(AT, tick=False) as clock:
        made = Circle(app, server, handler, clock)
        with made.database.transaction() as session:
            outbox_of(session).hold = timedelta(minutes=10)
            import_shipped(session, "system")
            evidence = Evidence((), (), (), RCS, 92.0).to_json()
            group = Group(Layer.LIKENESS, RCS, evidence, 92.0)
            publish_round(session, "one", [group], "nch", now())
            made.network_id = networks.active_networks(session)[0].id
            made.people = {rc: make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in RCS}
            session.flush()
            session.expunge_all()
        made.wait()  # what publishing told
        yield made


def links(mail: EmailMessage) -> list[str]:
    """Return every address of ours in both parts of a mail."""
    found = []
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        found += re.findall(r"https?://[^\s\"<>]+", body.get_content())
    return [f"{one.path}?{one.query}" for one in map(urlsplit, found) if one.path != ""]


def link(mail: EmailMessage, choice: str) -> str:
    return next(one for one in links(mail) if one.endswith(f"svar={choice}"))


def recipients(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["To"]) for mail in mails]


def others(circle: Circle, *but: str) -> list[str]:
    return sorted(circle.address(rc) for rc in RCS if rc not in but)


def save(web: Browser, path: str) -> str:
    """Open a mailed link and press the button on its page; return the page that follows."""
    page = web.get(path).text
    fields = dict(HIDDEN.findall(page))
    fields |= dict(
        re.findall(r'type="radio" id="[^"]+" name="([^"]+)" value="(\w+)" checked', page)
    )
    answer = web.post(path.partition("?")[0], data=fields)
    assert answer.status_code == 303, answer.text
    return web.get(answer.headers["location"]).text


def book(circle: Circle, web: Browser, option: str) -> str:
    path = f"/tidsval/{circle.poll().id}"
    version = str(circle.poll().version)
    answer = web.submit(path, f"{path}/boka", {"version": version, "option_id": option})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def undo(web: Browser, where: str) -> None:
    act = re.search(r"kvitto=([\w-]+)", where)
    assert act is not None
    answer = web.submit(where, f"/angra/{act[1]}", {})
    assert answer.status_code == 303, answer.text


def test_whoever_asks_sees_first_who_gets_what_and_nothing_is_kept_of_it(circle: Circle) -> None:
    before, page = circle.rows(), f"/natverk/{circle.network_id}/ny-tid"
    shown = circle.web("skaraborg").submit(page, page, TYPED)
    assert circle.rows()["poll"] == before["poll"] == []
    assert circle.rows()["mail"] == before["mail"]
    for rc in ("fyrbodal", "alvsborg"):
        assert circle.people[rc].person.name in shown.text
    assert "2 personer får mejlet och svarar senast onsdag 20 januari 2027" in shown.text
    assert "dina egna tider räknas som ja" in shown.text
    assert "När kan du? Svara senast 20 jan: Rutiner" in shown.text
    assert "tisdag 2 mars 2027 kl. 09.00–10.30" in shown.text


@keeps(
    "%(num)s person får mejlet och svarar senast %(day)s.",
    "%(num)s person får frågan med mejl:",
    "De andra är tillfrågade.",
    "%(num)s mejl är på väg.",
    "Vilka som är tillfrågade",
    "fick mejlet %(day)s",
)
def test_asking_mails_each_of_the_others_one_link_and_the_page_says_what_became_of_it(
    circle: Circle,
) -> None:
    where = circle.ask()
    page = circle.web("skaraborg").get(where).text
    assert "2 mejl skickas kl. 10.21" in page
    assert page.count("mejlet går kl. 10.21") == 2
    assert circle.wait(timedelta(minutes=5)) == []
    mails = circle.wait()
    assert recipients(mails) == others(circle, "skaraborg")
    assert {str(mail["Subject"]) for mail in mails} == {"När kan du? Svara senast 20 jan: Rutiner"}
    page = circle.web("skaraborg").get(where).text
    assert page.count("fick mejlet 11 jan") == 2
    assert circle.wait() == []  # nothing is mailed twice


def test_every_link_of_every_mail_opened_twice_changes_nothing(circle: Circle) -> None:
    circle.ask()
    mails = circle.wait()
    circle.clock.shift(timedelta(days=1))
    asked = circle.web("skaraborg")
    asked.submit(f"/tidsval/{circle.poll().id}", f"/tidsval/{circle.poll().id}/paminn", {})
    mails += circle.wait()
    assert len(mails) == 4
    circle.rows()
    before, opened = circle.rows(), 0
    for mail in mails:
        for path in links(mail):
            for web in (browser(circle.app), browser(circle.app)):
                assert web.get(path).status_code == 200, path
                opened += 1
    assert circle.rows() == before
    assert opened >= 4 * 2 * 2 * 5  # mails, parts, times, the five links


def test_a_link_fills_in_what_was_pressed_and_a_button_saves_it_in_one_row(circle: Circle) -> None:
    circle.ask()
    first, _ = circle.wait()
    phone, (one, two) = browser(circle.app), circle.options()
    page = phone.get(link(first, two)).text
    assert f'value="yes" checked>\n      <label for="tid-{two}-yes"' in page
    assert f'value="no" checked>\n      <label for="tid-{one}-no"' in page
    assert "Boka" not in page
    assert "Tack, svaret är sparat" in save(phone, link(first, two))
    assert "Tack, svaret är sparat" in save(phone, link(first, "alla"))
    with circle.database.reading() as session:
        answers = queries.answers(session, circle.poll().id)
        said = {
            (mark.answer_id, mark.option_id): mark.value
            for mark in queries.marks(session, circle.poll().id)
        }
    assert len(answers) == 2  # the proposer's, and this one's
    assert set(said.values()) == {"yes"}
    assert len(said) == 4


@keeps(
    "De här får ett mejl till, med en egen länk:",
    "mejlet går kl. %(clock)s",
)
def test_a_reminder_goes_to_who_has_not_answered_once_a_day_and_not_to_who_answers_meanwhile(
    circle: Circle,
) -> None:
    circle.ask()
    first, second = circle.wait()
    save(browser(circle.app), link(first, "inga"))
    web, path = circle.web("skaraborg"), f"/tidsval/{circle.poll().id}"
    assert "Skicka påminnelsen" not in web.get(path).text  # asked today
    circle.clock.shift(timedelta(days=1))
    web = circle.web("skaraborg")
    assert "Påminn 1 som inte har svarat" in web.get(path).text
    for _ in range(2):
        assert web.submit(path, f"{path}/paminn", {}).status_code == 303
    [reminder] = circle.wait()
    assert reminder["To"] == second["To"]
    assert str(reminder["Subject"]).startswith("Påminnelse, svara senast 20 jan")
    circle.clock.shift(timedelta(days=1))
    circle.web("skaraborg").submit(path, f"{path}/paminn", {})
    save(browser(circle.app), link(second, "alla"))  # the first link holds still
    assert circle.wait() == []


@keeps(
    "Påminnelserna är klara.",
)
def test_a_reminder_that_is_taken_back_reaches_nobody(circle: Circle) -> None:
    circle.ask()
    circle.wait()
    circle.clock.shift(timedelta(days=1))
    web, path = circle.web("skaraborg"), f"/tidsval/{circle.poll().id}"
    where = web.submit(path, f"{path}/paminn", {}).headers["location"]
    assert "2 mejl skickas" in web.get(where).text
    undo(web, where)
    assert circle.wait() == []


@keeps(
    "Tomt betyder om en vecka. Den som inte har svarat får en påminnelse dagen före.",
)
def test_the_day_before_the_last_one_whoever_has_not_answered_is_reminded_once_by_itself(
    circle: Circle,
) -> None:
    circle.ask()
    first, second = circle.wait()
    save(browser(circle.app), link(first, "alla"))
    sent = []
    for _ in range(24 * 10):  # every hour until the last day is over
        circle.clock.shift(timedelta(hours=1))
        with circle.database.transaction() as session:
            asking.remind_due(session, now())
        arrived = circle.wait(timedelta())
        sent += [(now(), mail) for mail in arrived]
        circle.wait(timedelta())
    sent += [(now(), mail) for mail in circle.wait()]
    [(moment, mail)] = sent
    assert mail["To"] == second["To"]
    assert moment.date().isoformat() == "2027-01-19"


@keeps(
    "%(num)s person får inbjudan per mejl:",
    "Boka och bjud in",
)
def test_booking_invites_all_and_the_first_page_says_what_was_decided(circle: Circle) -> None:
    circle.ask()
    circle.wait()
    web, (one, _) = circle.web("fyrbodal"), circle.options()
    page = web.get(f"/tidsval/{circle.poll().id}").text
    assert "3 personer får inbjudan per mejl:" in page
    where = book(circle, web, one)
    assert "Tiden är bokad.</strong> 3 mejl skickas kl." in web.get(where).text
    mails = circle.wait()
    assert recipients(mails) == others(circle)
    for mail in mails:
        [part] = [each for each in mail.iter_attachments() if each.get_filename() == "invite.ics"]
        assert b"METHOD:REQUEST" in part.get_content()
    assert circle.wait() == []
    for rc in RCS:
        start = circle.web(rc).get("/").text
        assert "Nyss bestämt" in start
        assert "Säg när du kan" not in start
    assert "Tiden är bestämd" in browser(circle.app).get(links(circle_mail(circle))[0]).text


def circle_mail(circle: Circle) -> EmailMessage:
    """Return the first mail that asked."""
    asked = [parsed(one) for one in circle.handler.taken]
    return next(mail for mail in asked if str(mail["Subject"]).startswith("När kan du?"))


def test_a_booking_that_is_taken_back_opens_the_question_again_and_nobody_has_heard(
    circle: Circle,
) -> None:
    circle.ask()
    circle.wait()
    web, (one, two) = circle.web("skaraborg"), circle.options()
    where = book(circle, web, one)
    undo(web, where)
    assert circle.wait() == []
    assert circle.poll().state is PollState.OPEN
    with circle.database.reading() as session:
        found = session.exec(select(Meeting).where(col(Meeting.name_sv).endswith(": Rutiner")))
        assert {one.state for one in found} <= {MeetingState.CANCELLED}
    book(circle, web, two)
    assert recipients(circle.wait()) == others(circle)


def test_a_question_that_is_taken_back_asks_nobody(circle: Circle) -> None:
    where = circle.ask()
    undo(circle.web("skaraborg"), where)
    assert circle.wait() == []
    assert circle.poll().state is PollState.CLOSED
    assert "Säg när du kan" not in circle.web("alvsborg").get("/").text


@keeps(
    "De som redan har svarat får ett mejl om den nya tiden.",
)
def test_one_more_time_is_told_to_those_who_have_answered_and_counts_as_its_proposers_yes(
    circle: Circle,
) -> None:
    circle.ask()
    first, _ = circle.wait()
    save(browser(circle.app), link(first, "alla"))
    web, path = circle.web("skaraborg"), f"/tidsval/{circle.poll().id}"
    more = {"day1": "2027-03-04", "clock1": "10:00", "length": "1", "version": "1"}
    assert web.submit(path, f"{path}/lagg-till", more).status_code == 303
    [mail] = circle.wait()
    assert mail["To"] == first["To"]
    assert str(mail["Subject"]).startswith("En tid till att välja på")
    assert circle.wait() == []


def test_signed_in_one_answers_on_a_page_without_a_button_that_books(circle: Circle) -> None:
    circle.ask()
    circle.wait()
    web, path = circle.web("alvsborg"), f"/tidsval/{circle.poll().id}/svara"
    assert f'href="{path}"' in web.get("/").text
    page = web.get(path).text
    assert "Boka" not in page[page.index("<main") : page.index("</main>")]
    assert "Du svarar som" in page
    (one, two) = circle.options()
    answer = web.submit(path, path, {f"tid-{one}": "maybe", f"tid-{two}": "yes"})
    assert "Tack, svaret är sparat" in web.get(answer.headers["location"]).text
    assert f'href="{path}"' not in web.get("/").text


def test_who_leaves_a_post_answers_no_more_and_who_comes_is_asked(circle: Circle) -> None:
    circle.ask()
    mails = circle.wait()
    mail = next(one for one in mails if one["To"] == circle.address("alvsborg"))
    assert browser(circle.app).get(link(mail, "alla")).status_code == 200
    with circle.database.transaction() as session:
        function = session.get_one(Function, circle.people["alvsborg"].function.id)
        comes = make_person(session)
        session.flush()
        directory.hand_over(
            session,
            function,
            comes,
            deputy=None,
            version=function.version,
            actor="system",
            now=now(),
        )
        new = comes.email
    assert browser(circle.app).get(link(mail, "alla")).status_code == 404
    asked = [one for one in circle.wait() if str(one["Subject"]).startswith("När kan du?")]
    assert recipients(asked) == [new]
    assert "Tack, svaret är sparat" in save(browser(circle.app), link(asked[0], "alla"))


def _proposed(circle: Circle) -> Meeting:
    with circle.database.reading() as session:
        [found] = session.exec(select(Meeting).where(Meeting.state == MeetingState.PROPOSED)).all()
        session.expunge_all()
        return found


@keeps(
    "Bestäm och bjud in",
    "%(num)s mejl skickas kl. %(due)s.",
)
def test_deciding_a_proposed_time_tells_all_and_can_be_taken_back(circle: Circle) -> None:
    meeting, web = _proposed(circle), circle.web("fyrbodal")
    path = f"/traffar/{meeting.id}"
    assert "3 personer får inbjudan per mejl:" in web.get(path).text
    assert "3 personer får inbjudan per mejl:" in web.get(f"/natverk/{circle.network_id}").text
    where = web.submit(path, f"{path}/bestam", {"version": str(meeting.version)}).headers[
        "location"
    ]
    undo(web, where)
    assert circle.wait() == []
    version = str(_proposed(circle).version)
    web.submit(path, f"{path}/bestam", {"version": version})
    assert recipients(circle.wait()) == others(circle)


@keeps(
    "%(num)s inbjuden får veta det:",
    "%(num)s person får mejl om den nya tiden:",
    "Alla får ett eget mejl. Flyttar du träffen får de ett nytt och måste svara igen.",
    "Påminn %(num)s som inte har svarat",
    "Varför? Det står i mejlet",
)
def test_an_rc_moves_reminds_and_calls_off_what_is_its_circles_and_everybody_hears(
    circle: Circle,
) -> None:
    meeting, web = _proposed(circle), circle.web("fyrbodal")
    path = f"/traffar/{meeting.id}"
    with circle.database.transaction() as session:  # decided before deciding told anybody
        row = session.get_one(Meeting, meeting.id)
        row.state = MeetingState.PUBLISHED
    new = {"day": "2027-04-14", "starts": "09:00", "ends": "10:00", "version": str(meeting.version)}
    shown = web.get(f"{path}/tid?day=2027-04-14&starts=09:00&ends=10:00").text
    assert "3 personer får mejl om den nya tiden:" in shown
    assert web.submit(path, f"{path}/tid", new).status_code == 303
    assert recipients(circle.wait()) == others(circle)
    circle.clock.shift(timedelta(days=1))
    web = circle.web("fyrbodal")
    listed = web.get(f"{path}/inbjudningar").text
    assert "Påminn 3 som inte har svarat" in listed
    event = re.search(r'name="event_id" value="([^"]+)"', listed)
    assert event is not None
    web.submit(f"{path}/inbjudningar", f"{path}/inbjudningar/paminn", {"event_id": event[1]})
    assert recipients(circle.wait()) == others(circle)
    version = str(meeting.version + 1)
    web.submit(path, f"{path}/stall-in", {"version": version, "reason": "Sjukdom"})
    assert recipients(circle.wait()) == others(circle)


def test_another_circles_rc_neither_sees_nor_reminds(circle: Circle) -> None:
    circle.ask()
    with circle.database.transaction() as session:
        stranger = make_member(session, Role.RC_MEMBER, rc_id="jamtland").person.id
    web, meeting = browser(circle.app, stranger), _proposed(circle)
    for path in (
        f"/tidsval/{circle.poll().id}/svara",
        f"/traffar/{meeting.id}/inbjudningar",
        f"/traffar/{meeting.id}/inbjudningar/utkast",
    ):
        assert web.get(path).status_code == 404
    for path in (
        f"/tidsval/{circle.poll().id}/paminn",
        f"/traffar/{meeting.id}/inbjudningar/paminn",
    ):
        assert web.submit("/logga-in", path, {}).status_code == 404
