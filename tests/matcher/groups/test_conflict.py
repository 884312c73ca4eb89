"""What `smallest_conflict` names: rules as they were asked for, the fewest that cannot all hold."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InfeasibleError
from matcher.groups.model.layer import Attribute, Group, Layer, Member
from matcher.groups.model.problem import Problem
from matcher.groups.solve import solve
from matcher.groups.why_not.conflict import smallest_conflict
from matcher.groups.why_not.wishes import wishes
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks


def problem_of(count: int, *layers: Layer) -> Problem:
    return Problem(tuple(Member(f"m{number}") for number in range(count)), (), layers)


@st.composite
def wished(draw: st.DrawFn) -> Problem:
    count = draw(st.integers(4, 7))
    smallest = draw(st.integers(2, 3))
    layer = Layer("likeness", smallest, smallest + draw(st.integers(0, 2)))
    group = st.lists(st.integers(0, count - 1), min_size=2, max_size=3, unique=True).map(tuple)
    return problem_of(
        count,
        replace(
            layer,
            together=tuple(draw(st.lists(group, max_size=3))),
            apart=tuple(draw(st.lists(group, max_size=4))),
        ),
    )


def with_only(problem: Problem, kept: set[str]) -> Problem:
    for wish in wishes(problem):
        if str(wish.asked) not in kept:
            problem = wish.without(problem)
    return problem


@settings(max_examples=150)
@given(wished())
def test_no_smaller_set_of_rules_clashes(problem: Problem) -> None:
    if best_networks(problem) is not None:
        return
    conflict = smallest_conflict(problem).conflict
    asked = [str(wish.asked) for wish in wishes(problem)]
    named = [sentence for sentence in conflict if sentence in asked]
    assert len(conflict) - len(named) == any(each.startswith("sizes") for each in conflict)
    assert best_networks(with_only(problem, set(named))) is None
    # Sizes are one rule: with them, one wish fewer than all that are named must be able to hold.
    for fewer in combinations(asked, len(conflict) - 2) if len(conflict) > 1 else ():
        assert best_networks(with_only(problem, set(fewer))) is not None


def clash(problem: Problem, seconds: float = 20.0) -> tuple[str, ...]:
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, Budget(seconds, 1))
    return caught.value.conflict


def listed(*numbers: int) -> str:
    return ", ".join(f"m{number}" for number in numbers)


def test_one_wish_too_many_is_found_among_many_members_and_wishes() -> None:
    many = tuple(range(14))
    pairs: tuple[Group, ...] = tuple((number, number + 10) for number in range(14, 22))
    values = tuple(float(number * 37 % 101) for number in range(40))
    problem = replace(
        problem_of(40, Layer("likeness", 3, 4, apart=(*pairs, many))),
        attributes=(Attribute("x", "number", values),),
    )
    expected = (f"apart: {listed(*many)}", "sizes: networks of 3 to 4 for 40 members")
    assert clash(problem) == expected


def test_a_layer_that_some_are_left_out_of_is_not_blamed_for_its_sizes() -> None:
    # Five in networks of three to four cannot be, but one of them need not take part.
    layers = (Layer("likeness", 3, 4), Layer("nearness", 2, 5, together=((0, 1),), apart=((0, 1),)))
    members = tuple(
        Member(f"m{number}", most_networks=1 if number else None) for number in range(5)
    )
    conflict = clash(replace(problem_of(5, *layers), members=members))
    assert not any("cannot hold exactly 5" in sentence for sentence in conflict)


def test_rules_say_which_of_several_layers_they_belong_to() -> None:
    wish: Group = (0, 1)
    layers = (
        Layer("likeness", 2, 3, together=(wish,)),
        Layer("nearness", 2, 3, together=(wish,), apart=((1, 0),)),
    )
    assert clash(problem_of(6, *layers)) == (
        "together: m0, m1 in nearness",
        "apart: m1, m0 in nearness",
    )
