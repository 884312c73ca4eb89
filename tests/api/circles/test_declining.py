"""An RC says no to its circle without saying why: it is asked nothing more, and the others hear who takes over."""

import re
from datetime import timedelta

import time_machine
from fastapi import FastAPI
from sqlmodel import col, select

from api.circles import queries
from api.invitations.models import Invitation, Partstat
from api.meetings.models import Meeting, MeetingState
from api.outbox.acts import outbox_of
from api.outbox.models import Mail, MailState
from tests.api.circles.test_a_year import START, Year
from tests.api.circles.test_first_meeting import _first
from tests.api.outbox.test_outbox import Difficult, serving
from tests.links import opens
from tests.post import text_of
from tests.promises import keeps, keeps_quiet
from tests.web import Browser, browser


def _turn(year: Year) -> str:
    with year.app.state.database.reading() as session:
        found = queries.turn(session, year.network)
        assert found is not None
        return found.rc_id


def _answer(web: Browser, page: str, rc: str, says: str) -> str:
    answered = web.submit(page, f"{page}/svar", {"rc": rc, "says": says})
    assert answered.status_code == 303
    return web.get(answered.headers["location"]).text


@keeps(
    "%(num)s person i kretsen får veta det med mejl:",
    "Den ni väljer får ett mejl, om det inte är ni själva.",
)
@opens("circle_answer")
def test_who_declines_is_asked_nothing_more_and_the_others_hear_who_convenes(app: FastAPI) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False) as clock, serving(handler) as server:
        year = Year(app, server, handler.taken, keeps_first=True)
        page, first = f"/natverk/{year.network}", _first(year)
        year.morning()
        whose = _turn(year)
        mine = browser(app, year.people[whose])
        other = next(one for one in year.people if one != whose)
        assert "Bestäm om tiden passar" in mine.get("/").text
        theirs = browser(app, year.people[other])
        decide = {"version": str(first.version)}
        assert theirs.submit(page, f"/traffar/{first.id}/bestam", decide).status_code == 303
        invited = {str(one["To"]) for one in year.morning()}
        assert len(invited) == 3
        shown = mine.get(page).text
        assert "2 personer i kretsen får veta det med mejl:" in shown
        _answer(mine, page, whose, "no")
        assert _turn(year) != whose
        heard = [one for one in year.morning() if "är inte med just nu" in str(one["Subject"])]
        assert len(heard) == 2
        assert all("2 RC med i kretsen nu" in text_of(one) for one in heard)
        assert all("sammankallar nästa gång" in text_of(one) for one in heard)
        with app.state.database.reading() as session:
            [place] = session.exec(
                select(Invitation).where(Invitation.function_id == year.posts[whose])
            )
            assert place.partstat is Partstat.DECLINED
        with app.state.database.transaction() as session:
            row = session.get_one(Meeting, first.id)
            row.state = MeetingState.PROPOSED  # as if it were to be decided on once more
        assert "Bestäm om tiden passar" not in mine.get("/").text
        assert "Bestäm om tiden passar" in theirs.get("/").text
        shown = mine.get(page).text
        assert "Bestäm och bjud in" not in shown
        assert "Föreslå tider för en träff" not in shown
        assert mine.get(f"/traffar/{first.id}").status_code == 200  # it still sees the circle
        clock.shift(timedelta(hours=1))
        _answer(mine, page, whose, "yes")
        again = [one for one in year.morning() if "är med igen" in str(one["Subject"])]
        assert len(again) == 2
        assert "Föreslå tider för en träff" in mine.get(page).text
        assert theirs.submit(page, f"{page}/sammankallande", {"rc": whose}).status_code == 303
        [turn] = year.morning()
        assert "Er tur att sammankalla" in str(turn["Subject"])


@keeps_quiet("Ångrat. Det är som förut i Samkrets, och ingen har fått något mejl.")
def test_declining_is_taken_back_before_anybody_has_heard(app: FastAPI) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False), serving(handler) as server:
        year = Year(app, server, handler.taken, keeps_first=True)
        page, first = f"/natverk/{year.network}", _first(year)
        year.morning()
        whose = _turn(year)
        mine = browser(app, year.people[whose])
        mine.submit(page, f"/traffar/{first.id}/bestam", {"version": str(first.version)})
        year.morning()
        with app.state.database.transaction() as session:
            outbox_of(session).hold = timedelta(minutes=10)
        said = _answer(mine, page, whose, "no")
        assert "Ni har tackat nej till kretsen." in said
        assert _turn(year) != whose
        act = re.search(r'action="(/angra/[\w-]+)"', said)
        assert act is not None
        undone = mine.submit(page, act[1], {})
        assert "ingen har fått något mejl" in mine.get(undone.headers["location"]).text
        assert _turn(year) == whose
        with app.state.database.reading() as session:
            waiting = (MailState.HELD, MailState.QUEUED)
            assert session.exec(select(Mail).where(col(Mail.state).in_(waiting))).all() == []
            [place] = session.exec(
                select(Invitation).where(Invitation.function_id == year.posts[whose])
            )
            assert place.partstat is Partstat.NEEDS_ACTION
        assert "Vi vill vara med ändå" not in mine.get(page).text
