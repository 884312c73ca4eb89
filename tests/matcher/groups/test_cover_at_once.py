"""All members priced at once: the groups it begins with, the bound it gives, its parts, and choices by its prices."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
import pytest

from matcher.groups.cover.certificate import check
from matcher.groups.cover.columns import from_groups, near_columns
from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.large import at_once
from matcher.groups.cover.large.at_once import AtOnce, near_groups
from matcher.groups.cover.large.linked import cuts_inside, over_prices, parts_of
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.large.region import ChoiceTask, RelaxTask, choose_region, relax_region
from matcher.groups.cover.problem import (
    BoolArray,
    Cover,
    Cut,
    Groups,
    IntArray,
    SquaredEuclidean,
    canonical,
    fits,
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


def test_prices_of_all_at_once_bound_and_every_part_can_be_partitioned() -> None:
    cover = uneven(90)
    whole = at_once_over(cover, as_they_come(90))
    duals = whole.prices()
    assert duals is not None
    prices = SharedPrices(cover, lambda: 1e6, lambda: 1, here)
    prices.take(duals)
    best = cover_exactly(cover, Budget(10.0, 1, 0)).proof
    assert prices.certificate is not None
    assert check(cover, prices.certificate).is_valid
    assert best.lower_bound * 0.9 <= prices.bound <= best.objective + 1e-9
    sure, parts = whole.parts()
    assert sorted([m for group in sure for m in group] + np.concatenate(parts).tolist()) == list(
        range(90)
    )
    assert all(fits(cover, len(part)) for part in parts)
    links = whole.links(np.array(prices.certificate.duals))
    over = over_prices(cover, as_they_come(90), prices.certificate)
    cost = cover.objective(as_they_come(90))
    assert over.sum() == pytest.approx(cost - prices.bound, rel=1e-6)
    regions = links.regions(as_they_come(90), over, 30, 0.0, np.random.default_rng(0))
    inside = np.concatenate(regions).tolist()
    assert len(set(inside)) == len(inside)
    assert all(len(region) <= 30 for region in regions)
    assert {3 * int(np.argmax(over)) + place for place in range(3)} <= set(inside)


def test_prices_of_a_relaxation_that_time_ended_early_are_lowered_until_they_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(at_once, "ROUNDS", 2)
    monkeypatch.setattr(at_once, "PER_MEMBER", 3)
    cover = uneven(90)
    whole = at_once_over(cover, as_they_come(90))
    lowered: list[float] = []
    lower = AtOnce._lower

    def measured(self: AtOnce) -> None:
        before = self._duals.sum()
        lower(self)
        lowered.append(float((before - self._duals.sum()) / before))

    monkeypatch.setattr(AtOnce, "_lower", measured)
    duals = whole.prices()
    assert duals is not None
    prices = SharedPrices(cover, lambda: 1e6, lambda: 1, here)
    prices.take(duals)
    best = cover_exactly(cover, Budget(10.0, 1, 0)).proof
    assert prices.certificate is not None
    assert check(cover, prices.certificate).is_valid
    assert 0.5 * best.lower_bound <= prices.bound <= best.objective + 1e-9
    # There was something to take off, and what a listing of all takes off besides is next to nothing.
    assert lowered[0] > 0.001
    assert prices.bound == pytest.approx(duals.sum(), rel=1e-3)


def test_parts_that_no_size_fits_join_others() -> None:
    plain = uneven(10)
    cover = Cover(plain.distances, 4, 5, SSE)
    columns = from_groups(cover, [(0, 1, 2, 3), (4, 5, 6, 7), (6, 7, 8, 9)])
    sure, parts = parts_of(cover, columns, np.array([1.0, 0.5, 0.5]))
    # Six members are no groups of four or five: the sure group is given up for ten.
    assert not sure
    assert [part.tolist() for part in parts] == [list(range(10))]


@pytest.mark.parametrize("seed", range(12))
def test_a_choice_among_groups_that_may_gain_finds_the_best_partition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.exp(rng.normal(0.0, 1.0, (10, 2)))
    cover = Cover(SquaredEuclidean(points), 3, 5, SSE)
    order = rng.permutation(10).tolist()
    groups = canonical((order[:3], order[3:6], order[6:]))
    best = cover_exactly(cover, Budget(10.0, 1, 0))
    assert best.certificate is not None
    proven = best.certificate
    # Prices far too low hold as well, and must not hide the best partition; nor must cuts.
    low = np.array(proven.duals) - rng.random(10)
    for duals, cuts in ((np.array(proven.duals), proven.cuts), (low, ()), (low, proven.cuts)):
        for known in (groups, best.groups, None):
            task = ChoiceTask(np.arange(10), cover, known, duals, cuts, 1.0, 30.0, seed)
            found = choose_region(task).groups
            cost = min(cover.objective(one) for one in (found, known) if one is not None)
            assert cost == pytest.approx(best.proof.objective)


def test_a_cut_bears_on_a_region_by_its_members_there() -> None:
    cuts = (Cut((1, 4, 7), 2.0), Cut((0, 1, 2), 1.0))
    assert cuts_inside(cuts, np.array([3, 4, 7])) == (Cut((1, 2), 2.0),)


def test_members_held_below_their_nearest_cost_do_not_stop_the_bound() -> None:
    """Half of the nearest pairs is no bound where others may be left at a lower price."""
    cover = uneven(60)
    best = cover_exactly(cover, Budget(10.0, 1, 0))
    assert best.certificate is not None
    held = np.array(best.certificate.duals)
    held[30:] -= 5.0 * float(held.max())
    around = held.copy()
    around[:30] = np.nan
    unit = best.proof.objective / 60
    task = RelaxTask(np.arange(30), cover, best.groups, unit, 60.0, around)
    # The prices held are themselves an answer: the best is worth no less.
    least = float(held[:30].sum()) - 1e-6 * float(np.abs(held).sum())
    assert relax_region(task).duals.sum() >= least


def test_without_time_there_is_no_price() -> None:
    cover = uneven(60)
    whole = AtOnce(cover, as_they_come(60), lambda: 0.0, lambda: 1, here)
    assert whole.prices() is None
