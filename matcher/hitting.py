"""The fewest rules that cannot all hold, by hitting sets, whatever the rules are about."""

from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from matcher.cpsat import solve_model
from matcher.proof import Budget

Holds = Callable[[Sequence[int]], bool | None]
"""Tells whether these rules, by number, can all hold; None where that is not known."""


def fewest_that_clash(count: int, holds: Holds, keep_going: Callable[[], bool]) -> list[int]:
    """Return the fewest of `count` rules that cannot all hold, where all of them together cannot.

    Rules are first left out while the rest still clash, many at a time, so that an irreducible set
    is there when time runs out. The implicit hitting set method (Ignatiev et al., CP 2015) then
    looks for a smaller one: the smallest set that meets every way out found so far is tried; when
    it can hold, it is grown while it is known to, and what is left out is one more way out.
    """
    kept = _shrunk(list(range(count)), holds, keep_going)
    ways_out: list[set[int]] = []
    while len(kept) > 1 and keep_going():
        chosen = _smallest_hitting_set(ways_out, count)
        if len(chosen) >= len(kept):
            break
        can_hold = holds(chosen)
        if can_hold is None:
            break
        if not can_hold:
            return chosen
        ways_out.append(set(range(count)) - set(_grown(chosen, count, holds)))
    return kept


def _shrunk(kept: list[int], holds: Holds, keep_going: Callable[[], bool]) -> list[int]:
    """Leave out each rule without which the rest still clash, half of them at a time at first."""
    step = len(kept)
    while step >= 1:
        place = 0
        while place < len(kept) and keep_going():
            without = kept[:place] + kept[place + step :]
            if holds(without) is False:
                kept = without
            else:
                place += step
        step //= 2
    return kept


def _grown(held: list[int], count: int, holds: Holds) -> list[int]:
    for rule in range(count):
        if rule not in held and holds([*held, rule]):
            held = [*held, rule]
    return held


def _smallest_hitting_set(sets: list[set[int]], size: int) -> list[int]:
    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"{rule}") for rule in range(size)]
    for members in sets:
        model.add_bool_or([chosen[rule] for rule in sorted(members)])
    model.minimize(sum(chosen))
    answer = solve_model(model, Budget(5.0, 1), phase="hitting set")
    return [rule for rule in range(size) if answer.is_true(chosen[rule])]
