"""Prices that all regions share: made core by core, made to hold everywhere, and raised while that helps."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from matcher.groups.cover.large.bound import RunAll, relax_regions, spread_bound
from matcher.groups.cover.problem import Certificate, Cover, FloatArray, Groups, IntArray

# A sweep that raises the bound by a smaller share than this is slow; then cuts come, and after so
# many slow ones in a row it is enough.
SLOW, PATIENCE = 1e-3, 2
# Rounds of cuts in a core's relaxation.
CUT_ROUNDS = 4
# The same where prices of all at once are known, and only few members need any.
CUTS_IN_ALL = 10
# A sweep is begun when the time left is this many times what the last one took.
MARGIN = 1.2


class SharedPrices:
    """The best bound so far, and the prices without cuts that sweeps go on from.

    A sweep holds the prices around each core as they are and raises the core's own as far as these
    allow, over other borders than the sweep before: ascent of the dual, a block of members at a time.
    """

    def __init__(
        self, cover: Cover, left: Callable[[], float], workers: Callable[[], int], run_all: RunAll
    ) -> None:
        self._cover = cover
        self._left = left
        self._workers = workers
        self._run_all = run_all
        self._plain: Certificate | None = None
        self._sweeps = self._slow = 0
        self._took = 0.0
        self._is_whole = False
        self.bound = -np.inf
        self.certificate: Certificate | None = None

    @property
    def is_settled(self) -> bool:
        """Whether further sweeps bring nothing, or cannot be finished."""
        return self._plain is None or self._slow >= PATIENCE or self._left() < MARGIN * self._took

    def go_on(self) -> None:
        """Sweep on after sweeps have settled: by other borders, over larger regions."""
        self._slow = 0

    def take(self, duals: FloatArray) -> None:
        """Take prices of a relaxation over all members at once, and make them hold everywhere."""
        start = perf_counter()
        found = Certificate(tuple(duals.tolist()), (), -np.inf)
        spread = spread_bound(self._cover, found, self._left(), self._run_all)
        self._took = max(self._took, perf_counter() - start)
        if spread is not None:
            self.bound, self.certificate = spread
            self._plain = self.certificate
            self._is_whole = True

    def first(self, groups: Groups) -> None:
        """Price every core as if the surroundings could be priced anew, and make that hold."""
        if self._is_whole:
            return
        if self._cover.extra is not None:
            self._slow = PATIENCE  # costs of pairs that no price of members bounds
            return
        self._sweep(groups, None, cuts=0)

    @property
    def without_cuts(self) -> Certificate | None:
        """The best prices of members alone."""
        return self._plain

    def better(self, groups: Groups, cores: list[IntArray] | None = None) -> None:
        """Sweep once; with cuts when sweeps without have become slow.

        cores: where cuts are to be found in prices of all at once, which no sweep without can raise.
        """
        if self._plain is None:
            self._sweep(groups, None, cuts=0)
            return
        if self._is_whole:
            best = self.bound
            self._sweep(groups, np.array(self._plain.duals), cuts=CUTS_IN_ALL, cores=cores)
            if self.bound - best < SLOW * abs(best):
                self._slow += 1
            return
        before = self._plain.lower_bound
        self._sweep(groups, np.array(self._plain.duals), cuts=0)
        if self._plain.lower_bound - before < SLOW * abs(before):
            self._slow += 1
            if self._left() > MARGIN * self._took:
                self._sweep(groups, np.array(self._plain.duals), cuts=CUT_ROUNDS)

    def _sweep(
        self,
        groups: Groups,
        held: FloatArray | None,
        cuts: int,
        cores: list[IntArray] | None = None,
    ) -> None:
        start = perf_counter()
        self._sweeps += 1
        # Half of what is left, so that the check is never late.
        found = relax_regions(
            self._cover,
            groups,
            0.5 * self._left() * self._workers(),
            self._run_all,
            held=held,
            seed=self._sweeps,
            cores=cores,
            cuts=cuts,
        )
        spread = spread_bound(self._cover, found, self._left(), self._run_all)
        self._took = max(self._took, perf_counter() - start)
        if spread is None:
            self._slow += 1
            return
        bound, certificate = spread
        if not cuts and (self._plain is None or bound > self._plain.lower_bound):
            self._plain = certificate
        if bound > self.bound:
            self.bound, self.certificate = bound, certificate
