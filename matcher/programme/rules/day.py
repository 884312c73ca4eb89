"""The slots as a line of time: which a run fills, where days end, how long a walk may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from matcher.programme.problem import Person, Problem, Run, Slot


@dataclass(frozen=True)
class Timeline:
    """The slots of a problem, indexed; every question about time is answered here.

    `duration` holds the length in slots of each session. Slots may overlap, so that sessions of 20,
    45 and 60 minutes stand side by side: two are at once when they share a moment, which is the
    start of some slot.
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

    @cached_property
    def moments(self) -> tuple[tuple[int, ...], ...]:
        """Place of a slot -> the places of the slots that begin while it lasts, its own among them.

        Slots that do not overlap have their own alone.
        """
        return tuple(self._moments(place) for place in range(len(self.slots)))

    @cached_property
    def has_overlaps(self) -> bool:
        """Whether two slots overlap."""
        return any(len(moments) > 1 for moments in self.moments)

    @cached_property
    def at_once(self) -> tuple[frozenset[str], ...]:
        """Place of a slot -> the ids of the slots that share a moment with it, its own among them."""
        return tuple(
            frozenset(
                other.id
                for place, other in enumerate(self.slots)
                if not set(self.moments[place]).isdisjoint(mine)
            )
            for mine in self.moments
        )

    def _moments(self, place: int) -> tuple[int, ...]:
        own = self.slots[place]
        if own.start is None or own.end is None:
            return (place,)
        during = (
            other
            for other, slot in enumerate(self.slots)
            if slot.start is not None and own.start <= slot.start < own.end
        )
        return tuple(sorted({place, *during}))

    def _next(self, place: int) -> int | None:
        """Return the first slot that begins when a slot has ended, or later."""
        later = range(place + 1, len(self.slots))
        if not self.has_overlaps:
            return next(iter(later), None)
        return next((one for one in later if self.is_before(place, one)), None)

    def is_before(self, one: int, other: int) -> bool:
        """Tell whether a slot has ended when another begins; slots stand in the order of time."""
        return one < other and other not in self.moments[one]

    @cached_property
    def _known_filled(self) -> dict[tuple[int, str], tuple[int, ...]]:
        return {}

    def occupied(self, session: str, slot: str) -> tuple[int, ...]:
        """Return the moments that a run beginning in `slot` takes; empty when it does not fit."""
        filled = self.filled(session, slot)
        if not self.has_overlaps:
            return filled
        return tuple(sorted({moment for place in filled for moment in self.moments[place]}))

    def filled(self, session: str, slot: str) -> tuple[int, ...]:
        """Return the places that a run beginning in `slot` fills; empty when it does not fit.

        A run fits when its slots follow each other on one day, none of them a break. Where slots
        overlap, each is followed by the first that begins when it has ended. What begins in a whole
        slot fills that one.
        """
        lasts = self.duration[session]
        known = self._known_filled.get((lasts, slot))
        if known is None:
            known = self._known_filled[lasts, slot] = self._filled(lasts, slot)
        return known

    def _filled(self, lasts: int, slot: str) -> tuple[int, ...]:
        first = self.index[slot]
        places: tuple[int, ...] = (first,)
        while len(places) < lasts and not self.slots[first].is_whole:
            after = self._next(places[-1])
            if after is None:
                return ()
            places = (*places, after)
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
        if not self.at_once[place].isdisjoint(person.unavailable_slots):
            return False
        if person.arrives and slot.start and slot.start < person.arrives:
            return False
        end = slot.end or slot.start
        return not (person.departs and end and end > person.departs)
