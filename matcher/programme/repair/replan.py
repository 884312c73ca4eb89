"""After publishing: the smallest change that repairs a plan, who must be told, what each loses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from matcher.cpsat import LinearExprT, give_hint, solve_model
from matcher.errors import EngineError, InfeasibleError, NoSolutionInTimeError
from matcher.programme.explain import Missed, missed_wishes
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable
from matcher.programme.repair.reseating import reseat
from matcher.programme.rooms.tables import seats_of
from matcher.programme.rules.scores import attended_weights
from matcher.programme.rules.violations import Scores, scores, violations
from matcher.programme.structure.conflict import smallest_conflict
from matcher.programme.structure.model import Structure
from matcher.programme.structure.tracks import choose_tracks
from matcher.proof import Budget

# A topic that still runs matters most, then that its people keep their slot, then the room.
_RUNS, _SAME_SLOT, _SAME_ROOM = 10_000, 100, 1
# Shares of the time: which sessions go on at all, then how little moves. Both are counted in the
# solver's own work first, so that a busy machine finds the same; seconds only end the whole.
_KEEPING, _MOVING = 0.5, 0.5
_WORK, _MOVING_WORK = 20.0, 5.0


@dataclass(frozen=True, slots=True)
class Move:
    """A run that no longer stands as published; `new` is None where the topic is cancelled."""

    old: Run
    new: Run | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person must be told: the runs of the agenda that moved, and what is lost by it.

    `lost` are wishes that the published agenda granted and the new one does not, with the reason;
    `weight` is the change of the weight attended, negative when it fell. `reseated` are the
    sessions that the person still attends, at another table than was published.
    """

    person: str
    moves: tuple[Move, ...]
    lost: tuple[Missed, ...]
    weight: float
    reseated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replan:
    """The repaired timetable, what moved, and whom to tell; everybody else keeps every line.

    `keeps_most` says that it is proven: no repair keeps more of the published sessions running.
    `shortened` are those that run in a slot too short for them.
    """

    timetable: Timetable
    scores: Scores
    moves: tuple[Move, ...]
    notices: tuple[Notice, ...]
    is_smallest: bool
    keeps_most: bool
    shortened: tuple[str, ...] = ()


def replan(
    problem: Problem,
    published: Timetable,
    budget: Budget,
    short: Mapping[str, frozenset[str]] | None = None,
) -> Replan:
    """Repair a published timetable for a problem that has changed.

    The problem says what is so now: a host's slots that are gone, a room that is not free, a topic
    that must move. First as many published sessions as can be go on running, whatever else that
    moves; then as few as can be are cut short (`short`: session -> slots too short for it, which are
    open to it all the same); then as many runs as can be keep their slot and their room, those with
    many people first. Agendas keep all lines that still stand.

    Raises:
        InfeasibleError: with the smallest set of rules that cannot all hold.
        NoSolutionInTimeError: the budget ended first.
    """
    places = Places(problem)
    structure = Structure(places)
    structure.hold_all_rules()
    give_hint(structure.model, structure.hint(_known(problem, published)))
    try:
        runs, keeps_most = _kept_running(structure, published, short or {}, budget)
    except InfeasibleError as error:
        raise InfeasibleError(*smallest_conflict(Structure(places), budget)) from error
    structure.model.maximize(sum(_worth(structure, published)))
    give_hint(structure.model, structure.hint(runs))
    is_smallest = False
    try:
        answer = solve_model(
            structure.model, _share(budget, _MOVING), phase="replanning", work=_MOVING_WORK
        )
        runs, is_smallest = structure.placed(answer), answer.proof.status == "optimal"
    except NoSolutionInTimeError:
        pass  # what keeps the most running is a repair, if not the smallest
    agendas = choose_greedily(places, runs, published.agendas)
    timetable = Timetable(runs, choose_tracks(problem, runs), agendas)
    timetable = replace(timetable, tables=reseat(problem, timetable, published.tables))
    broken = violations(problem, timetable)
    if broken:
        raise EngineError(f"The repaired plan breaks a rule: {broken[0].message}")
    moves = _moves(published, timetable)
    return Replan(
        timetable=timetable,
        scores=scores(replace(problem, published=_known(problem, published)), timetable),
        moves=moves,
        notices=tuple(_notices(problem, published, timetable, moves)),
        is_smallest=is_smallest and keeps_most,
        keeps_most=keeps_most,
        shortened=tuple(
            sorted(run.session for run in runs if run.slot in (short or {}).get(run.session, ()))
        ),
    )


def _kept_running(
    structure: Structure, published: Timetable, short: Mapping[str, frozenset[str]], budget: Budget
) -> tuple[tuple[Run, ...], bool]:
    """Let as many published sessions run as can be, as few of them cut short; both are kept from here on.

    Returns a first plan that does, and whether it is proven that no more can run.
    """
    places, slots = structure.places, structure.places.timeline.index
    sessions = {places.session_index[run.session] for run in _known(places.problem, published)}
    going_on = [structure.runs[session] for session in sorted(sessions)]
    running: LinearExprT = sum(going_on)
    cut = [
        structure.starts[key]
        for session, names in sorted(short.items())
        for name in sorted(names)
        if (key := (places.session_index[session], slots[name])) in structure.starts
    ]
    if sessions:
        terms = [*((len(cut) + 1) * one for one in going_on), *(-1 * one for one in cut)]
        structure.model.maximize(sum(terms))
    allowed = _share(budget, _KEEPING)
    try:
        answer = solve_model(structure.model, allowed, phase="replanning", work=_WORK)
    except NoSolutionInTimeError:
        answer = solve_model(structure.model, allowed, phase="replanning")
    if not sessions:
        return structure.placed(answer), True
    kept, most = answer.value(running), -answer.proof.lower_bound
    structure.model.add(running >= kept)
    if cut:
        structure.model.add(sum(cut) <= answer.value(sum(cut)))
    return structure.placed(answer), most < (len(cut) + 1) * (kept + 1) - len(cut)


def _share(budget: Budget, share: float) -> Budget:
    return replace(budget, seconds=budget.seconds * share)


def _known(problem: Problem, published: Timetable) -> tuple[Run, ...]:
    """Return the published runs whose session, slot and room still stand in the problem."""
    sessions = {one.id for one in problem.sessions}
    slots, rooms = {one.id for one in problem.slots}, {one.id for one in problem.rooms}
    return tuple(
        run
        for run in published.runs
        if run.session in sessions and run.slot in slots and run.room in rooms
    )


def _worth(structure: Structure, published: Timetable) -> Iterator[LinearExprT]:
    places = structure.places
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    known = _known(places.problem, published)
    times: dict[int, list[int]] = {}
    for run in known:
        people = 1 + len(published.attendance(run))
        session, slot = places.session_index[run.session], places.timeline.index[run.slot]
        times.setdefault(session, []).append(people)
        start = structure.starts.get((session, slot))
        if start is not None:
            yield people * _SAME_SLOT * start
        cell = structure.begins.get((session, slot, rooms[run.room]))
        if cell is not None:
            yield people * _SAME_ROOM * cell
    for session, sizes in times.items():
        still = structure.model.new_int_var(0, len(sizes), "")
        structure.model.add(still <= structure.times(session))
        yield sum(sizes) * _RUNS * still


def _moves(published: Timetable, timetable: Timetable) -> tuple[Move, ...]:
    """Return the runs that moved, each with where it went: same slot first, else any new run."""
    fresh = [run for run in timetable.runs if run not in published.runs]
    moves = []
    for old in published.runs:
        if old in timetable.runs:
            continue
        options = [run for run in fresh if run.session == old.session]
        new = min(options, key=lambda run: run.slot != old.slot, default=None)
        if new is not None:
            fresh.remove(new)
        moves.append(Move(old, new))
    return tuple(moves)


def _notices(
    problem: Problem, published: Timetable, timetable: Timetable, moves: tuple[Move, ...]
) -> Iterator[Notice]:
    """Yield a notice for each person whose agenda names a moved run or is not what it was."""
    before, after = attended_weights(problem, published), attended_weights(problem, timetable)
    missed = list(missed_wishes(problem, timetable))
    was_at, is_at = seats_of(published.tables), seats_of(timetable.tables)
    for person in problem.people:
        old = published.agendas.get(person.id, ())
        mine = {(line.slot, line.session) for line in old}
        own = tuple(move for move in moves if (move.old.slot, move.old.session) in mine)
        seats, new_seats = was_at.get(person.id, {}), is_at.get(person.id, {})
        reseated = tuple(
            sorted(one for one in seats.keys() & new_seats.keys() if seats[one] != new_seats[one])
        )
        same = set(old) == set(timetable.agendas.get(person.id, ()))
        if same and not own and not reseated:
            continue
        had = {line.session for line in old}
        lost = tuple(one for one in missed if one.person == person.id and one.session in had)
        yield Notice(person.id, own, lost, after[person.id] - before[person.id], reseated)
