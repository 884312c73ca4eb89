"""The levels that speak of the structure alone, as expressions over the model's literals."""

from collections.abc import Iterable

from ortools.sat.python import cp_model

from matcher.programme.structure.model import Level, Structure


def idle_slots(structure: Structure) -> Level:
    """Return, as a level to raise to 0, over roles and days, the slots between a role's sessions that hold none of them."""
    problem = structure.places.problem
    roles = sorted({role for session in problem.sessions for role in session.roles})
    days = list(dict.fromkeys(slot.day for slot in problem.slots))
    idle = sum(_idle(structure, role, day) for role in roles for day in days)
    return Level("role_compactness", idle if isinstance(idle, int) else -idle, 0)


def kept_runs(structure: Structure) -> Level:
    """Return how many published runs stand where people were told."""
    problem = structure.places.problem
    rooms = {room.id: place for place, room in enumerate(problem.rooms)}
    index, slots = structure.places.session_index, structure.places.timeline.index
    places = ((index[run.session], slots[run.slot], rooms[run.room]) for run in problem.published)
    stand = [structure.begins[place] for place in places if place in structure.begins]
    return Level("change", sum(stand), len(stand))


def _idle(structure: Structure, role: str, day: str) -> cp_model.LinearExprT:
    problem, model = structure.places.problem, structure.model
    sessions = [place for place, one in enumerate(problem.sessions) if role in one.roles]
    used = [
        _any(
            model,
            [literal for session in sessions for literal in structure.filling(session, place)],
        )
        for place, slot in enumerate(problem.slots)
        if slot.day == day and slot.kind != "break"
    ]
    idle: list[cp_model.IntVar] = []
    for place in range(1, len(used) - 1):
        gap = model.new_bool_var("")
        before, after = _any(model, used[:place]), _any(model, used[place + 1 :])
        model.add_bool_or([gap, used[place], before.negated(), after.negated()])
        idle.append(gap)
    return sum(idle)


def _any(model: cp_model.CpModel, literals: Iterable[cp_model.IntVar]) -> cp_model.IntVar:
    """Return a literal that is true exactly when one of these is."""
    result = model.new_bool_var("")
    model.add_max_equality(result, [*literals, model.new_constant(0)])
    return result
