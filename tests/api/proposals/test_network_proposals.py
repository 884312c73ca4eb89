import json

import pytest
from sqlmodel import Session

from api.kit.clock import now
from api.kit.errors import ConflictError, StaleError
from api.networks import queries as networks
from api.networks.models import Layer
from api.proposals import spine
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks import building as matching
from api.proposals.networks import moving, service
from api.proposals.networks.building import Choice
from api.proposals.networks.engine import read_networks
from api.proposals.networks.moving import Move
from api.registry.queries import rcs
from api.surveys.questions import NetworkWish
from api.surveys.service import SoughtAndOffered
from tests.shipped import import_shipped
from tests.solving import matched

LIKENESS = Choice(layers=(Layer.LIKENESS,))


@pytest.fixture
def draft(session: Session) -> Proposal:
    import_shipped(session, "system")
    problem = service.networks_problem(session, LIKENESS, now())
    made = service.propose_networks(session, problem, LIKENESS, "Vår", "nch", now())
    service.record_answer(session, made, matched(made.problem))
    return made


def test_the_answer_covers_all_16_with_proof(draft: Proposal) -> None:
    document = json.loads(draft.solution or "")
    groups = document["networks"]["likeness"]
    assert sorted(len(group) for group in groups) in ([3, 3, 3, 3, 4], [4, 4, 4, 4])
    assert len({rc for group in groups for rc in group}) == 16
    assert document["status"] == "optimal"
    objective, broken = service.score(draft, service.groups_in(draft))
    assert objective == pytest.approx(document["objective"])
    assert broken == ()


def test_the_stored_problem_reads_back_as_the_same_problem(
    session: Session, draft: Proposal
) -> None:
    assert read_networks(draft.problem) == service.networks_problem(session, LIKENESS, now())


def test_a_proposal_is_published_only_after_review_and_only_once(
    session: Session, draft: Proposal
) -> None:
    with pytest.raises(ConflictError):
        service.publish(session, draft, draft.version, "nch", now())
    spine.review(session, service.NETWORKS, draft, draft.version, "nch")
    first = service.publish(session, draft, draft.version, "nch", now())
    assert draft.state == ProposalState.PUBLISHED
    again = service.publish(session, draft, draft.version, "nch", now())
    assert again.id == first.id
    with pytest.raises(StaleError):
        service.publish(session, draft, draft.version - 1, "nch", now())
    assert len(networks.active_networks(session)) in {4, 5}


def test_a_move_by_hand_is_scored_at_once_and_a_broken_rule_stops_the_review(
    session: Session, draft: Proposal
) -> None:
    groups = service.groups_in(draft)[Layer.LIKENESS]
    source = next(number for number, group in enumerate(groups) if len(group) == 3)
    target = next(number for number in range(len(groups)) if number != source)
    best = json.loads(draft.solution or "")["objective"]
    moved = groups[source][0]
    effect = moving.move(session, draft, Move(Layer.LIKENESS, moved, target), draft.version, "nch")
    assert effect.before == pytest.approx(best)
    assert effect.after != pytest.approx(best)
    assert {found.rule for found in effect.broken} == {"sizes"}
    with pytest.raises(ConflictError, match="bryter mot en regel"):
        spine.review(session, service.NETWORKS, draft, draft.version, "nch")


def test_a_stale_move_is_refused(session: Session, draft: Proposal) -> None:
    with pytest.raises(StaleError):
        moving.move(session, draft, Move(Layer.LIKENESS, "skane", 0), draft.version - 1, "nch")


def test_an_rc_that_wants_no_network_is_left_out_and_what_it_seeks_is_in_the_problem(
    session: Session,
) -> None:
    import_shipped(session, "system")
    surveyed = {
        "skane": SoughtAndOffered("skane", frozenset(), frozenset(), NetworkWish.NONE),
        "uppsala": SoughtAndOffered(
            "uppsala", frozenset({"legal_consent"}), frozenset(), NetworkWish.KEEP
        ),
    }
    problem = matching.build(rcs(session), Choice(), {}, surveyed)
    experience = next(layer for layer in problem.layers if layer.is_experience)
    assert problem.number("skane") not in problem.participants(experience)
    assert problem.members[problem.number("uppsala")].seeks == (
        "funding=secured",
        "legal_consent",
        "model=barnahus",
        "support_exposed_adults=yes",
        "support_exposed_any=yes",
        "support_exposed_minors=yes",
    )
    skaraborg = problem.members[problem.number("skaraborg")]
    assert skaraborg.seeks == ()
    assert {"model=barnahus", "funding=secured"} <= {*skaraborg.offers}
    assert experience.expertise > 0


def test_todays_networks_are_what_stability_keeps(session: Session, draft: Proposal) -> None:
    spine.review(session, service.NETWORKS, draft, draft.version, "nch")
    service.publish(session, draft, draft.version, "nch", now())
    problem = service.networks_problem(session, LIKENESS, now())
    layer = problem.layers[0]
    assert layer.stability > 0
    found = {problem.ids(group) for group in layer.history[0]}
    assert found == {tuple(sorted(group)) for group in service.groups_in(draft)[Layer.LIKENESS]}
