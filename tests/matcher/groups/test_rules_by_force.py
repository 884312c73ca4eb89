"""Each rule that a layer may ask for, by itself and beside others: the solver finds what brute force finds.

A few dozen small problems a rule as a matter of course, a thousand with `--full`.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.documents.text import read_json, write_json
from matcher.errors import InfeasibleError, InvalidProblemError
from matcher.groups.files.answer import solution_document
from matcher.groups.files.codec import read_problem, write_problem
from matcher.groups.layers.dealing import dealt
from matcher.groups.model.layer import (
    Attribute,
    Balance,
    CanMeet,
    Cost,
    InCommon,
    Layer,
    Member,
    OfAKind,
    Value,
    Weight,
)
from matcher.groups.model.problem import Problem
from matcher.groups.model.times import quarters, spans, starts
from matcher.groups.rules import penalties, violations
from matcher.groups.solve import solve
from matcher.groups.why_not.wishes import wishes
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks

BUDGET = Budget(seconds=30.0, workers=1)
DAY = "2027-01-11T"
FREE = (
    (),
    (f"{DAY}09:00/{DAY}10:00",),
    (f"{DAY}09:30/{DAY}10:30", f"{DAY}13:00/{DAY}13:30"),
    (f"{DAY}09:00/{DAY}09:15", f"{DAY}09:45/{DAY}13:15"),
    (f"{DAY}08:00/{DAY}17:00",),
)
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
        Attribute(
            "skills",
            "set",
            cells(None, *(frozenset(each) for each in ("", "x", "xy", "yz", "xyz"))),
        ),
        Attribute("free", "times", cells(None, *map(quarters, FREE))),
    )
    smallest = draw(st.integers(2, 3))
    pair = st.sets(st.integers(0, count - 1), min_size=2, max_size=2).map(tuple)
    layer = Layer(
        "likeness",
        smallest,
        draw(st.integers(smallest, 5)),
        (
            Weight("area", 2.0),
            Weight("model", draw(st.sampled_from([0.0, 1.0]))),
            Weight("skills", draw(st.sampled_from([0.0, 1.0]))),
            Weight("free", draw(st.sampled_from([0.0, 2.0])), is_unlike=draw(st.booleans())),
        ),
        unknown=draw(st.sampled_from([None, 0.5])),
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


def much_in_common(draw: st.DrawFn, problem: Problem, layer: Layer) -> Layer:
    sets = [one for one in problem.attribute("skills").values if isinstance(one, frozenset)]
    known = sorted(frozenset().union(*sets))
    kinds = st.sampled_from(known).map(lambda kind: (OfAKind("skills", kind, 1),))
    return replace(
        layer,
        in_common=(InCommon("skills", draw(st.integers(0, 2))),),
        at_least=draw(st.one_of(st.just(()), kinds) if known else st.just(())),
    )


def can_meet(draw: st.DrawFn, _problem: Problem, layer: Layer) -> Layer:
    minutes = draw(st.sampled_from([0, 15, 20, 30, 60, 240]))
    return replace(layer, can_meet=(CanMeet("free", minutes),))


def newcomers_and_leavers(draw: st.DrawFn, problem: Problem, layer: Layer) -> Layer:
    """Somebody is new, and an earlier network may have lost all but one, or be too large."""
    before = draw(st.permutations(range(len(problem.members))))[draw(st.integers(0, 2)) :]
    place = draw(st.integers(1, 4))
    newest = tuple(group for group in (tuple(before[:place]), tuple(before[place:])) if group)
    is_kept = draw(st.booleans())
    return replace(
        layer,
        history=(newest,),
        standing=is_kept,
        moved=draw(st.sampled_from([0.0, 0.3, 5.0] if is_kept else [0.3, 5.0])),
        stability=draw(st.sampled_from([0.0, 0.0, 0.2])),
    )


RULES: tuple[Asks, ...] = (
    nobody_alone,
    some_of_a_kind,
    balanced_means,
    much_in_common,
    can_meet,
    newcomers_and_leavers,
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


@st.composite
def rounds(draw: st.DrawFn) -> Problem:
    """Two or three rounds in which no pair meets twice; at times one is of another kind, or somebody is away."""
    count = draw(st.integers(4, 6))
    several = draw(st.integers(2, 3 if count < 6 else 2))
    away = draw(st.sampled_from([(), (), ("round 1",)]))
    members = tuple(Member(f"rc{n}", opt_out=away if n == count - 1 else ()) for n in range(count))
    values = tuple(draw(st.sampled_from([0, 1, 2.5, 4, 7])) for _ in members)
    layers = tuple(
        Layer(
            f"round {number}",
            2,
            draw(st.sampled_from([2, 2, 3])),
            (Weight("area", 1.0, is_unlike=draw(st.booleans())),),
            cost=draw(st.sampled_from(["peer-mean", "pair-sum"])),
        )
        for number in range(several)
    )
    return Problem(members, (Attribute("area", "number", values),), layers, each_pair_once=True)


def test_rounds_are_what_brute_force_finds() -> None:
    settings(max_examples=25)(given(rounds())(agree))()


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_rounds_are_what_brute_force_finds_a_thousand_times() -> None:
    few = settings(max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
    few(given(rounds())(agree))()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_solver_finds_what_brute_force_finds(rule: Asks) -> None:
    settings(max_examples=25)(given(problems(rule))(agree))()


@pytest.mark.full
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_solver_finds_what_brute_force_finds_a_thousand_times(rule: Asks) -> None:
    few = settings(max_examples=1_000, suppress_health_check=[HealthCheck.too_slow])
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


def test_free_times_read_back_and_only_those_in_a_row_make_a_meeting() -> None:
    told = (f"{DAY}09:00/{DAY}10:00", f"{DAY}10:15/{DAY}11:00")
    free = quarters((f"{DAY}10:30/{DAY}11:00", f"{DAY}09:00/{DAY}10:00", f"{DAY}10:15/{DAY}10:45"))
    assert spans(free) == told
    assert quarters(spans(free)) == free
    assert starts(free, 50) == {f"{DAY}09:00"}
    assert starts(free, 45) == {f"{DAY}09:00", f"{DAY}09:15", f"{DAY}10:15"}


@pytest.mark.parametrize(
    "span", ["", "2027-01-11", f"{DAY}09:05/{DAY}10:00", f"{DAY}10:00/{DAY}10:00", "x/y"]
)
def test_a_span_that_is_none_is_refused_with_its_place(span: str) -> None:
    document = {
        "members": [{"id": "a", "values": {"free": [span]}}, {"id": "b"}],
        "attributes": [{"name": "free", "kind": "times"}],
    }
    with pytest.raises(InvalidProblemError) as caught:
        read_problem(document)
    (fault,) = caught.value.faults
    assert fault.where == "$.members[0].values.free"
    assert "quarters" in fault.expected


def test_a_circle_that_cannot_meet_is_named_and_one_that_can_says_when() -> None:
    hours = [quarters((f"{DAY}{hour:02}:00/{DAY}{hour + 1:02}:00",)) for hour in (9, 9, 9, 13)]
    members = tuple(Member(f"rc{number}") for number in range(4))
    free = Attribute("free", "times", (*hours,))
    problem = Problem(members, (free,), (Layer("likeness", 2, 2, can_meet=(CanMeet("free", 45),)),))
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, BUDGET)
    assert set(caught.value.conflict) == {
        "can_meet: 45 minutes of free in common in each network",
        "sizes: networks of 2 for 4 members",
    }
    later = replace(free, values=(hours[0], hours[3], hours[0], hours[3] | hours[0]))
    problem = replace(problem, attributes=(later,))
    document = solution_document(problem, solve(problem, BUDGET), BUDGET, 0.0)
    groups = document["groups"]
    assert isinstance(groups, list)
    assert [group["members"] for group in groups] == [["rc0", "rc2"], ["rc1", "rc3"]]
    assert [group["can_meet"]["free"] for group in groups] == [
        [f"{DAY}09:00/{DAY}10:00"],
        [f"{DAY}13:00/{DAY}14:00"],
    ]


@pytest.mark.parametrize("cost", ["peer-mean", "pair-sum", "sse"])
@pytest.mark.parametrize("newest", [((0, 1), (2, 3)), ((0, 1), (2,))])
def test_networks_that_cost_nothing_are_proven_and_not_left_a_rounding_above_their_bound(
    newest: tuple[tuple[int, ...], ...], cost: Cost
) -> None:
    layer = Layer("likeness", 2, 5, (Weight("area", 1.0),), cost=cost)
    problem = Problem(
        tuple(Member(f"rc{number}") for number in range(4)),
        (Attribute("area", "number", (0, 0, 7, 7)),),
        (replace(layer, history=(newest,), stability=0.2, moved=0.3),),
    )
    solution = solve(problem, BUDGET)
    assert (solution.proof.objective, solution.is_optimal) == (0.0, True)
    assert solution.proof.gap == 0.0


def test_one_who_leaves_moves_one_and_newcomers_join_what_stands() -> None:
    area = Attribute("area", "number", (0, 0, 1, 5, 5, 5, 6, 9, 9, 9, 9))
    rounds = (((0, 1), (3, 4, 5, 6), (7, 8, 9, 10)),)  # a third has left the first network
    layer = Layer("likeness", 3, 4, (Weight("area", 1.0),), history=rounds, moved=10.0)
    ten = Problem(tuple(Member(f"rc{n}") for n in range(11)), (area,), (layer,))
    (partition,) = solve(ten, BUDGET).networks
    # Number 2 is new: nobody has to move.
    assert partition == ((0, 1, 2), (3, 4, 5, 6), (7, 8, 9, 10))
    gone = replace(layer, history=(((0, 1, 2), (3, 4, 5, 6), (7, 8, 9, 10)),))
    left = replace(
        ten,
        members=(replace(ten.members[0], opt_out=("likeness",)), *ten.members[1:]),
        layers=(gone,),
    )
    solution = solve(left, BUDGET)
    assert [one.subjects for one in penalties(left, solution.networks)] == [("rc6",)]
    stay = replace(left, layers=(replace(gone, standing=True),))
    with pytest.raises(InfeasibleError) as caught:
        solve(stay, BUDGET)
    assert set(caught.value.conflict) == {
        "standing: the networks of the round before stay whole, each by itself",
        "sizes: networks of 3 to 4 for 10 members",
    }


def test_newcomers_join_what_stands_among_more_than_can_be_listed() -> None:
    layer = Layer("likeness", 3, 5, history=(tuple((n, n + 1, n + 2) for n in range(0, 48, 3)),))
    problem = _plain(58, replace(layer, standing=True))
    solution = solve(problem, Budget(seconds=8.0, workers=1))
    assert violations(problem, solution.networks) == ()
    few = replace(problem.layers[0], standing=False, moved=5.0)
    mended = replace(problem, layers=(few,))
    solution = solve(mended, Budget(seconds=8.0, workers=1))
    assert penalties(mended, solution.networks) == ()


def _tables(count: int, rounds: int, size: int) -> Problem:
    members = [{"id": f"rc{n}", "values": {"area": (5 * n) % 7}} for n in range(count)]
    members[0]["opt_out"] = ["talk"]
    layers = [{"name": "table", "sizes": [size, size], "rounds": rounds}, {"name": "talk"}]
    if rounds > 1:
        del layers[1], members[0]["opt_out"]
    return read_problem({"members": members, "layers": layers, "each_pair_once": True})


def test_a_year_of_tables_is_a_layer_a_round_and_proven_where_small() -> None:
    problem = _tables(9, 4, 3)
    assert [layer.name for layer in problem.layers] == [f"table {n}" for n in (1, 2, 3, 4)]
    solution = solve(problem, BUDGET)
    assert violations(problem, solution.networks) == ()
    # In four rounds of three, each of nine meets all eight others: every choice costs the same.
    assert solution.is_optimal
    assert read_problem(read_json(write_json(write_problem(problem)))) == problem


def test_more_rounds_than_there_are_members_to_meet_are_named_whatever_the_members() -> None:
    for count in (8, 90):
        problem = _tables(count, count, 2)
        with pytest.raises(InfeasibleError) as caught:
            solve(problem, Budget(seconds=8.0, workers=1))
        rules = {one.rule for one in caught.value.requirements}
        assert rules == {"each_pair_once", "sizes"}


def test_rounds_among_more_than_can_be_listed_repeat_nobody() -> None:
    problem = _tables(64, 3, 4)
    solution = solve(problem, Budget(seconds=12.0, workers=1))
    assert violations(problem, solution.networks) == ()
    assert solution.proof.lower_bound <= solution.proof.objective


@pytest.mark.parametrize(
    ("count", "rounds", "sizes"),
    [(26, 4, (4, 5)), (16, 5, (4, 4)), (26, 8, (3, 5)), (40, 6, (4, 6))],
)
def test_rounds_are_dealt_out_however_little_time_there_is(
    count: int, rounds: int, sizes: tuple[int, int]
) -> None:
    """A round after the other, each as good as can be, finds no end; dealing and exchanges do, at once."""
    problem = _tables(count, rounds, sizes[0])
    problem = replace(
        problem, layers=tuple(replace(one, largest=sizes[1]) for one in problem.layers)
    )
    networks = dealt(problem, lambda: True, 0)
    assert networks is not None
    assert violations(problem, networks) == ()
    assert dealt(problem, lambda: True, 0) == networks


def test_nothing_is_dealt_out_where_there_is_no_room_or_another_rule_asks_for_more() -> None:
    assert dealt(_tables(9, 5, 3), lambda: True, 0) is None
    problem = _tables(12, 2, 3)
    asked = tuple(replace(one, together=((0, 1), (1, 2))) for one in problem.layers)
    assert dealt(replace(problem, layers=asked), lambda: True, 0) is None
    apart = tuple(replace(one, apart=((0, 1, 2, 3),)) for one in problem.layers)
    networks = dealt(replace(problem, layers=apart), lambda: True, 0)
    assert networks is not None
    assert not any(len({0, 1, 2, 3}.intersection(group)) > 1 for one in networks for group in one)


def test_rounds_are_solved_where_the_greedy_ones_end_and_have_a_bound() -> None:
    problem = _tables(16, 2, 4)
    wide = tuple(replace(one, largest=8) for one in problem.layers)
    solution = solve(replace(problem, layers=wide), Budget(seconds=6.0, workers=1))
    assert violations(problem, solution.networks) == ()
    assert solution.proof.lower_bound >= 0.0
