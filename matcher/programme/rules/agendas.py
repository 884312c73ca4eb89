"""The hard rules about people: their agendas, rooms, walks and tables."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from matcher.programme.problem import Person, Room, Run
from matcher.programme.rules.case import Case
from matcher.proof import Violation


def hosts_attend(case: Case) -> Iterator[Violation]:
    """A host's own agenda holds every run of the session."""
    for run, people in case.attendance.items():
        for host in sorted(case.sessions[run.session].hosts & case.people.keys()):
            if host not in people:
                message = f"{host} hosts {run.session} at {run.slot} and is elsewhere."
                yield Violation("hosts_attend", (host, run.session, run.slot), message)


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
        taken: dict[int, Run] = {}
        for run in runs:
            others = {taken[moment] for moment in case.moments(run) if moment in taken}
            for other in sorted(others, key=lambda one: one.session):
                message = f"{person} is in {other.session} and {run.session} at once."
                yield Violation(
                    "person_in_one_place", (person, other.session, run.session), message
                )
            taken.update(dict.fromkeys(case.moments(run), run))
        for run in runs:
            if person in case.people and not case.is_here(case.people[person], run):
                message = f"{person} is not here at {run.slot} for {run.session}."
                yield Violation("person_in_one_place", (person, run.session), message)


def room_capacity(case: Case) -> Iterator[Violation]:
    """No more people are in a session than its room holds, hosts among the people included."""
    for run in case.attendance:
        capacity, crowd = case.rooms[run.room].capacity, case.crowd(run)
        if capacity is not None and crowd > capacity:
            message = f"{crowd} people in {run.session} at {run.slot}; {run.room} holds {capacity}."
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


def _can_walk(case: Case, one: Run, other: Run, walk: float) -> bool:
    filled = case.timeline.filled(one.session, one.slot)
    return not filled or case.timeline.minutes_between(filled[-1], case.place(other)) >= walk
