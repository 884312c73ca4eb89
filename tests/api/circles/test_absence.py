"""Somebody is away for a time: the deputy gets everything meanwhile, and all goes back by itself."""

from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import select

from api.accounts import queries as accounts
from api.accounts.models import Function
from api.calendar import queries as calendar
from api.circles.daily import keep_circles
from api.invitations import queries as invitations
from api.invitations.service import invite
from api.kit.clock import now, today
from api.meetings import queries as meetings
from api.outbox.models import Mail, MailState
from tests.api.circles.test_newcomers import Posts, furnish, mails
from tests.links import opens
from tests.web import HIDDEN, browser

DEPUTY = {"deputy_name": "Exempel Ersättare", "deputy_email": "e@example.org"}


def away(first: int, last: int, **more: str) -> dict[str, str]:
    """The form's fields, in days from today."""
    days = [today() + timedelta(days=one) for one in (first, last)]
    return {"version": "1", "starts_on": str(days[0]), "until": str(days[1]), **more}


def holder(app: FastAPI, posts: Posts) -> tuple[str, str]:
    with app.state.database.reading() as session:
        found = session.get(Function, posts.function)
        people = [
            accounts.person(session, one) for one in (found.holder_id, found.deputy_id) if one
        ]
        names = [one.email for one in people if one]
        return names[0], names[1] if len(names) > 1 else ""


def daily(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        keep_circles(session, now())


@opens("absence")
def test_the_deputy_gets_everything_from_the_first_day_and_the_holder_after_the_last(
    app: FastAPI,
) -> None:
    posts = furnish(app)
    me = holder(app, posts)[0]
    with app.state.database.transaction() as session:
        event = next(
            found
            for one in meetings.meetings(session, now())
            if (found := calendar.event_of(session, "meeting", one.id))
        )
        function = session.get(Function, posts.function)
        invited = invite(session, event, function, now())
        assert invited is not None
        assert event.starts_at is not None
        invited_id, start = invited.id, event.starts_at
    web = browser(app, posts.me)
    form = away(3, (start - now()).days - 3, **DEPUTY)
    path = f"/funktioner/{posts.function}/borta"
    assert web.submit("/jag-slutar", path, form).status_code == 303
    assert holder(app, posts) == (me, "")
    assert "Ta bort frånvaron" in web.get("/jag-slutar").text
    before = mails(app)
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        daily(app)
        daily(app)  # twice is once
        assert holder(app, posts) == (DEPUTY["deputy_email"], me)
        told = mails(app)
        new = {one: told[one][len(before.get(one, [])) :] for one in told}
        absence = {one: [text for text in new[one] if "borta till och med" in text] for one in new}
        assert {one: len(absence[one]) for one in absence} == dict.fromkeys(new, 1)
        assert new.keys() == {me, DEPUTY["deputy_email"], *posts.others} | new.keys()
        assert "Exempel Ersättare" in absence[next(iter(posts.others))][0]
        page = browser(app, posts.me).get("/jag-slutar").text
        assert "Jag är tillbaka" in page
    with app.state.database.reading() as session:
        place = invitations.invitation(session, invited_id)
        assert place is not None
        assert place.address == DEPUTY["deputy_email"]
    with time_machine.travel(start - timedelta(days=1), tick=False):
        daily(app)
        daily(app)
        assert holder(app, posts) == (me, DEPUTY["deputy_email"])
        last = mails(app)
        assert all(any("är tillbaka" in text for text in last[one]) for one in posts.others)
        assert any("Välkommen tillbaka" in text for text in last[me])
    with app.state.database.reading() as session:
        place = invitations.invitation(session, invited_id)
        assert place is not None
        assert place.address == me


def test_what_begins_today_begins_at_once_and_ends_when_its_holder_is_back(app: FastAPI) -> None:
    posts = furnish(app)
    me = holder(app, posts)[0]
    web = browser(app, posts.me)
    path = f"/funktioner/{posts.function}"
    assert web.submit("/jag-slutar", f"{path}/borta", away(0, 20, **DEPUTY)).status_code == 303
    assert holder(app, posts)[0] == DEPUTY["deputy_email"]
    other = browser(app, next(iter(posts.others.values())))
    assert other.submit("/jag-slutar", f"{path}/tillbaka").status_code == 404
    assert web.submit("/jag-slutar", f"{path}/tillbaka").status_code == 303
    assert holder(app, posts) == (me, DEPUTY["deputy_email"])
    assert web.submit("/jag-slutar", f"{path}/tillbaka").status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "more", "field"),
    [
        (-1, 5, DEPUTY, "starts_on"),
        (5, 4, DEPUTY, "until"),
        (0, 900, DEPUTY, "until"),
        (0, 5, {}, "deputy_email"),
        (0, 5, {"deputy_name": "X", "deputy_email": "nonsense"}, "deputy_email"),
    ],
)
def test_a_wrong_form_says_where_and_changes_nothing(
    app: FastAPI, first: int, last: int, more: dict[str, str], field: str
) -> None:
    posts = furnish(app)
    before = holder(app, posts), mails(app)
    web = browser(app, posts.me)
    path = f"/funktioner/{posts.function}/borta"
    answer = web.submit("/jag-slutar", path, away(first, last, **more))
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert (holder(app, posts), mails(app)) == before


def test_an_absence_is_undone_before_anybody_is_told(held: FastAPI) -> None:
    posts = furnish(held)
    me = holder(held, posts)[0]
    web = browser(held, posts.me)
    path = f"/funktioner/{posts.function}"
    answer = web.submit("/jag-slutar", f"{path}/borta", away(0, 20, **DEPUTY))
    assert holder(held, posts)[0] == DEPUTY["deputy_email"]
    where = answer.headers["location"]
    act = where.partition("kvitto=")[2]
    assert web.submit(where, f"/angra/{act}").status_code == 303
    assert holder(held, posts) == (me, "")
    assert "borta till och med" not in web.get("/jag-slutar").text
    version = dict(HIDDEN.findall(web.get("/jag-slutar").text))["version"]
    again = {**away(0, 20, **DEPUTY), "version": version}
    assert web.submit("/jag-slutar", f"{path}/borta", again).status_code == 303


@pytest.mark.parametrize("first", [0, 3])
def test_a_deputy_in_a_domain_that_nobody_here_has_is_written_to_when_a_planner_has_read_it(
    app: FastAPI, first: int
) -> None:
    """Whether the time away begins at once or by the worker on its day, and when it ends."""
    posts = furnish(app)
    stranger = {**DEPUTY, "deputy_email": "e@evil.example"}
    path = f"/funktioner/{posts.function}/borta"
    form = away(first, first + 5, **stranger)
    assert browser(app, posts.me).submit("/jag-slutar", path, form).status_code == 303
    for day in (first, first + 6):
        with time_machine.travel(now() + timedelta(days=day), tick=False):
            daily(app)
        with app.state.database.reading() as session:
            sent = session.exec(select(Mail).where(Mail.recipient == "e@evil.example")).all()
            assert {one.state for one in sent} == {MailState.DRAFT}
    assert len(sent) == 2
