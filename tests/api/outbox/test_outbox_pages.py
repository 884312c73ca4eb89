"""The outbox page: exact recipients, no secret links, and only planners."""

from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.db import Database
from api.outbox import queries
from api.outbox.models import MailState
from api.outbox.service import Options, queue
from tests.factories import make_member
from tests.web import browser

TOKEN = "a" * 43


def test_planners_see_send_hold_and_pause_mail_and_no_secret_links(app: FastAPI) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        other_id = make_member(session, Role.RC_MEMBER).person.id
        text = f"Svara: http://testserver/svar/{TOKEN}"
        options = Options(is_draft=True, is_secret=True)
        mail_id = queue(session, "a@example.org", "Hej <b>", text, text, now(), options).id
    path = f"/planera/utskick/{mail_id}"
    for hidden in ("/planera/utskick", path):
        assert browser(app, other_id).get(hidden).status_code == 404
        assert browser(app).get(hidden).status_code == 303
    planner = browser(app, planner_id)
    listed = planner.get("/planera/utskick").text
    assert "a@example.org" in listed
    assert "Hej &lt;b&gt;" in listed
    shown = planner.get(path).text
    assert "a@example.org" in shown
    assert TOKEN not in shown
    assert '<span class="state draft">Utkast</span>' in shown

    def state() -> MailState:
        with database.reading() as session:
            found = queries.mail(session, mail_id)
            assert found is not None
            return found.state

    for action, expected in (("release", "queued"), ("hold", "paused"), ("release", "queued")):
        assert planner.submit(path, path, {"action": action}).status_code == 303
        assert state().value == expected
    assert planner.submit(path, path, {"action": "again"}).status_code == 409
    assert planner.submit(path, path, {"action": "x"}).status_code == 422
    pause = "/planera/utskick/paus"
    assert planner.submit("/planera/utskick", pause, {"paused": "yes"}).status_code == 303
    assert (
        "Alla mejl är pausade, även inloggningslänkar. Ingen kan logga in med länk förrän du fortsätter."
        in planner.get("/planera/utskick").text
    )
    assert (
        "All emails are paused, sign-in links included. Nobody can sign in by link until you resume."
        in planner.get("/en/planera/utskick").text
    )
    assert planner.submit("/planera/utskick", pause, {"paused": "no"}).status_code == 303
    assert planner.get("/planera/utskick?lage=queued").status_code == 200
    assert planner.get("/planera/utskick?lage=x").status_code == 422


def test_a_mails_text_is_marked_with_its_own_language_on_a_page_in_the_other(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        html = '<!doctype html>\n<html lang="sv"><body>Välkommen till en träff!</body></html>'
        mail_id = queue(session, "a@example.org", "Hej", "Välkommen till en träff!", html, now()).id
        erased_id = queue(session, "b@example.org", "Hej", "", "", now()).id
    planner = browser(app, planner_id)
    shown = planner.get(f"/en/planera/utskick/{mail_id}").text
    assert '<html lang="en"' in shown
    assert '<h1 lang="sv">Hej</h1>' in shown
    assert '<div lang="sv">\n<p class="as-written">Välkommen till en träff!</p>' in shown
    assert "<h1>Hej</h1>" in planner.get(f"/en/planera/utskick/{erased_id}").text


def test_the_drafts_that_are_listed_are_sent_at_once_and_one_can_be_thrown_away(
    app: FastAPI,
) -> None:
    database: Database = app.state.database
    draft = Options(is_draft=True)
    with database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        first, second, third = (
            queue(session, f"{name}@example.org", f"Hej {name}", "Hej", "", now(), draft).id
            for name in ("a", "b", "c")
        )
    planner = browser(app, planner_id)
    path, action = "/planera/utskick?lage=draft", "/planera/utskick/utkast"
    listed = planner.get(path).text
    assert "Skicka 3 utkast" in listed
    assert "Send 3 drafts" in planner.get(f"/en{path}").text
    own = f"/planera/utskick/{third}"
    assert planner.submit(own, own, {"action": "removed"}).status_code == 303
    assert planner.get(own).status_code == 404
    with database.transaction() as session:
        later = queue(session, "d@example.org", "Hej d", "Hej", "", now(), draft).id
    shown = f"{first},{second},{third}"
    assert planner.submit(path, action, {"mails": shown}).status_code == 303
    with database.reading() as session:
        states = {one.id: one.state for one in queries.newest(session, None, 10)}
    sent, waits = MailState.QUEUED, MailState.DRAFT
    assert states == {first: sent, second: sent, later: waits}
    mail = f"/planera/utskick/{first}"
    assert "Ta bort utkastet" not in planner.get(mail).text
    assert planner.submit(mail, mail, {"action": "removed"}).status_code == 409


def test_mails_that_say_the_same_are_one_line_that_names_all(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner_id = make_member(session, Role.PLANNER).person.id
        for number in range(3):
            queue(session, f"same{number}@example.org", "Inbjudan: träff", "Hej", "Hej", now())
        queue(session, "alone@example.org", "Något annat", "Hej", "Hej", now())
    page = browser(app, planner_id).get("/planera/utskick").text
    assert page.count("Inbjudan: träff</span>") == 1
    assert "3 mejl" in page
    for one in ("same0@example.org", "same2@example.org", "alone@example.org"):
        assert one in page
