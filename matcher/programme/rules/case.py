"""A problem and a timetable looked at together: the ground on which rules and scores stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from matcher.programme.problem import Person, Problem, Room, Run, Session, Timetable
from matcher.programme.rules.day import Timeline


@dataclass(frozen=True)
class Case:
    """A problem and a timetable looked at together; what several rules need is worked out once."""

    problem: Problem
    timetable: Timetable

    def with_runs(self, runs: tuple[Run, ...]) -> "Case":
        """Return the same problem with other runs and nobody's agenda; what is of the problem alone is kept."""
        other = replace(self, timetable=Timetable(runs))
        for name in ("timeline", "sessions", "rooms", "people", "outside_hosts"):
            other.__dict__[name] = getattr(self, name)
        return other

    @cached_property
    def timeline(self) -> Timeline:
        """The slots as a line of time."""
        return Timeline.of(self.problem)

    @cached_property
    def sessions(self) -> Mapping[str, Session]:
        """Session id -> session."""
        return {session.id: session for session in self.problem.sessions}

    @cached_property
    def rooms(self) -> Mapping[str, Room]:
        """Room id -> room."""
        return {room.id: room for room in self.problem.rooms}

    @cached_property
    def people(self) -> Mapping[str, Person]:
        """Person id -> person."""
        return {person.id: person for person in self.problem.people}

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Return the runs that name a known session, slot and room; `known` reports the others."""
        slots = self.timeline.index
        return tuple(
            run
            for run in self.timetable.runs
            if run.session in self.sessions and run.slot in slots and run.room in self.rooms
        )

    @cached_property
    def run_at(self) -> Mapping[tuple[str, str], Run]:
        """(slot id, session id) -> the run that begins there."""
        return {(run.slot, run.session): run for run in self.runs}

    @cached_property
    def agenda_runs(self) -> Mapping[str, tuple[Run, ...]]:
        """Person id -> the runs in the person's agenda, lines without a run left out."""
        return {
            person: tuple(
                self.run_at[line.slot, line.session]
                for line in agenda
                if (line.slot, line.session) in self.run_at
            )
            for person, agenda in self.timetable.agendas.items()
        }

    @cached_property
    def attended(self) -> Mapping[str, float]:
        """Person id -> the sum of the wishes that the agenda grants; a session counts once."""
        return {
            person.id: sum(
                person.wishes.get(session, 0.0)
                for session in dict.fromkeys(
                    line.session for line in self.timetable.agendas.get(person.id, ())
                )
            )
            for person in self.problem.people
        }

    @cached_property
    def outside_hosts(self) -> Mapping[str, int]:
        """Session id -> how many of its hosts do not stand under people; they take a seat as well."""
        return {
            session.id: len(session.hosts - self.people.keys()) for session in self.problem.sessions
        }

    def crowd(self, run: Run) -> int:
        """Return how many people are in the room of a run, hosts from outside included."""
        return len(self.attendance[run]) + self.outside_hosts[run.session]

    @cached_property
    def attendance(self) -> Mapping[Run, tuple[str, ...]]:
        """Run -> the people whose agenda holds it."""
        people: dict[Run, list[str]] = {run: [] for run in self.runs}
        for person, runs in self.agenda_runs.items():
            for run in dict.fromkeys(runs):
                people[run].append(person)
        return {run: tuple(names) for run, names in people.items()}

    @cached_property
    def _filled(self) -> Mapping[Run, frozenset[str]]:
        return {run: self.timeline.filled_ids(run) for run in self.runs}

    def filled(self, run: Run) -> frozenset[str]:
        """Return the slots that a run fills."""
        return self._filled.get(run) or self.timeline.filled_ids(run)

    @cached_property
    def _moments(self) -> Mapping[Run, frozenset[int]]:
        return {run: frozenset(self.timeline.occupied(run.session, run.slot)) for run in self.runs}

    def moments(self, run: Run) -> frozenset[int]:
        """Return the moments that a run takes: what it shares with another is at once."""
        known = self._moments.get(run)
        if known is None:
            return frozenset(self.timeline.occupied(run.session, run.slot))
        return known

    def slots_meanwhile(self, run: Run) -> frozenset[str]:
        """Return the ids of the slots that share a moment with a run, those that it fills among them."""
        known = self._meanwhile.get(run)
        if known is None:
            places = self.timeline.filled(run.session, run.slot)
            at_once = (self.timeline.at_once[place] for place in places)
            known = self._meanwhile[run] = frozenset().union(*at_once)
        return known

    @cached_property
    def _meanwhile(self) -> dict[Run, frozenset[str]]:
        return {}

    def ends_before(self, one: Run, other: Run) -> bool:
        """Tell whether a run has ended when another begins."""
        last = max(self.timeline.filled(one.session, one.slot), default=self.place(other))
        return self.timeline.is_before(last, self.place(other))

    def place(self, run: Run) -> int:
        """Return the place in time of a run's first slot."""
        return self.timeline.index[run.slot]

    def is_here(self, person: Person, run: Run) -> bool:
        """Tell whether a person is here in every slot that a run fills."""
        places = self.timeline.filled(run.session, run.slot)
        return all(self.timeline.can_attend(person, place) for place in places)

    def overlap(self, one: Run, other: Run) -> bool:
        """Tell whether two runs share a moment."""
        return not self.moments(one).isdisjoint(self.moments(other))
