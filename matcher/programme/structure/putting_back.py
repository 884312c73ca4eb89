"""Published sessions that lost their place: rather somewhere else than not at all."""

from dataclasses import replace

import numpy as np

from matcher.programme.places import Places
from matcher.programme.problem import Attendance, Run, Timetable
from matcher.programme.rules.scores import scores
from matcher.programme.rules.violations import violations


def put_back(places: Places, timetable: Timetable) -> Timetable:
    """Let each published session that runs nowhere run where there is room and nothing gets worse.

    The levels above may have taken its place. To be told another time is less than to be told that
    it does not run, also where nobody wished for it.
    """
    running = {run.session for run in timetable.runs}
    for told in places.problem.published:
        if told.session not in running:
            timetable = _with_one(places, timetable, told)
            running = {run.session for run in timetable.runs}
    return timetable


def _with_one(places: Places, timetable: Timetable, told: Run) -> Timetable:
    """Return the timetable with a session nearest to where it was: its own slot first, then its room."""
    problem, row = places.problem, places.session_index[told.session]
    known = scores(problem, timetable).key
    cells = np.argwhere(places.pinned_cells(row)).tolist()
    runs = [
        Run(told.session, problem.slots[slot].id, problem.rooms[room].id) for slot, room in cells
    ]
    taken = {
        (moment, run.room)
        for run in timetable.runs
        for moment in places.timeline.occupied(run.session, run.slot)
    }
    for run in sorted(runs, key=lambda one: (one.slot != told.slot, one.room != told.room)):
        moments = places.timeline.occupied(run.session, run.slot)
        if not taken.isdisjoint((moment, run.room) for moment in moments):
            continue
        found = replace(
            timetable, runs=(*timetable.runs, run), agendas=_led(places, timetable, run)
        )
        if not violations(problem, found) and scores(problem, found).key <= known:
            return found
    return timetable


def _led(places: Places, timetable: Timetable, run: Run) -> dict[str, tuple[Attendance, ...]]:
    """Return the agendas with a run on those of its hosts."""
    agendas, index = dict(timetable.agendas), places.timeline.index
    for host in places.hosts[places.session_index[run.session]]:
        name = places.problem.people[host].id
        lines = (*agendas.get(name, ()), Attendance(run.slot, run.session))
        agendas[name] = tuple(sorted(lines, key=lambda line: index[line.slot]))
    return agendas
