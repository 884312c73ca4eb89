"""Every set of topics that grants more over prices than a limit, grown beside each choice of popular topics."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.programme.search.demand import Demand, Numbers
from matcher.programme.search.grown_sets import GrownSets

# What popular topics share is most of what parts of a set differ in, so one topic in so many, up to so
# many, is chosen first, not estimated.
_ONE_IN, _MOST_POPULAR = 8, 14
# The others fill so many rooms at least.
_LEAST_LEFT = 3


@dataclass(frozen=True)
class RootedSets:
    """All sets of at most as many topics as rooms, by the popular topics in them."""

    demand: Demand
    rooms: int
    most: int
    keep_going: Callable[[], bool]

    def above(self, prices: Numbers, limit: float) -> list[tuple[int, ...]] | None:
        """Return every set that grants more than a limit over the prices of its topics.

        None where beside some root so many parts of a size were above it as `most`, or time did not suffice.
        """
        popular, others = self._split()
        found = list[tuple[int, ...]]()
        roots = [(list[int](), 0)]
        while roots:
            root, place = roots.pop()
            rooms = self.rooms - len(root)
            later = [topic for topic in popular[place:] if not self.demand.apart[topic, root].any()]
            rest = [topic for topic in others if not self.demand.apart[topic, root].any()]
            over = limit - self.demand.value(tuple(root)) + prices[root].sum()
            if self._most_beside(root, later + rest, rooms, prices) <= over:
                continue
            if rooms > _LEAST_LEFT:
                roots += [
                    ([*root, topic], place + 1 + number)
                    for number, topic in enumerate(popular[place:])
                    if topic in later
                ]
            else:
                rest = sorted(later + rest)
            sets = GrownSets(self.demand.beside(root, rest), rooms, self.keep_going)
            grown = sets.above(prices[rest], over, self.most)
            if grown is None:
                return None
            for one in grown.topics.tolist():
                topics = sorted([*root, *(rest[topic] for topic in one if topic < len(rest))])
                # In long numbers: parts were kept that short ones may have put too low.
                if self.demand.value(tuple(topics)) - prices[topics].sum() > limit:
                    found.append(tuple(topics))
        return found

    def _split(self) -> tuple[list[int], list[int]]:
        """Return the popular topics, the most wished for first, and the others."""
        order = np.argsort(-(self.demand.rows @ self.demand.steps), kind="stable")
        many = min(len(order) // _ONE_IN, _MOST_POPULAR) if self.rooms > _LEAST_LEFT else 0
        return order[:many].tolist(), sorted(order[many:].tolist())

    def _most_beside(
        self, root: list[int], others: list[int], rooms: int, prices: Numbers
    ) -> float:
        """Return more than any so many topics could add to a root: what each adds by itself."""
        left = ~self.demand.rows[root].any(axis=0)
        added = self.demand.rows[others] @ (left * self.demand.steps)
        added += self.demand.extra[others] - prices[others]
        return float(np.sort(np.maximum(added, 0.0))[::-1][:rooms].sum())
