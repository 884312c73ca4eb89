"""Is it still right? A link opens the facts, each part is saved and confirmed by its own button, and NCH confirms after."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from api.accounts.models import Role
from api.accounts.news import FunctionHandedOver
from api.kit.db import announce
from api.outbox.models import Mail
from api.registry import checking
from api.registry.checking import FACTS_OF, PARTS
from api.registry.models import CheckedBy, CheckLink, FactCheck, Rc
from tests.factories import Member, make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser

LINK = re.compile(r"http://testserver(/stammer/[A-Za-z0-9_-]{43})")
FEBRUARY = datetime(2027, 2, 1, 6, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    app: FastAPI
    own: Member
    other: Member
    planner: Member
    reader: Member

    def web(self, who: Member) -> Browser:
        return browser(self.app, who.person.id)

    def mails(self) -> list[Mail]:
        with self.app.state.database.reading() as session:
            found = list(session.exec(select(Mail).order_by(col(Mail.created_at))))
            session.expunge_all()
        return [one for one in found if one.batch.startswith("register:")]

    def keep(self, at: datetime) -> None:
        with self.app.state.database.transaction() as session:
            checking.keep_register(session, at)

    def link_of(self, who: Member) -> str:
        [mail] = [one for one in self.mails() if one.recipient == who.person.email][-1:]
        found = LINK.search(text_of(mail))
        assert found is not None
        return found[1]


@pytest.fixture
def world(app: FastAPI) -> World:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = World(
            app,
            make_member(session, Role.RC_MEMBER, rc_id="skaraborg"),
            make_member(session, Role.RC_MEMBER, rc_id="jamtland"),
            make_member(session, Role.PLANNER),
            make_member(session, Role.READER),
        )
        session.flush()
        session.expunge_all()
    return made


@opens("register_check")
def test_each_rc_is_asked_once_a_year_and_reminded_once(world: World) -> None:
    world.keep(FEBRUARY - timedelta(days=1))
    assert world.mails() == []
    world.keep(FEBRUARY)
    world.keep(FEBRUARY + timedelta(days=1))
    told = {one.recipient for one in world.mails()}
    assert told == {world.own.person.email, world.other.person.email}
    assert len(world.mails()) == 2
    with world.app.state.database.transaction() as session:
        for part in PARTS:
            checking.confirm(
                session, "skaraborg", part, CheckedBy.RC, "x", FEBRUARY + timedelta(days=2)
            )
    world.keep(FEBRUARY + timedelta(days=22))
    world.keep(FEBRUARY + timedelta(days=23))
    assert [one.recipient for one in world.mails()][2:] == [world.other.person.email]
    world.keep(FEBRUARY + timedelta(days=365))
    assert len(world.mails()) == 5  # a new year asks both anew


def test_the_link_opens_the_facts_and_a_button_saves_and_confirms_one_part(world: World) -> None:
    world.keep(FEBRUARY)
    path, web = world.link_of(world.own), browser(world.app)
    page = web.get(path)
    assert "kan lämnas ut som allmän handling" in page.text
    with world.app.state.database.reading() as session:
        assert session.exec(select(FactCheck)).all() == []  # looking changes nothing
        before = session.get_one(Rc, "skaraborg").model_dump(exclude={"version", "sources"})
    form = {
        **dict(HIDDEN.findall(page.text)),
        "contact_police": "Brottsoffersamordnaren",
        "funding_detail": "Stulet",
    }
    answer = web.post(path, data=form | {"part": "kontakter"})
    assert answer.headers["location"] == f"{path}#kontakter"
    with world.app.state.database.reading() as session:
        after = session.get_one(Rc, "skaraborg").model_dump(exclude={"version", "sources"})
        [check] = session.exec(select(FactCheck)).all()
        assert (check.rc_id, check.part, check.by) == ("skaraborg", "kontakter", CheckedBy.RC)
    # Of the part alone, whatever else is posted.
    assert after == before | {"contact_police": "Brottsoffersamordnaren"}
    assert "3 delar är kvar" in web.get(path).text
    for part in PARTS:
        hidden = dict(HIDDEN.findall(web.get(path).text))
        same = {"form_token": hidden["form_token"], "version": hidden["version"]}
        assert web.post(path, data=same | {"part": part}).status_code == 303, part
    assert "Allt är bekräftat för i år" in web.get(path).text
    seen = world.web(world.reader).get("/rc/skaraborg").text
    assert "Brottsoffersamordnaren" in seen
    assert seen.count("Bekräftat av RC:t") == len(PARTS)
    assert "/stammer" not in seen
    assert web.post(path, data=same | {"part": "omradet"}).status_code == 404


def test_a_form_that_is_old_or_wrong_saves_and_confirms_nothing(world: World) -> None:
    world.keep(FEBRUARY)
    path, web = world.link_of(world.own), browser(world.app)
    hidden = dict(HIDDEN.findall(web.get(path).text))
    token = {"form_token": hidden["form_token"]}
    old = {**token, "version": "0", "staffing": "Två på heltid"}
    answer = web.post(path, data=old | {"part": "pengar"})
    assert answer.status_code == 409
    assert "Två på heltid" in answer.text
    wrong = {**token, "version": hidden["version"], "staff_count": "många"}
    answer = web.post(path, data=wrong | {"part": "pengar"})
    assert answer.status_code == 422
    assert "många" in answer.text
    with world.app.state.database.reading() as session:
        assert session.exec(select(FactCheck)).all() == []


def test_a_link_ends_when_its_function_is_handed_over_and_when_a_new_one_is_sent(
    world: World,
) -> None:
    world.keep(FEBRUARY)
    first = world.link_of(world.own)
    web = browser(world.app)
    assert web.get(first).status_code == 200
    with world.app.state.database.transaction() as session:
        checking.ask(session, FEBRUARY + timedelta(days=3), {"skaraborg"})
    assert web.get(first).status_code == 404
    second = world.link_of(world.own)
    assert web.get(second).status_code == 200
    with world.app.state.database.transaction() as session:
        news = FunctionHandedOver(
            world.own.function.id, world.own.person.id, None, "system", FEBRUARY
        )
        announce(session, news)
    assert web.get(second).status_code == 404
    with world.app.state.database.reading() as session:
        assert {one.rc_id for one in session.exec(select(CheckLink))} == {"jamtland"}


@keeps(
    "Den 1 februari varje år får varje RC ett mejl med en länk till sina uppgifter, och en påminnelse efter tre veckor. NCH bekräftar efter RC:t.",
    "Frågan är på väg.",
    "Mejla frågan till dem nu",
)
def test_nch_confirms_after_the_rc_and_asks_those_that_wait(world: World) -> None:
    planner = world.web(world.planner)
    page = "/planera/registret"
    assert world.web(world.own).get(page).status_code == 404
    hold = world.app.state.database.info["outbox"]
    hold.hold = timedelta(minutes=10)
    asked = planner.submit(page, f"{page}/fraga")
    assert "Frågan är på väg." in planner.get(asked.headers["location"]).text
    hold.hold = timedelta()
    assert {one.recipient for one in world.mails()} == {
        world.own.person.email,
        world.other.person.email,
    }
    own = world.web(world.own)
    mine = "/rc/skaraborg/stammer"
    hidden = dict(HIDDEN.findall(own.get(mine).text))
    form = {"form_token": hidden["form_token"], "version": hidden["version"]}
    assert own.post(mine, data=form | {"part": "stod"}).status_code == 303
    assert world.web(world.other).get(mine).status_code == 404
    assert world.web(world.other).submit("/rc", mine).status_code == 404
    confirm = "/rc/skaraborg/bekrafta/stod"
    assert own.submit("/rc", confirm).status_code == 404
    assert f'action="{confirm}"' in planner.get(page).text
    assert planner.submit(page, confirm).status_code == 303
    assert f'action="{confirm}"' not in planner.get(page).text
    with world.app.state.database.reading() as session:
        state = checking.checked(session, ["skaraborg"])["skaraborg"]
    assert state["stod"].by_rc is not None
    assert not state["stod"].waits_for_nch
    assert state["pengar"] == checking.Checked()
    assert "bekräftade ”Stöd och uppdrag”" in planner.get("/rc/skaraborg").text


def test_two_to_four_rc_stand_side_by_side(world: World) -> None:
    web = world.web(world.reader)
    page = web.get(
        "/rc/jamfor?rc=skaraborg&rc=jamtland&rc=norrbotten&rc=skane&rc=kronoberg&rc=none"
    )
    assert page.status_code == 200
    table = page.text[page.text.index("<table") : page.text.index("</table")]
    assert table.count('<th scope="col"><a') == 4
    assert "(skiljer sig)" in page.text
    assert "<table" not in web.get("/rc/jamfor?rc=skaraborg").text


def test_every_part_has_facts_and_no_fact_is_in_two() -> None:
    names = [name for facts in FACTS_OF.values() for name in facts]
    assert all(FACTS_OF.values())
    assert len(set(names)) == len(names)
