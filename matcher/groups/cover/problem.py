"""The numeric problem under peer matching: split n members into groups of bounded size at least cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InfeasibleError
from matcher.proof import Proof
from matcher.requirement import Requirement

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Groups = tuple[tuple[int, ...], ...]
Allowed = Callable[[IntArray], BoolArray]
"""Candidate groups of one size (k x m member indices) -> which of the k are allowed."""
Besides = Callable[[IntArray], FloatArray]
"""Groups of one size (k x m member indices) -> what each costs besides its pairs, never below 0."""


class Distances(Protocol):
    """Pairwise dissimilarities, evaluated a block at a time so that n x n need never exist."""

    @property
    def n(self) -> int:
        """How many members there are."""

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Dissimilarities, len(rows) x len(columns)."""


@dataclass(frozen=True, slots=True)
class DenseDistances:
    """Dissimilarities that fit in memory: a symmetric members x members matrix."""

    matrix: FloatArray

    @property
    def n(self) -> int:
        """How many members there are."""
        return len(self.matrix)

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Dissimilarities, len(rows) x len(columns)."""
        return self.matrix[np.ix_(rows, columns)]


@dataclass(frozen=True, slots=True)
class SquaredEuclidean:
    """Squared Euclidean distances between points (members x dimensions), computed when asked for."""

    points: FloatArray

    @property
    def n(self) -> int:
        """How many points there are."""
        return len(self.points)

    def block(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """Squared distances, len(rows) x len(columns), by differences: exact zeros for duplicates."""
        total = np.zeros((len(rows), len(columns)))
        for axis in range(self.points.shape[1]):
            values = self.points[:, axis]
            total += (values[rows][:, None] - values[columns][None, :]) ** 2
        return total


@dataclass(frozen=True, eq=False)
class Cover:
    """Split n members into groups of smallest..largest.

    A group S costs scale[|S|] x (sum of its pair dissimilarities) + (sum of its pair extras) + `besides`;
    a partition costs the sum of its groups + `constant`.

    distances: pairwise dissimilarities, at least 0.
    scale: index = size; pair-sum 1, sse 1/m, peer-mean 2/(m-1).
    extra: n x n symmetric, may be negative (stability, novelty), or None.
    constant: what every partition costs besides.
    allowed: which candidate groups may be used (a filter on columns); None allows all.
        Must be picklable for an executor of processes.
    besides: what a group costs that its pairs do not say, at least 0, so that what pairs bound stays a bound;
        None = nothing. Picklable as well.
    coordinates: members x dimensions, when nearness in them means a small dissimilarity.
    kinds: members of one kind may change places as far as `allowed` and `besides` are concerned; None
        with one of these means that no two may, None without that all may.
    """

    distances: Distances
    smallest: int
    largest: int
    scale: tuple[float, ...]
    extra: FloatArray | None = None
    constant: float = 0.0
    allowed: Allowed | None = None
    besides: Besides | None = None
    coordinates: FloatArray | None = None
    kinds: IntArray | None = None

    @property
    def n(self) -> int:
        """How many members there are."""
        return self.distances.n

    @property
    def sizes(self) -> range:
        """The group sizes allowed, smallest first."""
        return range(self.smallest, min(self.largest, self.n) + 1)

    @property
    def smallest_decide(self) -> bool:
        """Whether prices of members that no group of the smallest size undercuts are undercut by none.

        Averaged over the member taken away, a group of m keeps (m - 2) / m of its pairs and (m - 1) / m of
        its members' prices. So where (m - 1) scale(m) does not fall with m (pair-sum, sse, peer-mean) and
        nothing but pairs costs or is asked about, a group that is overrated holds a smaller one that is.
        """
        if self.extra is not None or self.allowed is not None or self.besides is not None:
            return False
        parts = [(size - 1) * self.scale[size] for size in self.sizes]
        falls = any(after < part * (1 - 1e-12) for part, after in pairwise(parts))
        return self.smallest > 1 and not falls

    @cached_property
    def dense(self) -> FloatArray:
        """All dissimilarities, members x members, zero on the diagonal."""
        every = np.arange(self.n)
        matrix = np.array(self.distances.block(every, every), dtype=np.float64)
        np.fill_diagonal(matrix, 0.0)
        return matrix

    def pair_costs(self, size: int) -> FloatArray:
        """What a pair inside a group of `size` adds to its cost, members x members."""
        costs = self.scale[size] * self.dense
        if self.extra is not None:
            costs = costs + self.extra
        return costs

    def costs(self, groups: IntArray) -> FloatArray:
        """Cost of each of k groups of one size m (k x m member indices), filters not looked at."""
        size = groups.shape[1]
        near, extra = np.zeros(len(groups)), np.zeros(len(groups))
        for first, second in combinations(range(size), 2):
            near += self.dense[groups[:, first], groups[:, second]]
            if self.extra is not None:
                extra += self.extra[groups[:, first], groups[:, second]]
        return self.scale[size] * near + extra + self.beyond(groups)

    def beyond(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size costs besides its pairs."""
        if self.besides is None or not len(groups):
            return np.zeros(len(groups))
        return self.besides(groups)

    def permits(self, groups: IntArray) -> BoolArray:
        """Which of k groups of one size the filter allows."""
        if self.allowed is None or not len(groups):
            return np.ones(len(groups), dtype=np.bool_)
        return np.asarray(self.allowed(groups), dtype=np.bool_)

    def objective(self, groups: Iterable[Iterable[int]]) -> float:
        """What a partition costs, a small block of dissimilarities at a time."""
        total = self.constant
        for group in groups:
            rows = np.array(sorted(group), dtype=np.int64)
            total += self.scale[len(rows)] * float(self.distances.block(rows, rows).sum()) / 2
            if self.extra is not None:
                inside = self.extra[np.ix_(rows, rows)]
                total += float(inside.sum() - np.trace(inside)) / 2
            if self.besides is not None:
                total += float(self.besides(rows[None, :])[0])
        return total

    def in_units(self, unit: float) -> Cover:
        """The same problem with all costs divided by a unit, and without its constant."""
        return Cover(
            distances=DenseDistances(self.dense / unit),
            smallest=self.smallest,
            largest=self.largest,
            scale=self.scale,
            extra=None if self.extra is None else self.extra / unit,
            allowed=self.allowed,
            besides=None if self.besides is None else PartOfBesides(self.besides, None, unit),
            kinds=self.kinds,
        )

    def restricted(self, members: IntArray) -> Cover:
        """The same problem over some of the members, numbered by their place in `members`."""
        matrix = np.array(self.distances.block(members, members), dtype=np.float64)
        np.fill_diagonal(matrix, 0.0)
        return Cover(
            distances=DenseDistances(matrix),
            smallest=self.smallest,
            largest=self.largest,
            scale=self.scale,
            extra=None if self.extra is None else self.extra[np.ix_(members, members)],
            allowed=None if self.allowed is None else RestrictedFilter(self.allowed, members),
            besides=None if self.besides is None else PartOfBesides(self.besides, members),
            coordinates=None if self.coordinates is None else self.coordinates[members],
            kinds=None if self.kinds is None else self.kinds[members],
        )


@dataclass(frozen=True, slots=True)
class RestrictedFilter:
    """A filter over all members, asked about some of them by their place in `members`."""

    allowed: Allowed
    members: IntArray

    def __call__(self, groups: IntArray) -> BoolArray:
        """Which of the candidate groups are allowed."""
        return self.allowed(self.members[groups])


@dataclass(frozen=True, slots=True)
class PartOfBesides:
    """What groups of some members (None = of all) cost besides their pairs, in a unit."""

    besides: Besides
    members: IntArray | None
    unit: float = 1.0

    def __call__(self, groups: IntArray) -> FloatArray:
        """What each of k groups of one size (k x m) costs."""
        whole = groups if self.members is None else self.members[groups]
        return np.asarray(self.besides(whole) / self.unit, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Cut:
    """A subset-row inequality: sum over groups S of floor(|S and members| / divisor) <= floor(|members| / divisor).

    Chvatal-Gomory with one part in `divisor` on each member's row; Jepsen, Petersen, Spoorendonk, Pisinger 2008.
    With the smallest size as the divisor it says how many groups there is room for among some members.
    `weight` is its dual price, at least 0.
    """

    members: tuple[int, ...]
    weight: float
    divisor: int = 2

    @property
    def most(self) -> int:
        """What all groups together may count for: the right-hand side."""
        return len(self.members) // self.divisor

    @property
    def relief(self) -> float:
        """What it adds to the weight of each pair inside at least (see `Prices.weights`)."""
        return self.weight / len(self.members) if self.divisor == 2 else 0.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a bound rests on, enough for `certificate.check` to recompute it from the problem alone.

    duals: one price per member. cuts: subset-row inequalities with their prices.
    lower_bound: the bound that duals and cuts give by themselves, `constant` included.
    closed_at: set when every group that could stand in a better partition was listed, by reduced
        cost, and the choice among them was solved to the end: no partition costs less than this.
    """

    duals: tuple[float, ...]
    cuts: tuple[Cut, ...]
    lower_bound: float
    closed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Covering:
    """A partition found, what is proven about it, the evidence, and how the bound was made."""

    groups: Groups
    proof: Proof
    certificate: Certificate | None
    method: str


def check_sizes(cover: Cover) -> None:
    """Raise InfeasibleError when no number of groups of the allowed sizes adds up to n."""
    if not fits(cover, cover.n):
        raise no_partition(cover)


def fits(cover: Cover, count: int) -> bool:
    """Whether some number of groups of the allowed sizes adds up to `count` members."""
    return -(-count // cover.largest) <= count // max(cover.smallest, 1)


def no_partition(cover: Cover) -> InfeasibleError:
    """Build the error for a problem without any partition."""
    note = (
        f"no partition of {cover.n} members into groups of {cover.smallest} to {cover.largest} "
        "satisfies the rules"
    )
    return InfeasibleError(Requirement("all", note=note))


def canonical(groups: Iterable[Iterable[int]]) -> Groups:
    """Groups in one order: members rising inside a group, groups by their first member."""
    return tuple(sorted(tuple(sorted(int(member) for member in group)) for group in groups))
