"""Programme problems and results as JSON: read strictly, each fault with its path."""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from matcher.codec import check_schema, read_json, shown
from matcher.errors import Fault, InvalidProblemError
from matcher.programme.fields import TIME, read_fields, stated_in
from matcher.programme.files.schema import SCHEMA, without_wishes
from matcher.programme.problem import (
    Body,
    Circle,
    Person,
    Problem,
    Role,
    Room,
    Run,
    Session,
    Slot,
    Tables,
    Track,
)

__all__ = ["SCHEMA", "problem_from_document", "read_problem"]

Json = Mapping[str, Any]
Made = TypeVar("Made", Room, Track, Role)

_CHECKED: Final = without_wishes()
_LARGEST_WEIGHT = 1e6
_MOST_FAULTS = 50


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
    faults = [fault for fault, _ in zip(_faults(document), range(_MOST_FAULTS), strict=False)]
    if faults:
        raise InvalidProblemError(*faults)
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
        published=tuple(
            Run(item["session"], item["slot"], item["room"])
            for item in document.get("published", ())
        ),
        leader_pause=float(document.get("leader_pause", 0)),
    )


def _faults(document: Json) -> Iterator[Fault]:
    """Yield what the schema cannot see: ids used twice or unknown, times in the wrong order."""
    yield from _ids_used_twice(document)
    yield from _unknown_ids(document)
    yield from _bad_weights(document)
    yield from _bad_times(document)


def _ids_used_twice(document: Json) -> Iterator[Fault]:
    for name in ("slots", "rooms", "tracks", "roles", "sessions", "people", "bodies"):
        first: dict[str, int] = {}
        for index, item in enumerate(document.get(name, ())):
            if item["id"] in first:
                where = f"$.{name}[{index}].id"
                expected = f"an id of its own; $.{name}[{first[item['id']]}] has it already"
                yield Fault(where, shown(item["id"]), expected)
            first.setdefault(item["id"], index)


# List -> field of its items that names others -> the list in which these must stand.
_REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    **{
        name: {one.name: one.kind.among for one in stated_in(record) if one.kind.among}
        for name, record in (("rooms", Room), ("sessions", Session))
    },
    "people": {
        "wishes": "sessions",
        **{one.name: one.kind.among for one in stated_in(Person) if one.kind.among},
    },
    "bodies": {"wishes": "sessions"},
    "walking": {"from": "rooms", "to": "rooms"},
    "published": {"session": "sessions", "slot": "slots", "room": "rooms"},
}


def _unknown_ids(document: Json) -> Iterator[Fault]:
    known = {
        name: {item["id"] for item in document.get(name, ())}
        for name in ("slots", "rooms", "tracks", "roles", "sessions", "people")
    }
    for name, references in _REFERENCES.items():
        for index, item in enumerate(document.get(name, ())):
            for field, among in references.items():
                path = f"$.{name}[{index}].{field}"
                yield from _unknown(path, item.get(field, ()), among, known)
    for index, walk in enumerate(document.get("walking", ())):
        if walk["from"] == walk["to"]:
            yield Fault(f"$.walking[{index}].to", shown(walk["to"]), "another room than from")
    for index, session in enumerate(document["sessions"]):
        path = f"$.sessions[{index}]"
        pin = session.get("pin", {})
        yield from _unknown(f"{path}.pin.slot", pin.get("slot", ()), "slots", known)
        yield from _unknown(f"{path}.pin.room", pin.get("room", ()), "rooms", known)
        for kind, rooms in session.get("rooms", {}).items():
            yield from _unknown(f"{path}.rooms.{kind}", rooms, "rooms", known)
        for number, circle in enumerate(session.get("tables", {}).get("circles", ())):
            where = f"{path}.tables.circles[{number}].people"
            yield from _unknown(where, circle["people"], "people", known)
        if session["id"] in session.get("prerequisites", ()):
            found = shown(session["id"])
            yield Fault(f"{path}.prerequisites", found, "other sessions than itself")


def _unknown(
    path: str, found: str | Iterable[str], among: str, known: Mapping[str, set[str]]
) -> Iterator[Fault]:
    # Where no list of roles stands, the sessions' and people's own words are the roles.
    if among == "roles" and not known["roles"]:
        return
    for value in [found] if isinstance(found, str) else found:
        if value not in known[among]:
            yield Fault(path, shown(value), f"an id that stands under $.{among}")


def _bad_weights(document: Json) -> Iterator[Fault]:
    for name in ("people", "bodies"):
        for index, item in enumerate(document.get(name, ())):
            for session, weight in item.get("wishes", {}).items():
                if not _is_weight(weight):
                    where = f"$.{name}[{index}].wishes.{session}"
                    yield Fault(where, shown(weight), f"a number from 0 to {_LARGEST_WEIGHT:g}")


def _is_weight(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= _LARGEST_WEIGHT and math.isfinite(value)


def _bad_times(document: Json) -> Iterator[Fault]:
    fields = (("slots", "start", "end"), ("people", "arrives", "departs"))
    for name, first, last in fields:
        for index, item in enumerate(document[name]):
            path = f"$.{name}[{index}]"
            faults = [
                Fault(f"{path}.{key}", shown(item[key]), "a day of the calendar")
                for key in (first, last)
                if key in item and not _is_time(item[key])
            ]
            yield from faults
            if not faults and first in item and last in item and item[first] >= item[last]:
                yield Fault(f"{path}.{last}", shown(item[last]), f"a time after {item[first]}")
    times = [one.name for one in stated_in(Session) if one.kind is TIME]
    for index, item in enumerate(document["sessions"]):
        for name in times:
            if name in item and not _is_time(item[name]):
                where = f"$.sessions[{index}].{name}"
                yield Fault(where, shown(item[name]), "a day of the calendar")
    yield from _slots_out_of_order(document)


def _slots_out_of_order(document: Json) -> Iterator[Fault]:
    latest = ""
    for index, item in enumerate(document["slots"]):
        start = item.get("start", "")
        if start and start < latest:
            expected = f"slots in the order of time, none that begins before {latest}"
            yield Fault(f"$.slots[{index}].start", shown(start), expected)
        latest = max(latest, start)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _weights(wishes: Mapping[str, float] | None) -> dict[str, float]:
    return {session: float(weight) for session, weight in (wishes or {}).items()}


def _slot(item: Json) -> Slot:
    start = _moment(item.get("start"))
    day = item.get("day") or (start.date().isoformat() if start else "")
    return Slot(item["id"], start, _moment(item.get("end")), day, item.get("kind", "parallel"))


def _record(record: type[Made], item: Json) -> Made:
    return record(id=item["id"], **read_fields(record, item))


def _session(item: Json) -> Session:
    pin, needs, tables = item.get("pin", {}), item.get("needs", {}), item.get("tables")
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
        tables=_tables(tables) if tables else None,
    )


def _tables(item: Json) -> Tables:
    circles = tuple(
        Circle(frozenset(one["people"]), float(one.get("weight", 1)))
        for one in item.get("circles", ())
    )
    return Tables(int(item["size"]), int(item.get("rounds", 1)), circles)


def _person(item: Json) -> Person:
    wishes = _weights(item.get("wishes"))
    return Person(id=item["id"], wishes=wishes, **read_fields(Person, item))
