"""Every allowed network of every layer as one list of columns, and the rows that bind layers together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from matcher.groups.cover.columns import Columns, all_columns, column_count
from matcher.groups.cover.problem import Cover, FloatArray, IntArray
from matcher.groups.layers.distances import distances
from matcher.groups.layers.splits import largest_needed, undominated
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.layer import Group, Layer, Networks
from matcher.groups.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Rows:
    """Linear rows lower <= sum <= upper, and each column's entries, column by column.

    start: columns + 1; entries of column k are number start[k] to start[k + 1] - 1.
    """

    lower: FloatArray
    upper: FloatArray
    start: IntArray
    row: IntArray
    value: FloatArray

    def __len__(self) -> int:
        return len(self.lower)

    def entries(self, column: int) -> Iterator[tuple[int, float]]:
        """The rows that a column stands in."""
        here = slice(self.start[column], self.start[column + 1])
        return zip(self.row[here].tolist(), self.value[here].tolist(), strict=True)

    def priced(self, prices: FloatArray) -> FloatArray:
        """What each column's entries are worth at the rows' prices."""
        owner = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        worth = np.bincount(owner, self.value * prices[self.row], minlength=len(self.start) - 1)
        return np.asarray(worth, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Pool:
    """Columns: networks first, then members left out of a layer, then surplus meetings of a pair.

    A seat is a participant's place in a layer, numbered through all layers. seats: networks x
    width, filled with the number of seats. seat_costs: each seat's mean dissimilarity to the
    others of the network. layer: of each network. costs: of every column.
    """

    problem: Problem
    seat_of: tuple[tuple[int, int], ...]
    seats: IntArray
    seat_costs: FloatArray
    layer: IntArray
    costs: FloatArray
    rows: Rows
    constant: float

    @property
    def networks(self) -> int:
        """How many of the columns are networks."""
        return len(self.seats)

    def decoded(self, columns: list[int]) -> Networks:
        """The networks that chosen columns stand for, per layer."""
        found: list[list[Group]] = [[] for _ in self.problem.layers]
        for column in columns:
            if column < self.networks:
                seats = [seat for seat in self.seats[column].tolist() if seat < len(self.seat_of)]
                group = tuple(sorted(self.seat_of[seat][1] for seat in seats))
                found[int(self.layer[column])].append(group)
        return tuple(tuple(sorted(groups)) for groups in found)

    def encoded(self, networks: Networks) -> list[int]:
        """The network columns that stand for networks; those the rules forbid are missing."""
        wanted = {
            (place, group)
            for place, groups in enumerate(networks)
            for group in map(_sorted, groups)
        }
        number = {key: seat for seat, key in enumerate(self.seat_of)}
        keys = {
            tuple(sorted(number.get((place, member), -1) for member in group))
            for place, group in wanted
        }
        total = len(self.seat_of)
        return [
            column
            for column, seats in enumerate(self.seats.tolist())
            if tuple(seat for seat in seats if seat < total) in keys
        ]


def pool_size(problem: Problem, *, is_every: bool = False) -> int:
    """How many groups would be listed, before the rules forbid any; see `build_pool`."""
    total = 0
    for layer in problem.layers:
        members = len(problem.participants(layer))
        largest = layer.largest if is_every else largest_needed(problem, layer)
        sizes = range(layer.smallest, min(largest, members) + 1)
        total += sum(_choose(members, size) for size in sizes)
    return total


def build_pool(
    problem: Problem, listed: Mapping[int, Columns] | None = None, *, is_every: bool = False
) -> Pool:
    """List networks of every layer with their costs, and the rows between them.

    listed: columns of each layer's cover, by the layer's place; None = all that the cheapest choice
    may need. is_every: every allowed network, as fairness asks, for which cheap is not all.
    """
    seat_of = tuple(
        (place, member)
        for place, layer in enumerate(problem.layers)
        for member in problem.participants(layer)
    )
    width = max((layer.largest for layer in problem.layers), default=1)
    parts: list[tuple[IntArray, FloatArray, FloatArray, IntArray]] = []
    constant, first = 0.0, 0
    for place, layer in enumerate(problem.layers):
        members = problem.participants(layer)
        if not members:
            continue
        cover = cover_of(problem, layer)
        constant += cover.constant
        if column_count(cover):
            columns = _columns(problem, layer, cover, is_every) if listed is None else listed[place]
            parts.append(_listed(problem, place, columns, (first, len(seat_of), width)))
        first += len(members)
    if not parts:
        empty = np.empty((0, width))
        parts = [(empty.astype(np.int64), empty, np.empty(0), np.empty(0, dtype=np.int64))]
    seats, seat_costs, costs, layers = (
        np.concatenate([part[item] for part in parts]) for item in range(4)
    )
    rows, more_costs = _bind(problem, seat_of, np.asarray(seats), np.asarray(layers))
    return Pool(
        problem,
        seat_of,
        np.asarray(seats),
        np.asarray(seat_costs),
        np.asarray(layers),
        np.concatenate([np.asarray(costs), more_costs]),
        rows,
        constant,
    )


def _columns(problem: Problem, layer: Layer, cover: Cover, is_every: bool) -> Columns:  # noqa: FBT001 - passed on
    if is_every:
        return all_columns(cover)
    columns = all_columns(replace(cover, largest=largest_needed(problem, layer)))
    if layer.number_of_networks is not None:
        return columns  # two in the place of one are one more
    return columns.take(undominated(columns, columns.costs, layer.smallest))


def _listed(
    problem: Problem, place: int, columns: Columns, frame: tuple[int, int, int]
) -> tuple[IntArray, FloatArray, FloatArray, IntArray]:
    """Describe one layer's networks: seats, seat costs, costs and the layer's number."""
    first, total, width = frame
    layer = problem.layers[place]
    count, own = columns.groups.shape
    seats = np.full((count, width), total, dtype=np.int64)
    seats[:, :own] = np.where(columns.groups < columns.n, columns.groups + first, total)
    seat_costs = np.zeros((count, width))
    seat_costs[:, :own] = mean_to_others(problem, layer, columns.groups)
    return seats, seat_costs, columns.costs, np.full(count, place, dtype=np.int64)


def dissimilarities(problem: Problem, layer: Layer) -> FloatArray:
    """Dissimilarities among a layer's participants, by which fairness goes."""
    members = problem.participants(layer)
    how, _ = distances(measure(problem, layer), members)
    return how.block(np.arange(len(members)), np.arange(len(members)))


def mean_to_others(problem: Problem, layer: Layer, groups: IntArray) -> FloatArray:
    """Each member's mean dissimilarity to the others of its group, groups filled with their number."""
    among = dissimilarities(problem, layer)
    n = len(among)
    matrix = np.zeros((n + 1, n + 1))
    matrix[:n, :n] = among
    others = np.maximum((groups < n).sum(1) - 1, 1)
    total = np.zeros(groups.shape)
    for column in range(groups.shape[1]):
        total += matrix[groups, groups[:, column][:, None]]
    return np.asarray(total / others[:, None])


def _bind(
    problem: Problem, seat_of: tuple[tuple[int, int], ...], seats: IntArray, layers: IntArray
) -> tuple[Rows, FloatArray]:
    """Make all rows, and the costs of the columns that are no networks."""
    total = len(seat_of)
    entries = [_Entries.of_seats(seats, total)]
    lower, upper = [1.0] * total, [1.0] * total
    extra_costs: list[float] = []
    column = len(seats)
    # A member with a limit is left out of exactly the layers it is not due in.
    for number in range(len(problem.members)):
        own = [seat for seat, (_, member) in enumerate(seat_of) if member == number]
        spare = len(own) - problem.networks_of(number)
        if spare > 0:
            for seat in own:
                entries.append(_Entries.single(column, [(seat, 1.0), (len(lower), 1.0)]))
                extra_costs.append(0.0)
                column += 1
            lower.append(float(spare))
            upper.append(float(spare))
    for place, layer in enumerate(problem.layers):
        if layer.number_of_networks is not None:
            column_of = np.flatnonzero(layers == place)
            row = np.full(len(column_of), len(lower), dtype=np.int64)
            entries.append(_Entries(column_of, row, np.ones(len(column_of))))
            least, most = layer.number_of_networks
            lower.append(float(least))
            upper.append(float(most))
    for giver in _shared_caps(problem):
        cap = problem.most_asked(giver)
        entries.append(_asked(problem, seat_of, seats, layers, giver).in_row(len(lower)))
        lower.append(-np.inf)
        upper.append(float(cap or 0))
    asks_pairs = problem.repeated_pair > 0.0 or problem.each_pair_once
    pairs = _shared_pairs(problem, seat_of, seats, layers) if asks_pairs else {}
    if pairs:
        entries.append(_meets(problem, seat_of, seats, pairs, len(lower)))
    if pairs and not problem.each_pair_once:
        surplus = np.arange(column, column + len(pairs))
        rows = np.arange(len(lower), len(lower) + len(pairs))
        entries.append(_Entries(surplus, rows, np.full(len(pairs), -1.0)))
        extra_costs += [problem.repeated_pair] * len(pairs)
        column += len(pairs)
    lower += [-np.inf] * len(pairs)
    upper += [1.0] * len(pairs)
    return _Entries.joined(entries, column, lower, upper), np.array(extra_costs)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries of the matrix as triples."""

    column: IntArray
    row: IntArray
    value: FloatArray

    @staticmethod
    def of_seats(seats: IntArray, total: int) -> _Entries:
        inside = seats < total
        column = np.nonzero(inside)[0]
        return _Entries(column, seats[inside], np.ones(len(column)))

    @staticmethod
    def single(column: int, cells: list[tuple[int, float]]) -> _Entries:
        return _Entries(
            np.full(len(cells), column, dtype=np.int64),
            np.array([row for row, _ in cells], dtype=np.int64),
            np.array([value for _, value in cells]),
        )

    def in_row(self, row: int) -> _Entries:
        return _Entries(self.column, np.full(len(self.column), row, dtype=np.int64), self.value)

    @staticmethod
    def joined(parts: list[_Entries], columns: int, lower: list[float], upper: list[float]) -> Rows:
        column = np.concatenate([part.column for part in parts])
        order = np.argsort(column, kind="stable")
        start = np.zeros(columns + 1, dtype=np.int64)
        np.cumsum(np.bincount(column, minlength=columns), out=start[1:])
        return Rows(
            np.array(lower),
            np.array(upper),
            start,
            np.concatenate([part.row for part in parts])[order],
            np.concatenate([part.value for part in parts])[order],
        )


def _shared_caps(problem: Problem) -> list[int]:
    """Name the operational members whose cap several layers of experience draw on together.

    With one such layer the cap is a filter on its networks.
    """
    if sum(layer.is_experience for layer in problem.layers) < 2:
        return []
    return [
        number
        for number, member in enumerate(problem.members)
        if member.is_operational and problem.most_asked(number) is not None
    ]


def _asked(
    problem: Problem,
    seat_of: tuple[tuple[int, int], ...],
    seats: IntArray,
    layers: IntArray,
    giver: int,
) -> _Entries:
    """How many pre-operational members ask a giver in each network that it is in."""
    own = [seat for seat, (_, member) in enumerate(seat_of) if member == giver]
    asks = [problem.members[member].is_operational is False for _, member in seat_of]
    askers = np.array([*asks, False], dtype=np.bool_)
    counts_here = np.array([layer.is_experience for layer in problem.layers], dtype=np.bool_)
    holds = np.isin(seats, own).any(1) & counts_here[layers]
    counts = askers[seats].sum(1) * holds
    column = np.flatnonzero(counts)
    return _Entries(column, column, counts[column].astype(np.float64))


def _shared_pairs(
    problem: Problem, seat_of: tuple[tuple[int, int], ...], seats: IntArray, layers: IntArray
) -> dict[tuple[int, int], int]:
    """Number the pairs of members that listed networks of more than one layer hold."""
    count = len(problem.members)
    member = np.array([*(member for _, member in seat_of), count], dtype=np.int64)[seats]
    held = np.zeros(count * count, dtype=np.int64)
    for layer in range(len(problem.layers)):
        here = member[layers == layer]
        is_held = np.zeros(len(held), dtype=np.bool_)
        for one, other in combinations(range(seats.shape[1]), 2):
            low, high = np.minimum(here[:, one], here[:, other]), here[:, [one, other]].max(1)
            is_held[(low * count + high)[high < count]] = True
        held += is_held
    shared = np.flatnonzero(held > 1)
    return {(int(key) // count, int(key) % count): place for place, key in enumerate(shared)}


def _meets(
    problem: Problem,
    seat_of: tuple[tuple[int, int], ...],
    seats: IntArray,
    pairs: dict[tuple[int, int], int],
    first_row: int,
) -> _Entries:
    """Mark in each pair's row the networks that hold both of the pair."""
    count = len(problem.members)
    row_of = np.full((count + 1, count + 1), -1, dtype=np.int64)
    for (one, other), number in pairs.items():
        row_of[one, other] = row_of[other, one] = first_row + number
    member = np.array([*(member for _, member in seat_of), count], dtype=np.int64)[seats]
    columns, rows = [], []
    for one, other in combinations(range(seats.shape[1]), 2):
        row = row_of[member[:, one], member[:, other]]
        columns.append(np.flatnonzero(row >= 0))
        rows.append(row[row >= 0])
    column = np.concatenate(columns)
    return _Entries(column, np.concatenate(rows), np.ones(len(column)))


def _sorted(group: Group) -> Group:
    return tuple(sorted(group))


def _choose(count: int, size: int) -> int:
    product = 1
    for step in range(size):
        product = product * (count - step) // (step + 1)
    return product
