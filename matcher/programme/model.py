"""The structure of a programme for CP-SAT: which copy runs in which slot and room; no people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from matcher.cpsat import Answer
from matcher.programme.places import Places
from matcher.programme.problem import Run


@dataclass
class Structure:
    """The variables of the structure, and the rules that can be switched off to find a conflict.

    `begins[copy, slot, room]` is true when that copy begins there; `rules` holds a literal per
    rule that a planner has set by hand (pins, topics that must run, windows of roles, prerequisites),
    with the sentence that names it. A rule holds when its literal is true.
    """

    places: Places
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    begins: dict[tuple[int, int, int], cp_model.IntVar] = field(default_factory=dict)
    runs: list[cp_model.IntVar] = field(default_factory=list)
    rules: dict[str, cp_model.IntVar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put all variables and all hard rules into the model."""
        self._add_copies()
        self._add_rooms()
        self._add_hosts()
        self._add_plenaries()
        self._add_prerequisites()
        self._add_windows()
        self._add_walks()

    def hold_all_rules(self) -> None:
        """Make every rule hold; without this only assumptions make them hold."""
        for literal in self.rules.values():
            self.model.add(literal == 1)

    def at(self, copy: int, slots: Iterable[int] | None = None) -> list[cp_model.IntVar]:
        """Return the literals of a copy beginning in one of these slots (None: any)."""
        chosen = self._by_slot[copy]
        places = chosen if slots is None else [slot for slot in slots if slot in chosen]
        return [literal for slot in places for _, literal in chosen[slot]]

    def copies_of(self, session: int) -> list[int]:
        """Return the copies of a session."""
        return self._copies_of[session]

    def filling(self, session: int, slot: int) -> list[cp_model.IntVar]:
        """Return the literals of the runs of a session that fill a slot."""
        filled = self.places.filled[session]
        return [
            literal
            for copy in self._copies_of[session]
            for start, here in self._by_slot[copy].items()
            if slot in filled[start]
            for _, literal in here
        ]

    def placed(self, answer: Answer) -> tuple[Run, ...]:
        """Read the runs out of an answer."""
        problem = self.places.problem
        return tuple(
            Run(
                problem.sessions[self.places.copies[copy][0]].id,
                problem.slots[slot].id,
                problem.rooms[room].id,
            )
            for (copy, slot, room), literal in self.begins.items()
            if answer.is_true(literal)
        )

    def hint(self, runs: Iterable[Run]) -> dict[cp_model.IntVar, int]:
        """Return values that put these runs into the model; copies are filled in order, pins first."""
        values = dict.fromkeys(self.begins.values(), 0)
        index = self.places.session_index
        rooms = {room.id: place for place, room in enumerate(self.places.problem.rooms)}
        slots = self.places.timeline.index
        used: set[int] = set()
        for run in runs:
            for copy in self._copies_of[index[run.session]]:
                literal = self.begins.get((copy, slots[run.slot], rooms[run.room]))
                if copy not in used and literal is not None:
                    used.add(copy)
                    values[literal] = 1
                    break
        values.update({literal: int(copy in used) for copy, literal in enumerate(self.runs)})
        return values

    def _add_copies(self) -> None:
        self._by_slot: list[dict[int, list[tuple[int, cp_model.IntVar]]]] = []
        self._copies_of: dict[int, list[int]] = {}
        for copy, (session, number) in enumerate(self.places.copies):
            self._copies_of.setdefault(session, []).append(copy)
            name = self.places.problem.sessions[session].id
            here: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
            for slot, room in np.argwhere(self.places.cells[session]).tolist():
                literal = self.model.new_bool_var(f"{name}#{number}@{slot}/{room}")
                self.begins[copy, slot, room] = literal
                here.setdefault(slot, []).append((room, literal))
            self._by_slot.append(here)
            runs = self.model.new_bool_var(f"{name}#{number}")
            self.runs.append(runs)
            self.model.add_exactly_one([*self.at(copy), runs.negated()])
            if number > 0:
                self.model.add_implication(runs, self.runs[copy - 1])
            else:
                self._add_pin(copy)
        for session, copies in self._copies_of.items():
            if len(copies) > 1:
                for slot in range(len(self.places.problem.slots)):
                    self.model.add_at_most_one(self.filling(session, slot))

    def _add_pin(self, copy: int) -> None:
        session = self.places.problem.sessions[self.places.copies[copy][0]]
        if session.is_must_run:
            self.model.add_implication(self._rule(f"{session.id} must run"), self.runs[copy])
        if session.pin_slot is None and session.pin_room is None:
            return
        where = " in ".join(pin for pin in (session.pin_slot, session.pin_room) if pin is not None)
        rule = self._rule(f"{session.id} is pinned to {where}")
        cells = self.places.copy_cells(copy)
        kept = [self.begins[copy, slot, room] for slot, room in np.argwhere(cells).tolist()]
        self.model.add_at_least_one([*kept, rule.negated()])

    def _rule(self, sentence: str) -> cp_model.IntVar:
        return self.rules.setdefault(sentence, self.model.new_bool_var(sentence))

    def _add_rooms(self) -> None:
        taken: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (copy, slot, room), literal in self.begins.items():
            for place in self.places.filled[self.places.copies[copy][0]][slot]:
                taken.setdefault((place, room), []).append(literal)
        for literals in taken.values():
            self.model.add_at_most_one(literals)

    def _add_hosts(self) -> None:
        led: dict[str, list[int]] = {}
        for place, session in enumerate(self.places.problem.sessions):
            for host in sorted(session.hosts):
                led.setdefault(host, []).append(place)
        for sessions in {tuple(sessions) for sessions in led.values() if len(sessions) > 1}:
            for slot in range(len(self.places.problem.slots)):
                self.model.add_at_most_one(
                    literal for session in sessions for literal in self.filling(session, slot)
                )

    def _add_plenaries(self) -> None:
        for place, slot in enumerate(self.places.problem.slots):
            if slot.kind == "plenary":
                sessions = range(len(self.places.problem.sessions))
                self.model.add_at_most_one(
                    literal for session in sessions for literal in self.filling(session, place)
                )

    def _add_prerequisites(self) -> None:
        for session, wanted in enumerate(self.places.problem.sessions):
            for needed in sorted(wanted.prerequisites):
                rule = self._rule(f"{wanted.id} comes after {needed}")
                before = self.places.session_index[needed]
                for copy in self._copies_of[session]:
                    for slot, here in self._by_slot[copy].items():
                        earlier = self.ending_before(before, slot)
                        for _, literal in here:
                            self.model.add_bool_or([*earlier, literal.negated(), rule.negated()])

    def ending_before(self, session: int, slot: int) -> list[cp_model.IntVar]:
        """Return the literals of the runs of a session that end before a slot begins."""
        filled = self.places.filled[session]
        return [
            literal
            for copy in self._copies_of[session]
            for start, here in self._by_slot[copy].items()
            if filled[start][-1] < slot
            for _, literal in here
        ]

    def _add_windows(self) -> None:
        slots = self.places.problem.slots
        rank = self.places.timeline.rank
        for role in self.places.problem.roles:
            if role.window is None:
                continue
            rule = self._rule(f"the sessions for {role.id} fit {role.window} slots in a row")
            windows = {
                first: self.model.new_bool_var(f"{role.id} from {slot.id}")
                for first, slot in enumerate(slots)
                if slot.kind != "break"
            }
            if windows:
                self.model.add_exactly_one(windows.values())
            for (copy, slot, _), literal in self.begins.items():
                session = self.places.copies[copy][0]
                if role.id not in self.places.problem.sessions[session].roles:
                    continue
                last = self.places.filled[session][slot][-1]
                covering = [
                    window
                    for first, window in windows.items()
                    if first <= slot
                    and slots[first].day == slots[last].day
                    and rank[last] - rank[first] < role.window
                ]
                self.model.add_bool_or([*covering, literal.negated(), rule.negated()])

    def _add_walks(self) -> None:
        """Hosts of two sessions have time to walk between them."""
        for one, other, walk in walks(self.places):
            shared = sharing_hosts(self.places)
            for (copy, slot, room), literal in self.begins.items():
                if room != one:
                    continue
                session = self.places.copies[copy][0]
                end = self.places.filled[session][slot][-1]
                for mate in shared.get(session, ()):
                    for copy_after in self._copies_of[mate]:
                        for later, here in self._by_slot[copy_after].items():
                            too_far = (
                                end < later
                                and self.places.timeline.minutes_between(end, later) < walk
                            )
                            for room_after, literal_after in here:
                                if too_far and room_after == other:
                                    self.model.add_bool_or(
                                        literal.negated(), literal_after.negated()
                                    )


def walks(places: Places) -> Iterator[tuple[int, int, float]]:
    """Yield (room, room, minutes) in both directions for the pairs that take time."""
    index = {room.id: place for place, room in enumerate(places.problem.rooms)}
    for pair, minutes in places.problem.walking.items():
        ends = sorted(pair)
        if len(ends) == 2 and minutes > 0:
            yield index[ends[0]], index[ends[1]], minutes
            yield index[ends[1]], index[ends[0]], minutes


def sharing_hosts(places: Places) -> Mapping[int, list[int]]:
    """Return session -> sessions with a host in common, itself included when it has hosts."""
    sessions = places.problem.sessions
    return {
        place: [mate for mate, other in enumerate(sessions) if session.hosts & other.hosts]
        for place, session in enumerate(sessions)
        if session.hosts
    }
