"""Timefold as a peer: topics in slots by the weight that clashing pairs lose; needs Java 17 or newer.

A constraint per person and slot is far too slow in it, so that the loss of two topics side by side
is what people lose who want both: the way that its own conference example counts.
"""

from dataclasses import dataclass, field
from typing import Annotated

from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)

from bench.programme.instances import Json
from bench.programme.survey_rules import Starts

_SAME_HOST = -1


@dataclass
class TimeSlot:
    """A slot and how many rooms it has."""

    number: Annotated[int, PlanningId]
    rooms: int


@planning_entity
@dataclass
class Topic:
    """A topic: what it loses beside each other topic (-1: they share a host), excluded slots."""

    number: Annotated[int, PlanningId]
    losses: list[int]
    excluded: list[int]
    slot: Annotated[TimeSlot | None, PlanningVariable] = field(default=None)


@planning_solution
@dataclass
class Plan:
    """All slots and topics."""

    slots: Annotated[list[TimeSlot], ProblemFactCollectionProperty, ValueRangeProvider]
    topics: Annotated[list[Topic], PlanningEntityCollectionProperty]
    score: Annotated[HardSoftScore | None, PlanningScore] = field(default=None)


def rules(factory: ConstraintFactory) -> list[Constraint]:
    """Return the constraints: hosts, excluded slots and rooms hard, lost weight soft."""
    beside = factory.for_each_unique_pair(Topic, Joiners.equal(lambda topic: topic.slot))
    return [
        beside.filter(lambda one, other: one.losses[other.number] > 0)
        .penalize(HardSoftScore.ONE_SOFT, lambda one, other: one.losses[other.number])
        .as_constraint("lost weight"),
        beside.filter(lambda one, other: one.losses[other.number] < 0)
        .penalize(HardSoftScore.ONE_HARD)
        .as_constraint("hosts"),
        factory.for_each(Topic)
        .filter(lambda topic: topic.slot.number in topic.excluded)
        .penalize(HardSoftScore.ONE_HARD)
        .as_constraint("excluded slots"),
        factory.for_each(Topic)
        .group_by(lambda topic: topic.slot, ConstraintCollectors.count())
        .filter(lambda slot, count: count > slot.rooms)
        .penalize(HardSoftScore.ONE_HARD, lambda slot, count: count - slot.rooms)
        .as_constraint("rooms"),
    ]


def timefold(document: Json, seconds: float) -> Starts:
    """Plan with Timefold for so many seconds; rooms are dealt out in order within each slot."""
    names = [session["id"] for session in document["sessions"]]
    slots = [slot["id"] for slot in document["slots"]]
    rooms = [room["id"] for room in document["rooms"]]
    losses = _losses(document, names)
    topics = [
        Topic(
            number,
            losses[number],
            [slots.index(slot) for slot in session.get("unavailable_slots", ())],
        )
        for number, session in enumerate(document["sessions"])
    ]
    config = SolverConfig(
        solution_class=Plan,
        entity_class_list=[Topic],
        score_director_factory_config=ScoreDirectorFactoryConfig(
            constraint_provider_function=constraint_provider(rules)
        ),
        termination_config=TerminationConfig(spent_limit=Duration(seconds=round(seconds))),
    )
    solver = SolverFactory.create(config).build_solver()
    plan = solver.solve(Plan([TimeSlot(place, len(rooms)) for place in range(len(slots))], topics))
    taken = [0] * len(slots)
    starts: Starts = {}
    for topic in plan.topics:
        place = topic.slot.number
        starts[names[topic.number]] = slots[place], rooms[taken[place] % len(rooms)]
        taken[place] += 1
    return starts


def _losses(document: Json, names: list[str]) -> list[list[int]]:
    """Return topics x topics: what people lose when both are at once, -1 where a host is shared."""
    place = {name: number for number, name in enumerate(names)}
    losses = [[0] * len(names) for _ in names]
    for person in document["people"]:
        for one, weight in person["wishes"].items():
            for other, other_weight in person["wishes"].items():
                losses[place[one]][place[other]] += round(min(weight, other_weight))
    hosts = [set(session.get("hosts", ())) for session in document["sessions"]]
    for one, mine in enumerate(hosts):
        for other, theirs in enumerate(hosts):
            if mine & theirs:
                losses[one][other] = _SAME_HOST
    return losses
