"""Column generation: the linear relaxation of the set partitioning, with its cuts and its bound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.groups.cover.bounds import member_floor, nearest_floor, per_member
from matcher.groups.cover.columns import Columns, best_per_member, join, near_columns, pad
from matcher.groups.cover.cuts import full_rooms, separate, separate_larger
from matcher.groups.cover.master import Master
from matcher.groups.cover.prices import Prices
from matcher.groups.cover.pricing import Listing, list_from
from matcher.groups.cover.problem import Cover, Cut, FloatArray, IntArray
from matcher.groups.cover.twins import Twins

# A reduced cost above this (in units of the mean cost per member) is no gain.
IMPROVES = -1e-9
# Chains followed in the quick pricing and in the exact one, before giving up on completeness.
QUICK, FULL = 8_000, 1_000_000
# Columns kept at hand outside the master.
POOL = 150_000
# In a dive: columns over this are taken as they are; of those over the other, one is fixed at once
# for so many members that are left, so that large problems need no more solves than small ones.
SURE, LIKELY, MEMBERS_A_STEP = 0.95, 0.6, 60
# New columns per member and pricing round.
PER_MEMBER = 6
# With fewer new cuts on three members than this, larger ones are looked for too.
FEW_CUTS = 30


class Generation:
    """The master of one problem, its pool of columns, and the best bound so far.

    Costs are in the unit of the cover given, which should make the mean cost per member near 1.
    lower_bound, prices: the best bound and the prices behind it; slack: what it concedes per member.
    listed: when set, every group that a better partition can hold is in it.
    """

    def __init__(
        self,
        cover: Cover,
        twins: Twins,
        keep_going: Callable[[], bool],
        held: FloatArray | None = None,
    ) -> None:
        self.cover = cover
        self.twins = twins
        self.keep_going = keep_going
        self.master = Master(twins, cover.sizes[-1], keep_going, held)
        self.pool = join([], cover)
        self.listed: Columns | None = None
        self.value = np.inf
        self.prices = Prices(np.zeros(cover.n))
        # Members held at a price may be in other groups for less than their own nearest cost.
        self.slack = nearest_floor(cover) if held is None else np.zeros(cover.n)
        self.lower_bound = float(self.slack.sum()) if held is None else -np.inf
        self.is_converged = False
        self._previous = twins.previous if twins.any else None

    def plain(self, columns: Columns) -> Columns:
        """Columns with their members in plain form."""
        return Columns(columns.n, self.twins.plain(columns.groups), columns.costs)

    def add(self, columns: Columns) -> None:
        """Put columns into the pool and the master."""
        plain = self.plain(columns)
        self.pool = join([self.pool, plain], self.cover).distinct()
        self.master.add(plain)

    def seed(self, near: int) -> None:
        """Fill the pool with groups of a member and some of its `near` nearest."""
        found = join([self.pool, near_columns(self.cover, near)], self.cover)
        self.pool = self.plain(found).distinct()
        self.master.add(best_per_member(self.pool, self.pool.costs / self.pool.sizes, 3))

    def converge(self, stop_at: float) -> None:
        """Generate columns until the LP is solved, time is up, or the bound reaches `stop_at`."""
        self.is_converged = False
        while self.keep_going():
            self.value, prices = self.master.solve()
            if self._take(self._from_pool(prices)):
                continue
            if self.listed is not None:
                self._record(prices, self.listed)
                self.is_converged = True
                return
            quick, _ = self._from_chains(prices, QUICK)
            if self._take(quick):
                continue
            exact, is_complete = self._from_chains(prices, FULL)
            if not self._take(exact):
                self.is_converged = is_complete
                return
            if self.lower_bound >= stop_at or self._is_tight():
                self.is_converged = True
                return

    def _is_tight(self) -> bool:
        """Whether the bound has met the LP's value."""
        return self.value - self.lower_bound < 1e-8 * abs(self.value)

    def _take(self, found: tuple[Columns, FloatArray]) -> int:
        """Put the best of the columns found into pool and master; return how many were new."""
        columns, reduced = found
        gains = reduced < IMPROVES
        if not gains.any():
            return 0
        columns, reduced = columns.take(gains), reduced[gains]
        return self.master.add(best_per_member(columns, reduced, PER_MEMBER))

    def _from_pool(self, prices: Prices) -> tuple[Columns, FloatArray]:
        """Columns of the pool, or of the full list, with a negative reduced cost."""
        source = self.pool if self.listed is None else self.listed
        reduced = source.reduced(prices.members)
        maybe = np.flatnonzero(reduced < IMPROVES)
        columns = source.take(maybe)
        return columns, reduced[maybe] + prices.charge(columns.groups)

    def _from_chains(self, prices: Prices, cap: int) -> tuple[tuple[Columns, FloatArray], bool]:
        """Groups with a negative reduced cost by exact pricing; records the bound when complete."""
        cover = self.cover
        parts: list[Columns] = []
        reduced: list[FloatArray] = []
        floors: list[FloatArray] = []
        is_complete = True
        smaller: Listing | None = None
        for size in cover.sizes:
            if size == 1:
                parts.append(pad(cover, np.arange(cover.n)[:, None], np.zeros(cover.n)))
                reduced.append(-prices.members)
                floors.append(-prices.members)
                continue
            weights = prices.weights(cover.pair_costs(size), size)
            least = IMPROVES
            if smaller is not None:
                if not prices.cuts:
                    # None is overrated if no smaller one is.
                    break
                least = IMPROVES * size / cover.smallest
            listing = list_from(
                smaller, weights, size, least, cap, self._previous, keep_going=self.keep_going
            )
            smaller = listing if cover.smallest_decide else None
            true = listing.weights + prices.surplus(listing.groups) + cover.beyond(listing.groups)
            ok = true < 0.0
            groups, true = listing.groups[ok], true[ok]
            allowed = cover.permits(groups)
            groups, true = groups[allowed], true[allowed]
            parts.append(pad(cover, groups, cover.costs(groups)))
            reduced.append(true)
            if listing.is_complete:
                floors.append(per_member(cover.n, groups, true / size, least / size))
            else:
                is_complete = False
                if cap == FULL:
                    floors.append(member_floor(weights, size))
        columns, values = join(parts, cover), np.concatenate(reduced)
        if is_complete or cap == FULL:
            self._bound(prices, floors)
        # What was found stays in the pool while the pool is small.
        if len(self.pool) < POOL:
            best = np.argsort(values, kind="stable")[:20_000]
            self.pool = join([self.pool, columns.take(best)], cover).distinct()
        return (columns, values), is_complete

    def _bound(self, prices: Prices, floors: list[FloatArray]) -> None:
        """Keep the bound that prices and the least reduced costs per member give, when better."""
        least = np.min(floors, axis=0)
        by_class = np.full(len(self.twins.demand), np.inf)
        np.minimum.at(by_class, self.twins.classes, least)
        least = by_class[self.twins.classes]
        bound = prices.total + float(least.sum())
        if bound > self.lower_bound:
            self.lower_bound, self.prices, self.slack = bound, prices, least

    def _record(self, prices: Prices, listed: Columns) -> None:
        """Keep the bound over all partitions made of listed groups."""
        reduced = listed.reduced(prices.members)
        low = np.flatnonzero(reduced < 0.0)
        groups = listed.groups[low]
        values = reduced[low] + prices.charge(groups)
        share = values / np.maximum(listed.sizes[low], 1)
        self._bound(prices, [per_member(self.cover.n, groups, share, 0.0)])

    def reduced(self, columns: Columns) -> FloatArray:
        """Cost over the best bound that a partition with each column has at least."""
        base = columns.reduced(self.prices.members + self.slack)
        return np.asarray(base + self.prices.charge(columns.groups), dtype=np.float64)

    def enumerate_within(self, gap: float, cap: int) -> bool:
        """Set `listed` to every group that a partition within `gap` of the bound can hold.

        With the members' slack conceded, every reduced cost is at least 0 up to rounding, and those
        of a partition's groups sum to its cost less the bound. Returns False when over `cap`.
        """
        limit = gap + 1e-9 * (1.0 + abs(self.lower_bound))
        if self.listed is not None:
            self.listed = self.listed.take(self.reduced(self.listed) <= limit)
            return True
        cover, lowered = self.cover, Prices(self.prices.members + self.slack, self.prices.cuts)
        parts: list[Columns] = []
        smaller: Listing | None = None
        for size in cover.sizes:
            if not self.keep_going():
                return False
            if size == 1:
                parts.append(pad(cover, np.arange(cover.n)[:, None], np.zeros(cover.n)))
                continue
            weights = lowered.weights(cover.pair_costs(size), size)
            listing = list_from(
                smaller,
                weights,
                size,
                limit,
                cap,
                self._previous,
                give_up=True,
                keep_going=self.keep_going,
            )
            smaller = listing if cover.smallest_decide else None
            if not listing.is_complete:
                return False
            more = lowered.surplus(listing.groups) + cover.beyond(listing.groups)
            groups = listing.groups[listing.weights + more <= limit]
            groups = groups[cover.permits(groups)]
            parts.append(pad(cover, groups, cover.costs(groups)))
        self.listed = join(parts, cover)
        return True

    def promising(self, most: int, gap: float) -> Columns:
        """Up to `most` columns of pool, list and master with the least reduced costs, within the gap."""
        listed = self.pool if self.listed is None else self.listed
        columns = join([self.master.columns, listed], self.cover).distinct()
        # Cuts only add: those that look dear without them need no closer look.
        base = columns.reduced(self.prices.members + self.slack)
        near = np.argsort(base, kind="stable")[: 10 * most]
        columns = columns.take(near[base[near] <= gap].astype(np.int64))
        reduced = self.reduced(columns)
        best = np.argsort(reduced, kind="stable")[:most]
        return columns.take(best[reduced[best] <= gap].astype(np.int64))

    def add_cuts(self, most: int = 200, *, larger: bool = False) -> list[Cut]:
        """Add violated subset-row cuts to the master, and return them.

        larger: on more than three members too, where those on three are few.
        """
        columns, values = self.master.columns, self.master.values
        known = {cut.members for cut in self.master.cuts if cut.divisor == 2}
        rooms = {cut.members for cut in self.master.cuts if cut.divisor > 2}
        cuts = separate(columns, values, self.twins, known, most)
        cuts += full_rooms(columns, values, self.twins, rooms, self.cover.smallest)
        if larger and len(cuts) < FEW_CUTS:
            cuts += separate_larger(columns, values, self.twins, known, most)
        for cut in cuts:
            self.master.add_cut(cut)
        return cuts

    def integral(self) -> IntArray | None:
        """Numbers of the master's columns when its solution is whole, a number per use."""
        values = self.master.values
        whole = np.round(values)
        if np.abs(values - whole).max(initial=0.0) > 1e-6 or self.master.left_out > 1e-6:
            return None
        return np.repeat(np.arange(len(values)), whole.astype(np.int64))

    def dive(self, rng: np.random.Generator, noise: float, rest: int) -> Columns:
        """Fix columns of the LP's solution one after the other, until few members are left.

        Diving with column generation (Sadykov et al. 2019), priced from the pool only. noise: how
        far a random number may move a column's value before the largest is fixed. Returns the
        columns fixed; at most `rest` members are not in them, or the last fixing left some out.
        """
        master = self.master
        fixed: list[int] = []
        count = self.cover.n
        try:
            while self.keep_going():
                for _ in range(3):
                    _, prices = master.solve()
                    if not self._take(self._from_pool(prices)):
                        break
                if master.left_out > 1e-6:
                    del fixed[-1:]
                    break
                whole = self.integral()
                if whole is not None:
                    fixed = whole.tolist()
                    break
                chosen = self._to_fix(fixed, count, noise, rng)
                master.fix(chosen)
                fixed += chosen
                count = int(self.cover.n - master.columns.take(np.array(fixed)).sizes.sum())
                if count <= rest:
                    break
        except ArithmeticError:
            # GLOP gave up under the columns held: what was fixed before still stands.
            del fixed[-1:]
        finally:
            master.release()
        return master.columns.take(np.array(fixed, dtype=np.int64))

    def _to_fix(
        self, fixed: list[int], left: int, noise: float, rng: np.random.Generator
    ) -> list[int]:
        """Name columns near 1, or a few of the largest; the more members are left, the more."""
        values = self.master.values.copy()
        values[fixed] = 0.0
        sure = np.flatnonzero(values > SURE)
        if len(sure):
            return [int(column) for column in sure]
        values += noise * rng.random(len(values)) * (values > 0.1)
        best = np.argsort(-values, kind="stable")[: max(1, left // MEMBERS_A_STEP)]
        # Two columns over one half cannot share a member.
        several = best[self.master.values[best] > LIKELY]
        return [int(column) for column in (several if len(several) else best[:1])]

    def slim(self, gap: float) -> None:
        """Drop from the master the columns that no partition within `gap` of the bound can hold, and cuts without a price.

        Those cuts say nothing any more, and make each of a dive's solves about three times as long.
        """
        columns = self.master.columns
        kept = columns.take(self.reduced(columns) <= gap)
        priced = {(cut.members, cut.divisor) for cut in self.prices.cuts}
        cuts = [cut for cut in self.master.cuts if (cut.members, cut.divisor) in priced]
        self.master = Master(self.twins, self.cover.sizes[-1], self.keep_going)
        self.master.add(kept)
        for cut in cuts:
            self.master.add_cut(cut)
