"""The JSON Schema of a programme problem: what `samkrets schema programme` prints."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from matcher.programme.fields import FLAG, TEXT, TIME, Kind, count, ids, one_id, one_of, properties
from matcher.programme.problem import Person, Role, Room, Session, Track

Json = dict[str, Any]


def _value(kind: Kind, description: str) -> Json:
    return {**kind.schema, "description": description}


def _text(description: str) -> Json:
    return _value(TEXT, description)


def _id(description: str) -> Json:
    return _value(one_id(), description)


def _ids(description: str) -> Json:
    return _value(ids(), description)


def _flag(description: str) -> Json:
    return _value(FLAG, description)


def _count(description: str, least: int, most: int) -> Json:
    return _value(count(least, most), description)


def _time(description: str) -> Json:
    return _value(TIME, f"{description}: local time YYYY-MM-DDTHH:MM")


def _record(required: tuple[str, ...], **properties: Json) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def _list(item: Json, least: int = 0) -> Json:
    return {"type": "array", "items": item, "minItems": least}


_WISHES: Final[Json] = {
    "type": "object",
    "description": "session id -> weight, a number of at least 0",
    "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1e6},
}
_NAME = _text("shown to people; not used in planning")
_NOTE = _text("kept for people; not used in planning")

_SLOT = _record(
    ("id",),
    id=_id("slot id"),
    name=_NAME,
    start=_time("first minute"),
    end=_time("end, not included"),
    day=_text("label of the day, where times are not set"),
    kind=_value(
        one_of("parallel", "plenary", "break"),
        "what may stand here: sessions side by side, one session, none",
    ),
)
_ROOM = _record(("id",), id=_id("room id"), name=_NAME, **properties(Room))
_TRACK = _record(("id",), id=_id("track id"), name=_NAME, **properties(Track))
_ROLE = _record(("id",), id=_id("role id"), name=_NAME, **properties(Role))
_SESSION = _record(
    ("id",),
    id=_id("session id"),
    title=_NAME,
    name=_NAME,
    purpose=_NOTE,
    task=_NOTE,
    method=_NOTE,
    leader=_id("a person who leads; counts as a host"),
    preparation=_NOTE,
    gives=_NOTE,
    format=_NOTE,
    **properties(Session),
    pin=_record((), slot=_id("its first run starts here"), room=_id("its first run is here")),
    needs=_record(
        (),
        digital=_flag("its room must be digital"),
        accessible=_flag("its room must be accessible"),
        equipment=_ids("its room must have these"),
    ),
    rooms=_record(
        (),
        forbidden=_ids("rooms that it is never in"),
        preferred=_ids("rooms that it is in where that can be"),
    ),
    tables=_record(
        ("size",),
        size=_count("most people at a table", 2, 100),
        rounds=_count("how often people change tables", 1, 10),
        circles=_list(
            _record(
                ("people",),
                people=_ids("people who are to sit together"),
                weight={
                    "type": "number",
                    "minimum": 0,
                    "maximum": 1e6,
                    "description": "how much that is worth, 1 when absent",
                },
            )
        ),
    ),
)
_PERSON = _record(
    ("id",),
    id=_id("person id"),
    name=_NAME,
    function=_NOTE,
    wishes=_WISHES,
    **properties(Person),
)
_RUN = _record(
    ("session", "slot", "room"),
    session=_id("session id"),
    slot=_id("slot id"),
    room=_id("room id"),
)

SCHEMA: Final[Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A programme to plan",
    **_record(
        ("slots", "rooms", "sessions", "people"),
        title=_NAME,
        note=_NOTE,
        slots=_list(_SLOT, 1),
        rooms=_list(_ROOM, 1),
        tracks=_list(_TRACK),
        roles=_list(_ROLE),
        sessions=_list(_SESSION, 1),
        people=_list(_PERSON),
        bodies=_list(_record(("id",), id=_id("body id"), name=_NAME, wishes=_WISHES)),
        walking=_list(
            _record(
                ("from", "to", "minutes"),
                **{
                    "from": _id("room id"),
                    "to": _id("room id"),
                    "minutes": {
                        "type": "number",
                        "minimum": 0,
                        "maximum": 10_000,
                        "description": "minutes on foot, both ways",
                    },
                },
            )
        ),
        met=_list(
            _record(
                ("people",),
                people={
                    **_value(ids(), "two people who have met"),
                    "minItems": 2,
                    "maxItems": 2,
                },
                times=_count("how often, 1 when absent", 0, 10_000),
            )
        ),
        published=_list(_RUN),
        leader_pause=_count("least minutes between two sessions that one leads on a day", 0, 1440),
    ),
}


def without_wishes(schema: Mapping[str, Any] = SCHEMA) -> Json:
    """Return the schema with wishes unchecked: 2,000 people hold 40,000 of them.

    The codec checks each weight itself, some fifty times faster than the general validator.
    """
    relaxed = copy.deepcopy(dict(schema))
    for name in ("people", "bodies"):
        relaxed["properties"][name]["items"]["properties"]["wishes"] = {
            "type": "object",
            "description": _WISHES["description"],
        }
    return relaxed
