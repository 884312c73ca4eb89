"""The work of one region, as plain functions of plain data: what an executor sends to its workers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.clock import Clock
from matcher.errors import NoSolutionInTimeError
from matcher.groups.cover.bounds import per_member
from matcher.groups.cover.columns import from_groups
from matcher.groups.cover.construct import WAYS
from matcher.groups.cover.exact import BranchAndPrice
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import list_groups
from matcher.groups.cover.problem import Cover, Cut, FloatArray, Groups, IntArray
from matcher.groups.cover.twins import no_twins
from matcher.proof import Budget

# Sets followed at most when a region is priced.
CHAINS = 120_000
# What is left of a core's prices, try by try, when too many groups undercut them.
SHARES = (1.0, 0.95, 0.85, 0.6)
# Rounds of cuts in a region's relaxation.
CUT_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class RegionTask:
    """Partition some members: the problem over them, what is known, and how long it may take.

    members: their numbers in the whole problem. hint: in the region's own numbers.
    """

    members: IntArray
    cover: Cover
    hint: Groups | None
    seconds: float
    seed: int
    is_quick: bool


@dataclass(frozen=True, slots=True)
class RegionResult:
    """A region's partition, in the region's own numbers; None when it found none."""

    members: IntArray
    groups: Groups | None


def solve_region(task: RegionTask) -> RegionResult:
    """Partition a region: first partitions and local search when quick, else branch-and-price."""
    clock = Clock(Budget(task.seconds, 1, task.seed))
    ways = WAYS if task.hint is None else ()
    solve = BranchAndPrice(task.cover, clock, task.hint, ways)
    if task.is_quick:
        return RegionResult(task.members, solve.groups)
    try:
        found = solve.run()
    except NoSolutionInTimeError:
        return RegionResult(task.members, None)
    return RegionResult(task.members, found.groups)


@dataclass(frozen=True, slots=True)
class RelaxTask:
    """Solve the linear relaxation over a core and its surroundings, for the core's prices.

    core: numbers in the whole problem of the cover's first members. unit: the mean cost per member.
    groups: the incumbent's groups inside, in the cover's own numbers.
    """

    core: IntArray
    cover: Cover
    groups: Groups
    unit: float
    seconds: float


@dataclass(frozen=True, slots=True)
class RelaxResult:
    """Prices of a core's members, and of cuts inside the core, in the whole problem's numbers."""

    core: IntArray
    duals: FloatArray
    cuts: tuple[Cut, ...]


def relax_region(task: RelaxTask) -> RelaxResult:
    """Solve the linear relaxation of a region with cuts, as far as the time goes."""
    clock = Clock(Budget(task.seconds, 1, 0))
    cover = task.cover.in_units(task.unit)
    relaxed = Generation(cover, no_twins(cover.n), clock.keep_going)
    relaxed.add(from_groups(cover, task.groups))
    relaxed.seed(8)
    try:
        relaxed.converge(np.inf)
        for _ in range(CUT_ROUNDS):
            if not relaxed.is_converged or not relaxed.add_cuts():
                break
            relaxed.converge(np.inf)
    except ArithmeticError:
        # The best bound before stands.
        clock.ask("the linear master gave up")
    count = len(task.core)
    duals = (relaxed.prices.members + relaxed.slack)[:count] * task.unit
    cuts = tuple(
        Cut(tuple(task.core[list(cut.members)].tolist()), cut.weight * task.unit)
        for cut in relaxed.prices.cuts
        if max(cut.members) < count
    )
    return RelaxResult(task.core, duals, cuts)


@dataclass(frozen=True, slots=True)
class PriceTask:
    """Price the groups that hold a member of the core: the first members of a cover.

    core: their numbers in the whole problem. cover: None when the core is too large to be priced;
    its other members are those near the core.
    """

    core: IntArray
    cover: Cover | None
    prices: Prices
    seconds: float


@dataclass(frozen=True, slots=True)
class PriceResult:
    """Prices of the core's members that no group undercuts; None when the listing was cut off."""

    core: IntArray
    held: FloatArray | None


def price_region(task: PriceTask) -> PriceResult:
    """List every group that the prices overrate, and share out what is lacking.

    When those are too many, the core's prices are first lowered; prices asked of others may stay
    as they are, since a lower price only raises what groups cost over it.
    """
    if task.cover is None:
        return PriceResult(task.core, None)
    clock = Clock(Budget(task.seconds, 1, 0))
    count = len(task.core)
    for share in SHARES:
        members = task.prices.members.copy()
        members[:count] = np.minimum(members[:count], share * members[:count])
        floors = _floors(task.cover, Prices(members, task.prices.cuts), clock)
        if floors is not None:
            return PriceResult(task.core, members[:count] + floors[:count])
    return PriceResult(task.core, None)


def _floors(cover: Cover, prices: Prices, clock: Clock) -> FloatArray | None:
    """Find each member's share of the most negative group with it, at most 0; None when cut off."""
    floors = np.zeros(cover.n)
    for size in cover.sizes:
        if size == 1:
            floors = np.minimum(floors, -prices.members)
            continue
        weights = prices.weights(cover.pair_costs(size), size)
        listing = list_groups(weights, size, 0.0, CHAINS, give_up=True, keep_going=clock.keep_going)
        if not listing.is_complete:
            return None
        reduced = listing.weights + prices.surplus(listing.groups)
        allowed = cover.permits(listing.groups)
        share = reduced[allowed] / size
        floors = np.minimum(floors, per_member(cover.n, listing.groups[allowed], share, 0.0))
    return floors
