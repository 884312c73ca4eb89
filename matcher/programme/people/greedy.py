"""Agendas at once for any runs: hosts first, then the strongest wishes, each where it still fits."""

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.programme.people.attendance import Utilities
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Attendance, Run


@dataclass(frozen=True)
class _Place:
    """A run by number."""

    session: int
    slot: int
    room: int
    filled: tuple[int, ...]
    occupied: tuple[int, ...]


def choose_greedily(
    places: Places,
    runs: Iterable[Run],
    kept: Agendas | None = None,
    known: Utilities | None = None,
) -> Agendas:
    """Return agendas that hold every rule: not the best, but found at once for any problem.

    Lines of `kept` whose run still stands come before new ones, where they still fit. known: what
    `Utilities(places)` is, where it has been worked out.
    """
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    stands = []
    for run in runs:
        session, slot = places.session_index[run.session], places.timeline.index[run.slot]
        filled, occupied = places.filled[session][slot], places.occupied[session][slot]
        stands.append(_Place(session, slot, rooms[run.room], filled, occupied))
    everyone = len(places.problem.people)
    capacities = [room.capacity for room in places.problem.rooms]
    seats = {
        one: everyone
        if (limit := capacities[one.room]) is None
        else limit - places.outside_hosts[one.session]
        for one in stands
    }
    chosen: list[list[_Place]] = [[] for _ in places.problem.people]
    for one in stands:
        for host in places.hosts[one.session]:
            chosen[host].append(one)
            seats[one] -= 1
    for person, own in enumerate(chosen):
        lines = (kept or {}).get(places.problem.people[person].id, ())
        for one in sorted(stands, key=lambda stand: stand.slot):
            line = Attendance(
                places.problem.slots[one.slot].id, places.problem.sessions[one.session].id
            )
            if line in lines and seats[one] > 0 and _can_join(places, person, own, one):
                own.append(one)
                seats[one] -= 1
    utilities = (known or Utilities(places)).people
    wishes = [
        (-int(utilities[one.session, person]), one.slot, person, one)
        for one in stands
        for person in range(everyone)
        if utilities[one.session, person] > 0
    ]
    for _, _, person, one in sorted(wishes, key=lambda wish: wish[:3]):
        if seats[one] > 0 and _can_join(places, person, chosen[person], one):
            chosen[person].append(one)
            seats[one] -= 1
    return {
        person.id: tuple(
            Attendance(places.problem.slots[one.slot].id, places.problem.sessions[one.session].id)
            for one in sorted(own, key=lambda one: one.slot)
        )
        for person, own in zip(places.problem.people, chosen, strict=True)
    }


def _can_join(places: Places, person: int, own: list[_Place], one: _Place) -> bool:
    taken = {moment for other in own for moment in other.occupied}
    before = {
        other.session for other in own if places.timeline.is_before(other.filled[-1], one.slot)
    }
    needed = {
        places.session_index[name] for name in places.problem.sessions[one.session].prerequisites
    }
    return (
        bool(places.guests_only[one.session, person] and places.reach[person, one.room])
        and all(places.here[person, place] for place in one.filled)
        and taken.isdisjoint(one.occupied)
        and all(other.session != one.session for other in own)
        and needed <= before
        and all(_can_walk(places, *sorted((other, one), key=lambda at: at.slot)) for other in own)
    )


def _can_walk(places: Places, earlier: _Place, later: _Place) -> bool:
    ends = frozenset(places.problem.rooms[one.room].id for one in (earlier, later))
    minutes = places.problem.walking.get(ends, 0.0)
    return not minutes or places.timeline.minutes_between(earlier.filled[-1], later.slot) >= minutes
