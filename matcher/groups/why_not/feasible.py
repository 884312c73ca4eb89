"""Whether members can be seated at all: sizes, who is to be together and who apart, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from ortools.linear_solver import pywraplp

from matcher.groups.model.layer import Group
from matcher.milp import solve_to_proof

# More parts of networks than these are not listed; then nothing is known.
LIST_ALL = 4_000


def can_be_seated(
    count: int, sizes: range, together: Iterable[Group], apart: Iterable[Group], seconds: float
) -> bool | None:
    """Tell whether `count` members fit in networks of these sizes; None where it is not known.

    Only members whom a wish names are told apart: each possible part of a network made of them is
    listed, and all others fill up, so that thousands of members cost nothing.
    """
    blocks = joined_sets(together)
    seat = {member: number for number, block in enumerate(blocks) for member in block}
    pairs: set[tuple[int, int]] = set()
    for group in apart:
        for member in group:
            if member not in seat:
                seat[member] = len(blocks)
                blocks.append({member})
        for pair in combinations(group, 2):
            low, high = sorted(seat[member] for member in pair)
            if low == high:
                return False
            pairs.add((low, high))
    enemies = [0] * len(blocks)
    for low, high in pairs:
        enemies[low] |= 1 << high
    weights = [len(block) for block in blocks]
    if max(weights, default=0) > sizes[-1]:
        return False
    parts: list[tuple[int, ...]] = []
    for part in _parts(weights, enemies, sizes[-1]):
        if len(parts) == LIST_ALL:
            return None
        parts.append(part)
    return _fill_up(weights, parts, count - sum(weights), sizes, seconds)


def joined_sets(groups: Iterable[Group]) -> list[set[int]]:
    """Join groups that share members."""
    joined: list[set[int]] = []
    for group in groups:
        touching = [each for each in joined if each & set(group)]
        joined = [each for each in joined if not each & set(group)]
        joined.append(set(group).union(*touching))
    return joined


def _parts(weights: list[int], enemies: list[int], largest: int) -> Iterator[tuple[int, ...]]:
    """List the sets of blocks, none of them another's enemy, that fit in one network.

    enemies: of each block, the blocks that may not join it, as the bits of a number.
    """
    # Blocks, their weight, and the later blocks that may join them.
    stack: list[tuple[tuple[int, ...], int, int]] = [((), 0, (1 << len(weights)) - 1)]
    while stack:
        part, weight, free = stack.pop()
        if part:
            yield part
        while free:
            block = (free & -free).bit_length() - 1
            free &= free - 1
            if weight + weights[block] <= largest:
                joined = free & ~enemies[block]
                stack.append(((*part, block), weight + weights[block], joined))


def _fill_up(
    weights: list[int], parts: list[tuple[int, ...]], others: int, sizes: range, seconds: float
) -> bool | None:
    """Tell whether parts can hold each block once while the others fill up every network.

    The linear relaxation sees at once that too many networks are begun, which a search does not.
    """
    solver = pywraplp.Solver.CreateSolver("SCIP")
    smallest, largest = sizes[0], sizes[-1]
    once = [solver.Constraint(1, 1) for _ in weights]
    fewest = solver.Constraint(-solver.infinity(), others)
    most = solver.Constraint(others, solver.infinity())
    for part in parts:
        taken = solver.BoolVar("")
        weight = sum(weights[block] for block in part)
        for block in part:
            once[block].SetCoefficient(taken, 1)
        fewest.SetCoefficient(taken, max(0, smallest - weight))
        most.SetCoefficient(taken, largest - weight)
    networks_of_others = solver.IntVar(0, others // smallest, "")
    fewest.SetCoefficient(networks_of_others, smallest)
    most.SetCoefficient(networks_of_others, largest)
    status = solve_to_proof(solver, seconds=seconds, seed=0)
    if status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return True
    return False if status == pywraplp.Solver.INFEASIBLE else None
