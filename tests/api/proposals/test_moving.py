"""Moves by hand: the effect said before is the effect after, and undoing brings back every word."""

import json

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.errors import ConflictError
from api.kit.i18n import Speaker
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks import moving, service
from api.proposals.networks.building import Choice
from api.proposals.networks.moving import Move
from api.proposals.networks.web.review import proposal_page
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import browser

NEARNESS = Choice(layers=(Layer.NEARNESS,))


def _draft(session: Session) -> Proposal:
    import_shipped(session, "system")
    problem = service.networks_problem(session, NEARNESS, now())
    made = service.propose_networks(session, problem, NEARNESS, "Vår", "nch", now())
    service.record_answer(session, made, matched(made.problem))
    return made


@pytest.fixture
def draft(session: Session) -> Proposal:
    return _draft(session)


def _swap(proposal: Proposal) -> Move:
    first, second, *_ = service.groups_in(proposal)[Layer.NEARNESS]
    return Move(Layer.NEARNESS, first[0], second[0])


def test_what_a_move_would_do_is_what_it_then_does(session: Session, draft: Proposal) -> None:
    wish = _swap(draft)
    before = draft.solution
    foreseen = moving.preview(draft, wish)
    assert draft.solution == before
    done = moving.move(session, draft, wish, draft.version, "nch")
    assert done == foreseen == moving.latest(draft)
    assert done.after > done.before  # the engine had proven that nothing is better
    assert done.worse


def test_two_that_change_places_keep_the_sizes_and_every_other_circle(
    session: Session, draft: Proposal
) -> None:
    was = service.groups_in(draft)[Layer.NEARNESS]
    wish = _swap(draft)
    moving.move(session, draft, wish, draft.version, "nch")
    now_ = service.groups_in(draft)[Layer.NEARNESS]
    assert [len(group) for group in now_] == [len(group) for group in was]
    assert wish.rc_id in now_[1]
    assert wish.target in now_[0]
    assert now_[2:] == was[2:]


def test_undoing_every_move_brings_the_proven_answer_back(
    session: Session, draft: Proposal
) -> None:
    solved = json.loads(draft.solution or "")
    for _ in range(3):
        moving.move(session, draft, _swap(draft), draft.version, "nch")
    assert "för hand" in proposal_page(session, draft, Speaker("sv")).quality
    for _ in range(3):
        assert moving.undo(session, draft, draft.version, "nch") == Layer.NEARNESS
    left = json.loads(draft.solution or "")
    assert len(left.pop("future")) == 3
    assert left | {"future": []} == solved
    assert "Bästa möjliga" in proposal_page(session, draft, Speaker("sv")).quality
    with pytest.raises(ConflictError, match="inget att ångra"):
        moving.undo(session, draft, draft.version, "nch")


def test_a_move_takes_a_reviewed_proposal_back_to_draft(session: Session, draft: Proposal) -> None:
    spine.review(session, service.NETWORKS, draft, draft.version, "nch")
    moving.move(session, draft, _swap(draft), draft.version, "nch")
    assert draft.state == ProposalState.DRAFT


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("99", "Kretsen finns inte"),
        ("-1", "Kretsen finns inte"),
        ("byt:nobody", "Kretsen finns inte"),
        ("", "Kretsen finns inte"),
    ],
)
def test_a_place_that_is_not_there_is_refused(draft: Proposal, place: str, said: str) -> None:
    with pytest.raises(ConflictError, match=said):
        moving.preview(draft, Move.read(Layer.NEARNESS, "skane", place))


def test_staying_where_one_is_costs_nothing_and_is_no_move(
    session: Session, draft: Proposal
) -> None:
    first = service.groups_in(draft)[Layer.NEARNESS][0]
    for place in ("0", f"byt:{first[1]}", f"byt:{first[0]}"):
        wish = Move.read(Layer.NEARNESS, first[0], place)
        effect = moving.preview(draft, wish)
        assert not effect.is_change
        assert (effect.better, effect.worse, effect.broken) == ((), (), ())
        assert effect.after == effect.before
        with pytest.raises(ConflictError, match="redan"):
            moving.move(session, draft, wish, draft.version, "nch")


def test_the_page_says_what_a_move_would_do_and_what_it_did(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        made = _draft(session)
        wish = _swap(made)
        path, version, person = f"/planera/natverk/{made.id}", made.version, planner.person.id
    web = browser(app, person)
    asked = {"layer": "nearness", "rc": wish.rc_id, "to_group": wish.place}
    part = web.get(f"{path}/flytta", params=asked, headers={"hx-request": "true"}).text
    assert "byter plats:" in part
    assert "<h1" not in part
    form = asked | {"version": str(version)}
    shown = web.submit(path, f"{path}/flytta", form | {"is_wish": "true"}).text
    assert "byter plats:" in shown
    assert "har bytt plats:" not in web.get(path).text
    assert web.submit(path, f"{path}/flytta", form).headers["location"].endswith("#layer-nearness")
    assert "har bytt plats:" in web.get(path).text
    assert "have changed places:" in web.get(f"/en{path}").text
    undone = web.submit(path, f"{path}/angra", {"version": str(version + 1)})
    assert undone.status_code == 303
    assert "har bytt plats:" not in web.get(path).text
    redone = web.submit(path, f"{path}/gor-om", {"version": str(version + 2)})
    assert redone.headers["location"].endswith("#layer-nearness")
    assert "har bytt plats:" in web.get(path).text
    again = web.submit(path, f"{path}/gor-om", {"version": str(version + 3)})
    assert again.status_code == 409  # nothing is left to do again


def test_every_circle_says_what_an_rc_would_cost_it_before_the_drop(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        made = _draft(session)
        circles = service.groups_in(made)[Layer.NEARNESS]
        rc, path, person = circles[0][0], f"/planera/natverk/{made.id}", planner.person.id
        by_move = [
            moving.preview(made, Move(Layer.NEARNESS, rc, number)) for number in range(len(circles))
        ]
    asked = {"layer": "nearness", "rc": rc}
    told = browser(app, person).get(f"{path}/kostar", params=asked).json()
    assert [one["place"] for one in told] == [str(number) for number in range(len(circles))]
    assert told[0]["kind"] == "here"
    for one, effect in zip(told[1:], by_move[1:], strict=True):
        assert (one["kind"] == "broken") == bool(effect.broken)
        assert one["kind"] != "better" or effect.after < effect.before
        assert one["text"]
    assert browser(app).get(f"{path}/kostar", params=asked).status_code == 303
