"""Why: a reason for each topic that does not run and for each wish that is missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from matcher.programme.problem import Person, Problem, Run, Timetable
from matcher.programme.rules.agendas import reaches
from matcher.programme.rules.case import Case

ReasonKind = Literal[
    "no_place_allowed",
    "all_places_taken",
    "host_busy",
    "fewer_wishes",
    "does_not_run",
    "not_here",
    "room_not_reachable",
    "not_for_this_guest",
    "hosts_another",
    "at_another_session",
    "room_full",
    "prerequisite_missed",
    "walk_too_long",
    "no_gain",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in the engine's words: its kind, the ids it speaks of, and an English sentence."""

    kind: ReasonKind
    subjects: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A wish that a person's agenda does not grant, and why."""

    person: str
    session: str
    weight: float
    reason: Reason


def unplaced(problem: Problem, timetable: Timetable) -> dict[str, Reason]:
    """Return session id -> why it does not run, for each topic that does not."""
    case = Case(problem, timetable)
    running = {run.session for run in case.runs}
    return {
        session.id: _why_unplaced(case, session.id)
        for session in problem.sessions
        if session.id not in running
    }


def missed_wishes(problem: Problem, timetable: Timetable) -> Iterator[Missed]:
    """Yield every wish that is not granted, with its reason, people in the problem's order."""
    case = Case(problem, timetable)
    for person in problem.people:
        attended = {run.session for run in case.agenda_runs.get(person.id, ())}
        for session, weight in person.wishes.items():
            if weight > 0 and session not in attended:
                yield Missed(person.id, session, weight, _why_missed(case, person, session))


def _why_unplaced(case: Case, name: str) -> Reason:
    session = case.sessions[name]
    starts = [slot.id for slot in case.problem.slots if case.timeline.filled(name, slot.id)]
    open_starts = [slot for slot in starts if _time_allows(case, name, slot)]
    if not open_starts:
        return Reason("no_place_allowed", (name,), f"{name} is excluded from every slot.")
    rooms = [room for room in case.problem.rooms if _room_allows(case, name, room.id)]
    if not rooms:
        return Reason("no_place_allowed", (name,), f"No room has what {name} needs.")
    free = [
        Run(name, slot, room.id)
        for slot in open_starts
        for room in rooms
        if _is_free(case, Run(name, slot, room.id))
    ]
    if not free:
        return Reason(
            "all_places_taken",
            (name,),
            f"Every slot and room that suits {name} holds a topic with more wished for it.",
        )
    able = [run for run in free if not _busy_hosts(case, run)]
    if not able:
        busy = sorted({host for run in free for host in _busy_hosts(case, run)})
        message = f"{', '.join(busy)} hosts another session whenever a room is free for {name}."
        return Reason("host_busy", (name, *busy), message)
    wishing = sum(person.wishes.get(name, 0.0) > 0 for person in case.problem.people)
    if not wishing:
        return Reason("fewer_wishes", (name,), f"Nobody wished for {name}.")
    message = f"Running {name} would draw people from sessions that grant more, or break an order."
    return Reason("fewer_wishes", (name, *sorted(session.prerequisites)), message)


def _time_allows(case: Case, name: str, slot: str) -> bool:
    session = case.sessions[name]
    run = case.timeline.filled(name, slot)
    ids = {case.problem.slots[place].id for place in run}
    start = case.problem.slots[run[0]].start
    early = session.not_before and start and start < session.not_before
    hosts = [case.people[host] for host in session.hosts if host in case.people]
    here = all(case.timeline.can_attend(host, place) for host in hosts for place in run)
    return here and not early and ids.isdisjoint(session.unavailable_slots)


def _room_allows(case: Case, name: str, room_id: str) -> bool:
    session, room = case.sessions[name], case.rooms[room_id]
    has_all = (
        (room.is_digital or not session.needs_digital)
        and (room.is_accessible or not session.needs_accessible)
        and session.equipment <= room.equipment
    )
    hosts = [case.people[host] for host in session.hosts if host in case.people]
    holds = room.capacity is None or room.capacity >= len(hosts)
    return has_all and holds and all(reaches(room, host) for host in hosts)


def _is_free(case: Case, run: Run) -> bool:
    filled = case.timeline.filled_ids(run)
    if not filled.isdisjoint(case.rooms[run.room].unavailable_slots):
        return False
    plenary = {slot.id for slot in case.problem.slots if slot.kind == "plenary"}
    return not any(
        (other.room == run.room or filled & plenary) and case.filled(other) & filled
        for other in case.runs
    )


def _busy_hosts(case: Case, run: Run) -> set[str]:
    filled = case.timeline.filled_ids(run)
    hosts = case.sessions[run.session].hosts
    return {
        host
        for other in case.runs
        if other.session != run.session and case.filled(other) & filled
        for host in hosts & case.sessions[other.session].hosts
    }


def _why_missed(case: Case, person: Person, name: str) -> Reason:
    runs = [run for run in case.runs if run.session == name]
    if not runs:
        return Reason("does_not_run", (name,), f"{name} does not run.")
    reasons = [_why_not_in(case, person, run) for run in runs]
    # The mildest obstacle says most: being elsewhere tells more than a full room on another day.
    return min(reasons, key=lambda reason: _TELLING.index(reason.kind))


_TELLING: tuple[ReasonKind, ...] = (
    "at_another_session",
    "hosts_another",
    "prerequisite_missed",
    "walk_too_long",
    "room_full",
    "room_not_reachable",
    "not_for_this_guest",
    "not_here",
    "no_gain",
)


def _why_not_in(case: Case, person: Person, run: Run) -> Reason:
    if not case.is_here(person, run):
        return Reason("not_here", (person.id, run.slot), f"{person.id} is not here at {run.slot}.")
    if not reaches(case.rooms[run.room], person):
        message = f"{person.id} cannot take part in {run.room}."
        return Reason("room_not_reachable", (person.id, run.room), message)
    windowed = {role.id for role in case.problem.roles if role.window is not None}
    if person.roles & windowed and not person.roles & windowed & case.sessions[run.session].roles:
        message = f"{person.id} comes for the sessions of {', '.join(sorted(person.roles & windowed))} only."
        return Reason("not_for_this_guest", (person.id, run.session), message)
    return _why_not_chosen(case, person, run)


def _why_not_chosen(case: Case, person: Person, run: Run) -> Reason:
    mine = case.agenda_runs.get(person.id, ())
    meanwhile = [other for other in mine if case.overlap(other, run)]
    for other in meanwhile:
        if person.id in case.sessions[other.session].hosts:
            message = f"{person.id} hosts {other.session} then."
            return Reason("hosts_another", (person.id, other.session), message)
        message = f"{person.id} is in {other.session} then."
        return Reason("at_another_session", (person.id, other.session, other.slot), message)
    done = {other.session for other in mine if case.place(other) < case.place(run)}
    missing = sorted(case.sessions[run.session].prerequisites - done)
    if missing:
        message = f"{person.id} does not attend {missing[0]} before."
        return Reason("prerequisite_missed", (person.id, *missing), message)
    capacity = case.rooms[run.room].capacity
    if capacity is not None and len(case.attendance[run]) >= capacity:
        message = f"{run.room} holds {capacity}, and they are there."
        return Reason("room_full", (run.session, run.slot, run.room), message)
    if case.problem.walking:
        message = f"The walk to or from {run.room} takes longer than the pause."
        return Reason("walk_too_long", (person.id, run.session), message)
    return Reason("no_gain", (person.id, run.session), "Attending would change nothing.")
