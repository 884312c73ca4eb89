"""From tracks in cells and talks in sessions to time slots: wished places kept, talks never split."""

from collections.abc import Mapping

from bench.cosplib.instance import Instance, Schedule


def pack(
    instance: Instance, rooms_of: Mapping[tuple[int, int], list[int]], session_of: Mapping[int, int]
) -> Schedule:
    """Return the schedule; `rooms_of` maps (track, session) to rooms, `session_of` talk to session."""
    track = [[-1] * len(instance.rooms) for _ in instance.sessions]
    talks = [[[-1] * size for _ in instance.rooms] for size in instance.capacity]
    for number, numbers in enumerate(instance.of_track):
        before = 0
        held_in: dict[int, list[int]] = {}
        for talk in numbers:
            held_in.setdefault(session_of[talk], []).append(talk)
        for session, held in sorted(held_in.items()):
            capacity = instance.capacity[session]
            rooms = rooms_of.get((number, session), [])
            line = _in_wished_places(instance, held, before)
            before += len(held)
            for room, chosen in zip(
                rooms, _share(instance, line, len(rooms), capacity), strict=True
            ):
                slot = 0
                for talk in chosen:
                    track[session][room] = number
                    for _ in range(instance.submissions[talk].slots):
                        talks[session][room][slot] = talk
                        slot += 1
    return Schedule(
        tuple(tuple(row) for row in track),
        tuple(tuple(tuple(slots) for slots in rooms) for rooms in talks),
    )


def _in_wished_places(instance: Instance, held: list[int], before: int) -> list[int]:
    """Return the talks in a line in which those with a wished place here have it."""
    line = [-1] * len(held)
    waiting = []
    for talk in sorted(held, key=lambda one: instance.submissions[one].order):
        place = instance.submissions[talk].order - 1 - before
        if 0 <= place < len(line) and line[place] < 0:
            line[place] = talk
        else:
            waiting.append(talk)
    rest = iter(waiting)
    return [talk if talk >= 0 else next(rest) for talk in line]


def _share(instance: Instance, line: list[int], rooms: int, capacity: int) -> list[list[int]]:
    """Share a line of talks among rooms: in the line's order when it fits so, else longest first.

    Talks with a common presenter or attendee keep together where a room has space for both. Where
    nothing fits, the last talks are left out: the schedule is then not valid, and not taken.
    """
    lengths = {talk: instance.submissions[talk].slots for talk in line}
    best: list[list[int]] = []
    for order in (line, sorted(line, key=lambda one: -lengths[one])):
        shares: list[list[int]] = [[] for _ in range(rooms)]
        for talk in order:
            friends = instance.friends.get(talk, frozenset())
            free = [capacity - sum(lengths[one] for one in share) for share in shares]
            fitting = [room for room in range(rooms) if free[room] >= lengths[talk]]
            if fitting:
                room = max(fitting, key=lambda one: (bool(friends & set(shares[one])), -one))
                shares[room].append(talk)
        if sum(map(len, shares)) > sum(map(len, best)) or not best:
            best = shares
        if sum(map(len, shares)) == len(line):
            break
    return best
