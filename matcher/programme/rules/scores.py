"""The levels of the objective in plain Python, most important first; every value is to be small."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from matcher.programme.problem import Problem, Timetable, wished_weight
from matcher.programme.rules.case import Case
from matcher.proof import Penalty

# A room that is more than four fifths full is crowded: people stand, or do not find each other.
COMFORTABLE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Scores:
    """A value per level, in the order of the levels, and what is read beside them.

    `levels` holds level name -> value, small is good. `fairness` is the leximin vector: the share
    of its wishes that each body misses, worst first; its first entry is the level `fairness`.
    """

    levels: Mapping[str, float]
    fairness: tuple[float, ...]
    attended_weight: float
    wished_weight: float

    @property
    def key(self) -> tuple[float, ...]:
        """The levels as one tuple, compared in order; the leximin vector stands whole."""
        values: list[float] = []
        for name, value in self.levels.items():
            values.extend(self.fairness if name == "fairness" else (value,))
        return tuple(round(value, 6) for value in values)


def scores(problem: Problem, timetable: Timetable) -> Scores:
    """Score any timetable, also one moved by hand, level by level."""
    case = Case(problem, timetable)
    attended = sum(case.attended.values())
    shares = tuple(sorted(missed_shares(case).values(), reverse=True))
    levels = {name: float(sum(item.cost for item in level(case))) for name, level in LEVELS.items()}
    levels["fairness"] = shares[0] if shares else 0.0
    return Scores(levels, shares, attended, wished_weight(problem))


def attended_weights(problem: Problem, timetable: Timetable) -> Mapping[str, float]:
    """Return the sum of each person's wishes that the agenda grants; a session counts once."""
    return Case(problem, timetable).attended


def must_haves(case: Case) -> Iterator[Penalty]:
    """Count what somebody has to attend and does not."""
    for person, session in required(case):
        if session not in _sessions_of(case, person):
            yield Penalty("must_haves", (person, session), 1.0)


def required(case: Case) -> Iterator[tuple[str, str]]:
    """Yield (person, session) for the topics that a person has to attend.

    They are the person's own list and, for guests of a role with a window, the role's sessions.
    """
    windowed = {role.id for role in case.problem.roles if role.window is not None}
    for person in case.problem.people:
        own = set(person.must)
        for session in case.problem.sessions:
            if session.roles & person.roles & windowed:
                own.add(session.id)
        yield from ((person.id, session) for session in sorted(own))


def coverage(case: Case) -> Iterator[Penalty]:
    """Count the weight of topics that a body wished for and none of its delegates attends."""
    for body, wishes in body_wishes(case.problem).items():
        there = {
            session
            for person in case.problem.people
            if person.body == body
            for session in _sessions_of(case, person.id)
        }
        for session, weight in wishes.items():
            if weight and session not in there:
                yield Penalty("coverage", (body, session), weight)


def body_wishes(problem: Problem) -> dict[str, dict[str, float]]:
    """Return body -> topic -> weight: the body's own, else the strongest wish of a delegate."""
    stated = {body.id: dict(body.wishes) for body in problem.bodies if body.wishes}
    gathered: dict[str, dict[str, float]] = {}
    for person in problem.people:
        if person.body is None or person.body in stated:
            continue
        wishes = gathered.setdefault(person.body, {})
        for session, weight in person.wishes.items():
            wishes[session] = max(weight, wishes.get(session, 0.0))
    return {**gathered, **stated}


def wished(case: Case) -> Iterator[Penalty]:
    """Count the weight of wishes that a person does not attend."""
    for person in case.problem.people:
        attended = _sessions_of(case, person.id)
        for session, weight in person.wishes.items():
            if weight and session not in attended:
                yield Penalty("wished_weight", (person.id, session), weight)


def fairness(case: Case) -> Iterator[Penalty]:
    """Show the share of its delegates' wishes that each body misses; leximin makes the worst small."""
    for body, share in missed_shares(case).items():
        yield Penalty("fairness", (body,), share)


def missed_shares(case: Case) -> dict[str, float]:
    """Return body -> share (0 to 1) of the weight wished by its delegates that they miss."""
    attended = case.attended
    wished_sum: dict[str, float] = {}
    got: dict[str, float] = {}
    for person in case.problem.people:
        if person.body is not None:
            wished_sum[person.body] = wished_sum.get(person.body, 0) + sum(person.wishes.values())
            got[person.body] = got.get(person.body, 0) + attended[person.id]
    return {body: 1 - got[body] / total for body, total in wished_sum.items() if total > 0}


def role_compactness(case: Case) -> Iterator[Penalty]:
    """Count, per role and day, the slots between its first and its last session that are idle."""
    roles = sorted({role for session in case.problem.sessions for role in session.roles})
    for role in roles:
        days: dict[str, set[int]] = {}
        for run in case.runs:
            if role in case.sessions[run.session].roles:
                for place in case.timeline.filled(run.session, run.slot):
                    day = case.problem.slots[place].day
                    days.setdefault(day, set()).add(case.timeline.rank[place])
        idle = sum(max(ranks) - min(ranks) + 1 - len(ranks) for ranks in days.values())
        if idle:
            yield Penalty("role_compactness", (role,), float(idle))


def hopping(case: Case) -> Iterator[Penalty]:
    """Count each person's changes of room between sessions that follow each other on a day."""
    slots = case.problem.slots
    for person, runs in case.agenda_runs.items():
        line = sorted(runs, key=case.place)
        changes = sum(
            one.room != other.room and slots[case.place(one)].day == slots[case.place(other)].day
            for one, other in pairwise(line)
        )
        if changes:
            yield Penalty("hopping", (person,), float(changes))


def room_fit(case: Case) -> Iterator[Penalty]:
    """Count the people beyond four fifths of their room's seats, and those in a room less preferred."""
    for run in case.attendance:
        preferred = case.sessions[run.session].preferred_rooms
        if preferred and run.room not in preferred and case.crowd(run):
            yield Penalty("room_fit", (run.session, run.room), float(case.crowd(run)))
        capacity, people = case.rooms[run.room].capacity, case.crowd(run)
        if capacity is not None and people > COMFORTABLE_SHARE * capacity:
            crowd = people - COMFORTABLE_SHARE * capacity
            yield Penalty("room_fit", (run.session, run.room), round(crowd, 6))


def change(case: Case) -> Iterator[Penalty]:
    """Count the published runs that no longer stand where people were told."""
    for run in case.problem.published:
        if run not in case.runs:
            yield Penalty("change", (run.session, run.slot, run.room), 1.0)


def penalties(problem: Problem, timetable: Timetable) -> tuple[Penalty, ...]:
    """Return what each wish costs in a timetable, level by level."""
    case = Case(problem, timetable)
    return tuple(penalty for level in LEVELS.values() for penalty in level(case))


def _sessions_of(case: Case, person: str) -> frozenset[str]:
    return frozenset(run.session for run in case.agenda_runs.get(person, ()))


Level = Callable[[Case], Iterator[Penalty]]

LEVELS: Mapping[str, Level] = {
    "must_haves": must_haves,
    "change": change,
    "coverage": coverage,
    "wished_weight": wished,
    "fairness": fairness,
    "role_compactness": role_compactness,
    "hopping": hopping,
    "room_fit": room_fit,
}
