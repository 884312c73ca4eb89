from fastapi import FastAPI

from api.accounts import service
from api.accounts.models import Role
from api.clock import now
from tests.factories import make_member
from tests.web import browser


def test_guessing_links_is_slowed_from_the_twentieth_and_says_when_to_come_back(
    app: FastAPI,
) -> None:
    web = browser(app)
    answers = [web.get(f"/logga-in/guess-{number}") for number in range(30)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 10
    assert answers[-1].headers["retry-after"] == "60"
    assert web.get("/logga-in").status_code == 200  # the form itself is no guess


def test_right_links_never_count_as_guesses(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.GUEST).person
        token = service.new_sign_in_link(session, person, now())
    web = browser(app)
    assert {web.get(f"/logga-in/{token}").status_code for _ in range(40)} == {200}


def test_one_address_gets_five_links_a_quarter_of_an_hour_known_or_not(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        known = make_member(session, Role.GUEST).person.email
    for email in (known, "nobody@example.org"):
        web = browser(app)
        statuses = [
            web.submit("/logga-in", "/logga-in", {"email": email}).status_code for _ in range(6)
        ]
        assert statuses == [303] * 5 + [429]
