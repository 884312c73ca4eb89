"""The JSON Schema of a programme problem: what `samkrets schema programme` prints."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from matcher.documents.fields import (
    FLAG,
    TEXT,
    array_schema,
    count,
    ids,
    needed,
    number,
    object_of,
    object_schema,
    one_id,
    properties,
    set_of,
)
from matcher.documents.schema import DRAFT
from matcher.programme.problem import (
    LARGEST_WEIGHT,
    Person,
    Role,
    Room,
    Run,
    Session,
    Slot,
    Track,
)

Json = dict[str, Any]


_WISHES: Final = object_of(number(0, LARGEST_WEIGHT)).said(
    "session id -> weight, a number of at least 0"
)
_NAME = TEXT.said("shown to people; not used in planning")
_NOTE = TEXT.said("kept for people; not used in planning")

_SLOT = object_schema(
    ("id",),
    id=one_id().said("slot id"),
    name=_NAME,
    **properties(Slot),
)
_ROOM = object_schema(("id",), id=one_id().said("room id"), name=_NAME, **properties(Room))
_TRACK = object_schema(("id",), id=one_id().said("track id"), name=_NAME, **properties(Track))
_ROLE = object_schema(("id",), id=one_id().said("role id"), name=_NAME, **properties(Role))
_SESSION = object_schema(
    ("id",),
    id=one_id().said("session id"),
    title=_NAME,
    name=_NAME,
    purpose=_NOTE,
    task=_NOTE,
    method=_NOTE,
    leader=one_id().said("a person who leads; counts as a host"),
    preparation=_NOTE,
    gives=_NOTE,
    format=_NOTE,
    **properties(Session),
    pin=object_schema(
        (),
        slot=one_id().said("its first run starts here"),
        room=one_id().said("its first run is here"),
    ),
    needs=object_schema(
        (),
        digital=FLAG.said("its room must be digital"),
        accessible=FLAG.said("its room must be accessible"),
        equipment=ids().said("its room must have these"),
    ),
    rooms=object_schema(
        (),
        forbidden=ids().said("rooms that it is never in"),
        preferred=ids().said("rooms that it is in where that can be"),
    ),
)
_PERSON = object_schema(
    ("id",),
    id=one_id().said("person id"),
    name=_NAME,
    function=_NOTE,
    wishes=_WISHES,
    **properties(Person),
)

SCHEMA: Final[Json] = {
    "$schema": DRAFT,
    "title": "A programme to plan",
    **object_schema(
        ("slots", "rooms", "sessions", "people"),
        title=_NAME,
        note=_NOTE,
        slots=array_schema(_SLOT, 1),
        rooms=array_schema(_ROOM, 1),
        tracks=array_schema(_TRACK),
        roles=array_schema(_ROLE),
        sessions=array_schema(_SESSION, 1),
        people=array_schema(_PERSON),
        bodies=array_schema(
            object_schema(("id",), id=one_id().said("body id"), name=_NAME, wishes=_WISHES)
        ),
        walking=array_schema(
            object_schema(
                ("from", "to", "minutes"),
                **{
                    "from": one_id().said("room id"),
                    "to": one_id().said("room id"),
                    "minutes": number(0, 10_000).said("minutes on foot, both ways"),
                },
            )
        ),
        met=array_schema(
            object_schema(
                ("people",),
                people=set_of(one_id(), 2, 2).said("two people who have met"),
                times=count(0, 10_000).said("how often, 1 when absent"),
            )
        ),
        published=array_schema(object_schema(needed(Run), **properties(Run))),
        leader_pause=count(0, 1440).said(
            "least minutes between two sessions that one leads on a day"
        ),
    ),
}


def without_wishes(schema: Mapping[str, Any] = SCHEMA) -> Json:
    """Return the schema with wishes unchecked: 2,000 people hold 40,000 of them.

    The codec checks each weight itself, some fifty times faster than the general validator.
    """
    relaxed = copy.deepcopy(dict(schema))
    for name in ("people", "bodies"):
        checked = relaxed["properties"][name]["items"]["properties"]["wishes"]
        del checked["additionalProperties"]
    return relaxed
