"""The peers that can plan a survey instance, each imported only when it is run."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from bench.programme.instances import Json
from bench.programme.survey_rules import Starts


def conference_scheduler(document: Json, seconds: float) -> Starts:
    """Plan with `conference-scheduler`: it knows demand per topic, not people; no time limit.

    Raises:
        ImportError: when it is not installed.
    """
    del seconds  # it has no limit to set; its time is in the table
    scheduler = import_module("conference_scheduler.scheduler")
    resources = import_module("conference_scheduler.resources")
    demand: dict[str, float] = {}
    for person in document["people"]:
        for session, weight in person["wishes"].items():
            demand[session] = demand.get(session, 0.0) + weight
    day = datetime.fromisoformat("2026-10-01T08:00")
    rooms = [room["id"] for room in document["rooms"]]
    slots = {
        (slot["id"], room["id"]): resources.Slot(
            venue=room["id"],
            starts_at=day + timedelta(hours=number),
            duration=50,
            session=slot["id"],
            capacity=room.get("capacity", len(document["people"])),
        )
        for number, slot in enumerate(document["slots"])
        for room in document["rooms"]
    }
    events = {
        session["id"]: resources.Event(
            name=session["id"], duration=30, demand=round(demand.get(session["id"], 0.0))
        )
        for session in document["sessions"]
    }
    hosted: dict[str, list[str]] = {}
    for session in document["sessions"]:
        for slot in session.get("unavailable_slots", ()):
            events[session["id"]].add_unavailability(*(slots[slot, room] for room in rooms))
        for host in session.get("hosts", ()):
            hosted.setdefault(host, []).append(session["id"])
    for names in hosted.values():
        for name in names:
            events[name].add_unavailability(*(events[other] for other in names if other != name))
    cells = {slot: cell for cell, slot in slots.items()}
    plan = scheduler.schedule(list(events.values()), list(slots.values()))
    return {item.event.name: cells[item.slot] for item in plan}


def timefold(document: Json, seconds: float) -> Starts:
    """Plan with Timefold in the time allowed.

    Raises:
        ImportError: when it, or a Java of 17 or newer, is not installed.
    """
    starts: Starts = import_module("bench.programme.timefold_peer").timefold(document, seconds)
    return starts


PEERS: dict[str, Callable[[Json, float], Starts]] = {
    "conference-scheduler": conference_scheduler,
    "timefold": timefold,
}
