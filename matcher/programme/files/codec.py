"""Programme problems and results as JSON: read strictly, each fault with its path."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from matcher.documents.fields import TIME, read_fields, stated_in
from matcher.documents.reader import Json, Reader
from matcher.documents.schema import check_schema
from matcher.documents.text import read_json, shown
from matcher.errors import Fault, InvalidProblemError
from matcher.programme.files.schema import SCHEMA, without_wishes
from matcher.programme.problem import (
    LARGEST_WEIGHT,
    Body,
    Person,
    Problem,
    Role,
    Room,
    Run,
    Session,
    Slot,
    Track,
)

__all__ = ["SCHEMA", "problem_from_document", "read_problem"]

Made = TypeVar("Made", Room, Track, Role)

_CHECKED: Final = without_wishes()


def read_problem(text: str) -> Problem:
    """Parse JSON text into a problem.

    Raises:
        InvalidProblemError: with one fault per place, JSON path first.
    """
    return problem_from_document(read_json(text))


def problem_from_document(document: object) -> Problem:
    """Turn a parsed document into a problem; see `read_problem`."""
    check_schema(document, _CHECKED)
    if not isinstance(document, dict):  # the schema has said so already; this is for the types
        raise InvalidProblemError(Fault("$", shown(document), "an object"))
    reader = Reader()
    _ids_used_twice(reader, document)
    _unknown_ids(reader, document)
    _bad_weights(reader, document)
    _bad_times(reader, document)
    reader.finish()
    return Problem(
        slots=tuple(_slot(item) for item in document["slots"]),
        rooms=tuple(_record(Room, item) for item in document["rooms"]),
        sessions=tuple(_session(item) for item in document["sessions"]),
        people=tuple(_person(item) for item in document["people"]),
        tracks=tuple(_record(Track, item) for item in document.get("tracks", ())),
        roles=tuple(_record(Role, item) for item in document.get("roles", ())),
        bodies=tuple(
            Body(item["id"], _weights(item.get("wishes"))) for item in document.get("bodies", ())
        ),
        walking={
            frozenset((item["from"], item["to"])): float(item["minutes"])
            for item in document.get("walking", ())
        },
        met={
            frozenset(item["people"]): float(item.get("times", 1))
            for item in document.get("met", ())
        },
        published=tuple(Run(**read_fields(Run, item)) for item in document.get("published", ())),
        leader_pause=float(document.get("leader_pause", 0)),
    )


def _ids_used_twice(reader: Reader, document: Json) -> None:
    for name in ("slots", "rooms", "tracks", "roles", "sessions", "people", "bodies"):
        reader.unique(f"$.{name}", document.get(name, ()))


# List -> field of its items that names others -> the list in which these must stand.
_REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    **{
        name: {one.name: one.kind.among for one in stated_in(record) if one.kind.among}
        for name, record in (("rooms", Room), ("sessions", Session), ("published", Run))
    },
    "people": {
        "wishes": "sessions",
        **{one.name: one.kind.among for one in stated_in(Person) if one.kind.among},
    },
    "bodies": {"wishes": "sessions"},
    "walking": {"from": "rooms", "to": "rooms"},
}


def _unknown_ids(reader: Reader, document: Json) -> None:
    known = {
        name: {item["id"] for item in document.get(name, ())}
        for name in ("slots", "rooms", "tracks", "roles", "sessions", "people")
    }
    for name, references in _REFERENCES.items():
        for index, item in enumerate(document.get(name, ())):
            for field, among in references.items():
                path = f"$.{name}[{index}].{field}"
                _unknown(reader, path, item.get(field, ()), among, known)
    for index, walk in enumerate(document.get("walking", ())):
        if walk["from"] == walk["to"]:
            reader.fault(f"$.walking[{index}].to", walk["to"], "another room than from")
    for index, session in enumerate(document["sessions"]):
        path = f"$.sessions[{index}]"
        pin = session.get("pin", {})
        _unknown(reader, f"{path}.pin.slot", pin.get("slot", ()), "slots", known)
        _unknown(reader, f"{path}.pin.room", pin.get("room", ()), "rooms", known)
        for kind, rooms in session.get("rooms", {}).items():
            _unknown(reader, f"{path}.rooms.{kind}", rooms, "rooms", known)
        for number, circle in enumerate(session.get("tables", {}).get("circles", ())):
            where = f"{path}.tables.circles[{number}].people"
            _unknown(reader, where, circle["people"], "people", known)
        if session["id"] in session.get("prerequisites", ()):
            reader.fault(f"{path}.prerequisites", session["id"], "other sessions than itself")


def _unknown(
    reader: Reader, path: str, found: str | Iterable[str], among: str, known: Mapping[str, set[str]]
) -> None:
    # Where no list of roles stands, the sessions' and people's own words are the roles.
    if among == "roles" and not known["roles"]:
        return
    reader.known(path, found, known[among], f"an id that stands under $.{among}")


def _bad_weights(reader: Reader, document: Json) -> None:
    for name in ("people", "bodies"):
        for index, item in enumerate(document.get(name, ())):
            for session, weight in item.get("wishes", {}).items():
                if not _is_weight(weight):
                    where = f"$.{name}[{index}].wishes.{session}"
                    reader.fault(where, weight, f"a number from 0 to {LARGEST_WEIGHT:g}")


def _is_weight(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= LARGEST_WEIGHT and math.isfinite(value)


def _bad_times(reader: Reader, document: Json) -> None:
    fields = (("slots", "start", "end"), ("people", "arrives", "departs"))
    for name, first, last in fields:
        for index, item in enumerate(document[name]):
            path = f"$.{name}[{index}]"
            before = len(reader.faults)
            for key in (first, last):
                if key in item:
                    reader.time(f"{path}.{key}", item[key])
            is_read = len(reader.faults) == before
            if is_read and first in item and last in item and item[first] >= item[last]:
                reader.fault(f"{path}.{last}", item[last], f"a time after {item[first]}")
    times = [one.name for one in stated_in(Session) if one.kind is TIME]
    for index, item in enumerate(document["sessions"]):
        for name in times:
            if name in item:
                reader.time(f"$.sessions[{index}].{name}", item[name])
    _slots_out_of_order(reader, document)


def _slots_out_of_order(reader: Reader, document: Json) -> None:
    latest = ""
    for index, item in enumerate(document["slots"]):
        start = item.get("start", "")
        if start and start < latest:
            expected = f"slots in the order of time, none that begins before {latest}"
            reader.fault(f"$.slots[{index}].start", start, expected)
        latest = max(latest, start)


def _weights(wishes: Mapping[str, float] | None) -> dict[str, float]:
    return {session: float(weight) for session, weight in (wishes or {}).items()}


def _slot(item: Json) -> Slot:
    slot = Slot(id=item["id"], **read_fields(Slot, item))
    return slot if slot.day or not slot.start else replace(slot, day=slot.start.date().isoformat())


def _record(record: type[Made], item: Json) -> Made:
    return record(id=item["id"], **read_fields(record, item))


def _session(item: Json) -> Session:
    pin, needs = item.get("pin", {}), item.get("needs", {})
    stated = read_fields(Session, item)
    if "leader" in item:
        stated["hosts"] = stated.get("hosts", frozenset()) | {item["leader"]}
    return Session(
        id=item["id"],
        **stated,
        pin_slot=pin.get("slot"),
        pin_room=pin.get("room"),
        needs_digital=needs.get("digital", False),
        needs_accessible=needs.get("accessible", False),
        equipment=frozenset(needs.get("equipment", ())),
        forbidden_rooms=frozenset(item.get("rooms", {}).get("forbidden", ())),
        preferred_rooms=frozenset(item.get("rooms", {}).get("preferred", ())),
    )


def _person(item: Json) -> Person:
    wishes = _weights(item.get("wishes"))
    return Person(id=item["id"], wishes=wishes, **read_fields(Person, item))
