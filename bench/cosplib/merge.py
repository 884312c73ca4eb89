"""Two changes of one schedule in one: tracks that only one of them has moved stand where it put them."""

from bench.cosplib.instance import Instance, Schedule
from bench.cosplib.pack import pack


def merged(instance: Instance, base: Schedule, mine: Schedule, others: Schedule) -> Schedule | None:
    """Return `others` with what `mine` has moved in `base`; None where both moved a track or want a cell."""
    before, after, theirs = (_places(instance, one) for one in (base, mine, others))
    rooms_of: dict[tuple[int, int], list[int]] = {}
    session_of: dict[int, int] = {}
    for was, now, other in zip(before, after, theirs, strict=True):
        if was not in (now, other):
            return None
        rooms, sessions = now if other == was else other
        rooms_of |= rooms
        session_of |= sessions
    cells = [(session, room) for (_, session), rooms in rooms_of.items() for room in rooms]
    return pack(instance, rooms_of, session_of) if len(cells) == len(set(cells)) else None


Places = tuple[dict[tuple[int, int], list[int]], dict[int, int]]


def _places(instance: Instance, schedule: Schedule) -> list[Places]:
    """Return for each track its rooms in each session, and the session of each of its talks."""
    found: list[Places] = [({}, {}) for _ in instance.tracks]
    for session, row in enumerate(schedule.track):
        for room, track in enumerate(row):
            if track >= 0:
                found[track][0].setdefault((track, session), []).append(room)
                for talk in schedule.talks[session][room]:
                    if talk >= 0:
                        found[track][1][talk] = session
    return found
