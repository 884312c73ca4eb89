"""A programme's answer as it is kept: the timetable, what is proven of it, and what was changed by hand."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from pydantic import ConfigDict, PlainSerializer, PlainValidator

from api.proposals.documents import AS_STORED
from matcher.programme.explain import ReasonKind
from matcher.programme.files.writing import timetable_document, timetable_from_document
from matcher.programme.problem import Timetable

StoredTimetable = Annotated[
    Timetable,
    PlainValidator(timetable_from_document, json_schema_input_type=dict[str, object]),
    PlainSerializer(timetable_document),
]
Place = tuple[str, str] | None
"""Slot and room."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom a repair concerns: sessions that move from place to place, wishes lost, and new tables."""

    person: str
    moves: tuple[tuple[str, Place, Place], ...] = ()
    lost: tuple[tuple[str, ReasonKind], ...] = ()
    reseated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before a session was moved by hand, the session, and whether it was locked.

    minutes: how long it was before it was made longer or shorter, 0 for as long as its slot; None
    of a move.
    """

    timetable: StoredTimetable
    session: str
    was_held: bool
    moved: tuple[str, ...] = ()
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeAnswer:
    """What is kept.

    held: sessions locked where they stand. moved: those moved by hand. gap, proven: how near the
    best, and which levels are proven; `is_smallest`, `keeps_most` (it is proven that no repair lets
    more of the published sessions go on) and `notices` are a repair's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STORED

    timetable: StoredTimetable
    held: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    gap: float | None = None
    proven: tuple[str, ...] = ()
    trail: tuple[tuple[float, float | None, float | None], ...] = ()
    is_smallest: bool | None = None
    keeps_most: bool | None = None
    notices: tuple[Notice, ...] = ()
    past: tuple[Before, ...] = ()
    future: tuple[Before, ...] = ()  # moves that were taken back, the latest last


def undone(answer: ProgrammeAnswer) -> ProgrammeAnswer:
    """Return an answer as it was before its latest move; what was locked or let loose since stays so."""
    *past, before = answer.past
    return replace(
        _as_in(answer, before),
        past=tuple(past),
        future=(*answer.future, _as_is(answer, before.session)),
    )


def redone(answer: ProgrammeAnswer) -> ProgrammeAnswer:
    """Return an answer as it was before its latest move was taken back."""
    *future, after = answer.future
    return replace(
        _as_in(answer, after),
        past=(*answer.past, _as_is(answer, after.session)),
        future=tuple(future),
    )


def _as_is(answer: ProgrammeAnswer, session: str) -> Before:
    return Before(answer.timetable, session, session in answer.held, answer.moved)


def _as_in(answer: ProgrammeAnswer, other: Before) -> ProgrammeAnswer:
    held = set(answer.held) - {other.session}
    if other.was_held:
        held.add(other.session)
    return replace(answer, timetable=other.timetable, moved=other.moved, held=tuple(sorted(held)))
