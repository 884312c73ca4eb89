"""Which track each running topic belongs to: its own, else one of its focus, kept to few rooms."""

from collections import Counter
from collections.abc import Iterable

from matcher.programme.problem import Problem, Run, Session, Track


def choose_tracks(problem: Problem, runs: Iterable[Run]) -> dict[str, str]:
    """Return session id -> track id for the sessions that run; empty without tracks.

    A topic without a track of its own goes to a track of its focus; among these to the one that
    its room mostly holds, so that a track stays in its room, then to the one with fewest topics.
    """
    if not problem.tracks:
        return {}
    sessions = {session.id: session for session in problem.sessions}
    rooms: dict[str, list[str]] = {}
    for run in runs:
        rooms.setdefault(run.session, []).append(run.room)
    chosen = {name: track for name in rooms if (track := sessions[name].track) is not None}
    in_room = Counter((room, chosen[name]) for name in chosen for room in rooms[name])
    sizes = Counter(chosen.values())
    for name, held in rooms.items():
        if name in chosen:
            continue
        options = [track for track in problem.tracks if _suits(sessions[name], track)]
        best = max(
            options or problem.tracks,
            key=lambda track: (
                sum(in_room[room, track.id] for room in held),
                -sizes[track.id],
            ),
        )
        chosen[name] = best.id
        sizes[best.id] += 1
        in_room.update((room, best.id) for room in held)
    return chosen


def _suits(session: Session, track: Track) -> bool:
    return session.focus is None or track.focus is None or session.focus == track.focus
