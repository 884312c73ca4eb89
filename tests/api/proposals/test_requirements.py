"""A requirement reaches the page as the record that the engine made: no number, name or layer is lost or read wrong."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kit.i18n import Speaker
from api.networks.models import Layer as Kind
from api.networks.service import LAYER_NAMES
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks.web.words import ASKED, BROKEN, broken_in_words, wish_in_words
from api.proposals.spine import conflict_of
from api.proposals.year.web.view import CONFLICTS
from matcher.groups import rules
from matcher.groups.model.asked import ATTRIBUTES, MEMBERS
from matcher.groups.model.layer import RULES, Attribute, Layer, Member, Travel
from matcher.groups.model.problem import Problem
from matcher.groups.why_not.wishes import wishes
from matcher.proof import Violation
from matcher.requirement import OF_GROUPS, OF_YEAR, Requirement

SAY = Speaker("sv")


def stored(*requirements: Requirement) -> Proposal:
    """Return a proposal with what its job gave back, as JSON."""
    return Proposal(
        kind=ProposalKind.NETWORKS,
        state=ProposalState.WITHDRAWN,
        title="x",
        settings="{}",
        problem="{}",
        engine_version="1",
        created_by="x",
        created_at=datetime(2027, 1, 1, tzinfo=UTC),
        conflict=json.dumps([asdict(one) for one in requirements]),
    )


def test_there_are_words_for_just_what_the_engines_name() -> None:
    assert set(ASKED) == set(OF_GROUPS) | {rule.name for rule in RULES}
    assert {rule.name for rule in RULES} <= set(BROKEN)
    assert set(CONFLICTS) == set(OF_YEAR)
    for rule, said in OF_GROUPS.items():
        assert any(ASKED[rule]), rule
        assert isinstance(said, str) or all(ASKED[rule]), rule
    for asked in RULES:
        has_names = asked.item is not None or asked.kind in (ATTRIBUTES, MEMBERS)
        assert ASKED[asked.name][has_names], asked.name


@pytest.mark.parametrize(
    ("requirement", "swedish"),
    [
        (
            Requirement("longest_travel", (), (82.5,), "nearness"),
            "Ingen krets får ha längre än 82,5 km mellan sina RC.",
        ),
        (
            Requirement("most_networks", ("rc2",), (1,)),
            "Rc2 AB ska vara med i högst 1 kretsar.",
        ),
        (Requirement("together", ("rc2", "rc3"), (), "likeness"), "Rc 3 och Rc2 AB ska vara"),
        (Requirement("giver_cap", ("rc2",), (3,)), "Rc2 AB ska inte få frågor från fler än 3"),
        (
            Requirement("at_least", ("model", "barnahus"), (2,)),
            "Varje krets ska ha minst 2 RC där organisationsmodell är ”Inom Barnahus”.",
        ),
        (Requirement("giver_cap", (), (3,)), "Ingen ska bli tillfrågad av fler än 3 RC."),
        (Requirement("sizes", (), (3, 4, 7)), "storlek som du har valt: 3–4."),
        (Requirement("sizes", (), (3, 3, 7)), "storlek som du har valt: 3."),
        (Requirement("divides", (), (3, 4, 5)), "5 RC går inte att dela i kretsar om 3–4."),
    ],
)
def test_a_wish_that_clashes_is_said_with_its_own_numbers_names_and_layer(
    requirement: Requirement, swedish: str
) -> None:
    (kept,) = conflict_of(stored(requirement))
    assert kept == requirement
    said = wish_in_words(SAY, kept, {"rc2": "Rc2 AB", "rc3": "Rc 3"})
    assert swedish in said
    assert not requirement.layer or said.startswith(
        SAY.text(LAYER_NAMES[Kind(requirement.layer)]) + ": "
    )


@given(st.floats(1, 999).map(lambda km: round(km, 1)))
def test_every_wish_of_a_problem_is_said_with_the_numbers_that_were_set(km: float) -> None:
    """Ids hold digits, as a register's may."""
    layers = tuple(
        Layer(kind, 2, 4, together=((0, 1),), longest_travel=Travel(km))
        for kind in ("likeness", "nearness")
    )
    members = tuple(Member(f"rc{number}", most_networks=1) for number in range(4))
    names = {member.id: f"Namn{'abcd'[number]}" for number, member in enumerate(members)}
    places = Attribute("geography", "place", ((59.0, 18.0),) * 4)
    for wish in wishes(Problem(members, (places,), layers)):
        (kept,) = conflict_of(stored(wish.asked))
        said = wish_in_words(SAY, kept, names)
        numbers = [float(one.replace(",", ".")) for one in re.findall(r"\d+(?:,\d+)?", said)]
        assert numbers == list(wish.asked.numbers)
        assert [one for one in names.values() if one in said] == [
            names[one] for one in wish.asked.subjects
        ]


def test_a_broken_rule_says_its_layer_from_the_record() -> None:
    layer = Layer("likeness", 3, 4, apart=((0, 1),))
    problem = Problem((Member("likeness: a"), Member("b"), Member("c")), (), (layer,))
    (broken,) = rules.violations(problem, (((0, 1, 2),),))
    assert broken.layer == "likeness"
    assert broken_in_words(SAY, broken, {}).startswith(SAY.text(LAYER_NAMES[Kind.LIKENESS]) + ": ")
    # What a message begins with is no layer.
    odd = Violation("most_networks", ("b",), "likeness: b is in 2 networks; 1 are due")
    assert broken_in_words(SAY, odd, {}) == SAY.text(BROKEN["most_networks"], names="b")


def test_what_was_stored_before_there_were_records_is_read_or_left_out() -> None:
    proposal = stored()
    proposal.conflict = json.dumps(
        [
            "most_networks: rc2 in 1",
            {"kind": "window", "subjects": ["police", "2"], "text": "x"},
            {"kind": "", "subjects": [], "text": "the rules of structure"},
        ]
    )
    assert conflict_of(proposal) == (
        Requirement("window", ("police",), (2.0,)),
        Requirement("", (), note="the rules of structure"),
    )
