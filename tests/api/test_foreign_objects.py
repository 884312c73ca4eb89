"""Other people's things: every route that takes an id is asked for a real one that is not the visitor's.

The ids come from the demonstration, so that a 404 here is the policy's and not that of a thing that
does not exist: its owner, or a planner, is shown the same id. `OPEN` names what the policy lets a role
see although it belongs to others; everything else answers 404 and changes nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.accounts import keys
from api.accounts import queries as accounts
from api.accounts.models import Function, Role, SignedIn
from api.accounts.service import open_session
from api.app import create_app
from api.availability import service as polls
from api.availability.service import PollDraft, Time
from api.calendar import queries as calendar
from api.feeds.models import FeedToken
from api.invitations import queries as replies
from api.invitations.replies import receive
from api.invitations.service import invite
from api.jobs import service as jobs
from api.kit.clock import now
from api.kit.settings import Settings
from api.library import service as library
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.series import create_series
from api.networks import queries as networks
from api.networks.models import Network, NetworkMember
from api.outbox.models import Act, ActState
from api.outbox.service import queue
from api.programme.models import ProgrammeSession
from api.proposals.models import Proposal, ProposalKind
from api.proposals.programme.engine import read_programme
from api.proposals.rounds import service as rounds
from api.proposals.rounds.building import RoundsChoice
from api.proposals.visits.models import VisitAsk
from api.proposals.year import service as years
from api.proposals.year.building import YearWish
from api.questions.models import Answer, Audience, Frequent, Lesson, Question
from api.registry import queries as registry
from api.surveys.evaluations import EvaluationDetails, make_evaluation
from api.surveys.models import EvaluationKind, NeedsSurvey, Theme
from api.v1.resources import RESOURCES
from tests.api.test_policy_table import FIELDS, ROWS, Row
from tests.e2e.site import make_demo
from tests.factories import KINDS, make_body, make_function, make_person, series_draft
from tests.rows import counts
from tests.web import Browser, browser

MINE = "skane"  # the RC member's own RC; every id below belongs to others
# Not even planners'.
PERSONAL = {
    "/mina-sessioner/{session_id}/avsluta",
    "/traffar/{meeting_id}/min-agenda",
    "{feed_id}",
    "{token_id}",
    "{key_id}",
    "{invitation_id}",
    "{question_id}",  # of a circle
    "{answer_id}",
}

# What some pages must be told beside their path, as names of `_ids()`; and those that only lead on.
QUERIES = {
    "/planera/natverk/{proposal_id}/kostar": {"rc": "rc_id"},
    "/planera/natverk/{proposal_id}/ratta": {"rc": "rc_id"},
    "/traffar/{meeting_id}/inbjudningar/utkast": {"event_id": "event_id"},
    "/planera/program/{proposal_id}/forhinder": {"leader": "leader"},
}
LEADS_ON = {
    "/planera/natverk/{proposal_id}/ratta",
    "/planera/natverk/{proposal_id}/flytta",
    "/planera/natverk/{proposal_id}/publicera",
    "/planera/program/{proposal_id}/publicera",
    "/planera/enkater/{survey_id}/programproblem.json",
    "/api/v1/surveys/{survey_id}/programme-problem.json",
    "/tidsval/{poll_id}/svara",  # a planner has no times of their own
}

# What the policy shows to a role although it is others': path -> roles. Planners see all but PERSONAL.
EVERY_READER = {Role.READER, Role.RC_MEMBER}
OPEN: dict[str, set[Role]] = {
    "/natverk/{network_id}": {Role.READER},
    "/natverk/{network_id}/a4": {Role.READER},
    "/api/v1/networks/{network_id}": {Role.READER},
    "/serie/{series_id}": {Role.READER},
    "/traffar/{meeting_id}": {Role.READER},
    "/traffar/{meeting_id}/andrat": {Role.READER},
    "/traffar/{meeting_id}/lagg-till.ics": {Role.READER},
    "/api/v1/meetings/{meeting_id}": {Role.READER},
    "/api/v1/meetings/{meeting_id}/programme": {Role.READER},
    "/handelser/{event_id}.ics": {Role.READER},
    "/api/v1/meetings/{meeting_id}/schedule.{format}": {Role.READER},
    "/api/v1/meetings/{meeting_id}/sessions.{kind}": {Role.READER},
    "/api/v1/meetings/{meeting_id}/agendas.{kind}": {Role.READER},
    "/api/v1/meetings/{meeting_id}/doors.xlsx": {Role.READER},
    "/api/v1/meetings/{meeting_id}/programme.ics": {Role.READER},
    # The national meeting's programme and the register are everybody's but guests'.
    "/traffar/{meeting_id}/pass/{session_id}": EVERY_READER,
    "/traffar/{meeting_id}/bord": EVERY_READER,
    "/pass/{session_id}/lagg-till.ics": EVERY_READER,
    "/rc/{rc_id}": EVERY_READER,
    # What is for all under a topic; a member adds to it, as its own RC's.
    "/bibliotek/amne/{theme_id}": EVERY_READER,
    # A circle's page is a reader's to see; what is the circle's own is not on it.
    "/natverk/{network_id}/material": {Role.READER},
    "/bibliotek/{material_id}": {Role.READER},
    "/bibliotek/{material_id}/versioner": {Role.READER},
    "/bibliotek/{material_id}/version/{number}": {Role.READER},
    "/rc/{rc_id}/vagen": EVERY_READER,
    # The RC's own wishes alone, of a meeting that is everybody's.
    "/traffar/{meeting_id}/onskningar": {Role.RC_MEMBER},
    "/api/v1/rcs/{rc_id}": EVERY_READER,
    "/api/v1/rcs/{rc_id}/neighbours": EVERY_READER,
    # Results without names: an RC's own answers are not in them.
    "/enkater/{survey_id}": EVERY_READER,
    "/planera/enkater/{survey_id}": EVERY_READER,
    "/enkater/{survey_id}/resultat.{kind}": EVERY_READER,
}


# Where an RC adds something of its own to what is everybody's: an empty form is told what it lacks.
TAKES: dict[str, set[Role]] = {"/bibliotek/amne/{theme_id}": {Role.RC_MEMBER}}


@dataclass
class World:
    """The demonstration with visitors of each role, and an id of somebody else's for each parameter."""

    app: FastAPI
    ids: dict[str, str]
    visitors: dict[str, Browser]

    def path(self, row: Row) -> str:
        """Fill somebody else's ids in."""
        return self.filled(row.path, row.form or PAGE_OF.get(row.path, row.path))

    def filled(self, path: str, page: str) -> str:
        """Fill ids into the path of a page, or of what the API has of it; it may want another thing under the same name."""
        special = {
            "/mina-sessioner/{session_id}/avsluta": {"session_id": self.ids["signed_in"]},
            "/traffar/{meeting_id}/pass/{session_id}": {"meeting_id": self.ids["national"]},
            "/traffar/{meeting_id}/bord": {"meeting_id": self.ids["national"]},
            "/traffar/{meeting_id}/onskningar": {"meeting_id": self.ids["national"]},
            "/traffar/{meeting_id}/vagen-in": {"meeting_id": self.ids["national"]},
            "/traffar/{meeting_id}/min-agenda": {"meeting_id": self.ids["national"]},
        }
        values = {**self.ids, "kind": "csv", "format": "json", **special.get(page, {})}
        if page.startswith("/planera/program/"):
            values |= {"meeting_id": self.ids["national"], "proposal_id": self.ids["programme"]}
            values |= {
                "key": "nytt"
            }  # any session's form; an empty one is there whatever the content
        if page.startswith("/planera/aret/"):
            values |= {"proposal_id": self.ids["year"]}
        if page.startswith("/planera/bord/"):
            values |= {"proposal_id": self.ids["rounds"]}
        return re.sub(r"{(\w+)}", lambda found: values[found[1]], path)

    def query(self, row: Row) -> dict[str, str]:
        """Return what the page must be told beside its path."""
        return {
            name: self.ids[kind] for name, kind in QUERIES.get(row.form or row.path, {}).items()
        }

    def rows(self) -> dict[str, int]:
        """Count the rows of every table but the one of sessions, whose `seen_at` alone may change."""
        with self.app.state.database.reading() as session:
            return counts(session)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = world_on(make_demo(tmp_path_factory.mktemp("demo")))
    yield made
    made.app.state.database.close()


def world_on(url: str) -> World:
    """Add what the ids need to a database that holds the demonstration."""
    app = create_app(Settings(database=url, base_url="http://testserver"))
    with app.state.database.transaction() as session:
        people = {role: _person(session, role) for role in Role}
    with app.state.database.transaction() as session:
        ids = _ids(session)
    visitors = {role.value: browser(app, person_id) for role, person_id in people.items()}
    return World(app, ids, {"anonymous": browser(app), **visitors})


def _person(session: Session, role: Role) -> str:
    body = accounts.body_of_rc(session, MINE) if role is Role.RC_MEMBER else None
    person = make_person(session)
    make_function(session, body or make_body(session, KINDS[role][0]), person, role)
    return person.id


def _leader(session: Session) -> str:
    """Return somebody who leads a session of the programme in force."""
    proposal = session.exec(select(Proposal).where(Proposal.kind == ProposalKind.PROGRAMME)).first()
    assert proposal is not None
    return next(
        host
        for one in read_programme(proposal.problem).sessions
        if one.is_must_run
        for host in sorted(one.hosts)
    )


def _ids(session: Session) -> dict[str, str]:
    """Return an id of each kind that is neither the RC member's nor any other visitor's."""
    mine = select(NetworkMember.network_id).where(NetworkMember.rc_id == MINE)
    network = session.exec(select(Network).where(col(Network.id).not_in(mine))).first()
    assert network is not None
    return ids_of(session, network, networks.members(session, [network.id])[network.id][0].rc_id)


def ids_of(session: Session, network: Network, rc_id: str) -> dict[str, str]:
    """Return an id of each kind of what is an RC's, its circle's and its holder's."""
    meeting = session.exec(select(Meeting).where(Meeting.network_id == network.id)).first()
    national = session.exec(select(Meeting).where(Meeting.kind == MeetingKind.NATIONAL)).first()
    assert meeting is not None
    assert national is not None
    event = calendar.event_of(session, "meeting", meeting.id)
    body = accounts.body_of_rc(session, rc_id)
    assert event is not None
    assert body is not None
    holder = next(one for one in accounts.functions_of_body(session, body.id) if one.holder_id)
    assert holder.holder_id
    open_session(session, holder.holder_id, "", now())
    drafted = library.Draft("Exempel", upload=library.Upload("txt", b"Exempel"))
    material = library.add(session, library.Place(meeting=meeting), drafted, "x", now())
    invited = invite(session, event, holder, now())
    assert invited is not None
    start = now() + timedelta(days=60)
    times = (Time(start, start + timedelta(hours=1)),)
    draft = PollDraft("Exempel", MeetingForm.DIGITAL, times)
    receive(session, f"From: x@example.org\r\nMessage-ID: <{rc_id}@x>\r\n\r\nHej".encode(), now())
    asked = Question(
        function_id=holder.id,
        rc_id=rc_id,
        audience=Audience.CIRCLE,
        network_id=network.id,
        asked_ids=[rc_id],
        text="Exempel",
        asked_at=now(),
    )
    session.add(asked)
    session.flush()
    said = Answer(
        question_id=asked.id,
        function_id=holder.id,
        rc_id=rc_id,
        text="Exempel",
        answered_at=now(),
    )
    session.add(said)
    session.flush()
    offered = Frequent(answer_id=said.id, question="Exempel", answer="Exempel", offered_at=now())
    learnt = Lesson(rc_id=rc_id, year=now().year, text="Exempel", published_at=now())
    session.add_all([offered, learnt])
    session.flush()
    token = session.exec(select(FeedToken)).first()
    assert token is not None
    signed_in = session.exec(select(SignedIn).where(SignedIn.person_id == holder.holder_id)).one()
    return {
        "network_id": network.id,
        "provider_id": "nch",  # a provider that is not set
        "key": "samverkansforum",  # a forum that no visitor has a function in
        "meeting_id": meeting.id,
        "national": national.id,
        "session_key": "opening",
        "leader": _leader(session),
        "event_id": event.id,
        "material_id": material.id,
        "number": "1",
        "part": "pengar",
        "invitation_id": invited.id,
        "session_id": session.exec(select(ProgrammeSession)).all()[0].id,
        "rc_id": rc_id,
        "body_id": body.id,
        "function_id": holder.id,
        "person_id": holder.holder_id,
        "signed_in": signed_in.id,
        "token_id": token.id,
        "key_id": _key(session, holder.holder_id),
        "feed_id": token.feed_id,
        "series_id": create_series(
            session, series_draft(network.id, start), holder.holder_id, now()
        ).id,
        "poll_id": polls.propose(session, network, draft, holder.holder_id, now()).id,
        "proposal_id": _proposal(session, ProposalKind.NETWORKS),
        "programme": _proposal(session, ProposalKind.PROGRAMME),
        "year": years.start(session, YearWish(start.year), (), holder.holder_id, now()).id,
        "rounds": rounds.start(
            session, RoundsChoice(tuple(registry.names(session))), holder.holder_id, now()
        ).id,
        "survey_id": session.exec(select(NeedsSurvey)).all()[0].id,
        "round_id": _round(session),
        "theme_id": session.exec(select(Theme)).all()[0].id,
        "job_id": jobs.submit(session, "match", {}, rc_id, requested_by=holder.holder_id).id,
        "mail_id": queue(session, "a@example.org", "S", "T", "", now()).id,
        "ask_id": _visit(session, rc_id),
        "act_id": _act(session, str(holder.holder_id)),
        "question_id": asked.id,
        "answer_id": said.id,
        "frequent_id": offered.id,
        "lesson_id": learnt.id,
        "reply_id": replies.replies_for_a_person(session)[0].id,
    }


def _key(session: Session, person_id: str) -> str:
    wish = keys.KeyWish("Exempel", frozenset({keys.Scope.READ}), 1)
    keys.make_key(session, person_id, wish, now())
    session.flush()
    return keys.keys_of(session, person_id, now())[0].id


def _act(session: Session, actor: str) -> str:
    made = Act(
        actor=actor,
        said="Träffen är flyttad.",
        told={},
        page="/",
        steps=[],
        state=ActState.HELD,
        at=now(),
        due_at=now() + timedelta(minutes=10),
    )
    session.add(made)
    session.flush()
    return made.id


def _visit(session: Session, host_rc: str) -> str:
    made = VisitAsk(visitor_rc="dalarna", host_rc=host_rc, theme_ids=[], asked_at=now())
    session.add(made)
    session.flush()
    return made.id


def _round(session: Session) -> str:
    day = now().date()
    details = EvaluationDetails("Exempel", "Example", day, day, (), kind=EvaluationKind.NEEDS)
    return make_evaluation(session, "system", details).id


def _proposal(session: Session, kind: ProposalKind) -> str:
    return session.exec(select(Proposal).where(Proposal.kind == kind)).all()[0].id


# A read of the API shows what its page shows, to the same people.
PAGE_OF = {f"/api/v1{path}": page for page, path in reversed(RESOURCES.items())}


def _page(row: Row) -> str:
    return row.path if row.path in OPEN else row.form or PAGE_OF.get(row.path, row.path)


WITH_IDS = [
    row
    for row in ROWS
    if set(re.findall(r"{(\w+)}", row.path)) - {"kind", "format", "token", "provider_id"}
]


def _ask(world: World, row: Row, who: str) -> int:
    web, path = world.visitors[who], world.path(row)
    if row.method == "GET":
        return int(web.get(path, params=world.query(row)).status_code)
    if path.startswith("/api/"):
        return int(web.request(row.method, path, json=row.body).status_code)
    form = {"form_token": web.token(), **FIELDS}
    return int(web.request(row.method, path, data=form).status_code)


def test_every_parameter_of_a_route_has_a_real_id_here(world: World) -> None:
    names = {name for row in WITH_IDS for name in re.findall(r"{(\w+)}", row.path)}
    assert names - {"kind", "format"} <= world.ids.keys(), "give _ids() one of somebody else's"
    assert OPEN.keys() | QUERIES.keys() | LEADS_ON <= {row.path for row in WITH_IDS}


def test_the_ids_are_real_a_planner_is_shown_each(world: World) -> None:
    faults = []
    for row in WITH_IDS:
        is_personal = _page(row) in PERSONAL or any(name in row.path for name in PERSONAL)
        if row.method == "GET" and not is_personal:
            status = _ask(world, row, Role.PLANNER.value)
            if status not in ({303, 308} if _page(row) in LEADS_ON else {200}):
                faults.append(f"{row.path}: {status}")
    assert not faults, "\n".join(faults)


def test_what_is_others_does_not_exist_for_those_whom_it_does_not_concern(world: World) -> None:
    before = world.rows()
    faults = []
    for row in WITH_IDS:
        for who in ("anonymous", Role.GUEST, Role.READER, Role.RC_MEMBER):
            status = _ask(world, row, who)
            if who == "anonymous":
                wanted = {401} if row.path.startswith("/api/") else {303, 401}
            elif row.method == "GET" and who in OPEN.get(_page(row), set()):
                wanted = {200}
            elif row.method == "POST" and who in TAKES.get(row.form or row.path, set()):
                wanted = {422}
            else:
                wanted = {404}
            if status not in wanted:
                faults.append(f"{row.method} {row.path} as {who}: {status}, not {wanted}")
    assert not faults, "\n".join(faults)
    assert world.rows() == before


def test_not_even_a_planner_ends_or_renames_what_is_another_persons(world: World) -> None:
    personal = [
        row
        for row in WITH_IDS
        if _page(row) in PERSONAL or any(name in row.path for name in PERSONAL)
    ]
    assert len(personal) >= 4
    found = {f"{row.method} {row.path}": _ask(world, row, Role.PLANNER.value) for row in personal}
    assert set(found.values()) == {404}, found


def test_holders_do_see_what_is_their_own(world: World) -> None:
    """The other side: the same ids, asked for by the one who holds them."""
    with world.app.state.database.reading() as session:
        function = session.get(Function, world.ids["function_id"])
        assert function is not None
        assert function.holder_id is not None
        holder = function.holder_id
    world.visitors["holder"] = browser(world.app, holder)
    for path in (
        "/natverk/{network_id}",
        "/traffar/{meeting_id}",
        "/tidsval/{poll_id}",
        "/organisationer/{body_id}",
        "/funktioner/{function_id}/lamna-over",
        "/rc/{rc_id}/andra",
        "/jobb/{job_id}",
        "/inbjudan/{invitation_id}",
        "/traffar/{meeting_id}/material",
    ):
        row = next(row for row in WITH_IDS if row.path == path and row.method == "GET")
        assert _ask(world, row, "holder") == 200, path
