"""290 RC and 5,000 people beside the demonstration's: what every page asks the database, and how much it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import Session

from api.accounts.models import Body, BodyKind, Function, FunctionKind, Person, Role
from api.calendar import queries as calendar
from api.invitations.models import Invitation, Place
from api.kit.clock import now
from api.kit.db import Database
from api.meetings import queries as meetings
from api.proposals import spine
from api.proposals.networks import service as proposals
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import solve_networks
from api.registry import queries as registry
from api.registry.cells import write
from api.registry.facts import FACTS
from api.registry.service import add
from api.surveys import queries as surveys
from api.surveys import service as survey_service
from matcher.proof import Budget

RCS, PEOPLE = 290, 5_000
SOLVE_SECONDS = 10.0
MOST_BYTES, MOST_STATEMENTS, GOAL_MS = 300_000, 60, 300


def grow(database: Database) -> None:
    """Add RC and people up to the numbers, a survey answered by all, a published proposal, and a full meeting."""
    with database.transaction() as session:
        _rcs(session)
        functions = _people(session)
        _invitations(session, functions)
        _survey(session)
    _networks(database)


def _rcs(session: Session) -> None:
    known = registry.rcs(session)
    for number in range(RCS - len(known)):
        copied = known[number % len(known)]
        cells = {fact.name: write(getattr(copied, fact.name)) for fact in FACTS}
        add(session, {**cells, "id": f"exempel-{number}", "name": f"Exempel {number}"}, "bench")
    session.flush()


def _people(session: Session) -> list[Function]:
    """Give every RC a body, and spread the people over them; each holds one function."""
    bodies = [
        Body(kind=BodyKind.RC, name=f"Exempel {number}", rc_id=f"exempel-{number}")
        for number in range(RCS - 16)
    ]
    session.add_all(bodies)
    session.flush()
    people = [
        Person(name=f"Exempel Person {number}", email=f"stor.{number}@example.org")
        for number in range(PEOPLE)
    ]
    session.add_all(people)
    session.flush()
    made = [
        Function(
            body_id=bodies[number % len(bodies)].id,
            kind=FunctionKind.COORDINATOR,
            title=f"Exempel funktion {number}",
            role=Role.RC_MEMBER,
            holder_id=person.id,
        )
        for number, person in enumerate(people)
    ]
    session.add_all(made)
    session.flush()
    return made


def _invitations(session: Session, functions: list[Function]) -> None:
    meeting = meetings.national_meetings(session)[-1]
    placed = calendar.event_of(session, "meeting", meeting.id)
    assert placed is not None  # noqa: S101 - the demonstration's meeting is in calendars
    for number, function in enumerate(functions):
        session.add(
            Invitation(
                event_id=placed.id,
                function_id=function.id,
                number=1_000 + number,
                name=f"Exempel Person {number}",
                address=f"stor.{number}@example.org",
                place=Place.INVITED,
                created_at=now(),
            )
        )
    session.flush()


def _survey(session: Session) -> None:
    details = survey_service.SurveyDetails(
        title_sv="Exempel: inför en stor träff",
        title_en="Exempel: before a large meeting",
        deadline=now() + timedelta(days=14),
        theme_ids=tuple(theme.id for theme in surveys.themes(session)[:12]),
        days=(),
        rc_ids=tuple(rc.id for rc in registry.rcs(session)),
        is_example=True,
    )
    made = survey_service.make_survey(session, "bench", details, now())
    opened = survey_service.open_survey(session, "bench", made.id, now())
    survey_service.example_answers(session, opened, 1, now())


def _networks(database: Database) -> None:
    """Store a published proposal and a fresh one; both have the answer of one solve."""
    choice, answer = Choice(), None
    for is_published in (True, False):
        with database.transaction() as session:
            problem = proposals.networks_problem(session, choice, now())
            made = proposals.propose_networks(
                session, problem, choice, "Exempel: stort", "bench", now(), seed=0, is_example=True
            )
            made_id, text = made.id, made.problem
        answer = answer or solve_networks(text, Budget(SOLVE_SECONDS, 2, 0))
        with database.transaction() as session:
            proposal = proposals.stored(session, made_id)
            proposals.record_answer(session, proposal, answer)
            if is_published:
                spine.review(session, proposals.NETWORKS, proposal, proposal.version, "bench")
                proposals.publish(session, proposal, proposal.version, "bench", now())


@contextmanager
def counted(engine: Engine) -> Iterator[list[int]]:
    """Count the statements that the engine gets meanwhile."""
    number = [0]

    def count(*_: object) -> None:
        number[0] += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield number
    finally:
        event.remove(engine, "before_cursor_execute", count)
