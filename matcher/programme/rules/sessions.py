"""The hard rules about where and when sessions run, whoever attends them."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from matcher.programme.problem import Run
from matcher.programme.rules.case import Case
from matcher.proof import Violation


def fits_the_day(case: Case) -> Iterator[Violation]:
    """A run's slots follow each other on one day, and none of them is a break."""
    for run in case.runs:
        if not case.filled(run):
            yield Violation(
                "fits_the_day",
                (run.session, run.slot),
                f"{run.session} does not fit at {run.slot}.",
            )


def one_session_in_a_room(case: Case) -> Iterator[Violation]:
    """A room holds one session at a time."""
    taken: dict[tuple[int, str], str] = {}
    for run in case.runs:
        for moment in sorted(case.moments(run)):
            other = taken.setdefault((moment, run.room), run.session)
            if other != run.session:
                slot = case.problem.slots[moment].id
                yield Violation(
                    "one_session_in_a_room",
                    (other, run.session, slot, run.room),
                    f"{other} and {run.session} are both in {run.room} at {slot}.",
                )


def plenary_stands_alone(case: Case) -> Iterator[Violation]:
    """At most one session runs in a plenary slot, and while it does no other does."""
    for slot in case.problem.slots:
        if slot.kind == "plenary":
            here = [run.session for run in case.runs if slot.id in case.slots_meanwhile(run)]
            if len(here) > 1 and any(slot.id in case.filled(run) for run in case.runs):
                yield Violation(
                    "plenary_stands_alone",
                    (slot.id, *here),
                    f"{len(here)} sessions run in the plenary slot {slot.id}.",
                )


def room_suits(case: Case) -> Iterator[Violation]:
    """A session's room has what the session needs and is free."""
    for run in case.runs:
        session, room = case.sessions[run.session], case.rooms[run.room]
        lacks = [
            *(["digital"] if session.needs_digital and not room.is_digital else []),
            *(["accessible"] if session.needs_accessible and not room.is_accessible else []),
            *sorted(session.equipment - room.equipment),
            *(["another room"] if room.id in session.forbidden_rooms else []),
            *(
                f"free at {slot}"
                for slot in sorted(case.slots_meanwhile(run) & room.unavailable_slots)
            ),
        ]
        if lacks:
            yield Violation(
                "room_suits",
                (run.session, run.room),
                f"{run.room} is not what {run.session} needs: {', '.join(lacks)}.",
            )


def session_available(case: Case) -> Iterator[Violation]:
    """A session does not run in a slot that it excludes, nor before its embargo ends."""
    for run in case.runs:
        if _is_closed(case, run):
            yield Violation(
                "session_available",
                (run.session, run.slot),
                f"{run.session} cannot run at {run.slot}.",
            )


def ends_in_time(case: Case) -> Iterator[Violation]:
    """A session has ended by the time that is set for it, where the slots have times."""
    for run in case.runs:
        if _is_late(case, run):
            yield Violation(
                "ends_in_time",
                (run.session, run.slot),
                f"{run.session} at {run.slot} ends too late.",
            )


def runs_as_often_as_allowed(case: Case) -> Iterator[Violation]:
    """A session runs at most `repeats` times, never twice at once; one that must run does."""
    times = Counter(run.session for run in case.runs)
    for session in case.problem.sessions:
        if times[session.id] > session.repeats:
            message = f"{session.id} runs {times[session.id]} times, at most {session.repeats}."
            yield Violation("runs_as_often_as_allowed", (session.id,), message)
        if session.is_must_run and not times[session.id]:
            message = f"{session.id} must run and does not."
            yield Violation("runs_as_often_as_allowed", (session.id,), message)
    for one, other in combinations(case.runs, 2):
        if one.session == other.session and case.overlap(one, other):
            message = f"{one.session} runs twice at once."
            yield Violation("runs_as_often_as_allowed", (one.session,), message)


def pins(case: Case) -> Iterator[Violation]:
    """A pinned session has a run in its slot and room."""
    for session in case.problem.sessions:
        if session.pin_slot is None and session.pin_room is None:
            continue
        kept = any(
            run.session == session.id
            and session.pin_slot in {None, run.slot}
            and session.pin_room in {None, run.room}
            for run in case.runs
        )
        if not kept:
            where = " ".join(pin for pin in (session.pin_slot, session.pin_room) if pin)
            yield Violation("pins", (session.id,), f"{session.id} is not at its pin {where}.")


def hosts_in_one_place(case: Case) -> Iterator[Violation]:
    """A host leads one session at a time, and only while he or she is here."""
    for one, other in combinations(case.runs, 2):
        if one.session == other.session or not case.overlap(one, other):
            continue
        shared = case.sessions[one.session].hosts & case.sessions[other.session].hosts
        for host in sorted(shared):
            yield Violation(
                "hosts_in_one_place",
                (host, one.session, other.session),
                f"{host} hosts {one.session} and {other.session} at once.",
            )
    for run in case.runs:
        for host in sorted(case.sessions[run.session].hosts & case.people.keys()):
            if not case.is_here(case.people[host], run):
                message = f"{host} hosts {run.session} at {run.slot} and is not here."
                yield Violation("hosts_in_one_place", (host, run.session), message)


def leader_pause(case: Case) -> Iterator[Violation]:
    """Between two sessions that a person leads on a day there is the pause that leaders need."""
    wanted = case.problem.leader_pause
    for one, other in combinations(sorted(case.runs, key=case.place), 2) if wanted else ():
        shared = case.sessions[one.session].hosts & case.sessions[other.session].hosts
        if not shared or not case.filled(one) or case.overlap(one, other):
            continue
        end = case.timeline.filled(one.session, one.slot)[-1]
        if case.timeline.minutes_between(end, case.place(other)) < wanted:
            for host in sorted(shared):
                message = f"{host} leads {other.session} less than {wanted:g} minutes after {one.session}."
                yield Violation("leader_pause", (host, one.session, other.session), message)


def role_window(case: Case) -> Iterator[Violation]:
    """All runs for a role lie inside its window: so many slots in a row, on one day."""
    for role in case.problem.roles:
        runs = [run for run in case.runs if role.id in case.sessions[run.session].roles]
        if role.window is None or not runs:
            continue
        slots = case.problem.slots
        places = sorted({case.timeline.index[slot] for run in runs for slot in case.filled(run)})
        if not places:
            continue
        span = case.timeline.rank[places[-1]] - case.timeline.rank[places[0]] + 1
        if span > role.window or slots[places[0]].day != slots[places[-1]].day:
            message = (
                f"The sessions for {role.id} span {span} slots, at most {role.window} of one day."
            )
            yield Violation("role_window", (role.id, *(run.session for run in runs)), message)


def track_focus(case: Case) -> Iterator[Violation]:
    """A session is in its own track, and in one of its focus; with tracks, each run has one."""
    tracks = {track.id: track for track in case.problem.tracks}
    for session in sorted({run.session for run in case.runs}) if tracks else ():
        wanted = case.sessions[session]
        given = case.timetable.tracks.get(session)
        focus = tracks[given].focus if given in tracks else None
        wrong_focus = wanted.focus and focus and focus != wanted.focus
        if given is None or (wanted.track is not None and given != wanted.track):
            message = f"{session} is in track {given}, not in {wanted.track or 'any'}."
            yield Violation("track_focus", (session,), message)
        elif wanted.track is None and wrong_focus:
            message = f"{session} is about {wanted.focus}, its track {given} about {focus}."
            yield Violation("track_focus", (session, given), message)


def is_open(case: Case, run: Run) -> bool:
    """Tell whether a session may stand where a run has it, for all that closes slots to it."""
    return not (_is_closed(case, run) or _is_late(case, run))


def _is_closed(case: Case, run: Run) -> bool:
    session = case.sessions[run.session]
    start = case.problem.slots[case.place(run)].start
    early = session.not_before and start and start < session.not_before
    return bool(early or case.filled(run) & session.unavailable_slots)


def _is_late(case: Case, run: Run) -> bool:
    limit = case.sessions[run.session].ends_by
    ends = (slot.end for slot in case.problem.slots if slot.id in case.filled(run))
    return limit is not None and any(end is not None and end > limit for end in ends)
