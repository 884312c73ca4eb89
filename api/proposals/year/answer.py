"""A year's answer as it is kept: when each meeting is, what is booked, and what was changed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import ConfigDict, PlainSerializer, PlainValidator

from api.proposals.documents import AS_STORED
from api.proposals.year.building import YearWish
from api.proposals.year.engine import calendar_document, calendar_of
from matcher.dates.year.problem import Meeting

Days = Annotated[
    Mapping[Meeting, date],
    PlainValidator(calendar_of, json_schema_input_type=dict[str, str]),
    PlainSerializer(calendar_document),
]


@dataclass(frozen=True, slots=True)
class YearSettings:
    """What holds before anything is solved: meetings that are booked, and those moved by hand, by key.

    wish: what was asked for; None in years that were asked for before it was kept.
    """

    booked: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    wish: YearWish | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before a meeting was moved by hand."""

    calendar: Days
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YearAnswer:
    """What is kept; `levels` holds each level's gap, 0 where it is proven.

    `made` are the meetings that it has made, by id, with the version that each was left with.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STORED

    calendar: Days
    levels: Mapping[str, float]
    booked: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    past: tuple[Before, ...] = ()
    made: Mapping[str, int] = field(default_factory=dict)


def undone(answer: YearAnswer) -> YearAnswer:
    """Return an answer as it was before its latest move by hand."""
    *past, before = answer.past
    return replace(answer, calendar=before.calendar, moved=before.moved, past=tuple(past))
