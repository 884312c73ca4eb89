"""All SQL over the index: what holds some words, the nearest first, and what is to be written anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    column,
    delete,
    false,
    literal,
    literal_column,
    or_,
    table,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select

from api.kit.finding.matching import START
from api.kit.finding.models import SearchEntry, SearchMark

_INDEX = table("search_words", column("number"), column("swedish"), column("rowid"))  # `triggers`
SHORTEST_TRIGRAM = 3  # letters; SQLite's index knows no shorter part of a word


_Order = tuple[ColumnElement[int], ColumnElement[int], Mapped[str], Mapped[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A word that is looked for, as `matching.plain` writes it: itself, its stem, and what it may have meant.

    is_nowhere: nothing at all holds it as it stands, so that only what it may have meant is looked for.
    """

    word: str
    stem: str
    near: tuple[str, ...] = ()
    is_nowhere: bool = False


def holding(
    session: Session, kinds: Collection[str], asked: Sequence[Asked], at: datetime, most: int
) -> dict[str, list[str]]:
    """Return the ids of the things that hold every word, `most` of each kind, the best first and then the nearest in time."""
    is_embedded = session.get_bind().dialect.name == "sqlite"
    held = and_(*(_held(one, is_embedded=is_embedded) for one in asked))
    rank = sum((_rank(one, is_embedded=is_embedded) for one in asked), start=literal(0))
    away = func.abs(col(SearchEntry.moment) - int(at.timestamp()))
    order = (rank, away, col(SearchEntry.names), col(SearchEntry.item_id))
    choose = _first_by_place if is_embedded else _first_of_each
    found: dict[str, list[str]] = {}
    for kind, item_id in session.execute(choose(kinds, held, order, most)):
        found.setdefault(kind, []).append(item_id)
    return found


def _first_by_place(
    kinds: Collection[str], held: ColumnElement[bool], order: _Order, most: int
) -> Select[tuple[str, str]]:
    """Give each thing its place in its kind, in one look at the index: SQLite's way."""
    place = func.row_number().over(partition_by=col(SearchEntry.kind), order_by=order)
    of_kinds = col(SearchEntry.kind).in_(kinds)
    each = (
        select(SearchEntry.kind, SearchEntry.item_id, place.label("place"))
        .where(of_kinds, held)
        .subquery()
    )
    placed = select(each.c.kind, each.c.item_id).where(each.c.place <= most)
    return placed.order_by(each.c.kind, each.c.place)


def _first_of_each(
    kinds: Collection[str], held: ColumnElement[bool], order: _Order, most: int
) -> Select[tuple[str, str]]:
    """Take the first of each kind alone, which sorts no more than these: PostgreSQL's way, half the time."""
    kind = func.unnest(postgresql.array(sorted(kinds))).table_valued("name").render_derived()
    rank, away, names, item_id = order
    best = (
        select(rank.label("rank"), away.label("away"), names.label("names"), item_id.label("id"))
        .where(col(SearchEntry.kind) == kind.c.name, held)
        .order_by(*order)
        .limit(most)
        .lateral()
    )
    found = select(kind.c.name, best.c.id).select_from(kind.join(best, true()))
    return found.order_by(kind.c.name, best.c.rank, best.c.away, best.c.names, best.c.id)


def _held(one: Asked, *, is_embedded: bool) -> ColumnElement[bool]:
    """A word's stem (and so the word) stands somewhere, or in a name what it may have meant."""
    names, words = col(SearchEntry.names), col(SearchEntry.words)
    nearest = [
        other for other in one.near if not any(part in other for part in one.near if part != other)
    ]
    in_names = [_has(names, other, is_embedded=is_embedded) for other in nearest]
    if one.is_nowhere:
        return or_(false(), *in_names)
    if is_embedded and len(one.stem) >= SHORTEST_TRIGRAM:
        within = select(_INDEX.c.rowid).where(
            literal_column(_INDEX.name).op("MATCH")(f'"{one.stem}"')
        )
        return or_(col(SearchEntry.number).in_(within), *in_names)
    somewhere = [_has(column, one.stem, is_embedded=is_embedded) for column in (names, words)]
    if is_embedded:
        return or_(*somewhere, *in_names)
    query = func.to_tsquery("swedish", f"{one.word}:*")
    within = select(_INDEX.c.number).where(_INDEX.c.swedish.op("@@")(query))
    return or_(col(SearchEntry.number).in_(within), *somewhere, *in_names)


def _rank(one: Asked, *, is_embedded: bool) -> ColumnElement[int]:
    names, words = col(SearchEntry.names), col(SearchEntry.words)
    parts = ((names, f"{START}{one.word}"), (names, f" {one.word}"), (names, one.word))
    steps = [*parts, (words, one.word)] if one.near or one.word != one.stem else parts
    return case(
        *(
            (_has(column, part, is_embedded=is_embedded), rank)
            for rank, (column, part) in enumerate(steps)
        ),
        else_=len(steps),
    )


def _has(column: Mapped[str], part: str, *, is_embedded: bool) -> ColumnElement[bool]:
    """A text holds a part; PostgreSQL's LIKE takes four times as long as its `strpos`, letter by letter."""
    position = func.instr if is_embedded else func.strpos
    return position(column, part) > 0


def words_of_names(session: Session, kinds: Collection[str]) -> set[str]:
    """Return every word that a name holds; as one text from the database, since rows cost more than letters."""
    statement = select(func.aggregate_strings(col(SearchEntry.names), " "))
    names = session.exec(statement.where(col(SearchEntry.kind).in_(kinds))).one() or ""
    return set(names.replace(START, " ").split())


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
