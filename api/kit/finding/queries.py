"""All SQL over the index: what holds some words, the nearest first, and what is to be written anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, column, delete, literal_column, or_, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from api.kit.finding.matching import START
from api.kit.finding.models import SearchEntry, SearchMark

_INDEX = table("search_words", column("number"), column("swedish"), column("rowid"))  # `triggers`
SHORTEST_TRIGRAM = 3  # letters; SQLite's index knows no shorter part of a word


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that is looked for, as `matching.plain` writes it: itself, its stem, and what it may have meant."""

    word: str
    stem: str
    near: tuple[str, ...] = ()


def holding(
    session: Session, kinds: Collection[str], asked: Sequence[Asked], at: datetime
) -> dict[str, list[str]]:
    """Return the ids of the things that hold every word, by kind, the best first and then the nearest in time."""
    is_embedded = session.get_bind().dialect.name == "sqlite"
    held = [_held(one, is_embedded=is_embedded) for one in asked]
    rank = sum((_rank(one) for one in asked[1:]), start=_rank(asked[0]))
    away = func.abs(col(SearchEntry.moment) - int(at.timestamp()))
    statement = (
        select(SearchEntry.kind, SearchEntry.item_id)
        .where(col(SearchEntry.kind).in_(kinds), *held)
        .order_by(rank, away, SearchEntry.names, SearchEntry.item_id)
    )
    found: dict[str, list[str]] = {}
    for kind, item_id in session.execute(statement):
        found.setdefault(kind, []).append(item_id)
    return found


def _held(one: Asked, *, is_embedded: bool) -> ColumnElement[bool]:
    """A word or its stem stands somewhere, or in a name what it may have meant."""
    in_names = [col(SearchEntry.names).contains(other) for other in one.near]
    parts = sorted({one.word, one.stem})
    if is_embedded and min(map(len, parts)) >= SHORTEST_TRIGRAM:
        asked = " OR ".join(f'"{part}"' for part in parts)
        within = select(_INDEX.c.rowid).where(literal_column("search_words").op("MATCH")(asked))
        return or_(col(SearchEntry.number).in_(within), *in_names)
    somewhere = [
        column.contains(part)
        for part in parts
        for column in (col(SearchEntry.names), col(SearchEntry.words))
    ]
    if is_embedded:
        return or_(*somewhere, *in_names)
    query = func.to_tsquery("swedish", f"{one.word}:*")
    within = select(_INDEX.c.number).where(_INDEX.c.swedish.op("@@")(query))
    return or_(col(SearchEntry.number).in_(within), *somewhere, *in_names)


def _rank(one: Asked) -> ColumnElement[int]:
    names, words = col(SearchEntry.names), col(SearchEntry.words)
    return case(
        (names.contains(f"{START}{one.word}"), 0),
        (names.contains(f" {one.word}"), 1),
        (names.contains(one.word), 2),
        (words.contains(one.word), 3),
        else_=5 if one.near else 4,
    )


def words_of_names(session: Session, kinds: Collection[str]) -> set[str]:
    """Return every word that a name holds."""
    statement = select(SearchEntry.names).where(col(SearchEntry.kind).in_(kinds)).distinct()
    return {word for names in session.exec(statement) for word in names.replace(START, " ").split()}


def has_marks(session: Session) -> bool:
    """Whether anything is to be written anew."""
    return session.exec(select(SearchMark.number).limit(1)).first() is not None


def take_marks(session: Session, most: int) -> tuple[int, dict[str, set[str]]]:
    """Take the newest marks away; return how many they were, and of which things, by kind."""
    newest = select(SearchMark.number).order_by(col(SearchMark.number).desc()).limit(most)
    statement = (
        delete(SearchMark)
        .where(col(SearchMark.number).in_(newest.scalar_subquery()))
        .returning(col(SearchMark.kind), col(SearchMark.item_id))
    )
    found: dict[str, set[str]] = {}
    taken = session.execute(statement).all()
    for kind, item_id in taken:
        found.setdefault(kind, set()).add(item_id)
    return len(taken), found


def write(
    session: Session, kind: str, gone: Collection[str], rows: Sequence[dict[str, object]]
) -> None:
    """Take the rows of things away, and write others anew."""
    known = and_(col(SearchEntry.kind) == kind, col(SearchEntry.item_id).in_(gone))
    session.execute(delete(SearchEntry).where(known))
    if not rows:
        return
    is_embedded = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(SearchEntry) if is_embedded else postgresql.insert(SearchEntry)
    new = {name: insert.excluded[name] for name in ("names", "words", "moment")}
    statement = insert.on_conflict_do_update(index_elements=["kind", "item_id"], set_=new)
    session.execute(statement, rows)
