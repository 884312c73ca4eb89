"""A search over the sorts of things that features let people find."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlmodel import Session

from api.kit.finding import queries
from api.kit.finding.matching import START, Entry, near, plain, stem
from api.kit.finding.queries import Asked
from api.kit.i18n import LANGUAGES, Speaker

MOST_OF_A_KIND = 8  # shown; who finds more should write more
MOST_WORDS = 8  # of a query; the rest narrows nothing that eight do not
MOST_MARKS = 2000  # things written anew at a time
_FIRST, _ALL = 50, 1_000_000  # things of a kind that are looked for, and where these are not enough
_TOGETHER = 1000  # of them, whose rights are asked for at once: the first of a kind in one question

V = TypeVar("V")  # who asks

Entries = Callable[[Session, V | None, Speaker, Collection[str]], Mapping[str, Entry]]
Seen = Callable[[Session, V, Sequence[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class Kind(Generic[V]):
    """A sort of things that a feature lets people find, as its models' `watch` names it.

    is_for: whether the viewer finds any at all. seen: those of some ids that the viewer may see.
    entries: what these things are found as, by id; without a viewer for the index, where what is not
    returned cannot be found.
    """

    name: str
    label: str  # Swedish, plural: the heading over what was found
    is_for: Callable[[V], bool]
    seen: Seen[V]
    entries: Entries[V]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind, the best first, and whether there is more."""

    label: str
    entries: tuple[Entry, ...]
    has_more: bool


def all_of_them(_session: Session, _viewer: V, ids: Sequence[str]) -> Sequence[str]:
    """Let whoever finds a kind at all see all of it."""
    return ids


def is_stale(session: Session) -> bool:
    """Whether something has changed since it was written into the index."""
    return queries.has_marks(session)


def renew(session: Session, kinds: Iterable[Kind[V]], most: int = MOST_MARKS) -> int:
    """Write what has changed into the index, the newest first; return how many changes it was."""
    by_name = {kind.name: kind for kind in kinds}
    number, taken = queries.take_marks(session, most)
    for name, ids in sorted(taken.items()):
        if name in by_name:
            queries.write(session, name, ids, _rows(session, by_name[name], sorted(ids)))
    return number


def _rows(session: Session, kind: Kind[V], ids: Sequence[str]) -> list[dict[str, object]]:
    said = [kind.entries(session, None, Speaker(language), ids) for language in LANGUAGES]
    rows = []
    for item_id in ids:
        entries = [one[item_id] for one in said if item_id in one]
        if not entries:
            continue
        names = dict.fromkeys(plain(one.title) for one in entries)
        words = dict.fromkeys(plain(f"{one.detail} {one.words}") for one in entries)
        at = entries[0].at
        rows.append(
            {
                "kind": kind.name,
                "item_id": item_id,
                "names": "".join(f"{START}{name}" for name in names),
                "words": " ".join(words),
                "moment": int(at.timestamp()) if at else 0,
            }
        )
    return rows


def search(
    session: Session, kinds: Iterable[Kind[V]], viewer: V, say: Speaker, query: str, at: datetime
) -> tuple[Found, ...]:
    """Return what a viewer finds of each kind; kinds of which nothing is found are left out.

    Words with a slip are forgiven where they find nothing as they stand.
    """
    words = list(dict.fromkeys(plain(query).split()))[:MOST_WORDS]
    open_to = [kind for kind in kinds if kind.is_for(viewer)]
    if not words or not open_to:
        return ()
    names = [kind.name for kind in open_to]
    asked = [Asked(word, stem(word)) for word in words]
    held = queries.holding(session, names, asked, at, _FIRST)
    found = _found(session, open_to, viewer, say, _Looked(asked, at, held))
    if found:
        return found
    known = queries.words_of_names(session, names)
    is_nowhere = not held and len(words) == 1
    asked = [Asked(word, stem(word), near(word, known), is_nowhere) for word in words]
    if not any(one.near for one in asked):
        return ()
    held = queries.holding(session, names, asked, at, _FIRST)
    return _found(session, open_to, viewer, say, _Looked(asked, at, held))


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was asked and when, and the first ids of each kind that hold it."""

    asked: Sequence[Asked]
    at: datetime
    held: Mapping[str, Sequence[str]]


def _found(
    session: Session, kinds: Iterable[Kind[V]], viewer: V, say: Speaker, looked: _Looked
) -> tuple[Found, ...]:
    found = []
    for kind in kinds:
        ids = _first_seen(session, kind, viewer, looked)
        shown = kind.entries(session, viewer, say, ids[:MOST_OF_A_KIND]) if ids else {}
        entries = tuple(shown[one] for one in ids[:MOST_OF_A_KIND] if one in shown)
        if entries:
            found.append(Found(kind.label, entries, len(ids) > MOST_OF_A_KIND))
    return tuple(found)


def _first_seen(session: Session, kind: Kind[V], viewer: V, looked: _Looked) -> list[str]:
    """Return the first of a kind that the viewer may see, at least one more than are shown if there are."""
    some = looked.held.get(kind.name, [])
    seen = _enough(session, kind, viewer, some)
    if len(some) < _FIRST or len(seen) > MOST_OF_A_KIND:
        return seen
    held = queries.holding(session, [kind.name], looked.asked, looked.at, _ALL)
    return seen + _enough(session, kind, viewer, held.get(kind.name, [])[_FIRST:])


def _enough(session: Session, kind: Kind[V], viewer: V, ids: Sequence[str]) -> list[str]:
    """Return those of some things that the viewer may see, until there are more than are shown."""
    seen: list[str] = []
    for begin in range(0, len(ids), _TOGETHER):
        some = ids[begin : begin + _TOGETHER]
        known = set(kind.seen(session, viewer, some))
        seen += [one for one in some if one in known]
        if len(seen) > MOST_OF_A_KIND:
            break
    return seen
