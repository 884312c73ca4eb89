"""The programme engine as proposals use it: stored problem and timetable in, documents and figures out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matcher.documents.text import write_json
from matcher.errors import InfeasibleError
from matcher.programme.explain import Missed, ReasonKind, missed_wishes, unplaced, why_missed
from matcher.programme.files.codec import read_problem
from matcher.programme.files.writing import (
    problem_document,
    timetable_document,
    timetable_from_document,
)
from matcher.programme.people.attendance import agendas_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Attendance, Problem, Run, Timetable
from matcher.programme.repair.reseating import reseat
from matcher.programme.repair.verdicts import runs_after
from matcher.programme.rules.scores import Scores, body_wishes, scores
from matcher.programme.rules.violations import violations
from matcher.programme.structure.tracks import choose_tracks
from matcher.proof import Budget, OnProgress, Violation

if TYPE_CHECKING:
    from matcher.programme.repair.replan import Replan

Json = dict[str, Any]

# What planning a programme may take, counted in work: the same programme comes of it on every
# machine, in about ten seconds on an idle one.
WORK = 8.0
# New agendas after a move by hand are made while the planner waits.
_MADE_ANEW = Budget(10.0, 1, 0, 1.0)
_MENDING_SECONDS = 5.0
_OF_ROOMS = frozenset({"hopping", "room_fit"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """How an RC fares: topics it asked for, those a delegate of its attends, and why not the others."""

    body: str
    asked: int
    covered: int
    missed: tuple[tuple[str, ReasonKind], ...]  # topic and reason, the heaviest wish first


@dataclass(frozen=True, slots=True)
class Crowded:
    """A session whose room is too small: who wishes for it and finds no seat, and a larger room that is free.

    wanting counts everybody who wishes for it and could be there, seats what the room holds.
    """

    session: str
    room: str
    wanting: int
    seats: int
    left_out: tuple[str, ...]
    larger: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """A timetable looked at by the plain rules: what it breaks, its scores and what it leaves out."""

    violations: tuple[Violation, ...]
    scores: Scores
    unplaced: Mapping[str, ReasonKind]
    coverage: tuple[Coverage, ...]
    crowded: tuple[Crowded, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What moving a session by hand did to every level of the objective."""

    session: str
    before: Scores
    after: Scores

    @property
    def is_better(self) -> bool:
        """Whether the levels, compared in their order, are smaller than before."""
        return self.after.key < self.before.key


def write_programme(problem: Problem) -> str:
    """Return a programme problem as the JSON text that `samkrets programme` reads."""
    return write_json(problem_document(problem))


@lru_cache(maxsize=8)
def read_programme(text: str) -> Problem:
    """Return the problem that `write_programme` wrote."""
    return read_problem(text)


def solve_document(
    text: str,
    budget: Budget,
    on_progress: OnProgress | None,
    on_best: Callable[[Json], None] | None = None,
) -> Json:
    """Plan a stored problem and return what to keep: timetable, gap, or the rules that cannot all hold.

    `on_best` hears on the way what would be kept if the planning ended there.
    """
    from matcher.programme.solve import solve  # noqa: PLC0415 - the solver is loaded by whoever solves

    problem = read_programme(text)

    def shown(timetable: Timetable) -> None:
        if on_best is not None and not violations(problem, timetable):
            on_best({"timetable": timetable_document(together(problem, timetable))})

    hears = shown if on_best is not None else None
    try:
        solution = solve(problem, budget, (), on_progress, on_best=hears, with_prices=False)
    except InfeasibleError as error:
        return {"conflict": [asdict(one) for one in error.requirements]}
    timetable = together(problem, solution.timetable)
    # Who joins what runs alone may crowd its room or walk to it: that was not in what is proven.
    kept = solution.proven if timetable == solution.timetable else solution.proven - _OF_ROOMS
    timetable = replace(timetable, tables=reseat(problem, timetable, timetable.tables))
    return {
        "timetable": timetable_document(timetable),
        "gap": solution.gap,
        "proven": sorted(kept),
    }


def repair_document(
    text: str, published: Json, budget: Budget, short: Mapping[str, frozenset[str]] | None = None
) -> Json:
    """Repair a published timetable for a changed problem and return what to keep.

    short: session -> slots that are too short for it, where it runs rather than not at all.
    """
    from matcher.programme.repair.replan import replan  # noqa: PLC0415 - the solver is loaded by whoever solves

    problem = read_programme(text)
    try:
        repaired = replan(problem, timetable_from_document(published), budget, short)
    except InfeasibleError as error:
        return {"conflict": [asdict(one) for one in error.requirements]}
    mended = together(problem, repaired.timetable)
    mended = replace(mended, tables=reseat(problem, mended, mended.tables))
    return {
        "timetable": timetable_document(mended),
        "is_smallest": repaired.is_smallest,
        "keeps_most": repaired.keeps_most,
        "notices": _notices(repaired),
    }


def moved(
    problem: Problem, timetable: Timetable, session: str, target: tuple[str, str] | None
) -> Timetable:
    """Put a session into a slot and room by hand, or take it out; who stood there changes places with it.

    Agendas and tracks are made anew for the runs as they then stand, and tables keep whom they can;
    nothing else is solved.
    """
    runs = runs_after(timetable.runs, session, target)
    problem = in_use(problem, runs)
    agendas = _agendas(problem, runs)
    made = together(problem, Timetable(runs, choose_tracks(problem, runs), agendas))
    return replace(made, tables=reseat(problem, made, timetable.tables))


def seated_anew(problem: Problem, timetable: Timetable) -> Timetable:
    """Return a timetable with every run where it stands, and agendas, tracks and tables for it made anew."""
    problem = in_use(problem, timetable.runs)
    agendas = _agendas(problem, timetable.runs)
    made = together(
        problem, Timetable(timetable.runs, choose_tracks(problem, timetable.runs), agendas)
    )
    return replace(made, tables=reseat(problem, made, timetable.tables))


def rehosted(problem: Problem, timetable: Timetable) -> Timetable:
    """Return a timetable whose leaders have changed: agendas and tables are made anew.

    Every run stays where it is, unless somebody would then be in two places: then as little as
    possible is moved. Where even that cannot be, all stays and the clash shows.
    """
    from matcher.programme.repair.replan import replan  # noqa: PLC0415 - the solver is loaded by whoever solves

    agendas = _agendas(problem, timetable.runs)
    made = together(problem, replace(timetable, agendas=agendas))
    made = replace(made, tables=reseat(problem, made, timetable.tables))
    if not violations(problem, made):
        return made
    try:
        mended = replan(problem, timetable, Budget(_MENDING_SECONDS, 1, 0))
    except InfeasibleError:
        return made
    found = together(problem, mended.timetable)
    return replace(found, tables=reseat(problem, found, found.tables))


def in_use(problem: Problem, runs: tuple[Run, ...]) -> Problem:
    """Return a problem without the times that were made for one session each and in which nothing is held."""
    held = {run.slot for run in runs}
    kept = tuple(one for one in problem.slots if one.id in held or not one.is_whole)
    return problem if len(kept) == len(problem.slots) else replace(problem, slots=kept)


def _agendas(problem: Problem, runs: tuple[Run, ...]) -> Mapping[str, tuple[Attendance, ...]]:
    """Return agendas for runs that stand where they are."""
    places = Places(problem)
    simple = agendas_by_slot(places, runs)
    if simple is not None:
        return simple
    from matcher.programme.exact.finish import agendas_for  # noqa: PLC0415 - the solver is loaded by whoever solves

    return agendas_for(places, runs, _MADE_ANEW)


def together(problem: Problem, timetable: Timetable) -> Timetable:
    """Let every delegate who is free join what runs alone, such as a guest's half-hour, while there are seats.

    The same goes for sessions that nobody was asked about, such as NCH's own: of those that run side
    by side, each who is free goes where the fewest are.
    """
    joining = _Joining(problem, timetable)
    alone = {slot.id for slot in problem.slots if slot.kind == "plenary"}
    wished = {name for one in problem.people for name, weight in one.wishes.items() if weight > 0}
    for run in timetable.runs:
        if run.slot in alone:
            joining.join([run])
    own = [run for run in timetable.runs if run.slot not in alone and run.session not in wished]
    for slot in dict.fromkeys(run.slot for run in own):
        joining.join([run for run in own if run.slot == slot])
    return joining.timetable()


class _Joining:
    """Agendas to which people are added who are free."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self.before, self.problem, self.places = timetable, problem, Places(problem)
        self.agendas = {person: list(agenda) for person, agenda in timetable.agendas.items()}
        self.rooms = {room.id: room.capacity for room in problem.rooms}
        sessions = {session.id: session for session in problem.sessions}
        self.there = {
            run: len(timetable.attendance(run))
            + len(sessions[run.session].hosts - timetable.agendas.keys())
            for run in timetable.runs
        }

    def join(self, runs: list[Run]) -> None:
        """Put everybody who is free into one of some runs, where the fewest are."""
        for place, person in enumerate(self.problem.people):
            mine = self.agendas.setdefault(person.id, [])
            open_to = [run for run in runs if person.body and self._may_join(place, mine, run)]
            if open_to:
                run = min(open_to, key=lambda one: self.there[one])
                mine.append(Attendance(run.slot, run.session))
                self.there[run] += 1

    def _may_join(self, place: int, mine: list[Attendance], run: Run) -> bool:
        timeline = self.places.timeline
        filled = timeline.filled(run.session, run.slot)
        capacity = self.rooms[run.room]
        if capacity is not None and self.there[run] >= capacity:
            return False
        if not self.places.guests_only[self.places.session_index[run.session], place]:
            return False
        taken = set(timeline.occupied(run.session, run.slot))
        if any(not taken.isdisjoint(timeline.occupied(x.session, x.slot)) for x in mine):
            return False
        return all(self.places.here[place, slot] for slot in filled)

    def timetable(self) -> Timetable:
        """Return the timetable with the agendas as they are now, each in order of time."""
        order = self.places.timeline.index
        return replace(
            self.before,
            agendas={
                person: tuple(sorted(mine, key=lambda one: order[one.slot]))
                for person, mine in self.agendas.items()
            },
        )


def look(problem: Problem, timetable: Timetable) -> Look:
    """Judge a timetable by the plain rules, whoever made it."""
    missed = tuple(missed_wishes(problem, timetable))
    reasons = {name: reason.kind for name, reason in unplaced(problem, timetable).items()}
    return Look(
        violations(problem, timetable),
        scores(problem, timetable),
        reasons,
        tuple(_coverage(problem, timetable, missed)),
        tuple(_crowded(problem, timetable, missed)),
    )


def _crowded(problem: Problem, timetable: Timetable, missed: tuple[Missed, ...]) -> list[Crowded]:
    rooms = {room.id: room.capacity for room in problem.rooms}
    outside: dict[str, list[str]] = {}
    for one in missed:
        if one.reason.kind == "room_full":
            outside.setdefault(one.session, []).append(one.person)
    found = []
    for run in timetable.runs:
        seats, left = rooms[run.room], outside.pop(run.session, [])
        if seats is None or not left:
            continue
        wanting = len(timetable.attendance(run)) + len(left)
        taken = {other.room for other in timetable.runs if other.slot == run.slot}
        larger = [
            (capacity if capacity is not None else wanting, name)
            for name, capacity in rooms.items()
            if name not in taken and (capacity is None or capacity > seats)
        ]
        enough = [one for one in larger if one[0] >= wanting]
        room = min(enough)[1] if enough else max(larger)[1] if larger else None
        found.append(Crowded(run.session, run.room, wanting, seats, tuple(left), room))
    return found


def _coverage(problem: Problem, timetable: Timetable, missed: tuple[Missed, ...]) -> list[Coverage]:
    delegates: dict[str, list[str]] = {}
    for person in problem.people:
        if person.body is not None:
            delegates.setdefault(person.body, []).append(person.id)
    why = {(one.person, one.session): one.reason.kind for one in missed}
    found = []
    for body, wishes in sorted(body_wishes(problem).items()):
        people = delegates.get(body, [])
        there = {line.session for one in people for line in timetable.agendas.get(one, ())}
        asked = sorted((name for name in wishes if wishes[name] > 0), key=lambda n: -wishes[n])
        gone = tuple(
            (name, _first(problem, timetable, why, people, name))
            for name in asked
            if name not in there
        )
        found.append(Coverage(body, len(asked), len(asked) - len(gone), gone))
    return found


def _first(
    problem: Problem,
    timetable: Timetable,
    why: Mapping[tuple[str, str], ReasonKind],
    people: list[str],
    name: str,
) -> ReasonKind:
    """Return what is told of a body's missed topic: a delegate who wished for it first, else any."""
    known = next((why[one, name] for one in people if (one, name) in why), None)
    if known is not None or not people:
        return known or "not_here"
    return why_missed(problem, timetable, people[0], name).kind


def _notices(repaired: "Replan") -> list[Json]:
    return [
        {
            "person": notice.person,
            "moves": [
                [move.old.session, _place(move.old), _place(move.new)] for move in notice.moves
            ],
            "lost": [[lost.session, lost.reason.kind] for lost in notice.lost],
            "reseated": list(notice.reseated),
        }
        for notice in repaired.notices
    ]


def _place(run: Run | None) -> list[str] | None:
    return [run.slot, run.room] if run else None
