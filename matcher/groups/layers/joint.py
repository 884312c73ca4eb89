"""All layers solved together and proven: column generation with cuts, then SCIP among what is left."""

from __future__ import annotations

import numpy as np

from matcher.clock import Clock
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.groups.cover.problem import IntArray
from matcher.groups.layers.choose import Chosen, choose
from matcher.groups.layers.pool import Pool
from matcher.groups.layers.relaxation import Relaxation
from matcher.groups.model.layer import Networks
from matcher.groups.model.solution import Solution
from matcher.proof import RELATIVE_TOLERANCE, Proof
from matcher.requirement import Requirement

# Networks in the choices made only to find better ones, one choice after the other, for so many seats.
RESTRICTED, SEATS = (250, 500, 1_000), 60
# With more networks left than this, time goes into better ones first, up to a share of it; a choice
# is around so many members, among so many networks.
FINAL, SEARCH, NEIGHBOURHOOD, IN_CHOICE, SECONDS_A_CHOICE = 6_000, 0.97, 12, 800, 2.0
# A round of cuts that raises the bound by a smaller share than this is slow, and so many are enough.
SLOW_RISE, PATIENCE = 2e-4, 3
METHOD = "every network listed; linear relaxation with cuts; SCIP within the gap"


def solve_jointly(pool: Pool, clock: Clock, hint: Networks | None = None) -> Solution:
    """Find and prove the cheapest networks of all layers together.

    Raises:
        InfeasibleError: no choice of networks keeps every rule.
        NoSolutionInTimeError: the budget ended before a first choice was found.
    """
    joint = Joint(pool, clock)
    if hint is not None:
        joint.start_from(hint)
    joint.run()
    if joint.columns is None:
        raise NoSolutionInTimeError(clock.budget.seconds)
    objective = joint.objective + pool.constant
    # Closed within rounding of the sums, which the constant can leave nothing of: a cost of 0 has no gap.
    bound = objective if joint.is_closed else min(objective, joint.lower_bound + pool.constant)
    proof = Proof(objective, bound)
    return Solution(pool.decoded(joint.columns), proof, proof.status == "optimal", METHOD)


class Joint:
    """One solve: the incumbent from choices among few columns, the bound from the relaxation."""

    def __init__(self, pool: Pool, clock: Clock, *, is_whole: bool = True) -> None:
        self._pool = pool
        # What is proven about a pool that lacks networks says nothing about the problem.
        self._is_whole = is_whole
        self._clock = clock
        self._relaxation = Relaxation(pool, clock.keep_going)
        self.columns: list[int] | None = None
        self.objective = np.inf
        self.lower_bound = -np.inf

    def start_from(self, hint: Networks) -> None:
        """Take networks from before as candidates; what has changed since is left to the solver."""
        own = np.array(self._pool.encoded(hint), dtype=np.int64)
        self._relaxation.add(own.tolist())
        self._choose_among(own, len(own))

    def run(self) -> None:
        """Raise the bound by cuts, find good networks among ever more columns, then settle the rest."""
        self._cut_down()
        for share in RESTRICTED:
            count = share * max(1, len(self._pool.seat_of) // SEATS)
            if self.is_closed or not self._clock.keep_going():
                return
            left = self._left()
            if self.columns is not None and len(left) <= 2 * count:
                break
            self._choose_among(left, count)
            if self.columns is not None and not self._is_whole:
                self._search()
        self._finish()

    def _search(self) -> None:
        """Choose anew around one network after the other while there is too much left to settle.

        Only where nothing can be proven anyway: else the time is better spent on the proof.
        """
        rng = np.random.default_rng(self._clock.budget.seed)
        left = self._left()
        end = SEARCH * self._clock.budget.seconds
        width = NEIGHBOURHOOD
        fails = 0
        while self.columns and self._clock.keep_going() and self._clock.seconds < end:
            before = self.objective
            around = self._around(left, int(rng.choice(self.columns)), width)
            self._choose_among(around, IN_CHOICE, SECONDS_A_CHOICE)
            is_better = self.objective < before
            fails = 0 if is_better else fails + 1
            if is_better:
                left = self._left()
            if len(left) <= FINAL:
                return
            if fails > len(self.columns):
                width, fails = int(1.5 * width), 0

    def _around(self, left: IntArray, centre: int, width: int) -> IntArray:
        """Name the columns, cheapest first, that lie within networks near one, in all layers.

        Near are the members that the cheapest columns left put together with those of the centre.
        """
        pool, nobody = self._pool, len(self._pool.seat_of)
        member = np.array([*(number for _, number in pool.seat_of), -1])
        near = np.zeros(len(pool.problem.members) + 1, dtype=np.bool_)
        near[member[pool.seats[centre]]] = True
        near[-1] = False
        for column in left[near[member[pool.seats[left]]].any(1)].tolist():
            if near.sum() >= width:
                break
            near[member[pool.seats[column]]] = True
            near[-1] = False
        own = np.array(self.columns)
        freed = pool.seats[own[near[member[pool.seats[own]]].any(1)]]
        inside = np.zeros(nobody + 1, dtype=np.bool_)
        inside[freed] = True
        inside[nobody] = True
        return np.asarray(left[inside[pool.seats[left]].all(1)], dtype=np.int64)

    def _cut_down(self) -> None:
        """Cut until the bound hardly rises; with seats that stay empty, only a choice can tell more."""
        waited = 0
        while self._clock.keep_going() and self._relaxation.converge():
            rise = self._relaxation.lower_bound - self.lower_bound
            self._raise_bound(self._relaxation.lower_bound)
            is_slow = rise < SLOW_RISE * abs(self.lower_bound)
            waited = waited + 1 if is_slow else 0
            if self._relaxation.left_empty > 1e-6 or waited >= PATIENCE:
                return
            if not self._relaxation.cut():
                return

    def _left(self) -> IntArray:
        """Number the networks that can stand in a better choice, cheapest first."""
        kept = self._relaxation.within(self.objective)
        networks = kept[kept < self._pool.networks]
        order = np.argsort(self._relaxation.reduced[networks], kind="stable")
        return np.asarray(networks[order], dtype=np.int64)

    @property
    def is_closed(self) -> bool:
        """Whether the bound has come to the best so far, both without the pool's constant."""
        if self.columns is None:
            return False
        gap = self.objective - self.lower_bound
        return gap <= 1e-2 * RELATIVE_TOLERANCE * max(abs(self.objective), 1e-9)

    def _choose_among(self, networks: IntArray, count: int, most: float = np.inf) -> None:
        """Choose among the first few networks, to find better ones than the best so far."""
        seconds = min(self._clock.left, most, 0.3 + 0.1 * self._clock.budget.seconds)
        self._offer(self._choose(networks[:count], seconds), "choice among promising networks")

    def _finish(self) -> None:
        """Choose among every network that can stand in a better choice; that settles the problem."""
        left = self._left()
        if self.is_closed or not self._clock.keep_going():
            return
        if not self._is_whole and len(left) > FINAL:
            return
        found = self._choose(left, self._clock.left)
        self._offer(found, "choice among all left")
        if found.is_finished:
            if self.columns is None and self._is_whole:
                raise InfeasibleError(
                    Requirement("all", note="no choice of networks keeps every rule")
                )
            self._raise_bound(self.objective)
        else:
            # A choice with any other network costs at least what the best one did.
            self._raise_bound(min(found.lower_bound, self.objective))

    def _choose(self, networks: IntArray, seconds: float) -> Chosen:
        own = np.array(self.columns or [], dtype=np.int64)
        others = np.arange(self._pool.networks, len(self._pool.costs))
        return choose(
            self._pool,
            np.unique(np.concatenate([networks, own, others])),
            self._pool.costs,
            seconds=seconds,
            seed=self._clock.budget.seed,
            cuts=self._relaxation.cuts,
            hint=self.columns,
            keep_going=self._clock.keep_going,
        )

    def _offer(self, found: Chosen, phase: str) -> None:
        if found.columns is not None and found.objective < self.objective:
            self.columns, self.objective = found.columns, found.objective
            self._clock.tell(phase, incumbent=found.objective + self._pool.constant)

    def _raise_bound(self, bound: float) -> None:
        if bound > self.lower_bound:
            self.lower_bound = bound
            shown = min(bound, self.objective) + self._pool.constant
            if self._is_whole:
                self._clock.tell("column generation", bound=shown)
