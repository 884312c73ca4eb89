"""Several layers with every named rule: solver, plain rules and brute force agree on every random problem."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.clock import Clock
from matcher.documents.text import read_json, write_json
from matcher.errors import InfeasibleError, InvalidProblemError, NoSolutionInTimeError
from matcher.groups.files.codec import read_problem, write_problem
from matcher.groups.layers import fair
from matcher.groups.layers.pool import build_pool, pool_size
from matcher.groups.layers.splits import largest_needed
from matcher.groups.layers.too_many_to_list import solve_widely
from matcher.groups.model.layer import Attribute, Cost, Layer, Member, Travel, Weight
from matcher.groups.model.problem import Problem, alone
from matcher.groups.rules import cost as total_cost
from matcher.groups.rules import times_asked, violations
from matcher.groups.solve import solve
from matcher.groups.why_not.wishes import wishes
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks, fairest_levels

BUDGET = Budget(seconds=30.0, workers=1)
LAYERS = ("likeness", "nearness", "experience")


@st.composite
def layers(draw: st.DrawFn, name: str, count: int) -> Layer:
    pair = st.lists(st.integers(0, count - 1), min_size=2, max_size=3, unique=True).map(tuple)
    maybe = st.lists(pair, max_size=1).map(tuple)
    smallest = draw(st.integers(2, 3))
    half = count // 2
    history = (tuple(range(half)), tuple(range(half, count)))
    limit = st.sampled_from([100.0, 300.0, 600.0])
    pair = st.sets(st.integers(0, count - 1), min_size=2, max_size=2).map(tuple)
    near = st.lists(pair, max_size=8).map(tuple)
    travel = st.one_of(
        st.builds(Travel, limit, st.sampled_from(["never", "digital"]), st.just(0.2)),
        st.builds(Travel, limit, st.just("digital"), st.just(0.2), near),
    )
    return Layer(
        name,
        smallest,
        draw(st.integers(smallest, 4)),
        (
            Weight("area", 2.0, is_unlike=draw(st.booleans())),
            Weight("model", 1.0),
            Weight("geography", draw(st.sampled_from([0.0, 3.0]))),
        ),
        unknown=draw(st.sampled_from([None, 0.5])),
        cost=draw(st.sampled_from(["peer-mean", "pair-sum", "sse"])),
        weight=draw(st.sampled_from([1.0, 0.5])),
        role=draw(st.sampled_from(["", "", "leader"])),
        together=draw(maybe),
        apart=draw(maybe),
        history=(history,),
        stability=draw(st.sampled_from([0.0, 0.3])),
        novelty=draw(st.sampled_from([0.0, 0.2])),
        horizon=draw(st.sampled_from([None, 0, 1])),
        operational_in_each=draw(st.sampled_from([0, 0, 1])),
        is_experience=draw(st.booleans()),
        is_one_per_body=draw(st.booleans()),
        not_alone=draw(st.sampled_from([(), (), ("model",), ("model", "area")])),
        longest_travel=draw(st.one_of(st.none(), travel)),
        expertise=draw(st.sampled_from([0.0, 0.25])),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    count = draw(st.integers(3, 6))
    # Brute force goes through all combinations of the layers' partitions.
    names = LAYERS[: draw(st.integers(1, {3: 3, 4: 3, 5: 2, 6: 1}[count]))]
    skills = st.lists(st.sampled_from(["consent", "digital"]), max_size=1).map(tuple)
    members = tuple(
        Member(
            f"rc{number}",
            body=draw(st.sampled_from(["", "", "vg"])),
            is_operational=draw(st.sampled_from([True, True, False, None])),
            most_networks=draw(st.sampled_from([None, None, None, 1])),
            most_asked=draw(st.sampled_from([None, None, 1])),
            seeks=draw(skills),
            offers=draw(skills),
            roles=draw(st.sampled_from([("leader",), ("leader",), ()])),
            opt_out=draw(st.sampled_from([(), (), (), names[:1]])),
        )
        for number in range(count)
    )
    attributes = (
        Attribute(
            "area", "number", tuple(draw(st.sampled_from([None, 0, 1, 2.5, 4])) for _ in members)
        ),
        Attribute(
            "model", "category", tuple(draw(st.sampled_from([None, "a", "b"])) for _ in members)
        ),
        Attribute(
            "geography",
            "place",
            tuple(
                draw(st.sampled_from([None, (56.0, 13.0), (58.0, 14.0), (65.0, 20.0)]))
                for _ in members
            ),
        ),
    )
    return Problem(
        members,
        attributes,
        tuple(draw(layers(name, count)) for name in names),
        repeated_pair=draw(st.sampled_from([0.0, 0.4])),
        giver_cap=draw(st.sampled_from([None, None, 2])),
    )


@settings(max_examples=40)
@given(problems())
def test_solver_finds_what_brute_force_finds(problem: Problem) -> None:
    best = best_networks(problem)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(problem, BUDGET)
        return
    solution = solve(problem, BUDGET)
    assert violations(problem, solution.networks) == ()
    assert solution.proof.objective == pytest.approx(best[0], abs=1e-9)
    assert solution.proof.lower_bound <= best[0] + 1e-9
    assert solution.is_optimal


@settings(max_examples=25)
@given(problems(), st.integers(4, 6))
def test_a_network_that_two_smaller_ones_replace_is_never_missed(
    problem: Problem, largest: int
) -> None:
    layer = replace(problem.layers[0], smallest=2, largest=largest)
    wide = alone(problem, layer)
    best = best_networks(wide)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(wide, BUDGET)
        return
    assert largest_needed(wide, layer) <= largest
    solution = solve(wide, BUDGET)
    assert violations(wide, solution.networks) == ()
    assert solution.proof.objective == pytest.approx(best[0], abs=1e-9)
    assert len(build_pool(wide).seats) <= len(build_pool(wide, is_every=True).seats)


def test_twice_the_smallest_size_is_not_listed_where_only_likeness_counts() -> None:
    members = tuple(Member(f"rc{number}") for number in range(8))
    area = Attribute("area", "number", tuple(float(number) for number in range(8)))
    plain = Layer("likeness", 3, 8, (Weight("area", 1.0),))
    problem = Problem(members, (area,), (plain,))
    assert largest_needed(problem, plain) == 5
    assert pool_size(problem) == 56 + 70 + 56
    tied = replace(plain, together=((0, 1, 2, 3, 4, 5),))
    assert largest_needed(replace(problem, layers=(tied,)), tied) == 8


@settings(max_examples=25)
@given(problems())
def test_layers_too_large_to_list_get_networks_by_the_rules_and_a_bound(problem: Problem) -> None:
    best = best_networks(problem)
    try:
        solution = solve_widely(problem, Clock(Budget(seconds=10.0, workers=1)))
    except NoSolutionInTimeError:
        return  # among the promising networks there may be none that all rules allow
    except InfeasibleError:
        assert best is None
        return
    assert best is not None
    assert violations(problem, solution.networks) == ()
    assert solution.proof.objective == pytest.approx(
        total_cost(problem, solution.networks), abs=1e-9
    )
    assert solution.proof.lower_bound <= best[0] + 1e-9


@settings(max_examples=15)
@given(problems())
def test_fairness_among_groups_in_which_nobody_is_worse_off_is_leximin(problem: Problem) -> None:
    """The list for large problems, on small ones: it must hold all that fairer networks need."""
    if best_networks(problem) is None:
        return
    cheapest = solve(problem, BUDGET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fair, "LIST_ALL", 0)
        solution = fair.made_fair(replace(problem, is_fair=True), cheapest, Clock(BUDGET))
    assert solution.fairness is not None
    assert solution.fairness.levels == pytest.approx(fairest_levels(problem), abs=1e-8)
    assert solution.fairness.proven == len(solution.fairness.levels)


@settings(max_examples=15)
@given(problems())
def test_fairness_over_layers_finds_the_leximin_vector(problem: Problem) -> None:
    fairly = replace(problem, is_fair=True)
    if best_networks(fairly) is None:
        return
    solution = solve(fairly, BUDGET)
    assert solution.fairness is not None
    assert solution.fairness.levels == pytest.approx(fairest_levels(fairly), abs=1e-8)
    assert solution.is_optimal


@settings(max_examples=30)
@given(problems())
def test_problem_reads_back_from_its_json(problem: Problem) -> None:
    assert read_problem(read_json(write_json(write_problem(problem)))) == problem


def test_a_settled_level_keeps_members_from_rising_above_it() -> None:
    """Found by brute force: two seats rose above a level that was already settled."""
    members = tuple(Member(f"rc{number}") for number in range(5))
    area = Attribute("area", "number", (1, 0, None, None, None))
    model = Attribute("model", "category", (None,) * 5)
    weights = (Weight("area", 2.0, is_unlike=True), Weight("model", 1.0))
    for unknown in (None, 0.5):
        for cost in get_args(Cost):
            layer = Layer("one", 2, 4, weights, unknown=unknown, cost=cost, operational_in_each=0)
            problem = Problem(members, (area, model), (layer,), is_fair=True)
            solution = solve(problem, BUDGET)
            assert solution.fairness is not None
            assert solution.fairness.levels == pytest.approx(fairest_levels(problem), abs=1e-8)


def test_cap_per_giver_counts_over_all_layers_of_experience() -> None:
    members = tuple(
        Member(f"rc{n}", is_operational=n < 2, most_asked=1 if n == 0 else None) for n in range(4)
    )
    two = (Layer("a", 2, 2, is_experience=True), Layer("b", 2, 2, is_experience=True))
    solution = solve(Problem(members, (), two), BUDGET)
    assert times_asked(Problem(members, (), two), solution.networks).get(0, 0) <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "$"),
        ('{"members": []}', "$.members"),
        ('{"members": [{"id": "a"}], "layers": []}', "$.layers"),
        ('{"members": [{"id": "a"}, {"id": "a"}]}', "member a"),
        ('{"members": [{"id": "a"}], "colour": 1}', "unknown colour"),
        ('{"members": [{"id": "a"}], "layers": [{"together": [["a", "b"]]}]}', "together[0]"),
        ('{"members": [{"id": "a"}], "layers": [{"weights": {"x": 1}}]}', "weights"),
        ('{"members": [{"id": "a", "values": {"x": [95, 3]}}]}', "latitude"),
        ('{"members": [{"id": "a", "values": {"x": [1]}}]}', "$.members[0].values.x"),
        ('{"members": [{"id": "a"}], "layers": [{"sizes": [4, 3]}]}', "sizes"),
        ('{"members": [{"id": "a"}], "layers": [{"sizes": [1, 3]}]}', "sizes"),
        ('{"members": [{"id": "a"}], "layers": [{"longest_travel": {"km": 9}}]}', "no places"),
        ('{"members": [{"id": "a", "opt_out": ["x"]}]}', "opt_out"),
        (
            '{"members": [{"id": "a", "values": {"x": 1}}], "attributes": [{"name": "y", "kind": "number"}]}',
            '"x"',
        ),
    ],
)
def test_faults_in_a_problem_are_told_with_their_place(text: str, expected: str) -> None:
    with pytest.raises(InvalidProblemError) as caught:
        read_problem(read_json(text))
    assert expected in str(caught.value)


@settings(max_examples=12)
@given(problems())
def test_conflict_holds_no_wish_too_many(problem: Problem) -> None:
    if best_networks(problem) is not None:
        return
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, BUDGET)
    conflict = caught.value.conflict
    asked = {str(wish.asked): wish for wish in wishes(problem)}
    named = [sentence for sentence in conflict if sentence in asked]
    assert named or any(sentence.startswith("sizes") for sentence in conflict)
    assert len(named) + sum(each.startswith("sizes") for each in conflict) == len(conflict)
    clashing = problem
    for sentence, wish in asked.items():
        if sentence not in named:
            clashing = wish.without(clashing)
    assert best_networks(clashing) is None, conflict
    if not any(each.startswith("sizes") for each in conflict):
        return  # a contradiction of wishes alone, whatever the sizes
    sized = {each.rpartition(" in ")[2] for each in conflict if each.startswith("sizes")}
    if len(problem.layers) > 1 and len(sized) < len(problem.layers):
        return  # one layer's own conflict: the others may break all the same
    for left_out in named:
        fewer = problem
        for sentence, wish in asked.items():
            if sentence not in named or sentence == left_out:
                fewer = wish.without(fewer)
        assert best_networks(fewer) is not None, (conflict, left_out)


def test_nobody_is_the_only_one_of_a_kind_but_who_is_so_among_all() -> None:
    kinds = ("a", "a", "a", "b", "b", "c", None)
    problem = Problem(
        tuple(Member(f"rc{number}") for number in range(7)),
        (Attribute("model", "category", kinds),),
        (Layer("likeness", 3, 4, not_alone=("model",)),),
    )
    solution = solve(problem, Budget(20, 1))
    (partition,) = solution.networks
    (pair,) = (group for group in partition if 3 in group)
    assert 4 in pair
    alone = ((0, 3, 5), (1, 2, 4, 6))
    named = [one.subjects for one in violations(problem, (alone,)) if one.rule == "not_alone"]
    assert named == [("rc0",), ("rc3",), ("rc4",)]


def test_nobody_alone_clashes_with_who_is_apart_and_is_named() -> None:
    problem = Problem(
        tuple(Member(f"rc{number}") for number in range(8)),
        (Attribute("model", "category", ("a", "a", *"bbbbbb")),),
        (Layer("likeness", 4, 4, apart=((0, 1),), not_alone=("model",)),),
    )
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, Budget(20, 1))
    assert set(caught.value.conflict) == {
        "apart: rc0, rc1",
        "not_alone: nobody the only one of a kind by model",
        "sizes: networks of 4 for 8 members",
    }
