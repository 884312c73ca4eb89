"""Whole slots exchanged, with all that is in them, where people then change rooms less."""

from dataclasses import replace
from itertools import combinations

from matcher.effort import Effort
from matcher.programme.places import Places
from matcher.programme.problem import Attendance, Timetable
from matcher.programme.rooms.settle import settle_rooms
from matcher.programme.rules.scores import scores
from matcher.programme.rules.violations import violations

_FEW_STARTS = 3
# About the seconds that one exchange takes on an idle machine, for each line of an agenda.
_WORK = 2e-5


def reorder_slots(places: Places, timetable: Timetable, effort: Effort) -> Timetable:
    """Return the timetable with slots exchanged as long as that makes it better and breaks no rule.

    What people attend stays the same, so that all levels down to fairness keep their value.
    """
    best, key = timetable, scores(places.problem, timetable).key
    slots = [slot for slot in places.problem.slots if slot.kind != "break"]
    lines = sum(len(agenda) for agenda in timetable.agendas.values())
    improved = True
    while improved:
        improved = False
        for one, other in combinations(slots, 2):
            if effort.is_over:
                return best
            effort.spend(_WORK * lines)
            swapped = _swapped(places, best, one.id, other.id)
            if violations(places.problem, swapped):
                continue
            swapped = settle_rooms(places, swapped, effort.seconds, starts=_FEW_STARTS)
            found = scores(places.problem, swapped).key
            if found < key:
                best, key, improved = swapped, found, True
    return best


def _swapped(places: Places, timetable: Timetable, one: str, other: str) -> Timetable:
    """Return the timetable with what begins in two slots exchanged, in runs and agendas."""
    new = {one: other, other: one}
    index = places.timeline.index
    agendas = {
        person: tuple(
            sorted(
                (Attendance(new.get(line.slot, line.slot), line.session) for line in agenda),
                key=lambda line: index[line.slot],
            )
        )
        for person, agenda in timetable.agendas.items()
    }
    runs = tuple(replace(run, slot=new.get(run.slot, run.slot)) for run in timetable.runs)
    return replace(timetable, runs=runs, agendas=agendas)
