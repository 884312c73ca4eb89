"""The hard rules of a programme in plain Python: the specification; knows no solver.

Each function is one rule; its name is the rule's name in records, tests, docs and pages. Those about
sessions stand in `sessions.py`, those about people in `agendas.py`, those about both here.
"""

from collections.abc import Callable, Iterator

from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rules.agendas import (
    agenda_of_runs,
    everyone_has_one_seat,
    guests_come_for_their_part,
    hosts_attend,
    person_in_one_place,
    room_capacity,
    room_reaches_person,
    walking_time,
)
from matcher.programme.rules.case import Case
from matcher.programme.rules.scores import Scores, penalties, scores
from matcher.programme.rules.sessions import (
    ends_in_time,
    fits_the_day,
    hosts_in_one_place,
    leader_pause,
    one_session_in_a_room,
    pins,
    plenary_stands_alone,
    role_window,
    room_suits,
    runs_as_often_as_allowed,
    session_available,
    track_focus,
)
from matcher.proof import Violation

__all__ = ["ABOUT_RUNS", "RULES", "Scores", "penalties", "scores", "violations"]


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


def _ends_before(case: Case, needed: str, run: Run, runs: tuple[Run, ...]) -> bool:
    """Tell whether one of `runs` is of the needed session and ends before `run` begins."""
    return any(case.ends_before(other, run) for other in runs if other.session == needed)


Rule = Callable[[Case], Iterator[Violation]]

# What is judged by runs alone, whoever attends them: also before a session is moved by hand.
ABOUT_RUNS: tuple[Rule, ...] = (
    fits_the_day,
    one_session_in_a_room,
    plenary_stands_alone,
    room_suits,
    session_available,
    ends_in_time,
    runs_as_often_as_allowed,
    pins,
    hosts_in_one_place,
    leader_pause,
    role_window,
    prerequisites,
)

RULES: tuple[Rule, ...] = (
    known,
    *ABOUT_RUNS,
    hosts_attend,
    agenda_of_runs,
    person_in_one_place,
    room_capacity,
    room_reaches_person,
    walking_time,
    guests_come_for_their_part,
    track_focus,
    everyone_has_one_seat,
)
