"""Each rule that a layer may ask for, by itself and beside others: the solver finds what brute force finds.

A few dozen small problems a rule as a matter of course, a thousand with `--full`.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.codec import read_json, write_json
from matcher.errors import InfeasibleError
from matcher.groups.files.codec import read_problem, write_problem
from matcher.groups.model.layer import Attribute, Balance, Layer, Member, OfAKind, Value, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.groups.solve import solve
from matcher.groups.why_not.wishes import wishes
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks

BUDGET = Budget(seconds=30.0, workers=1)
Asks = Callable[[st.DrawFn, Problem, Layer], Layer]


@st.composite
def problems(draw: st.DrawFn, ask: Asks) -> Problem:
    """One layer of four to seven members with the rule, and at times a pair apart or together."""
    count = draw(st.integers(4, 7))
    members = tuple(Member(f"rc{number}") for number in range(count))

    def cells(*choices: Value | None) -> tuple[Value | None, ...]:
        return tuple(draw(st.sampled_from(choices)) for _ in members)

    attributes = (
        Attribute("area", "number", cells(0, 1, 2.5, 4, 7)),
        Attribute("model", "category", ("a", "b", *cells(None, "a", "b", "c")[2:])),
        Attribute("years", "number", cells(None, 1, 9)),
    )
    smallest = draw(st.integers(2, 3))
    pair = st.sets(st.integers(0, count - 1), min_size=2, max_size=2).map(tuple)
    layer = Layer(
        "likeness",
        smallest,
        draw(st.integers(smallest, 5)),
        (Weight("area", 2.0), Weight("model", draw(st.sampled_from([0.0, 1.0])))),
        cost=draw(st.sampled_from(["peer-mean", "pair-sum", "sse"])),
        apart=draw(st.sampled_from([(), (), (draw(pair),)])),
        together=draw(st.sampled_from([(), (), (draw(pair),)])),
    )
    plain = Problem(members, attributes, (layer,))
    return replace(plain, layers=(ask(draw, plain, layer),))


def some_of_a_kind(draw: st.DrawFn, _problem: Problem, layer: Layer) -> Layer:
    kinds = st.builds(OfAKind, st.just("model"), st.sampled_from(["a", "b"]), st.integers(0, 2))
    return replace(
        layer,
        at_least=tuple(draw(st.lists(kinds, max_size=2))),
        at_most=tuple(draw(st.lists(kinds, max_size=2))),
    )


def nobody_alone(_draw: st.DrawFn, _problem: Problem, layer: Layer) -> Layer:
    return replace(layer, not_alone=("model",))


def balanced_means(draw: st.DrawFn, _problem: Problem, layer: Layer) -> Layer:
    within = st.sampled_from([0.0, 0.5, 1.0, 1.5, 3.0])
    return replace(layer, balanced=(Balance("area", draw(within)), Balance("years", 6.0)))


def named_leaders(draw: st.DrawFn, problem: Problem, layer: Layer) -> Layer:
    every = range(len(problem.members))
    return replace(layer, leaders=tuple(draw(st.permutations(every)))[: draw(st.integers(1, 3))])


def so_many_networks(draw: st.DrawFn, _problem: Problem, layer: Layer) -> Layer:
    least = draw(st.integers(1, 3))
    return replace(layer, number_of_networks=(least, draw(st.integers(least, 3))))


RULES: tuple[Asks, ...] = (
    nobody_alone,
    some_of_a_kind,
    balanced_means,
    named_leaders,
    so_many_networks,
)


def agree(problem: Problem) -> None:
    """Assert that the solver finds the best, or names a clash that is one, and that files keep the rule."""
    assert read_problem(read_json(write_json(write_problem(problem)))) == problem
    best = best_networks(problem)
    if best is not None:
        solution = solve(problem, BUDGET)
        assert violations(problem, solution.networks) == ()
        assert solution.proof.objective == pytest.approx(best[0], abs=1e-9)
        assert solution.proof.lower_bound <= best[0] + 1e-9
        assert solution.is_optimal
        return
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, BUDGET)
    named = set(caught.value.requirements)
    clashing = problem
    for wish in wishes(problem):
        if wish.asked not in named:
            clashing = wish.without(clashing)
    assert best_networks(clashing) is None, caught.value.conflict


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_solver_finds_what_brute_force_finds(rule: Asks) -> None:
    settings(deadline=None, max_examples=25)(given(problems(rule))(agree))()


@pytest.mark.full
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_solver_finds_what_brute_force_finds_a_thousand_times(rule: Asks) -> None:
    few = settings(deadline=None, max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
    few(given(problems(rule))(agree))()


def test_a_number_of_a_kind_that_cannot_be_had_is_named_and_not_those_that_can() -> None:
    asked = (OfAKind("model", "a", 1), OfAKind("model", "b", 2))
    problem = Problem(
        tuple(Member(f"rc{number}") for number in range(6)),
        (Attribute("model", "category", (*"aaabbb",)),),
        (Layer("likeness", 3, 3, at_least=asked, at_most=(OfAKind("model", "a", 3),)),),
    )
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, BUDGET)
    assert set(caught.value.conflict) == {
        "at_least: 2 or more with model b in each network",
        "sizes: networks of 3 for 6 members",
    }


def test_means_that_cannot_be_so_near_are_named() -> None:
    problem = Problem(
        tuple(Member(f"rc{number}") for number in range(6)),
        (Attribute("area", "number", (0, 0, 0, 0, 0, 12)),),
        (Layer("likeness", 3, 3, balanced=(Balance("area", 1.9), Balance("area", 2.0))),),
    )
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, BUDGET)
    assert set(caught.value.conflict) == {
        "balanced: the mean of area in a network within 1.9 of everybody's",
        "sizes: networks of 3 for 6 members",
    }
    wide = replace(problem.layers[0], balanced=(Balance("area", 2.0),))
    assert solve(replace(problem, layers=(wide,)), BUDGET).is_optimal


def _plain(count: int, layer: Layer) -> Problem:
    area = Attribute("area", "number", tuple(float((7 * n) % count) for n in range(count)))
    weighed = replace(layer, weights=(Weight("area", 1.0),))
    return Problem(tuple(Member(f"rc{number}") for number in range(count)), (area,), (weighed,))


def test_more_leaders_than_networks_are_named_with_the_sizes_whatever_the_members() -> None:
    for count in (8, 400):
        leading = tuple(range(count // 2 + 1))
        with pytest.raises(InfeasibleError) as caught:
            solve(_plain(count, Layer("likeness", 2, 3, leaders=leading)), BUDGET)
        leaders, sizes = sorted(caught.value.requirements, key=lambda one: one.rule)
        assert (leaders.rule, len(leaders.subjects)) == ("leaders", count // 2 + 1)
        assert (sizes.rule, sizes.numbers) == ("sizes", (2, 3, count))


def test_a_number_of_networks_that_the_sizes_cannot_make_is_named_whatever_the_members() -> None:
    for count in (9, 400):
        with pytest.raises(InfeasibleError) as caught:
            solve(_plain(count, Layer("likeness", 3, 4, number_of_networks=(1, 2))), BUDGET)
        assert caught.value.conflict == (
            "number_of_networks: from 1 to 2 networks",
            f"sizes: networks of 3 to 4 for {count} members",
        )


def test_so_many_networks_among_more_than_can_be_listed() -> None:
    problem = _plain(70, Layer("likeness", 3, 6, number_of_networks=(14, 14)))
    solution = solve(problem, Budget(seconds=4.0, workers=1))
    assert [len(partition) for partition in solution.networks] == [14]
    assert violations(problem, solution.networks) == ()
