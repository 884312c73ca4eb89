"""Agendas for CP-SAT: who attends what, beside an open structure or for runs that stand fixed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
from ortools.sat.python import cp_model

from matcher.cpsat import Answer
from matcher.programme.people.attendance import Utilities
from matcher.programme.people.scale import scale_of
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Attendance, Run
from matcher.programme.rules.scores import body_wishes
from matcher.programme.structure.model import Level, Structure


@dataclass(frozen=True)
class Opening:
    """Where a run may begin in a slot: whether it does, and the (room, literal) of each room."""

    starts: cp_model.IntVar
    rooms: tuple[tuple[int, cp_model.IntVar], ...]


Openings: TypeAlias = Mapping[tuple[int, int], Opening]
"""(session, slot) -> what may begin there."""


def openings_of(structure: Structure) -> Openings:
    """Return where sessions may begin in an open structure."""
    rooms: dict[tuple[int, int], list[tuple[int, cp_model.IntVar]]] = {}
    for (session, slot, room), literal in structure.begins.items():
        rooms.setdefault((session, slot), []).append((room, literal))
    return {key: Opening(structure.starts[key], tuple(here)) for key, here in rooms.items()}


def openings_at(model: cp_model.CpModel, places: Places, runs: Iterable[Run]) -> Openings:
    """Return where sessions begin when the runs stand fixed."""
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    stands = model.new_constant(1)
    return {
        (places.session_index[run.session], places.timeline.index[run.slot]): Opening(
            stands, ((rooms[run.room], stands),)
        )
        for run in runs
    }


@dataclass
class People:
    """The variables of the people: `attends[person, session, slot]`.

    A narrow model sends to a session only those who wish for it or have to be there, and a body's
    other delegates where none of them wishes for what it wants covered. A plan that is full in it,
    every wish granted, is full in the wide one as well; other plans may be better in the wide one.
    """

    places: Places
    model: cp_model.CpModel
    openings: Openings
    is_narrow: bool = False
    attends: dict[tuple[int, int, int], cp_model.IntVar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put all variables and the people's hard rules into the model."""
        self._wanted = _wanted(self.places, is_narrow=self.is_narrow)
        self._add_attendance()
        self._add_one_place()
        self._add_capacity()
        self._add_prerequisites()
        self._add_walks()

    def agendas(self, answer: Answer) -> Agendas:
        """Read the agendas out of an answer, lines that grant nothing left out."""
        lines: dict[str, list[Attendance]] = {
            person.id: [] for person in self.places.problem.people
        }
        for (person, session, slot), literal in sorted(
            self.attends.items(), key=lambda item: item[0][2]
        ):
            if answer.is_true(literal):
                problem = self.places.problem
                line = Attendance(problem.slots[slot].id, problem.sessions[session].id)
                lines[problem.people[person].id].append(line)
        return {person: tuple(agenda) for person, agenda in lines.items()}

    def hint(self, agendas: Agendas) -> dict[cp_model.IntVar, int]:
        """Return values that put these agendas into the model."""
        values = dict.fromkeys(self.attends.values(), 0)
        for place, person in enumerate(self.places.problem.people):
            for line in agendas.get(person.id, ()):
                session = self.places.session_index[line.session]
                literal = self.attends.get((place, session, self.places.timeline.index[line.slot]))
                if literal is not None:
                    values[literal] = 1
        return values

    def of(self, person: int, session: int) -> list[cp_model.IntVar]:
        """Return the literals of a person attending any run of a session."""
        return [
            self.attends[person, session, slot]
            for slot in range(len(self.places.problem.slots))
            if (person, session, slot) in self.attends
        ]

    def must_haves(self) -> Level:
        """Return the number of must-haves granted."""
        return _level(
            "must_haves",
            [
                (1, self._once(person, session))
                for session, person in np.argwhere(self.places.must).tolist()
            ],
        )

    def coverage(self) -> Level:
        """Return the weight of the topics covered for the bodies, in whole numbers."""
        terms: list[tuple[int, cp_model.LinearExprT]] = []
        covers = body_wishes(self.places.problem)
        scale = scale_of({weight for wishes in covers.values() for weight in wishes.values()})
        members = _members(self.places)
        for body, wishes in covers.items():
            for name, weight in wishes.items():
                session = self.places.session_index[name]
                there = [
                    literal
                    for person in members.get(body, ())
                    for literal in self.of(person, session)
                ]
                if there and weight:
                    covered = self.model.new_bool_var(f"{body} covers {name}")
                    self.model.add_bool_or([*there, covered.negated()])
                    terms.append((round(weight * scale), covered))
        return _level("coverage", terms)

    def weight(self, only: Iterable[int] | None = None) -> Level:
        """Return the weight attended by these people (None: all), in whole numbers."""
        wishes = self.places.wishes
        chosen = set(range(wishes.shape[1])) if only is None else set(only)
        return _level(
            "wished_weight",
            [
                (round(float(wishes[session, person]) * self.scale), self._once(person, session))
                for session, person in np.argwhere(wishes > 0).tolist()
                if person in chosen
            ],
        )

    @cached_property
    def scale(self) -> int:
        """Whole numbers per unit of wished weight."""
        return scale_of(np.unique(self.places.wishes).tolist())

    def shares(self, parts: int) -> dict[str, cp_model.LinearExprT]:
        """Return body -> share of its delegates' wishes attended, in `parts` of the whole."""
        wishes = self.places.wishes
        shares: dict[str, cp_model.LinearExprT] = {}
        for body, members in _members(self.places).items():
            total = round(float(wishes[:, members].sum()) * self.scale)
            if total:
                shares[body] = self.weight(members).expression * (parts // total)
        return shares

    def _once(self, person: int, session: int) -> cp_model.LinearExprT:
        """Return 1 when the person attends the session; hosts may attend several of its runs."""
        literals = self.of(person, session)
        if person not in self.places.hosts[session] or len(literals) < 2:
            return sum(literals)
        any_of = self.model.new_bool_var("")
        self.model.add_bool_or([*literals, any_of.negated()])
        return any_of

    def _add_attendance(self) -> None:
        for (session, slot), opening in self.openings.items():
            filled = self.places.filled[session][slot]
            hosts = set(self.places.hosts[session])
            for person in sorted(self._wanted[session] | hosts):
                reachable = [
                    literal for room, literal in opening.rooms if self.places.reach[person, room]
                ]
                if not reachable or not all(self.places.here[person, place] for place in filled):
                    continue
                attends = self.model.new_bool_var(f"{person} in {session}@{slot}")
                self.attends[person, session, slot] = attends
                if person in hosts:
                    self.model.add(attends == opening.starts)
                    continue
                self.model.add_implication(attends, opening.starts)
                if len(reachable) < len(opening.rooms):
                    self.model.add_bool_or([*reachable, attends.negated()])

    def _add_one_place(self) -> None:
        at_once: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        of_session: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (person, session, slot), literal in self.attends.items():
            for moment in self.places.occupied[session][slot]:
                at_once.setdefault((person, moment), []).append(literal)
            if person not in self.places.hosts[session]:
                of_session.setdefault((person, session), []).append(literal)
        for literals in (*at_once.values(), *of_session.values()):
            if len(literals) > 1:
                self.model.add_at_most_one(literals)

    def _add_capacity(self) -> None:
        people: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (_, session, slot), literal in self.attends.items():
            people.setdefault((session, slot), []).append(literal)
        everyone = len(self.places.problem.people)
        for key, literals in people.items():
            seats = [
                (self.places.problem.rooms[room].capacity, literal)
                for room, literal in self.openings[key].rooms
            ]
            outside = self.places.outside_hosts[key[0]]
            room_for = [
                (everyone if limit is None else limit - outside, literal)
                for limit, literal in seats
            ]
            if min(limit for limit, _ in room_for) < len(literals):
                self.model.add(sum(literals) <= sum(limit * literal for limit, literal in room_for))

    def _add_prerequisites(self) -> None:
        for (person, session, slot), literal in self.attends.items():
            if person in self.places.hosts[session]:
                continue
            for needed in sorted(self.places.problem.sessions[session].prerequisites):
                before = self.places.session_index[needed]
                earlier = [
                    self.attends[person, before, start]
                    for start, filled in enumerate(self.places.filled[before])
                    if (person, before, start) in self.attends
                    and self.places.timeline.is_before(filled[-1], slot)
                ]
                self.model.add_bool_or([*earlier, literal.negated()])

    def _add_walks(self) -> None:
        """No agenda leads from one room to another that is too far to walk in time."""
        if not any(self.places.problem.walking.values()):
            return
        inside: dict[tuple[int, int, int], cp_model.IntVar] = {}
        for (person, session, slot), attends in self.attends.items():
            for room, runs in self.openings[session, slot].rooms:
                for place in self.places.filled[session][slot]:
                    key = person, place, room
                    if key not in inside:
                        inside[key] = self.model.new_bool_var("")
                    self.model.add_bool_or([inside[key], attends.negated(), runs.negated()])
        for person, place, room, later, other in _too_far(self.places, inside):
            self.model.add_bool_or(
                inside[person, place, room].negated(), inside[person, later, other].negated()
            )


def _too_far(
    places: Places, inside: Iterable[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (person, slot, room, later slot, other room) where the walk takes too long."""
    index = {room.id: place for place, room in enumerate(places.problem.rooms)}
    known = set(inside)
    far = [
        (index[one], index[other], minutes)
        for pair, minutes in places.problem.walking.items()
        for one in pair
        for other in pair - {one}
    ]
    for person, place, room in known:
        for one, other, minutes in far:
            if one != room:
                continue
            for later in range(place + 1, len(places.problem.slots)):
                short = places.timeline.minutes_between(place, later) < minutes
                if short and (person, later, other) in known:
                    yield person, place, room, later, other


def _level(name: str, terms: list[tuple[int, cp_model.LinearExprT]]) -> Level:
    """Return the sum of the terms (factor, 0 or 1) as a level."""
    most = sum(factor for factor, term in terms if not isinstance(term, int))
    return Level(name, sum(factor * term for factor, term in terms), most)


def _members(places: Places) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for place, person in enumerate(places.problem.people):
        if person.body is not None:
            members.setdefault(person.body, []).append(place)
    return members


def _wanted(places: Places, *, is_narrow: bool) -> list[set[int]]:
    """Return session -> the people to whom attending it is worth something.

    That is a wish, a must, a wish of their body (when narrow: only where no delegate's own wish
    covers it), or a prerequisite of such a session.
    """
    utilities = Utilities(places)
    wanted = [set(np.flatnonzero(row > 0).tolist()) for row in utilities.people]
    for members, wishes in utilities.bodies.values():
        for session in wishes:
            if not (is_narrow and wanted[session] & set(members)):
                wanted[session] |= set(members)
    for _ in places.problem.sessions:
        grown = False
        for session, wants in enumerate(places.problem.sessions):
            for needed in wants.prerequisites:
                before = wanted[places.session_index[needed]]
                grown |= not wanted[session] <= before
                before |= wanted[session]
        if not grown:
            break
    return [
        {person for person in people if places.guests_only[session, person]}
        for session, people in enumerate(wanted)
    ]
