"""The smallest set of hand-set rules that cannot all hold, found by hitting sets."""

import time
from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from matcher.cpsat import is_feasible, solve_model
from matcher.errors import InfeasibleError
from matcher.programme.model import Structure
from matcher.programme.requirements import Requirement
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

    The implicit hitting set method (Ignatiev et al., CP 2015): the smallest set that meets every
    way out found so far is tried; when it can hold, it is grown to a set that just holds, and what
    is left out is one more way out. When time runs out, a set that was made small one rule at a
    time is returned: it is irreducible, though perhaps not the smallest.
    """
    ends = time.perf_counter() + max(budget.seconds, _LEAST_SECONDS)
    names = list(structure.rules)
    literals = list(structure.rules.values())

    def holds(chosen: Sequence[int]) -> bool:
        left = Budget(max(ends - time.perf_counter(), 0.5), 1, budget.seed)
        return is_feasible(structure.model, [literals[rule] for rule in chosen], left) is not False

    everything = list(range(len(names)))
    if not names or not holds([]):
        return (Requirement("frame", ()),)
    ways_out: list[set[int]] = []
    while time.perf_counter() < ends:
        chosen = _smallest_hitting_set(ways_out, len(names), budget)
        if not holds(chosen):
            return tuple(names[rule] for rule in chosen)
        kept = list(chosen)
        for rule in everything:
            if rule not in kept and holds([*kept, rule]):
                kept.append(rule)
        ways_out.append(set(everything) - set(kept))
    return tuple(names[rule] for rule in _shrunk(everything, holds))


def _shrunk(rules: list[int], holds: Callable[[Sequence[int]], bool]) -> list[int]:
    kept = list(rules)
    for rule in rules:
        without = [other for other in kept if other != rule]
        if not holds(without):
            kept = without
    return kept


def _smallest_hitting_set(sets: list[set[int]], size: int, budget: Budget) -> list[int]:
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"{rule}") for rule in range(size)]
    for members in sets:
        model.add_bool_or([chosen[rule] for rule in sorted(members)])
    model.minimize(sum(chosen))
    answer = solve_model(model, Budget(5.0, 1, budget.seed), phase="hitting set")
    return [rule for rule in range(size) if answer.is_true(chosen[rule])]
