"""The checker of bounds accepts what the solver proves and rejects what it does not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.groups.cover.certificate import check
from matcher.groups.cover.columns import Columns
from matcher.groups.cover.cuts import separate, separate_larger
from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Covering,
    Cut,
    DenseDistances,
    SquaredEuclidean,
)
from matcher.groups.cover.twins import no_twins
from matcher.proof import Budget


def random_points(n: int, seed: int) -> Cover:
    points = np.random.default_rng(seed).random((n, 2))
    scale = (0.0, *(1.0 / size for size in range(1, 6)))
    return Cover(SquaredEuclidean(points), 2, 4, scale, coordinates=points)


def random_pairs(n: int, seed: int) -> Cover:
    matrix = np.random.default_rng(seed).random((n, n))
    matrix = matrix + matrix.T
    np.fill_diagonal(matrix, 0.0)
    scale = (0.0, 0.0, *(2.0 / (size - 1) for size in range(2, 6)))
    return Cover(DenseDistances(matrix), 3, 4, scale)


def solved(cover: Cover) -> Covering:
    return cover_exactly(cover, Budget(20.0, 1, 0))


@given(st.integers(4, 24), st.integers(0, 10**6), st.sampled_from(["plane", "random"]))
@settings(max_examples=25)
def test_checker_confirms_every_bound_the_solver_claims(n: int, seed: int, kind: str) -> None:
    cover = random_points(n, seed) if kind == "plane" or n == 5 else random_pairs(n, seed)
    found = solved(cover)
    assert found.certificate is not None
    verdict = check(cover, found.certificate)
    assert verdict.is_valid
    assert verdict.dual_bound <= found.proof.objective * (1 + 1e-9)
    assert verdict.closed is not False


@pytest.mark.parametrize("larger", [False, True])
def test_checker_confirms_a_bound_that_rests_on_cuts(*, larger: bool) -> None:
    cover = random_pairs(22, 1)
    relaxed = Generation(cover, no_twins(22), lambda: True)
    relaxed.seed(8)
    relaxed.converge(np.inf)
    before = relaxed.lower_bound
    while relaxed.add_cuts(larger=larger):
        relaxed.converge(np.inf)
    certificate = Certificate(
        duals=tuple((relaxed.prices.members + relaxed.slack).tolist()),
        cuts=relaxed.prices.cuts,
        lower_bound=relaxed.lower_bound,
    )
    verdict = check(cover, certificate)
    assert verdict.is_valid
    assert before < verdict.dual_bound <= solved(cover).proof.objective * (1 + 1e-9)
    assert certificate.cuts
    longest = max(len(cut.members) for cut in certificate.cuts if cut.divisor == 2)
    assert (longest > 3) == larger


def test_a_ring_that_no_three_members_tell_is_cut_off_by_all_five() -> None:
    around = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [0, 4], [5, 6]])
    columns, halves = Columns(7, around, np.ones(6)), np.array([0.5] * 5 + [1.0])
    assert separate(columns, halves, no_twins(7), set(), 10) == []
    known: set[tuple[int, ...]] = set()
    assert separate_larger(columns, halves, no_twins(7), known, 10) == [Cut((0, 1, 2, 3, 4), 0.0)]
    assert separate_larger(columns, halves, no_twins(7), known, 10) == []


@given(st.integers(8, 20), st.integers(0, 10**6))
@settings(max_examples=25)
def test_a_larger_cut_is_on_an_odd_set_that_is_covered_too_much(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.sort(np.array([rng.permutation(n)[:4] for _ in range(3 * n)]), axis=1)
    columns, values = Columns(n, groups, np.ones(3 * n)), rng.random(3 * n) / 3
    for cut in separate_larger(columns, values, no_twins(n), set(), 20):
        inside = set(cut.members)
        shared = [len(inside & set(group)) for group in groups.tolist()]
        halves = sum(value * (count // 2) for value, count in zip(values, shared, strict=True))
        # Where rows hold, as they do in a relaxation, this sum is the number of members in the cut.
        whole = sum(value * count for value, count in zip(values, shared, strict=True))
        assert len(inside) % 2 == 1
        assert halves > (whole - 1.0) / 2.0


@pytest.mark.parametrize("part", ["bound", "dual", "cut", "closed"])
def test_checker_rejects_a_bound_that_was_tampered_with(part: str) -> None:
    cover = random_points(30, 3)
    found = solved(cover)
    assert found.certificate is not None
    good = found.certificate
    assert check(cover, good).is_valid
    value = found.proof.objective
    bad = {
        "bound": replace(good, lower_bound=value * 1.01),
        "dual": replace(
            good,
            duals=(good.duals[0] + value / 5, *good.duals[1:]),
            lower_bound=good.lower_bound + value / 5,
        ),
        "cut": replace(good, cuts=(*good.cuts, Cut((0, 1, 2), -0.1 * value))),
        "closed": replace(good, closed_at=value * 1.05),
    }[part]
    assert not check(cover, bad).is_valid
