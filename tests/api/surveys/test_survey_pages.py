"""The pages of surveys, as a browser without script sees them."""

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from sqlmodel import SQLModel, select

from api.accounts.models import Role
from api.kit.clock import now
from api.outbox.models import Mail
from api.surveys import links, queries, service
from api.surveys.models import RecipientKind, SurveyAnswer
from api.surveys.questions import Answer
from tests.api.surveys.conftest import CHOSEN, kept
from tests.factories import Member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.web import Browser, browser

TEXTAREA = re.compile(r'<textarea id="([^"]+)"[^>]*>([^<]*)</textarea>')
LINK = re.compile(r"http://testserver(/\S*/?enkat/[\w-]+)")


def _member(app: FastAPI, rc_id: str, role: Role = Role.RC_MEMBER) -> Member:
    with app.state.database.transaction() as session:
        return kept(session, role, rc_id)


def _link(app: FastAPI, survey_id: str, rc_id: str) -> str:
    with app.state.database.transaction() as session:
        survey = queries.survey(session, survey_id)
        assert survey is not None
        return f"/enkat/{links.make_link(session, survey, rc_id, RecipientKind.RC, now())}"


def _rows(app: FastAPI) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with app.state.database.reading() as session:
        return {
            name: sorted(str(row) for row in session.execute(table.select()))
            for name, table in SQLModel.metadata.tables.items()
        }


def test_a_link_is_answered_shown_again_and_changed(app: FastAPI, survey_id: str) -> None:
    link = _link(app, survey_id, "skane")
    visitor = browser(app)
    first = visitor.get(link)
    assert first.status_code == 200
    assert "Du svarar för Skåne" in first.text
    answer = visitor.submit(link, link, {"weight-pepp": "3", "must": "pepp", "focus": "start_up"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{link}?sparat=true")
    receipt = visitor.get(answer.headers["location"])
    assert "Tack, svaret är sparat" in receipt.text
    shown = visitor.get(link).text
    assert 'id="weight-pepp-3" name="weight-pepp" value="3" checked' in shown
    assert '<option value="pepp" selected>' in shown
    visitor.submit(link, link, {"weight-legal_consent": "1"})
    with app.state.database.reading() as session:
        (row,) = session.exec(select(SurveyAnswer)).all()
        assert (row.rc_id, row.version) == ("skane", 2)
        assert row.answer["weights"] == {"legal_consent": 1}


def test_a_faulty_answer_keeps_what_was_chosen_and_says_what_is_missing(
    app: FastAPI, survey_id: str
) -> None:
    link = _link(app, survey_id, "skane")
    answer = browser(app).submit(link, link, {"cases": "yes", "offers": "pepp"})
    assert answer.status_code == 422
    assert "Välj minst ett ämne som ni vill ha med." in answer.text
    assert '<a href="#weights">' in answer.text
    assert "<title>Fel: " in answer.text
    assert 'id="cases-yes" name="cases" value="yes" checked' in answer.text
    assert 'id="offers-pepp" name="offers" value="pepp" checked' in answer.text


def test_a_mail_scanner_that_opens_a_link_a_hundred_times_changes_nothing(
    app: FastAPI, survey_id: str
) -> None:
    link = _link(app, survey_id, "skane")
    before = _rows(app)
    scanner = browser(app)
    assert {scanner.get(link).status_code for _ in range(100)} == {200}
    assert scanner.head(link).status_code in {200, 405}
    assert _rows(app) == before


def test_unknown_revoked_and_others_links_say_so_kindly_and_show_nothing(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    link = _link(app, survey_id, "skane")
    somebody = _member(app, "kronoberg")
    visitor, other = browser(app), browser(app, somebody.person.id)
    visitor.submit(link, link, {"weight-pepp": "3"})
    unknown = visitor.get("/enkat/unknown")
    others = other.get(link)
    assert (unknown.status_code, others.status_code) == (404, 404)
    with app.state.database.transaction() as session:
        links.revoke_links(session, planner.person.id, survey_id, "skane", now())
    revoked = visitor.get(link)
    assert revoked.status_code == 410
    for page in (unknown, others, revoked):
        assert "Länken går inte att använda" in page.text
        assert "Skicka min länk igen" in page.text
        assert "Skåne" not in page.text
        assert "våren" not in page.text
    refused = visitor.submit("/enkat", link, {"weight-pepp": "1"})
    assert refused.status_code == 410


def test_after_the_deadline_the_link_shows_what_became_of_the_answers(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    link = _link(app, survey_id, "skane")
    with app.state.database.transaction() as session:
        survey = queries.survey(session, survey_id)
        assert survey is not None
        service.example_answers(session, survey, 1, now())
        service.close_survey(session, planner.person.id, survey_id)
    page = browser(app).get(link)
    assert page.status_code == 200
    assert "Tack för svaret från Skåne!" in page.text
    assert "16 av 16 resurscentrum svarade." in page.text
    assert "Föreslaget fokus" in page.text
    late = browser(app).submit("/enkat", link, {"weight-pepp": "3"})
    assert "Svaret hann inte skickas." in late.text


def test_two_answers_are_counted_and_never_ranked(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    with app.state.database.transaction() as session:
        survey = queries.survey(session, survey_id)
        assert survey is not None
        for rc_id in ("skane", "kronoberg"):
            links.keep_answer(session, survey, rc_id, Answer({"pepp": 3}), now())
    page = browser(app, planner.person.id).get(f"/planera/enkater/{survey_id}").text
    assert "Svaren är för få för att ordna ämnena" in page
    assert "Föreslaget fokus" not in page
    assert "Svar saknas från:" in page
    assert "Ingen har svarat från dessa faser" in page


@keeps(
    "Vilka får frågan?",
)
@opens("needs_survey")
def test_a_planner_makes_a_survey_looks_at_the_mail_and_opens_it(
    app: FastAPI, planner: Member
) -> None:
    _member(app, "skane")
    _member(app, "kronoberg")
    desk = browser(app, planner.person.id)
    fields = {
        "title_sv": "Exempel: inför hösten",
        "title_en": "Exempel: before autumn",
        "deadline": (now() + timedelta(days=14)).date().isoformat(),
        "themes": ["pepp", "legal_consent"],
        "rcs": ["skane", "kronoberg", "dalarna"],
        "day": ["2027-10-07", "", "2027-10-14"],
    }
    made = desk.submit("/planera/enkater/ny", "/planera/enkater", fields)  # type: ignore[arg-type] # several values
    assert made.status_code == 303
    hub = made.headers["location"]
    assert "Utkast" in desk.get(hub).text
    assert desk.get(f"{hub}/forhandsvisa").text.count("<fieldset") > 8
    sending = desk.get(f"{hub}/utskick").text
    assert "2 mejl kommer att skickas." in sending
    assert "Det finns ingen mottagare för: Dalarna." in " ".join(sending.split())
    assert desk.submit(f"{hub}/utskick", f"{hub}/utskick").status_code == 303
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        assert len(mails) == 2
        found = [LINK.search(text_of(mail)) for mail in mails]
    paths = [match.group(1) for match in found if match]
    assert len(set(paths)) == 2
    visitor = browser(app)
    assert visitor.submit(paths[0], paths[0], {"weight-pepp": "2"}).status_code == 303
    reminder = desk.get(f"{hub}/paminn").text
    assert "1 mejl kommer att skickas." in reminder
    assert desk.submit(f"{hub}/paminn", f"{hub}/paminn").status_code == 303
    with app.state.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 3
    assert desk.submit(hub, f"{hub}/stang").status_code == 303
    assert "Stängd" in desk.get(hub).text
    at_once = desk.submit("/planera/enkater/ny", "/planera/enkater", {**fields, "then": "open"})  # type: ignore[dict-item] # several values
    shown = desk.get(at_once.headers["location"]).text
    assert "Stäng enkäten" in shown
    with app.state.database.reading() as session:
        assert len(session.exec(select(Mail)).all()) == 5


def test_the_form_for_a_survey_keeps_what_was_typed(app: FastAPI, planner: Member) -> None:
    desk = browser(app, planner.person.id)
    fields = {"title_sv": "Exempel", "title_en": "", "deadline": "soon", "themes": ["pepp"]}
    page = desk.submit("/planera/enkater/ny", "/planera/enkater", fields)  # type: ignore[arg-type] # several values
    assert page.status_code == 422
    assert 'value="soon"' in page.text
    assert 'id="theme-pepp" name="themes" value="pepp" checked' in page.text


@keeps("Finns det en öppen enkät för adressen så är ett mejl på väg. Titta i inkorgen om en stund.")
@pytest.mark.usefixtures("survey_id")
def test_a_link_is_sent_again_to_its_address_and_the_page_tells_nobody_which_are_known(
    app: FastAPI,
) -> None:
    member = _member(app, "skane")
    visitor = browser(app)
    pages = []
    for email in (member.person.email, "nobody@example.org", member.person.email):
        answer = visitor.submit("/enkat", "/enkat", {"email": email})
        assert answer.status_code == 303
        pages.append(visitor.get(answer.headers["location"]).text)
    assert len({re.sub(r'value="[^"]+"', "", page) for page in pages}) == 1
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        assert [mail.recipient for mail in mails] == [member.person.email]
    assert visitor.submit("/enkat", "/enkat", {"email": "no address"}).status_code == 422


def test_planners_pages_are_not_there_for_others(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    member, guest = _member(app, "skane"), _member(app, "kronoberg", Role.GUEST)
    paths = [
        "/planera/enkater/ny",
        f"/planera/enkater/{survey_id}/andra",
        f"/planera/enkater/{survey_id}/forhandsvisa",
        f"/planera/enkater/{survey_id}/utskick",
        f"/planera/enkater/{survey_id}/paminn",
        f"/planera/enkater/{survey_id}/onskemal",
        f"/planera/enkater/{survey_id}/onskemal.csv",
        "/planera/amnen",
        "/planera/utvarderingar/ny",
    ]
    for path in paths:
        assert browser(app, planner.person.id).get(path).status_code == 200
        assert browser(app, member.person.id).get(path).status_code == 404
        assert browser(app).get(path).status_code == 303
    for path in ("/enkater", f"/enkater/{survey_id}", "/utvarderingar"):
        assert browser(app, member.person.id).get(path).status_code == 200
        assert browser(app, guest.person.id).get(path).status_code == 404


def test_the_files_hold_the_same_figures_as_the_page(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    with app.state.database.transaction() as session:
        survey = queries.survey(session, survey_id)
        assert survey is not None
        service.example_answers(session, survey, 1, now())
    desk = browser(app, planner.person.id)
    file = desk.get(f"/enkater/{survey_id}/resultat.csv")
    lines = file.content.decode("utf-8-sig").splitlines()
    page = desk.get(f"/enkater/{survey_id}").text
    assert lines[0].startswith("Exempel;Ämne;Spår;Vill ha")
    assert len(lines) == 1 + len(CHOSEN)
    for line in lines[1:]:
        _, name, _, asking, *_ = line.split(";")
        row = re.search(
            rf'<th scope="row">{re.escape(name)}</th><td[^>]*>[^<]*</td><td class="number"[^>]*>(\d+)</td>',
            page,
        )
        assert row is not None
        assert row.group(1) == asking
    assert desk.get(f"/enkater/{survey_id}/resultat.xlsx").content[:2] == b"PK"
    assert desk.get(f"/enkater/{survey_id}/resultat.pdf").status_code == 422
    wishes = desk.get(f"/planera/enkater/{survey_id}/onskemal")
    assert wishes.status_code == 200
    assert "Exempel" in wishes.text


def test_a_planner_edits_the_theme_bank(app: FastAPI, planner: Member) -> None:
    desk = browser(app, planner.person.id)
    change = {"name_sv": "Kraft", "name_en": "Strength", "version": "1"}
    assert desk.submit("/planera/amnen", "/planera/amnen/pepp", change).status_code == 303
    page = desk.get("/planera/amnen").text
    assert "Kraft" in page
    assert "Gömt" in page  # the box was left empty
    assert desk.submit("/planera/amnen", "/planera/amnen/pepp", change).status_code == 409
    added = {"name_sv": "Nytt", "name_en": "New", "category": "method"}
    assert desk.submit("/planera/amnen", "/planera/amnen", added).status_code == 303
    assert desk.submit("/planera/amnen", "/planera/amnen", {}).status_code == 422


@pytest.mark.parametrize("path", ["/enkater", "/enkat", "/utvarderingar", "/planera/amnen"])
def test_pages_are_there_in_english(app: FastAPI, planner: Member, path: str) -> None:
    desk: Browser = browser(app, planner.person.id)
    swedish, english = desk.get(path), desk.get(f"/en{path}")
    assert (swedish.status_code, english.status_code) == (200, 200)
    assert '<html lang="en">' in english.text
    heading = re.compile(r"<h1>([^<]+)</h1>")
    assert heading.findall(swedish.text) != heading.findall(english.text)


def test_a_survey_of_another_database_is_not_there(app: FastAPI, planner: Member) -> None:
    assert browser(app, planner.person.id).get("/enkater/nothing").status_code == 404


@keeps(
    "Återkalla länkarna för ett resurscentrum. Svaret finns kvar, och nya länkar skickas till samordnaren och projektledaren.",
    "Länkarna är spärrade. Nya går till dem som kan nås.",
    "Vilka som har fått frågan",
)
def test_a_planner_replaces_the_links_of_an_rc_and_its_answer_stays(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    _member(app, "skane")
    link, others = _link(app, survey_id, "skane"), _link(app, survey_id, "kronoberg")
    visitor, desk = browser(app), browser(app, planner.person.id)
    visitor.submit(link, link, {"weight-pepp": "3"})
    hub = f"/planera/enkater/{survey_id}"
    desk.headers["Sec-Fetch-Mode"] = "navigate"
    replaced = desk.submit(hub, f"{hub}/aterkalla", {"rc": "skane"})
    assert "Nya går till dem som kan nås." in desk.get(replaced.headers["location"]).text
    assert visitor.get(link).status_code == 410
    assert visitor.get(others).status_code == 200
    with app.state.database.reading() as session:
        (mail,) = session.exec(select(Mail)).all()
        found = LINK.search(text_of(mail))
    assert found is not None
    assert 'name="weight-pepp" value="3" checked' in visitor.get(found.group(1)).text
    assert desk.submit(hub, f"{hub}/aterkalla", {"rc": "nowhere"}).status_code == 404


def test_the_wishes_lead_to_where_a_programme_is_made_of_them(
    planner: Member, app: FastAPI, survey_id: str
) -> None:
    desk = browser(app, planner.person.id)
    path = f"/planera/enkater/{survey_id}"
    assert "/planera/program" in desk.get(f"{path}/onskemal").text
    moved = desk.get(f"{path}/programproblem.json", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"][:16]) == (308, "/planera/program")


def test_a_planner_writes_what_a_themes_session_says_and_the_next_programme_says_it(
    app: FastAPI, planner: Member, survey_id: str
) -> None:
    desk = browser(app, planner.person.id)
    page = "/planera/amnen/pepp/texter"
    shown = desk.get(page)
    assert shown.status_code == 200
    assert "Gå en promenad två och två" in shown.text
    assert "Rapportens rader: 2370–2371" in shown.text
    form = {name: unescape(text) for name, text in re.findall(TEXTAREA, shown.text)}
    assert len(form) == 12
    form |= {"format": "workshop", "version": "1"}
    form |= {"start_up-task_sv": "Berätta vad som gjorde dig glad."}
    assert desk.submit(page, page, form | {"operation-task_en": " "}).status_code == 422
    assert desk.submit(page, page, form).status_code == 303
    visitor, link = browser(app), _link(app, survey_id, "skane")
    visitor.submit(link, link, {"weight-pepp": "3"})
    with app.state.database.reading() as session:
        (topic,) = service.wishes_for_programme(session, survey_id).topics
    assert topic.theme.texts is not None
    assert topic.theme.texts.start_up.task_sv == "Berätta vad som gjorde dig glad."
    assert (topic.theme.format, topic.starting, topic.operating) == ("workshop", 0, 1)
