import re
from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.availability.service import PollDraft, Time, propose
from api.calendar.models import Event
from api.invitations.service import invite
from api.kit.clock import now
from api.meetings.models import MeetingForm
from api.meetings.service import first_working_day
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import browser

PAIR = ("fyrbodal", "skaraborg")
FYRBODAL = "0522123456"


def test_the_first_page_asks_for_what_a_member_can_do_now_and_then_no_more(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        member = make_member(session, Role.RC_MEMBER, rc_id="skaraborg")
        other = make_member(session, Role.RC_MEMBER, rc_id="fyrbodal").person
        other.phone = FYRBODAL
        session.add(other)
        stranger = make_member(session, Role.RC_MEMBER, rc_id="jamtland")
        session.flush()
        session.expunge_all()
    nothing = "Inget just nu."
    assert nothing in browser(app, member.person.id).get("/").text
    with app.state.database.transaction() as session:
        publish_round(session, "one", [Group(Layer.LIKENESS, PAIR, {}, 92.0)], "nch", now())
        network = networks.active_networks(session)[0]
        day = first_working_day((now() + timedelta(days=70)).date())
        start = now().replace(year=day.year, month=day.month, day=day.day, hour=10, minute=0)
        time = Time(start, start + timedelta(hours=1))
        poll_id = propose(
            session, network, PollDraft("Rutiner", MeetingForm.DIGITAL, (time,)), "p", now()
        ).id
        network_id = network.id
        meeting = make_meeting(session)
        event = session.exec(select(Event).where(Event.subject_id == meeting.id)).one()
        assert invite(session, event, member.function, now()) is not None
    page = browser(app, member.person.id).get("/").text
    asked = page[page.index('<ul class="rows asked">') : page.index("</section>")]
    words = (
        "Svara på inbjudan till",
        f'href="/tidsval/{poll_id}/svara"',
        "Bestäm om tiden passar:",
    )
    assert [word in asked for word in words] == [True, True, True]
    assert asked.index(words[0]) < asked.index(words[1]) < asked.index(words[2])
    assert nothing not in page
    assert re.search(r'action="/inbjudan/[^"]+"', asked), "answered where it is asked"
    assert "Jag kommer: " in asked
    circle = page[page.index('id="circle"') :]
    assert f'href="/natverk/{network_id}/ny-tid"' in circle
    assert f'href="tel:{FYRBODAL}"' in circle
    assert "Decide whether the time suits:" in browser(app, member.person.id).get("/en/").text
    assert nothing in browser(app, stranger.person.id).get("/").text
    mine = browser(app, member.person.id)
    declined = {"rc": "skaraborg", "says": "no"}
    mine.submit(f"/natverk/{network_id}", f"/natverk/{network_id}/svar", declined)
    page = mine.get("/").text
    assert f'href="/natverk/{network_id}"' in page
    assert f'href="/natverk/{network_id}/ny-tid"' not in page, "who has declined is asked nothing"
