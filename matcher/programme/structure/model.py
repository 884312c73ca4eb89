"""The structure of a programme for CP-SAT: which topic begins in which slot and room; no people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from matcher.cpsat import Answer
from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.requirement import Requirement

# CP-SAT adds up in 64 bits; sums beyond this are not stacked.
_LARGEST_SUM = 10**15


@dataclass(frozen=True)
class Level:
    """A level as an expression to raise, and the most that it could ever be."""

    name: str
    expression: cp_model.LinearExprT
    most: int


def above(level: Level, below: Sequence[Level]) -> tuple[cp_model.LinearExprT, int]:
    """Return a level stacked on those below it, and its factor: their greatest sum and one more."""
    stack = (*reversed(below), level)
    factors: list[int] = []
    total = 0
    for one in stack:
        factors.append(total + 1)
        total += factors[-1] * one.most
    if total > _LARGEST_SUM:
        return level.expression, 1
    expressions = [one.expression for one in stack]
    return cp_model.LinearExpr.weighted_sum(expressions, factors), factors[-1]


@dataclass
class Structure:
    """The variables of the structure, and the rules that can be switched off to find a conflict.

    `begins[session, slot, room]` is true when a run begins there, `starts[session, slot]` when one
    begins in any room, `runs[session]` when the session runs at all. The runs of a session have no
    numbers: numbered copies would only add plans that differ in nothing. `rules` holds a literal per
    rule that a planner has set by hand (pins, topics that must run, windows of roles, prerequisites),
    under the requirement that it is. A rule holds when its literal is true.
    """

    places: Places
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    begins: dict[tuple[int, int, int], cp_model.IntVar] = field(default_factory=dict)
    starts: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    runs: list[cp_model.IntVar] = field(default_factory=list)
    rules: dict[Requirement, cp_model.IntVar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put all variables and all hard rules into the model."""
        self._add_sessions()
        self._add_rooms()
        self._add_hosts()
        self._add_pauses()
        self._add_plenaries()
        self._add_prerequisites()
        self._add_windows()
        self._add_walks()

    def hold_all_rules(self) -> None:
        """Make every rule hold; without this only assumptions make them hold."""
        for literal in self.rules.values():
            self.model.add(literal == 1)

    def times(self, session: int) -> cp_model.LinearExprT:
        """Return how often a session runs."""
        return sum(self._starts_of[session].values())

    def filling(self, session: int, slot: int) -> list[cp_model.IntVar]:
        """Return the literals of the runs of a session that fill a slot."""
        filled = self.places.filled[session]
        return [
            literal for start, literal in self._starts_of[session].items() if slot in filled[start]
        ]

    def occupying(self, session: int, moment: int) -> list[cp_model.IntVar]:
        """Return the literals of the runs of a session that take a moment."""
        taken = self.places.occupied[session]
        return [
            literal for start, literal in self._starts_of[session].items() if moment in taken[start]
        ]

    def placed(self, answer: Answer) -> tuple[Run, ...]:
        """Read the runs out of an answer."""
        problem = self.places.problem
        return tuple(
            Run(problem.sessions[session].id, problem.slots[slot].id, problem.rooms[room].id)
            for (session, slot, room), literal in self.begins.items()
            if answer.is_true(literal)
        )

    def hint(self, runs: Iterable[Run]) -> dict[cp_model.IntVar, int]:
        """Return values that put these runs into the model, as far as they fit it."""
        index = self.places.session_index
        rooms = {room.id: place for place, room in enumerate(self.places.problem.rooms)}
        slots = self.places.timeline.index
        stand = {(index[run.session], slots[run.slot], rooms[run.room]) for run in runs}
        values = {literal: int(key in stand) for key, literal in self.begins.items()}
        begun = {key[:2] for key in stand & self.begins.keys()}
        values.update({literal: int(key in begun) for key, literal in self.starts.items()})
        running = {session for session, _ in begun}
        values.update({literal: int(row in running) for row, literal in enumerate(self.runs)})
        return values

    def _add_sessions(self) -> None:
        self._starts_of: list[dict[int, cp_model.IntVar]] = []
        for row, session in enumerate(self.places.problem.sessions):
            starts: dict[int, cp_model.IntVar] = {}
            for slot in np.flatnonzero(self.places.cells[row].any(axis=1)).tolist():
                starts[slot] = self.starts[row, slot] = self._add_start(row, slot)
            self._starts_of.append(starts)
            runs = self.model.new_bool_var(session.id)
            self.runs.append(runs)
            if session.repeats == 1:
                self.model.add_exactly_one([*starts.values(), runs.negated()])
            else:
                self.model.add(sum(starts.values()) <= session.repeats)
                self.model.add_max_equality(runs, [*starts.values(), self.model.new_constant(0)])
                is_wide = session.duration > 1 or self.places.timeline.has_overlaps
                for moment in range(len(self.places.problem.slots)) if is_wide else ():
                    self.model.add_at_most_one(self.occupying(row, moment))
            self._add_pin(row)

    def _add_start(self, row: int, slot: int) -> cp_model.IntVar:
        """Return the literal of a run that begins in a slot, in exactly one of the rooms open to it."""
        name = f"{self.places.problem.sessions[row].id}@{slot}"
        start = self.model.new_bool_var(name)
        here = np.flatnonzero(self.places.cells[row, slot]).tolist()
        for room in here:
            self.begins[row, slot, room] = (
                start if len(here) == 1 else self.model.new_bool_var(f"{name}/{room}")
            )
        if len(here) > 1:
            rooms = [self.begins[row, slot, room] for room in here]
            self.model.add_exactly_one([*rooms, start.negated()])
        return start

    def _add_pin(self, row: int) -> None:
        session = self.places.problem.sessions[row]
        if session.is_must_run:
            self.model.add_implication(
                self._rule(Requirement("must_run", (session.id,))), self.runs[row]
            )
        if session.pin_slot is None and session.pin_room is None:
            return
        pin = (session.id, session.pin_slot or "", session.pin_room or "")
        rule = self._rule(Requirement("pinned", pin))
        cells = self.places.pinned_cells(row)
        kept = [self.begins[row, slot, room] for slot, room in np.argwhere(cells).tolist()]
        self.model.add_at_least_one([*kept, rule.negated()])

    def _rule(self, wanted: Requirement) -> cp_model.IntVar:
        return self.rules.setdefault(wanted, self.model.new_bool_var(str(wanted)))

    def _add_rooms(self) -> None:
        taken: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (session, slot, room), literal in self.begins.items():
            for moment in self.places.occupied[session][slot]:
                taken.setdefault((moment, room), []).append(literal)
        for literals in taken.values():
            self.model.add_at_most_one(literals)

    def _add_hosts(self) -> None:
        led: dict[str, list[int]] = {}
        for place, session in enumerate(self.places.problem.sessions):
            for host in sorted(session.hosts):
                led.setdefault(host, []).append(place)
        for sessions in {tuple(sessions) for sessions in led.values() if len(sessions) > 1}:
            for moment in range(len(self.places.problem.slots)):
                self.model.add_at_most_one(
                    literal for session in sessions for literal in self.occupying(session, moment)
                )

    def _add_pauses(self) -> None:
        """Who leads two sessions on a day has the pause between them that leaders need."""
        wanted, between = self.places.problem.leader_pause, self.places.timeline.minutes_between
        for session, mates in sharing_hosts(self.places).items() if wanted else ():
            for slot, literal in self._starts_of[session].items():
                end = self.places.filled[session][slot][-1]
                for mate in mates:
                    for later, after in self._starts_of[mate].items():
                        if later > end and between(end, later) < wanted:
                            self.model.add_bool_or(literal.negated(), after.negated())

    def _add_plenaries(self) -> None:
        for place, slot in enumerate(self.places.problem.slots):
            if slot.kind == "plenary":
                at_once = self.places.timeline.at_once
                here, meanwhile = [], []
                for (session, start), literal in self.starts.items():
                    filled = self.places.filled[session][start]
                    if place in filled:
                        here.append(literal)
                    elif any(slot.id in at_once[one] for one in filled):
                        meanwhile.append(literal)
                self.model.add_at_most_one(here)
                for literal in meanwhile:
                    self.model.add_at_most_one([literal, *here])

    def _add_prerequisites(self) -> None:
        for session, wanted in enumerate(self.places.problem.sessions):
            for needed in sorted(wanted.prerequisites):
                rule = self._rule(Requirement("comes_after", (wanted.id, needed)))
                before = self.places.session_index[needed]
                for slot, literal in self._starts_of[session].items():
                    earlier = self._ending_before(before, slot)
                    self.model.add_bool_or([*earlier, literal.negated(), rule.negated()])

    def _ending_before(self, session: int, slot: int) -> list[cp_model.IntVar]:
        """Return the literals of the runs of a session that end before a slot begins."""
        filled = self.places.filled[session]
        return [
            literal
            for start, literal in self._starts_of[session].items()
            if self.places.timeline.is_before(filled[start][-1], slot)
        ]

    def _add_windows(self) -> None:
        slots = self.places.problem.slots
        rank = self.places.timeline.rank
        for role in self.places.problem.roles:
            if role.window is None:
                continue
            rule = self._rule(Requirement("window", (role.id,), (role.window,)))
            windows = {
                first: self.model.new_bool_var(f"{role.id} from {slot.id}")
                for first, slot in enumerate(slots)
                if slot.kind != "break"
            }
            if windows:
                self.model.add_exactly_one(windows.values())
            for (session, slot), literal in self.starts.items():
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
        shared = sharing_hosts(self.places)
        for one, other, walk in walks(self.places):
            for (session, slot, room), literal in self.begins.items():
                end = self.places.filled[session][slot][-1]
                for mate in shared.get(session, ()) if room == one else ():
                    for later in self._starts_of[mate]:
                        after = self.begins.get((mate, later, other))
                        if after is None or later <= end:
                            continue
                        if self.places.timeline.minutes_between(end, later) < walk:
                            self.model.add_bool_or(literal.negated(), after.negated())


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
