"""The smallest set of hand-set rules that cannot all hold, found by hitting sets, and what stands in their way."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcher.cpsat import is_feasible
from matcher.documents.fields import opened
from matcher.hitting import fewest_that_clash
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Session
from matcher.programme.structure.model import Structure
from matcher.proof import Budget
from matcher.requirement import Requirement

# Finding the smallest set may take many small solves; the answer is worth this much more waiting.
_LEAST_SECONDS = 10.0
# Each fact costs a solve; a clash of more topics than this is told by its rules alone.
_MOST_TOPICS = 6


def smallest_conflict(structure: Structure, budget: Budget) -> tuple[Requirement, ...]:
    """Return the fewest rules that cannot all hold: any one of them left out makes the rest possible.

    After them stand the facts of which the same is true: a leader who is away, one who leads two of
    the topics, slots that are closed, a topic too long, rooms that lack something. When time runs
    out, an irreducible set is returned, though perhaps not the smallest.
    """
    ends = time.perf_counter() + max(budget.seconds, _LEAST_SECONDS)
    names = list(structure.rules)
    literals = list(structure.rules.values())

    def holds(chosen: Sequence[int]) -> bool | None:
        left = Budget(max(ends - time.perf_counter(), 0.5), 1, budget.seed)
        return is_feasible(structure.model, [literals[rule] for rule in chosen], left)

    if not names or holds([]) is False:
        return (Requirement("frame"),)
    clashing = fewest_that_clash(len(names), holds, lambda: time.perf_counter() < ends)
    found = tuple(names[rule] for rule in clashing)
    return (*found, *_causes(structure.places.problem, found, budget.seed, ends))


def _causes(
    problem: Problem, clash: tuple[Requirement, ...], seed: int, ends: float
) -> Iterator[Requirement]:
    """Yield the facts without which the clashing rules could all hold."""
    topics = {one.subjects[0] for one in clash if one.rule in {"must_run", "pinned", "comes_after"}}
    topics |= {one.subjects[1] for one in clash if one.rule == "comes_after"}
    if len(topics) > _MOST_TOPICS:
        return
    chosen = [session for session in problem.sessions if session.id in topics]
    is_close = False
    for fact, without in _without(problem, chosen):
        if fact.rule == "one_host" and is_close:
            continue  # one can lead them all, were they further apart
        left = ends - time.perf_counter()
        if left <= 0:
            return
        structure = Structure(Places(without))
        rules = [structure.rules[one] for one in clash if one in structure.rules]
        if is_feasible(structure.model, rules, Budget(left, 1, seed)):
            yield fact
            is_close = is_close or fact.rule in {"leader_pause", "walks"}


def _without(problem: Problem, topics: Sequence[Session]) -> Iterator[tuple[Requirement, Problem]]:
    """Yield each fact about the topics with the problem as it would be without it."""
    led = Counter(host for session in topics for host in session.hosts)
    people = {person.id for person in problem.people}
    for session in topics:
        for host in sorted(session.hosts & people):
            yield Requirement("host_away", (host, session.id)), _always_here(problem, host)
        for host in sorted(session.hosts & people):
            fact = Requirement("leader_reach", (host, session.id))
            yield fact, _reaching_everywhere(problem, host)
    if problem.walking:
        yield Requirement("walks"), replace(problem, walking={})
    for host in sorted(host for host, times in led.items() if times > 1):
        names = tuple(session.id for session in topics if host in session.hosts)
        if problem.leader_pause:
            fact = Requirement("leader_pause", (host, *names), (problem.leader_pause,))
            yield fact, replace(problem, leader_pause=0.0)
        freed = [replace(one, hosts=one.hosts - {host}) for one in topics]
        yield Requirement("one_host", (host, *names)), _with(problem, freed)
    pinned = {session.pin_slot for session in topics}
    for slot in problem.slots:
        if slot.kind != "parallel" and slot.id in pinned:
            slots = tuple(replace(x, kind="parallel") if x is slot else x for x in problem.slots)
            yield Requirement(slot.kind, (slot.id,)), replace(problem, slots=slots)
    for session in topics:
        yield from _without_own(problem, session)


def _without_own(problem: Problem, session: Session) -> Iterator[tuple[Requirement, Problem]]:
    """Yield the facts about what one topic needs of times and rooms."""
    if opened(session) != session:
        yield Requirement("closed", (session.id,)), _with(problem, [opened(session)])
    if session.duration > 1:
        fact = Requirement("too_long", (session.id,), (session.duration,))
        yield fact, _with(problem, [replace(session, duration=1)])
    if session.forbidden_rooms:
        allowed = replace(session, forbidden_rooms=frozenset())
        yield Requirement("forbidden", (session.id,)), _with(problem, [allowed])
    if len(session.hosts) > min((room.capacity or 0 for room in problem.rooms), default=0):
        rooms = tuple(replace(room, capacity=None) for room in problem.rooms)
        fact = Requirement("small_rooms", (session.id,), (len(session.hosts),))
        yield fact, replace(problem, rooms=rooms)
    easy = replace(session, needs_digital=False, needs_accessible=False, equipment=frozenset())
    rooms = tuple(replace(room, unavailable_slots=frozenset()) for room in problem.rooms)
    yield Requirement("no_room", (session.id,)), replace(_with(problem, [easy]), rooms=rooms)


def _reaching_everywhere(problem: Problem, host: str) -> Problem:
    people = tuple(
        replace(one, form="on_site", needs_accessible=False) if one.id == host else one
        for one in problem.people
    )
    return replace(problem, people=people)


def _always_here(problem: Problem, host: str) -> Problem:
    people = tuple(
        replace(one, unavailable_slots=frozenset(), arrives=None, departs=None)
        if one.id == host
        else one
        for one in problem.people
    )
    return replace(problem, people=people)


def _with(problem: Problem, changed: Sequence[Session]) -> Problem:
    new = {session.id: session for session in changed}
    return replace(problem, sessions=tuple(new.get(one.id, one) for one in problem.sessions))
