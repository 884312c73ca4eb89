"""Many members: regions solved one by one, on any executor, and one bound over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from itertools import chain
from typing import TypeVar

import numpy as np

from matcher.clock import Clock
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.cover.construct import tour
from matcher.groups.cover.large.at_once import AtOnce
from matcher.groups.cover.large.bound import (
    NEAREST,
    SPREAD,
    nearest_bound,
)
from matcher.groups.cover.large.linked import Links, cuts_inside, over_prices
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.large.region import (
    ChoiceTask,
    RegionResult,
    RegionTask,
    choose_region,
    solve_region,
)
from matcher.groups.cover.large.split import around_worst, fitting, small_cover, split
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
# Up to so many members are priced all at once, and else searched all at once, with tables of all pairs.
WHOLE, SEARCHED = 20_000, 5_000
# The share of the time left that this may take at a time.
ACROSS = 0.15
# Members left over by parts, at most, where not all groups are allowed: their pairs are all looked at; and the share
# of the time left for them.
LEFT_OVER, FOR_THEM = 2_000, 0.3
# Members in a region of a choice, times the rounds without gain; and the shares of what groups cost over their
# prices that regions may leave out, of a choice and of a sweep with cuts.
CHOICE, LEFT_OUT, LITTLE = 150, 0.1, 0.02
# Seconds that a choice may take. It ends by its own count of nodes, mostly after a tenth of that.
A_CHOICE = 30.0
# Rounds that gain less than a share of the objective, so many in a row, are enough; a gap that is closed.
ROUND_GAIN, IDLE, CLOSED = 1e-5, 3, 1e-7
# When both have settled, twice as much goes to each region, as long as that closes such a share of the gap.
LEVEL_GAIN = 0.01
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
        self._rounds = self._idle = self._sweeps = 0
        self._effort, self._gap_before = 1, np.inf
        self._links: Links | None = None
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
        if self._links is None:
            self._across()
        self._prices.first(self._groups)
        self._end = END
        while self._before(END)():
            if self._is_settled and self._prices.is_settled and not self._goes_on():
                break
            # Choices count what cuts charge: by prices with cuts fewer groups are worth a look.
            if not self._prices.is_settled:
                self._prices.better(self._groups, self._cut_where())
                if np.isfinite(self._prices.bound):
                    self._clock.tell("prices", bound=self._prices.bound)
            if not self._is_settled:
                self._choose() if self._links is not None else self._round()
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
        """Price all members at once and partition the parts that this falls into; the rest is the rounds' work."""
        if self._cover.extra is not None or self._cover.n > WHOLE:
            return
        whole = AtOnce(self._cover, groups, self._rest, lambda: self._workers, self._at_work)
        prices = whole.prices()
        if prices is None:
            return
        self._prices.take(prices)
        held = self._prices.certificate
        if held is None:
            return
        self._clock.tell("prices of all at once", bound=self._prices.bound)
        self._end = END
        self._links = whole.links(np.array(held.duals))
        sure, parts = whole.parts()
        found = dict.fromkeys(sure)
        for result in self._run(choose_region, self._choices(parts, held), self._end):
            if result.groups is not None:
                found |= dict.fromkeys(_in_whole(result.members, result.groups))
            self._clock.ask("parts of the relaxation")
        if (rest := self._left_over(tuple(found))) is not None:
            self._offer((*found, *rest), "parts of the relaxation")

    def _choices(self, parts: list[IntArray], held: Certificate) -> Iterator[ChoiceTask]:
        """Make the tasks of choosing for parts without groups, the smallest first: each has its share of the time left."""
        for number, members in enumerate(sorted(parts, key=len)):
            share = self._left(END) * self._workers / (len(parts) - number)
            task = self._choice(members, None, held)
            yield replace(task, seconds=min(task.seconds, share))

    def _left_over(self, groups: Groups) -> Groups | None:
        """Partition the members that no group has: parts that came too late, or that no allowed groups fill.

        Where all groups are allowed those who lie together now stay so, and the others are walked.
        """
        is_missing = np.ones(self._cover.n, dtype=np.bool_)
        is_missing[list(chain.from_iterable(groups))] = False
        missing = np.flatnonzero(is_missing)
        if not len(missing):
            return ()
        if not fits(self._cover, len(missing)):
            return None
        if self._cover.allowed is None:
            whole = tuple(group for group in self._groups or () if is_missing[list(group)].all())
            is_missing[list(chain.from_iterable(whole))] = False
            if not fits(self._cover, int(is_missing.sum())):
                whole, is_missing[missing] = (), True
            rest = self._regions_of(np.flatnonzero(is_missing))
            return (*whole, *chain.from_iterable(self._walk(region) for region in rest))
        if len(missing) > LEFT_OVER:
            return None
        inside = small_cover(self._cover, missing)
        seed = int(self._rng.integers(2**31))
        task = RegionTask(missing, inside, None, FOR_THEM * self._rest(), seed, is_quick=False)
        try:
            rest_of = solve_region(task).groups
        except InfeasibleError:
            # What was taken may have left members that do not go together.
            return None
        return None if rest_of is None else _in_whole(missing, rest_of)

    def _regions_of(self, members: IntArray) -> list[IntArray]:
        """Split members (rising) into near ones for a walk each."""
        if not len(members):
            return []
        inside = small_cover(self._cover, members)
        regions = fitting(inside, split(inside, None, QUICK_REGION, self._rng))
        return [members[region] for region in regions]

    def _choice(self, members: IntArray, groups: Groups | None, held: Certificate) -> ChoiceTask:
        """Make the task of choosing anew for some members (rising), from their groups or from none."""
        own = None
        if groups is not None:
            place = {int(member): number for number, member in enumerate(members)}
            own = tuple(
                tuple(place[member] for member in group) for group in groups if group[0] in place
            )
        return ChoiceTask(
            members,
            small_cover(self._cover, members),
            own,
            np.array(held.duals)[members],
            cuts_inside(held.cuts, members),
            abs(self._objective - self._cover.constant) / self._cover.n or 1.0,
            min(A_CHOICE, self._left(END)),
            int(self._rng.integers(2**31)),
            self._effort,
        )

    def _goes_on(self) -> bool:
        """Take twice as much for each region from now on; False when that brought next to nothing the last time."""
        gap = self._objective - self._prices.bound
        if self._links is None or self._gap_before - gap < LEVEL_GAIN * self._gap_before:
            return False
        self._gap_before = gap
        self._effort *= 2
        self._idle = 0
        self._prices.go_on()
        return True

    def _choose(self) -> None:
        """Choose anew in the regions that may gain most, among groups that cost little over their prices."""
        held, links = self._prices.certificate, self._links
        if self._groups is None or held is None or links is None:
            return
        before = self._objective
        over = over_prices(self._cover, self._groups, held)
        most = CHOICE * (self._effort + self._idle)
        regions = links.regions(self._groups, over, most, LEFT_OUT, self._rng)
        groups = self._groups
        tasks = (self._choice(part, groups, held) for part in regions)
        for result in self._run(choose_region, tasks, self._end):
            self._take(result)
            self._clock.ask("regions")
        gain = before - self._objective
        self._idle = 0 if gain >= ROUND_GAIN * abs(before) else self._idle + 1

    def _cut_where(self) -> list[IntArray] | None:
        """Regions where the partition costs most over prices of members alone: there cuts raise the bound.

        None where members are not tied by prices of all at once.
        """
        plain, links = self._prices.without_cuts, self._links
        if self._groups is None or plain is None or links is None:
            return None
        over = over_prices(self._cover, self._groups, plain)
        self._sweeps += 1
        return links.regions(self._groups, over, CHOICE * self._sweeps, LITTLE, self._rng)

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
        """Make a first partition, each region by construction and local search.

        Before any worker has begun, each region is walked from nearest to nearest: however late the
        workers are, what comes back is never groups of chance. With a filter such a walk may break it.
        """
        regions = fitting(self._cover, split(self._cover, None, QUICK_REGION, self._rng))
        found: dict[int, Groups] = {}
        if self._cover.allowed is None:
            found = {int(members[0]): self._walk(members) for members in regions}
            self._offer(tuple(chain.from_iterable(found.values())), "walk")
        share = self._left(FIRST) * self._workers / len(regions)
        tasks = (self._task(members, share, is_quick=True) for members in regions)
        for result in self._run(solve_region, tasks, FIRST):
            if result.groups is not None:
                made = _in_whole(result.members, result.groups)
                before = found.get(int(result.members[0]), made)
                found[int(result.members[0])] = min(before, made, key=self._cover.objective)
            self._clock.ask("construction")
        if len(found) == len(regions):
            self._offer(tuple(chain.from_iterable(found.values())), "construction")

    def _walk(self, members: IntArray) -> Groups:
        """Partition a region (members rising) by walking from nearest to nearest."""
        return _in_whole(members, tour(small_cover(self._cover, members), self._rng))

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
        if self._groups is None or self._cover.n > SEARCHED:
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
        new = _in_whole(members, result.groups)
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


def _in_whole(members: IntArray, groups: Groups) -> Groups:
    """A region's groups in the whole problem's numbers."""
    return tuple(tuple(members[list(group)].tolist()) for group in groups)
