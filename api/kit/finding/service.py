"""A search over the sorts of things that features let people find."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlmodel import Session

from api.kit.finding.matching import Entry, best
from api.kit.i18n import Speaker

MOST_OF_A_KIND = 8  # shown; who finds more should write more

V = TypeVar("V")  # who asks


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """A sort of things that a feature lets people find; `entries` yields what the viewer may see."""

    label: str  # Swedish, plural: the heading over what was found
    entries: Callable[[Session, V, Speaker], Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind, the best first, and how many more there are."""

    label: str
    entries: tuple[Entry, ...]
    more: int


def search(
    session: Session, kinds: Iterable[Kind[V]], viewer: V, say: Speaker, query: str
) -> tuple[Found, ...]:
    """Return what a viewer finds of each kind; kinds of which nothing is found are left out."""
    found = []
    for kind in kinds:
        hits = best(kind.entries(session, viewer, say), query)
        if hits:
            rest = max(0, len(hits) - MOST_OF_A_KIND)
            found.append(Found(kind.label, tuple(hits[:MOST_OF_A_KIND]), rest))
    return tuple(found)
