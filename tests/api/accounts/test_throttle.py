import re
import threading
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlmodel import Session, select

from api.accounts import service
from api.accounts.models import Role
from api.app import create_app
from api.kit.clock import now
from api.kit.errors import TooManyRequestsError
from api.kit.logs import SECRET_PATHS, without_secrets
from api.kit.settings import Settings
from api.kit.throttle.models import Hit
from api.kit.throttle.service import Throttle, forget
from tests.factories import make_member
from tests.web import browser

pytestmark = pytest.mark.both_databases


def test_guessing_links_is_slowed_from_the_twentieth_and_says_when_to_come_back(
    app: FastAPI,
) -> None:
    web = browser(app)
    answers = [web.get(f"/logga-in/guess-{number}") for number in range(30)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 10
    assert answers[-1].headers["retry-after"] == "60"
    assert web.get("/logga-in").status_code == 200  # the form itself is no guess


def test_guesses_are_counted_at_every_secret_address_but_the_calendars(app: FastAPI) -> None:
    """Each route whose address holds a secret, read from the application; see `SECRET_PATHS`."""
    paths = {str(one.path) for one in iter_route_contexts(app.routes) if "{token}" in str(one.path)}
    assert {path.split("/")[1] for path in paths} - {"feeds"} == SECRET_PATHS
    for path in paths:  # in no line of a log either
        assert "geheim" not in without_secrets(
            f"POST {path.replace('{token}', 'geheim-0123')} failed"
        )
    web = browser(app)
    for kind in sorted(SECRET_PATHS):
        path = next(one for one in sorted(paths) if one.startswith((f"/{kind}/", f"/{kind}-")))
        guesses = [
            web.get(path.replace("{token}", f"guess-{number}")).status_code for number in range(22)
        ]
        assert guesses[-2:] == [429, 429], (path, guesses)


def test_several_web_processes_share_the_limits(app: FastAPI, settings: Settings) -> None:
    second = create_app(settings)
    webs = [browser(app), browser(second)]
    answers = [webs[n % 2].get(f"/logga-in/guess-{n}").status_code for n in range(24)]
    second.state.database.close()
    assert answers == [404] * 20 + [429] * 4


def test_those_who_count_at_once_take_no_more_than_there_is(app: FastAPI) -> None:
    throttle: Throttle = app.state.throttle
    taken: list[bool] = []
    waits: list[int] = []

    def take() -> None:
        try:
            throttle.insist("5/minute", "x")
        except TooManyRequestsError as error:
            taken.append(False)
            waits.append(error.seconds)
        else:
            taken.append(True)

    threads = [threading.Thread(target=take) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True] * 5
    assert all(1 <= wait <= 60 for wait in waits)


def test_a_window_moves_and_old_uses_are_forgotten(session: Session, app: FastAPI) -> None:
    throttle: Throttle = app.state.throttle
    with time_machine.travel(now() - timedelta(minutes=61), tick=True):
        for _ in range(5):
            throttle.insist("5/minute", "x")
        assert not throttle.is_open("5/minute", "x")
    assert throttle.is_open("5/minute", "x")
    throttle.insist("5/minute", "y")
    with app.state.database.transaction() as opened:
        forget(opened, now())
    rows = session.exec(select(Hit)).all()
    assert len(rows) == 1
    assert re.fullmatch("[0-9a-f]{64}", rows[0].key)


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
        assert statuses == [303] * 6
