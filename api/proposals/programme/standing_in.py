"""Somebody who leads falls ill: who can take over each session, what that costs, and what is lost without them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.programme.content import SessionPlan, SlotPlan
from api.proposals.asking import queries as asked
from api.proposals.asking.models import AskState
from api.proposals.models import Proposal
from api.proposals.programme.engine import rehosted
from api.proposals.programme.problem import opened, shorter_slots
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.solving import published_problem, record_answer
from api.proposals.programme.store import (
    PROGRAMME,
    frame_of,
    is_in_force,
    meeting_of,
    settings_of,
    store,
)
from matcher.programme.files.writing import timetable_document
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Run, Timetable, wished_weight
from matcher.programme.repair.verdicts import verdicts

OUT = "-"  # the session is not held
MOST_OFFERED = 6
MOST_ASKED = 3  # of those who could lead, for another time
Why = Literal["agreed", "offered", "nch"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody free to lead: has agreed to stand in, has offered the subject, or is NCH's.

    misses: the session that he or she would have been in then, as one of those who listen. leads:
    sessions led already.
    """

    function_id: str
    why: Why
    misses: str | None
    leads: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another time and room for a session, at which somebody who could lead it is free, and nothing else stands.

    percent: of all wishes, gained (lost below zero). minutes: how long it then is, where it is cut
    short to fit; else 0.
    """

    function_id: str
    why: Why
    slot: str
    room: str
    percent: float
    minutes: int = 0

    @property
    def value(self) -> str:
        """The choice as a form sends it."""
        return f"{self.function_id}@{self.slot}|{self.room}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A session without its leader: who can take over, the best first, and who loses it if nobody does.

    Where nobody who could is free then, elsewhere says when somebody is. is_guest: an agency's own
    time, in which nobody stands in.
    """

    run: Run
    candidates: tuple[Candidate, ...]
    elsewhere: tuple[Elsewhere, ...]
    losing: int  # people who are in it
    asked_by: int  # RC that asked for it
    is_guest: bool


def gaps(session: Session, proposal: Proposal, leader: str) -> tuple[Gap, ...]:
    """Return the sessions of a published programme that a function leads, each with who can take over.

    Raises:
        ConflictError: when the programme is not in force, or the function leads nothing in it.
    """
    if not is_in_force(session, proposal):
        raise ConflictError(
            "Du kan bara ändra det program som gäller nu. Öppna det som publicerades senast."
        )
    problem, timetable = PROGRAMME.problem_of(proposal), PROGRAMME.answer_of(proposal).timetable
    plan = plan_of(session, proposal)
    content = {one.key: one for one in plan.sessions}
    agreed = {
        (row.session_key, row.function_id)
        for row in asked.asks(session, proposal.meeting_id or "")
        if row.state is AskState.YES
    }
    hosts = {one.id: one.hosts for one in problem.sessions}
    guests = {one.id for one in problem.sessions if one.roles}
    ours = tuple(key for key, _ in frame_of(proposal).leaders)
    slots = plan.slots
    found = []
    for run in timetable.runs:
        if leader not in hosts[run.session]:
            continue
        one = content.get(run.session)
        offered = one.could_lead if one else ()
        able = {key: _why(run.session, key, agreed) for key in offered}
        able |= {key: "nch" for key in ours if key not in able}
        is_guest = run.session in guests
        free = () if is_guest else _free(problem, timetable, run, leader, able)
        later = () if is_guest or free else elsewhere(problem, timetable, run, leader, able)
        if not (is_guest or free or later) and one is not None:
            later = _cut_short(problem, timetable, run, leader, able, one, slots)
        attending = [who for who in timetable.attendance(run) if who not in hosts[run.session]]
        found.append(Gap(run, free, later, len(attending), one.demand if one else 0, is_guest))
    if not found:
        raise ConflictError("Den du valde leder inget pass i programmet.")
    order = {slot.id: place for place, slot in enumerate(problem.slots)}
    return tuple(sorted(found, key=lambda gap: order[gap.run.slot]))


def _why(session: str, function: str, agreed: set[tuple[str, str]]) -> Why:
    return "agreed" if (session, function) in agreed else "offered"


def _free(
    problem: Problem, timetable: Timetable, run: Run, leader: str, able: Mapping[str, Why]
) -> tuple[Candidate, ...]:
    """Return who of those who can is here and leads nothing then: who agreed first, then who leads least."""
    places = Places(problem)
    row = places.session_index[run.session]
    filled = set(places.filled[row][places.timeline.index[run.slot]])
    taken = set(places.timeline.occupied(run.session, run.slot))
    index = {person.id: place for place, person in enumerate(problem.people)}
    hosts = {one.id: one.hosts for one in problem.sessions}
    load = Counter(host for other in timetable.runs for host in hosts[other.session])
    found = []
    for function, why in able.items():
        if function == leader or function not in index:
            continue
        if not all(places.here[index[function], slot] for slot in filled):
            continue
        then = [
            line.session
            for line in timetable.agendas.get(function, ())
            if not taken.isdisjoint(places.timeline.occupied(line.session, line.slot))
        ]
        if any(function in hosts[session] for session in then):
            continue
        other = next((session for session in then if session != run.session), None)
        found.append(Candidate(function, why, other, load[function]))
    rank = {"agreed": 0, "offered": 1, "nch": 2}
    found.sort(key=lambda one: (rank[one.why], one.misses is not None, one.leads))
    return tuple(found[:MOST_OFFERED])


def elsewhere(
    problem: Problem, timetable: Timetable, run: Run, leader: str, able: Mapping[str, Why]
) -> tuple[Elsewhere, ...]:
    """Return, for the first of those who could lead, the best free place that breaks and moves nothing else."""
    known = {person.id for person in problem.people}
    wished = wished_weight(problem)
    found = []
    for function in [one for one in able if one != leader and one in known][:MOST_ASKED]:
        changed = _led_by(problem, {run.session: function}, leader)
        judged = verdicts(changed, timetable, run.session)
        places = [
            (place, one)
            for place, one in judged.items()
            if place is not None and not one.is_clash and one.swaps is None and one.musts <= 0
        ]
        if places:
            (slot, room), best = min(places, key=lambda pair: pair[1].key)
            percent = 100 * best.weight / wished if wished else 0.0
            found.append(Elsewhere(function, able[function], slot, room, round(percent, 1)))
    return tuple(sorted(found, key=lambda one: -one.percent))


def _cut_short(
    problem: Problem,
    timetable: Timetable,
    run: Run,
    leader: str,
    able: Mapping[str, Why],
    one: SessionPlan,
    slots: tuple[SlotPlan, ...],
) -> tuple[Elsewhere, ...]:
    """Return the free places where a session fits if it is cut short, to half its length at most."""
    short = shorter_slots(one, slots)
    if not short:
        return ()
    lengths = {slot.key: slot.minutes for slot in slots}
    found = elsewhere(opened(problem, {one.key: short}), timetable, run, leader, able)
    return tuple(replace(place, minutes=lengths[place.slot]) for place in found)


def _led_by(problem: Problem, leading: Mapping[str, str], leader: str) -> Problem:
    """Return a problem in which others lead, at any time, what somebody led."""
    return replace(
        problem,
        sessions=tuple(
            replace(one, hosts=one.hosts - {leader} | {leading[one.id]})
            if one.id in leading
            else one
            for one in problem.sessions
        ),
    )


def stand_in(
    session: Session,
    proposal: Proposal,
    leader: str,
    chosen: Mapping[str, str],
    actor: str,
    at: datetime,
) -> Proposal:
    """Make a draft of the next version in which others lead what somebody cannot: all else as it stands.

    chosen: session -> the function that takes over, `OUT`, or the value of an `Elsewhere`.

    Raises:
        ConflictError: when a choice is not one of those that `gaps` offers.
    """
    found = gaps(session, proposal, leader)
    offered = {
        gap.run.session: {one.function_id for one in gap.candidates}
        | {one.value for one in gap.elsewhere}
        for gap in found
    }
    if chosen.keys() != offered.keys() or any(
        who != OUT and who not in offered[key] for key, who in chosen.items()
    ):
        raise ConflictError("Välj en av dem som kan ta över, för varje pass.")
    problem = published_problem(session, proposal)
    out = {key for key, who in chosen.items() if who == OUT}
    timetable = PROGRAMME.answer_of(proposal).timetable
    moves = {
        gap.run.session: one
        for gap in found
        for one in gap.elsewhere
        if chosen[gap.run.session] == one.value
    }
    leading = {key: who.partition("@")[0] for key, who in chosen.items() if key not in out}
    problem = _led_by(problem, leading, leader)
    problem = opened(
        problem, {key: frozenset({one.slot}) for key, one in moves.items() if one.minutes}
    )
    problem = replace(
        problem,
        sessions=tuple(
            replace(one, is_must_run=False, pin_slot=None, pin_room=None) if one.id in out else one
            for one in problem.sessions
        ),
    )
    kept = replace(
        timetable,
        runs=tuple(
            Run(run.session, moves[run.session].slot, moves[run.session].room)
            if run.session in moves
            else run
            for run in timetable.runs
            if run.session not in out
        ),
    )
    settings = replace(settings_of(proposal), held=(), repairs=None, cause=(leader,))
    made = store(session, meeting_of(session, proposal), problem, settings, actor, at)
    document = {"timetable": timetable_document(rehosted(problem, kept))}
    record_answer(session, made, document)
    return made
