"""Why: a reason for each topic that does not run and for each wish that is missed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from matcher.programme.problem import Attendance, Person, Problem, Room, Run, Session, Timetable
from matcher.programme.rules.agendas import reaches, walking_time
from matcher.programme.rules.case import Case
from matcher.programme.rules.scores import required
from matcher.programme.rules.sessions import is_open, role_window
from matcher.programme.rules.violations import prerequisites

ReasonKind = Literal[
    "too_long",
    "host_away",
    "excluded",
    "too_early_or_late",
    "no_room",
    "rooms_forbidden",
    "leader_cannot_reach",
    "rooms_too_small",
    "all_places_taken",
    "host_busy",
    "window_too_short",
    "longer_than_window",
    "order_broken",
    "first_is_missing",
    "leaders_fill_room",
    "not_found_in_time",
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
    "nobody_wished",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in the engine's words: its kind, the ids it speaks of, and an English sentence."""

    kind: ReasonKind
    subjects: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A wish or a must that a person's agenda does not grant, and why; `weight` of a mere must is 0."""

    person: str
    session: str
    weight: float
    reason: Reason
    is_must: bool = False


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
    """Yield every wish and must that is not granted, with its reason, people in the problem's order."""
    case = Case(problem, timetable)
    musts: dict[str, list[str]] = {}
    for name, session in required(case):
        musts.setdefault(name, []).append(session)
    for person in problem.people:
        attended = {run.session for run in case.agenda_runs.get(person.id, ())}
        must = dict.fromkeys(musts.get(person.id, ()))
        wished = {name for name, weight in person.wishes.items() if weight > 0}
        for session in [*must, *(name for name in person.wishes if name in wished - must.keys())]:
            if session not in attended:
                yield Missed(
                    person.id,
                    session,
                    person.wishes.get(session, 0.0),
                    _why_missed(case, person, session),
                    session in must,
                )


def why_missed(problem: Problem, timetable: Timetable, person: str, session: str) -> Reason:
    """Return why somebody is not in a session."""
    case = Case(problem, timetable)
    return _why_missed(case, case.people[person], session)


def _why_unplaced(case: Case, name: str) -> Reason:
    session = case.sessions[name]
    starts = [slot.id for slot in case.problem.slots if case.timeline.filled(name, slot.id)]
    if not starts:
        message = (
            f"{name} fills {session.duration} slots in a row: no day has so many without a break."
            if session.duration > 1
            else "Every slot is a break."
        )
        return Reason("too_long", (name,), message)
    open_starts = [slot for slot in starts if _time_allows(case, name, slot)]
    if not open_starts:
        return _why_never(case, name, starts)
    rooms = [room for room in case.problem.rooms if _room_allows(case, name, room.id)]
    if not rooms:
        return _why_in_no_room(case, session)
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
            f"Every slot and room that suits {name} holds another topic.",
        )
    able = [run for run in free if not _busy_hosts(case, run)]
    if not able:
        busy = sorted({host for run in free for host in _busy_hosts(case, run)})
        message = f"{', '.join(busy)} hosts another session whenever a room is free for {name}."
        return Reason("host_busy", (name, *busy), message)
    return _why_not_taken(case, session, able)


def _why_never(case: Case, name: str, starts: list[str]) -> Reason:
    """Return why no slot is open to a topic that fits the day: its own slots, or its leaders'."""
    session = case.sessions[name]
    if _is_open_to(case, replace(session, hosts=frozenset()), starts):
        away = sorted(session.hosts & case.people.keys())
        message = f"{', '.join(away)} is not here in any slot that {name} could have."
        return Reason("host_away", (name, *away), message)
    hours = [
        f"not before {session.not_before:%Y-%m-%d %H:%M}" if session.not_before else "",
        f"over by {session.ends_by:%Y-%m-%d %H:%M}" if session.ends_by else "",
    ]
    anytime = replace(session, not_before=None, ends_by=None)
    if _is_open_to(case, anytime, starts):
        message = f"{name} is to be {' and '.join(filter(None, hours))}: no slot is left for it."
        return Reason("too_early_or_late", (name,), message)
    return Reason("excluded", (name,), f"{name} is excluded from every slot that is long enough.")


def _is_open_to(case: Case, changed: Session, starts: list[str]) -> bool:
    """Tell whether one of some slots would be open to a topic if it were otherwise."""
    others = [changed if one.id == changed.id else one for one in case.problem.sessions]
    other = Case(replace(case.problem, sessions=tuple(others)), case.timetable)
    return any(_time_allows(other, changed.id, slot) for slot in starts)


def _why_in_no_room(case: Case, session: Session) -> Reason:
    """Return what keeps a topic out of every room: what it needs, what it forbids, or its leaders."""
    name, hosts = session.id, [one for one in session.hosts if one in case.people]
    equipped = [room for room in case.problem.rooms if _has_all(session, room)]
    if not equipped:
        return Reason("no_room", (name,), f"No room has what {name} needs.")
    allowed = [room for room in equipped if room.id not in session.forbidden_rooms]
    if not allowed:
        message = f"{name} is not to be in any of the rooms that have what it needs."
        return Reason("rooms_forbidden", (name,), message)
    reached = [room for room in allowed if all(reaches(room, case.people[one]) for one in hosts)]
    if not reached:
        kept_out = sorted(
            one for one in hosts if not all(reaches(room, case.people[one]) for room in allowed)
        )
        message = f"{', '.join(kept_out)} cannot take part in a room that {name} could have."
        return Reason("leader_cannot_reach", (name, *kept_out), message)
    message = f"No room that {name} could have holds the {len(session.hosts)} who lead it."
    return Reason("rooms_too_small", (name,), message)


def _why_not_taken(case: Case, session: Session, able: list[Run]) -> Reason:
    """Return why a topic does not run though a room and its leaders are free."""
    name = session.id
    if not any(_wants(person, name) for person in case.problem.people):
        return Reason("nobody_wished", (name,), f"Nobody wished for {name}.")
    holding = []
    for run in able:
        timetable = replace(case.timetable, runs=(*case.timetable.runs, run))
        added = Case(case.problem, timetable)
        broken = {
            one.rule
            for rule in (role_window, prerequisites)
            for one in rule(added)
            if name in one.subjects
        }
        if not broken:
            holding.append(run)
    if not holding:
        return _why_apart(case, session)
    if all(_seats_left(case, run) <= 0 for run in holding):
        message = f"{name}'s leaders fill every room that is free for it: nobody else finds a seat."
        return Reason("leaders_fill_room", (name,), message)
    if any(_gains_by(case, run) for run in holding):
        message = f"A room, the leaders and people who want {name} are free: a place for it was not found in the time."
        return Reason("not_found_in_time", (name,), message)
    message = f"Running {name} would draw people from sessions that grant more."
    return Reason("fewer_wishes", (name,), message)


def _wants(person: Person, name: str) -> bool:
    return person.wishes.get(name, 0.0) > 0 or name in person.must


def _why_apart(case: Case, session: Session) -> Reason:
    """Return which rule about other sessions keeps a topic out: its role's window, or its order."""
    needed = sorted(session.prerequisites)
    windowed = [one for one in case.problem.roles if one.window and one.id in session.roles]
    if windowed:
        role = windowed[0]
        if session.duration > (role.window or 0):
            message = f"{session.id} fills {session.duration} slots, and the sessions for {role.id} fit {role.window}."
            return Reason("longer_than_window", (session.id, role.id), message)
        message = f"The sessions for {role.id} fit {role.window} slots in a row of one day, and others fill them."
        return Reason("window_too_short", (session.id, role.id), message)
    running = {run.session for run in case.runs}
    missing = [one for one in needed if one not in running]
    if missing:
        message = f"{session.id} comes after {', '.join(missing)}, which does not run."
        return Reason("first_is_missing", (session.id, *missing), message)
    message = f"{session.id} comes after {', '.join(needed)}: no place is left after that."
    return Reason("order_broken", (session.id, *needed), message)


def _seats_left(case: Case, run: Run) -> float:
    """Return the seats that a run's leaders leave to others."""
    capacity = case.rooms[run.room].capacity
    return inf if capacity is None else capacity - len(case.sessions[run.session].hosts)


def _gains_by(case: Case, run: Run) -> bool:
    """Tell whether somebody who wants a topic could simply go there, and its hosts give up nothing."""
    name = run.session
    session, room = case.sessions[name], case.rooms[run.room]
    if _seats_left(case, run) <= 0:
        return False
    if any(not _is_idle(case, host, run) for host in session.hosts & case.people.keys()):
        return False
    windowed = {role.id for role in case.problem.roles if role.window is not None}
    for person in case.problem.people:
        roles = person.roles & windowed
        suits = not roles or bool(roles & session.roles)
        if not (_wants(person, name) and suits and reaches(room, person)):
            continue
        before = {
            other.session
            for other in case.agenda_runs.get(person.id, ())
            if case.ends_before(other, run)
        }
        if session.prerequisites <= before and _is_idle(case, person.id, run):
            return True
    return False


def _is_idle(case: Case, name: str, run: Run) -> bool:
    person = case.people[name]
    mine = case.agenda_runs.get(name, ())
    walks = (case.problem.walking.get(frozenset((one.room, run.room)), 0.0) for one in mine)
    return (
        case.is_here(person, run)
        and not any(case.overlap(one, run) for one in mine)
        and not any(walks)
    )


def _time_allows(case: Case, name: str, slot: str) -> bool:
    filled = case.timeline.filled(name, slot)
    hosts = [case.people[host] for host in case.sessions[name].hosts if host in case.people]
    here = all(case.timeline.can_attend(host, place) for host in hosts for place in filled)
    return here and is_open(case, Run(name, slot, ""))


def _has_all(session: Session, room: Room) -> bool:
    return (
        (room.is_digital or not session.needs_digital)
        and (room.is_accessible or not session.needs_accessible)
        and session.equipment <= room.equipment
    )


def _room_allows(case: Case, name: str, room_id: str) -> bool:
    session, room = case.sessions[name], case.rooms[room_id]
    hosts = [case.people[host] for host in session.hosts if host in case.people]
    is_open = room.id not in session.forbidden_rooms
    holds = room.capacity is None or room.capacity >= len(session.hosts)
    return (
        _has_all(session, room) and is_open and holds and all(reaches(room, host) for host in hosts)
    )


def _is_free(case: Case, run: Run) -> bool:
    meanwhile = case.slots_meanwhile(run)
    if not meanwhile.isdisjoint(case.rooms[run.room].unavailable_slots):
        return False
    plenary = {slot.id for slot in case.problem.slots if slot.kind == "plenary"}
    return not any(
        (other.room == run.room and case.overlap(other, run))
        or case.filled(run) & plenary & case.slots_meanwhile(other)
        or meanwhile & plenary & case.filled(other)
        for other in case.runs
    )


def _busy_hosts(case: Case, run: Run) -> set[str]:
    hosts = case.sessions[run.session].hosts
    return {
        host
        for other in case.runs
        if other.session != run.session
        and (case.overlap(other, run) or _too_close(case, other, run))
        for host in hosts & case.sessions[other.session].hosts
    }


def _too_close(case: Case, one: Run, other: Run) -> bool:
    """Tell whether whoever leads two runs would have less than the pause between them."""
    if not case.problem.leader_pause:
        return False
    first, second = sorted((one, other), key=case.place)
    end = case.timeline.filled(first.session, first.slot)[-1]
    between = case.timeline.minutes_between(end, case.place(second))
    return between < case.problem.leader_pause


def _why_missed(case: Case, person: Person, name: str) -> Reason:
    runs = [run for run in case.runs if run.session == name]
    if not runs:
        message = f"{name} does not run: {_why_unplaced(case, name).message}"
        return Reason("does_not_run", (name,), message)
    reasons = [_why_not_in(case, person, run) for run in runs]
    # The mildest obstacle says most: being elsewhere tells more than a full room on another day.
    return min(reasons, key=lambda reason: _TELLING.index(reason.kind))


_TELLING: tuple[ReasonKind, ...] = (
    "not_found_in_time",
    "at_another_session",
    "hosts_another",
    "prerequisite_missed",
    "walk_too_long",
    "room_full",
    "room_not_reachable",
    "not_for_this_guest",
    "not_here",
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
    done = {other.session for other in mine if case.ends_before(other, run)}
    missing = sorted(case.sessions[run.session].prerequisites - done)
    if missing:
        message = f"{person.id} does not attend {missing[0]} before."
        return Reason("prerequisite_missed", (person.id, *missing), message)
    capacity = case.rooms[run.room].capacity
    if capacity is not None and case.crowd(run) >= capacity:
        message = f"{run.room} holds {capacity}, and they are there."
        return Reason("room_full", (run.session, run.slot, run.room), message)
    there = {**case.timetable.agendas, person.id: _with_line(case, person, run)}
    if any(walking_time(Case(case.problem, replace(case.timetable, agendas=there)))):
        message = f"The walk to or from {run.room} takes longer than the pause."
        return Reason("walk_too_long", (person.id, run.session), message)
    message = f"{person.id} could be there: that was not found in the time."
    return Reason("not_found_in_time", (person.id, run.session), message)


def _with_line(case: Case, person: Person, run: Run) -> tuple[Attendance, ...]:
    mine = (*case.timetable.agendas.get(person.id, ()), Attendance(run.slot, run.session))
    return tuple(sorted(mine, key=lambda line: case.timeline.index[line.slot]))
