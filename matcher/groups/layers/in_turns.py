"""Layers that only repeated pairs bind together: each in turn beside the others, and one bound by prices of the pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from matcher.clock import Clock
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.cover.columns import Columns, join
from matcher.groups.cover.exact import BranchAndPrice
from matcher.groups.cover.large.workers import run_all, workers
from matcher.groups.cover.problem import Cover, FloatArray, Groups, check_sizes
from matcher.groups.cover.solve import EXACT
from matcher.groups.layers.to_cover import cover_of
from matcher.groups.model.layer import Group, Networks, Partition
from matcher.groups.model.problem import Problem
from matcher.groups.model.solution import Solution
from matcher.proof import RELATIVE_TOLERANCE, Budget, OnProgress, Progress, Proof
from matcher.requirement import Requirement

# Shares of the time: when the layers by themselves are done, and the bound with prices of pairs.
ALONE, PRICED = 0.4, 0.6
# How often the prices of pairs are made anew, and how far they then go each time.
STEPS, STEP = 5, 0.75
# Good networks of a layer that its next solve begins with.
KNOWN = 8_000
# What a layer's turn may take of the time left, and at least, in seconds.
A_TURN, SHORT = 0.2, 0.2
# Rounds of turns that change nothing, in a row, are enough.
IDLE = 3
# With less time than this, starting other processes takes too much of it.
LONG = 10.0
METHOD = "each layer by column generation, in turns beside the others; pairs priced over all layers"


def binds_by_pairs_only(problem: Problem) -> bool:
    """Tell whether nothing but the price of repeated pairs binds the layers, each small enough for one master."""
    layers = [layer for layer in problem.layers if problem.participants(layer)]
    is_spare = any(
        problem.networks_of(number) < len(problem.open_layers(number))
        for number in range(len(problem.members))
    )
    return (
        len(layers) > 1
        and problem.repeated_pair > 0.0
        and not problem.each_pair_once
        and not is_spare
        and sum(layer.is_experience for layer in layers) < 2
        and all(len(problem.participants(layer)) <= EXACT for layer in layers)
        and all(layer.number_of_networks is None and layer.moved <= 0.0 for layer in layers)
    )


def solve_in_turns(
    problem: Problem, clock: Clock, hint: Networks | None = None, executor: Executor | None = None
) -> Solution:
    """Find good networks of all layers, with a bound over all of them.

    Raises:
        InfeasibleError: some layer has no partition that its rules allow.
        NoSolutionInTimeError: no partition of some layer was found.
    """
    count = clock.budget.workers if clock.budget.seconds >= LONG else 1
    with workers(executor, count) as pool:
        turns = Turns(problem, clock, pool)
        turns.alone(hint)
        turns.price_pairs()
        turns.improve()
    objective = turns.objective
    bound = min(turns.lower_bound, objective)
    proof = Proof(objective, bound)
    return Solution(turns.networks, proof, proof.status == "optimal", METHOD)


@dataclass(frozen=True, slots=True)
class Turn:
    """A layer to solve once: with prices on pairs in its cover, from a start and from good networks.

    number: of the layer. proves_only: the bound is all that is wanted.
    """

    number: int
    cover: Cover
    start: Groups | None
    known: Columns | None
    seconds: float
    seed: int
    proves_only: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What a turn gives; groups: None = there are none in the time, or with `is_impossible` none at all.

    use: how much of each pair the linear relaxation puts together, participants x participants.
    """

    number: int
    groups: Groups | None
    lower_bound: float
    known: Columns | None
    use: FloatArray | None
    is_impossible: bool = False


def take(turn: Turn, follow: OnProgress | None = None) -> Taken:
    """Solve a layer once, as far as the time goes."""
    clock = Clock(Budget(turn.seconds, 1, turn.seed), follow)
    try:
        check_sizes(turn.cover)
        solve = BranchAndPrice(
            turn.cover, clock, turn.start, known=turn.known, proves_only=turn.proves_only
        )
        found = solve.run()
    except (InfeasibleError, NoSolutionInTimeError) as error:
        is_impossible = isinstance(error, InfeasibleError)
        return Taken(turn.number, None, -np.inf, None, None, is_impossible)
    fresh = solve.promising(KNOWN)
    return Taken(turn.number, found.groups, found.proof.lower_bound, fresh, solve.pair_use())


@dataclass
class _Place:
    """A layer in work: its problem, its best networks, and good ones to begin from.

    use: how much of each pair the linear relaxation puts together, participants x participants.
    """

    members: Group
    cover: Cover
    groups: Groups = ()
    known: Columns | None = None
    use: FloatArray | None = None


class Turns:
    """One solve: the incumbent of every layer, and the best bound so far.

    A pair that meets in k layers costs price x (k - 1), which is at least m x (k - 1) for any m from 0 to
    the price. So with m added to the pair in every layer, the layers' own bounds less the sum of all m
    bound the whole (Lagrange; Geoffrion 1974). And where the other layers are held, a layer's pairs that
    meet there cost the price: a sum over its pairs again.
    """

    def __init__(self, problem: Problem, clock: Clock, pool: Executor | None) -> None:
        self._problem = problem
        self._clock = clock
        self._pool = pool
        self._places = {
            place: _Place(members, cover_of(problem, layer))
            for place, layer in enumerate(problem.layers)
            if (members := problem.participants(layer))
        }
        self._rounds = 0
        self.lower_bound = -np.inf
        self.objective = np.inf

    @property
    def networks(self) -> Networks:
        """The best networks of every layer."""
        found: list[Partition] = [() for _ in self._problem.layers]
        for number, place in self._places.items():
            groups = (
                tuple(sorted(place.members[seat] for seat in group)) for group in place.groups
            )
            found[number] = tuple(sorted(groups))
        return tuple(found)

    def alone(self, hint: Networks | None) -> None:
        """Solve each layer as if there were no other."""
        seconds = self._each(ALONE)

        def turns() -> Iterator[Turn]:
            for number, place in self._places.items():
                start = None if hint is None else _seated(hint[number], place)
                yield self._turn(number, None, seconds, start)

        bounds = {taken.number: self._first(taken) for taken in self._run(turns())}
        for number, place in self._places.items():
            if not place.groups:
                # Stopped, or late: the quickest partition, and the bound that needs no prices.
                bounds[number] = self._first(take(self._turn(number, None, 0.0, None)))
        if not all(place.groups for place in self._places.values()):
            raise NoSolutionInTimeError(self._clock.budget.seconds)
        bound = sum(bounds.values())
        self.lower_bound = bound
        self._tell()

    def _first(self, taken: Taken) -> float:
        """Keep a layer's first networks, where there are any; return its bound.

        Raises:
            InfeasibleError: there are none at all.
        """
        if taken.is_impossible:
            layer = self._problem.layers[taken.number]
            raise InfeasibleError(Requirement("all", note=f"the rules of {layer.name}"))
        place = self._places[taken.number]
        if taken.groups is not None:
            place.known, place.use = taken.known, taken.use
            self._keep(place, taken.groups)
        return taken.lower_bound

    def price_pairs(self) -> None:
        """Raise the bound by prices of pairs that the layers' relaxations put together more than once."""
        count = len(self._problem.members)
        most = self._problem.repeated_pair
        prices = np.zeros((count, count))
        for step in range(STEPS):
            # Where the layers together use a pair once, its price neither gains nor loses.
            prices = np.clip(prices + STEP**step * most * (self._use() - 1.0), 0.0, most)
            np.fill_diagonal(prices, 0.0)
            if not prices.any() or self._left(PRICED) <= 0.0:
                return
            seconds = self._each(PRICED)
            turns = (
                self._turn(number, prices, seconds, place.groups, proves_only=True)
                for number, place in self._places.items()
            )
            bound, left = -float(np.triu(prices, 1).sum()), len(self._places)
            for taken in self._run(turns):
                place = self._places[taken.number]
                bound += taken.lower_bound
                left -= 1
                if taken.known is not None:
                    place.known = _newest(place.known, taken.known, place.cover)
                    place.use = taken.use
            if not left and bound > self.lower_bound:
                self.lower_bound = bound - 1e-11 * (1.0 + abs(bound))
                self._tell()

    def improve(self) -> None:
        """Solve each layer in turn with the others held, until nothing changes any more or time is up."""
        idle = 0
        while idle < IDLE and not self._is_closed and self._left(1.0) > 0.0:
            before = self.objective
            self._rounds += 1
            turns = (
                self._turn(
                    number,
                    self._held(number),
                    max(A_TURN * self._clock.left, SHORT),
                    place.groups,
                )
                for number, place in self._places.items()
            )
            for taken in self._run(turns):
                place = self._places[taken.number]
                if taken.groups is not None and taken.known is not None:
                    place.known = _newest(place.known, taken.known, place.cover)
                    self._keep(place, taken.groups)
                    self._tell()
            idle = 0 if self.objective < before - 1e-9 * abs(before) else idle + 1

    @property
    def _is_closed(self) -> bool:
        return self.objective - self.lower_bound <= 1e-2 * RELATIVE_TOLERANCE * abs(self.objective)

    def _left(self, share: float) -> float:
        """Seconds until a share of the time is over; 0 when stopped."""
        clock = self._clock
        if not clock.keep_going():
            return 0.0
        return min(clock.left, share * clock.budget.seconds - clock.seconds)

    def _each(self, share: float) -> float:
        """Seconds that each layer may take until a share of the time is over, all of them once."""
        at_once = self._clock.budget.workers if self._pool is not None else 1
        return max(0.5, self._left(share) * min(1.0, at_once / len(self._places)))

    def _turn(
        self,
        number: int,
        prices: FloatArray | None,
        seconds: float,
        start: Groups | None,
        *,
        proves_only: bool = False,
    ) -> Turn:
        """Make a layer's turn, with prices on pairs of members besides."""
        place, cover = self._places[number], self._places[number].cover
        if prices is not None:
            seats = np.array(place.members)
            own = prices[np.ix_(seats, seats)]
            cover = replace(cover, extra=own if cover.extra is None else cover.extra + own)
        seed = self._clock.budget.seed + self._rounds
        return Turn(number, cover, start, place.known, seconds, seed, proves_only)

    def _run(self, turns: Iterable[Turn]) -> Iterator[Taken]:
        """Take turns, here or by the workers, until the time is over."""
        work = take if self._pool is not None else partial(take, follow=self._follow)
        count = self._clock.budget.workers
        return run_all(self._pool, work, turns, self._clock.keep_going, count)

    def _keep(self, place: _Place, groups: Groups) -> None:
        """Keep a layer's networks where all layers together are then no dearer."""
        before, place.groups = place.groups, groups
        after = self._cost()
        if before and after > self.objective:
            place.groups = before
        elif all(each.groups for each in self._places.values()):
            self.objective = after

    def _cost(self) -> float:
        """What the networks cost, those of layers not solved yet left out."""
        met = self._met(self._places.values())
        repeats = float(np.triu(np.maximum(met - 1.0, 0.0), 1).sum())
        own = (place.cover.objective(place.groups) for place in self._places.values())
        return sum(own) + self._problem.repeated_pair * repeats

    def _met(self, places: Iterable[_Place]) -> FloatArray:
        """In how many layers each pair meets, members x members."""
        count = len(self._problem.members)
        met = np.zeros((count, count))
        for place in places:
            for group in place.groups:
                for one, other in combinations(group, 2):
                    first, second = place.members[one], place.members[other]
                    met[first, second] += 1.0
                    met[second, first] += 1.0
        return met

    def _held(self, number: int) -> FloatArray:
        """The price of each pair in one layer where the others are held as they are."""
        others = [place for each, place in self._places.items() if each != number]
        held = self._problem.repeated_pair * (self._met(others) > 0.0)
        return np.asarray(held, dtype=np.float64)

    def _use(self) -> FloatArray:
        """How much of each pair all layers' relaxations put together, members x members."""
        count = len(self._problem.members)
        use = np.zeros((count, count))
        for place in self._places.values():
            if place.use is not None:
                seats = np.array(place.members)
                use[np.ix_(seats, seats)] += place.use
        return use

    def _follow(self, _progress: Progress) -> bool:
        """Follow a part of the work only to stop it with the whole."""
        return self._clock.keep_going()

    def _tell(self) -> None:
        incumbent = self.objective if np.isfinite(self.objective) else None
        self._clock.tell(METHOD, incumbent=incumbent, bound=self.lower_bound)


def _newest(known: Columns | None, fresh: Columns, cover: Cover) -> Columns:
    """Join columns, the newest first, up to a few times what a solve begins with."""
    joined = join([fresh] if known is None else [fresh, known], cover).distinct()
    return joined.take(np.arange(min(len(joined), 2 * KNOWN)))


def _seated(partition: Partition, place: _Place) -> Groups | None:
    """Number a hint's members by their place among a layer's; None where it does not fit."""
    seat = {member: number for number, member in enumerate(place.members)}
    groups = tuple(tuple(seat[one] for one in group if one in seat) for group in partition)
    is_whole = sorted(one for group in groups for one in group) == list(range(len(seat)))
    sizes = all(len(group) in place.cover.sizes for group in groups)
    return groups if is_whole and sizes else None
