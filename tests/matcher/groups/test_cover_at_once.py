"""All members priced at once: the groups it begins with, the bound it gives, and the partition it dives to."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
import pytest

from matcher.groups.cover.certificate import check
from matcher.groups.cover.columns import near_columns
from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.large import at_once
from matcher.groups.cover.large.at_once import AtOnce, near_groups
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.large.region import RegionResult, RegionTask
from matcher.groups.cover.problem import (
    BoolArray,
    Cover,
    Groups,
    IntArray,
    SquaredEuclidean,
    no_partition,
)
from matcher.proof import Budget

T = TypeVar("T")
R = TypeVar("R")
SSE = (0.0, *(1.0 / size for size in range(1, 6)))


def here(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    return map(work, tasks)


def uneven(n: int, smallest: int = 3) -> Cover:
    rng = np.random.default_rng(n)
    points = np.exp(rng.normal(0.0, 1.0, (n, 3)) + rng.normal(0.0, 1.0, (n, 1)))
    return Cover(SquaredEuclidean(points), smallest, 5, SSE, coordinates=points)


def as_they_come(n: int) -> Groups:
    return tuple(tuple(range(start, start + 3)) for start in range(0, n, 3))


def at_once_over(cover: Cover, groups: Groups) -> AtOnce:
    return AtOnce(cover, groups, lambda: 1e6, lambda: 1, here)


@pytest.mark.parametrize("smallest", [1, 3])
def test_near_groups_cost_what_they_cost_and_are_those_of_the_table(smallest: int) -> None:
    cover = uneven(90, smallest)
    found, expected = near_groups(cover, 8, 30), near_columns(cover, 8, 30)
    costs = dict(zip(found.rows(), found.costs.tolist(), strict=True))
    assert costs == pytest.approx(
        dict(zip(expected.rows(), expected.costs.tolist(), strict=True)), abs=1e-12
    )


def test_near_groups_are_allowed_ones_only() -> None:
    plain = uneven(60)

    def even_sum(groups: IntArray) -> BoolArray:
        return np.asarray(groups.sum(1) % 2 == 0, dtype=np.bool_)

    cover = Cover(plain.distances, 3, 5, SSE, allowed=even_sum)
    rows = near_groups(cover, 8, 30).rows()
    assert rows
    assert all(sum(row) % 2 == 0 for row in rows)


def test_prices_of_all_at_once_bound_and_the_dive_is_near_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(at_once, "REST", 30)
    cover = uneven(90)
    whole = at_once_over(cover, as_they_come(90))
    duals = whole.prices()
    assert duals is not None
    prices = SharedPrices(cover, lambda: 1e6, lambda: 1, here)
    prices.take(duals)
    groups = whole.dive(1, 5.0)
    best = cover_exactly(cover, Budget(10.0, 1, 0)).proof
    assert prices.certificate is not None
    assert check(cover, prices.certificate).is_valid
    assert best.lower_bound * 0.9 <= prices.bound <= best.objective + 1e-9
    assert groups is not None
    assert sorted(member for group in groups for member in group) == list(range(90))
    assert all(len(group) in cover.sizes for group in groups)
    assert best.lower_bound - 1e-9 <= cover.objective(groups) <= 1.2 * best.objective


def test_without_time_there_is_no_price() -> None:
    cover = uneven(60)
    whole = AtOnce(cover, as_they_come(60), lambda: 0.0, lambda: 1, here)
    assert whole.prices() is None


def test_a_dive_that_leaves_what_does_not_go_together_finds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_way(task: RegionTask) -> RegionResult:
        raise no_partition(task.cover)

    monkeypatch.setattr(at_once, "solve_region", no_way)
    whole = at_once_over(uneven(60), as_they_come(60))
    assert whole.prices() is not None
    assert whole.dive(1, 5.0) is None
