import re
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Body, BodyKind, Function, Person, Role
from api.audit.models import AuditEntry
from tests.factories import make_body, make_function, make_member
from tests.promises import keeps
from tests.web import HIDDEN, Browser, browser

OLD = {"holder_name": "Exempel Ny", "holder_email": "exempel.ny@example.org"}


def test_a_planner_adds_a_body_a_function_and_its_holder(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(app, planner)
    made = web.submit(
        "/organisationer/ny", "/organisationer/ny", {"kind": "guest", "name": "Exempel Åklagare"}
    )
    page = made.headers["location"]
    form = {"title": "Kontakt", "kind": "prosecutor_contact", "role": "guest", "mailbox": ""}
    assert web.submit(page, f"{page}/funktioner", form).status_code == 303
    assert "ledig" in web.get(page).text
    with app.state.database.reading() as session:
        function_id = session.exec(select(Function.id).where(Function.title == "Kontakt")).one()
    over = f"/funktioner/{function_id}/lamna-over"
    assert web.submit(over, over, {"version": "1", **OLD}).status_code == 303
    assert "exempel.ny@example.org" in web.get(page).text
    assert "Exempel Åklagare" in web.get("/organisationer").text
    assert 'lang="en"' in web.get(f"/en{page}").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"holder_name": "", "holder_email": "a@example.org"}, "holder_name"),
        ({"holder_name": "A", "holder_email": "nonsense"}, "holder_email"),
        ({**OLD, "deputy_name": "B", "deputy_email": ""}, "deputy_email"),
        ({**OLD, "deputy_name": "B", "deputy_email": OLD["holder_email"]}, "deputy"),
    ],
)
def test_a_faulty_hand_over_keeps_what_was_typed_and_changes_nothing(
    app: FastAPI, typed: dict[str, str], field: str
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "exempel-rc")
        person_id, function_id = member.person.id, member.function.id
        rows = len(session.exec(select(AuditEntry)).all())
    over = f"/funktioner/{function_id}/lamna-over"
    answer = browser(app, person_id).submit(over, over, {"version": "1", **typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    with app.state.database.reading() as session:
        assert session.get(Function, function_id).holder_id == person_id
        assert len(session.exec(select(Person)).all()) == 1
        assert rows == 0 or len(session.exec(select(AuditEntry)).all()) > rows


def test_two_hundred_stale_hand_overs_are_refused_with_both_versions(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        function_id = make_function(session, make_body(session)).id
    web, over = browser(app, planner), f"/funktioner/{function_id}/lamna-over"
    assert web.submit(over, over, {"version": "1", **OLD}).status_code == 303
    token = dict(HIDDEN.findall(web.get(over).text))["form_token"]
    for number in range(200):
        late = {"holder_name": f"Sen {number}", "holder_email": f"sen.{number}@example.org"}
        answer = web.post(over, data={"form_token": token, "version": "1", **late})
        assert answer.status_code == 409
    assert "Sen 199 (sen.199@example.org)" in answer.text
    assert "Exempel Ny (exempel.ny@example.org)" in answer.text
    assert f'href="{over}"' in answer.text
    with app.state.database.reading() as session:
        assert len(session.exec(select(Person)).all()) == 2


def test_other_bodies_and_their_functions_do_not_exist(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        own = make_member(session, Role.RC_MEMBER, "exempel-rc")
        other = make_member(session, Role.RC_MEMBER, "exempel-annan")
        guest = make_member(session, Role.GUEST)
        person_id, guest_id = own.person.id, guest.person.id
        paths = [
            f"/organisationer/{other.body.id}",
            f"/funktioner/{other.function.id}/lamna-over",
        ]
        mine = [f"/organisationer/{own.body.id}", f"/funktioner/{own.function.id}/lamna-over"]
        guests = f"/organisationer/{guest.body.id}"
        others_name = other.body.name
    web = browser(app, person_id)
    assert [web.get(path).status_code for path in paths] == [404, 404]
    assert web.submit(mine[1], paths[1], {"version": "1"}).status_code == 404
    assert [web.get(path).status_code for path in mine] == [200, 200]
    assert others_name not in web.get("/organisationer").text
    assert browser(app, guest_id).get(guests).status_code == 404


def test_a_body_turns_to_nch_and_to_nobody_else(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        rc = make_body(session, BodyKind.RC, rc_id="exempel-rc")
        foreign = make_function(session, rc)
        planner_id, nch_function = planner.person.id, planner.function.id
        page, foreign_id = f"/organisationer/{rc.id}", foreign.id
    web = browser(app, planner_id)
    assert web.submit(page, f"{page}/kontakt", {"function_id": foreign_id}).status_code == 404
    assert web.submit(page, f"{page}/kontakt", {"function_id": nch_function}).status_code == 303
    assert "Ingen kontaktperson" not in web.get(page).text


def _form(web: Browser, page: str, action: str, **fields: str | list[str]) -> Any:  # noqa: ANN401 - httpx2's Response
    versions = re.findall(r'name="version" value="(\d+)"', web.get(page).text)
    return web.submit(page, action, {"version": versions[0], **fields})


@keeps(
    "Funktioner finns kvar när människor byter jobb. Den som har funktionen får inloggning, kalender och inbjudningar.",
)
def test_a_planner_renames_joins_and_ends_bodies_and_functions(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        own = make_member(session, Role.RC_MEMBER, "exempel-rc")
        stray = make_body(session, BodyKind.RC, name="Exempel RC igen")
        post = make_function(session, stray)
        nch, own_body = planner.function.body_id, own.function.body_id
        person, own_post, holder = planner.person.id, own.function.id, own.person.id
        stray_id, post_id, post_title = stray.id, post.id, post.title
        plans = f"/funktioner/{planner.function.id}"
    web, member = browser(app, person), browser(app, holder)
    assert member.get("/rc").status_code == 200
    page = f"/organisationer/{own_body}"
    assert 'value="05"' in web.get("/organisationer/ny").text  # counties are chosen
    renamed = _form(web, page, f"{page}/andra", name="  Exempel  Öst ", county=["05", "99", "04"])
    assert renamed.status_code == 303
    assert "Exempel Öst" in web.get("/organisationer").text
    taken = _form(web, page, f"{page}/andra", name="exempel rc IGEN")
    assert (taken.status_code, "Det finns redan" in taken.text) == (422, True)
    over = f"/funktioner/{own_post}/lamna-over"
    named = _form(web, over, f"/funktioner/{own_post}/andra", title="Samordnare", mailbox="fel")
    assert named.status_code == 422
    named = _form(web, over, f"/funktioner/{own_post}/andra", title="Samordnare öst", mailbox="")
    assert named.status_code == 303
    assert "Samordnare öst" in web.get(page).text
    other = f"/organisationer/{stray_id}"
    assert _form(web, other, f"{other}/slas-ihop", into=nch).status_code == 409
    assert _form(web, other, f"{other}/slas-ihop", into=own_body).status_code == 303
    assert post_title in web.get(page).text
    assert web.get(other).status_code == 404
    assert "Exempel RC igen" not in web.get("/organisationer").text
    over = f"/funktioner/{post_id}/lamna-over"
    assert _form(web, over, f"/funktioner/{post_id}/avsluta").status_code == 303
    assert post_title not in web.get(page).text
    assert web.get(over).status_code == 404
    last = _form(web, f"{plans}/lamna-over", f"{plans}/avsluta")
    assert last.status_code == 409  # nobody else plans
    assert _form(web, page, f"{page}/avsluta").status_code == 303
    assert member.get("/rc").status_code != 200  # signed out
    with app.state.database.reading() as session:
        ended = {one.id for one in session.exec(select(Body).where(Body.ended_at != None))}  # noqa: E711 - SQL
        kept = session.get(Function, own_post)
        assert kept is not None
        assert (kept.holder_id, kept.ended_at is None) == (None, False)
        assert ended == {own_body, stray_id}
        assert all(session.get(Body, one).rc_id is None for one in ended)
