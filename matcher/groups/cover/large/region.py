"""The work of one region, as plain functions of plain data: what an executor sends to its workers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.clock import Clock
from matcher.errors import NoSolutionInTimeError
from matcher.groups.cover.bounds import per_member
from matcher.groups.cover.columns import best_per_member, from_groups, join, pad
from matcher.groups.cover.construct import WAYS, tour
from matcher.groups.cover.exact import BranchAndPrice
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.improve import choose_inside, columns_inside
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.local_search import LocalSearch
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.problem import Cover, Cut, FloatArray, Groups, IntArray
from matcher.groups.cover.twins import no_twins
from matcher.milp import always
from matcher.proof import Budget

# Sets followed at most, from one number of members to the next, when a block is listed.
CHAINS = 600_000
# Sets followed, groups of least cost over their prices, and those of each member, in a choice for a region.
CHAINED, IN_CHOICE, EACH = 6_000, 1_500, 12
# Nodes of a choice's search: most end long before, and the clock need not end any.
NODES = 300
# More than a group costs over its members' prices (mean cost per member = 1).
FAR = 1e6


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
class ChoiceTask:
    """Partition some members anew by a choice among groups that cost little over the members' prices.

    members: their numbers in the whole problem. groups: their partition now, in the region's own numbers;
        None = they have none, and any is welcome. duals, cuts: prices that hold everywhere, of the members and
        of the cuts as they bear on them. unit: the mean cost per member. effort: times what a choice takes at first.
    """

    members: IntArray
    cover: Cover
    groups: Groups | None
    duals: FloatArray
    cuts: tuple[Cut, ...]
    unit: float
    seconds: float
    seed: int
    effort: int = 1


def choose_region(task: ChoiceTask) -> RegionResult:
    """Partition a region better than it is; no groups when that was not found.

    What it costs over prices that hold everywhere is the most that can be gained, and no group that costs
    more over its own can take part in that: no prices need be found for the region.
    """
    clock = Clock(Budget(task.seconds, 1, task.seed))
    cover = task.cover.in_units(task.unit)
    duals = task.duals / task.unit
    cuts = tuple(replace(cut, weight=cut.weight / task.unit) for cut in task.cuts)
    is_new = task.groups is None
    own = from_groups(cover, _walked(cover, task.seed) if task.groups is None else task.groups)
    over = float(own.costs.sum() - duals.sum()) if len(own) else FAR
    over += sum(cut.weight * cut.most for cut in cuts)
    every = np.arange(cover.n)
    prices = Prices(duals, cuts)
    found, reduced = columns_inside(
        cover, prices, every, max(over, 0.0), clock.keep_going, CHAINED * task.effort
    )
    # Far members' groups are dear by any price: each member keeps some of its best.
    best = best_per_member(found, reduced, EACH)
    few = found.take(np.arange(min(len(found), IN_CHOICE * task.effort)))
    parts = [own, few, best]
    if cover.smallest == 1:
        parts.append(pad(cover, every[:, None], cover.beyond(every[:, None])))
    columns = join(parts, cover).distinct()
    whole = np.ones(cover.n, dtype=np.bool_)
    nodes = NODES * task.effort
    chosen = choose_inside(columns, whole, len(own), clock.left, task.seed, clock.keep_going, nodes)
    if chosen is None and is_new and len(own):
        chosen = own
    if chosen is None or not (is_new or chosen.costs.sum() < own.costs.sum() * (1 - 1e-10)):
        return RegionResult(task.members, None)
    return RegionResult(task.members, chosen.rows())


def _walked(cover: Cover, seed: int) -> Groups:
    """A first partition of a region by a walk and local search; none where a filter may forbid it."""
    if cover.allowed is not None:
        return ()
    search = LocalSearch(cover, tour(cover, np.random.default_rng(seed)))
    search.run(always)
    return search.groups


@dataclass(frozen=True, slots=True)
class RelaxTask:
    """Solve the linear relaxation over a core and its surroundings, for the core's prices.

    core: numbers in the whole problem of the cover's first members. unit: the mean cost per member.
    groups: the incumbent's groups inside, in the cover's own numbers. held: the prices at which the
        surroundings stay, NaN in the core; None = all are found anew. cuts: rounds of them.
    """

    core: IntArray
    cover: Cover
    groups: Groups
    unit: float
    seconds: float
    held: FloatArray | None = None
    cuts: int = 0


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
    held = None if task.held is None else task.held / task.unit
    relaxed = Generation(cover, no_twins(cover.n), clock.keep_going, held)
    relaxed.add(from_groups(cover, task.groups))
    relaxed.seed(8)
    try:
        relaxed.converge(np.inf)
        for _ in range(task.cuts):
            if not relaxed.is_converged or not relaxed.add_cuts(larger=True):
                break
            relaxed.converge(np.inf)
    except ArithmeticError:
        # The best bound before stands.
        clock.ask("the linear master gave up")
    count = len(task.core)
    duals = (relaxed.prices.members + relaxed.slack)[:count] * task.unit
    cuts = tuple(
        Cut(tuple(task.core[list(cut.members)].tolist()), cut.weight * task.unit, cut.divisor)
        for cut in relaxed.prices.cuts
        if max(cut.members) < count
    )
    return RelaxResult(task.core, duals, cuts)


@dataclass(frozen=True, slots=True)
class ListTask:
    """List the groups of one size that prices overrate, those of one block (see `Overrated`)."""

    overrated: Overrated
    block: IntArray
    size: int
    seconds: float


def light_block(task: ListTask) -> tuple[IntArray, FloatArray]:
    """Find what pairs of a block's members weigh at least (see `Overrated.halves`)."""
    return task.block, task.overrated.halves(task.block, task.size)


@dataclass(frozen=True, slots=True)
class ListResult:
    """What each member lacks at most, as its share of a group's, at most 0; None when too many or too late.

    count: members of the block. near: groups that only cuts keep from being overrated, or that are; None = not asked for.
    """

    count: int
    lack: FloatArray | None
    near: IntArray | None = None


def list_block(task: ListTask) -> ListResult:
    """List every group of a block that the prices overrate, and share out what is lacking."""
    clock = Clock(Budget(task.seconds, 1, 0))
    overrated = task.overrated
    n = overrated.cover.n
    if task.size == 1:
        lack = np.zeros(n)
        lack[task.block] = np.minimum(0.0, -overrated.duals[task.block])
        return ListResult(len(task.block), lack)
    found = overrated.chained(task.block, task.size, CHAINS, clock.keep_going)
    if found is None:
        return ListResult(len(task.block), None)
    groups, reduced = overrated.overrated(*found)
    lack = per_member(n, groups, reduced / task.size, 0.0)
    keeps = overrated.cuts and overrated.cover.smallest_decide
    return ListResult(len(task.block), lack, found[0] if keeps else None)


@dataclass(frozen=True, slots=True)
class LengthenTask:
    """List the groups of larger sizes that prices overrate and that hold one of some of the smallest size."""

    overrated: Overrated
    sets: IntArray
    seconds: float


def lengthen_block(task: LengthenTask) -> ListResult:
    """List every larger group around some of the smallest size, and share out what is lacking."""
    clock = Clock(Budget(task.seconds, 1, 0))
    overrated, sets = task.overrated, task.sets
    lack = np.zeros(overrated.cover.n)
    for size in overrated.cover.sizes[1:]:
        found = overrated.lengthened(sets, CHAINS, clock.keep_going)
        if found is None:
            return ListResult(0, None)
        groups, reduced = overrated.overrated(*found)
        np.minimum(lack, per_member(len(lack), groups, reduced / size, 0.0), out=lack)
        sets = found[0]
    return ListResult(0, lack)


@dataclass(frozen=True, slots=True)
class PricedBlock:
    """Groups that prices overrate and what each lacks (below 0); no groups when too many or too late."""

    groups: IntArray | None
    reduced: FloatArray


def price_block(task: ListTask) -> PricedBlock:
    """List every group of a block that the prices overrate, for a relaxation to take in."""
    clock = Clock(Budget(task.seconds, 1, 0))
    found = task.overrated.listed(task.block, task.size, CHAINS, clock.keep_going)
    if found is None:
        return PricedBlock(None, np.empty(0))
    groups, reduced = found
    return PricedBlock(groups, reduced)
