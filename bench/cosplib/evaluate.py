"""CoSPLib's objective in plain Python, term by term; knows no solver."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from itertools import combinations

from bench.cosplib.instance import Instance, Schedule


def faults(instance: Instance, schedule: Schedule) -> list[str]:
    """Return what makes a schedule invalid: each talk whole, once, in a cell of its own track."""
    found = []
    seen: dict[int, list[tuple[int, int, int]]] = {}
    for session, rooms in enumerate(schedule.talks):
        for room, slots in enumerate(rooms):
            for slot, talk in enumerate(slots):
                if talk >= 0:
                    seen.setdefault(talk, []).append((session, room, slot))
                    if instance.submissions[talk].track != schedule.track[session][room]:
                        found.append(
                            f"{instance.submissions[talk].reference} is in another track's cell"
                        )
    for number, submission in enumerate(instance.submissions):
        places = seen.get(number, [])
        whole = len(places) == submission.slots and len({place[:2] for place in places}) == 1
        if not whole or places[-1][2] - places[0][2] != submission.slots - 1:
            found.append(f"{submission.reference} is not placed once and whole")
    return found


def terms(instance: Instance, schedule: Schedule) -> dict[str, int]:
    """Return the count of each term, unweighted, in the order of the weights."""
    cells = [
        (session, room, track)
        for session, rooms in enumerate(schedule.track)
        for room, track in enumerate(rooms)
        if track >= 0
    ]
    slots = [
        (session, room, instance.submissions[talk])
        for session, rooms in enumerate(schedule.talks)
        for room, talks in enumerate(rooms)
        for talk in talks
        if talk >= 0
    ]
    sessions_of: dict[int, set[int]] = {}
    rooms_of: dict[int, set[int]] = {}
    for session, room, track in cells:
        sessions_of.setdefault(track, set()).add(session)
        rooms_of.setdefault(track, set()).add(room)
    return {
        "tracks_sessions": sum(instance.tracks_sessions[k][s] for s, _, k in cells),
        "tracks_rooms": sum(instance.tracks_rooms[k][r] for _, r, k in cells),
        "sessions_rooms": sum(instance.sessions_rooms[s][r] for s, r, _ in cells),
        "similar_tracks": _similar(instance, schedule),
        "rooms_per_track": sum(len(rooms) - 1 for rooms in rooms_of.values()),
        "parallel_tracks": len(cells) - sum(len(sessions) for sessions in sessions_of.values()),
        "consecutive_tracks": sum(
            max(sessions) - min(sessions) + 1 > len(sessions) for sessions in sessions_of.values()
        ),
        "timezones": sum(talk.zone_penalty[s] for s, _, talk in slots),
        "order": _order(instance, schedule),
        "submissions_sessions": sum(talk.session_penalty[s] for s, _, talk in slots),
        "submissions_rooms": sum(talk.room_penalty[r] for _, r, talk in slots),
        "presenters": _conflicts(schedule, instance.presenter_matrix),
        "attendees": _conflicts(schedule, instance.attendee_matrix),
        "chairs": _chairs(instance, schedule),
        "presenters_timeslot": _conflicts_at_once(schedule, instance.presenter_matrix),
        "attendees_timeslot": _conflicts_at_once(schedule, instance.attendee_matrix),
    }


def objective(instance: Instance, schedule: Schedule) -> int:
    """Return the library's objective of a valid schedule; small is good."""
    counts = terms(instance, schedule)
    return sum(weight * counts[name] for name, weight in asdict(instance.weights).items() if weight)


def _similar(instance: Instance, schedule: Schedule) -> int:
    return sum(
        instance.similar[min(one, other)][max(one, other)]
        for rooms in schedule.track
        for one, other in combinations([track for track in rooms if track >= 0], 2)
        if one != other
    )


def _order(instance: Instance, schedule: Schedule) -> int:
    lists: dict[int, list[int]] = {}
    at_once = 0
    for session, rooms in enumerate(schedule.talks):
        for talks in rooms:
            for talk in dict.fromkeys(talk for talk in talks if talk >= 0):
                lists.setdefault(instance.submissions[talk].track, []).append(talk)
        for slot in range(instance.capacity[session]):
            ordered = [
                instance.submissions[talks[slot]].track
                for talks in rooms
                if talks[slot] >= 0 and instance.submissions[talks[slot]].order
            ]
            at_once += sum(one == other for one, other in combinations(ordered, 2))
    misplaced = sum(
        instance.submissions[talk].order not in {0, place}
        for talks in lists.values()
        for place, talk in enumerate(talks, 1)
    )
    return misplaced + at_once


def _conflicts(schedule: Schedule, pairs: Mapping[int, Collection[int]]) -> int:
    count = 0
    for rooms in schedule.talks:
        talks = [(talk, room) for room, slots in enumerate(rooms) for talk in dict.fromkeys(slots)]
        held = [(talk, room) for talk, room in talks if talk in pairs]
        count += sum(
            one[0] in pairs[other[0]] and one[1] != other[1] for one, other in combinations(held, 2)
        )
    return count


def _conflicts_at_once(schedule: Schedule, pairs: Mapping[int, Collection[int]]) -> int:
    count = 0
    for rooms in schedule.talks:
        for slot in range(len(rooms[0])):
            held = [talks[slot] for talks in rooms if talks[slot] in pairs]
            count += sum(one in pairs[other] for one, other in combinations(held, 2))
    return count


def _chairs(instance: Instance, schedule: Schedule) -> int:
    return sum(
        (min(one, other), max(one, other)) in instance.chair_pairs
        for rooms in schedule.track
        for one, other in combinations([track for track in rooms if track >= 0], 2)
        if one != other
    )
