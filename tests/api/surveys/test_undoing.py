"""What asks many at once waits, says so on its receipt, and is undone before anybody got a mail."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.app import create_app
from api.kit.clock import now, today
from api.kit.settings import Settings
from api.outbox import holding
from api.outbox.models import Mail, MailState
from api.registry.service import import_shipped
from api.surveys import queries, service
from api.surveys.models import SurveyState
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank
from tests.api.surveys.conftest import CHOSEN
from tests.factories import make_member
from tests.web import Browser, browser


@pytest.fixture
def held(settings: Settings) -> Iterator[FastAPI]:
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    with made.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        for rc_id in ("skane", "uppsala"):
            make_member(session, Role.RC_MEMBER, rc_id=rc_id)
    yield made
    made.state.database.close()


def planner_on(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def held_mails(app: FastAPI) -> list[str]:
    with app.state.database.reading() as session:
        waiting = select(Mail).where(Mail.state == MailState.HELD)
        return sorted(one.recipient for one in session.exec(waiting))


def opened_survey(app: FastAPI, web: Browser) -> str:
    with app.state.database.transaction() as session:
        details = SurveyDetails(
            title_sv="Exempel: inför våren",
            title_en="Exempel: before spring",
            deadline=now() + timedelta(days=14),
            theme_ids=CHOSEN,
            days=(),
            rc_ids=("skane", "uppsala"),
            is_example=True,
        )
        survey_id = service.make_survey(session, "system", details, now()).id
    page = f"/planera/enkater/{survey_id}"
    assert web.submit(f"{page}/utskick", f"{page}/utskick", {}).status_code == 303
    return survey_id


def gone(app: FastAPI) -> list[str]:
    """Let everything that waits go, and return whom a mail has gone to, as often as it has."""
    holding.release_all(app.state.database, now())
    with app.state.database.reading() as session:
        return sorted(one.recipient for one in session.exec(select(Mail)))


def undo(web: Browser, where: str, said: str) -> None:
    page = web.get(where).text
    assert said in page
    assert "2 mejl skickas kl. " in page
    assert "2 emails go out at " in web.get(f"/en{where}").text
    [action] = {line for line in page.split('"') if line.startswith("/angra/")}
    taken = web.submit(where, action)
    assert taken.status_code == 303, taken.text
    assert "Ångrat." in web.get(taken.headers["location"]).text


def test_a_survey_that_is_opened_waits_and_is_a_draft_again(held: FastAPI) -> None:
    web = planner_on(held)
    with held.state.database.transaction() as session:
        details = SurveyDetails(
            title_sv="Exempel: inför våren",
            title_en="Exempel: before spring",
            deadline=now() + timedelta(days=14),
            theme_ids=CHOSEN,
            days=(),
            rc_ids=("skane", "uppsala"),
            is_example=True,
        )
        survey_id = service.make_survey(session, "system", details, now()).id
    page = f"/planera/enkater/{survey_id}"
    for _ in range(2):  # opened, undone, and opened again
        sent = web.submit(f"{page}/utskick", f"{page}/utskick", {})
        where = str(sent.headers["location"])
        assert len(held_mails(held)) == 2
        undo(web, where, "Enkäten är öppen.")
        assert held_mails(held) == []
        with held.state.database.reading() as session:
            survey = queries.survey(session, survey_id)
            assert survey is not None
            assert survey.state is SurveyState.DRAFT
            assert queries.links(session, survey_id) == []


def test_an_evaluation_that_is_sent_waits_and_is_gone_again(held: FastAPI) -> None:
    web = planner_on(held)
    fields = {
        "title_sv": "Exempel: vårens möte",
        "title_en": "Exempel: spring meeting",
        "held_on": today().isoformat(),
        "closes_on": (today() + timedelta(days=14)).isoformat(),
        "do": "send",
    }
    sent = web.submit("/planera/utvarderingar/ny", "/planera/utvarderingar", fields)
    where = str(sent.headers["location"])
    assert len(held_mails(held)) == 2
    undo(web, where, "Utvärderingen är skapad.")
    assert held_mails(held) == []
    with held.state.database.reading() as session:
        assert queries.evaluations(session) == []


def test_whoever_answers_while_the_reminder_waits_is_not_reminded(held: FastAPI) -> None:
    web = planner_on(held)
    survey_id = opened_survey(held, web)
    asked = gone(held)
    assert len(asked) == 2
    page = f"/planera/enkater/{survey_id}"
    assert web.submit(f"{page}/paminn", f"{page}/paminn", {}).status_code == 303
    assert held_mails(held) == asked
    form = f"{page}/svar/skane"
    assert web.submit(form, form, {"weight-pepp": "3"}).status_code == 303
    mails = gone(held)
    assert len(mails) == 3
    with held.state.database.reading() as session:
        assert len(queries.links(session, survey_id, "skane")) == 1  # reminded of nothing
        assert len(queries.links(session, survey_id, "uppsala")) == 2
        [reminder] = [one for one in session.exec(select(Mail)) if "1 av 2" in one.text]
        assert mails.count(reminder.recipient) == 2  # what stands in it is true when it goes


def test_a_survey_closed_or_a_link_ended_while_its_mail_waits_sends_none(held: FastAPI) -> None:
    web = planner_on(held)
    survey_id = opened_survey(held, web)
    page = f"/planera/enkater/{survey_id}"
    assert web.submit(page, f"{page}/aterkalla", {"rc": "skane"}).status_code == 303
    assert len(held_mails(held)) == 3
    assert len(gone(held)) == 2  # a new one in place of the ended link's
    assert web.submit(f"{page}/paminn", f"{page}/paminn", {}).status_code == 303
    assert web.submit(page, f"{page}/stang", {}).status_code == 303
    assert len(gone(held)) == 2
