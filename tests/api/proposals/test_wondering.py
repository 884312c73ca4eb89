"""From a proposal to the next: why, what if, side by side, again with locks, impossible wishes, one A4."""

import json
import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.networks.models import Layer
from api.proposals import queries
from api.proposals.documents import read, write
from api.proposals.kinds import on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import follow_ups as again
from api.proposals.networks import jobs, moving, service
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import read_networks, study_networks
from api.proposals.networks.follow_ups import ChangedWish
from api.proposals.networks.moving import Move
from api.proposals.networks.reasons import reasons
from api.proposals.networks.web.compare import TODAY, compare_page
from api.proposals.networks.web.why_view import study_page
from matcher.proof import Budget
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import browser

CHOICE = Choice(layers=(Layer.LIKENESS,), stability=0.0)
SAY = Speaker("sv")


@pytest.fixture
def draft(session: Session) -> Proposal:
    import_shipped(session, "system")
    return _draft(session)


def _draft(session: Session) -> Proposal:
    problem = service.networks_problem(session, CHOICE, now())
    made = service.propose_networks(session, problem, CHOICE, "Vår", "nch", now())
    _solve(session, made)
    return made


def _solve(session: Session, proposal: Proposal) -> None:
    service.record_answer(session, proposal, matched(proposal.problem))


def _pair_apart(proposal: Proposal) -> tuple[str, str]:
    groups = service.groups_in(proposal)[Layer.LIKENESS]
    return groups[0][0], groups[1][0]


def _work(payload: dict[str, object]) -> dict[str, object]:
    return jobs.match(payload, lambda *_: None, lambda: False)


def test_choices_read_back_as_they_were_written() -> None:
    choice = Choice(together=(("a", "b"),), opt_out={"a": (Layer.NEARNESS,)})
    assert read(Choice, write(choice)) == choice


def test_a_forced_pair_is_a_proposal_beside_and_its_price_is_the_difference(
    session: Session, draft: Proposal
) -> None:
    first, second = _pair_apart(draft)
    wish = ChangedWish("together", Layer.LIKENESS, first, second)
    other = again.what_if(session, draft, wish, "Tänk om", "nch", now())
    _solve(session, other)
    groups = service.groups_in(other)[Layer.LIKENESS]
    assert any({first, second} <= set(group) for group in groups)
    assert other.compared_with == draft.id
    page = compare_page(session, other, draft.id, SAY)
    assert page.changes
    cost = (
        json.loads(other.solution or "")["objective"]
        - json.loads(draft.solution or "")["objective"]
    )
    assert cost > 0
    assert SAY.number(cost, 2) in page.verdict
    assert "sämre" in page.verdict


def test_locked_circles_stay_when_a_corrected_register_is_matched_again(
    session: Session, draft: Proposal
) -> None:
    kept = service.groups_in(draft)[Layer.LIKENESS][0]
    other = again.match_again(
        session, draft, frozenset({(Layer.LIKENESS, 0)}), "Igen", "nch", now()
    )
    _solve(session, other)
    assert sorted(kept) in [sorted(group) for group in service.groups_in(other)[Layer.LIKENESS]]


def test_a_study_prices_the_best_circle_of_each_and_a_later_move_makes_it_old(
    session: Session, draft: Proposal
) -> None:
    groups = {layer.value: rows for layer, rows in service.groups_in(draft).items()}
    found = study_networks(draft.problem, groups, Budget(40, 1, 0))
    job = again.start_study(session, draft, "nch")
    assert again.start_study(session, draft, "nch") == job
    payload: dict[str, object] = {"proposal": draft.id}
    on_job_finished(session, JobFinished(job, jobs.STUDY, JobState.DONE, payload, found, "nch"))
    page = study_page(session, draft, SAY)
    assert page.is_studied
    assert all(row.best for row in page.layers[0].members)
    assert page.heat is not None
    assert len(page.heat.rows) == 16
    best = found["layers"][0]["members"][0]["best"]  # type: ignore[index] # a JSON document
    for is_impossible, words in ((True, "Går inte"), (False, "Hann inte")):
        best |= {"cost_to_others": None, "is_own": False, "is_impossible": is_impossible}
        draft.study = json.dumps(found)
        rows = study_page(session, draft, SAY).layers[0].members
        assert [row.price for row in rows if row.price.startswith(words)]
    wish = Move(Layer.LIKENESS, groups["likeness"][0][0], 1)
    moving.move(session, draft, wish, draft.version, "nch")
    page = study_page(session, draft, SAY)
    assert (page.is_studied, page.is_outdated) == (False, True)


def test_a_stopped_study_keeps_what_it_found(draft: Proposal) -> None:
    groups = {layer.value: rows for layer, rows in service.groups_in(draft).items()}
    payload: dict[str, object] = {
        "problem": draft.problem,
        "networks": groups,
        "seconds": 20,
        "seed": 0,
    }
    found = jobs.study(payload, lambda *_: None, lambda: True)
    assert found["networks"] == groups
    assert found["alternatives"] == []


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def test_wishes_that_clash_are_named_on_the_page(app: FastAPI, planner: Member) -> None:
    with app.state.database.transaction() as session:
        draft = _draft(session)
        found = read_networks(draft.problem).members
        first, second, third = (member.id for member in found[:3])
        for pair in ((first, second), (second, third)):
            wish = ChangedWish("together", Layer.LIKENESS, *pair)
            draft = again.what_if(session, draft, wish, "Tänk om", "nch", now())
        wish = ChangedWish("apart", Layer.LIKENESS, first, third)
        made = again.what_if(session, draft, wish, "Tänk om", "nch", now())
        payload: dict[str, object] = {"problem": made.problem, "seconds": 20, "seed": 0}
        result = _work(payload)
        payload["proposal"] = made.id
        on_job_finished(session, JobFinished("", "match", JobState.DONE, payload, result, "x"))
        assert made.state == ProposalState.WITHDRAWN
        path = f"/planera/natverk/{made.id}"
    web = browser(app, planner.person.id)
    page = web.get(path)
    assert page.status_code == 200
    # Each stands in its line, and in the button that takes it back.
    assert page.text.count("ska vara i samma krets") == 2 * 2
    assert "ska inte vara i samma krets" in page.text
    assert "are not to share a circle" in web.get(f"/en{path}").text


def test_a_planner_asks_compares_corrects_and_prints(app: FastAPI, planner: Member) -> None:
    with app.state.database.transaction() as session:
        draft = _draft(session)
        first, second = _pair_apart(draft)
        draft_id = draft.id
        path = f"/planera/natverk/{draft_id}"
    web = browser(app, planner.person.id)
    for language in ("", "/en"):
        for page in ("", "/varfor", "/jamfor", "/a4"):
            assert web.get(f"{language}{path}{page}").status_code == 200, page
    assert f'href="{path}/ratta?rc=' in web.get(f"{path}/varfor").text  # where a fact is unknown
    asked = web.submit(path, f"{path}/varfor")
    assert asked.headers["location"].startswith("/jobb/")
    form = {"kind": "apart", "layer": "likeness", "first": first, "second": first}
    assert web.submit(f"{path}/varfor", f"{path}/tank-om", form).status_code == 409
    form |= {"second": second}
    beside = web.submit(f"{path}/varfor", f"{path}/tank-om", form).headers["location"]
    assert "Samkrets räknar" in web.get(beside).text
    form = {"kind": "weight", "layer": "likeness", "attribute": "model", "factor": "2"}
    assert web.submit(f"{path}/varfor", f"{path}/tank-om", form).status_code == 303
    assert web.submit(path, f"{path}/igen", {"locked": "likeness:99"}).status_code == 409
    assert web.submit(path, f"{path}/igen", {"locked": "likeness:0"}).status_code == 303
    correct = web.get(f"{path}/ratta?rc=skane").headers["location"]
    found = re.search(r'name="version" value="(\d+)"', web.get(correct).text)
    assert found is not None
    fields = {"version": found[1], "proposal": draft_id, "population": "1400000"}
    saved = web.submit(correct, correct.split("?")[0], fields)
    assert saved.headers["location"].startswith(path)
    with app.state.database.reading() as session:
        titles = [one.title for one in queries.proposals(session, ProposalKind.NETWORKS)]
    assert len(titles) == 4


def test_rows_of_why_and_of_a_comparison_are_made_of_claims(
    session: Session, draft: Proposal
) -> None:
    first, second = _pair_apart(draft)
    wish = ChangedWish("together", Layer.LIKENESS, first, second)
    other = again.what_if(session, draft, wish, "Tänk om", "nch", now())
    _solve(session, other)
    known = reasons(session)
    circles = {
        rc: tuple(group)
        for group in service.groups_in(draft)[Layer.LIKENESS]
        for rc in group
    }  # fmt: skip
    [layer] = study_page(session, draft, SAY).layers
    for row in layer.members:
        claims = [
            one
            for one in known.claims(Layer.LIKENESS, circles[row.rc_id])
            if row.rc_id in one.members and one.claim != "differs"
        ]
        assert bool(row.ties) == bool(claims), row
        assert not re.search(r"\bNi\b|\ber\b", row.ties + row.apart)
    undecided = next(row for row in layer.members if row.rc_id == "vasternorrland")
    assert "organisationsmodell" in undecided.unknown
    assert "Barnahus" not in undecided.ties
    page = compare_page(session, other, draft.id, SAY)
    today = {
        row.name: known.of_one(SAY, Layer.LIKENESS, circles[row.rc_id], row.rc_id).ties
        for row in layer.members
    }
    for change in page.changes:
        assert change.before == today[change.name]
        shown = change.fit.split(" → ")
        worse = float(shown[0].replace(",", ".")) < float(shown[1].replace(",", "."))
        assert (change.verdict == "worse") == worse
        assert (change.verdict == "") == (shown[0] == shown[1])
    [side] = page.layers
    moved = {one.name for group in side.first for one in group if one.has_moved}
    assert moved == {change.name for change in page.changes}
    again_same = compare_page(session, draft, draft.id, SAY)
    assert (again_same.layers[0].is_same, again_same.changes) == (True, ())


def test_a_first_round_is_compared_with_nothing(session: Session, draft: Proposal) -> None:
    page = compare_page(session, draft, TODAY, SAY)
    assert "inga kretsar att jämföra med" in page.verdict
