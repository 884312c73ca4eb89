"""A planner's round of matching in the browser: choose, look, move, review, publish."""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.availability.models import AnswerValue, Poll, PollAnswer, PollMark, PollOption
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.clock import from_local, now, to_local
from api.kit.i18n import NO_BREAK
from api.meetings.models import MeetingForm, MeetingGroup
from api.networks import queries as networks
from api.networks.models import Layer, Round
from api.proposals import queries
from api.proposals.kinds import on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import jobs, service
from api.proposals.networks.building import Choice
from api.registry.models import Rc
from matcher.documents.text import read_json
from matcher.groups.files.codec import read_problem
from matcher.groups.model.layer import Balance, CanMeet, InCommon, OfAKind
from tests.factories import Member, make_member
from tests.promises import keeps_quiet
from tests.shipped import import_shipped
from tests.web import Browser, browser, press

BENCH = "/planera/natverk"


def plain(page: str) -> str:
    """The page without ties between words."""
    return page.replace(NO_BREAK, " ").replace("&nbsp;", " ")


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


@keeps_quiet(
    "Förslaget går att läsa sedan, men inte att ändra eller publicera, och det går inte att ångra."
    " Inget som är publicerat ändras, och ingen får veta något."
)
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


def test_so_many_of_a_kind_and_leaders_hold_in_the_circles_and_are_said(
    app: FastAPI, planner: Member
) -> None:
    """The form's rules to the engine's problem, to circles that keep them, and to the page in both languages."""
    web = browser(app, planner.person.id)
    leaders = ("skane", "norrbotten", "gavleborg", "goteborg")
    chosen: dict[str, str | list[str]] = {
        "layers": "likeness",
        "smallest_likeness": "3",
        "largest_likeness": "5",
        "alone": "phase_band",
        "kind_1_which": "phase_band:operational",
        "kind_1_bound": "at_least",
        "kind_1_count": "1",
        "kind_2_which": "model:barnahus",
        "kind_2_bound": "at_most",
        "kind_2_count": "3",
        "leaders": list(leaders),
    }
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    with app.state.database.transaction() as session:
        proposal = queries.proposals(session, ProposalKind.NETWORKS)[0]
        problem = read_problem(read_json(proposal.problem))
        _solve(session, proposal)
        circles = service.groups_in(proposal)[Layer.LIKENESS]
    (layer,) = problem.layers
    assert layer.at_least == (OfAKind("phase_band", "operational", 1),)
    assert layer.at_most == (OfAKind("model", "barnahus", 3),)
    facts = {
        one.name: dict(zip(problem.ids(tuple(range(16))), one.values, strict=True))
        for one in problem.attributes
    }
    assert len(circles) == len(leaders)
    for circle in circles:
        assert sum(one in leaders for one in circle) == 1
        assert sum(facts["phase_band"][one] == "operational" for one in circle) >= 1
        assert sum(facts["model"][one] == "barnahus" for one in circle) <= 3
    page = web.get(path).text
    assert "Varje krets ska ha minst 1 RC där fas är ”i drift”." in page
    assert "Ingen krets får ha fler än 3 RC där organisationsmodell är ”Inom Barnahus”." in page
    assert "Varje krets ska ha precis en av dem som ska leda (Gävleborg" in page
    english = web.get(f"/en{path}").text
    assert "Who leads" in english
    assert "in operation" in english
    wrong: dict[str, str | list[str]] = {
        "kind_1_which": "x:y",
        "kind_2_count": "99",
        "leaders": ["nobody"],
        "kind_1_layer": "x",
    }
    refused = web.submit(BENCH, BENCH, chosen | wrong)
    assert refused.status_code == 422
    assert "Välj bland de RC som finns." in refused.text
    assert '<option value="model:barnahus" selected>' in refused.text  # what was typed stays


def _asked_about_times(session: Session, clocks: Mapping[str, tuple[int, ...]]) -> Poll:
    """A poll of a group with times at nine, at one and at three, and which of them each RC says yes to."""
    at = now()
    group = MeetingGroup(name="Exempel", made_at=at)
    session.add(group)
    session.flush()
    poll = Poll(
        group_id=group.id, address="x", theme="Exempel", form=MeetingForm.DIGITAL, made_at=at
    )
    session.add(poll)
    session.flush()
    day = to_local(at).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day += timedelta(days=30)
    options = {}
    for hour in (9, 13, 15):
        start = from_local(day + timedelta(hours=hour, minutes=10))
        option = PollOption(poll_id=poll.id, starts_at=start, ends_at=start + timedelta(hours=1))
        session.add(option)
        options[hour] = option
    session.flush()
    for rc, hours in clocks.items():
        member = make_member(session, Role.RC_MEMBER, rc_id=rc)
        answer = PollAnswer(
            poll_id=poll.id,
            function_id=member.function.id,
            name="x",
            key_hash=rc,
            answered_at=at,
        )
        session.add(answer)
        session.flush()
        for hour, option in options.items():
            value = AnswerValue.YES if hour in hours else AnswerValue.NO
            session.add(PollMark(answer_id=answer.id, option_id=option.id, value=value))
    session.flush()
    return poll


def test_numbers_means_things_in_common_and_times_hold_in_the_circles_and_are_said(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    assert "Ingen fråga om tider har fått svar" in web.get(BENCH).text
    can = {"skane": (9,), "uppsala": (13,), "orebro": (13, 15), "dalarna": (15,), "kronoberg": (9,)}
    with app.state.database.transaction() as session:
        poll = _asked_about_times(session, can).id
    assert "Exempel (5 RC har svarat)" in web.get(BENCH).text
    chosen: dict[str, str | list[str]] = {
        "layers": ["likeness", "nearness"],
        "repeated_pair": "never",
        "standing": "few",
        "number_likeness": "4",
        "mean_which": "staff_count",
        "mean_count": "3",
        "mean_layer": "nearness",
        "common_which": "services",
        "common_count": "1",
        "poll_which": poll,
    }
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    with app.state.database.transaction() as session:
        proposal = queries.proposals(session, ProposalKind.NETWORKS)[0]
        problem = read_problem(read_json(proposal.problem))
        _solve(session, proposal)
        circles = service.groups_in(proposal)
        services = {rc.id: set(rc.services) for rc in session.exec(select(Rc))}
    likeness, nearness = problem.layers
    assert problem.each_pair_once
    assert likeness.number_of_networks == (4, 4)
    assert likeness.can_meet == (CanMeet("free_times", 45),)  # ten past nine to ten past ten
    assert likeness.in_common == (InCommon("services", 1),)
    assert nearness.balanced == (Balance("staff_count", 3.0),)
    assert nearness.number_of_networks is None
    assert len(circles[Layer.LIKENESS]) == 4
    pairs = [
        frozenset(pair)
        for groups in circles.values()
        for circle in groups
        for pair in combinations(circle, 2)
    ]
    assert len(pairs) == len(set(pairs))
    for circle in circles[Layer.LIKENESS]:
        answered = [set(can[rc]) for rc in circle if rc in can]
        assert not answered or set.intersection(*answered)
        known = [services[rc] for rc in circle if services[rc]]
        assert not known or set.intersection(*known)
    page = web.get(path).text
    for said in (
        "Det ska vara 4 kretsar.",
        "I varje krets ska medelvärdet av antal tjänster vara högst 3 från allas.",
        "Alla i en krets ska ha minst 1 gemensamt i fråga om vad RC gör i dag.",
        "Alla i en krets ska ha minst 45 minuter lediga samtidigt (svaren på frågan om tider).",
        "Får inte ske: ingen ska möta samma RC i mer än en krets",
        "Ja, men så få RC som möjligt ska byta krets",
        "Alla som har svarat kan ses ",
    ):
        assert said in plain(page), said
    english = plain(web.get(f"/en{path}").text)
    for said in ("There are to be 4 circles.", "what the RC does today", "can meet on "):
        assert said in english, said
    wrong = {"number_likeness": "x", "mean_count": "-1", "common_count": "9", "poll_which": "x"}
    refused = web.submit(BENCH, BENCH, chosen | wrong)
    assert refused.status_code == 422
    for said in ("Skriv ett helt tal, eller inget.", "Skriv hur långt medelvärdet får vara"):
        assert said in plain(refused.text)
    assert re.search(r'name="number_likeness"[^>]* value="x"', refused.text)  # what was typed stays


def test_circles_of_which_nobody_can_meet_are_named_with_the_sizes(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    with app.state.database.transaction() as session:
        poll = _asked_about_times(session, {"skane": (), "uppsala": (9,)}).id
    path = web.submit(BENCH, BENCH, {"layers": "likeness", "poll_which": poll}).headers["location"]
    with app.state.database.transaction() as session:
        _solve(session, queries.proposals(session, ProposalKind.NETWORKS)[0])
    page = plain(web.get(path).text)
    assert "minst 45 minuter lediga samtidigt (svaren på frågan om tider)." in page


def test_leaders_that_are_too_many_are_named_with_what_they_clash_with(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    chosen: dict[str, str | list[str]] = {"layers": "nearness", "leaders_layer": "nearness"}
    chosen["leaders"] = ["skane", "norrbotten", "gavleborg", "goteborg", "fyrbodal", "kronoberg"]
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    with app.state.database.transaction() as session:
        _solve(session, queries.proposals(session, ProposalKind.NETWORKS)[0])
    page = web.get(path).text
    assert "Varje krets ska ha precis en av dem som ska leda" in page
    assert "Kretsarna ska ha den storlek som du har valt: 3–4." in page


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
