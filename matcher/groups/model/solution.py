"""What a solve returns: networks for every layer, how good they are, and what fairness cost."""

from dataclasses import dataclass

from matcher.groups.model.layer import Networks
from matcher.proof import Proof


@dataclass(frozen=True, slots=True)
class Fairness:
    """The members' dissimilarities, worst first, and how many of these levels are proven.

    price: the objective over the bound of the total without fairness; None when that bound is 0.
    """

    levels: tuple[float, ...]
    proven: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Solution:
    """Networks for every layer.

    proof: the objective by the plain rules, and a bound valid for the whole problem.
    is_optimal: proven; with fairness, when every level is.
    method: how the bound was made.
    """

    networks: Networks
    proof: Proof
    is_optimal: bool
    method: str
    fairness: Fairness | None = None
