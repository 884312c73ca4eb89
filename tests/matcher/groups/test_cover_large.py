"""Many members: valid partitions and bounds, whatever becomes of the workers."""

from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any

import numpy as np
import pytest

from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.large.decomposition import cover_large
from matcher.groups.cover.large.region import choose_region
from matcher.groups.cover.large.split import split
from matcher.groups.cover.problem import Cover, Covering, DenseDistances, SquaredEuclidean
from matcher.groups.cover.solve import cover as pick
from matcher.proof import Budget, Progress

SSE = (0.0, *(1.0 / size for size in range(1, 6)))


def clustered(n: int, seed: int = 0) -> Cover:
    rng = np.random.default_rng(seed)
    centres = rng.random((max(2, n // 40), 2)) * 10.0
    points = centres[rng.integers(0, len(centres), n)] + rng.normal(0.0, 0.3, (n, 2))
    return Cover(SquaredEuclidean(points), 3, 5, SSE, coordinates=points)


def assert_partition(cover: Cover, found: Covering) -> None:
    assert sorted(member for group in found.groups for member in group) == list(range(cover.n))
    assert all(len(group) in cover.sizes for group in found.groups)
    assert found.proof.objective == pytest.approx(cover.objective(found.groups), rel=1e-9)
    assert found.proof.lower_bound <= found.proof.objective


class LosingExecutor(Executor):
    """Loses every other task, as a killed worker does."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - the interface's own signature
        self.count += 1
        future: Future[Any] = Future()
        if self.count % 2:
            future.set_exception(BrokenExecutor("the worker was killed"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


class LateExecutor(LosingExecutor):
    """Never comes to every other choice among groups."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - the interface's own signature
        self.count += fn is choose_region
        future: Future[Any] = Future()
        if fn is not choose_region or self.count % 2:
            future.set_result(fn(*args, **kwargs))
        return future


def test_a_choice_that_never_comes_leaves_a_partition_no_worse_than_the_first() -> None:
    cover = clustered(1_500)
    late = LateExecutor()
    heard: list[Progress] = []
    found = cover_large(cover, Budget(15.0, 2, 0), executor=late, on_progress=heard.append)
    assert_partition(cover, found)
    assert late.count > 1, "choices were asked for"
    first = [one.incumbent for one in heard if one.phase == "construction"]
    assert first[-1] is not None
    assert found.proof.objective <= first[-1]


def test_regions_hold_each_member_once_and_keep_groups_whole() -> None:
    cover = clustered(300)
    groups = tuple(tuple(range(start, start + 3)) for start in range(0, 300, 3))
    regions = split(cover, groups, 60, np.random.default_rng(0))
    assert sorted(np.concatenate(regions).tolist()) == list(range(300))
    assert all(len(region) <= 60 for region in regions)
    assert all(
        len({int(member) // 3 for member in region}) * 3 == len(region) for region in regions
    )


def test_large_bound_is_below_the_proven_optimum() -> None:
    cover = clustered(160)
    best = cover_exactly(cover, Budget(60.0, 1, 0))
    assert best.proof.status == "optimal"
    found = cover_large(cover, Budget(10.0, 1, 0))
    assert_partition(cover, found)
    assert found.proof.objective >= best.proof.objective * (1 - 1e-9)
    assert found.proof.lower_bound <= best.proof.objective * (1 + 1e-9)


def test_large_works_without_coordinates() -> None:
    points = np.random.default_rng(1).random((300, 3))
    table = np.sqrt(((points[:, None] - points[None]) ** 2).sum(2))
    cover = Cover(DenseDistances(table), 2, 4, (0.0, 0.0, 1.0, 1.0, 1.0))
    assert_partition(cover, cover_large(cover, Budget(8.0, 1, 0)))


def test_lost_workers_cost_no_member() -> None:
    cover = clustered(500)
    found = cover_large(cover, Budget(8.0, 2, 0), executor=LosingExecutor())
    assert_partition(cover, found)


def test_processes_of_our_own_partition_many_members() -> None:
    cover = clustered(700)
    assert_partition(cover, cover_large(cover, Budget(12.0, 2, 0)))


@pytest.mark.parametrize("n", [60, 1400])
def test_stop_keeps_the_best_so_far(n: int) -> None:
    cover = clustered(n)
    seen: list[Progress] = []

    def stop(message: Progress) -> bool:
        seen.append(message)
        return message.incumbent is None

    found = pick(cover, Budget(60.0, 1, 0), None, stop)
    assert_partition(cover, found)
    assert seen
    assert found.proof.objective <= min(m.incumbent for m in seen if m.incumbent is not None) + 1e-9


def test_one_seed_and_one_worker_repeat_the_cost() -> None:
    cover = clustered(40)
    costs = {pick(cover, Budget(60.0, 1, 7)).proof.objective for _ in range(2)}
    assert len(costs) == 1


def test_figures_only_get_better_as_the_solve_goes() -> None:
    seen: list[Progress] = []
    pick(clustered(80), Budget(30.0, 1, 0), None, seen.append)
    incumbents = [message.incumbent for message in seen if message.incumbent is not None]
    bounds = [message.lower_bound for message in seen if message.lower_bound is not None]
    assert incumbents == sorted(incumbents, reverse=True)
    assert bounds == sorted(bounds)


class IdleExecutor(Executor):
    """Takes every task and begins none, as workers do that start too late."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401, ARG002 - the interface's own signature
        return Future()


def test_workers_that_never_begin_leave_groups_of_near_members() -> None:
    cover = clustered(240)
    chance = np.random.default_rng(0).permutation(240).tolist()
    by_chance = cover.objective(chance[start : start + 3] for start in range(0, 240, 3))
    found = cover_large(cover, Budget(2.0, 2, 0), executor=IdleExecutor())
    assert_partition(cover, found)
    assert found.proof.objective < 0.05 * by_chance


def test_choices_by_prices_of_all_at_once_come_near_the_proven_optimum() -> None:
    cover = clustered(160, 2)
    best = cover_exactly(cover, Budget(60.0, 1, 0))
    found = cover_large(cover, Budget(60.0, 1, 0))
    assert_partition(cover, found)
    assert best.proof.lower_bound * (1 - 1e-9) <= found.proof.objective
    assert found.proof.objective <= best.proof.objective * 1.03
    assert 0.97 * best.proof.objective <= found.proof.lower_bound
    assert found.proof.lower_bound <= best.proof.objective * (1 + 1e-9)
