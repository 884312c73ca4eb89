"""A saved group feeds the year: from the form to a meeting in the booked year, decided, mailed and answered by mail."""

import json
import re
from email.message import EmailMessage

from fastapi import FastAPI
from sqlmodel import select

from api.accounts import directory
from api.accounts.models import BodyKind, FunctionKind, Role
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat
from api.kit.clock import now
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.outbox.holding import release_due
from api.outbox.models import Mail
from api.outbox.sending import send_due
from api.registry.service import import_shipped
from tests.api.outbox.test_outbox import Difficult, parsed, serving
from tests.api.proposals.test_workbench import _version
from tests.api.proposals.test_year import PAGE, Planner
from tests.factories import make_body, make_member, make_person
from tests.mailbox import answer_to
from tests.mailbox import serving as mailbox_serving
from tests.web import HIDDEN, browser

FORM = "/traffar/ny"
GROUP = "Exempel Myndigheternas nätverk"
A_YEAR = 3


def _people(app: FastAPI) -> tuple[Planner, dict[str, str]]:
    """Return a planner, and by address the posts of two leaders at county boards and one at an agency."""
    posts = {}
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER).person.id
        for number, (kind, what, role) in enumerate(
            (
                (BodyKind.COUNTY_BOARD, FunctionKind.PROJECT_LEADER, Role.READER),
                (BodyKind.COUNTY_BOARD, FunctionKind.PROJECT_LEADER, Role.READER),
                (BodyKind.GUEST, FunctionKind.POLICE, Role.GUEST),
            )
        ):
            person = make_person(session, f"Exempel Person {number}")
            body = make_body(session, kind, f"Exempel Myndighet {number}")
            post = directory.create_function(session, body, what, "Exempel", role, holder=person)
            posts[person.email] = post.id
    return Planner(app, browser(app, planner)), posts


def _saved(planner: Planner, posts: dict[str, str]) -> None:
    """Save the group in the form; its first meeting is a question when they can, that is closed at once."""
    typed = {
        "name": GROUP,
        "focus_sv": "Exempel",
        "form": "digital",
        "how": "poll",
        "pday1": "2099-03-04",
        "pclock1": "09:00",
        "length": "2",
        "save": "on",
        "group_name": GROUP,
        "per_year": str(A_YEAR),
    } | {f"fn-{post}": "on" for post in posts.values()}
    preview = planner.web.submit(FORM, FORM, typed)
    assert preview.status_code == 200, preview.text
    sent = planner.web.post(FORM, data=dict(HIDDEN.findall(preview.text)))
    assert sent.status_code == 303, sent.text


def test_a_saved_group_meets_as_often_as_it_says_in_the_booked_year_and_its_people_are_mailed(
    app: FastAPI,
) -> None:
    handler = Difficult("well")
    planner, posts = _people(app)
    _saved(planner, posts)
    with serving(handler) as server:

        def post() -> list[EmailMessage]:
            seen = len(handler.taken)
            release_due(app.state.database, now)
            send_due(app.state.database, server, "samkrets@example.org", now)
            return [parsed(one) for one in handler.taken[seen:]]

        assert len(post()) == len(posts)  # the question
        nothing = {"national": "0", "forum": "0", "per_network": "0"}
        path, web = planner.ask(**nothing), planner.web
        assert len(planner.calendar()) == A_YEAR
        people = json.loads(planner.newest().problem)["people"]
        assert set(posts.values()) <= {one["id"] for one in people}  # the agency's too
        assert GROUP in web.get(path).text
        assert web.submit(PAGE, f"{path}/boka", _version(web, path)).status_code == 303
        shown = web.submit(PAGE, f"{path}/visa", _version(web, path))
        assert shown.status_code == 303
        assert post() == []  # *Inget mejl går ut*
        booked = _meetings(app)
        assert [one.state for one in booked] == A_YEAR * [MeetingState.PROPOSED]
        assert "väntar på att NCH bestämmer tiden" in web.get("/").text
        page = f"/traffar/{booked[0].id}"
        assert "3 personer får inbjudan per mejl:" in web.get(page).text
        version = {"version": str(booked[0].version)}
        assert web.submit(page, f"{page}/bestam", version).status_code == 303
        invited = post()
        assert sorted(str(one["To"]) for one in invited) == sorted(posts)
        assert all(GROUP in str(one["Subject"]) for one in invited)
        with app.state.database.reading() as session:
            mail = session.exec(
                select(Mail).where(Mail.recipient == invited[0]["To"], Mail.method == "REQUEST")
            ).one()
            reply = answer_to(mail, "ACCEPTED", stamp=f"{now():%Y%m%dT%H%M%SZ}")
        with mailbox_serving(reply) as (url, _):
            mailbox.poll(app.state.database, url, now)
        with app.state.database.reading() as session:
            own = session.exec(
                select(Invitation).where(Invitation.address == invited[0]["To"])
            ).one()
            assert own.partstat is Partstat.ACCEPTED
        assert re.search(r"bokat sedan förut", web.get(planner.ask(**nothing)).text)
        assert len(planner.calendar()) == A_YEAR  # the decided one counts; none is laid out anew


def _meetings(app: FastAPI) -> list[Meeting]:
    with app.state.database.reading() as session:
        found = [one for one in meetings.meetings(session, now()) if one.group_id]
        session.expunge_all()
    return found
