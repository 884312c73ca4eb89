"""The people as the search sees them: groups of equal wishes, presence and reach, in columns."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.programme.places import Places

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people as columns: `worth` is sessions x groups, `count` slots x groups.

    A group is people with equal wishes, presence and reach; `count` is how many of them are there.
    Hosting adds `hosting` to the worth, so that the best in a slot is always the hosted session.
    """

    worth: Floats
    count: Floats
    members: tuple[tuple[int, ...], ...]
    hosting: float


def gather(places: Places, worth: NDArray[np.float64]) -> Crowd:
    """Gather the people into groups; `worth` is sessions x people."""
    hosting = np.zeros_like(worth)
    above = worth.max(initial=0.0) * 2 + 1
    for session, hosts in enumerate(places.hosts):
        hosting[session, list(hosts)] = above
    value = np.where(places.guests_only, worth + hosting, 0.0)
    keys: dict[bytes, list[int]] = {}
    for person in range(value.shape[1]):
        if value[:, person].any():
            key = value[:, person].tobytes() + places.here[person].tobytes()
            keys.setdefault(key, []).append(person)
    members = [tuple(group) for group in keys.values()]
    firsts = [group[0] for group in members]
    sizes = np.array([len(group) for group in members], dtype=np.float32)
    count = places.here[firsts].T.astype(np.float32) * sizes
    return Crowd(
        worth=value[:, firsts].astype(np.float32),
        count=np.ascontiguousarray(count),
        members=tuple(members),
        hosting=float(above),
    )
