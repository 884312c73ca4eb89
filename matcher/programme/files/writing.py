"""Programme problems and timetables as JSON documents, read back by the codec: what is stored and replayed."""

from collections.abc import Mapping
from typing import Any

from matcher.documents.fields import written
from matcher.programme.problem import (
    Attendance,
    Person,
    Problem,
    Room,
    Run,
    Session,
    Slot,
    Timetable,
)

Json = dict[str, Any]


def problem_document(problem: Problem) -> Json:
    """Return the document from which `problem_from_document` makes an equal problem."""
    return {
        "slots": [_slot(slot) for slot in problem.slots],
        "rooms": [_room(room) for room in problem.rooms],
        "tracks": [_stated(id=track.id, **written(track)) for track in problem.tracks],
        "roles": [_stated(id=role.id, **written(role)) for role in problem.roles],
        "sessions": [_session(session) for session in problem.sessions],
        "people": [_person(person) for person in problem.people],
        "bodies": [{"id": body.id, "wishes": dict(body.wishes)} for body in problem.bodies],
        "walking": [
            {"from": min(pair), "to": max(pair), "minutes": minutes}
            for pair, minutes in problem.walking.items()
        ],
        "met": [
            {"people": sorted(pair), "times": int(times)} for pair, times in problem.met.items()
        ],
        "published": [written(run) for run in problem.published],
        **({"leader_pause": int(problem.leader_pause)} if problem.leader_pause else {}),
    }


def timetable_document(timetable: Timetable) -> Json:
    """Return the document from which `timetable_from_document` makes an equal timetable."""
    return {
        "runs": [[run.session, run.slot, run.room] for run in timetable.runs],
        "tracks": dict(timetable.tracks),
        "agendas": {
            person: [[line.slot, line.session] for line in agenda]
            for person, agenda in timetable.agendas.items()
        },
        "tables": [
            {
                "run": [run.session, run.slot, run.room],
                "rounds": [[list(table) for table in tables] for tables in rounds],
            }
            for run, rounds in timetable.tables.items()
        ],
    }


def timetable_from_document(document: Mapping[str, Any]) -> Timetable:
    """Return the timetable that `timetable_document` wrote."""
    return Timetable(
        runs=tuple(Run(*run) for run in document["runs"]),
        tracks=dict(document["tracks"]),
        agendas={
            person: tuple(Attendance(*line) for line in agenda)
            for person, agenda in document["agendas"].items()
        },
        # Timetables stored before people were seated have none.
        tables={
            Run(*seated["run"]): tuple(
                tuple(tuple(table) for table in tables) for tables in seated["rounds"]
            )
            for seated in document.get("tables", ())
        },
    )


def _stated(**values: object) -> Json:
    """Leave out what says nothing: None, False and empty lists."""
    return {name: value for name, value in values.items() if value not in (None, False, [], {}, "")}


def _slot(slot: Slot) -> Json:
    return _stated(id=slot.id, **written(slot))


def _room(room: Room) -> Json:
    limit = {} if room.capacity is None else {"capacity": room.capacity}
    return _stated(id=room.id, **written(room)) | limit  # a room for nobody has its 0


def _session(session: Session) -> Json:
    return _stated(
        id=session.id,
        **written(session),
        pin=_stated(slot=session.pin_slot, room=session.pin_room),
        needs=_stated(
            digital=session.needs_digital,
            accessible=session.needs_accessible,
            equipment=sorted(session.equipment),
        ),
        rooms=_stated(
            forbidden=sorted(session.forbidden_rooms), preferred=sorted(session.preferred_rooms)
        ),
    )


def _person(person: Person) -> Json:
    return _stated(id=person.id, wishes=dict(person.wishes), **written(person))
