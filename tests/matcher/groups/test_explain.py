"""Explanations: what is said of a member, of another answer and of how firm the answer is, on the plain rules."""

import pytest

from matcher.geo import great_circle_km
from matcher.groups.model.dissimilarity import largest_km
from matcher.groups.model.layer import Attribute, Layer, Member, Networks, Travel, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.groups.rules import cost
from matcher.groups.solve import SolverError, checked, solve
from matcher.groups.why import explain
from matcher.groups.why.study import study
from matcher.proof import Budget, Proof

BUDGET = Budget(seconds=20.0, workers=1)
PLACES = ((57.7, 12.0), (57.7, 12.9), (58.3, 12.3), (58.4, 13.8), (65.6, 22.2), (63.2, 14.6))
MODELS = ("barnahus", "barnahus", "barnahus", "cmv", None, "cmv")


@pytest.fixture
def problem() -> Problem:
    members = tuple(Member(f"rc{number}") for number in range(6))
    layer = Layer(
        "likeness",
        3,
        3,
        (Weight("model", 3.0), Weight("geography", 1.0)),
        unknown=0.5,
        longest_travel=Travel(300.0, "digital", 0.05),
    )
    attributes = (Attribute("model", "category", MODELS), Attribute("geography", "place", PLACES))
    return Problem(members, attributes, (layer,))


def test_evidence_names_what_is_alike_different_and_unknown(problem: Problem) -> None:
    networks = (((0, 1, 2), (3, 4, 5)),)
    found = explain.evidence(problem, networks, 0)
    assert [share.attribute for share in found[0].alike] == ["model", "geography"]
    assert found[0].different == ()
    assert (found[0].is_digital, found[0].is_thin) == (False, False)
    assert found[4].unknown == ("model",)
    assert found[4].known == pytest.approx(0.25)
    assert (found[4].is_digital, found[4].is_thin) == (True, True)


def test_difference_counts_pairs_and_cost_by_the_first_problem(problem: Problem) -> None:
    one, other = (((0, 1, 2), (3, 4, 5)),), (((0, 1, 3), (2, 4, 5)),)
    found = explain.compare(problem, one, other)
    assert found.broken == (frozenset({(0, 2), (1, 2), (3, 4), (3, 5)}),)
    assert found.made == (frozenset({(0, 3), (1, 3), (2, 4), (2, 5)}),)
    assert found.share == pytest.approx(8 / 10)
    assert found.cost == pytest.approx(cost(problem, other) - cost(problem, one))


def test_forced_pair_costs_what_the_difference_says(problem: Problem) -> None:
    solution = solve(problem, BUDGET)
    changed = explain.with_together(problem, 0, (0, 4))
    after, difference = explain.what_if(problem, solution.networks, changed, BUDGET)
    assert any({0, 4} <= set(group) for group in after.networks[0])
    assert difference.cost == pytest.approx(after.proof.objective - solution.proof.objective)
    assert difference.cost > 0


def test_a_hint_of_wrong_sizes_is_passed_over(problem: Problem) -> None:
    hint = (((0, 1, 2, 3), (4, 5)),)
    assert solve(problem, BUDGET, hint).networks == solve(problem, BUDGET).networks
    found = explain.best_group(problem, _unproven(problem, hint), 0, 4, BUDGET)
    assert found is not None
    assert not found.is_impossible


def test_a_best_group_that_leaves_others_out_is_impossible_and_not_merely_late(
    problem: Problem,
) -> None:
    apart = explain.with_apart(problem, 0, (3, 4, 5))
    wished = explain.with_apart(explain.with_apart(apart, 0, (0, 3)), 0, (1, 3))
    # 2 is alike 0 and 1; then 3, 4 and 5 would be left to each other.
    found = explain.best_group(wished, _unproven(wished, (((0, 4, 1), (2, 3, 5)),)), 0, 2, BUDGET)
    assert found is not None
    assert (found.group, found.cost_to_others, found.is_impossible) == ((0, 1, 2), None, True)


def _unproven(problem: Problem, networks: Networks) -> Solution:
    return Solution(networks, Proof(cost(problem, networks), 0.0), is_optimal=False, method="")


def test_best_group_of_a_member_is_no_worse_for_it_and_costs_the_others(problem: Problem) -> None:
    solution = solve(problem, BUDGET)
    now = {e.member: e.dissimilarity for e in explain.evidence(problem, solution.networks, 0)}
    best = explain.best_group(problem, solution, 0, 5, BUDGET)
    assert best is not None
    assert best.dissimilarity <= now[5] + 1e-12
    assert best.cost_to_others is not None


def test_alternatives_are_near_in_cost_and_clearly_different(problem: Problem) -> None:
    solution = solve(problem, BUDGET)
    found = explain.alternatives(problem, solution, BUDGET, count=2, within=4.0)
    assert found
    for other, difference in found:
        assert difference.share >= explain.CLEARLY_DIFFERENT
        assert 0 <= difference.cost <= 4 * solution.proof.objective + 1e-9
        assert cost(problem, other.networks) == pytest.approx(
            solution.proof.objective + difference.cost
        )


def test_a_pair_that_no_weighting_parts_is_steady(problem: Problem) -> None:
    met = explain.steady_pairs(problem, 0, BUDGET, samples=5)
    assert met[(0, 1)] == 1.0
    assert all(0 < share <= 1 for share in met.values())


def test_largest_distance_among_many_places_is_that_of_all_pairs() -> None:
    many = [(55 + 13 * (n * 37 % 401) / 401, 11 + 12 * (n * 91 % 397) / 397) for n in range(350)]
    every = max(great_circle_km(one, other) for one in many for other in many)
    assert largest_km(many) == pytest.approx(every, abs=1e-9)


def test_a_choice_stopped_early_is_priced_by_the_rules_but_a_proven_claim_must_agree(
    problem: Problem,
) -> None:
    networks = (((0, 1, 2), (3, 4, 5)),)
    real = cost(problem, networks)
    early = Solution(networks, Proof(real + 1.0, real - 1.0), is_optimal=False, method="")
    assert checked(problem, early).proof == Proof(real, real - 1.0)
    for wrong in (
        Solution(networks, Proof(real + 1.0, real + 1.0), is_optimal=True, method=""),
        Solution(networks, Proof(real - 1.0, 0.0), is_optimal=False, method=""),
    ):
        with pytest.raises(SolverError):
            checked(problem, wrong)


def test_a_study_says_it_all_and_stopped_at_once_still_says_the_evidence(problem: Problem) -> None:
    networks = solve(problem, BUDGET).networks
    found = study(problem, networks, BUDGET)
    layer = found["layers"][0]  # type: ignore[index] # a JSON document
    assert [row["id"] for row in layer["members"]] == [f"rc{number}" for number in range(6)]
    assert all(row["best"] is not None for row in layer["members"])
    kept = study(problem, networks, BUDGET, on_step=lambda _share, _document: False)
    first = kept["layers"][0]["members"][0]  # type: ignore[index] # as above
    assert "best" not in first
    assert first["is_digital"] == layer["members"][0]["is_digital"]


def test_pairs_that_hold_are_of_these_networks_and_of_every_other_weighting(
    problem: Problem,
) -> None:
    networks = solve(problem, BUDGET).networks
    ways = {"model": (Weight("model", 1.0),), "near": (Weight("geography", 1.0),)}
    found = study(problem, networks, BUDGET, count=0, weightings=ways)
    weighed = found["weighed"]
    assert isinstance(weighed, list)
    assert [one["key"] for one in weighed] == ["model", "near"]
    layers = found["layers"]
    assert isinstance(layers, list)
    steady = {frozenset(pair["members"]) for pair in layers[0]["steady"]}
    shown = [set(problem.ids(group)) for group in networks[0]]
    others = [[set(group) for group in one["networks"]["likeness"]] for one in weighed]
    every = [frozenset({f"rc{a}", f"rc{b}"}) for a in range(6) for b in range(a)]
    assert steady == {
        pair
        for pair in every
        if all(any(pair <= group for group in groups) for groups in (shown, *others))
    }


def test_what_is_not_known_is_ranked_by_what_it_would_change(problem: Problem) -> None:
    networks = solve(problem, BUDGET).networks
    ways = {"as it is": problem.layers[0].weights}
    found = study(problem, networks, BUDGET, count=0, weightings=ways)
    unknown = found["unknown"]
    assert isinstance(unknown, list)
    weights = [(len(one["moved"]), one["gain"]) for one in unknown]
    assert weights == sorted(weights, reverse=True)
    for one in unknown:
        assert (one["id"], one["attribute"]) == ("rc4", "model")
        values = tuple(one["value"] if at == 4 else value for at, value in enumerate(MODELS))
        told = Attribute("model", "category", values)
        changed = Problem(problem.members, (told, problem.attributes[1]), problem.layers)
        best = solve(changed, BUDGET)
        assert one["gain"] == pytest.approx(cost(changed, networks) - best.proof.objective)
