"""Pricing beside all groups there are: what is listed, what larger sizes add, and what is grown about a member."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.groups.cover.certificate import check
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.large.bound import spread_bound, to_list
from matcher.groups.cover.large.grown import grow_block
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.large.region import ListTask
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import Listing, lengthen, list_groups
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Cut,
    DenseDistances,
    FloatArray,
    SquaredEuclidean,
)
from matcher.groups.cover.twins import no_twins
from matcher.milp import always

T = TypeVar("T")
R = TypeVar("R")
KINDS = {
    "pair-sum": tuple([1.0] * 8),
    "sse": (0.0, *(1.0 / size for size in range(1, 8))),
    "peer-mean": (0.0, 0.0, *(2.0 / (size - 1) for size in range(2, 8))),
}


def here(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    return map(work, tasks)


def some_cover(rng: np.random.Generator, n: int, smallest: int, kind: str) -> Cover:
    """Random dissimilarities, which need not keep to any geometry, some of them the same."""
    table = rng.random((n, n)) ** rng.choice([0.5, 1.0, 3.0])
    if rng.integers(2):
        table = np.round(table, 1)
    table = table + table.T
    np.fill_diagonal(table, 0.0)
    return Cover(DenseDistances(table), smallest, 2 * smallest - 1, KINDS[kind])


def some_cuts(rng: np.random.Generator, n: int, count: int) -> tuple[Cut, ...]:
    """Cuts on three members, and every other one on more, where three or four make one count."""
    found = []
    for number in range(count):
        divisor = 2 if number % 2 else int(rng.integers(3, 5))
        inside = rng.choice(n, 3 if divisor == 2 else divisor + 2, replace=False)
        found.append(Cut(tuple(sorted(inside.tolist())), float(rng.random() / 4), divisor))
    return tuple(found)


def by_force(weights: FloatArray, size: int, threshold: float) -> dict[tuple[int, ...], float]:
    """Every group under a threshold, looked at one by one."""
    found = {}
    for group in combinations(range(len(weights)), size):
        total = float(sum(weights[pair] for pair in combinations(group, 2)))
        if total < threshold:
            found[group] = total
    return found


def assert_same(listed: Listing, expected: dict[tuple[int, ...], float], limit: float) -> None:
    """The same groups and weights, but for those that stand at the limit up to rounding."""
    found = dict(zip(map(tuple, listed.groups.tolist()), listed.weights.tolist(), strict=True))
    assert len(found) == len(listed.groups)
    near = {group for group, value in (expected | found).items() if abs(value - limit) < 1e-9}
    assert set(found) - near == set(expected) - near
    assert all(
        found[group] == pytest.approx(expected[group], abs=1e-9) for group in set(found) - near
    )


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from([-0.2, 0.0, 0.3]))
def test_a_listing_has_every_group_under_the_threshold(
    seed: int, size: int, threshold: float
) -> None:
    rng = np.random.default_rng(seed)
    cover = some_cover(rng, 11, 2, "sse")
    prices = Prices(rng.random(11) * rng.choice([0.2, 0.4, 0.6]), some_cuts(rng, 11, 4))
    weights = prices.weights(cover.pair_costs(size), size)
    listed = list_groups(weights, size, threshold, 10**6)
    assert listed.is_complete
    assert_same(listed, by_force(weights, size, threshold), threshold)


@settings(max_examples=60)
@given(
    st.integers(0, 10_000),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from([0, 4]),
    st.sampled_from([0.0, 0.3]),
)
def test_larger_groups_are_reached_from_the_smallest(
    seed: int, kind: str, count: int, threshold: float
) -> None:
    rng = np.random.default_rng(seed)
    cover = some_cover(rng, 11, 3, kind)
    assert cover.smallest_decide
    prices = Prices(rng.random(11) * rng.choice([0.3, 0.6, 0.9]), some_cuts(rng, 11, count))
    listed = list_groups(prices.weights(cover.pair_costs(3), 3), 3, threshold, 10**6)
    for size in (4, 5):
        weights = prices.weights(cover.pair_costs(size), size)
        listed = lengthen(listed, weights, threshold, 10**6)
        assert listed.is_complete
        assert_same(listed, by_force(weights, size, threshold), threshold)


def test_members_with_room_for_one_group_are_told_from_the_relaxation() -> None:
    """Seven near one another and seven far away: groups of five in each share them at less than one of seven costs."""
    rng = np.random.default_rng(3)
    points = rng.normal(0.0, 1.0, (14, 4))
    points[7:] += 50.0
    cover = Cover(SquaredEuclidean(points), 5, 7, KINDS["sse"])
    relaxed = Generation(cover, no_twins(14), always)
    relaxed.seed(6)
    relaxed.converge(np.inf)
    before = relaxed.lower_bound
    assert {cut.members for cut in relaxed.add_cuts() if cut.divisor == 5} == {
        tuple(range(7)),
        tuple(range(7, 14)),
    }
    relaxed.converge(np.inf)
    best = cover.objective([range(7), range(7, 14)])
    assert before < 0.95 * best
    assert relaxed.lower_bound == pytest.approx(best, rel=1e-6)
    prices = relaxed.prices
    held = tuple((prices.members + relaxed.slack).tolist())
    assert check(cover, Certificate(held, prices.cuts, relaxed.lower_bound)).is_valid


def test_smallest_groups_decide_only_where_pairs_alone_cost() -> None:
    rng = np.random.default_rng(0)
    plain = some_cover(rng, 9, 3, "sse")
    falling = Cover(plain.distances, 3, 5, (0.0, 0.0, 0.0, 1.0, 0.1, 0.1))
    negative = Cover(plain.distances, 3, 5, KINDS["sse"], extra=-plain.dense)
    asked = Cover(plain.distances, 3, 5, KINDS["sse"], allowed=lambda groups: groups[:, 0] >= 0)
    alone = Cover(plain.distances, 1, 5, KINDS["sse"])
    assert [one.smallest_decide for one in (plain, falling, negative, asked, alone)] == [
        True,
        False,
        False,
        False,
        False,
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from([2, 3, 4]),
    st.sampled_from([0, 5]),
)
def test_prices_made_to_hold_are_undercut_by_no_group_of_any_size(
    seed: int, kind: str, smallest: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    n = 12
    cover = some_cover(rng, n, smallest, kind)
    cuts = some_cuts(rng, n, count)
    duals = rng.random(n) * rng.choice([0.3, 0.6, 1.2])
    found = spread_bound(cover, Certificate(tuple(duals.tolist()), cuts, -np.inf), 1e6, here)
    assert found is not None
    bound, held = found
    prices = Prices(np.array(held.duals), cuts)
    for size in cover.sizes:
        groups = np.array(list(combinations(range(n), size)))
        reduced = cover.costs(groups) - prices.members[groups].sum(1) + prices.charge(groups)
        assert reduced.min() > -1e-9
    assert bound == pytest.approx(prices.total, abs=1e-6)
    assert check(cover, held).is_valid


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(4, 6), st.sampled_from([0, 5]))
def test_chains_ended_early_lose_no_group(seed: int, size: int, count: int) -> None:
    """Far members and others that no chain reaches from a block may still be what fills a group."""
    rng = np.random.default_rng(seed)
    n = 20
    points = np.exp(rng.normal(0.0, 1.0, (n, 2)))
    cover = Cover(SquaredEuclidean(points), 4, 7, KINDS["sse"])
    duals = np.partition(cover.dense, 4, axis=1)[:, 4] * rng.uniform(0.1, 0.5, n)
    cuts = some_cuts(rng, n, count)
    every = rng.permutation(n)
    blocks = [np.sort(block) for block in (every[:4], every[4:11], every[11:])]
    quick = to_list(cover, duals, cuts, size, blocks, here)
    assert quick.lightest is not None
    for block in blocks:
        plain = Overrated(cover, duals, cuts).listed(block, size, 10**6, lambda: True)
        early = quick.listed(block, size, 10**6, lambda: True)
        assert plain is not None
        assert early is not None
        assert_same(
            Listing(*early, is_complete=True),
            dict(zip(map(tuple, plain[0].tolist()), plain[1].tolist(), strict=True)),
            0.0,
        )


@pytest.mark.parametrize("size", [3, 5])
def test_grown_groups_are_overrated_and_hold_the_worst(size: int) -> None:
    rng = np.random.default_rng(size)
    points = np.exp(rng.normal(0.0, 1.0, (24, 3)))
    cover = Cover(SquaredEuclidean(points), size, 2 * size - 1, KINDS["sse"] + (1 / 8, 1 / 9))
    duals = np.sort(cover.dense, axis=1)[:, 1 : size + 2].sum(1) / size * 0.5
    every = np.arange(24)
    overrated = Overrated(cover, duals)
    listed = overrated.listed(every, size, 10**6, lambda: True)
    assert listed is not None
    all_there_are = dict(zip(map(tuple, listed[0].tolist()), listed[1].tolist(), strict=True))
    assert len(all_there_are) > 20
    grown = grow_block(ListTask(overrated, every, size, 60.0))
    assert grown.groups is not None
    found = dict(zip(map(tuple, grown.groups.tolist()), grown.reduced.tolist(), strict=True))
    assert found
    assert all(all_there_are[group] == pytest.approx(value) for group, value in found.items())
    assert min(found.values()) == pytest.approx(min(all_there_are.values()))
