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


def _object(required: list[str], **properties: object) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
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
DATES_SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **MEETING_SCHEMA,
}
