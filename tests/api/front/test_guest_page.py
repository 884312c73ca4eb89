"""A guest's page says one thing: when, where, how in, what it gives, whom to ring; nothing that is others'."""

import re
from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.kit.clock import now
from api.programme.models import ProgrammeSession
from api.programme.service import publish
from tests.api.programme.test_programme_service import _plan
from tests.factories import make_meeting, make_member
from tests.web import browser


def test_a_guest_reads_when_where_what_and_whom_to_ring_and_the_rest_is_folded(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        nch, guest = make_member(session, Role.PLANNER), make_member(session, Role.GUEST)
        member = make_member(session, Role.RC_MEMBER)
        nch.person.phone = "010-111 11 11"
        session.add(nch.person)
        meeting = make_meeting(session)
        plan = _plan(law=frozenset({guest.function.id, member.function.id}))
        publish(session, meeting, plan, "nch", now() - timedelta(minutes=1))
        own = next(
            one
            for one in session.exec(select(ProgrammeSession))
            if one.title_sv == "Juridik" and one.meeting_id == meeting.id
        )
        own.format, own.gives_guest_sv = "agency", "Det ger vi er: frågor från landet."
        session.add(own)
        path = f"/traffar/{meeting.id}/pass/{own.id}"
        people = (guest.person.id, member.person.id)
    mine, others = (browser(app, one) for one in people)
    page = mine.get(path)
    assert page.status_code == 200
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    shown = re.sub(r"<details>.*?</details>", "", main, flags=re.DOTALL)
    for text in ("Tid", "Linköping", "Det ger vi er", "010-111 11 11", "Lägg till passet"):
        assert text in shown
    for text in ("Träffens fokus", "Förbered", "Er uppgift", "Syfte"):
        assert text not in shown
    assert "Er uppgift" in main  # folded, for who wants to know
    assert "Ingen träff än." not in mine.get("/valkommen").text
    theirs = others.get(path).text
    assert "Träffens fokus" in theirs
    assert "Så ser passet ut för deltagarna" not in theirs
