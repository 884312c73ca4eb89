"""Study visits: who visits whom, near first, with each host's load capped."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from matcher.dates.meeting.problem import COUNT, ID, IDS, WEIGHT
from matcher.documents.fields import said, set_of, stands
from matcher.geo import Point, great_circle_km
from matcher.proof import Proof, Violation
from matcher.travel import Travel, steps


@dataclass(frozen=True, slots=True)
class Aim:
    """What a visitor is on its way to: a host with any of it meets it; `weight` is what missing it costs."""

    any_of: frozenset[str] = field(metadata=said(set_of(ID, least=1)))
    weight: int = stands(WEIGHT, default=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who wants to see how another works; `wants` are themes, any of which will do.

    A host that meets more of its `aims`, by their weights, goes before a nearer one.
    """

    id: str = field(metadata=said(ID))
    home: Point
    wants: frozenset[str] = stands(IDS, default=frozenset())
    visited: frozenset[str] = stands(IDS, default=frozenset())
    aims: tuple[Aim, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """Someone who receives at most `capacity` visits; `offers` are themes there is to see."""

    id: str = field(metadata=said(ID))
    home: Point
    capacity: int = stands(COUNT, default=1)
    offers: frozenset[str] = stands(IDS, default=frozenset())


@dataclass(frozen=True, slots=True)
class VisitProblem:
    """Visitors to pair with hosts; nobody travels longer than `longest_hours` one way."""

    visitors: tuple[Visitor, ...]
    hosts: tuple[Host, ...]
    longest_hours: float | None = None
    travel: Travel = field(default_factory=Travel)


Pair = tuple[str, str]
"""A visitor's id and a host's."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The visits, and what is proven of each level.

    Visitors left out, the weight of what their hosts lack of their aims, minutes of travel as
    `told_apart` has them, and things to see (as a number below nothing).
    """

    pairs: tuple[Pair, ...]
    left_out: Proof
    missed: Proof
    minutes: Proof
    seen: Proof


def kilometres(visitor: Visitor, host: Host) -> float:
    """Great-circle km from the visitor to the host."""
    return great_circle_km(visitor.home, host.home)


def hours_of(problem: VisitProblem, visitor: Visitor, host: Host) -> float:
    """Hours one way from the visitor to the host, door to door."""
    return problem.travel.hours(visitor.home, host.home)


def missed(visitor: Visitor, host: Host) -> tuple[Aim, ...]:
    """Return the visitor's aims that the host has nothing of."""
    return tuple(aim for aim in visitor.aims if not aim.any_of & host.offers)


def missed_weight(visitor: Visitor, host: Host) -> int:
    """Return what the host lacks of the visitor's aims, by their weights."""
    return sum(aim.weight for aim in missed(visitor, host))


def told_apart(problem: VisitProblem) -> dict[Pair, int]:
    """Minutes one way of each pair that is possible, as finely as the estimates tell a visitor's hosts apart.

    Hosts whose journeys differ by less than the margin of error count as the nearest of them.
    """
    found: dict[Pair, int] = {}
    for visitor in problem.visitors:
        hours = {
            host.id: hours_of(problem, visitor, host)
            for host in problem.hosts
            if obstacle(problem, visitor, host) is None
        }
        step_of = steps(hours.values())
        least: dict[int, float] = {}
        for value, step in step_of.items():
            least[step] = min(value, least.get(step, value))
        found |= {
            (visitor.id, host): round(60.0 * least[step_of[value]]) for host, value in hours.items()
        }
    return found


def seen(visitor: Visitor, host: Host) -> int:
    """How much of what the visitor wants is there to see."""
    return len(visitor.wants & host.offers)


def obstacle(problem: VisitProblem, visitor: Visitor, host: Host) -> str | None:
    """Why these two cannot be paired at all, or None when they can."""
    if visitor.id == host.id:
        return "nobody visits themselves"
    if host.id in visitor.visited:
        return "has been there before"
    if visitor.wants and host.offers and not visitor.wants & host.offers:
        return "nothing wanted is shown there"
    hours = hours_of(problem, visitor, host)
    if problem.longest_hours is not None and hours > problem.longest_hours:
        return f"{hours:.1f} h is longer than {problem.longest_hours:g} h"
    return None


def violations(problem: VisitProblem, pairs: tuple[Pair, ...]) -> tuple[Violation, ...]:
    """Every hard rule that the pairs break."""
    return (*_impossible(problem, pairs), *_overload(problem, pairs), *_twice(pairs))


def minutes(problem: VisitProblem, pairs: tuple[Pair, ...]) -> int:
    """Total minutes of travel, one way, each visit rounded to a minute."""
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    return sum(round(60.0 * hours_of(problem, visitors[one], hosts[other])) for one, other in pairs)


def worth(problem: VisitProblem, pairs: tuple[Pair, ...]) -> tuple[int, int, int, int]:
    """Value on each level, a lower one is better.

    Left out, weight of aims missed, minutes as `told_apart`, and less than nothing for each thing to see.
    """
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    apart = told_apart(problem)
    both = [(visitors[one], hosts[other]) for one, other in pairs]
    return (
        len(problem.visitors) - len(pairs),
        sum(missed_weight(*one) for one in both),
        sum(apart.get(pair, 0) for pair in pairs),
        -sum(seen(*one) for one in both),
    )


def _impossible(problem: VisitProblem, pairs: tuple[Pair, ...]) -> Iterator[Violation]:
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    for one, other in pairs:
        why = obstacle(problem, visitors[one], hosts[other])
        if why is not None:
            yield Violation("obstacle", (one, other), f"{one} to {other}: {why}", cause=why)


def _overload(problem: VisitProblem, pairs: tuple[Pair, ...]) -> Iterator[Violation]:
    load = Counter(host for _, host in pairs)
    for host in problem.hosts:
        if load[host.id] > host.capacity:
            message = f"{host.id} receives {load[host.id]}, at most {host.capacity}"
            yield Violation("host_load", (host.id,), message)


def _twice(pairs: tuple[Pair, ...]) -> Iterator[Violation]:
    for visitor, count in Counter(visitor for visitor, _ in pairs).items():
        if count > 1:
            yield Violation("one_visit", (visitor,), f"{visitor} has {count} visits")
