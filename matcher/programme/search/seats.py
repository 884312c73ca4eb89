"""What limited seats cost in one slot: the dual of the transportation problem, raised price by price."""

import numpy as np
from numpy.typing import NDArray

# Each round sets the right price for one full room; few rooms of a slot are ever full at once.
_MOST_ROUNDS = 12
_EASE = 1e-6


def seat_loss(
    worth: NDArray[np.float32], count: NDArray[np.float32], seats: NDArray[np.float32]
) -> float:
    """Return how much weight the seats of a slot cost those who would all choose freely.

    A price per full room sends those away who lose least by it; the loss found is never more than
    the true one, and equal to it when the prices settle (the duality of the transportation problem).

    Args:
        worth: runs x groups.
        count: people here in each group.
        seats: of each run's room.
    """
    prices = np.zeros(len(worth), dtype=np.float32)
    columns = np.arange(worth.shape[1])
    free = float(np.maximum(worth.max(axis=0), 0) @ count)
    value = free
    for _ in range(_MOST_ROUNDS):
        bids = worth - prices[:, None]
        winner = bids.argmax(axis=0)
        best = np.maximum(bids[winner, columns], 0)
        value = min(value, float(best @ count + prices @ np.minimum(seats, count.sum())))
        loads = np.bincount(winner, weights=count * (best > _EASE), minlength=len(worth))
        over = loads - seats
        fullest = int(over.argmax())
        if over[fullest] <= 0:
            break
        bids[fullest] = -np.inf
        regret = worth[fullest] - np.maximum(bids.max(axis=0, initial=0.0), 0)
        order = np.argsort(-regret)
        filled = np.cumsum(count[order]) > seats[fullest]
        prices[fullest] = max(float(regret[order[filled.argmax()]]), 0.0) + _EASE
    return max(free - value, 0.0)


def room_limits(loads: NDArray[np.float64], seats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the largest rooms to the fullest runs: the seats of each, in the order of the runs."""
    limits = np.empty(len(seats), dtype=np.float32)
    limits[np.argsort(-loads)] = -np.sort(-seats)
    return limits
