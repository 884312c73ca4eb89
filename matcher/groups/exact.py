"""Branch-and-price: a proven optimum, or the best partition found with a bound on all others."""

from __future__ import annotations

from matcher.errors import NoSolutionInTimeError
from matcher.groups.columns import all_columns
from matcher.groups.cover import Cover, Covering, Groups, canonical, check_sizes, no_partition
from matcher.groups.partition import partition_columns
from matcher.proof import Budget, OnProgress, Proof


def cover_exactly(
    cover: Cover,
    budget: Budget,
    hint: Groups | None = None,
    on_progress: OnProgress | None = None,
) -> Covering:
    """Find a cheapest partition and prove it, as far as the budget goes.

    Raises:
        InfeasibleError: no partition has allowed groups only.
        NoSolutionInTimeError: the budget ended before a first partition was found.
    """
    del hint, on_progress
    check_sizes(cover)
    columns = all_columns(cover)
    choice = partition_columns(
        columns, seconds=budget.seconds, workers=budget.workers, seed=budget.seed
    )
    if choice.is_infeasible:
        raise no_partition(cover)
    if choice.chosen is None:
        raise NoSolutionInTimeError(budget.seconds)
    rows = columns.rows()
    groups = canonical(rows[number] for number in choice.chosen)
    objective = cover.objective(groups)
    bound = objective if choice.is_optimal else min(objective, choice.lower_bound + cover.constant)
    return Covering(groups, Proof(objective, bound), None, "every group listed, SCIP")
