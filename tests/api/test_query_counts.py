"""A list page asks the database as often for thirty rows as for one."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import Session, select

from api.accounts import queries as accounts
from api.accounts.models import Body, BodyKind, Function, Role
from api.calendar import queries as calendar
from api.invitations.service import invite, substitute
from api.jobs.models import Job
from api.jobs.service import submit
from api.kit.clock import now
from api.kit.db import Database
from api.library import service as library
from api.library.models import Material
from api.library.service import Draft, Place, Upload
from api.meetings import queries as meetings
from api.meetings.service import create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.networks.wording import AttributeFigure, Evidence
from api.outbox.models import Mail
from api.outbox.service import queue
from api.proposals.visits.models import VisitAsk
from api.questions.models import Answer, Audience, Question
from api.registry import queries as registry
from api.surveys import queries as surveys
from api.surveys.models import NeedsSurvey
from api.surveys.service import SurveyDetails, make_survey
from api.surveys.themes import import_theme_bank
from tests.api.meetings.test_meetings import DRAFT
from tests.api.test_policy_table import ROWS
from tests.factories import Member, make_body, make_function, make_member, make_person
from tests.shipped import import_shipped
from tests.web import browser

pytestmark = pytest.mark.both_databases

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
    "/bibliotek",
    "/fragor",
    "/sok?q=Exempel",
)
MEMBER_LISTS = (
    "/", "/natverk", "/traffar", "/prenumerera", "/bibliotek", "/fragor", "/sok?q=Exempel",
)  # fmt: skip
FEW, SOME, CROWD, MANY = 1, 3, 12, 30
# The pages ask the same on both, whatever answers: the quick suite counts on one.
BOTH = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True
)
# What a page may ask more when a second kind of row appears at all, whatever their number.
SLACK, MOST_OF_THE_PAGES = 3, 40
# Pages that are files, lead on, or are asked for with more than their path.
NO_PAGE = re.compile(
    r"\.|^/(api|feeds|static|demo|exempel|healthz|readyz|metrics)|{(token|address|kind|key)"
)


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
        _keep(
            session,
            Place(meeting=create(session, draft, "nch", now())),
            f"{number} {at}",
            rcs[at % 15],
        )
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
        _ask(session, rcs[at % 15], f"Exempel {number} {at}")
    theme = surveys.theme(session, themes[0])
    circles = [Place(network=one) for one in networks.active_networks(session)[:number]]
    for at, place in enumerate((*circles, *(Place(theme=theme) for _ in range(number)))):
        _keep(session, place, f"{number} {at}", rcs[at % 15])


def _keep(session: Session, place: Place, title: str, rc_id: str) -> None:
    """Put a file with two versions into the library, as an RC's."""
    draft = Draft(f"Exempel {title}", rc_id=rc_id, upload=Upload("txt", title.encode()))
    made = library.add(session, place, draft, "nch", now())
    library.renew(session, made, Upload("txt", f"{title} igen".encode()), "nch", now())


def _ask(session: Session, rc_id: str, text: str) -> None:
    """Let an RC have asked all others, and been answered; and been asked to receive a visit."""
    body = accounts.body_of_rc(session, rc_id) or make_body(session, rc_id=rc_id)
    post = make_function(session, body, make_person(session))
    asked = Question(
        function_id=post.id, rc_id=rc_id, audience=Audience.ALL, text=text, asked_at=now()
    )
    session.add(asked)
    session.add(VisitAsk(visitor_rc="dalarna", host_rc=rc_id, theme_ids=[], asked_at=now()))
    session.flush()
    session.add(
        Answer(question_id=asked.id, function_id=post.id, rc_id=rc_id, text=text, answered_at=now())
    )
    session.flush()


def _add_children(session: Session, number: int) -> None:
    """Let the first meeting and the first body have this many more of what their pages list."""
    meeting = meetings.national_meetings(session)[0]
    placed = calendar.event_of(session, "meeting", meeting.id)
    assert placed is not None
    body = session.exec(select(Body).where(Body.kind == BodyKind.RC).order_by(Body.name)).first()
    assert body is not None
    for _ in range(number):
        function = make_function(session, body, make_person(session), deputy=make_person(session))
        invited = invite(session, placed, function, now())
        if invited is not None:
            guest = f"Exempel {invited.number}", f"exempel.gast.{invited.number}@example.org"
            substitute(session, invited, *guest, now())
    session.flush()


def _filled(session: Session, path: str) -> str | None:
    """Return a route's path with the first thing of each kind; None where there is none."""
    meeting = meetings.national_meetings(session)[0]
    firsts = {
        "meeting_id": meeting.id,
        "rc_id": registry.rcs(session)[0].id,
        "body_id": session.exec(
            select(Body.id).where(Body.kind == BodyKind.RC).order_by(Body.name)
        ).first(),
        "network_id": session.exec(select(Network.id).order_by(Network.id)).first(),
        "survey_id": session.exec(select(NeedsSurvey.id).order_by(NeedsSurvey.id)).first(),
        "mail_id": session.exec(select(Mail.id).order_by(Mail.id)).first(),
        "theme_id": surveys.themes(session)[0].id,
        "material_id": session.exec(select(Material.id).order_by(Material.id)).first(),
        "question_id": session.exec(select(Question.id).order_by(Question.id)).first(),
        "job_id": session.exec(select(Job.id).order_by(Job.id)).first(),
    }
    firsts["function_id"] = session.exec(
        select(Function.id).where(Function.body_id == firsts["body_id"]).order_by(Function.id)
    ).first()
    wanted = re.findall(r"{(\w+)}", path)
    if any(firsts.get(name) is None for name in wanted):
        return None
    return re.sub(r"{(\w+)}", lambda found: str(firsts[found[1]]), path)


@BOTH
def test_no_page_of_the_route_table_asks_more_for_more_rows(app: FastAPI, planner: Member) -> None:
    """Every page that a planner may open, with one, three and many of what it lists."""
    paths = [row.path for row in ROWS if row.method == "GET" and not NO_PAGE.search(row.path)]
    seen: dict[int, dict[str, int]] = {}
    places: dict[str, str] = {}
    for number in (FEW, SOME, CROWD):
        with app.state.database.transaction() as session:
            _add(session, number)
            _add_children(session, number)
            if not places:
                filled = {path: _filled(session, path) for path in paths}
                places = {path: found for path, found in filled.items() if found is not None}
        seen[number] = {
            path: asked
            for path, found in places.items()
            if (asked := _queries(app, planner, found, must_answer=False)) is not None
        }
    grown = {
        path: [seen[number].get(path) for number in (FEW, SOME, CROWD)]
        for path, few in seen[FEW].items()
        if seen[CROWD].get(path, few) > few + SLACK or seen[SOME].get(path, few) > few + SLACK
    }
    assert grown == {}
    assert len(seen[FEW]) > MOST_OF_THE_PAGES


def _queries(app: FastAPI, member: Member, path: str, *, must_answer: bool = True) -> int | None:
    database: Database = app.state.database
    web, statements = browser(app, member.person.id), [""]

    def counted(_one: object, _two: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", counted)
    answer = web.get(path)
    event.remove(database.engine, "before_cursor_execute", counted)
    if answer.status_code != 200 and not must_answer:
        return None
    assert answer.status_code == 200, path
    return len(statements) - 1


@BOTH
def test_a_list_of_thirty_needs_no_more_queries_than_a_list_of_one(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id=registry.rcs(session)[0].id)
        session.flush()
        session.expunge_all()
    seen: dict[int, dict[str, int | None]] = {}
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
        page: (few, seen[MANY][page])
        for page, few in seen[FEW].items()
        if (seen[MANY][page] or 0) > (few or 0)
    }
    assert grown == {}
