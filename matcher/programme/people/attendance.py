"""Personal agendas for given runs: each slot on its own by min-cost flow, where slots do not interact."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.flow import Bonus, choose
from matcher.programme.people.scale import scale_of, stacked
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Attendance, Run
from matcher.programme.rules.scores import body_wishes

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SlotRuns:
    """The runs that begin in one slot, by place: session and room of each."""

    slot: int
    sessions: tuple[int, ...]
    rooms: tuple[int, ...]


def slots_are_independent(places: Places, runs: Iterable[Run]) -> bool:
    """Tell whether agendas can be chosen slot by slot without loss.

    They cannot when a session runs twice or for long, has prerequisites, walking takes time, or
    slots overlap.
    """
    if places.timeline.has_overlaps:
        return False
    names = [run.session for run in runs]
    sessions = {session.id: session for session in places.problem.sessions}
    plain = all(not sessions[name].prerequisites and sessions[name].duration == 1 for name in names)
    return plain and len(set(names)) == len(names) and not any(places.problem.walking.values())


def agendas_by_slot(places: Places, runs: Iterable[Run]) -> Agendas | None:
    """Return the best agendas for runs that stand fixed where slots are independent; None elsewhere.

    Nobody is sent to a run that does not fit where somebody has put it.
    """
    fitting = [run for run in runs if places.timeline.filled(run.session, run.slot)]
    if not slots_are_independent(places, fitting):
        return None
    return choose_slot_by_slot(places, fitting)


def choose_slot_by_slot(
    places: Places, runs: Iterable[Run], utilities: "Utilities | None" = None
) -> Agendas:
    """Return agendas that are best for given runs: must-haves, then coverage, then weight.

    Exact when `slots_are_independent`. utilities: what `Utilities(places)` is, where it is known already.
    """
    lines: dict[int, list[Attendance]] = {
        person: [] for person in range(len(places.problem.people))
    }
    utilities = utilities or Utilities(places)
    for here in runs_by_slot(places, runs):
        sent = _choose_in_slot(places, utilities, here)
        slot = places.problem.slots[here.slot].id
        for person, column in np.argwhere(sent > 0).tolist():
            session = places.problem.sessions[here.sessions[column]].id
            lines[person].append(Attendance(slot, session))
    people = places.problem.people
    return {people[person].id: tuple(agenda) for person, agenda in lines.items()}


def runs_by_slot(places: Places, runs: Iterable[Run]) -> list[SlotRuns]:
    """Return the runs gathered by their first slot, in the order of time."""
    rooms = {room.id: place for place, room in enumerate(places.problem.rooms)}
    gathered: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        here = gathered.setdefault(places.timeline.index[run.slot], [])
        here.append((places.session_index[run.session], rooms[run.room]))
    return [
        SlotRuns(slot, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))
        for slot, pairs in sorted(gathered.items())
    ]


class Utilities:
    """What attending is worth, in whole numbers: must-haves over coverage over wished weight.

    `people` is sessions x people; `bodies` maps a body to its people and its topics' values.
    """

    def __init__(self, places: Places) -> None:
        scale = scale_of(np.unique(places.wishes).tolist())
        weights = np.rint(places.wishes * scale).astype(np.int64)
        covers = body_wishes(places.problem)
        cover_scale = scale_of({weight for wishes in covers.values() for weight in wishes.values()})
        whole = {
            body: {
                places.session_index[name]: round(weight * cover_scale)
                for name, weight in wishes.items()
            }
            for body, wishes in covers.items()
        }
        cover_total = sum(sum(wishes.values()) for wishes in whole.values())
        per_cover = stacked(int(weights.sum()), cover_total)
        must_total = int(places.must.sum())
        per_must = stacked(int(weights.sum()) + per_cover * cover_total, must_total)
        self.people: IntArray = weights + per_must * places.must
        members: dict[str, list[int]] = {}
        for column, person in enumerate(places.problem.people):
            if person.body in whole:
                members.setdefault(person.body, []).append(column)
        self.bodies: Mapping[str, tuple[tuple[int, ...], dict[int, int]]] = {
            body: (
                tuple(members.get(body, ())),
                {session: per_cover * value for session, value in wishes.items() if value},
            )
            for body, wishes in whole.items()
        }


def _choose_in_slot(places: Places, utilities: Utilities, here: SlotRuns) -> IntArray:
    """Return people x runs of the slot: 1 where the person is sent, hosts included."""
    sessions, rooms = list(here.sessions), list(here.rooms)
    possible = (
        places.here[:, here.slot][:, None] & places.reach[:, rooms] & places.guests_only[sessions].T
    )
    hosting = np.zeros(possible.shape, dtype=np.bool_)
    for column, session in enumerate(sessions):
        hosting[list(places.hosts[session]), column] = True
    possible &= ~hosting.any(axis=1, keepdims=True)
    seats = _seats(places, here, hosting)
    values = np.where(possible, utilities.people[sessions].T, 0)
    bonuses = _bonuses(utilities, sessions, possible, hosting)
    if not bonuses:
        sent = _best_for_each(values)
        if (sent.sum(axis=0) <= seats).all():
            return sent + hosting
    return _send(values, seats, bonuses) + hosting


def _seats(places: Places, here: SlotRuns, hosting: NDArray[np.bool_]) -> IntArray:
    people = len(places.problem.people)
    capacities = [places.problem.rooms[room].capacity for room in here.rooms]
    seats = np.array([people if seats is None else seats for seats in capacities], dtype=np.int64)
    outside = np.array(
        [
            0 if limit is None else places.outside_hosts[session]
            for limit, session in zip(capacities, here.sessions, strict=True)
        ]
    )
    left: IntArray = seats - hosting.sum(axis=0) - outside
    return left


def _best_for_each(values: IntArray) -> IntArray:
    sent = np.zeros(values.shape, dtype=np.int64)
    best = values.argmax(axis=1)
    everyone = np.arange(len(values))
    sent[everyone, best] = values[everyone, best] > 0
    return sent


def _bonuses(
    utilities: Utilities,
    sessions: list[int],
    possible: NDArray[np.bool_],
    hosting: NDArray[np.bool_],
) -> list[Bonus]:
    """Return the coverage still to be had in a slot: not of what a delegate hosts anyway."""
    bonuses = []
    for members, wishes in utilities.bodies.values():
        for column, session in enumerate(sessions):
            able = tuple(person for person in members if possible[person, column])
            if able and session in wishes and not hosting[list(members), column].any():
                bonuses.append(Bonus(column, able, wishes[session]))
    return bonuses


def _send(values: IntArray, seats: IntArray, bonuses: list[Bonus]) -> IntArray:
    """Solve the slot's flow; people with equal values and no bonus are one group."""
    alone = {person for bonus in bonuses for person in bonus.groups}
    groups: dict[object, list[int]] = {}
    for person, row in enumerate(values):
        if person in alone:
            groups[person] = [person]
        elif row.any():
            groups.setdefault(row.tobytes(), []).append(person)
    members = list(groups.values())
    place = {group[0]: number for number, group in enumerate(members)}
    named = [
        Bonus(bonus.session, tuple(place[person] for person in bonus.groups), bonus.value)
        for bonus in bonuses
    ]
    firsts = [group[0] for group in members]
    counts = np.array([len(group) for group in members], dtype=np.int64)
    flows = choose(values[firsts].reshape(len(members), values.shape[1]), counts, seats, named)
    sent = np.zeros(values.shape, dtype=np.int64)
    for group, row in zip(members, flows, strict=True):
        waiting = iter(group)
        for session, count in enumerate(row.tolist()):
            for _ in range(count):
                sent[next(waiting), session] = 1
    return sent
