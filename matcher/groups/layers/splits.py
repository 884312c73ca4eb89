"""Networks that no best choice needs: those that cost no less than two smaller ones made of them.

Two networks in the place of one meet fewer pairs and ask fewer of whoever is asked, so that every rule
over several layers holds as before, and only what the layer itself says has to be compared.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from matcher.groups.cover.columns import Columns
from matcher.groups.cover.problem import BoolArray, FloatArray
from matcher.groups.model.layer import RULES, Layer
from matcher.groups.model.problem import Problem

# Up to so many members each set of them has a place of its own in a table of costs.
TABLE = 22
# A split counts when it is dearer by no more than rounding.
_ROUNDING = 1e-12


def largest_needed(problem: Problem, layer: Layer) -> int:
    """Return the largest size that a best choice of a layer may need, from its wishes alone.

    Where only dissimilarities count, the mean over all ways to split a network in two costs no more
    than the network: twice the smallest size is never needed.
    """
    keeps_pairs = bool(layer.history) and (layer.stability > 0.0 or layer.moved > 0.0)
    is_sought = layer.expertise > 0.0 and any(member.seeks for member in problem.members)
    is_whole = any(rule.is_asked(layer) for rule in RULES if not rule.holds_in_parts)
    if keeps_pairs or is_sought or layer.together or is_whole:
        return layer.largest
    return min(layer.largest, 2 * layer.smallest - 1)


def undominated(columns: Columns, costs: FloatArray, smallest: int) -> BoolArray:
    """Tell which networks cost less than any two of the listed ones that they could be split into.

    columns: allowed networks. costs: of each, all that the layer says. smallest: members in a network.
    """
    kept = np.ones(len(columns), dtype=np.bool_)
    sizes = columns.sizes
    if columns.n > TABLE or not (sizes >= 2 * smallest).any():
        return kept
    bits = np.append(1 << np.arange(columns.n, dtype=np.int64), 0)
    price = np.full(1 << columns.n, np.inf)
    price[bits[columns.groups].sum(1)] = costs
    for size in range(2 * smallest, int(sizes.max()) + 1):
        own = np.flatnonzero(sizes == size)
        members = bits[columns.groups[own, :size]]
        whole = members.sum(1)
        best = np.full(len(own), np.inf)
        for part in range(smallest, size // 2 + 1):
            for chosen in combinations(range(size), part):
                one = members[:, chosen].sum(1)
                best = np.minimum(best, price[one] + price[whole - one])
        kept[own] = best > costs[own] + _ROUNDING
    return kept
