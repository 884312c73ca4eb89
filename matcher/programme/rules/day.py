"""The slots as a line of time: which a run fills, where days end, how long a walk may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from matcher.programme.problem import Person, Problem, Run, Slot


@dataclass(frozen=True)
class Timeline:
    """The slots of a problem, indexed; every question about time is answered here.

    `duration` holds the length in slots of each session.
    """

    slots: tuple[Slot, ...]
    duration: Mapping[str, int]

    @classmethod
    def of(cls, problem: Problem) -> "Timeline":
        """Return the timeline of a problem."""
        return cls(problem.slots, {session.id: session.duration for session in problem.sessions})

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Slot id -> place in the order of time."""
        return {slot.id: place for place, slot in enumerate(self.slots)}

    @cached_property
    def rank(self) -> tuple[int, ...]:
        """Place of each slot among the slots that are no breaks: what windows are counted in."""
        ranks, count = [], 0
        for slot in self.slots:
            ranks.append(count)
            count += slot.kind != "break"
        return tuple(ranks)

    def filled(self, session: str, slot: str) -> tuple[int, ...]:
        """Return the places that a run beginning in `slot` fills; empty when it does not fit.

        A run fits when its slots follow each other on one day, none of them a break.
        """
        first = self.index[slot]
        places = tuple(range(first, first + self.duration[session]))
        if places[-1] >= len(self.slots):
            return ()
        same_day = all(self.slots[place].day == self.slots[first].day for place in places)
        no_break = all(self.slots[place].kind != "break" for place in places)
        return places if same_day and no_break else ()

    def filled_ids(self, run: Run) -> frozenset[str]:
        """Return the ids of the slots that a run fills; empty when it does not fit."""
        return frozenset(self.slots[place].id for place in self.filled(run.session, run.slot))

    def minutes_between(self, earlier: int, later: int) -> float:
        """Return the minutes from the end of one slot to the start of a later one.

        Zero where times are not set and the slots follow each other; infinite otherwise.
        """
        end, start = self.slots[earlier].end, self.slots[later].start
        if end is not None and start is not None:
            return (start - end).total_seconds() / 60
        is_next = later == earlier + 1 and self.slots[earlier].day == self.slots[later].day
        return 0.0 if is_next else float("inf")

    def can_attend(self, person: Person, place: int) -> bool:
        """Tell whether a person is here during a slot: arrived, not yet gone, not taken."""
        slot = self.slots[place]
        if slot.id in person.unavailable_slots:
            return False
        if person.arrives and slot.start and slot.start < person.arrives:
            return False
        end = slot.end or slot.start
        return not (person.departs and end and end > person.departs)
