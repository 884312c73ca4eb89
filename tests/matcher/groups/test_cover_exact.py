"""The exact method against brute force on tiny problems of every kind."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.errors import InfeasibleError
from matcher.groups.cover import exact
from matcher.groups.cover.certificate import check
from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.problem import (
    BoolArray,
    Cover,
    DenseDistances,
    FloatArray,
    Groups,
    IntArray,
)
from matcher.proof import Budget

KINDS = {
    "pair-sum": tuple(1.0 for _ in range(10)),
    "sse": (0.0, *(1.0 / size for size in range(1, 10))),
    "peer-mean": (0.0, 0.0, *(2.0 / (size - 1) for size in range(2, 10))),
}


def partitions(members: tuple[int, ...], sizes: range) -> Iterator[Groups]:
    """Every partition into groups of the sizes, the plainest way."""
    if not members:
        yield ()
        return
    first, rest = members[0], members[1:]
    for mask in range(1 << len(rest)):
        others = tuple(member for place, member in enumerate(rest) if mask >> place & 1)
        if len(others) + 1 in sizes:
            left = tuple(member for member in rest if member not in others)
            for tail in partitions(left, sizes):
                yield ((first, *others), *tail)


class Ban:
    """Forbids groups that hold two members whose pair is banned."""

    def __init__(self, pairs: IntArray) -> None:
        self.pairs = pairs

    def __call__(self, groups: IntArray) -> BoolArray:
        ok = np.ones(len(groups), dtype=np.bool_)
        for a, b in self.pairs:
            ok &= ~((groups == a).any(1) & (groups == b).any(1))
        return ok


class Few:
    """Each group with fewer than two of the marked members costs, for each other member in it."""

    def __init__(self, marked: BoolArray, price: float) -> None:
        self.marked, self.price = marked, price

    def __call__(self, groups: IntArray) -> FloatArray:
        count = self.marked[groups].sum(1)
        return np.asarray(self.price * (count < 2) * (groups.shape[1] - count), dtype=np.float64)


def plain_cost(cover: Cover, groups: Groups) -> float:
    total = cover.constant
    for group in groups:
        for place, a in enumerate(group):
            for b in group[place + 1 :]:
                total += cover.scale[len(group)] * float(cover.dense[a, b])
                if cover.extra is not None:
                    total += float(cover.extra[a, b])
        if isinstance(cover.besides, Few):
            count = sum(bool(cover.besides.marked[a]) for a in group)
            total += cover.besides.price * (len(group) - count) if count < 2 else 0.0
    return total


def brute_force(cover: Cover) -> float | None:
    costs = [
        plain_cost(cover, groups)
        for groups in partitions(tuple(range(cover.n)), cover.sizes)
        if all(bool(cover.permits(np.array([group]))[0]) for group in groups)
    ]
    return min(costs, default=None)


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    n = draw(st.integers(2, 9))
    smallest = draw(st.integers(2, 4))
    largest = draw(st.integers(smallest, 5))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    metric = draw(st.sampled_from(["points", "random", "duplicated", "grid", "flat"]))
    points = rng.random((n, 2))
    if metric == "duplicated":
        points = points[rng.integers(0, max(1, n // 2), n)]
    if metric == "grid":
        points = rng.integers(0, 3, (n, 2)).astype(np.float64)
    matrix = ((points[:, None] - points[None]) ** 2).sum(2)
    if metric == "random":
        matrix = rng.random((n, n))
        matrix = matrix + matrix.T
    if metric == "flat":
        matrix = np.zeros((n, n))
    matrix *= draw(st.sampled_from([1.0, 1e-6, 1e6]))
    np.fill_diagonal(matrix, 0.0)
    extra = None
    if draw(st.booleans()):
        extra = rng.choice([0.0, 0.0, -0.3, 0.5], (n, n)) * (matrix.max() or 1.0)
        extra = extra + extra.T
    besides = None
    if draw(st.booleans()):
        besides = Few(rng.random(n) < 0.4, 0.2 * (matrix.max() or 1.0))
    pairs = rng.integers(0, n, (draw(st.integers(0, 6)), 2))
    return Cover(
        distances=DenseDistances(matrix),
        smallest=smallest,
        largest=largest,
        scale=KINDS[draw(st.sampled_from(sorted(KINDS)))],
        extra=extra,
        constant=draw(st.sampled_from([0.0, 2.5])),
        allowed=Ban(pairs) if draw(st.booleans()) else None,
        besides=besides,
    )


@pytest.mark.parametrize("most", [exact.LIST_ALL, 0], ids=["listed", "priced"])
@given(cover=covers())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exact_cost_agrees_with_brute_force(
    most: int, monkeypatch: pytest.MonkeyPatch, cover: Cover
) -> None:
    """Whether all groups are written down at first, or only those that prices ask for."""
    monkeypatch.setattr(exact, "LIST_ALL", most)
    best = brute_force(cover)
    if best is None:
        with pytest.raises(InfeasibleError):
            cover_exactly(cover, Budget(20.0, 1, 0))
        return
    found = cover_exactly(cover, Budget(20.0, 1, 0))
    assert sorted(member for group in found.groups for member in group) == list(range(cover.n))
    assert all(len(group) in cover.sizes for group in found.groups)
    assert found.proof.objective == pytest.approx(plain_cost(cover, found.groups), rel=1e-9)
    assert found.proof.objective == pytest.approx(best, rel=1e-7, abs=1e-12)
    assert found.proof.lower_bound <= best + 1e-9 * abs(best) + 1e-12
    assert found.proof.status == "optimal"
    assert found.certificate is not None
    if abs(best - cover.constant) > 1e-6 * float(
        cover.dense.max()
    ):  # the checker reckons in shares of it
        assert check(cover, found.certificate).is_valid
