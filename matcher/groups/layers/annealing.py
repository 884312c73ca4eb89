"""Rounds in which no pair meets twice, made cheaper by annealing: exchanges in any round, repeats at a price.

A round made anew with the others held finds no cheaper one soon, since nearly every pair in it has met. Here all
rounds change a little at a time, and a pair may meet twice on the way (Dowsland 1998 on such walks through
what is not allowed). What is kept is the cheapest that keeps every rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np

from matcher.groups.cover.problem import Cover
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.layer import Group, Layer, Networks, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.rules import cost, violations

# Walks, and the exchanges tried in each for each member of each round; the time is asked for every so many.
WALKS, EXCHANGES, LOOK = 8, 3_000, 1_000
# Temperatures at the beginning and the end, and what a repeat costs, in what an exchange changes on the mean.
HOT, COLD, REPEAT = 0.5, 0.04, 1.0
SAMPLED, DRAWN = 300, 4_096
# So much a network costs that its rules forbid; others then change it away.
FORBIDDEN = 1e12

T = TypeVar("T")


def annealed(
    problem: Problem, starts: Sequence[Networks], keep_going: Callable[[], bool], seed: int
) -> Networks:
    """Return rounds that keep every rule and cost no more than any of those given.

    There are as many networks in a round as in the one of the starts that a walk begins with.
    """
    tables = [_Tables(problem, layer) for layer in problem.layers]
    best = min(starts, key=lambda one: cost(problem, one))
    least = cost(problem, best)
    draws = _Draws(seed)
    for number in range(WALKS):
        if not keep_going():
            break
        walk = _Walk(problem, starts[number % len(starts)], tables, draws)
        found = walk.run(keep_going, least)
        if found is not None and not violations(problem, found):
            price = cost(problem, found)
            if price < least:
                best, least = found, price
    return best


class _Draws:
    """Chance, many numbers from 0 to 1 at a time: one by one they take longer than what they decide."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._left: list[float] = []

    def share(self) -> float:
        """Draw a number from 0 to 1, the end left out."""
        if not self._left:
            self._left = self._rng.random(DRAWN).tolist()
        return self._left.pop()

    def one_of(self, choices: Sequence[T]) -> T:
        """Draw one of some choices, each as often."""
        return choices[int(self.share() * len(choices))]


class _Tables:
    """What a network of a layer costs, each looked up once; networks are sets of bits, a member's place each."""

    def __init__(self, problem: Problem, layer: Layer) -> None:
        self.members = problem.participants(layer)
        self.smallest, self.largest = layer.smallest, layer.largest
        self._cover: Cover | None = cover_of(problem, layer) if self.members else None
        self.constant = self._cover.constant if self._cover else 0.0
        self._place = {member: place for place, member in enumerate(self.members)}
        self._known: dict[int, float] = {}

    def cost(self, network: int) -> float:
        """Return what a network costs; one of no size allowed, or that a rule forbids, more than any other."""
        found = self._known.get(network)
        if found is None:
            found = self._known[network] = self._reckoned(network)
        return found

    def _reckoned(self, network: int) -> float:
        group = _members(network)
        if self._cover is None or not self.smallest <= len(group) <= self.largest:
            return FORBIDDEN
        places = np.array([[self._place[member] for member in group]], dtype=np.int64)
        is_allowed = bool(self._cover.permits(places)[0])
        return float(self._cover.costs(places)[0]) if is_allowed else FORBIDDEN


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A member goes to another network of a round, and one from there, if any, comes in its place."""

    round: int
    goes: int
    comes: int | None
    before: tuple[int, int]
    after: tuple[int, int]


class _Walk:
    """All rounds as they stand, and how often each pair meets."""

    def __init__(
        self, problem: Problem, rounds: Networks, tables: list[_Tables], draws: _Draws
    ) -> None:
        self._tables, self._draws = tables, draws
        self._networks = [[sum(1 << one for one in group) for group in part] for part in rounds]
        self._seats = [
            {one: place for place, group in enumerate(part) for one in group} for part in rounds
        ]
        self._seated = [sorted(seats) for seats in self._seats]
        self._open = [place for place, part in enumerate(rounds) if len(part) > 1]
        self._meets = [[0] * len(problem.members) for _ in problem.members]
        for part in rounds:
            for one, other in (pair for group in part for pair in combinations(group, 2)):
                self._meets[one][other] += 1
                self._meets[other][one] += 1

    def run(self, keep_going: Callable[[], bool], least: float) -> Networks | None:
        """Walk from hot to cold; return the cheapest rounds without repeats below a cost, None where none was met."""
        step_size = self._step_size()
        if not self._open or step_size is None:
            return None
        constant = sum(table.constant for table in self._tables)
        price, repeats = self._price() + constant, self._repeats()
        best: Networks | None = None
        steps = EXCHANGES * sum(map(len, self._seated))
        cooling = (COLD / HOT) ** (1.0 / steps)
        heat = HOT * step_size
        for step in range(steps):
            heat *= cooling
            if step % LOOK == 0 and not keep_going():
                break
            exchange = self._drawn()
            if exchange is None:
                continue
            dearer, more = self._change(exchange)
            rise = dearer + REPEAT * step_size * more
            if rise <= 0.0 or self._draws.share() < math.exp(-rise / heat):
                self._make(exchange)
                price, repeats = price + dearer, repeats + more
                if repeats == 0 and price < least - 1e-9:
                    best, least = self._told(), price
        return best

    def _price(self) -> float:
        return math.fsum(
            table.cost(network)
            for table, part in zip(self._tables, self._networks, strict=True)
            for network in part
        )

    def _repeats(self) -> int:
        return sum(max(0, count - 1) for row in self._meets for count in row) // 2

    def _step_size(self) -> float | None:
        """Return how much an exchange of allowed networks changes the cost on the mean; None where there is none."""
        changes = []
        for _ in range(SAMPLED if self._open else 0):
            exchange = self._drawn()
            change = abs(self._change(exchange)[0]) if exchange else FORBIDDEN
            if change < FORBIDDEN / 2:
                changes.append(change)
        return (math.fsum(changes) / len(changes) or 1.0) if changes else None

    def _drawn(self) -> _Exchange | None:
        """Draw an exchange of two members of a round, or a move where sizes allow it; None of one network."""
        number = self._draws.one_of(self._open)
        goes, comes = (self._draws.one_of(self._seated[number]) for _ in range(2))
        seats, part, table = self._seats[number], self._networks[number], self._tables[number]
        if seats[goes] == seats[comes]:
            return None
        here, there = part[seats[goes]], part[seats[comes]]
        left, right = here & ~(1 << goes), there | 1 << goes
        can_move = left.bit_count() >= table.smallest and right.bit_count() <= table.largest
        if can_move and self._draws.share() < 0.5:
            return _Exchange(number, goes, None, (here, there), (left, right))
        after = (left | 1 << comes, right & ~(1 << comes))
        return _Exchange(number, goes, comes, (here, there), after)

    def _change(self, one: _Exchange) -> tuple[float, int]:
        """Return how much dearer all is after an exchange, and how many repeats more there are."""
        of = self._tables[one.round].cost
        dearer = of(one.after[0]) + of(one.after[1]) - of(one.before[0]) - of(one.before[1])
        stay, meet = self._others(one)
        own = self._meets[one.goes]
        more = sum(own[other] > 0 for other in meet) - sum(own[other] > 1 for other in stay)
        if one.comes is not None:
            its = self._meets[one.comes]
            more += sum(its[other] > 0 for other in stay) - sum(its[other] > 1 for other in meet)
        return dearer, more

    def _others(self, one: _Exchange) -> tuple[list[int], list[int]]:
        """Return who stays where the first goes from, and who is where it comes to."""
        return _members(one.before[0] & one.after[0]), _members(one.before[1] & one.after[1])

    def _make(self, one: _Exchange) -> None:
        seats, part = self._seats[one.round], self._networks[one.round]
        stay, meet = self._others(one)
        here, there = seats[one.goes], part.index(one.before[1])
        part[here], part[there] = one.after
        seats[one.goes] = there
        self._met(one.goes, stay, -1)
        self._met(one.goes, meet, 1)
        if one.comes is not None:
            seats[one.comes] = here
            self._met(one.comes, meet, -1)
            self._met(one.comes, stay, 1)

    def _met(self, member: int, others: list[int], change: int) -> None:
        for other in others:
            self._meets[member][other] += change
            self._meets[other][member] += change

    def _told(self) -> Networks:
        return tuple(_sorted(tuple(map(_group, part))) for part in self._networks)


def _members(network: int) -> list[int]:
    found = []
    while network:
        last = network & -network
        found.append(last.bit_length() - 1)
        network ^= last
    return found


def _group(network: int) -> Group:
    return tuple(_members(network))


def _sorted(part: Partition) -> Partition:
    return tuple(sorted(part))
