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
from matcher.groups.cover.large.listing import Overrated
from matcher.groups.cover.problem import Cover, Cut, FloatArray, Groups, IntArray
from matcher.groups.cover.twins import no_twins
from matcher.proof import Budget

# Sets followed at most, from one number of members to the next, when a block is listed.
CHAINS = 600_000


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
class ListTask:
    """List the groups of one size that prices overrate, those of one block (see `Overrated`)."""

    overrated: Overrated
    block: IntArray
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ListResult:
    """What each member lacks at most, as its share of a group's, at most 0; None when too many or too late."""

    block: IntArray
    lack: FloatArray | None


def list_block(task: ListTask) -> ListResult:
    """List every group of a block that the prices overrate, and share out what is lacking."""
    clock = Clock(Budget(task.seconds, 1, 0))
    overrated = task.overrated
    n = overrated.cover.n
    if task.size == 1:
        lack = np.zeros(n)
        lack[task.block] = np.minimum(0.0, -overrated.duals[task.block])
        return ListResult(task.block, lack)
    found = overrated.listed(task.block, task.size, CHAINS, clock.keep_going)
    if found is None:
        return ListResult(task.block, None)
    groups, reduced = found
    return ListResult(task.block, per_member(n, groups, reduced / task.size, 0.0))


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
