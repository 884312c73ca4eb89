"""A meeting for chosen RC: picked by what they are, shown before anybody is invited, undone while mails wait."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.kit.clock import now, to_local
from api.meetings.models import Meeting, MeetingKind
from api.meetings.service import first_working_day
from api.outbox.acts import outbox_of
from api.outbox.models import Mail, MailState
from api.registry.models import Rc
from api.registry.service import import_shipped
from tests.factories import Member, make_member
from tests.promises import keeps
from tests.web import HIDDEN, Browser, browser

PAGE = "/traffar/ny"
BARNAHUS = {"fyrbodal", "skaraborg", "alvsborg"}


@pytest.fixture
def people(app: FastAPI) -> dict[str, Member]:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = {
            rc: make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in (*BARNAHUS, "jamtland")
        }
        made["nch"] = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def _ticked(page: str) -> set[str]:
    return set(re.findall(r'name="rc-([^"]+)" value="on" checked', page))


def _typed(*rc_ids: str) -> dict[str, str]:
    day = first_working_day(to_local(now() + timedelta(weeks=9)).date())
    typed = {"name": "Exempel: Barnahusdag", "focus_sv": "Exempel", "day": str(day)}
    typed |= {"starts": "09:00", "ends": "12:00", "form": "digital"}
    typed |= {"post-operative_coordinator": "on"}
    return typed | {f"rc-{rc_id}": "on" for rc_id in rc_ids}


def _mails(app: FastAPI) -> list[Mail]:
    with app.state.database.reading() as session:
        found = list(session.exec(select(Mail)))
        session.expunge_all()
    return found


def _made(app: FastAPI) -> list[str]:
    with app.state.database.reading() as session:
        return list(session.exec(select(Meeting.id).where(Meeting.kind == MeetingKind.OTHER)))


def _send(web: Browser, *rc_ids: str) -> str:
    preview = web.submit(PAGE, PAGE, _typed(*rc_ids))
    assert preview.status_code == 200
    answer = web.post(PAGE, data=dict(HIDDEN.findall(preview.text)))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_rc_are_ticked_by_model_phase_and_group_as_the_register_has_them(
    app: FastAPI, people: dict[str, Member]
) -> None:
    web = browser(app, people["nch"].person.id)
    assert _ticked(web.get(PAGE).text) == set()
    with app.state.database.reading() as session:
        rcs = list(session.exec(select(Rc)))
        in_barnahus = {rc.id for rc in rcs if rc.org_model_current == "barnahus"}
        third = {rc.id for rc in rcs if rc.grant_group == "group3_2023"}
    assert in_barnahus >= BARNAHUS
    assert _ticked(web.get(f"{PAGE}?modell=barnahus").text) == in_barnahus
    assert _ticked(web.get(f"{PAGE}?grupp=group3_2023").text) == third
    assert _ticked(web.get(f"{PAGE}?grupp=group3_2023&modell=barnahus").text) == third & in_barnahus


@keeps(
    "%(num)s person får inbjudan",
)
def test_who_is_invited_is_shown_first_then_each_gets_one_mail_and_nobody_else_sees_it(
    app: FastAPI, people: dict[str, Member]
) -> None:
    web = browser(app, people["nch"].person.id)
    preview = web.submit(PAGE, PAGE, _typed(*BARNAHUS, "dalarna")).text
    assert (_mails(app), _made(app)) == ([], [])
    assert "3 personer får inbjudan" in preview
    assert "Ingen har någon av funktionerna på Dalarna" in preview
    for rc in BARNAHUS:
        assert people[rc].person.name in preview
    path = _send(web, *BARNAHUS)
    assert {one.recipient for one in _mails(app)} == {people[rc].person.email for rc in BARNAHUS}
    assert browser(app, people["skaraborg"].person.id).get(path).status_code == 200
    assert browser(app, people["jamtland"].person.id).get(path).status_code == 404
    own = browser(app, people["skaraborg"].person.id).get(path).text
    assert "/stall-in" not in own  # it is NCH's to change
    again = web.get(f"{PAGE}?som={_made(app)[0]}").text
    assert _ticked(again) == BARNAHUS


def test_a_meeting_that_is_taken_back_is_gone_and_nobody_has_heard_of_it(
    app: FastAPI, people: dict[str, Member]
) -> None:
    with app.state.database.reading() as session:
        outbox_of(session).hold = timedelta(minutes=10)
    web = browser(app, people["nch"].person.id)
    where = _send(web, *BARNAHUS)
    act = re.search(r"kvitto=([\w-]+)", where)
    assert act is not None
    assert web.submit(where, f"/angra/{act[1]}").status_code == 303
    assert _made(app) == []
    assert {one.state for one in _mails(app)} <= {MailState.HELD}


def test_what_is_missing_is_named_and_what_was_ticked_stays(
    app: FastAPI, people: dict[str, Member]
) -> None:
    web = browser(app, people["nch"].person.id)
    refused = web.submit(PAGE, PAGE, {**_typed("skaraborg"), "name": "", "day": "2027-12-24"})
    assert refused.status_code == 422
    assert "Skriv vad träffen heter" in refused.text
    assert _ticked(refused.text) == {"skaraborg"}
    assert "Välj minst ett RC" in web.submit(PAGE, PAGE, _typed()).text
