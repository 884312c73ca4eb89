"""The JSON Schema of a programme problem: what `samkrets schema programme` prints."""

import copy
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

_LONGEST_ID = 200
_TIME = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$"


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


def _id(description: str) -> Json:
    return {**_text(description), "minLength": 1, "maxLength": _LONGEST_ID}


def _ids(description: str) -> Json:
    return {"type": "array", "items": _id("an id"), "uniqueItems": True, "description": description}


def _flag(description: str) -> Json:
    return {"type": "boolean", "description": description}


def _count(description: str, least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most, "description": description}


def _time(description: str) -> Json:
    text = f"{description}: local time YYYY-MM-DDTHH:MM"
    return {"type": "string", "pattern": _TIME, "description": text}


def _one_of(description: str, *values: str) -> Json:
    return {"enum": list(values), "description": description}


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
    kind=_one_of(
        "what may stand here: sessions side by side, one session, none",
        "parallel",
        "plenary",
        "break",
    ),
)
_ROOM = _record(
    ("id",),
    id=_id("room id"),
    name=_NAME,
    capacity=_count("people; without it no limit", 0, 1_000_000),
    digital=_flag("people can attend from afar"),
    accessible=_flag("can be reached and used by everyone"),
    equipment=_ids("what stands in the room"),
    unavailable_slots=_ids("slots in which the room is taken"),
)
_TRACK = _record(
    ("id",),
    id=_id("track id"),
    name=_NAME,
    focus=_one_of("what the track is about", "organisation", "subject"),
)
_ROLE = _record(
    ("id",),
    id=_id("role id"),
    name=_NAME,
    window=_count("the role's sessions fit this many slots in a row of one day", 1, 1000),
)
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
    hosts=_ids("people who must be there; need not stand under people"),
    unavailable_slots=_ids("slots in which it cannot run"),
    duration=_count("slots in a row of one day", 1, 100),
    repeats=_count("most times it may run", 1, 20),
    must_run=_flag("it has to run"),
    pin=_record((), slot=_id("its first run starts here"), room=_id("its first run is here")),
    roles=_ids("audiences that it is for"),
    track=_id("the track it belongs to"),
    focus=_one_of("its track must have the same focus", "organisation", "subject"),
    prerequisites=_ids("sessions that run, and are attended, before this one"),
    not_before=_time("embargo: it must not start earlier"),
    needs=_record(
        (),
        digital=_flag("its room must be digital"),
        accessible=_flag("its room must be accessible"),
        equipment=_ids("its room must have these"),
    ),
    tables=_record(
        ("size",),
        size=_count("most people at a table", 2, 100),
        rounds=_count("how often people change tables", 1, 10),
    ),
)
_PERSON = _record(
    ("id",),
    id=_id("person id"),
    name=_NAME,
    wishes=_WISHES,
    must=_ids("sessions that this person has to attend"),
    roles=_ids("audiences that this person belongs to"),
    function=_NOTE,
    body=_id("the RC or other body that this person comes from"),
    group=_text("say, the phase: tables mix groups"),
    arrives=_time("first moment here"),
    departs=_time("last moment here"),
    unavailable_slots=_ids("slots in which this person cannot attend"),
    form=_one_of("how this person takes part", "on_site", "digital"),
    accessible=_flag("needs an accessible room"),
    deputy=_id("who comes instead"),
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
                people={**_ids("two people who have met"), "minItems": 2, "maxItems": 2},
                times=_count("how often, 1 when absent", 0, 10_000),
            )
        ),
        published=_list(_RUN),
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
