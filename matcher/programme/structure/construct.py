"""A first feasible structure: the hardest topic first into its best free cell, else by CP-SAT."""

from dataclasses import replace

import numpy as np

from matcher.cpsat import give_hint, solve_model
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.programme.structure.conflict import ClashError, smallest_conflict
from matcher.programme.structure.model import Structure
from matcher.proof import Budget

# A first timetable is to be seen within two seconds; what it lacks is found later.
_FIRST_SHARE, _FIRST_SECONDS = 0.1, 0.8


def is_plain(places: Places) -> bool:
    """Tell whether placing one topic never depends on where another stands, rooms and hosts aside."""
    problem = places.problem
    windows = any(role.window is not None for role in problem.roles)
    ordered = any(session.prerequisites for session in problem.sessions)
    long = any(session.duration > 1 for session in problem.sessions)
    plenary = any(slot.kind == "plenary" for slot in problem.slots)
    apart = windows or ordered or long or plenary or bool(places.must.any())
    return not (apart or any(problem.walking.values()))


def construct(places: Places, budget: Budget) -> tuple[Run, ...]:
    """Return runs that hold every hard rule of the structure.

    Raises:
        InfeasibleError: with the smallest set of pins, roles and topics that cannot all hold.
        NoSolutionInTimeError: the budget ended first.
    """
    greedy = _greedy(places) if is_plain(places) else None
    return greedy if greedy is not None else place_by_model(places, budget)


def place_by_model(places: Places, budget: Budget, kept: tuple[Run, ...] = ()) -> tuple[Run, ...]:
    """Return runs for as much wished weight as fits, by CP-SAT; `kept` is where to start from."""
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
    structure.model.maximize(sum(of_topics) + sum(of_people))
    if kept:
        give_hint(structure.model, structure.hint(kept))
    return _solved(structure, budget)


def _solved(structure: Structure, budget: Budget) -> tuple[Run, ...]:
    """Return good runs soon, else any runs within the whole budget."""
    soon = replace(budget, seconds=min(budget.seconds * _FIRST_SHARE, _FIRST_SECONDS))
    try:
        answer = solve_model(structure.model, soon, phase="structure")
    except NoSolutionInTimeError:
        structure.model.clear_objective()  # type: ignore[no-untyped-call]  # as in cpsat
        left = replace(budget, seconds=budget.seconds - soon.seconds)
        try:
            answer = solve_model(structure.model, left, phase="structure")
        except InfeasibleError as error:
            raise _explained(structure, budget) from error
    except InfeasibleError as error:
        raise _explained(structure, budget) from error
    return structure.placed(answer)


def _explained(structure: Structure, budget: Budget) -> InfeasibleError:
    return ClashError(*smallest_conflict(Structure(structure.places), budget))


def _greedy(places: Places) -> tuple[Run, ...] | None:
    """Place the first copies, those with the fewest cells first; None when a needed one is left."""
    free = np.ones(places.cells.shape[1:], dtype=np.bool_)
    busy: dict[str, set[int]] = {}
    runs: list[Run] = []
    demand = places.wishes.sum(axis=1)
    firsts = [copy for copy, (_, number) in enumerate(places.copies) if number == 0]
    cells = {copy: places.copy_cells(copy) for copy in firsts}
    roomy = np.array(
        [-1.0 if r.capacity is None else -float(r.capacity) for r in places.problem.rooms]
    )

    def hardness(copy: int) -> tuple[bool, int, float]:
        choices = int(cells[copy].sum())
        return not places.must_place(copy), choices, -float(demand[places.copies[copy][0]])

    for copy in sorted(firsts, key=hardness):
        session = places.problem.sessions[places.copies[copy][0]]
        taken = set().union(*(busy.get(host, set()) for host in session.hosts))
        open_cells = cells[copy] & free
        open_cells[sorted(taken), :] = False
        if not open_cells.any():
            if places.must_place(copy):
                return None
            continue
        emptiest = free.sum(axis=1)[:, None] * 1e6 - roomy[None, :]
        slot, room = np.unravel_index(np.where(open_cells, emptiest, -1.0).argmax(), free.shape)
        free[slot, room] = False
        for host in session.hosts:
            busy.setdefault(host, set()).add(int(slot))
        place = places.problem.slots[int(slot)].id
        runs.append(Run(session.id, place, places.problem.rooms[int(room)].id))
    # A topic left over may only be so because of the order; the model then looks for room for all.
    return tuple(runs) if len(runs) == len(firsts) or len(runs) == int(free.size) else None
