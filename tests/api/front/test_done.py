"""Every act answers: a browser is told on the next page what it has done, and each route has its words."""

import re
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.accounts.models import Role
from api.front.home.done import DONE, said
from api.kit.clock import now
from api.kit.pages import TEMPLATES
from api.meetings.service import cancel, create
from tests.api.meetings.test_audience import VISIT
from tests.factories import make_member
from tests.web import HIDDEN, browser

LONG_AHEAD = now() + timedelta(days=200)
LATER = LONG_AHEAD + timedelta(hours=2)
# These answer by a page of their own, by a receipt that can undo, or by leading to what they made.
ANSWER_THEMSELVES = re.compile(
    r"^/(api|logga-in|logga-ut|exempel|angra|skicka-nu|enkat|utvardering|svar|tid/|leda|besok|traffades|puls|fraga/|fragor/ny)"
    r"|/(las-in|bekrafta|inlasning|flytta|publicera|boka|tillbaka|ta-tillbaka|varfor|tank-om|utan|visa)$"
    r"|/(bestam|stall-in|videolank|tid|eget-svar|ny-tid|ersattare|inbjudningar|platser|uppgifter|lardom|lamna-over|borta|tillbaka|avsta|sammankallande|puffa)$"
    r"|/tidsval/{poll_id}/(svara|paminn|lagg-till)$"
    r"|^/(natverk/{network_id}/serie|serie/{series_id}/(andra|avsluta|forlang))$"
    r"|/inbjudningar/(svar|paminn)$|/enkater/{survey_id}/paminn$|^/planera/registret/fraga$|^/traffar/ny$|/utskick$|^/planera/(utvarderingar|behov)$"
    r"|/planera/(program/(ny|innehall)|studiebesok|restider|datum$|aret$|natverk$)"
    r"|/planera/program/{proposal_id}/(andra|tar-over|laga|upplockat|fraga-ledare|ta-in-svar)$"
    r"|^/fragor/{question_id}/svar$|/planera/natverk/{proposal_id}/las$|^/(prenumerera|mina-nycklar)$|/forum/|/ny-tid/forslag$"
)


def _posts(app: FastAPI) -> set[str]:
    return {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ())
    }


def test_every_form_has_words_for_what_it_has_done_or_answers_by_itself(app: FastAPI) -> None:
    silent = {path for path in _posts(app) - set(DONE) if not ANSWER_THEMSELVES.search(path)}
    assert silent == set()
    assert set(DONE) <= _posts(app)


def test_a_browser_is_told_once_what_was_done(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person.id
    web = browser(app, person)
    page = f"/personer/{person}"
    fields = dict(HIDDEN.findall(web.get(page).text)) | {
        "name": "Exempel Ny",
        "phone": "+46 70 174 06 05",
    }
    plain = web.post(page, data=fields)
    assert plain.status_code == 303
    assert "klart" not in plain.headers["location"]
    fields = dict(HIDDEN.findall(web.get(page).text)) | {"name": "Exempel Ny 2", "phone": ""}
    told = web.post(page, data=fields, headers={"Sec-Fetch-Mode": "navigate"})
    where = told.headers["location"]
    assert "klart=" in where
    assert "<p><strong>Sparat.</strong></p>" in web.get(where).text
    english = web.get(f"/en{where}").text
    assert "<p><strong>Saved.</strong></p>" in english
    assert "Sparat." not in web.get(where.partition("?")[0]).text


def test_what_is_refused_leads_back_to_where_it_was_asked(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person.id
    web = browser(app, person)
    page = f"/personer/{person}"
    # Nothing of the form arrives but its token: it comes back on its page, which says so.
    refused = web.submit(page, page, {"version": "two"})
    assert refused.status_code == 422
    assert 'role="alert" tabindex="-1" id="refusal"' in refused.text
    assert f'action="{page}"' in refused.text
    # A rule of ours says no to what a button asks: back to the page where the button stands.
    with app.state.database.transaction() as session:
        made = create(session, replace(VISIT, starts_at=LONG_AHEAD, ends_at=LATER), "nch", now())
        cancel(session, made, made.version, "nch", now())
        meeting, version = made.id, made.version
    where = f"/traffar/{meeting}"
    said_no = web.submit(page, f"{where}/stall-in", {"version": str(version)})
    assert said_no.status_code == 409
    assert "Träffen är redan inställd." in said_no.text
    assert f'class="button" href="{where}"' in said_no.text
    # What is not there is nothing to go back to.
    assert 'class="button" href="/traffar' not in web.get("/traffar/nothing").text


def test_what_is_refused_says_nothing_was_done(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person.id
    web = browser(app, person)
    answer = web.post("/planera/amnen", data={}, headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.status_code == 403
    assert said("nothing") == ""
    assert "receipt" not in web.get("/?klart=nothing").text.partition("<body")[2]


# What no later press brings back: a question with names and counts stands before each.
FINAL = re.compile(
    r"/bibliotek/' ~ \S+ ~ '/ta-bort'|/(dra-tillbaka|stall-in|stang|slas-ihop)'|value=\"at_once\"|'at_once'"
    r"|/(organisationer|mina-nycklar|tidsval|funktioner|serie)/' ~ \S+ ~ '/avsluta'"
)
SHEET = re.compile(r"{% call sheet\(.*?{% endcall %}", re.DOTALL)


def test_a_question_stands_before_whatever_cannot_be_brought_back() -> None:
    found = {
        file.name: sum(len(FINAL.findall(one)) for one in SHEET.findall(file.read_text("utf-8")))
        for file in TEMPLATES.rglob("*.html")
    }
    assert sum(found.values()) >= 10
    bare = {
        f"{file.name}: {one[0]}"
        for file in TEMPLATES.rglob("*.html")
        for one in FINAL.finditer(SHEET.sub("", file.read_text("utf-8")))
    }
    assert bare == set()
