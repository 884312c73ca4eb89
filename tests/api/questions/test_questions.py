"""Questions: who is asked hears of it, who asked a circle is known to nobody else, and answers come to use."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.accounts.news import FunctionHandedOver
from api.audit.models import AuditEntry
from api.feeds.housekeeping import send_digests
from api.invitations.delivery import choose
from api.invitations.models import Delivery
from api.kit.clock import now
from api.kit.db import announce
from api.kit.settings import Settings
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.operations.retention import erase_served
from api.outbox.models import Mail
from api.questions.models import Answer, Frequent, Question
from api.registry.models import Rc
from api.registry.service import import_shipped
from tests.factories import Member, make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.rows import counts
from tests.web import Browser, browser

TEXT = "Hur har ni skrivit samverkansavtalet med regionen?"
SAID = "Vi utgick från länets egen mall och bytte två stycken."
LINK = re.compile(r"http://testserver(/fraga/[A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class World:
    """A circle of three RC, one RC outside it, a planner at NCH, a reader and a guest."""

    app: FastAPI
    asker: Member
    mate: Member
    third: Member
    stranger: Member
    planner: Member
    reader: Member
    guest: Member
    circle: str

    def web(self, who: Member) -> Browser:
        return browser(self.app, who.person.id)

    def mails(self) -> list[Mail]:
        with self.app.state.database.reading() as session:
            found = list(session.exec(select(Mail).order_by(Mail.id)))
            session.expunge_all()
        return [one for one in found if one.batch.startswith("question:")]

    def told(self) -> set[str]:
        return {one.recipient for one in self.mails()}

    def ask(self, who: Member, to: str, text: str = TEXT) -> str:
        answer = self.web(who).submit("/fragor/ny", "/fragor/ny", {"to": to, "text": text})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"]).partition("?")[0]


@pytest.fixture
def world(app: FastAPI) -> World:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        asker, mate, third, stranger = (
            make_member(session, Role.RC_MEMBER, rc_id=rc)
            for rc in ("skaraborg", "fyrbodal", "goteborg", "jamtland")
        )
        planner, reader, guest = (
            make_member(session, role) for role in (Role.PLANNER, Role.READER, Role.GUEST)
        )
        session.flush()
        session.expunge_all()
    with app.state.database.transaction() as session:
        group = Group(Layer.LIKENESS, ("fyrbodal", "goteborg", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
    with app.state.database.reading() as session:
        circle = session.exec(select(Network)).one().id
    return World(app, asker, mate, third, stranger, planner, reader, guest, circle)


@keeps(
    "De du frågar får ett mejl med en länk. Själva frågan står bara här.",
)
def test_a_circles_question_is_the_circles_alone_and_nobody_else_learns_who_asked(
    world: World,
) -> None:
    page = world.ask(world.asker, world.circle)
    members = {one.person.email for one in (world.asker, world.mate, world.third)}
    assert world.told() == members  # the asker too: whoever counts the mails learns nothing
    assert TEXT in world.web(world.asker).get(page).text
    assert TEXT in world.web(world.mate).get(page).text
    for other in (world.stranger, world.planner, world.reader, world.guest):
        assert world.web(other).get(page).status_code == 404
        found = world.web(other).get("/fragor")
        assert found.status_code == (404 if other is world.guest else 200)
        assert TEXT not in found.text
        assert TEXT not in world.web(other).get("/sok", params={"q": "samverkansavtalet"}).text
    assert TEXT in world.web(world.mate).get("/sok", params={"q": "samverkansavtalet"}).text
    for mail in world.mails():
        assert TEXT not in mail.text + mail.html + mail.subject
    with world.app.state.database.reading() as session:
        rcs = {one.id: one.name for one in session.exec(select(Rc))}
    texts = {text_of(one).replace(one.recipient, "") for one in world.mails()}
    assert all(rcs["skaraborg"] not in one for one in texts)
    answered = world.web(world.mate).submit(page, f"{page}/svar", {"text": SAID})
    assert answered.status_code == 303
    with world.app.state.database.reading() as session:
        rows = session.exec(select(AuditEntry).where(AuditEntry.subject_kind == "question")).all()
        assert {row.action for row in rows} == {"put a question", "answered a question"}
        assert {row.actor for row in rows} == {f"network:{world.circle}"}


def test_neither_questions_nor_answers_by_a_mailed_link_are_mail_without_end(world: World) -> None:
    page = world.ask(world.asker, "all")
    [link] = [
        found[1]
        for one in world.mails()
        if one.recipient == world.stranger.person.email and (found := LINK.search(text_of(one)))
    ]
    by_link = Browser(world.app, follow_redirects=False)
    answers = [by_link.submit(link, link, {"text": SAID}).status_code for _ in range(12)]
    assert answers == [303] * 10 + [422] * 2
    assert world.web(world.mate).submit(page, f"{page}/svar", {"text": SAID}).status_code == 303
    form = {"to": "all", "text": TEXT}
    web = world.web(world.asker)
    asked = [web.submit("/fragor/ny", "/fragor/ny", form).status_code for _ in range(11)]
    assert asked == [303] * 9 + [422] * 2
    world.ask(world.mate, "all")


@opens("question_asked", "question_answered")
def test_all_rc_are_asked_but_the_one_who_asks_and_the_answer_comes_home(world: World) -> None:
    page = world.ask(world.asker, "all")
    asked = {one.person.email for one in (world.mate, world.third, world.stranger)}
    assert world.told() == asked
    web = world.web(world.stranger)
    empty = web.submit(page, f"{page}/svar", {"text": "  "})
    assert empty.status_code == 422
    assert web.submit(page, f"{page}/svar", {"text": SAID}).status_code == 303
    assert world.told() == asked | {world.asker.person.email}
    shown = world.web(world.asker).get(page).text
    assert SAID in shown
    assert world.web(world.planner).get(page).status_code == 200
    assert world.web(world.reader).get(page).status_code == 404
    action = re.findall(r'action="(/fragor/svar/[^"]+/tacka)"', shown)[0]
    assert web.submit(page, action).status_code == 404  # nobody thanks for an answer to others
    assert world.web(world.asker).submit(page, action).status_code == 303
    assert "tackad" in web.get(page).text
    world.web(world.asker).submit(page, f"{page}/avsluta")
    refused = web.submit(page, f"{page}/svar", {"text": SAID})
    assert refused.status_code == 409


def test_nch_is_asked_by_the_one_who_plans_and_answers(world: World) -> None:
    page = world.ask(world.asker, "nch")
    assert world.told() == {world.planner.person.email}
    assert "1 fråga till NCH väntar på svar." in world.web(world.planner).get("/").text
    assert world.web(world.mate).get(page).status_code == 404
    world.web(world.planner).submit(page, f"{page}/svar", {"text": SAID})
    assert "till NCH väntar på svar" not in world.web(world.planner).get("/").text
    assert world.told() == {world.planner.person.email, world.asker.person.email}


def test_the_mailed_link_shows_and_changes_nothing_until_the_button_is_pressed(
    world: World,
) -> None:
    world.ask(world.asker, "all")
    mail = next(one for one in world.mails() if one.recipient == world.stranger.person.email)
    link = LINK.findall(text_of(mail))[0]
    web = browser(world.app)
    before = _rows(world)
    for _ in range(2):
        assert TEXT in web.get(link).text
    assert _rows(world) == before
    saved = web.submit(link, link, {"text": SAID})
    assert saved.status_code == 303
    assert "Svaret är sparat" in web.get(saved.headers["location"]).text
    with world.app.state.database.reading() as session:
        made = session.exec(select(Answer)).one()
        assert (made.function_id, made.rc_id) == (world.stranger.function.id, "jamtland")
    with world.app.state.database.transaction() as session:
        old = world.stranger.person.id
        news = FunctionHandedOver(world.stranger.function.id, old, None, "system", now())
        announce(session, news)
    assert web.get(link).status_code == 404


def test_an_answer_becomes_a_frequent_question_by_its_own_writer_and_a_planner(
    world: World,
) -> None:
    page = world.ask(world.asker, world.circle)
    world.web(world.mate).submit(page, f"{page}/svar", {"text": SAID})
    shown = world.web(world.mate).get(page).text
    action = re.findall(r'action="(/fragor/svar/[^"]+/erbjud)"', shown)[0]
    words = {"question": "Vad börjar man med?", "answer": "En mall."}
    assert "/erbjud" not in world.web(world.asker).get(page).text
    assert world.web(world.asker).submit(page, action, words).status_code == 404
    assert world.web(world.mate).submit(page, action, words | {"answer": ""}).status_code == 422
    assert world.web(world.mate).submit(page, action, words).status_code == 303
    assert "Vad börjar man med?" not in world.web(world.reader).get("/fragor").text
    desk = world.web(world.planner).get("/fragor").text
    publish = re.findall(r'action="(/fragor/vanliga/[^"]+)"', desk)[0]
    assert world.web(world.mate).submit("/fragor", publish, words).status_code == 404
    own = {"question": "Hur börjar man?", "answer": "Med en mall."}
    assert world.web(world.planner).submit("/fragor", publish, own).status_code == 303
    for who in (world.reader, world.stranger, world.planner):
        assert "Hur börjar man?" in world.web(who).get("/fragor").text
    settings = Settings(database="sqlite://")
    later = now() + timedelta(days=31 * settings.retention_people_months)
    with world.app.state.database.transaction() as session:
        erase_served(session, later, settings)
    with world.app.state.database.reading() as session:
        assert session.exec(select(Question)).all() == []
        assert session.exec(select(Answer)).all() == []
        assert [one.answer for one in session.exec(select(Frequent))] == ["Med en mall."]


def test_a_question_is_brought_up_at_the_circles_next_meeting(world: World) -> None:
    page = world.ask(world.asker, world.circle)
    web = world.web(world.mate)
    assert web.submit(page, f"{page}/ta-upp").status_code == 303
    meeting = re.findall(r'href="(/traffar/[^"/]+)"', web.get(page).text)[0]
    assert TEXT in web.get(meeting).text
    assert TEXT not in world.web(world.planner).get(meeting).text
    assert web.submit(page, f"{page}/ta-upp", {"off": "1"}).status_code == 303
    assert TEXT not in web.get(meeting).text


@pytest.mark.parametrize("to", ["all", "nch"])
def test_a_reader_and_a_guest_ask_nobody(world: World, to: str) -> None:
    for who in (world.reader, world.guest):
        web = world.web(who)
        assert web.get("/fragor/ny").status_code == 404
        posted = web.submit("/logga-in", "/fragor/ny", {"to": to, "text": TEXT})
        assert posted.status_code == 404
    assert world.mails() == []


def test_nobody_asks_a_circle_of_others_and_long_texts_are_refused_by_name(world: World) -> None:
    web = world.web(world.stranger)
    posted = web.submit("/fragor/ny", "/fragor/ny", {"to": world.circle, "text": TEXT})
    assert posted.status_code == 404
    long = world.web(world.asker).submit(
        "/fragor/ny", "/fragor/ny", {"to": "all", "text": "x" * 601}
    )
    assert long.status_code == 422
    assert "Högst 600 tecken." in long.text
    assert world.mails() == []


def _rows(world: World) -> dict[str, int]:
    with world.app.state.database.reading() as session:
        return counts(session)


def test_the_weekly_letter_counts_new_questions_and_tells_neither_text_nor_asker(
    world: World,
) -> None:
    world.ask(world.asker, world.circle)
    world.ask(world.mate, "all")
    everybody = (world.asker, world.mate, world.stranger, world.planner)
    with world.app.state.database.transaction() as session:
        for one in everybody:
            choose(session, one.person.id, Delivery.INVITATION, now(), has_digest=True)
        assert send_digests(session, now() + timedelta(minutes=1)) == len(everybody)
    with world.app.state.database.reading() as session:
        rcs = {one.id: one.name for one in session.exec(select(Rc))}
        circle = session.exec(select(Network)).one().name_sv
        found = list(session.exec(select(Mail).where(Mail.batch.startswith("digest/"))))
        letters = {one.recipient: text_of(one).replace(one.recipient, "") for one in found}
        assert all(TEXT not in one.subject + one.html for one in found)
    in_circle = f"1 fråga till {circle}"
    for one in everybody:
        text = letters[one.person.email]
        assert "1 fråga till alla RC" in text
        assert (in_circle in text) == (one in (world.asker, world.mate))
        assert TEXT not in text
        assert rcs["skaraborg"] not in text
    with world.app.state.database.transaction() as session:
        assert send_digests(session, now() + timedelta(days=8)) == 0  # nothing new, no letter


def test_who_comes_to_a_circle_later_reads_nothing_that_was_asked_before(world: World) -> None:
    """The asker did not choose it; and whoever leaves the circle reads and answers no more."""
    page = world.ask(world.asker, world.circle)
    mail = next(one for one in world.mails() if one.recipient == world.third.person.email)
    link = LINK.findall(text_of(mail))[0]
    assert browser(world.app).get(link).status_code == 200
    with world.app.state.database.transaction() as session:
        group = Group(Layer.LIKENESS, ("fyrbodal", "jamtland", "skaraborg"), {}, 92.0)
        publish_round(session, "two", [group], "nch", now())
        assert [one.id for one in networks.active_networks(session)] == [world.circle]
    for out in (world.stranger, world.third):
        web = world.web(out)
        assert web.get(page).status_code == 404
        assert web.get(f"/api/v1{page.replace('/fragor', '/questions')}").status_code == 404
        assert web.submit("/logga-in", f"{page}/svar", {"text": SAID}).status_code == 404
        for path in ("/fragor", "/api/v1/questions", "/sok?q=samverkansavtalet"):
            assert TEXT not in web.get(path).text
    assert browser(world.app).get(link).status_code == 404
    assert TEXT in world.web(world.mate).get(page).text
    newer = world.ask(world.mate, world.circle)
    assert TEXT in world.web(world.stranger).get(newer).text
