"""A survey's desk: who was asked, one reminder, answers by phone, opened again; and a draft that another device goes on with."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.kit.clock import now
from api.outbox import holding
from api.outbox.models import Mail, MailState
from api.surveys import queries, service
from api.surveys.demand import RANK_FLOOR, Profile, Topic, demand
from api.surveys.models import SurveyDraft
from api.surveys.questions import Answer, CaseRound, known_values
from api.surveys.texts import shipped_texts
from api.surveys.themes import proposed_themes, shipped_themes
from api.surveys.wishes import ThemeText, build
from tests.api.surveys.conftest import CHOSEN
from tests.api.surveys.test_survey_pages import _link, _member
from tests.factories import Member
from tests.links import opens
from tests.promises import keeps, keeps_quiet
from tests.web import Browser, browser, press


@keeps(
    "Påminnelsen är skriven.",
    "Skickas %(moment)s",
    "Påminn %(rc)s",
    "Påminn %(num)s RC",
    "Påminn %(num)s RC om %(title)s",
)
@opens("needs_survey_reminder")
def test_one_rc_is_reminded_with_the_planners_line_and_the_table_says_so(
    app: FastAPI,
    planner: Member,
    survey_id: str,
) -> None:
    _member(app, "skane")
    _member(app, "uppsala")
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    assert "Skriv in svar för Skåne" in desk.get(page).text
    assert f'action="{page}/paminn"' in desk.get("/").text
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    sent = desk.submit(page, f"{page}/paminn", {"rc": "skane", "line": "Vi saknar er!"})
    assert sent.status_code == 303
    waits = desk.get(sent.headers["location"]).text
    assert "Påminnelsen är skriven." in waits
    assert ">Skickas " in waits
    assert "Skickat" not in waits
    assert holding.release_all(app.state.database, now()) == 1
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        links = {one.rc_id for one in queries.links(session, survey_id)}
        assert links == {"skane"}
        assert mails
        assert all("Vi saknar er!" in one.text for one in mails)
        for one in mails:
            one.state = MailState.SENT
            session.add(one)
        session.commit()
    assert ">Skickat " in desk.get(page).text
    too_long = desk.submit(page, f"{page}/paminn", {"rc": "skane", "line": "x" * 201})
    assert too_long.status_code == 422


def test_an_answer_by_phone_counts_and_a_closed_survey_opens_again(
    app: FastAPI,
    planner: Member,
    survey_id: str,
) -> None:
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    form = f"{page}/svar/skane"
    assert desk.get(f"{page}/svar/nowhere").status_code == 404
    assert desk.submit(form, form, {}).status_code == 422
    assert desk.submit(form, form, {"weight-pepp": "3"}).status_code == 303
    shown = desk.get(page).text
    assert "Ändra svaret för Skåne" in shown
    assert "Skriv in svar för Skåne" not in shown
    with app.state.database.reading() as session:
        row = queries.answer(session, survey_id, "skane")
        assert row is not None
        assert row.answer["weights"] == {"pepp": 3}
    assert desk.submit(page, f"{page}/oppna", {"deadline": "2099-03-02"}).status_code == 409
    assert desk.submit(page, f"{page}/stang", {}).status_code == 303
    assert browser(app).get(_link(app, survey_id, "skane")).text.count("Enkäten har stängt")
    assert desk.submit(page, f"{page}/oppna", {"deadline": "2000-03-02"}).status_code == 422
    assert desk.submit(page, f"{page}/oppna", {"deadline": "2099-03-02"}).status_code == 303
    assert "Du svarar för Skåne" in browser(app).get(_link(app, survey_id, "skane")).text


def _done(desk: Browser, page: str, action: str, data: dict[str, str]) -> str:
    """Send a form as a browser does, and return the page that says what was done."""
    fields = {"form_token": desk.token(), **data}
    answer = desk.post(action, data=fields, headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.headers["location"].startswith(page)
    shown: str = desk.get(answer.headers["location"]).text
    return shown


@keeps_quiet(
    "%(answered)s av %(asked)s RC har svarat. Sedan går det inte att svara, och länkarna visar hur det gick."
    " Inget mejl skickas.",
    "Enkäten är stängd. Inget mejl har skickats.",
    "Enkäten är öppen igen. Länkarna som redan har skickats gäller, och inget nytt mejl har skickats.",
    "Sista svarsdagen är flyttad, också i kalendrarna. Inget mejl har skickats.",
)
def test_closing_reopening_and_a_later_day_are_told_to_nobody_and_the_page_says_so(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    _member(app, "skane")
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    assert "Inget mejl skickas." in desk.get(page).text
    later = _done(desk, page, f"{page}/forlang", {"deadline": "2099-03-02"})
    assert "Sista svarsdagen är flyttad, också i kalendrarna." in later
    closed = _done(desk, page, f"{page}/stang", {})
    assert "Enkäten är stängd. Inget mejl har skickats." in closed
    assert "Svara senast" not in closed
    again = _done(desk, page, f"{page}/oppna", {"deadline": "2099-03-03"})
    assert "Länkarna som redan har skickats gäller" in again
    assert "Svara senast" in again


def test_what_comes_after_the_closing_is_no_answer_but_is_there_when_it_opens_again(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    link, desk = _link(app, survey_id, "skane"), browser(app, planner.person.id)
    phone, page = browser(app), f"/planera/enkater/{survey_id}"
    token = phone.token()  # of the form as it lies open
    assert desk.submit(page, f"{page}/stang", {}).status_code == 303
    late = phone.post(link, data={"form_token": token, "weight-pepp": "3"})
    assert late.status_code == 410
    assert "Svaret hann inte skickas." in late.text
    with app.state.database.reading() as session:
        assert queries.answers(session, survey_id) == []
    assert desk.submit(page, f"{page}/oppna", {"deadline": "2099-03-02"}).status_code == 303
    again = phone.get(link).text
    assert "Det här är inte skickat än" in again
    assert 'id="weight-pepp-3" name="weight-pepp" value="3" checked' in again


def test_writing_down_an_answer_says_whose_it_is_and_keeps_it_should_the_survey_close(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    form = f"{page}/svar/skane"
    shown = desk.get(form).text
    assert "Du skriver in svaret som Skåne ger" in shown
    assert "Du svarar för" not in shown
    assert "Spara svaret" in shown
    written = desk.submit(form, form, {"weight-pepp": "3"})
    assert written.headers["location"] == f"{page}#asked-skane"
    assert 'id="asked-skane"' in desk.get(page).text
    assert "Det du sparar gäller i stället." in desk.get(form).text
    assert desk.submit(page, f"{page}/stang", {}).status_code == 303
    refused = desk.submit(page, form, {"weight-pepp": "2"})
    assert refused.status_code == 409
    assert "Öppna den igen på dess sida" in refused.text
    assert 'id="weight-pepp-2" name="weight-pepp" value="2" checked' in refused.text
    assert desk.get(form).headers["location"] == page


def test_nobody_is_told_of_a_reminder_that_reaches_nobody(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    form = f"{page}/svar/skane"
    unreached = desk.submit(page, f"{page}/paminn", {"rc": "skane", "line": "Kom igen"})
    assert unreached.status_code == 409
    assert "Ingen av dem som saknas kan nås med e-post." in unreached.text
    _member(app, "skane")
    assert desk.submit(form, form, {"weight-pepp": "3"}).status_code == 303
    done = desk.submit(page, f"{page}/paminn", {"rc": "skane"})
    assert done.status_code == 409
    assert "De har redan svarat." in done.text
    assert "0 mejl kommer att skickas." in desk.get(f"{page}/paminn").text
    assert "Skicka påminnelsen" not in desk.get(f"{page}/paminn").text
    with app.state.database.reading() as session:
        assert queries.links(session, survey_id) == []


@pytest.mark.both_databases
def test_mails_that_cannot_be_sent_any_more_are_not_shown_as_if_they_could(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    sent = desk.get(f"{page}/utskick").text
    assert "Enkäten är redan öppnad." in sent
    assert f'class="button" href="{page}"' in sent
    assert "kommer att skickas" not in sent
    answers = press(desk, page, f"{page}/stang", {}, 2)
    assert {answer.status_code for answer in answers} == {303}
    over = desk.get(f"{page}/paminn").text
    assert "Enkäten är inte öppen." in over
    assert "Skicka påminnelsen" not in over


def test_a_day_that_is_past_comes_back_in_its_form_with_the_reason(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    for language, label in (("", "Ny sista svarsdag"), ("/en", "New reply deadline")):
        where = f"{language}{page}"
        refused = desk.submit(where, f"{where}/forlang", {"deadline": "2020-03-02"})
        assert refused.status_code == 422
        assert f'<a href="#deadline">{label}: ' in refused.text
        assert 'value="2020-03-02"' in refused.text
    _member(app, "skane")
    own = desk.submit(f"{page}/paminn", f"{page}/paminn", {"line": "x" * 201})
    assert f'value="{"x" * 201}"' in own.text
    assert "Egen rad i mejlet: Högst 200 tecken." in own.text


def test_a_survey_of_no_meeting_leads_to_where_one_gets_its_day(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    with app.state.database.transaction() as session:
        survey = queries.survey(session, survey_id)
        assert survey is not None
        service.example_answers(session, survey, 1, now())
    desk, page = browser(app, planner.person.id), f"/planera/enkater/{survey_id}"
    assert f'href="/planera/datum?enkat={survey_id}"' in desk.get(page).text
    assert f'name="enkat" value="{survey_id}"' in desk.get(f"/planera/datum?enkat={survey_id}").text


def test_a_draft_is_kept_goes_on_elsewhere_and_is_gone_when_it_is_sent(
    app: FastAPI,
    survey_id: str,
) -> None:
    link, other = _link(app, survey_id, "skane"), _link(app, survey_id, "skane")
    phone, desk = browser(app), browser(app)
    data = {"weight-pepp": "3", "cases": "yes", "must": "<script>", "name": "Anna"}
    kept = phone.submit(link, f"{link}/utkast", data | {"auto": "yes"})
    assert kept.status_code == 200
    assert set(kept.json()) == {"saved"}
    with app.state.database.reading() as session:
        assert queries.answers(session, survey_id) == []  # a draft is no answer
        (row,) = session.exec(select(SurveyDraft)).all()
        assert row.fields == {"weight-pepp": ["3"], "cases": ["yes"], "must": []}
    shown = desk.get(other).text
    assert "Det här är inte skickat än" in shown
    assert 'id="weight-pepp-3" name="weight-pepp" value="3" checked' in shown
    assert desk.submit(other, f"{other}/utkast", data).status_code == 303
    assert desk.submit(other, other, {"weight-pepp": "2"}).status_code == 303
    assert "Det här är inte skickat än" not in phone.get(link).text
    with app.state.database.reading() as session:
        assert session.exec(select(SurveyDraft)).all() == []
    assert "nowhere" not in known_values(["pepp"])


def test_something_else_of_the_bank_can_be_asked_for_and_counts(
    app: FastAPI, survey_id: str
) -> None:
    link, visitor = _link(app, survey_id, "skane"), browser(app)
    assert 'name="other" value="school"' in visitor.get(link).text
    many = {"other": ["school", "brand", "research", "statistics"]}
    assert visitor.submit(link, link, many).status_code == 422
    assert visitor.submit(link, link, {"other": ["pepp"]}).status_code == 422  # it is in the list
    assert visitor.submit(link, link, {"other": ["school"]}).status_code == 303
    assert 'name="other" value="school" checked' in visitor.get(link).text
    with app.state.database.reading() as session:
        found = service.wishes_for_programme(session, survey_id)
        assert [(one.theme.id, one.weight) for one in found.topics] == [("school", 2)]
        assert [one.weights for one in found.people] == [{"school": 2.0}]


def test_no_column_stands_on_fewer_than_five_answers() -> None:
    rcs = [f"rc{number}" for number in range(12)]
    answers = {rc: Answer(weights={"law": 1}) for rc in rcs}

    def found(starting: int, barnahus: int) -> tuple[bool, tuple[str, ...]]:
        profiles = {
            rc: Profile(
                "planning" if number < starting else "operative",
                "barnahus" if number < barnahus else "cmv_subactivity" if number < 11 else "",
            )
            for number, rc in enumerate(rcs)
        }
        made = demand([Topic("law", "legal")], rcs, answers, profiles)
        return made.has_bands, made.shown_models

    assert found(RANK_FLOOR - 1, 4) == (False, ("cmv_subactivity",))
    assert found(RANK_FLOOR, 5) == (True, ("cmv_subactivity",))
    assert found(12 - RANK_FLOOR + 1, 8) == (False, ())
    assert found(0, 12) == (False, ())


def test_case_rounds_are_wished_for_as_the_answer_on_them_says() -> None:
    texts = shipped_texts()["anonymised_cases"]
    cases = ThemeText("anonymised_cases", "Fall", "Cases", "method", ("all",), texts)
    answers = {
        "yes": Answer(cases=CaseRound.YES),
        "listen": Answer(weights={"anonymised_cases": 3}, cases=CaseRound.LISTEN),
        "no": Answer(weights={"anonymised_cases": 3}, cases=CaseRound.NO),
        "must": Answer(must="anonymised_cases", cases=CaseRound.NO),
    }
    counted = demand([Topic("anonymised_cases", "method")], list(answers), answers, {})
    people = {one.rc_id: one.weights for one in build("s", counted, [cases], answers).people}
    assert people["yes"] == {"anonymised_cases": 1.0}
    assert people["listen"] == {"anonymised_cases": 3.0}
    assert people["no"] == {}
    assert people["must"] == {"anonymised_cases": 6.0}


def test_themes_asked_for_before_are_proposed_from_both_tracks_and_leave_room_for_others() -> None:
    bank = list(shipped_themes())
    wanted = [one.id for one in bank if one.category == "method"] + ["org_staffing", "anchoring"]
    found = [one.id for one in proposed_themes(bank, len(CHOSEN) * 3, wanted)]
    assert len(found) == 15
    assert {"org_staffing", "anchoring"} <= set(found)
    assert len(set(found) & set(wanted)) <= 10
    categories = {one.category for one in bank if one.id in found}
    assert len(categories) >= 8
