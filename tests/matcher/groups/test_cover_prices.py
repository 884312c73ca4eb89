"""Shared prices: every group they overrate is found, and what is left of them bounds every partition."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.groups.cover import improve
from matcher.groups.cover.certificate import check
from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.large import bound
from matcher.groups.cover.large.bound import relax_regions, spread_bound
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import list_groups
from matcher.groups.cover.problem import Cover, Cut, DenseDistances, SquaredEuclidean
from matcher.proof import Budget

T = TypeVar("T")
R = TypeVar("R")
SSE = (0.0, *(1.0 / size for size in range(1, 6)))


def here(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    return map(work, tasks)


def uneven(n: int, seed: int) -> Cover:
    """Clusters of other widths, repeated rows, and a few members far from all: long reaches, high prices."""
    rng = np.random.default_rng(seed)
    points = np.exp(rng.normal(0.0, 1.0, (n, 3)) + rng.normal(0.0, 1.0, (n, 1)))
    points[: n // 5] = points[rng.integers(0, n, n // 5)]
    return Cover(SquaredEuclidean(points), 3, 5, SSE, coordinates=points)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([0, 6]))
def test_blocks_list_just_the_groups_that_one_listing_of_all_finds(
    seed: int, size: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    n = 24
    table = rng.random((n, n))
    table = table + table.T
    np.fill_diagonal(table, 0.0)
    cover = Cover(DenseDistances(table), 2, 5, SSE)
    duals = rng.random(n) * rng.choice([0.3, 0.5])
    cuts = tuple(
        Cut(tuple(sorted(rng.choice(n, 3, replace=False).tolist())), float(rng.random() / 4))
        for _ in range(count)
    )
    prices = Prices(duals, cuts)
    listing = list_groups(prices.weights(cover.pair_costs(size), size), size, 0.0, 10**6)
    true = listing.weights + prices.surplus(listing.groups)
    expected = {
        tuple(group): value
        for group, value in zip(listing.groups.tolist(), true.tolist(), strict=True)
        if value < 0.0
    }
    found: dict[tuple[int, ...], float] = {}
    every = rng.permutation(n)
    for block in (every[:5], every[5:6], every[6:]):
        listed = Overrated(cover, duals, cuts).listed(np.sort(block), size, 10**6, lambda: True)
        assert listed is not None
        for group, value in zip(listed[0].tolist(), listed[1].tolist(), strict=True):
            assert tuple(group) not in found
            found[tuple(group)] = value
    near = {group for group, value in (expected | found).items() if abs(value) < 1e-9}
    assert set(found) - near == set(expected) - near
    assert all(found[group] == pytest.approx(expected[group]) for group in set(found) - near)


def test_neighbourhoods_end_where_too_much_is_below_any_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wild prices put more chains below nothing than are followed: once the limit was halved for ever."""
    monkeypatch.setattr(improve, "CHAINS", 1)
    cover = uneven(70, 0)
    best = cover_exactly(cover, Budget(4.0, 1, 0))
    assert sorted(member for group in best.groups for member in group) == list(range(70))


@pytest.mark.parametrize("seed", [0, 1])
def test_prices_of_regions_hold_everywhere_and_sweeps_raise_the_bound(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bound, "CORE", 20)
    monkeypatch.setattr(bound, "AROUND", 10)
    cover = uneven(70, seed)
    best = cover_exactly(cover, Budget(15.0, 1, 0))
    first = spread_bound(cover, relax_regions(cover, best.groups, 1e6, here), 1e6, here)
    assert first is not None
    assert check(cover, first[1]).is_valid
    held = np.array(first[1].duals)
    swept = relax_regions(cover, best.groups, 1e6, here, held=held, seed=2)
    # The prices around a core stay as they are, so that the sum can only rise.
    assert sum(swept.duals) >= sum(first[1].duals) - 1e-9
    with_cuts = relax_regions(cover, best.groups, 1e6, here, held=held, seed=2, cuts=4)
    for certificate in (swept, with_cuts):
        after = spread_bound(cover, certificate, 1e6, here)
        assert after is not None
        assert check(cover, after[1]).is_valid
        assert after[0] <= best.proof.objective * (1 + 1e-9)


def test_sweeps_come_near_the_best_where_some_members_are_far_from_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Members with high prices reach all others: once that ended in half of each one's nearest pairs."""
    monkeypatch.setattr(bound, "CORE", 30)
    cover = uneven(110, 3)
    best = cover_exactly(cover, Budget(15.0, 1, 0))
    prices = SharedPrices(cover, lambda: 1e6, lambda: 1, here)
    prices.first(best.groups)
    bounds = [prices.bound]
    while not prices.is_settled:
        prices.better(best.groups)
        bounds.append(prices.bound)
    assert bounds == sorted(bounds)
    assert prices.certificate is not None
    assert check(cover, prices.certificate).is_valid
    assert 0.98 * best.proof.objective <= prices.bound <= best.proof.objective * (1 + 1e-9)
