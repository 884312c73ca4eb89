"""The survey instances judged apart from the engine: what people can attend in any tool's timetable."""

from bench.programme.instances import Json
from matcher.programme.files.codec import problem_from_document
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.programme.rooms.assign import assign_rooms

Starts = dict[str, tuple[str, str]]
"""Session id -> (slot id, room id)."""


def attended(document: Json, starts: Starts) -> tuple[float, int]:
    """Return (weight attended with the best agendas, hard rules of the structure broken).

    Every tool gets the same best agendas for its timetable, and its rooms are assigned anew, so
    that only the choice of slots is compared.
    """
    broken = _broken(document, starts)
    if broken:
        return 0.0, broken
    places = Places(problem_from_document(document))
    runs = tuple(Run(session, slot, room) for session, (slot, room) in starts.items())
    agendas = choose_slot_by_slot(places, assign_rooms(places, runs))
    wishes = {person["id"]: person["wishes"] for person in document["people"]}
    weight = sum(
        wishes[person].get(line.session, 0.0)
        for person, agenda in agendas.items()
        for line in agenda
    )
    return weight, 0


def _broken(document: Json, starts: Starts) -> int:
    """Count cells used twice, hosts in two places and slots that a session excludes."""
    sessions = {session["id"]: session for session in document["sessions"]}
    broken = len(starts) - len(set(starts.values()))
    led: set[tuple[str, str]] = set()
    for name, (slot, _) in starts.items():
        broken += slot in sessions[name].get("unavailable_slots", ())
        for host in sessions[name].get("hosts", ()):
            broken += (host, slot) in led
            led.add((host, slot))
    return broken
