"""The schedule as XML, as frab and pretalx export it; elements of our own name space hold what is ours alone."""

import json
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from api.kit.i18n import Said, later
from api.kit.table_file import CellFault, TableFileError
from api.programme.schedules import pretalx
from api.programme.schedules.faults import NOTHING, not_read
from api.programme.schedules.schedule import Schedule, moment_of

OURS = "samkrets"


def write(schedule: Schedule) -> bytes:
    """Return a schedule as XML: the same document as the JSON's, in elements."""
    document = json.loads(pretalx.write(schedule))["schedule"]
    conference = document["conference"]
    root = Element("schedule")
    SubElement(root, "generator", name="samkrets")
    _text(root, "version", document["version"])
    about = SubElement(root, "conference")
    for name in ("acronym", "title", "start", "end", "timeslot_duration", "time_zone_name"):
        _text(about, name, conference[name])
    _text(about, "days", conference["daysCount"])
    for track in conference["tracks"]:
        SubElement(about, "track", name=track["name"], **track[OURS])
    for room in conference["rooms"]:
        seats = str(room["capacity"] or 0)
        digital = str(room[OURS]["is_digital"]).lower()
        SubElement(about, "room", name=room["name"], capacity=seats, is_digital=digital)
    _text(root, OURS, json.dumps(document[OURS], ensure_ascii=False))
    for day in conference["days"]:
        element = SubElement(
            root,
            "day",
            index=str(day["index"]),
            date=day["date"],
            start=day["day_start"],
            end=day["day_end"],
        )
        for name, events in day["rooms"].items():
            room = SubElement(element, "room", name=name)
            for event in events:
                _write_event(room, event)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _write_event(room: Element, event: dict[str, Any]) -> None:
    element = SubElement(room, "event", guid=event["guid"])
    names = ("date", "start", "duration", "room", "title", "subtitle", "track", "type", "language")
    for name in (*names, "abstract", "description", "url"):
        _text(element, name, event[name])
    persons = SubElement(element, "persons")
    for one in event["persons"]:
        _text(persons, "person", one["public_name"])
    _text(element, OURS, json.dumps(event[OURS], ensure_ascii=False))


def _text(parent: Element, name: str, value: object) -> None:
    SubElement(parent, name).text = _allowed(str(value))


def _allowed(text: str) -> str:
    """Return a text without what XML 1.0 has no way to say."""
    return "".join(one for one in text if one in "\t\n\r" or " " <= one not in "\ufffe\uffff")


def read(octets: bytes) -> Schedule:
    """Return the schedule in an XML document of frab, pretalx or ours.

    Raises:
        TableFileError: naming each talk and field that cannot be used.
    """
    try:
        root = fromstring(octets, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # or no encoding
        raise not_read(error, Said(later("ett schema som XML"))) from error
    about = root.find("conference")
    if about is None:
        raise TableFileError(CellFault(0, "conference", NOTHING, Said(later("en uppgift"))))
    conference = {
        "acronym": about.findtext("acronym", ""),
        "title": about.findtext("title", ""),
        "tracks": [_track(one) for one in about.findall("track")],
        "rooms": [_room(one) for one in about.findall("room") if one.get("name")],
        "days": [_day(one) for one in root.findall("day")],
    }
    return pretalx.read_document({"schedule": {"conference": conference, OURS: _own(root)}})


def _day(element: Element) -> dict[str, Any]:
    rooms: dict[str, list[dict[str, Any]]] = {}
    for room in element.findall("room"):
        talks = rooms.setdefault(room.get("name", ""), [])
        talks += [_event(one) for one in room.findall("event")]
    return {"rooms": rooms}


def _track(element: Element) -> dict[str, Any]:
    own = {name: element.get(name, "") for name in ("name_en", "focus")}
    return {"name": element.get("name", element.text or ""), OURS: own}


def _room(element: Element) -> dict[str, Any]:
    seats = element.get("capacity", "0")
    return {
        "name": element.get("name"),
        "capacity": int(seats) if seats.isascii() and seats.isdigit() and len(seats) < 7 else 0,
        OURS: {"is_digital": element.get("is_digital") == "true"},
    }


def _event(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {one.tag: one.text or "" for one in element if one.tag != "persons"}
    persons = element.find("persons")
    names = [one.text or "" for one in persons] if persons is not None else []
    moment = found.get("date", "")
    return {
        **found,
        "guid": element.get("guid", ""),
        "date": _local(moment),
        "persons": [{"name": one} for one in names],
        OURS: _own(element),
    }


def _local(moment: str) -> str:
    """Return a moment with a zone; one without is Swedish time."""
    try:
        return moment_of(moment).isoformat()
    except ValueError:
        return moment


def _own(element: Element) -> dict[str, Any]:
    text = element.findtext(OURS, "")
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
