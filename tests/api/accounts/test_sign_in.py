from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import service
from api.accounts.models import Role, SignedIn, SignInLink
from api.accounts.news import SignInLinkMade
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import ConflictError, MissingError
from tests.factories import make_member, make_person
from tests.web import browser


def _letters(app: FastAPI) -> list[SignInLinkMade]:
    """The links that would be mailed from now on."""
    letters: list[SignInLinkMade] = []
    app.state.database.subscribe(SignInLinkMade, lambda _, letter: letters.append(letter))
    return letters


def _someone(app: FastAPI, role: Role = Role.PLANNER) -> tuple[str, str]:
    with app.state.database.transaction() as session:
        person = make_member(session, role).person
        return person.id, person.email


def test_a_mailed_link_signs_in_once_and_only_by_its_button(app: FastAPI) -> None:
    letters = _letters(app)
    _, email = _someone(app)
    web = browser(app)
    sent = web.submit("/logga-in", "/logga-in", {"email": email.upper(), "next": "/mina-sessioner"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/logga-in/skickat")
    [letter] = letters

    for _ in range(3):  # a mail scanner looks
        assert web.get(letter.path).status_code == 200
    entered = web.submit(letter.path, letter.path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/mina-sessioner")
    assert web.get("/mina-sessioner").status_code == 200

    again = browser(app)
    assert again.get(letter.path).status_code == 404
    assert again.submit("/logga-in", letter.path).status_code == 409
    assert again.get("/mina-sessioner").headers["location"] == "/logga-in?next=%2Fmina-sessioner"


def test_unknown_addresses_and_people_without_function_get_the_same_answer(app: FastAPI) -> None:
    letters = _letters(app)
    with app.state.database.transaction() as session:
        retired = make_person(session).email
    _, known = _someone(app)
    answers = []
    for email in ("nobody@example.org", retired, known):
        answer = browser(app).submit("/logga-in", "/logga-in", {"email": email})
        answers.append((answer.status_code, answer.headers["location"], answer.content))
    assert answers[0] == answers[1] == answers[2]
    assert [letter.email for letter in letters] == [known]


@pytest.mark.parametrize("typed", ["", "x", "a@b", "a@@example.org", "a b@example.org", "å@x.se"])
def test_what_is_no_address_is_said_at_the_field_and_kept(app: FastAPI, typed: str) -> None:
    answer = browser(app).submit("/logga-in", "/logga-in", {"email": typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_link_ends_after_fifteen_minutes(session: Session) -> None:
    person = make_member(session, Role.GUEST).person
    token = service.new_sign_in_link(session, person, now())
    session.flush()
    late = now() + timedelta(minutes=15)
    assert not service.is_link_open(session, token, late)
    with pytest.raises(ConflictError):
        service.sign_in(session, token, "", late)


def test_only_hashes_of_tokens_are_stored(session: Session) -> None:
    person = make_member(session, Role.GUEST).person
    link = service.new_sign_in_link(session, person, now())
    session.flush()
    opened = service.sign_in(session, link, "Firefox", now())
    session.flush()
    rows = [*session.exec(select(SignInLink)), *session.exec(select(SignedIn))]
    stored = " ".join(row.model_dump_json() for row in rows)
    assert link not in stored
    assert opened.token not in stored


def test_a_demo_link_signs_in_by_opening_it_once_and_an_ordinary_link_never_does(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.GUEST).person
        path = service.demo_sign_in_path(session, person, now(), "/mina-sessioner")
        ordinary = service.new_sign_in_link(session, person, now())
    web = browser(app)
    assert web.get(path).headers["location"] == "/mina-sessioner"
    assert web.get("/mina-sessioner").status_code == 200
    assert browser(app).get(path).status_code == 409
    assert browser(app).get(f"/demo/logga-in/{ordinary}").status_code == 404
    assert browser(app).get(f"/logga-in/{ordinary}").status_code == 200


def test_sign_in_leads_to_no_other_site(session: Session) -> None:
    person = make_member(session, Role.GUEST).person
    tricks = (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:x",
        "/a\r\nb",
    )
    for path in tricks:
        token = service.new_sign_in_link(session, person, now(), next_path=path)
        session.flush()
        assert service.sign_in(session, token, "", now()).next_path == "/"


def test_a_session_ends_when_idle_too_long_when_too_old_and_when_signed_out(
    session: Session,
) -> None:
    person = make_member(session, Role.PLANNER).person
    start = now()
    token = service.open_session(session, person.id, "", start)
    session.flush()
    assert service.viewer_of(session, token, start + timedelta(hours=7, minutes=59))
    assert service.viewer_of(session, token, start + service.IDLE_LIFETIME) is None
    for hours in range(0, 30 * 24, 7):
        service.renew(session, token, start + timedelta(hours=hours))
    assert service.viewer_of(session, token, start + timedelta(days=30)) is None

    other = service.open_session(session, person.id, "", start)
    session.flush()
    service.sign_out(session, other, start)
    session.flush()
    assert service.viewer_of(session, other, start) is None


def test_using_the_service_renews_a_session_at_most_every_few_minutes(app: FastAPI) -> None:
    person_id, _ = _someone(app)
    web = browser(app, person_id)
    database: Database = app.state.database
    old = now() - timedelta(hours=2)
    with database.transaction() as session:
        session.exec(select(SignedIn)).one().seen_at = old
    web.get("/mina-sessioner")
    with database.transaction() as session:
        row = session.exec(select(SignedIn)).one()
        assert row.seen_at > old
        row.seen_at = recent = now() - timedelta(minutes=2)
    web.get("/mina-sessioner")
    with database.reading() as session:
        assert session.exec(select(SignedIn)).one().seen_at == recent


def test_people_end_their_own_sessions_and_nobody_elses(app: FastAPI) -> None:
    first, _ = _someone(app)
    second, _ = _someone(app)
    here, there, stranger = browser(app, first), browser(app, first), browser(app, second)
    with app.state.database.reading() as session:
        strangers = service.open_sessions(session, second, "", now())[0].id
    page = "/mina-sessioner"
    assert here.submit(page, f"{page}/{strangers}/avsluta").status_code == 404
    assert here.submit(page, f"{page}/andra/avsluta").status_code == 303
    assert there.get(page).status_code == 303
    assert here.get(page).status_code == 200
    assert stranger.get(page).status_code == 200
    assert here.submit(page, "/logga-ut").status_code == 303
    assert here.get(page).status_code == 303


def test_a_link_used_by_two_at_once_signs_in_one(session: Session) -> None:
    person = make_member(session, Role.GUEST).person
    token = service.new_sign_in_link(session, person, now())
    session.flush()
    service.sign_in(session, token, "", now())
    with pytest.raises(ConflictError):
        service.sign_in(session, token, "", now())
    with pytest.raises(MissingError):
        service.sign_in_directly(session, token, "", now())
