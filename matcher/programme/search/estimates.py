"""What part of a set of topics says of the whole: estimates that are on the average never too low."""

from functools import cache
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

Table: TypeAlias = NDArray[np.float64]

# Smaller parts say little, however they count: they come after the others.
_JUDGED, _BEFORE = 4, 1e-3


@cache
def estimates(wished: int, topics: int, whole: int, first: int) -> dict[int, Table]:
    """Return size -> what a person counts who finds n = 0, 1, ... wished topics in a part of that size.

    In a whole set he or she counts 1 for one wished topic or more. A part one smaller, drawn from a set at
    random, counts on the average at least what the set counts: then some part does, and some part of that.
    Of all such tables the linear program takes those that are least too high for parts of the sizes from
    `first` on, drawn at random (the discrete moment problem: Prekopa 1988).

    wished: so many topics the person wishes for, of `topics` in all. whole: topics in a whole set.
    """
    solver = pywraplp.Solver.CreateSolver("GLOP")
    excess = solver.Objective()
    excess.SetMinimization()
    above: list[pywraplp.Variable | float] = [float(n > 0) for n in range(min(wished, whole) + 1)]
    found: dict[int, list[pywraplp.Variable]] = {}
    for size in range(whole - 1, first - 1, -1):
        part = [
            solver.NumVar(-solver.infinity(), solver.infinity(), "")
            for _ in range(min(wished, size) + 1)
        ]
        for n, count in enumerate(part):
            chance = comb(wished, n) * comb(topics - wished, size - n) / comb(topics, size)
            excess.SetCoefficient(count, chance * (1.0 if size >= _JUDGED else _BEFORE))
        for n in range(min(wished, size + 1) + 1):
            mean = (size + 1 - n) * part[n] if n <= size else 0.0
            mean += n * part[n - 1] if n else 0.0
            solver.Add(mean >= (size + 1) * above[n])
        found[size] = above = part
    solver.Solve()
    tables = {whole: np.array([float(n > 0) for n in range(min(wished, whole) + 1)])}
    for size, part in found.items():
        counts = np.array([one.solution_value() for one in part])
        tables[size] = _mended(counts, tables[size + 1], size)
    return tables


def _mended(part: Table, above: Table, size: int) -> Table:
    """Return the counts of a part, raised where the solver kept its rows only within a billionth or so."""
    sound = part.copy()
    for n, count in enumerate(above.tolist()):
        if n > size:
            sound[size] = max(sound[size], count)
        else:
            taken = n * sound[n - 1] if n else 0.0
            sound[n] = max(sound[n], ((size + 1) * count - taken) / (size + 1 - n))
    return sound
