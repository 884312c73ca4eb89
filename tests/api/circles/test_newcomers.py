"""Who is new in a post is welcomed once, gets a buddy, and the circle hears; what was done can be undone."""

import re
from dataclasses import dataclass

from fastapi import FastAPI
from sqlmodel import col, select

from api.accounts import directory
from api.accounts import queries as accounts
from api.accounts.models import Function, Role
from api.circles.models import Buddy
from api.kit.clock import now
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.holding import release_all
from api.outbox.models import Mail, MailState
from tests.factories import make_body, make_function, make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.shipped import import_shipped
from tests.web import HIDDEN, browser

CIRCLE = ("skane", "kronoberg", "jonkoping")
NEW = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org", "holder_phone": "040-1 11"}


@dataclass(frozen=True)
class Posts:
    """A coordinator who leaves, two others who share two circles with them, and NCH's contact."""

    me: str
    function: str
    others: dict[str, str]  # address -> person
    contact: str

    @property
    def over(self) -> str:
        return f"/funktioner/{self.function}/lamna-over"


def furnish(app: FastAPI) -> Posts:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        nch = make_member(session, Role.PLANNER)
        nch.person.name, nch.person.phone = "Exempel Kontakt", "013-22 22"
        members = {rc_id: make_member(session, Role.RC_MEMBER, rc_id) for rc_id in CIRCLE}
        for rc_id, one in members.items():
            one.person.phone = f"0900-{rc_id}"
        mine = members["skane"]
        directory.set_contact(session, mine.body, nch.function)
        groups = [Group(layer, CIRCLE, {}, 9.0) for layer in (Layer.NEARNESS, Layer.LIKENESS)]
        publish_round(session, "one", groups, nch.person.id, now())
        others = {one.person.email: one.person.id for key, one in members.items() if key != "skane"}
        return Posts(mine.person.id, mine.function.id, others, nch.person.email)


def mails(app: FastAPI, state: MailState | None = None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with app.state.database.reading() as session:
        for one in session.exec(select(Mail).order_by(col(Mail.created_at))):
            if state is None or one.state is state:
                found.setdefault(one.recipient, []).append(text_of(one))
    return found


@keeps(
    "När du sparar får den nya personen inloggning och inbjudningar. Den förra kommer inte åt något mer genom funktionen. Alla som det gäller får ett mejl.",
    "%(num)s person i era kretsar får veta det med mejl",
)
@opens("circle_hears", "hand_over", "welcome")
def test_a_newcomer_gets_one_welcome_and_everybody_in_the_circles_hears_once(app: FastAPI) -> None:
    posts = furnish(app)
    before = mails(app)
    shown = browser(app, posts.me).get(posts.over).text
    assert f"{len(posts.others)} personer i era kretsar får veta det med mejl" in shown
    answer = browser(app, posts.me).submit(posts.over, posts.over, {"version": "1", **NEW})
    assert answer.status_code == 303
    told = mails(app)
    assert told.keys() - before.keys() == {NEW["holder_email"], *posts.others, *_leaver(app, posts)}
    assert [len(told[one]) - len(before.get(one, [])) for one in told] == [1] * len(told)
    [welcome] = told[NEW["holder_email"]]
    with app.state.database.reading() as session:
        buddy = session.exec(select(Buddy)).one()
        helper = session.get(Function, buddy.buddy_function_id)
        assert helper is not None
        helps = accounts.person(session, helper.holder_id)
        assert helps is not None
        phone, address = helps.phone, helps.email
    for text in (
        phone,
        "013-22 22",
        "/logga-in?next=/valkommen",
        "första träffen",
        "I Samkrets ses",
    ):
        assert text in welcome
    heard = {one: told[one][-1] for one in posts.others}
    assert all("Exempel Ny" in text and "040-1 11" in text for text in heard.values())
    assert [one for one, text in heard.items() if "Du är fadder" in text] == [address]


def _leaver(app: FastAPI, posts: Posts) -> set[str]:
    with app.state.database.reading() as session:
        found = accounts.person(session, posts.me)
        return {found.email} if found else set()


@keeps(
    "Här ser du vem du ringer, vad som kommer och vad du gör först. Skriv adressen som mejlet kom till, så skickar vi en länk som loggar in dig.",
)
def test_buddy_and_newcomer_see_each_other_and_the_first_day_has_its_page(app: FastAPI) -> None:
    posts = furnish(app)
    browser(app, posts.me).submit(posts.over, posts.over, {"version": "1", **NEW})
    with app.state.database.reading() as session:
        buddy = session.exec(select(Buddy)).one()
        helper = session.get(Function, buddy.buddy_function_id)
        newcomer, helps = buddy.person_id, helper.holder_id if helper else ""
    web = browser(app, newcomer)
    for path in ("/", "/valkommen", "/en/valkommen"):
        page = web.get(path)
        assert page.status_code == 200
        assert 'href="tel:0900-' in page.text
    assert "013-22 22" in web.get("/valkommen").text
    assert "Exempel Ny" in browser(app, helps).get("/").text
    assert "Här ser du vem du ringer" in browser(app).get("/logga-in?next=/valkommen").text


def test_a_second_newcomer_gets_another_buddy_than_who_has_just_begun_or_been_asked(
    app: FastAPI,
) -> None:
    posts = furnish(app)
    browser(app, posts.me).submit(posts.over, posts.over, {"version": "1", **NEW})
    with app.state.database.transaction() as session:
        first = session.exec(select(Buddy)).one()
        body = accounts.body_of_rc(session, "skane")
        assert body is not None
        second = make_function(session, body)
        planner = make_member(session, Role.PLANNER).person.id
        second_id, first_id = second.id, first.buddy_function_id
    over = f"/funktioner/{second_id}/lamna-over"
    other = {"holder_name": "Exempel Andra", "holder_email": "andra@example.org"}
    browser(app, planner).submit(over, over, {"version": "1", **other})
    with app.state.database.reading() as session:
        chosen = {one.buddy_function_id for one in session.exec(select(Buddy))}
    assert len(chosen) == 2
    assert first_id in chosen


@keeps(
    "%(leaver)s är inte längre %(title)s på %(body)s, och ingen har tagit över än. Ni får veta när någon gör det.",
    "Vet ni inte vem än? Lämna fälten tomma. Är ni i en krets får den veta att ingen har funktionen.",
)
def test_a_vacant_post_is_told_to_the_circle_and_nobody_is_welcomed(app: FastAPI) -> None:
    posts = furnish(app)
    before, mine = mails(app), browser(app, posts.me)
    assert "Lämna fälten tomma" in mine.get(f"{posts.over}?slutar=ja").text
    answer = mine.submit(posts.over, posts.over, {"version": "1"})
    assert answer.status_code == 303
    told = mails(app)
    assert all("ingen har tagit över" in told[one][-1] for one in posts.others)
    assert sum(len(one) for one in told.values()) - sum(len(one) for one in before.values()) == 3
    with app.state.database.reading() as session:
        assert session.exec(select(Buddy)).all() == []


def test_who_has_no_circle_is_promised_none(held: FastAPI) -> None:
    app = held
    with app.state.database.transaction() as session:
        guest = make_member(session, Role.RC_MEMBER, "skane")
        alone = make_function(session, make_body(session), guest.person)
        person, paths = guest.person.id, [guest.function.id, alone.id]
    web = browser(app, person)
    assert web.get("/jag-slutar").text.count("/lamna-over?slutar=ja") == 2
    for one in paths:
        over = f"/funktioner/{one}/lamna-over"
        answer = web.submit(over, over, {"version": "1", **NEW})
    page = web.get(answer.headers["location"])
    assert "Exempel Ny är nu" in page.text
    assert "kretsarna" not in page.text


@keeps(
    "Den som tar över får ett mejl som säger vad det här är, vem man ringer och vad som kommer. Är ni i en krets får den veta det, och någon i den blir fadder.",
    "Den som tar över, den som lämnar och den som gjorde ändringen får varsitt mejl om det.",
)
def test_from_the_start_page_it_takes_three_presses(app: FastAPI) -> None:
    posts = furnish(app)
    web = browser(app, posts.me)
    path, presses = "/", 0
    for wanted in ("/jag-slutar", "/lamna-over"):
        links = re.findall(r"<main.*", web.get(path).text, re.DOTALL)[0]
        path = next(one for one in re.findall(r'href="([^"]+)"', links) if wanted in one)
        presses += 1
    form = dict(HIDDEN.findall(web.get(path).text))
    assert form["slutar"] == "ja"
    answer = web.post(path.partition("?")[0], data={**form, **NEW})
    presses += 1
    assert web.get(answer.headers["location"]).status_code == 200  # never a bare sign-in page
    assert presses == 3


@keeps(
    "De andra i kretsarna får veta det.",
    "%(who)s får ett mejl som säger vad Samkrets är, vem man ringer och vad som kommer.",
)
def test_whoever_left_the_last_post_undoes_it_before_anybody_is_told(held: FastAPI) -> None:
    posts = furnish(held)
    release_all(held.state.database, now())
    before = mails(held)
    web = browser(held, posts.me)
    answer = web.submit(posts.over, posts.over, {"version": "1", **NEW})
    page = web.get(answer.headers["location"])
    for text in ("Ångra", "Exempel Ny är nu", "är fadder", "De andra i kretsarna får veta det"):
        assert text in page.text
    assert "Logga ut" not in page.text
    assert {*posts.others, NEW["holder_email"]} <= mails(held, MailState.HELD).keys()
    action = re.findall(r'action="(/angra/[^"]+)"', page.text)[0]
    token = dict(HIDDEN.findall(page.text))["form_token"]
    undone = web.post(action, data={"form_token": token})
    assert undone.status_code == 303
    assert "Du har kvar funktionen" in web.get(undone.headers["location"]).text
    release_all(held.state.database, now())
    assert mails(held) == before
    with held.state.database.reading() as session:
        function = session.get(Function, posts.function)
        assert function is not None
        assert function.holder_id == posts.me
        assert session.exec(select(Buddy)).all() == []
