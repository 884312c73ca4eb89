"""The hard rules of a programme in plain Python: the specification; knows no solver.

Each function is one rule; its name is the rule's name in records, tests, docs and pages.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

from matcher.programme.case import Case
from matcher.programme.problem import Person, Problem, Room, Run, Timetable
from matcher.programme.scores import Scores, penalties, scores
from matcher.proof import Violation

__all__ = ["RULES", "Scores", "penalties", "scores", "violations"]


def violations(problem: Problem, timetable: Timetable) -> tuple[Violation, ...]:
    """Return every hard rule that a timetable breaks; empty when it holds all of them."""
    case = Case(problem, timetable)
    return tuple(violation for rule in RULES for violation in rule(case))


def known(case: Case) -> Iterator[Violation]:
    """Runs, agendas and tracks name only what the problem holds."""
    for run in case.timetable.runs:
        if run not in case.runs:
            yield Violation(
                "known", (run.session, run.slot, run.room), "A run names something unknown."
            )
    for person in case.timetable.agendas:
        if person not in case.people:
            yield Violation("known", (person,), f"{person} is not among the people.")
    tracks = {track.id for track in case.problem.tracks}
    for session, track in case.timetable.tracks.items():
        if session not in case.sessions or track not in tracks:
            yield Violation("known", (session, track), f"{session} has an unknown track {track}.")


def fits_the_day(case: Case) -> Iterator[Violation]:
    """A run's slots follow each other on one day, and none of them is a break."""
    for run in case.runs:
        if not case.filled(run):
            yield Violation(
                "fits_the_day",
                (run.session, run.slot),
                f"{run.session} does not fit at {run.slot}.",
            )


def one_session_in_a_room(case: Case) -> Iterator[Violation]:
    """A room holds one session at a time."""
    taken: dict[tuple[str, str], str] = {}
    for run in case.runs:
        for slot in sorted(case.filled(run)):
            other = taken.setdefault((slot, run.room), run.session)
            if taken[slot, run.room] != run.session or other != run.session:
                yield Violation(
                    "one_session_in_a_room",
                    (other, run.session, slot, run.room),
                    f"{other} and {run.session} are both in {run.room} at {slot}.",
                )


def plenary_stands_alone(case: Case) -> Iterator[Violation]:
    """At most one session runs in a plenary slot."""
    for slot in case.problem.slots:
        if slot.kind == "plenary":
            here = [run.session for run in case.runs if slot.id in case.filled(run)]
            if len(here) > 1:
                yield Violation(
                    "plenary_stands_alone",
                    (slot.id, *here),
                    f"{len(here)} sessions run in the plenary slot {slot.id}.",
                )


def room_suits(case: Case) -> Iterator[Violation]:
    """A session's room has what the session needs and is free."""
    for run in case.runs:
        session, room = case.sessions[run.session], case.rooms[run.room]
        lacks = [
            *(["digital"] if session.needs_digital and not room.is_digital else []),
            *(["accessible"] if session.needs_accessible and not room.is_accessible else []),
            *sorted(session.equipment - room.equipment),
            *(f"free at {slot}" for slot in sorted(case.filled(run) & room.unavailable_slots)),
        ]
        if lacks:
            yield Violation(
                "room_suits",
                (run.session, run.room),
                f"{run.room} is not what {run.session} needs: {', '.join(lacks)}.",
            )


def session_available(case: Case) -> Iterator[Violation]:
    """A session does not run in a slot that it excludes, nor before its embargo ends."""
    for run in case.runs:
        session = case.sessions[run.session]
        start = case.problem.slots[case.place(run)].start
        excluded = case.filled(run) & session.unavailable_slots
        early = session.not_before and start and start < session.not_before
        if excluded or early:
            yield Violation(
                "session_available",
                (run.session, run.slot),
                f"{run.session} cannot run at {run.slot}.",
            )


def runs_as_often_as_allowed(case: Case) -> Iterator[Violation]:
    """A session runs at most `repeats` times, never twice at once; one that must run does."""
    times = Counter(run.session for run in case.runs)
    for session in case.problem.sessions:
        if times[session.id] > session.repeats:
            message = f"{session.id} runs {times[session.id]} times, at most {session.repeats}."
            yield Violation("runs_as_often_as_allowed", (session.id,), message)
        if session.is_must_run and not times[session.id]:
            message = f"{session.id} must run and does not."
            yield Violation("runs_as_often_as_allowed", (session.id,), message)
    for one, other in combinations(case.runs, 2):
        if one.session == other.session and case.overlap(one, other):
            message = f"{one.session} runs twice at once."
            yield Violation("runs_as_often_as_allowed", (one.session,), message)


def pins(case: Case) -> Iterator[Violation]:
    """A pinned session has a run in its slot and room."""
    for session in case.problem.sessions:
        if session.pin_slot is None and session.pin_room is None:
            continue
        kept = any(
            run.session == session.id
            and session.pin_slot in {None, run.slot}
            and session.pin_room in {None, run.room}
            for run in case.runs
        )
        if not kept:
            where = " ".join(pin for pin in (session.pin_slot, session.pin_room) if pin)
            yield Violation("pins", (session.id,), f"{session.id} is not at its pin {where}.")


def hosts_in_one_place(case: Case) -> Iterator[Violation]:
    """A host leads one session at a time, and only while he or she is here."""
    for one, other in combinations(case.runs, 2):
        if one.session == other.session or not case.overlap(one, other):
            continue
        shared = case.sessions[one.session].hosts & case.sessions[other.session].hosts
        for host in sorted(shared):
            yield Violation(
                "hosts_in_one_place",
                (host, one.session, other.session),
                f"{host} hosts {one.session} and {other.session} at once.",
            )
    for run in case.runs:
        for host in sorted(case.sessions[run.session].hosts & case.people.keys()):
            if not _is_here(case, case.people[host], run):
                message = f"{host} hosts {run.session} at {run.slot} and is not here."
                yield Violation("hosts_in_one_place", (host, run.session), message)


def hosts_attend(case: Case) -> Iterator[Violation]:
    """A host's own agenda holds every run of the session."""
    for run, people in case.attendance.items():
        for host in sorted(case.sessions[run.session].hosts & case.people.keys()):
            if host not in people:
                message = f"{host} hosts {run.session} at {run.slot} and is elsewhere."
                yield Violation("hosts_attend", (host, run.session, run.slot), message)


def prerequisites(case: Case) -> Iterator[Violation]:
    """A session begins after a run of each prerequisite has ended, for those who attend it too.

    Hosts have no need of their own session's prerequisites.
    """
    for run in case.runs:
        for needed in sorted(case.sessions[run.session].prerequisites):
            if not _ends_before(case, needed, run, case.runs):
                message = f"{run.session} begins at {run.slot} before {needed} has been held."
                yield Violation("prerequisites", (run.session, needed), message)
            hosts = case.sessions[run.session].hosts
            for person in case.attendance[run]:
                runs = case.agenda_runs[person]
                if person not in hosts and not _ends_before(case, needed, run, runs):
                    message = f"{person} attends {run.session} without {needed}."
                    yield Violation("prerequisites", (person, run.session, needed), message)


def role_window(case: Case) -> Iterator[Violation]:
    """All runs for a role lie inside its window: so many slots in a row, on one day."""
    for role in case.problem.roles:
        runs = [run for run in case.runs if role.id in case.sessions[run.session].roles]
        if role.window is None or not runs:
            continue
        slots = case.problem.slots
        places = sorted({case.timeline.index[slot] for run in runs for slot in case.filled(run)})
        if not places:
            continue
        span = case.timeline.rank[places[-1]] - case.timeline.rank[places[0]] + 1
        if span > role.window or slots[places[0]].day != slots[places[-1]].day:
            message = (
                f"The sessions for {role.id} span {span} slots, at most {role.window} of one day."
            )
            yield Violation("role_window", (role.id, *(run.session for run in runs)), message)


def agenda_of_runs(case: Case) -> Iterator[Violation]:
    """An agenda holds only sessions that run, each at most once unless the person hosts it."""
    for person, agenda in case.timetable.agendas.items():
        for line in agenda:
            if (line.slot, line.session) not in case.run_at:
                message = f"{person}'s agenda holds {line.session} at {line.slot}: it does not run."
                yield Violation("agenda_of_runs", (person, line.session, line.slot), message)
        times = Counter(line.session for line in agenda)
        for session, count in times.items():
            hosts = case.sessions[session].hosts if session in case.sessions else frozenset()
            if count > 1 and person not in hosts:
                message = f"{person}'s agenda holds {session} {count} times."
                yield Violation("agenda_of_runs", (person, session), message)


def person_in_one_place(case: Case) -> Iterator[Violation]:
    """A person is in one place at a time, and only while he or she is here."""
    for person, runs in case.agenda_runs.items():
        taken: dict[str, Run] = {}
        for run in runs:
            others = {taken[slot] for slot in case.filled(run) if slot in taken}
            for other in sorted(others, key=lambda one: one.session):
                message = f"{person} is in {other.session} and {run.session} at once."
                yield Violation(
                    "person_in_one_place", (person, other.session, run.session), message
                )
            taken.update(dict.fromkeys(case.filled(run), run))
        for run in runs:
            if person in case.people and not _is_here(case, case.people[person], run):
                message = f"{person} is not here at {run.slot} for {run.session}."
                yield Violation("person_in_one_place", (person, run.session), message)


def room_capacity(case: Case) -> Iterator[Violation]:
    """No more people are in a session than its room holds, hosts among the people included."""
    for run, people in case.attendance.items():
        capacity = case.rooms[run.room].capacity
        if capacity is not None and len(people) > capacity:
            message = (
                f"{len(people)} people in {run.session} at {run.slot}; {run.room} holds {capacity}."
            )
            yield Violation("room_capacity", (run.session, run.slot, run.room), message)


def room_reaches_person(case: Case) -> Iterator[Violation]:
    """Who takes part from afar is in digital rooms, who needs an accessible room in such rooms."""
    for person, runs in case.agenda_runs.items():
        member = case.people.get(person)
        for run in runs:
            if member is not None and not reaches(case.rooms[run.room], member):
                message = f"{person} cannot take part in {run.room} ({run.session})."
                yield Violation("room_reaches_person", (person, run.session, run.room), message)


def walking_time(case: Case) -> Iterator[Violation]:
    """Between two sessions of an agenda there is time to walk."""
    if not case.problem.walking:
        return
    for person, runs in case.agenda_runs.items():
        for one, other in combinations(sorted(runs, key=case.place), 2):
            walk = case.problem.walking.get(frozenset((one.room, other.room)), 0.0)
            if walk and not _can_walk(case, one, other, walk):
                message = (
                    f"{person} cannot walk from {one.room} to {other.room} before {other.slot}."
                )
                yield Violation("walking_time", (person, one.session, other.session), message)


def guests_come_for_their_part(case: Case) -> Iterator[Violation]:
    """Who belongs to a role with a window is in that role's sessions and his or her own, no others."""
    windowed = {role.id for role in case.problem.roles if role.window is not None}
    for person, runs in case.agenda_runs.items():
        roles = case.people[person].roles & windowed if person in case.people else frozenset()
        for run in runs if roles else ():
            session = case.sessions[run.session]
            if not (session.roles & roles or person in session.hosts):
                message = f"{person} is asked to {run.session}, which is not for {', '.join(sorted(roles))}."
                yield Violation("guests_come_for_their_part", (person, run.session), message)


def track_focus(case: Case) -> Iterator[Violation]:
    """A session is in its own track, and in one of its focus; with tracks, each run has one."""
    tracks = {track.id: track for track in case.problem.tracks}
    for session in sorted({run.session for run in case.runs}) if tracks else ():
        wanted = case.sessions[session]
        given = case.timetable.tracks.get(session)
        focus = tracks[given].focus if given in tracks else None
        wrong_focus = wanted.focus and focus and focus != wanted.focus
        if given is None or (wanted.track is not None and given != wanted.track):
            message = f"{session} is in track {given}, not in {wanted.track or 'any'}."
            yield Violation("track_focus", (session,), message)
        elif wanted.track is None and wrong_focus:
            message = f"{session} is about {wanted.focus}, its track {given} about {focus}."
            yield Violation("track_focus", (session, given), message)


def everyone_has_one_seat(case: Case) -> Iterator[Violation]:
    """Where people are seated, each round has a seat for each who attends, at tables not too large."""
    for run, rounds in case.timetable.tables.items():
        tables = case.sessions[run.session].tables if run.session in case.sessions else None
        people = sorted(case.attendance.get(run, ()))
        for seated in rounds:
            at = sorted(person for table in seated for person in table)
            largest = max(map(len, seated), default=0)
            if tables is None or at != people or largest > tables.size:
                message = f"The tables of {run.session} at {run.slot} do not seat those who attend."
                yield Violation("everyone_has_one_seat", (run.session, run.slot), message)


def reaches(room: Room, person: Person) -> bool:
    """Tell whether a person can take part in a room."""
    if person.form == "digital":
        return room.is_digital
    return room.is_accessible or not person.needs_accessible


def _is_here(case: Case, person: Person, run: Run) -> bool:
    places = case.timeline.filled(run.session, run.slot)
    return all(case.timeline.can_attend(person, place) for place in places)


def _ends_before(case: Case, needed: str, run: Run, runs: tuple[Run, ...]) -> bool:
    """Tell whether one of `runs` is of the needed session and ends before `run` begins."""
    ends = (
        max(case.timeline.filled(other.session, other.slot), default=case.place(run))
        for other in runs
        if other.session == needed
    )
    return any(end < case.place(run) for end in ends)


def _can_walk(case: Case, one: Run, other: Run, walk: float) -> bool:
    filled = case.timeline.filled(one.session, one.slot)
    return not filled or case.timeline.minutes_between(filled[-1], case.place(other)) >= walk


Rule = Callable[[Case], Iterator[Violation]]

RULES: tuple[Rule, ...] = (
    known,
    fits_the_day,
    one_session_in_a_room,
    plenary_stands_alone,
    room_suits,
    session_available,
    runs_as_often_as_allowed,
    pins,
    hosts_in_one_place,
    hosts_attend,
    prerequisites,
    role_window,
    agenda_of_runs,
    person_in_one_place,
    room_capacity,
    room_reaches_person,
    walking_time,
    guests_come_for_their_part,
    track_focus,
    everyone_has_one_seat,
)
