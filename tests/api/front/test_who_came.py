"""How a meeting was is asked of those who came: whoever said yes, also a substitute from outside, and nobody else."""

from datetime import timedelta

import time_machine
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.invitations import service as invitations
from api.invitations.models import Partstat
from api.kit.clock import now, to_local
from api.outbox.models import Mail
from api.surveys.themes import import_theme_bank
from tests.factories import make_meeting, make_member
from tests.mailbox import text_of
from tests.shipped import import_shipped
from tests.web import HIDDEN, browser

FORM, SEND = "/planera/utvarderingar/ny", "/planera/utvarderingar"
RCS = ("skaraborg", "fyrbodal", "alvsborg", "dalarna")


def _mailed(app: FastAPI) -> list[str]:
    with app.state.database.reading() as session:
        found = session.exec(select(Mail)).all()
        return sorted(one.recipient for one in found if "/utvardering/" in text_of(one))


def test_only_who_came_is_asked_how_it_was(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        planner = make_member(session, Role.PLANNER).person.id
        comes, sends, declines, silent = (make_member(session, Role.RC_MEMBER, rc) for rc in RCS)
        meeting = make_meeting(session)
        event = calendar.event_of(session, "meeting", meeting.id)
        assert event is not None
        places = {}
        for one in (comes, sends, declines, silent):
            places[one.person.email] = invitations.invite(session, event, one.function, now())
        own, given, off = (places[one.person.email] for one in (comes, sends, declines))
        assert own is not None
        assert given is not None
        assert off is not None
        invitations.substitute(session, given, "Exempel Utifrån", "utifran@kommun.example", now())
        for place, said in (
            (own, Partstat.ACCEPTED),
            (given, Partstat.ACCEPTED),
            (off, Partstat.DECLINED),
        ):
            invitations.answer_on_page(session, place, event, said, now())
        ends, meeting_id, name = meeting.ends_at, meeting.id, meeting.name_sv
        wanted = sorted([comes.person.email, "utifran@kommun.example"])
        shown = comes.person.name
    with time_machine.travel(ends + timedelta(days=1), tick=False):
        web = browser(app, planner)
        held = to_local(ends).date()
        typed = {"title_sv": name, "title_en": name, "meeting": meeting_id}
        typed |= {"held_on": str(held), "closes_on": str(held + timedelta(days=14))}
        preview = web.submit(f"{FORM}?traff={meeting_id}", SEND, typed)
        assert preview.status_code == 200
        assert "2 mejl kommer att skickas." in preview.text
        assert shown in preview.text
        assert "Exempel Utifrån" in preview.text
        assert _mailed(app) == []
        sent = web.post(SEND, data=dict(HIDDEN.findall(preview.text)))
        assert sent.status_code == 303
        assert _mailed(app) == wanted
