"""Picks the method for a cover by its size."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np

from matcher.groups.cover.exact import cover_exactly
from matcher.groups.cover.large.decomposition import cover_large
from matcher.groups.cover.problem import Cover, Covering, Groups
from matcher.proof import Budget, OnProgress

# Up to so many members one master holds them all; its LP and its pricing grow faster than n squared.
EXACT = 1_300


def cover(
    problem: Cover,
    budget: Budget,
    hint: Groups | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Covering:
    """Partition the members, proven best where the budget allows, always with a bound.

    hint: a partition to start from. executor: where many members are worked on; see `cover_large`.

    Raises:
        InfeasibleError: no partition has allowed groups only.
        NoSolutionInTimeError: the budget ended before a first partition was found.
    """
    if problem.n <= EXACT:
        return cover_exactly(problem, budget, hint, on_progress)
    # Regions keep what they cannot better: a hint that breaks a rule would stay broken.
    fit = hint if hint is not None and _is_allowed(problem, hint) else None
    return cover_large(problem, budget, fit, on_progress, executor)


def _is_allowed(problem: Cover, groups: Groups) -> bool:
    return all(problem.permits(np.array([group])).all() for group in groups)
