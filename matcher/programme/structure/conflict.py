"""The smallest set of hand-set rules that cannot all hold, found by hitting sets."""

import time
from collections.abc import Sequence

from matcher.cpsat import is_feasible
from matcher.errors import InfeasibleError
from matcher.hitting import fewest_that_clash
from matcher.programme.structure.model import Structure
from matcher.programme.structure.requirements import Requirement
from matcher.proof import Budget

# Finding the smallest set may take many small solves; the answer is worth this much more waiting.
_LEAST_SECONDS = 10.0


class ClashError(InfeasibleError):
    """No programme can exist; carries the requirements that clash, each with whom it is about."""

    def __init__(self, *requirements: Requirement) -> None:
        self.requirements = requirements
        super().__init__(*(str(one) for one in requirements))


def smallest_conflict(structure: Structure, budget: Budget) -> tuple[Requirement, ...]:
    """Return the fewest rules that cannot all hold: any one of them left out makes the rest possible.

    When time runs out, an irreducible set is returned, though perhaps not the smallest.
    """
    ends = time.perf_counter() + max(budget.seconds, _LEAST_SECONDS)
    names = list(structure.rules)
    literals = list(structure.rules.values())

    def holds(chosen: Sequence[int]) -> bool | None:
        left = Budget(max(ends - time.perf_counter(), 0.5), 1, budget.seed)
        return is_feasible(structure.model, [literals[rule] for rule in chosen], left)

    if not names or holds([]) is False:
        return (Requirement("frame", ()),)
    clashing = fewest_that_clash(len(names), holds, lambda: time.perf_counter() < ends)
    return tuple(names[rule] for rule in clashing)
