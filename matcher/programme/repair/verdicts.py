"""What moving one session by hand would break and cost, judged for every place at once, before it is moved."""

from dataclasses import dataclass, replace
from functools import cached_property

from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.rules.case import Case
from matcher.programme.rules.violations import ABOUT_RUNS
from matcher.proof import Violation

Place = tuple[str, str] | None
"""Slot and room; None takes the session out."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What putting a session in one place would do.

    broken: rules that the session would break there, and others that are not broken now. weight: attended wishes gained (lost below
    zero), as long as each slot's people choose anew. musts: people who would miss what they have to
    attend (fewer below zero). swaps: who stands there and changes places.
    """

    broken: tuple[Violation, ...]
    weight: float
    musts: int
    swaps: str | None

    @property
    def is_clash(self) -> bool:
        """Whether a hard rule would be broken."""
        return bool(self.broken)

    @property
    def key(self) -> tuple[int, int, float, bool]:
        """The verdicts in the order of what a planner would rather do, the best first: of equals, none that swaps."""
        return len(self.broken), self.musts, -self.weight, self.swaps is not None


def verdicts(problem: Problem, timetable: Timetable, session: str) -> dict[Place, Verdict]:
    """Judge every slot and room for a session, and taking it out; where it stands is not judged."""
    judge = _Judge(problem, timetable)
    here = next((run for run in timetable.runs if run.session == session), None)
    found: dict[Place, Verdict] = {}
    for slot in problem.slots:
        for room in problem.rooms if slot.kind != "break" else ():
            if here is None or (here.slot, here.room) != (slot.id, room.id):
                found[slot.id, room.id] = judge.of(session, (slot.id, room.id))
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


class _Judge:
    """A timetable, and what each of its slots is worth for any set of runs that begin in it."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self.problem, self.runs = problem, timetable.runs
        # What an RC covers is left out: who wishes most goes, which is what the figure is of.
        alone = tuple(replace(person, body=None) for person in problem.people)
        self.places = Places(replace(problem, bodies=(), people=alone))
        self.worth: dict[frozenset[Run], tuple[float, int]] = {}

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
        touched = {run.slot for run in {*runs}.symmetric_difference(self.runs)}
        weight, met = 0.0, 0
        for slot in touched:
            after = self._worth(frozenset(run for run in runs if run.slot == slot))
            before = self._worth(frozenset(run for run in self.runs if run.slot == slot))
            weight += after[0] - before[0]
            met += after[1] - before[1]
        return Verdict(broken, weight, -met, stood)

    def _broken(self, runs: tuple[Run, ...]) -> list[Violation]:
        case = Case(self.problem, Timetable(runs))
        return [one for rule in ABOUT_RUNS for one in rule(case)]

    def _worth(self, runs: frozenset[Run]) -> tuple[float, int]:
        """Return the wishes that runs of one slot grant, and how many musts they meet."""
        known = self.worth.get(runs)
        if known is None:
            agendas = choose_slot_by_slot(self.places, sorted(runs, key=lambda run: run.room))
            weight, met = 0.0, 0
            for person in self.problem.people:
                for line in agendas[person.id]:
                    weight += person.wishes.get(line.session, 0.0)
                    met += line.session in person.must
            known = self.worth[runs] = (weight, met)
        return known
