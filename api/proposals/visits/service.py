"""Study visits: who visits whom, paired exactly from the register, surveys and earlier visits; then proposed."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.kit.clock import from_local, to_local
from api.kit.errors import ConflictError
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import (
    IN_PERSON_HOURS,
    NOTICE,
    MeetingDraft,
    create,
    first_quiet_day,
)
from api.proposals.networks.reasons import SURVEY_MEMORY
from api.proposals.visits import queries
from api.proposals.visits.aims import aims_of, common_to, weighted
from api.proposals.visits.models import VisitState
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.registry.models import PhaseBand, Rc
from api.surveys.service import sought_and_offered
from api.travel.service import travel_of
from matcher.dates.visits.problem import Host, Pair, Pairing, Visitor, VisitProblem, violations
from matcher.dates.visits.solve import pair_visits
from matcher.geo import Point
from matcher.proof import Violation

# The experienced are asked too often: nobody is host to more than this unless a planner says so.
HOST_CAP = 2
MOST_VISITS = 9


@dataclass(frozen=True, slots=True)
class VisitWish:
    """Who wants to visit, how many visits each host takes, and the longest journey in hours one way."""

    visitors: frozenset[str]
    hosts: Mapping[str, int]
    longest_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """Pairs as they stand, beside the best ones, and the rules that they break."""

    problem: VisitProblem
    best: Pairing
    pairs: tuple[Pair, ...]
    broken: tuple[Violation, ...]


def usual_wish(rcs: list[Rc], waiting: Collection[Pair] = ()) -> VisitWish:
    """Return what is filled in at first: those on their way visit those in operation.

    Whoever waits for an answer or a visit asks nobody else meanwhile, and takes a place at that host.
    """
    visitors = {visitor for visitor, _ in waiting}
    taken = Counter(host for _, host in waiting)
    return VisitWish(
        visitors=frozenset(
            rc.id
            for rc in rcs
            if rc.phase_band == PhaseBand.PRE_OPERATIONAL and rc.id not in visitors
        ),
        hosts={
            rc.id: max(0, HOST_CAP - taken[rc.id])
            for rc in rcs
            if rc.phase_band == PhaseBand.OPERATIONAL
        },
    )


def under_way(session: Session, at: datetime) -> list[Pair]:
    """Return visitor and host of each question that is open, and of each visit to come."""
    ahead = {one.id for one in visits_ahead(session, at)}
    return [
        (row.visitor_rc, row.host_rc)
        for row in queries.asks_since(session, at - SURVEY_MEMORY)
        if row.state is VisitState.ASKED or row.meeting_id in ahead
    ]


def problem_of(session: Session, wish: VisitWish, at: datetime) -> VisitProblem:
    """Return the engine's problem; an RC without a seat can neither visit nor be visited."""
    said = sought_and_offered(session, at - SURVEY_MEMORY)
    seen = _visited(session, at)
    rcs = registry.rcs(session)
    seats = {rc.id: Point(*seat) for rc in rcs if (seat := seat_of(rc)) is not None}
    aims = {rc.id: aims_of(rc, said.get(rc.id)) for rc in rcs}
    hosts = tuple(
        Host(key, seats[key], capacity=wish.hosts[key], offers=aims[key].shows)
        for key in sorted(wish.hosts.keys() & seats.keys())
        if wish.hosts[key] > 0
    )
    return VisitProblem(
        visitors=tuple(
            Visitor(
                key,
                seats[key],
                wants=aims[key].wants,
                visited=seen.get(key, frozenset()),
                aims=weighted(aims[key], common_to(hosts, key)),
            )
            for key in sorted(wish.visitors & seats.keys())
        ),
        hosts=hosts,
        longest_hours=wish.longest_hours,
        travel=travel_of(session),
    )


def paired(problem: VisitProblem, by_hand: Mapping[str, str]) -> Paired:
    """Return the pairs that leave fewest without a visit, show most and travel least, with those changed by hand.

    `by_hand` maps a visitor to a host, or to an empty text for no visit.
    """
    best = pair_visits(problem)
    hosts = {host.id for host in problem.hosts}
    chosen = {**dict(best.pairs), **by_hand}
    pairs = tuple(
        (visitor.id, chosen[visitor.id])
        for visitor in problem.visitors
        if chosen.get(visitor.id) in hosts
    )
    return Paired(problem, best, pairs, violations(problem, pairs))


def visits_ahead(session: Session, at: datetime) -> list[Meeting]:
    """Return the study visits to come, earliest first."""
    found = meetings.meetings_of_kind(session, MeetingKind.STUDY_VISIT, at)
    return [meeting for meeting in found if meeting.state != MeetingState.CANCELLED]


def propose_day(
    session: Session, visitor_rc: str, host_rc: str, actor: str, at: datetime
) -> Meeting:
    """Propose a day for a visit, to the two RC alone; they decide on it, move it or call it off.

    Raises:
        ConflictError: when one of them is in the register no more.
    """
    rcs = {rc.id: rc for rc in registry.rcs(session)}
    if visitor_rc not in rcs or host_rc not in rcs:
        raise ConflictError("Ett av de två RC finns inte längre i registret.")
    visitor, host = rcs[visitor_rc], rcs[host_rc]
    day = first_quiet_day(session, (visitor.id, host.id), to_local(at + NOTICE).date())
    first, last = (
        from_local(datetime(day.year, day.month, day.day) + timedelta(hours=hour))  # noqa: DTZ001 - local, made aware here
        for hour in IN_PERSON_HOURS
    )
    draft = MeetingDraft(
        kind=MeetingKind.STUDY_VISIT,
        name_sv=f"Studiebesök: {visitor.name} hos {host.name}",
        name_en=f"Study visit: {visitor.name} at {host.name}",
        focus_sv=f"{visitor.name} ser hur {host.name} arbetar och ställer sina frågor.",
        focus_en=f"{visitor.name} sees how {host.name} works, and asks what it wants to know.",
        form=MeetingForm.IN_PERSON,
        town=host.seat_city or "",
        starts_at=first,
        ends_at=last,
        host_rc=host.id,
        visitor_rc=visitor.id,
        state=MeetingState.PROPOSED,
    )
    return create(session, draft, actor, at)


def _visited(session: Session, at: datetime) -> dict[str, frozenset[str]]:
    """Return whom each RC has visited or is to visit, and which hosts were asked within the year."""
    found: dict[str, set[str]] = {}
    for visitor, host in meetings.visits_made(session):
        found.setdefault(visitor, set()).add(host)
    for one in queries.asks_since(session, at - SURVEY_MEMORY):
        found.setdefault(one.visitor_rc, set()).add(one.host_rc)
    return {key: frozenset(hosts) for key, hosts in found.items()}
