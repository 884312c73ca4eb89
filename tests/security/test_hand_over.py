"""A hand-over changes a post and nothing else: not the people named in it, not what they still hold."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import contacts
from api.accounts.models import Function, HandOver, Person, Role
from api.accounts.retention import ERASED_HOST, erase_person
from api.availability import queries as polls
from api.availability import service as availability
from api.availability.service import PollDraft, Time
from api.kit.clock import now
from api.kit.i18n import Language
from api.meetings.models import MeetingForm
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.acts import outbox_of
from api.outbox.models import Act, ActState, Mail, MailState
from api.registry import queries as registry
from api.surveys import mailing
from api.surveys import queries as surveys
from api.surveys import service as needs
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank
from tests.factories import make_function, make_member, make_person
from tests.mailbox import text_of
from tests.shipped import import_shipped, no_register
from tests.web import Browser, browser

TOKEN = re.compile(r"/enkat/([\w-]{43})")
MINE = {"holder_name": "Exempel Jag", "holder_email": "jag@example.org"}
FALSE = {"deputy_name": "Ring mig", "deputy_email": "planner@example.org", "deputy_phone": "0900-1"}


@dataclass(frozen=True)
class People:
    """A coordinator of an RC with a second post, and NCH's planner."""

    me: str
    planner: str
    function: str
    second: str

    @property
    def over(self) -> str:
        return f"/funktioner/{self.function}/lamna-over"


@pytest.fixture
def people(app: FastAPI) -> People:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        planner.person.name, planner.person.phone = "Exempel Planerare", "013-10 00 00"
        planner.person.email = "planner@example.org"
        me = make_member(session, Role.RC_MEMBER, "skane")
        me.person.name, me.person.email = MINE["holder_name"], MINE["holder_email"]
        second = make_function(session, make_member(session, Role.READER).body, me.person)
        return People(me.person.id, planner.person.id, me.function.id, second.id)


def _person(app: FastAPI, person_id: str) -> tuple[str, str, int]:
    with app.state.database.reading() as session:
        found = session.get(Person, person_id)
        return found.name, found.phone, found.version


def _to(app: FastAPI) -> dict[str, str]:
    with app.state.database.reading() as session:
        return {mail.recipient: text_of(mail) for mail in session.exec(select(Mail))}


def test_a_known_address_in_a_form_changes_nothing_about_whose_it_is(
    app: FastAPI, people: People
) -> None:
    before = _person(app, people.planner)
    planner, me = browser(app, people.planner), browser(app, people.me)
    assert me.submit(people.over, people.over, {"version": "1", **MINE, **FALSE}).status_code == 303
    assert _person(app, people.planner) == before
    alone = {"version": "2", **MINE}
    assert me.submit(people.over, people.over, alone).status_code == 303
    assert _person(app, people.planner) == before
    assert planner.get("/logg").status_code == 200  # not signed out: NCH's post is still held


def test_a_hand_over_gives_nobody_the_number_of_whoever_had_the_function(
    app: FastAPI, people: People
) -> None:
    with app.state.database.transaction() as session:
        session.get_one(Person, people.me).phone = "0701-11 11 11"
    me = browser(app, people.me)
    form = me.get(people.over).text
    assert 'name="holder_phone"' in form
    assert "0701-11 11 11" not in form  # what stands in a field is sent with the form
    sent = {"version": "1", **MINE, **FALSE, "holder_email": "inte en adress"}
    again = me.submit(people.over, people.over, {**sent, "holder_phone": "040-1"})
    assert again.status_code == 422
    assert 'value="040-1"' in again.text  # what was typed stays


def test_a_planners_file_says_which_names_it_changes_and_each_can_be_put_back(
    app: FastAPI, people: People
) -> None:
    line = "body_kind,body,function_kind,function,role,holder_name,holder_email,holder_phone\n"
    line += "guest,Exempel G,police_contact,Kontakt,guest,Exempel Nytt,jag@example.org,0900-1\n"
    with app.state.database.transaction() as session:
        report = contacts.import_contacts(
            session, line.encode(), people.planner, now(), no_register, dry_run=False
        )
    assert {"holder_name", "holder_phone"} <= {one.column for one in report.lines[0].changes}
    assert _person(app, people.me)[:2] == ("Exempel Nytt", "0900-1")
    page = browser(app, people.planner).get(f"/personer/{people.me}").text
    assert "Sätt tillbaka Exempel Jag" in page


def test_name_and_number_are_changed_by_the_person_or_a_planner_and_can_be_put_back(
    app: FastAPI, people: People
) -> None:
    me, planner = browser(app, people.me), browser(app, people.planner)
    own, others = f"/personer/{people.me}", f"/personer/{people.planner}"
    new = {"version": "1", "name": "Exempel Nytt Namn", "phone": "040-1"}
    assert me.submit(own, own, new).status_code == 303
    assert me.submit(own, own, new).status_code == 409
    assert me.get(others).status_code == 404
    assert me.submit(own, others, new).status_code == 404
    assert _person(app, people.planner)[0] == "Exempel Planerare"
    assert "Exempel Jag" in planner.get(own).text
    assert "Tidigare uppgifter" not in me.get(own).text
    back = {"version": "2", "name": "Exempel Jag", "phone": ""}
    assert planner.submit(own, own, back).status_code == 303
    assert _person(app, people.me) == ("Exempel Jag", "", 3)
    assert me.submit(own, own, {"version": "3", "name": "x" * 81}).status_code == 422
    assert me.submit(own, own, {"version": "3", "name": "x", "phone": "1" * 41}).status_code == 422
    assert _person(app, people.me)[2] == 3


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_hand_over_mails_both_sides_the_old_holder_and_whoever_did_it(
    app: FastAPI, people: People, language: Language
) -> None:
    with app.state.database.transaction() as session:
        deputy = make_person(session, email="ersattare@example.org")
        session.get(Function, people.function).deputy_id = deputy.id
        for person in session.exec(select(Person)):
            person.language = language
    new = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org"}
    answer = browser(app, people.planner).submit(people.over, people.over, {"version": "1", **new})
    assert answer.status_code == 303
    mails = _to(app)
    assert mails.keys() == {
        "ny@example.org",
        "jag@example.org",
        "ersattare@example.org",
        "planner@example.org",
    }
    assert all("Exempel Ny" in text for text in mails.values())
    assert "Exempel Planerare" in mails["jag@example.org"]
    assert "/logga-in" in mails["ny@example.org"]
    told = {"sv": "Du har inte längre", "en": "You no longer have"}[language]
    assert [told in mails[one] for one in ("jag@example.org", "ersattare@example.org")] == [
        True,
        True,
    ]
    assert "ny@example.org" not in mails["jag@example.org"]  # a name says enough


def _states(app: FastAPI) -> dict[str, MailState]:
    with app.state.database.reading() as session:
        return {mail.recipient: mail.state for mail in session.exec(select(Mail))}


def test_a_mail_to_a_domain_that_nobody_here_has_waits_for_a_planner(
    app: FastAPI, people: People
) -> None:
    with app.state.database.reading() as session:
        outbox_of(session).hold = timedelta(minutes=10)
    me = browser(app, people.me)
    one, other = "ett@evil.example", "tva@evil.example"
    typed = {**MINE, "deputy_name": "Exempel Ett", "deputy_email": one, "version": "1"}
    led = me.submit(people.over, people.over, typed).headers["location"]
    assert _states(app)[one] is MailState.DRAFT
    assert "utkast" in me.get(led).text
    # Whoever is here by that mail alone makes the domain no better known.
    typed |= {"deputy_name": "Exempel Två", "deputy_email": other, "version": "2"}
    led = me.submit(people.over, people.over, typed).headers["location"]
    assert _states(app)[other] is MailState.DRAFT
    assert _states(app)["jag@example.org"] is not MailState.DRAFT
    undo = re.search(r'action="(/angra/[^"]+)"', me.get(led).text)
    assert undo is not None
    me.submit(led, undo[1], {})
    assert other not in _states(app)  # taken back, the draft too


def test_a_planner_writes_to_new_domains_and_a_known_domain_needs_none(
    app: FastAPI, people: People
) -> None:
    typed = {"holder_name": "Exempel Ny", "holder_email": "ny@new.example", "version": "1"}
    browser(app, people.planner).submit(people.over, people.over, typed)
    second = f"/funktioner/{people.second}/lamna-over"
    typed = {"holder_name": "Exempel", "holder_email": "granne@example.org", "version": "1"}
    browser(app, people.me).submit(second, second, typed)
    states = _states(app)
    assert MailState.DRAFT not in {states["ny@new.example"], states["granne@example.org"]}


def test_a_planner_takes_a_hand_over_back_and_nobody_else_does(
    app: FastAPI, people: People
) -> None:
    me, planner = browser(app, people.me), browser(app, people.planner)
    new = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org"}
    assert me.submit(people.over, people.over, {"version": "1", **new}).status_code == 303
    with app.state.database.reading() as session:
        made = session.exec(select(HandOver)).one().id
    back = f"/funktioner/{people.function}/ta-tillbaka"
    form = {"version": "2", "hand_over_id": made}
    assert me.submit("/mina-sessioner", back, form).status_code == 404
    assert "Exempel Jag" in planner.get(people.over).text
    assert planner.submit(people.over, back, {**form, "version": "1"}).status_code == 409
    assert planner.submit(people.over, back, form).status_code == 303
    assert planner.submit(people.over, back, {**form, "version": "3"}).status_code == 409
    other = f"/funktioner/{people.second}/ta-tillbaka"
    assert planner.submit(people.over, other, form).status_code == 404
    with app.state.database.reading() as session:
        assert session.get(Function, people.function).holder_id == people.me
    assert "Du har inte längre" in _to(app)["ny@example.org"]


def test_only_whoever_has_no_post_left_is_signed_out(app: FastAPI, people: People) -> None:
    me = browser(app, people.me)
    new = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org"}
    for function_id, status in ((people.function, 200), (people.second, 303)):
        over = f"/funktioner/{function_id}/lamna-over"
        answer = me.submit(over, over, {"version": "1", **new})
        assert answer.status_code == 303
        assert me.get(answer.headers["location"]).status_code == 200  # never a bare sign-in page
        assert me.get("/mina-sessioner").status_code == status


def test_whoever_has_lost_a_post_takes_back_nothing_that_was_done_by_it(
    app: FastAPI, people: People
) -> None:
    with app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
        made = Act(
            actor=people.me, said="Träffen är flyttad.", page="/", steps=[{"kind": "", "data": {}}],
            state=ActState.HELD, at=now(), due_at=now() + timedelta(minutes=10), told={},
        )  # fmt: skip
        session.add(made)
        act_id = made.id
    me, planner = browser(app, people.me), browser(app, people.planner)
    undo = f"/angra/{act_id}"
    new = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org", "version": "1"}
    led = me.submit(people.over, people.over, new).headers["location"]
    assert me.submit("/mina-sessioner", undo, {}).status_code == 404
    assert me.submit("/mina-sessioner", f"/skicka-nu/{act_id}", {}).status_code == 404
    own = re.search(r'action="(/angra/[^"]+)"', me.get(led).text)
    assert own is not None
    assert me.submit(led, own[1], {}).status_code == 303  # giving the post away, by mistake
    assert planner.submit("/mina-sessioner", undo, {}).status_code == 303


def test_a_deputy_who_may_not_hand_over_gives_itself_no_leave(app: FastAPI, people: People) -> None:
    me = browser(app, people.me)
    deputy = {"deputy_name": "Exempel E", "deputy_email": "e@example.org"}
    form = {"version": "1", **MINE, **deputy}
    assert me.submit(people.over, people.over, form).status_code == 303
    with app.state.database.reading() as session:
        found = session.exec(select(Person).where(Person.email == "e@example.org")).one().id
    web = browser(app, found)
    take = {"holder_name": "Exempel E", "holder_email": "e@example.org", "deputy_hands_over": "yes"}
    assert web.submit("/mina-sessioner", people.over, {"version": "2", **take}).status_code == 404
    granted = {**form, "version": "2", "deputy_hands_over": "yes"}
    assert me.submit(people.over, people.over, granted).status_code == 303
    kept = {"version": "3", **MINE, **deputy}  # the deputy's form has no such box
    assert web.submit(people.over, people.over, kept).status_code == 303
    with app.state.database.reading() as session:
        assert session.get(Function, people.function).deputy_hands_over


def _link(app: FastAPI, address: str) -> str:
    with app.state.database.reading() as session:
        texts = [text_of(one) for one in session.exec(select(Mail)) if one.recipient == address]
    return max(
        (f"/enkat/{found[1]}" for text in texts if (found := TOKEN.search(text))), default=""
    )


def _hand_over(app: FastAPI, people: People) -> None:
    new = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org"}
    answer = browser(app, people.planner).submit(people.over, people.over, {"version": "1", **new})
    assert answer.status_code == 303


def test_a_former_holders_survey_link_shows_and_takes_nothing_and_the_new_one_gets_one(
    app: FastAPI, people: People
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        session.get(Function, people.function).mailbox = ""
        themes = tuple(one.id for one in surveys.themes(session)[:6])
        details = SurveyDetails(
            title_sv="Exempel",
            title_en="Example",
            deadline=now() + timedelta(days=14),
            theme_ids=themes,
            days=(),
            rc_ids=tuple(rc.id for rc in registry.rcs(session)),
            is_example=True,
        )
        made = needs.make_survey(session, people.planner, details, now())
        survey = needs.open_survey(session, people.planner, made.id, now())
        chosen = mailing.recipients(session, survey.rc_ids)
        mailing.send_links(session, survey, chosen, "needs_survey", now())
    old = _link(app, MINE["holder_email"])
    web: Browser = browser(app)
    assert web.get(old).status_code == 200
    _hand_over(app, people)
    shown = web.get(old)
    assert shown.status_code in {404, 410}
    assert web.submit("/logga-in", old, {}).status_code in {404, 410}
    assert web.get(_link(app, "ny@example.org")).status_code == 200


def _poll(session: Session, people: People) -> tuple[str, str, str]:
    publish_round(
        session, "one", [Group(Layer.LIKENESS, ("skane", "kronoberg"), {}, 9.0)], "nch", now()
    )
    network = networks.active_networks(session)[0]
    start = (now() + timedelta(days=40)).replace(hour=12)
    times = tuple(
        Time(start + timedelta(days=n), start + timedelta(days=n, hours=1)) for n in (0, 7)
    )
    usable = []
    for time in times:
        try:
            availability.insist_on_time(time, now(), "day")
            usable.append(time)
        except Exception:  # noqa: BLE001, S112 - a holiday is not what this is about
            continue
    draft = PollDraft("Exempel", MeetingForm.DIGITAL, tuple(usable))
    poll = availability.propose(session, network, draft, people.me, now())
    secret = availability.answer(session, poll, "Exempel", {}, now())
    assert secret is not None
    return poll.id, poll.address, secret


def test_a_former_holders_poll_links_show_and_take_nothing(app: FastAPI, people: People) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        poll_id, address, secret = _poll(session, people)
    web = browser(app)
    assert [web.get(f"/tid/{one}").status_code for one in (address, secret)] == [200, 200]
    _hand_over(app, people)
    for one in (address, secret):
        assert web.get(f"/tid/{one}").status_code == 404
        assert web.submit("/logga-in", f"/tid/{one}", {"name": "Exempel"}).status_code == 404
    with app.state.database.reading() as session:
        poll = polls.poll(session, poll_id)
        assert poll is not None
        assert len(polls.answers(session, poll_id)) == 1
        new = poll.address
    assert web.get(f"/tid/{new}").status_code == 200


def test_erasing_a_person_erases_the_earlier_names_too(app: FastAPI, people: People) -> None:
    own = f"/personer/{people.me}"
    new = {"version": "1", "name": "Exempel Annat Namn", "phone": "040-1"}
    assert browser(app, people.me).submit(own, own, new).status_code == 303
    with app.state.database.transaction() as session:
        person = session.get(Person, people.me)
        erase_person(session, person, "1")
    page = browser(app, people.planner).get(own).text
    assert "Exempel Jag" not in page
    assert ERASED_HOST in page
