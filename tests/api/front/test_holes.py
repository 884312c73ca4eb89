"""Every hole of an agenda is shown with what runs then and why none of it is theirs."""

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Function
from api.kit.i18n import Speaker
from api.programme import queries as programmes
from api.programme.models import Attendance
from api.surveys import queries as surveys
from api.surveys.questions import from_json
from tests.api.proposals.test_programme_workbench import Bench
from tests.api.proposals.test_workbench import _version
from tests.web import browser

RC = "skaraborg"


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    made = Bench(app)
    page = made.start()
    made.solve()
    for step in ("granska", "publicera"):
        answer = made.web.submit(page, f"{page}/{step}", _version(made.web, page))
        assert answer.status_code == 303
    return made


def _post(session: Session) -> Function:
    found = accounts.functions_of_kind(session, BodyKind.RC)
    return next(function for function, body in found if body.rc_id == RC)


def test_each_time_without_a_session_says_what_runs_and_why(app: FastAPI, bench: Bench) -> None:
    with app.state.database.transaction() as session:
        post = _post(session)
        mine = session.exec(select(Attendance).where(Attendance.function_id == post.id)).all()
        whole = programmes.programme(session, bench.meeting)
        sessions = {one.id: one for one in whole.sessions}
        slots = {one.id: one for one in whole.slots}
        topic = next(sessions[one.session_id] for one in mine if sessions[one.session_id].theme_id)
        (line,) = [one for one in mine if one.session_id == topic.id]
        session.delete(line)  # they no longer go there: a hole is made
        person, post_id = post.holder_id, post.id
        slot = slots[topic.slot_id or ""]
        slot_id, theme = slot.id, topic.theme_id
        when = Speaker("sv").span(slot.starts_at, slot.ends_at)
        survey = surveys.survey(session, bench.survey)
        assert survey is not None
        survey.meeting_id = bench.meeting
        session.add(survey)
        row = surveys.answer(session, survey.id, RC)
        assert row is not None
        wished = set(from_json(row.answer).weights)
    assert person is not None
    web = browser(app, person)
    page = web.get(f"/traffar/{bench.meeting}/min-agenda")
    assert page.status_code == 200
    assert "När du inte har något pass" in page.text
    assert when in page.text
    with app.state.database.reading() as session:
        whole = programmes.programme(session, bench.meeting)
        busy = {a.session_id for a in whole.attendances if a.function_id == post_id}
        taken = {one.slot_id for one in whole.sessions if one.id in busy}
        empty = [one.id for one in whole.slots if not one.is_break and one.id not in taken]
        running = [one.id for one in whole.sessions if one.slot_id == slot_id]
    assert page.text.count("<h3>") == len(empty)
    for one in running:
        assert f'/pass/{one}"' in page.text
    assert theme in wished
    assert "ni har bett om det, och det finns plats: gå dit" in page.text


def test_a_guest_has_no_holes(app: FastAPI, bench: Bench) -> None:
    with app.state.database.reading() as session:
        post = next(one for one, _ in accounts.functions_of_kind(session, BodyKind.GUEST))
        person = post.holder_id
    assert person is not None
    page = browser(app, person).get(f"/traffar/{bench.meeting}/min-agenda")
    assert "När du inte har något pass" not in page.text
