"""The JSON Schema of a dates problem: a meeting to place, a year to lay out, or study visits."""

from typing import Any, Final

_ID: Final = {"type": "string", "minLength": 1, "description": "a text that is not empty"}
_IDS: Final = {"type": "array", "items": _ID, "uniqueItems": True}
_HOURS: Final = {"type": "number", "minimum": 0, "maximum": 1e4}
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_MONEY: Final = {"type": "number", "minimum": 0, "maximum": 1e12}
_DAY: Final = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}$",
    "description": "a local date, YYYY-MM-DD",
}
_WHEN: Final = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$",
    "description": "a local date or clock time, YYYY-MM-DD or YYYY-MM-DDTHH:MM",
}
_LAT: Final = {"type": "number", "minimum": -90, "maximum": 90}
_LON: Final = {"type": "number", "minimum": -180, "maximum": 180}
_FORM: Final = {"enum": ["in_person", "hybrid", "digital"]}
_FORMS: Final = {"type": "array", "items": _FORM, "minItems": 1, "uniqueItems": True}
_ANSWER: Final = {"enum": ["yes", "maybe", "no"]}


def _object(needed: list[str], /, **properties: object) -> dict[str, Any]:
    return {
        "type": "object",
        "required": needed,
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: object, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


_POINT: Final = _object(["lat", "lon"], lat=_LAT, lon=_LON)
# A text stands for the object that holds nothing more; `if` keeps each fault at its own path.
_CLOSED: Final = _list(
    {
        "if": {"type": "string"},
        "then": _DAY,
        "else": _object(
            [],
            date=_DAY,
            first=_DAY,
            last=_DAY,
            name={"type": "string"},
            kind={"enum": ["public_holiday", "squeeze_day", "school_break", "other"]},
        ),
    }
)
_PLACE: Final = {
    **_object(
        ["id"],
        id=_ID,
        name={"type": "string"},
        lat=_LAT,
        lon=_LON,
        capacity=_COUNT,
        cost=_MONEY,
        accessible={"type": "boolean"},
        taken=_IDS,
    ),
    "dependentRequired": {"lat": ["lon"], "lon": ["lat"]},
}
_PERSON: Final = _object(
    ["id"],
    id=_ID,
    role=_ID,
    roles=_IDS,
    body=_ID,
    must_attend={"type": "boolean"},
    home=_POINT,
    availability={"type": "object", "additionalProperties": _ANSWER},
    weight={"type": "integer", "minimum": 1, "maximum": 1000},
    modes={
        "type": "array",
        "items": {"enum": ["in_person", "digital"]},
        "minItems": 1,
        "uniqueItems": True,
    },
    needs_accessible={"type": "boolean"},
    travel_limit_hours=_HOURS,
)
_PAST: Final = {
    **_object(
        [],
        date=_DAY,
        place=_ID,
        lat=_LAT,
        lon=_LON,
        bodies=_IDS,
        hours={"type": "object", "additionalProperties": _HOURS},
        cheapest_hours=_HOURS,
    ),
    "anyOf": [{"required": ["hours"]}, {"required": ["place"]}, {"required": ["lat", "lon"]}],
    "description": "an earlier meeting: hours per body, or a place (or lat and lon)",
}
_MEETING_SETTINGS: Final = _object(
    [],
    forms=_FORMS,
    prefer_forms=_FORMS,
    unanswered=_ANSWER,
    closed=_CLOSED,
    today=_DAY,
    notice_weeks={"type": "integer", "minimum": 0, "maximum": 520},
    meeting_hours=_HOURS,
    short_meeting_hours=_HOURS,
    longest_day_hours=_HOURS,
    travel_limit_hours=_HOURS,
    require_accessible={"type": "boolean"},
    require_attendance={"type": "boolean"},
    travel_resolution={"enum": ["auto", "estimate", "band"]},
    rotation_slack={"type": "number", "minimum": 0, "maximum": 10},
    most_in_a_row={"type": "integer", "minimum": 1, "maximum": 20},
    night_cost=_MONEY,
    hour_cost=_MONEY,
)
MEETING_SCHEMA: Final = {
    "title": "One meeting: candidate dates and places, ranked",
    **_object(
        ["dates"],
        kind={"const": "meeting"},
        dates=_list(
            {
                "if": {"type": "string"},
                "then": _DAY,
                "else": _object(["id"], id=_ID, date=_WHEN, start=_WHEN, end=_WHEN),
            },
            least=1,
        ),
        places=_list(_PLACE),
        people=_list(_PERSON),
        roles=_list(_object(["id"], id=_ID, quorum=_COUNT)),
        history=_list(_PAST),
        settings=_MEETING_SETTINGS,
    ),
}
YEAR_SCHEMA: Final = {
    "title": "A year: every series laid out together",
    **_object(
        ["first", "last", "series"],
        kind={"const": "year"},
        first=_DAY,
        last=_DAY,
        series=_list(
            _object(
                ["id", "count"],
                id=_ID,
                name={"type": "string"},
                count={"type": "integer", "minimum": 1, "maximum": 60},
                people=_IDS,
                required=_IDS,
                form=_FORM,
                part={"enum": ["day", "morning", "afternoon"]},
                days={"type": "integer", "minimum": 1, "maximum": 5},
                weekdays={
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1, "maximum": 7},
                    "minItems": 1,
                    "uniqueItems": True,
                    "description": "ISO weekdays, Monday 1 to Sunday 7",
                },
                min_gap_days={"type": "integer", "minimum": 1, "maximum": 731},
                earliest=_DAY,
                latest=_DAY,
                attached_to=_ID,
                hours=_HOURS,
            ),
            least=1,
        ),
        people=_list(
            _object(
                ["id"],
                id=_ID,
                unavailable=_list(_DAY),
                heads={"type": "integer", "minimum": 1, "maximum": 1000},
                school_days=_list(_DAY),
                journey=_HOURS,
                engagements=_list(_object(["date", "hours"], date=_DAY, hours=_HOURS)),
                booked=_list(
                    _object(
                        ["series", "number", "hours"],
                        series=_ID,
                        number={"type": "integer", "minimum": 1, "maximum": 60},
                        hours=_HOURS,
                    )
                ),
            )
        ),
        closed=_CLOSED,
        current=_list(
            _object(
                ["series", "number", "date"],
                series=_ID,
                number={"type": "integer", "minimum": 1, "maximum": 60},
                date=_DAY,
                locked={"type": "boolean"},
                booked={"type": "boolean"},
            )
        ),
        settings=_object(
            [],
            today=_DAY,
            notice_weeks={"type": "integer", "minimum": 0, "maximum": 520},
            max_per_week={"type": "integer", "minimum": 1, "maximum": 10},
            max_hours_per_month=_HOURS,
        ),
    ),
}
VISITS_SCHEMA: Final = {
    "title": "Study visits: visitors paired with hosts",
    **_object(
        ["visitors", "hosts"],
        kind={"const": "visits"},
        visitors=_list(
            _object(
                ["id", "lat", "lon"],
                id=_ID,
                lat=_LAT,
                lon=_LON,
                wants=_IDS,
                visited=_IDS,
                goal=_IDS,
                aims=_list(
                    _object(
                        ["any_of"],
                        any_of={**_IDS, "minItems": 1},
                        weight={"type": "integer", "minimum": 1, "maximum": 100},
                    )
                ),
            )
        ),
        hosts=_list(
            _object(["id", "lat", "lon"], id=_ID, lat=_LAT, lon=_LON, capacity=_COUNT, offers=_IDS)
        ),
        settings=_object([], longest_hours=_HOURS),
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
    "type": "object",
    "if": _IS_YEAR,
    "then": YEAR_SCHEMA,
    "else": {"if": _IS_VISITS, "then": VISITS_SCHEMA, "else": MEETING_SCHEMA},
}
