"""Many members: regions solved one by one, on any executor, and one bound over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import TypeVar

import numpy as np

from matcher.clock import Clock
from matcher.errors import NoSolutionInTimeError
from matcher.groups.cover.large.at_once import AtOnce
from matcher.groups.cover.large.bound import (
    NEAREST,
    SPREAD,
    nearest_bound,
)
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.large.region import RegionResult, RegionTask, solve_region
from matcher.groups.cover.large.split import around_worst, small_cover, split
from matcher.groups.cover.large.workers import run_all, workers
from matcher.groups.cover.local_search import LocalSearch
from matcher.groups.cover.problem import (
    Certificate,
    Cover,
    Covering,
    Groups,
    IntArray,
    canonical,
    check_sizes,
    fits,
)
from matcher.proof import Budget, OnProgress, Proof

# Members in a region: in the first quick pass, and when solved by branch-and-price.
QUICK_REGION, REGION = 400, 240
# When, in shares of the time, the first partition ends, when the first prices are due, and when all
# ends; the rest is for putting the answer together.
FIRST, FIRST_PRICES, END = 0.3, 0.6, 0.95
# Up to so many members are priced and searched all at once too: the search takes tables of all pairs, and what
# pricing more takes was not measured.
WHOLE = 5_000
# The share of the time left that this may take at a time.
ACROSS = 0.15
# The share of the time left that a dive's last members may take.
DIVE = 0.5
# Rounds that gain less than a share of the objective, so many in a row, are enough; a gap that is closed.
ROUND_GAIN, IDLE, CLOSED = 1e-5, 3, 1e-7
# Seconds that an answer asked for early waits for its bound at most.
STOPPED = 3.0
# What a region may take at most, in seconds: then its neighbours' turn is worth more.
REGION_SECONDS = 12.0

T = TypeVar("T")
R = TypeVar("R")


def cover_large(
    cover: Cover,
    budget: Budget,
    hint: Groups | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Covering:
    """Partition many members well, with a bound, on as many workers as the executor has.

    executor: anything with the interface of `concurrent.futures.Executor`; without one,
    `budget.workers` processes are started here, or none when that is 1. A worker that is lost
    costs its region one more try, never the solve.

    Raises:
        InfeasibleError: no number of groups of the sizes adds up to n.
        NoSolutionInTimeError: no partition with allowed groups only was found.
    """
    check_sizes(cover)
    clock = Clock(budget, on_progress)
    with workers(executor, budget.workers) as pool:
        return Decomposition(cover, clock, pool, hint).run()


class Decomposition:
    """One large solve: the incumbent partition and the best prices met so far."""

    def __init__(
        self, cover: Cover, clock: Clock, pool: Executor | None, hint: Groups | None
    ) -> None:
        self._cover = cover
        self._clock = clock
        self._pool = pool
        self._rng = np.random.default_rng(clock.budget.seed)
        self._groups = hint
        self._objective = np.inf if hint is None else cover.objective(hint)
        self._rounds = self._idle = 0
        self._end = FIRST_PRICES

        def at_work(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
            return self._run(work, tasks, self._end)

        self._at_work = at_work
        self._prices = SharedPrices(cover, self._rest, lambda: self._workers, at_work)

    def run(self) -> Covering:
        """Partition region by region over ever other borders, bound, and better both while it helps."""
        self._quick_pass()
        if self._groups is None:
            raise NoSolutionInTimeError(self._clock.budget.seconds)
        self._at_once(self._groups)
        self._across()
        self._prices.first(self._groups)
        self._end = END
        while self._before(END)() and not (self._is_settled and self._prices.is_settled):
            if not self._prices.is_settled:
                self._prices.better(self._groups)
            if not self._is_settled:
                self._round()
            if self._prices.bound >= self._objective * (1 - CLOSED):
                break
        self._groups_again()
        bound, method, certificate = self._bound()
        bound = min(bound, self._objective)
        self._clock.tell(method, bound=bound)
        groups = canonical(self._groups)
        return Covering(groups, Proof(self._objective, bound), certificate, method)

    def _rest(self) -> float:
        """Seconds until what is going on now should be over; 0 when that is past or we are told to stop."""
        return max(0.0, self._left(self._end)) if self._clock.keep_going() else 0.0

    def _at_once(self, groups: Groups) -> None:
        """Price all members at once and dive from there; what that leaves is the regions' work."""
        if self._cover.extra is not None or self._cover.n > WHOLE:
            return
        whole = AtOnce(self._cover, groups, self._rest, lambda: self._workers, self._at_work)
        prices = whole.prices()
        if prices is None:
            return
        self._prices.take(prices)
        if self._prices.certificate is None:
            return
        self._clock.tell("prices of all at once", bound=self._prices.bound)
        # A dive that is over early leaves the rest to the regions; one cut short leaves nothing.
        self._end = END
        found = whole.dive(int(self._rng.integers(2**31)), DIVE * self._rest())
        if found is not None:
            self._offer(found, "dive")

    @property
    def _is_settled(self) -> bool:
        """Whether rounds over other borders do not better the partition any more."""
        return self._idle >= IDLE

    def _before(self, share: float) -> Callable[[], bool]:
        """Tell, when asked, whether a share of the time is not over yet."""
        return lambda: self._left(share) > 0.0 and self._clock.keep_going()

    def _left(self, share: float) -> float:
        """Seconds until a share of the time is over."""
        clock = self._clock
        return min(clock.left, share * clock.budget.seconds - clock.seconds)

    def _run(self, work: Callable[[T], R], tasks: Iterable[T], share: float) -> Iterator[R]:
        """Do work on the workers until a share of the time is over."""
        return run_all(self._pool, work, tasks, self._before(share), self._workers)

    @property
    def _workers(self) -> int:
        return self._clock.budget.workers if self._pool is not None else 1

    def _task(self, members: IntArray, seconds: float, *, is_quick: bool) -> RegionTask:
        """Make a region's task, with the incumbent as hint where there is one."""
        cover = small_cover(self._cover, members)
        hint = None
        if self._groups is not None and not is_quick:
            place = {int(member): number for number, member in enumerate(members)}
            hint = tuple(
                tuple(place[member] for member in group)
                for group in self._groups
                if group[0] in place
            )
        seed = int(self._rng.integers(2**31))
        return RegionTask(members, cover, hint, seconds, seed, is_quick)

    def _quick_pass(self) -> None:
        """Make a first partition, each region by construction and local search."""
        regions = split(self._cover, None, QUICK_REGION, self._rng)
        parts = dict(enumerate(_whole(self._cover, regions)))
        groups: list[tuple[int, ...]] = []
        numbers = {int(members[0]): number for number, members in parts.items()}
        share = self._left(FIRST) * self._workers / len(parts)
        tasks = (self._task(members, share, is_quick=True) for members in list(parts.values()))
        for result in self._run(solve_region, tasks, FIRST):
            if result.groups is not None:
                groups += [tuple(result.members[list(group)].tolist()) for group in result.groups]
                del parts[numbers[int(result.members[0])]]
            self._clock.ask("construction")
        if parts and self._cover.allowed is None:
            # Better than nothing where time ran out: members as they come.
            for members in parts.values():
                groups += _as_they_come(self._cover, members)
            parts = {}
        if not parts:
            self._offer(tuple(groups), "construction")

    def _offer(self, groups: Groups, phase: str) -> None:
        """Take a better partition."""
        objective = self._cover.objective(groups)
        if objective < self._objective:
            self._groups, self._objective = groups, objective
            self._clock.tell(phase, incumbent=objective)

    def _round(self) -> None:
        """Solve every region from the incumbent, of a fresh split or about the worst groups, and take what is better."""
        if self._groups is None:
            return
        before = self._objective
        regions = self._regions(self._groups)
        # Three rounds should fit: a member on a border in one is deep inside in another.
        time = self._left(self._end) / max(1, 3 - self._rounds)
        share = min(REGION_SECONDS, 0.95 * time * self._workers / max(1, len(regions)))
        tasks = (self._task(part, share, is_quick=False) for part in regions)
        for result in self._run(solve_region, tasks, self._end):
            self._take(result)
            self._clock.ask("regions")
        self._rounds += 1
        self._across()
        gain = before - self._objective
        self._idle = 0 if gain >= ROUND_GAIN * abs(before) else self._idle + 1

    def _across(self) -> None:
        """Move and exchange members across the borders of regions, as far as a share of the time goes.

        In many dimensions most members of a region are near its border, and their best peers beyond it.
        """
        if self._groups is None or self._cover.n > WHOLE:
            return
        end = self._clock.seconds + ACROSS * self._clock.left
        search = LocalSearch(self._cover, self._groups)
        search.run(lambda: self._clock.seconds < end and self._clock.keep_going())
        if search.is_allowed:
            self._offer(search.groups, "exchanges across regions")

    def _regions(self, groups: Groups) -> list[IntArray]:
        """Split into regions; once there are prices they say where, the larger the less was gained there."""
        if self._prices.certificate is None:
            return split(self._cover, groups, REGION, self._rng)
        prices = np.array(self._prices.certificate.duals)
        return around_worst(self._cover, groups, prices, REGION * (1 + self._idle), self._rng)

    def _take(self, result: RegionResult) -> None:
        """Put a region's better groups into the incumbent."""
        members = result.members
        if result.groups is None or self._groups is None:
            return
        inside = set(members.tolist())
        own = tuple(group for group in self._groups if group[0] in inside)
        new = tuple(tuple(members[list(group)].tolist()) for group in result.groups)
        gain = self._cover.objective(own) - self._cover.objective(new)
        if gain > 1e-12 * abs(self._objective):
            kept = tuple(group for group in self._groups if group[0] not in inside)
            self._groups = kept + new
            self._objective -= gain
            self._clock.tell("regions", incumbent=self._objective)

    def _groups_again(self) -> None:
        """Sum the objective anew, without what many small gains have rounded off."""
        self._objective = self._cover.objective(self._groups or ())

    def _bound(self) -> tuple[float, str, Certificate | None]:
        """Return the best bound met: by prices, else by each member's nearest."""
        found = self._prices
        if found.certificate is not None and found.bound > 0.5 * self._objective:
            # The plain bound would take its time, and is not known to come this near.
            return found.bound, SPREAD, found.certificate
        end = self._clock.budget.seconds
        if not self._clock.keep_going():
            end = min(end, self._clock.seconds + STOPPED)
        plain = nearest_bound(self._cover, lambda: self._clock.seconds < end)
        if found.certificate is not None and found.bound >= plain:
            return found.bound, SPREAD, found.certificate
        return plain, NEAREST, None


def _as_they_come(cover: Cover, members: IntArray) -> list[tuple[int, ...]]:
    """Cut members into groups in the order given, as large as fits."""
    count = -(-len(members) // cover.largest)
    return [tuple(part.tolist()) for part in np.array_split(members, count)]


def _whole(cover: Cover, regions: list[IntArray]) -> list[IntArray]:
    """Regions that can each be cut into groups of the sizes; those that cannot join the next."""
    parts: list[IntArray] = []
    carried = np.empty(0, dtype=np.int64)
    for members in regions:
        part = np.concatenate([carried, members])
        carried = np.empty(0, dtype=np.int64)
        if fits(cover, len(part)):
            parts.append(part)
        else:
            carried = part
    if len(carried):
        # Members carried to the end join the last region that the sizes then fit.
        while parts:
            carried = np.concatenate([carried, parts.pop()])
            if fits(cover, len(carried)):
                break
        parts.append(carried)
    return [np.sort(part) for part in parts]
