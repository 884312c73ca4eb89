"""Wishes as bits: who wishes at least so much, a bit a person, so that what a slot grants is a count."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.search.crowd import Floats
from matcher.programme.search.grid import Ints

Words: TypeAlias = NDArray[np.uint64]

# Wishes of more different weights than so many take more words than they save.
_MOST_LEVELS = 12
_WORD = 64


def are_few(worth: Floats) -> bool:
    """Tell whether worth has so few different values that bits are the shorter way."""
    return 0 < len(np.unique(worth[worth > 0])) <= _MOST_LEVELS


class WishBits:
    """For each weight that occurs a bit per person who wishes at least that much.

    The most that some topics grant together is the count of the bits of any of them, each times the
    `steps` from the weight below. People stand in the order of their dearest wish, so that high
    weights (hosting) take few words. `words` is topics x words.
    """

    def __init__(self, worth: Floats, sizes: Ints) -> None:
        """Take topics x groups and how many people each group is."""
        people = np.repeat(np.arange(len(sizes)), sizes)
        dearest = worth.max(axis=0)
        people = people[np.argsort(-dearest[people], kind="stable")]
        self.levels: NDArray[np.float32] = np.unique(worth[worth > 0])
        self._people = [
            people[: int((dearest[people] >= level).sum())] for level in self.levels.tolist()
        ]
        self.words: Words = np.hstack(
            [
                bits_of(worth[:, some] >= level)
                for level, some in zip(self.levels, self._people, strict=True)
            ]
        )
        widths = [-(-len(some) // _WORD) for some in self._people]
        self.steps: Floats = np.repeat(np.diff(self.levels, prepend=np.float32(0)), widths)

    def of_groups(self, rows: NDArray[np.bool_]) -> Words:
        """Return rows x words: the bits of the groups that are true in each row."""
        return np.hstack([bits_of(rows[:, some]) for some in self._people])


def bits_of(rows: NDArray[np.bool_]) -> Words:
    """Return rows of bits as words, filled up with nobody."""
    filled = np.pad(rows, ((0, 0), (0, -rows.shape[1] % _WORD)))
    octets = np.packbits(filled, axis=1, bitorder="little")
    return np.ascontiguousarray(octets).view(np.uint64)
