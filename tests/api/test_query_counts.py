"""A list page asks the database as often for thirty rows as for one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import Session

from api.accounts.models import Role
from api.jobs.service import submit
from api.kit.clock import now
from api.kit.db import Database
from api.meetings.service import create
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import AttributeFigure, Evidence
from api.outbox.service import queue
from api.registry import queries as registry
from api.registry.service import import_shipped
from api.surveys import queries as surveys
from api.surveys.service import SurveyDetails, make_survey
from api.surveys.themes import import_theme_bank
from tests.api.meetings.test_meetings import DRAFT
from tests.factories import Member, make_body, make_function, make_member, make_person
from tests.web import browser

PLANNER_LISTS = (
    "/",
    "/natverk",
    "/traffar",
    "/planera/enkater",
    "/planera/natverk",
    "/organisationer",
    "/planera/utskick",
    "/utvarderingar",
    "/jobb",
    "/logg",
    "/rc",
    "/prenumerera",
)
MEMBER_LISTS = ("/", "/natverk", "/traffar", "/prenumerera")
FEW, MANY = 1, 30


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def _evidence(*rc_ids: str) -> dict[str, object]:
    model = AttributeFigure("model", 3.0, 0.0, 1.0)
    return Evidence((model,), tuple((rc_id, 0.1) for rc_id in rc_ids), (), rc_ids, 92.0).to_json()


def _add(session: Session, number: int) -> None:
    """Add this many of everything that a list shows."""
    rcs = [rc.id for rc in registry.rcs(session)]
    themes = tuple(theme.id for theme in surveys.themes(session)[:2])
    pairs = [(rcs[at % 15], rcs[at % 15 + 1]) for at in range(number)]
    groups = [Group(Layer.NEARNESS, pair, _evidence(*pair), 92.0) for pair in pairs[:15]]
    publish_round(session, f"round {number}", groups, "nch", now())
    for at in range(number):
        later = timedelta(days=40 + at)
        draft = replace(DRAFT, starts_at=now() + later, ends_at=now() + later + timedelta(hours=2))
        create(session, draft, "nch", now())
        details = SurveyDetails(
            title_sv=f"Exempel {number} {at}",
            title_en="Example",
            deadline=now() + timedelta(days=14),
            theme_ids=themes,
            days=(),
            rc_ids=tuple(rcs),
        )
        make_survey(session, "nch", details, now())
        body = make_body(session)
        make_function(session, body, make_person(session), deputy=make_person(session))
        queue(session, f"exempel.{number}.{at}@example.org", "Hej", "Hej", "<p>Hej</p>", now())
        submit(session, "match", {}, f"{number}-{at}")


def _queries(app: FastAPI, member: Member, path: str) -> int:
    database: Database = app.state.database
    web, statements = browser(app, member.person.id), [""]

    def counted(_one: object, _two: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", counted)
    answer = web.get(path)
    event.remove(database.engine, "before_cursor_execute", counted)
    assert answer.status_code == 200, path
    return len(statements) - 1


def test_a_list_of_thirty_needs_no_more_queries_than_a_list_of_one(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id=registry.rcs(session)[0].id)
        session.flush()
        session.expunge_all()
    seen: dict[int, dict[str, int]] = {}
    for number in (FEW, MANY):
        with app.state.database.transaction() as session:
            _add(session, number)
        seen[number] = {
            f"{name} {path}": _queries(app, who, path)
            for name, who, lists in (
                ("planner", planner, PLANNER_LISTS),
                ("member", member, MEMBER_LISTS),
            )
            for path in lists
        }
    grown = {
        page: (few, seen[MANY][page]) for page, few in seen[FEW].items() if seen[MANY][page] > few
    }
    assert grown == {}
