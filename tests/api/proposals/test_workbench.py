"""A planner's round of matching in the browser: choose, look, move, review, publish."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.clock import now
from api.networks import queries as networks
from api.networks.models import Round
from api.proposals import queries
from api.proposals.kinds import on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import jobs, service
from api.proposals.networks.building import Choice
from matcher.documents.text import read_json
from matcher.groups.files.codec import read_problem
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser, press

BENCH = "/planera/natverk"


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def _solve(session: Session, proposal: Proposal) -> None:
    """What the worker does: the job's own function, and the news that it has ended."""
    payload: dict[str, object] = {"problem": proposal.problem, "seconds": 20, "seed": 0}
    result = jobs.match(payload, lambda *_: None, lambda: False)
    payload["proposal"] = proposal.id
    news = JobFinished(proposal.job_id or "", "match", JobState.DONE, payload, result, "x")
    on_job_finished(session, news)


def _version(web: Browser, path: str) -> dict[str, str]:
    found = re.search(r'name="version" value="(\d+)"', web.get(path).text)
    assert found is not None
    return {"version": found[1]}


def test_a_planner_matches_moves_reviews_and_publishes(app: FastAPI, planner: Member) -> None:
    web = browser(app, planner.person.id)
    chosen = {"preset": "balance", "sizes": "3-4", "layers": "likeness", "stability": "0.2"}
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    assert "Samkrets räknar" in web.get(path).text

    with app.state.database.transaction() as session:
        _solve(session, queries.proposals(session, ProposalKind.NETWORKS)[0])
    page = web.get(path).text
    assert "Bästa möjliga: med dina val" in page
    assert "Best possible: with your choices" in web.get(f"/en{path}").text

    move = _version(web, path) | {"layer": "likeness", "rc": "skane", "to_group": "0"}
    assert web.submit(path, f"{path}/flytta", move).status_code == 303
    assert "Ändrat för hand" in web.get(path).text
    assert web.submit(path, f"{path}/flytta", move).status_code == 409  # a stale page

    refused = web.submit(path, f"{path}/granska", _version(web, path))
    if refused.status_code == 409:  # the move broke the sizes
        assert "bryter mot en regel" in refused.text
        assert web.submit(path, f"{path}/dra-tillbaka", _version(web, path)).status_code == 303


def test_todays_circles_that_stay_and_nobody_alone_reach_the_problem_and_are_said(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    assert "Nej, de är kvar och nya RC kommer till dem" in web.get(BENCH).text
    chosen = {"layers": "likeness", "standing": "1", "alone": "model"}
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    with app.state.database.transaction() as session:
        proposal = queries.proposals(session, ProposalKind.NETWORKS)[0]
        (layer,) = read_problem(read_json(proposal.problem)).layers
        _solve(session, proposal)
    assert layer.not_alone == ("model",)
    assert not layer.standing  # there are no circles to stay yet
    page = web.get(path).text
    assert "Nej, om någon annan RC har samma modell" in page
    assert "The only one of its kind" in web.get(f"/en{path}").text
    assert web.submit(BENCH, BENCH, chosen | {"alone": "x"}).status_code == 422


def test_a_reviewed_proposal_is_published_from_its_page(app: FastAPI, planner: Member) -> None:
    web = browser(app, planner.person.id)
    path = web.submit(BENCH, BENCH, {"layers": "nearness"}).headers["location"]
    with app.state.database.transaction() as session:
        _solve(session, queries.proposals(session, ProposalKind.NETWORKS)[0])
    assert web.submit(path, f"{path}/publicera", _version(web, path)).status_code == 409
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    pressed = press(web, path, f"{path}/publicera", _version(web, path), 5)
    assert [answer.status_code for answer in pressed] == [303] * 5
    with app.state.database.reading() as session:
        assert len(session.exec(select(Round)).all()) == 1
        found = networks.active_networks(session)
        covered = networks.members(session, [network.id for network in found])
        assert sum(len(members) for members in covered.values()) == 16


def test_a_job_without_networks_withdraws_its_proposal(app: FastAPI, planner: Member) -> None:
    with app.state.database.transaction() as session:
        choice = Choice()
        made = service.start_matching(session, planner.viewer, choice, "t", now())
        payload: dict[str, object] = {"proposal": made.id}
        news = JobFinished(made.job_id or "", "match", JobState.FAILED, payload, None, "x")
        on_job_finished(session, news)
        assert made.state == ProposalState.WITHDRAWN
