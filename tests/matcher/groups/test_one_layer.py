"""One layer from a members file: solver, plain rules and brute force agree."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.commands.engine.matching import members_table
from matcher.errors import InfeasibleError
from matcher.groups.files.members import Rounds, Shorthand, read_members
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.problem import Problem
from matcher.groups.solve import solve
from matcher.proof import Budget
from tests.matcher.groups.brute_force import best_networks, fairest_levels


def _read(text: str, options: Shorthand, rounds: Rounds | None = None) -> Problem:
    return read_members(members_table(text.encode()), options, rounds)


BUDGET = Budget(seconds=30.0, workers=1)
NUMBERS = st.one_of(st.just(""), st.sampled_from(["0", "1", "2.5", "-3", "1e2", "7"]))
NAMES = st.sampled_from(["", "barnahus", "cmv", "vnr"])
LEVELS = st.sampled_from(["", "low", "mid", "high"])
LATITUDES = st.one_of(st.just(""), st.floats(55, 68).map(lambda value: f"{value:.3f}"))
LONGITUDES = st.one_of(st.just(""), st.floats(11, 24).map(lambda value: f"{value:.3f}"))


@st.composite
def problems(draw: st.DrawFn, *, is_fair: bool = False) -> Problem:
    count = draw(st.integers(2, 8))
    ids = [f"m{number}" for number in range(count)]
    header = ["id", "area", "model", "phase", "lat", "lon"]
    rows = [
        [name, draw(NUMBERS), draw(NAMES), draw(LEVELS), draw(LATITUDES), draw(LONGITUDES)]
        for name in ids
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    smallest = draw(st.integers(2, 3))
    pair = st.lists(st.sampled_from(ids), min_size=2, max_size=3, unique=True).map(",".join)
    few = st.lists(pair, max_size=2)
    options = Shorthand(
        sizes=f"{smallest}-{draw(st.integers(smallest, 5))}",
        ordered=("phase=low<mid<high",),
        weights=draw(st.sampled_from(["", "area=2,model=0.5", "phase=1,geography=3"])),
        categories="area" if draw(st.booleans()) else "",
        unknown=draw(st.sampled_from(["skip", "0.5"])),
        cost=draw(st.sampled_from(["peer-mean", "pair-sum", "sse"])),
        together=tuple(draw(few)),
        apart=tuple(draw(few)),
        stability=draw(st.sampled_from([0.0, 0.3])),
        novelty=draw(st.sampled_from([0.0, 0.2])),
        is_fair=is_fair,
    )
    half = count // 2
    earlier = (tuple(range(half)), tuple(range(half, count)))
    return _read(text.getvalue(), options, lambda _: (earlier, (tuple(range(count)),)))


@settings(max_examples=60)
@given(problems())
def test_solver_finds_what_brute_force_finds(problem: Problem) -> None:
    best = best_networks(problem)
    if best is None:
        with pytest.raises(InfeasibleError):
            solve(problem, BUDGET)
        return
    solution = solve(problem, BUDGET)
    assert solution.proof.objective == pytest.approx(best[0], abs=1e-9)
    assert solution.proof.lower_bound <= best[0] + 1e-9
    assert solution.is_optimal


@settings(max_examples=30)
@given(problems(is_fair=True))
def test_fairness_finds_the_leximin_vector_of_brute_force(problem: Problem) -> None:
    if best_networks(problem) is None:
        return
    solution = solve(problem, BUDGET)
    assert solution.fairness is not None
    assert solution.fairness.levels == pytest.approx(fairest_levels(problem), abs=1e-8)
    assert solution.fairness.proven == len(problem.members)
    assert solution.is_optimal


@settings(max_examples=60)
@given(problems())
def test_numpy_and_plain_dissimilarities_agree(problem: Problem) -> None:
    layer = problem.layers[0]
    how, matrix = measure(problem, layer), cover_of(problem, layer).dense
    for one in range(len(problem.members)):
        for other in range(one):
            assert matrix[one, other] == pytest.approx(how.between(one, other), abs=1e-12)


def test_gower_counts_as_the_contract_says() -> None:
    text = "id,area,model,phase,lat,lon\na,0,x,low,60,15\nb,10,y,high,60,16\nc,5,,mid,60,17\n"
    options = Shorthand(
        weights="area=1,model=2,phase=1,geography=4", ordered=("phase=low<mid<high",)
    )
    problem = _read(text, options)
    how = measure(problem, problem.layers[0])
    parts = {part.attribute: part.dissimilarity for part in how.parts(0, 2)}
    assert parts == {
        "area": 0.5,
        "model": None,
        "phase": 0.5,
        "geography": pytest.approx(1.0),
    }
    assert how.between(0, 2) == pytest.approx((0.5 + 0.5 + 4.0) / 6)
    half = _read(text, Shorthand(weights="model=2,area=1", unknown="0.5"))
    assert measure(half, half.layers[0]).between(0, 2) == pytest.approx((2 * 0.5 + 0.5) / 3)


def test_a_pair_with_nothing_known_in_common_counts_one() -> None:
    problem = _read("id,x,y\na,1,\nb,,1\n", Shorthand(sizes="2"))
    assert measure(problem, problem.layers[0]).between(0, 1) == 1.0


def test_sse_with_squared_euclidean_is_the_within_group_sum_of_squares() -> None:
    text = "id,x,y\na,0,0\nb,2,0\nc,1,3\n"
    options = Shorthand(sizes="3", metric="sqeuclidean", cost="sse")
    solution = solve(_read(text, options), BUDGET)
    assert solution.proof.objective == pytest.approx(1 + 1 + 0 + 1 + 1 + 4)


def test_certainty_lowers_the_weight_to_the_less_certain_of_a_pair() -> None:
    text = "id,model,area,sure\na,x,0,1\nb,y,10,0.4\n"
    problem = _read(text, Shorthand(sizes="2", certainty=("model=sure",), weights="model=3,area=1"))
    assert measure(problem, problem.layers[0]).parts(0, 1)[0].weight == pytest.approx(1.2)
