"""What moving one session by hand would break and cost, judged for every place at once, before it is moved."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from matcher.programme.people.attendance import Utilities, choose_slot_by_slot
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Attendance, Problem, Run, Timetable
from matcher.programme.rules.case import Case
from matcher.programme.rules.violations import ABOUT_RUNS
from matcher.proof import Violation

Place = tuple[str, str] | None
"""Slot and room; None takes the session out."""


@dataclass(frozen=True, slots=True)
class Full:
    """A session that would stand in a room too small for it: how many want it then, and its seats."""

    session: str
    wanting: int
    seats: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What putting a session in one place would do.

    broken: rules that the session would break there, and others that are not broken now. weight: attended wishes gained (lost below
    zero), as long as the people of the times touched choose anew. musts: people who would miss what they have to
    attend (fewer below zero). swaps: who stands there and changes places. full: of those that move, the ones whose
    room would be too small.
    """

    broken: tuple[Violation, ...]
    weight: float
    musts: int
    swaps: str | None
    full: tuple[Full, ...] = ()

    @property
    def is_clash(self) -> bool:
        """Whether a hard rule would be broken."""
        return bool(self.broken)

    @property
    def key(self) -> tuple[int, int, float, bool]:
        """The verdicts in the order of what a planner would rather do, the best first: of equals, none that swaps."""
        return len(self.broken), self.musts, -self.weight, self.swaps is not None


def verdicts(
    problem: Problem,
    timetable: Timetable,
    session: str,
    places: Iterable[tuple[str, str]] | None = None,
) -> dict[Place, Verdict]:
    """Judge places for a session, and taking it out; where it stands is not judged.

    places: slots and rooms; without them every one that is no break.
    """
    judge = _Judge(problem, timetable)
    here = timetable.run_of(session)
    if places is None:
        slots = [slot.id for slot in problem.slots if slot.kind != "break"]
        places = [(slot, room.id) for slot in slots for room in problem.rooms]
    found: dict[Place, Verdict] = {
        place: judge.of(session, place)
        for place in places
        if here is None or (here.slot, here.room) != place
    }
    if here is not None:
        found[None] = judge.of(session, None)
    return found


def runs_after(runs: tuple[Run, ...], session: str, target: Place) -> tuple[Run, ...]:
    """Return the runs when a session is put in a place; who stood there changes places with it."""
    mine = [run for run in runs if run.session == session]
    kept = [run for run in runs if run.session != session]
    if target is not None:
        taken = next((run for run in kept if (run.slot, run.room) == target), None)
        if taken is not None:
            kept.remove(taken)
            kept += [Run(taken.session, run.slot, run.room) for run in mine[:1]]
        kept.append(Run(session, *target))
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class _Worth:
    """What some runs grant of wishes and musts, and which of them are full while more want them."""

    weight: float
    met: int
    full: tuple[Full, ...]


class _Judge:
    """A timetable, and what each of its times is worth for any set of runs that take it."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self.problem, self.runs = problem, timetable.runs
        self.case = Case(problem, Timetable(self.runs))
        # What an RC covers is left out: who wishes most goes, which is what the figure is of.
        alone = tuple(replace(person, body=None) for person in problem.people)
        self.places = Places(replace(problem, bodies=(), people=alone))
        self.utilities = Utilities(self.places)
        self.worth: dict[tuple[Run, ...], _Worth] = {}

    @cached_property
    def now(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        """The rules that are broken already."""
        return frozenset((one.rule, one.subjects) for one in self._broken(self.runs))

    def of(self, session: str, target: Place) -> Verdict:
        """Judge one place."""
        runs = runs_after(self.runs, session, target)
        broken = tuple(
            one
            for one in self._broken(runs)
            if session in one.subjects or (one.rule, one.subjects) not in self.now
        )
        stood = next((r.session for r in self.runs if (r.slot, r.room) == target), None)
        moved = {*runs}.symmetric_difference(self.runs)
        weight, met, full = 0.0, 0, []
        for group in self._groups(moved, {*runs, *self.runs}):
            # In the order in which they would stand: where two choices grant as much, it is the same one then.
            after = self._worth(tuple(run for run in runs if run in group))
            before = self._worth(tuple(run for run in self.runs if run in group))
            weight += after.weight - before.weight
            met += after.met - before.met
            full += [one for one in after.full if one.session in {run.session for run in moved}]
        return Verdict(broken, weight, -met, stood, tuple(full))

    def _broken(self, runs: tuple[Run, ...]) -> list[Violation]:
        case = self.case.with_runs(runs)
        return [one for rule in ABOUT_RUNS for one in rule(case)]

    def _groups(self, moved: set[Run], every: set[Run]) -> Iterator[frozenset[Run]]:
        """Yield the runs that those that move share time with, straight or by way of others, group by group.

        A kept timetable may name a slot or a room that is gone since: what stands there grants nothing.
        """
        index, rooms = self.case.timeline.index, self.case.rooms
        left = {run for run in every if run.slot in index and run.room in rooms}
        for first in sorted(moved, key=lambda run: (run.slot, run.room)):
            reached = {first} & left
            group: set[Run] = set()
            while reached:
                group |= reached
                left -= reached
                taken = frozenset().union(*map(self.case.moments, reached))
                reached = {one for one in left if not taken.isdisjoint(self.case.moments(one))}
            if group:
                yield frozenset(group)

    def _worth(self, runs: tuple[Run, ...]) -> _Worth:
        """Return what runs grant whose people choose anew."""
        known = self.worth.get(runs)
        if known is None:
            agendas = self._agendas(runs)
            weight, met = 0.0, 0
            for person in self.problem.people:
                for line in agendas[person.id]:
                    weight += person.wishes.get(line.session, 0.0)
                    met += line.session in person.must
            known = self.worth[runs] = _Worth(weight, met, tuple(self._full(runs, agendas)))
        return known

    def _agendas(self, runs: tuple[Run, ...]) -> Agendas:
        """Return agendas for runs: the best where they all fill one slot, good ones where they overlap."""
        if len({self.case.filled(run) for run in runs}) > 1:
            fitting = [run for run in runs if self.case.filled(run)]
            return choose_greedily(self.places, fitting, known=self.utilities)
        return choose_slot_by_slot(self.places, runs, self.utilities)

    def _full(self, runs: Collection[Run], agendas: Agendas) -> Iterator[Full]:
        """Yield the sessions whose room is full while people who want them have nothing else then."""
        attending = [line.session for lines in agendas.values() for line in lines]
        for run in runs:
            seats = self.case.rooms[run.room].capacity
            there = attending.count(run.session)
            if seats is None or there + self.case.outside_hosts[run.session] < seats:
                continue
            left = sum(
                self._is_free(agendas[person.id], run) and self._could_come(place, run)
                for place, person in enumerate(self.problem.people)
            )
            if left:
                yield Full(run.session, there + left, seats)

    def _is_free(self, agenda: Iterable[Attendance], run: Run) -> bool:
        occupied, moments = self.case.timeline.occupied, self.case.moments(run)
        return all(moments.isdisjoint(occupied(line.session, line.slot)) for line in agenda)

    def _could_come(self, person: int, run: Run) -> bool:
        places = self.places
        session, room = places.session_index[run.session], self._room_index[run.room]
        wants = places.wishes[session, person] > 0 or places.must[session, person]
        may = places.guests_only[session, person] and places.reach[person, room]
        filled = self.case.timeline.filled(run.session, run.slot)
        return bool(wants and may) and all(places.here[person, slot] for slot in filled)

    @cached_property
    def _room_index(self) -> dict[str, int]:
        return {room.id: place for place, room in enumerate(self.problem.rooms)}
