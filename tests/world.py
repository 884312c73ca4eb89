"""The demonstration with something of each kind to press: posts, meetings, polls, places, surveys, proposals, a year."""

import re
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from api.accounts import directory
from api.accounts.models import BodyKind, Function, FunctionKind, HandOver, Role
from api.availability import service as availability
from api.availability.service import PollDraft, Time
from api.calendar import queries as calendar
from api.invitations.service import invite
from api.jobs.models import Job, JobState
from api.jobs.service import JobFinished
from api.kit.clock import now
from api.kit.db import Database, make_engine
from api.kit.errors import ServiceError
from api.kit.finding.triggers import OURS
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.series import create_series
from api.networks import queries as networks
from api.outbox.models import Mail
from api.proposals.kinds import given, on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.rounds import service as rounds
from api.proposals.rounds.building import RoundsChoice
from api.proposals.year import service as years
from api.proposals.year.building import YearWish
from api.registry import queries as registry
from api.surveys import queries as surveys
from api.surveys import service as needs
from api.surveys.models import Theme
from api.surveys.service import SurveyDetails
from tests.factories import make_meeting, open_day, series_draft
from tests.mailbox import text_of
from tests.solving import laid_out, matched
from tests.web import Browser

DRAFT, REVIEWED = ProposalState.DRAFT, ProposalState.REVIEWED


@dataclass
class World:
    """The demonstration on PostgreSQL, with something of each kind to save."""

    app: FastAPI
    ids: dict[str, str]
    people: dict[str, Browser]

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def versions(self) -> dict[tuple[str, str], int]:
        """Return the version of every row that has one."""
        with self.database.reading() as session:
            return {
                (one.class_.__tablename__, str(key)): version
                for one in SQLModel._sa_registry.mappers
                if "version" in one.columns
                for *key, version in session.execute(
                    sa_select(*one.primary_key, one.columns["version"])
                )
            }


def copy_rows(source_url: str, target_url: str) -> None:
    """Copy every row of a database into an empty one of the other kind."""
    source, target = make_engine(source_url), make_engine(target_url)
    SQLModel.metadata.create_all(target)
    with source.connect() as old, target.begin() as new:
        for table in SQLModel.metadata.sorted_tables:
            if table.name.startswith(OURS):
                continue  # the other database writes its own marks
            rows = [dict(row) for row in old.execute(table.select()).mappings()]
            if rows:
                new.execute(table.insert(), rows)
    source.dispose()
    target.dispose()


def furnish(database: Database) -> dict[str, str]:
    """Put something of each kind into the demonstration's database; return their ids by short names."""
    ids: dict[str, str] = {}
    for make in (_posts, _meetings, _places, _surveys, _proposals):
        with database.transaction() as session:
            ids |= make(session)
    with database.transaction() as session:
        ids |= _year(session)
    with database.transaction() as session:
        ids |= _rounds(session)
    return ids


def _posts(session: Session) -> dict[str, str]:
    nch = session.exec(select(Function).where(Function.kind == FunctionKind.PLANNER)).first()
    held = session.exec(
        select(Function)
        .where(Function.role == Role.RC_MEMBER, col(Function.holder_id).is_not(None))
        .order_by(Function.id)
    ).all()
    assert nch is not None
    assert nch.holder_id
    handed = HandOver(
        number=1,
        function_id=held[1].id,
        at=now(),
        actor="system",
        to_holder_id=held[1].holder_id,
        to_deputy_id=held[1].deputy_id,
    )
    session.add(handed)
    bodies = [directory.create_body(session, BodyKind.GUEST, f"Exempel gäst {n}") for n in range(4)]
    kind, role = FunctionKind.POLICE, Role.GUEST
    posts = [
        directory.create_function(session, bodies[3], kind, f"Exempel {n}", role) for n in range(2)
    ]
    session.flush()
    national = session.exec(select(Meeting).where(Meeting.kind == MeetingKind.NATIONAL)).first()
    assert national is not None
    return {
        **{f"b{number}": one.id for number, one in enumerate(bodies)},
        "f2": posts[0].id,
        "f3": posts[1].id,
        "national": national.id,
        "theme": session.exec(select(Theme)).all()[0].id,
        "planner": nch.holder_id,
        "f0": held[0].id,
        "f1": held[1].id,
        "person": str(held[2].holder_id),
    }


def _meetings(session: Session) -> dict[str, str]:
    found = session.exec(
        select(Meeting)
        .where(Meeting.kind == MeetingKind.NETWORK, Meeting.state == MeetingState.PROPOSED)
        .where(col(Meeting.starts_at) > now())
        .order_by(Meeting.id)
    ).all()
    network = networks.active_networks(session)[0]
    start = (now() + timedelta(days=70)).replace(minute=0, second=0, microsecond=0)
    ids = {f"m{number}": one.id for number, one in enumerate(found[:7])}
    for number in range(4):
        times = tuple(
            Time(day, day + timedelta(hours=1))
            for day in (start + timedelta(days=n) for n in range(8))
            if day.weekday() < 5
        )
        draft = PollDraft(f"Exempel {number}", MeetingForm.DIGITAL, times[:3])
        try:
            poll = availability.propose(session, network, draft, "system", now())
        except ServiceError:  # a public holiday among them
            draft = PollDraft(f"Exempel {number}", MeetingForm.DIGITAL, times[3:])
            poll = availability.propose(session, network, draft, "system", now())
        ids[f"p{number}"] = poll.id
        series = series_draft(network.id, start + timedelta(hours=number))
        ids[f"s{number}"] = create_series(session, series, "system", now()).id
    longer = start.date() + timedelta(days=60)
    first = start.date() + timedelta(days=14)
    waits = make_meeting(session)
    waits.state, waits.town = MeetingState.PROPOSED, ""
    ids |= {"waits": waits.id, "open": open_day(80).isoformat()}
    return {**ids, "first": first.isoformat(), "longer": longer.isoformat()}


def _places(session: Session) -> dict[str, str]:
    """Invite two holders anew to a network's meeting, one by mail and one to answer signed in."""
    meeting = session.exec(
        select(Meeting)
        .where(Meeting.kind == MeetingKind.NETWORK, col(Meeting.starts_at) > now())
        .order_by(col(Meeting.id).desc())
    ).first()
    assert meeting is not None
    event = calendar.event_of(session, "meeting", meeting.id)
    assert event is not None
    held = session.exec(
        select(Function)
        .where(Function.role == Role.RC_MEMBER, col(Function.holder_id).is_not(None))
        .order_by(col(Function.id).desc())
    ).all()
    mailed, signed_in = (invite(session, event, one, now()) for one in held[:2])
    assert mailed is not None
    assert signed_in is not None
    session.flush()
    texts = [text_of(one) for one in session.exec(select(Mail)) if one.recipient == mailed.address]
    tokens = [found[1] for text in texts if (found := re.search(r"/svar/([\w-]{43})", text))]
    return {
        "token": tokens[-1],
        "invitation": signed_in.id,
        "holder": str(held[1].holder_id),
    }


def _surveys(session: Session) -> dict[str, str]:
    details = SurveyDetails(
        title_sv="Exempel",
        title_en="Example",
        deadline=now() + timedelta(days=30),
        theme_ids=tuple(one.id for one in surveys.themes(session)[:6]),
        days=(),
        rc_ids=tuple(rc.id for rc in registry.rcs(session)),
        is_example=True,
    )
    return {"survey": needs.make_survey(session, "system", details, now()).id}


def _copies(
    session: Session, like: Proposal, state: ProposalState, key: str, count: int
) -> dict[str, str]:
    ids = {}
    for number in range(count):
        kept = like.model_dump(exclude={"id", "state", "version", "published_at"})
        made = Proposal(**kept, state=state, version=1)
        session.add(made)
        session.flush()
        ids[f"{key}{number}"] = made.id
    return ids


def _proposals(session: Session) -> dict[str, str]:
    ids: dict[str, str] = {}
    for kind, key, reviewed, count in (
        (ProposalKind.NETWORKS, "n", "r", 7),
        (ProposalKind.PROGRAMME, "g", "h", 7),
    ):
        like = session.exec(
            select(Proposal)
            .where(Proposal.kind == kind, Proposal.state == ProposalState.PUBLISHED)
            .order_by(col(Proposal.created_at).desc())
        ).first()
        assert like is not None
        ids |= _copies(session, like, DRAFT, key, count)
        ids |= _copies(session, like, REVIEWED, reviewed, 2)
    return ids


def _year(session: Session) -> dict[str, str]:
    year = now().year + 1
    made = years.start(session, YearWish(year), (), "system", now())
    session.flush()
    payload = given(session, session.get_one(Job, made.job_id))
    result = laid_out(payload)
    news = JobFinished(made.job_id or "", "year", JobState.DONE, payload, result, "x")
    on_job_finished(session, news)
    session.flush()
    session.refresh(made)
    ids = _copies(session, made, DRAFT, "y", 7)
    return {**ids, "year": str(year)}


def _rounds(session: Session) -> dict[str, str]:
    """Two rounds of a few RC at tables, to book and to put aside."""
    choice = RoundsChoice(tuple(registry.names(session))[:9], 2, (3, 3))
    made = rounds.start(session, choice, "system", now())
    payload = given(session, session.get_one(Job, made.job_id))
    news = JobFinished(
        made.job_id or "", "rounds", JobState.DONE, payload, matched(made.problem), "x"
    )
    on_job_finished(session, news)
    session.flush()
    session.refresh(made)
    return _copies(session, made, DRAFT, "rounds", 2)
