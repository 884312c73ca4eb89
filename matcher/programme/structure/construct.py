"""A first feasible structure: the hardest topic first into its best free cell, else by CP-SAT."""

from dataclasses import replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from matcher.cpsat import give_hint, solve_model
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.programme.places import BoolArray, Places
from matcher.programme.problem import Run
from matcher.programme.structure.conflict import smallest_conflict
from matcher.programme.structure.levels import kept_runs
from matcher.programme.structure.model import Structure
from matcher.programme.structure.wider import WiderRules
from matcher.proof import Budget

# A first timetable is to be seen soon; what it lacks is found later. Counted in the solver's own
# work, so that a busy machine finds the same; about a second of an idle one.
_FIRST_SHARE, _FIRST_WORK = 0.3, 1.0
_AS_PUBLISHED, _PLACE_FOR_ONE, _PLACE_EARLY = 1e15, 1e12, 1e9
_MOST_TRIED = 200


def construct(places: Places, budget: Budget) -> tuple[Run, ...]:
    """Return runs that hold every hard rule of the structure.

    Raises:
        InfeasibleError: with the smallest set of pins, roles and topics that cannot all hold.
        NoSolutionInTimeError: the budget ended first.
    """
    greedy = _Greedy(places)
    runs = greedy.place_all()
    if runs is not None and greedy.is_all_placed:
        return runs
    return place_by_model(places, budget, start=runs)


def place_by_model(
    places: Places, budget: Budget, start: tuple[Run, ...] | None = None
) -> tuple[Run, ...]:
    """Return runs for as much wished weight as fits, by CP-SAT, from a start that holds all rules."""
    structure = Structure(places)
    structure.hold_all_rules()
    demand = np.rint(places.wishes.sum(axis=1)).astype(int) + 1
    of_topics = [
        int(weight) * literal for weight, literal in zip(demand, structure.runs, strict=True)
    ]
    # Those who have to attend are to be here then: guests come for half a day.
    most = int(demand.sum()) + 1
    of_people = [
        most * int((places.must[session] & places.here[:, slot]).sum()) * literal
        for (session, slot), literal in structure.starts.items()
        if places.must[session].any()
    ]
    per_run = most * (1 + int(places.must.sum()))
    told = per_run * kept_runs(structure).expression
    structure.model.maximize(sum([*of_topics, *of_people, told]))
    if start:
        give_hint(structure.model, structure.hint(start))
    return _solved(structure, budget, start)


def _solved(structure: Structure, budget: Budget, start: tuple[Run, ...] | None) -> tuple[Run, ...]:
    """Return good runs soon, else the start, else any runs within the whole budget."""
    soon = replace(budget, seconds=budget.seconds * _FIRST_SHARE)
    try:
        answer = solve_model(structure.model, soon, phase="structure", work=_FIRST_WORK)
    except NoSolutionInTimeError:
        if start is not None:
            return start
        structure.model.clear_objective()  # type: ignore[no-untyped-call]  # as in cpsat
        work = None if budget.work is None else inf
        left = replace(budget, seconds=budget.seconds - soon.seconds, work=work)
        try:
            answer = solve_model(structure.model, left, phase="structure")
        except InfeasibleError as error:
            raise _explained(structure, budget) from error
    except InfeasibleError as error:
        raise _explained(structure, budget) from error
    return structure.placed(answer)


def _explained(structure: Structure, budget: Budget) -> InfeasibleError:
    return InfeasibleError(*smallest_conflict(Structure(structure.places), budget))


class _Greedy:
    """Topics put one after the other where they fit, what is needed before others first."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.rules = WiderRules(places)
        self.free: BoolArray = np.ones(places.cells.shape[1:], dtype=np.bool_)
        self.entry = np.full(self.free.size, -1, dtype=np.int64)
        self.busy: dict[str, set[int]] = {}
        self.firsts = [copy for copy, (_, number) in enumerate(places.copies) if number == 0]
        self.cells = {copy: places.copy_cells(copy) for copy in self.firsts}
        self.runs: list[Run] = []
        sessions = places.problem.sessions
        self.published = _published(places)
        self.needed = {places.session_index[one] for two in sessions for one in two.prerequisites}

    @property
    def is_all_placed(self) -> bool:
        """Tell whether no topic could be had beside those that are placed: all are, or all is full."""
        return len(self.runs) == len(self.firsts) or not self.free.any()

    def place_all(self) -> tuple[Run, ...] | None:
        """Place the first copies, the hardest first; None when one that has to run is left."""
        demand = self.places.wishes.sum(axis=1)

        def hardness(copy: int) -> tuple[bool, bool, int, int, float]:
            session = self.places.copies[copy][0]
            told = session in self.published
            choices = int(self.cells[copy].sum())
            depth = self._depth(session, len(self.firsts))
            is_free = not self.places.must_place(copy)
            return not told, is_free, depth, choices, -float(demand[session])

        for copy in sorted(self.firsts, key=hardness):
            if not self._place(copy) and self.places.must_place(copy):
                return None
        return tuple(self.runs)

    def _depth(self, session: int, left: int) -> int:
        """Return how many topics in a row have to come before a session."""
        before = self.places.problem.sessions[session].prerequisites
        if not before or not left:
            return 0
        return 1 + max(self._depth(self.places.session_index[one], left - 1) for one in before)

    def _place(self, copy: int) -> bool:
        """Put a copy into the best free cell where all rules hold; tell whether there was one."""
        row = self.places.copies[copy][0]
        session = self.places.problem.sessions[row]
        busy = set().union(*(self.busy.get(host, set()) for host in session.hosts))
        tried = 0
        for slot, room in self._by_preference(copy):
            filled = self.places.occupied[row][slot]
            if not self.free[list(filled), room].all() or busy & set(filled):
                continue
            cell = slot * self.free.shape[1] + room
            self.entry[cell] = copy
            if self.rules.is_needed and not self.rules(self.entry, (cell, cell)):
                self.entry[cell] = -1
                tried += 1
                if tried == _MOST_TRIED:
                    return False
                continue
            self.free[list(filled), room] = False
            for host in session.hosts:
                self.busy.setdefault(host, set()).update(filled)
            problem = self.places.problem
            self.runs.append(Run(session.id, problem.slots[slot].id, problem.rooms[room].id))
            return True
        return False

    def _by_preference(self, copy: int) -> list[tuple[int, int]]:
        """Return the cells open to a copy: those who must come are here, early, in the emptiest slot."""
        row = self.places.copies[copy][0]
        slots = np.arange(len(self.free))[:, None]
        worth: NDArray[np.float64] = self.free.sum(axis=1)[:, None] * 1e6 + self._seats()
        worth = worth + _PLACE_FOR_ONE * (self.places.must[row] @ self.places.here)[:, None]
        if row in self.needed:
            worth = worth - _PLACE_EARLY * slots
        for slot, room in self.published.get(row, ()):
            worth[slot, room] += _AS_PUBLISHED
        open_cells = np.argwhere(self.cells[copy] & self.free)
        order = np.argsort(-worth[open_cells[:, 0], open_cells[:, 1]], kind="stable")
        return [(int(slot), int(room)) for slot, room in open_cells[order]]

    def _seats(self) -> NDArray[np.float64]:
        rooms = self.places.problem.rooms
        return np.array([[1.0 if one.capacity is None else float(one.capacity) for one in rooms]])


def _published(places: Places) -> dict[int, list[tuple[int, int]]]:
    """Return session -> (slot, room) of its published runs."""
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    found: dict[int, list[tuple[int, int]]] = {}
    for run in places.problem.published:
        cell = places.timeline.index[run.slot], rooms[run.room]
        found.setdefault(places.session_index[run.session], []).append(cell)
    return found
