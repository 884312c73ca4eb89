"""The JSON Schema of a dates problem: a meeting to place, a year to lay out, or study visits."""

from typing import Any, Final

from matcher.dates.meeting.problem import (
    HOURS,
    ID,
    IDS,
    NOTICE_WEEKS,
    ClosedDays,
    Person,
    Place,
    Role,
    Settings,
)
from matcher.dates.visits.problem import Aim, Host, Visitor
from matcher.dates.year.problem import NUMBER, Attendee, Held, Series
from matcher.documents.fields import (
    DAY,
    TEXT,
    WHEN,
    Kind,
    array_schema,
    count,
    list_of,
    needed,
    number,
    object_of,
    object_schema,
    open_schema,
    properties,
    record_of,
)


def _of(record: type[Any], /, **more: Kind) -> dict[str, Any]:
    """Return the schema of a record, with what else stands in its object."""
    besides = {name: kind.schema for name, kind in more.items()}
    return object_schema(needed(record), **properties(record), **besides)


def _word(word: str) -> dict[str, Any]:
    return {"const": word}


_LAT: Final = number(-90, 90)
_LON: Final = number(-180, 180)
_HERE: Final = {"lat": _LAT.schema, "lon": _LON.schema}


def _located(record: type[Any], /, **more: Kind) -> dict[str, Any]:
    """Return the schema of a record that must say where it is."""
    besides = {name: kind.schema for name, kind in more.items()}
    return object_schema([*needed(record), *_HERE], **properties(record), **_HERE, **besides)


_POINT: Final = Kind(object_schema(["lat", "lon"], lat=_LAT.schema, lon=_LON.schema))


def _or_text(item: dict[str, Any]) -> dict[str, Any]:
    """Let a date stand for the object that holds nothing more; `if` keeps each fault at its own path."""
    return {"if": TEXT.schema, "then": DAY.schema, "else": item}


_CLOSED: Final = Kind(array_schema(_or_text(_of(ClosedDays, date=DAY, first=DAY, last=DAY))))
_PLACE: Final = {
    **_of(Place, lat=_LAT, lon=_LON),
    "dependentRequired": {"lat": ["lon"], "lon": ["lat"]},
}
_PAST: Final = {
    **object_schema(
        [],
        date=DAY.schema,
        place=ID.schema,
        lat=_LAT.schema,
        lon=_LON.schema,
        bodies=IDS.schema,
        hours=object_of(HOURS).schema,
        cheapest_hours=HOURS.schema,
    ),
    "anyOf": [{"required": ["hours"]}, {"required": ["place"]}, {"required": ["lat", "lon"]}],
    "description": "an earlier meeting: hours per body, or a place (or lat and lon)",
}
_DATE: Final = object_schema(
    ["id"], id=ID.schema, date=WHEN.schema, start=WHEN.schema, end=WHEN.schema
)
MEETING_SCHEMA: Final = {
    "title": "One meeting: candidate dates and places, ranked",
    **object_schema(
        ["dates"],
        kind=_word("meeting"),
        dates=array_schema(_or_text(_DATE), 1),
        places=array_schema(_PLACE),
        people=array_schema(_of(Person, role=ID, roles=IDS, home=_POINT)),
        roles=array_schema(_of(Role)),
        history=array_schema(_PAST),
        settings=_of(Settings, closed=_CLOSED),
    ),
}
_MEETING: Final = {"series": ID.schema, "number": NUMBER.schema}
_BOOKED: Final = object_schema(["series", "number", "hours"], **_MEETING, hours=HOURS.schema)
_CURRENT: Final = object_schema(
    ["series", "number", "date"], **_MEETING, date=DAY.schema, **properties(Held)
)
YEAR_SCHEMA: Final = {
    "title": "A year: every series laid out together",
    **object_schema(
        ["first", "last", "series"],
        kind=_word("year"),
        first=DAY.schema,
        last=DAY.schema,
        series=array_schema(_of(Series, people=IDS, required=IDS), 1),
        people=array_schema(_of(Attendee, booked=Kind(array_schema(_BOOKED)))),
        closed=_CLOSED.schema,
        current=array_schema(_CURRENT),
        settings=object_schema(
            [],
            today=DAY.schema,
            notice_weeks=NOTICE_WEEKS.schema,
            max_per_week=count(1, 10).schema,
            max_hours_per_month=HOURS.schema,
        ),
    ),
}
VISITS_SCHEMA: Final = {
    "title": "Study visits: visitors paired with hosts",
    **object_schema(
        ["visitors", "hosts"],
        kind=_word("visits"),
        visitors=array_schema(_located(Visitor, goal=IDS, aims=list_of(record_of(Aim), 0))),
        hosts=array_schema(_located(Host)),
        settings=object_schema([], longest_hours=HOURS.schema),
    ),
}
# Which of the three a document is: `kind` says it, or else what only that kind has.
_IS_YEAR: Final = {
    "anyOf": [
        {"required": ["kind"], "properties": {"kind": {"const": "year"}}},
        {"required": ["series"], "not": {"required": ["kind"]}},
    ]
}
_IS_VISITS: Final = {
    "anyOf": [
        {"required": ["kind"], "properties": {"kind": {"const": "visits"}}},
        {"required": ["visitors"], "not": {"required": ["kind"]}},
    ]
}
DATES_SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Dates: a meeting to place, a year to lay out, or study visits to pair",
    **open_schema(()),
    "if": _IS_YEAR,
    "then": YEAR_SCHEMA,
    "else": {"if": _IS_VISITS, "then": VISITS_SCHEMA, "else": MEETING_SCHEMA},
}
