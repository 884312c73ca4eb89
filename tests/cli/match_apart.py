"""Peer networks judged by the contract's own words, with nothing of the product: what a file costs, and what is cheapest."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import fmean, pstdev

Value = float | str | None
Groups = tuple[tuple[str, ...], ...]
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Asked:
    """A members file as meant, and what is asked of it. Places are (lat, lon) or None by id."""

    ids: tuple[str, ...]
    columns: Mapping[str, Sequence[Value]]
    weights: Mapping[str, float]
    sizes: tuple[int, int]
    places: Sequence[tuple[float, float] | None] = ()
    ordered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unknown: float | None = None
    metric: str = "gower"
    is_standardised: bool = False
    cost: str = "peer-mean"
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    rounds: tuple[Groups, ...] = ()
    stability: float = 0.0
    novelty: float = 0.0


def distance(asked: Asked, one: int, other: int) -> float:
    """Return the dissimilarity of two members."""
    if asked.metric == "sqeuclidean":
        return math.fsum(
            asked.weights[name] * (_scaled(asked, name, one) - _scaled(asked, name, other)) ** 2
            for name in asked.columns
            if asked.weights.get(name)
        )
    parts = [
        (weight, _part(asked, name, one, other)) for name, weight in asked.weights.items() if weight
    ]
    if asked.unknown is None:
        known = [(weight, part) for weight, part in parts if part is not None]
        if not known:
            return 1.0
        return sum(w * p for w, p in known) / sum(w for w, _ in known)
    total = sum(w * (asked.unknown if p is None else p) for w, p in parts)
    return total / sum(w for w, _ in parts)


def _scaled(asked: Asked, name: str, place: int) -> float:
    values = [float(value or 0) for value in asked.columns[name]]
    if not asked.is_standardised:
        return values[place]
    spread = pstdev(values)
    return (values[place] - fmean(values)) / spread if spread else 0.0


def _part(asked: Asked, name: str, one: int, other: int) -> float | None:
    if name == "geography":
        kms = {
            pair: _km(first, second)
            for pair in combinations(range(len(asked.ids)), 2)
            if (first := asked.places[pair[0]]) and (second := asked.places[pair[1]])
        }
        km = kms.get((min(one, other), max(one, other)))
        return None if km is None else km / max(kms.values()) if max(kms.values()) else 0.0
    return _unlike(asked, name, asked.columns[name][one], asked.columns[name][other])


def _unlike(asked: Asked, name: str, first: Value, second: Value) -> float | None:
    if first is None or second is None:
        return None
    if name in asked.ordered:
        levels = list(asked.ordered[name])
        return abs(levels.index(str(first)) - levels.index(str(second))) / (len(levels) - 1)
    if isinstance(first, str) or isinstance(second, str):
        return 0.0 if first == second else 1.0
    known = [float(value) for value in asked.columns[name] if value is not None]
    spread = max(known) - min(known)
    return abs(first - second) / spread if spread else 0.0


def _km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (one, other))
    inner = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return EARTH_KM * math.acos(max(-1.0, min(1.0, inner)))


def total(asked: Asked, groups: Groups) -> float:
    """Return what groups cost, with what was asked of earlier rounds."""
    place = {one: number for number, one in enumerate(asked.ids)}
    found = []
    for group in groups:
        pairs = [distance(asked, place[a], place[b]) for a, b in combinations(group, 2)]
        divisor = {"peer-mean": (len(group) - 1) / 2, "pair-sum": 1.0, "sse": len(group)}
        found.append(math.fsum(pairs) / divisor[asked.cost] if pairs else 0.0)
    now = _pairs(groups)
    newest = (
        {pair for pair in _pairs(asked.rounds[0]) if pair <= set(asked.ids)}
        if asked.rounds
        else set()
    )
    met = set().union(*(_pairs(one) for one in asked.rounds))
    return math.fsum([*found, asked.stability * len(newest - now), asked.novelty * len(met & now)])


def worst_first(asked: Asked, groups: Groups) -> list[float]:
    """Return each member's mean dissimilarity to its group, the worst first."""
    place = {one: number for number, one in enumerate(asked.ids)}
    return sorted(
        (
            fmean(distance(asked, place[one], place[other]) for other in group if other != one)
            for group in groups
            for one in group
        ),
        reverse=True,
    )


def _pairs(groups: Groups) -> set[frozenset[str]]:
    return {frozenset(pair) for group in groups for pair in combinations(group, 2)}


def allowed(asked: Asked) -> Iterator[Groups]:
    """Yield every way to put the members in groups that keeps sizes and wishes."""
    for groups in _partitions(asked.ids, asked.sizes):
        where = {one: number for number, group in enumerate(groups) for one in group}
        if all(len({where[one] for one in wish}) == 1 for wish in asked.together) and all(
            len({where[one] for one in wish}) == len(wish) for wish in asked.apart
        ):
            yield groups


def _partitions(ids: tuple[str, ...], sizes: tuple[int, int]) -> Iterator[Groups]:
    if not ids:
        yield ()
        return
    first, rest = ids[0], ids[1:]
    for size in range(sizes[0], sizes[1] + 1):
        for others in combinations(rest, size - 1):
            left = tuple(one for one in rest if one not in others)
            for more in _partitions(left, sizes):
                yield ((first, *others), *more)
