"""A circle's first meeting is a proposal that the circle decides on: asked for, decided, moved, and held once."""

import re
from datetime import timedelta

import time_machine
from fastapi import FastAPI
from sqlmodel import select

from api.circles.daily import keep_circles
from api.circles.met import history
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat
from api.kit.clock import now, to_local
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.outbox.models import Mail
from tests.api.circles.test_a_year import CIRCLE, START, Year
from tests.api.outbox.test_outbox import Difficult, serving
from tests.links import opens
from tests.mailbox import answer_to
from tests.mailbox import serving as mailbox_serving
from tests.post import text_of
from tests.promises import keeps
from tests.web import HIDDEN, browser


def _first(year: Year) -> Meeting:
    with year.app.state.database.reading() as session:
        [found] = meetings.meetings_of_network(session, year.network)
        session.expunge_all()
    return found


@keeps(
    "%(circle)s har en föreslagen tid som ingen har bestämt än, så ingen är inbjuden. Passar den? Bestäm den på kretsens sida, så får alla en inbjudan. Annars hittar ni en annan tid där.",
    "Skriv in den nya tiden, så får alla veta den",
)
@opens("turn", "met", "invitation")
def test_the_proposed_time_is_asked_about_decided_told_moved_and_asked_about_again(
    app: FastAPI,
) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False) as clock, serving(handler) as server:
        year = Year(app, server, handler.taken, keeps_first=True)
        page = f"/natverk/{year.network}"
        first = _first(year)
        assert first.state is MeetingState.PROPOSED
        [turn] = [one for one in year.morning() if "Er tur att sammankalla" in str(one["Subject"])]
        said = text_of(turn)
        assert "Föreslagen tid" in said  # not as if it were decided
        assert "Bestäm tiden eller hitta en annan" in said
        clock.move_to(first.starts_at - timedelta(days=15))
        assert year.morning() == []
        clock.move_to(first.starts_at - timedelta(days=13))
        [asked] = year.morning()
        assert asked["To"] == turn["To"]
        assert "så ingen är inbjuden" in text_of(asked)
        clock.move_to(first.starts_at - timedelta(days=12))
        assert year.morning() == []  # once
        web = browser(app, year.people["skane"])
        assert "Bestäm om tiden passar" in web.get("/").text
        shown = web.get(page).text
        assert "3 personer får inbjudan per mejl:" in shown
        decide = f"/traffar/{first.id}/bestam"
        assert web.submit(page, decide, {"version": str(first.version)}).status_code == 303
        invited = year.morning()
        assert len(invited) == len(CIRCLE)
        assert "Bestäm om tiden passar" not in web.get("/").text
        assert _answered_by_mail(year, str(invited[0]["To"])) == {Partstat.ACCEPTED: 1}
        clock.move_to(first.ends_at + timedelta(days=1))
        [question] = year.morning()
        year.answer(question, "flyttad")
        path = re.search(r"(/traffades/[\w-]{43})", text_of(question))
        assert path is not None
        saved = web.get(f"{path[1]}?sparat=true").text
        assert "Skriv in den nya tiden, så får alla veta den" in saved
        _moved(year, first)
        assert len(year.morning()) == len(CIRCLE)
        again = _first(year)
        clock.move_to(again.ends_at + timedelta(days=1))
        [anew] = year.morning()  # the new time is another fact
        assert "Träffades ni" in str(anew["Subject"])
        year.answer(anew, "ja")
        with app.state.database.reading() as session:
            assert history(session, year.network, now()).held == 1
        with app.state.database.transaction() as session:
            keep_circles(session, now())
        # The next to convene hears of it; nobody is asked about the meeting once more.
        assert ["Er tur att sammankalla" in str(one["Subject"]) for one in year.morning()] == [True]


def _answered_by_mail(year: Year, address: str) -> dict[Partstat, int]:
    with year.app.state.database.reading() as session:
        mails = session.exec(select(Mail).where(Mail.recipient == address)).all()
        invitation = next(one for one in mails if one.calendar is not None)
        reply = answer_to(invitation, "ACCEPTED", stamp=f"{now():%Y%m%dT%H%M%SZ}")
    with mailbox_serving(reply) as (url, _):
        mailbox.poll(year.app.state.database, url, now)
    with year.app.state.database.reading() as session:
        found = session.exec(select(Invitation).where(Invitation.address == address)).all()
        return {one.partstat: 1 for one in found}


def _moved(year: Year, meeting: Meeting) -> None:
    web, page = browser(year.app, year.people["kronoberg"]), f"/traffar/{meeting.id}/tid"
    day = to_local(now() + timedelta(days=14)).date()
    asked = f"{page}?day={day}&starts=10:00&ends=12:00"
    assert "3 personer får mejl om den nya tiden:" in web.get(asked).text
    form = dict(HIDDEN.findall(web.get(asked).text))
    assert web.post(page, data=form).status_code == 303
