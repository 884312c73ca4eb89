"""From a meeting's content and the wishes of a needs survey to a programme problem."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from api.kit.clock import to_local
from api.kit.errors import ConflictError
from api.programme.content import ProgrammePlan, SessionPlan, SlotPlan, is_own_time, own_time
from api.programme.models import Focus
from api.proposals.programme.drafting import (
    CIRCLE_TABLE,
    CIRCLE_TIME,
    Delegate,
    Frame,
    first_draft,
    guest_themes,
)
from api.surveys.wishes import Wishes
from matcher.programme.problem import (
    Body,
    Circle,
    Person,
    Problem,
    Role,
    Room,
    Run,
    Session,
    Slot,
    Tables,
    Track,
)
from matcher.programme.problem import Focus as EngineFocus

ENGINE_FOCUS: Final[Mapping[Focus, EngineFocus]] = {
    Focus.START_UP: "organisation",
    Focus.SUBJECT: "subject",
}
GUEST_WINDOW_SLOTS = 1
STEP = 5  # minutes between the moments at which a session may be put
UNSAID_LENGTH = 60  # minutes of a session that takes whatever time it is given


def build(wishes: Wishes, frame: Frame) -> Problem:
    """Return the programme problem of a survey's wishes inside a meeting's frame, nothing changed by hand."""
    return problem_of(first_draft(wishes, frame), wishes, frame)


def problem_of(plan: ProgrammePlan, wishes: Wishes, frame: Frame) -> Problem:
    """Return the programme problem of a meeting's content: what is taken out is not in it."""
    sessions = tuple(one for one in plan.sessions if not one.is_off)
    focuses = {track.key: ENGINE_FOCUS[track.focus] for track in plan.tracks}
    roles = dict.fromkeys(role for one in sessions for role in one.roles)
    made = tuple(_session(one, plan, focuses, frame) for one in sessions)
    return Problem(
        slots=tuple(_slot(one) for one in plan.slots),
        rooms=tuple(
            Room(
                id=room.key,
                capacity=room.capacity,
                is_digital=room.is_digital,
                is_accessible=room.is_accessible,
                equipment=frozenset(room.equipment),
            )
            for room in plan.rooms
        ),
        tracks=tuple(Track(id=track.key, focus=focuses[track.key]) for track in plan.tracks),
        roles=tuple(Role(id=role, window=GUEST_WINDOW_SLOTS) for role in roles),
        sessions=made,
        people=tuple(_people(sessions, wishes, frame)),
        bodies=tuple(_bodies(sessions, wishes, frame)),
        met=dict(frame.met),
        leader_pause=float(plan.leader_pause),
    )


def _slot(slot: SlotPlan) -> Slot:
    start, end = (to_local(one).replace(tzinfo=None) for one in (slot.starts_at, slot.ends_at))
    kind = "break" if slot.is_break else "plenary" if slot.is_plenary else "parallel"
    day, is_whole = start.date().isoformat(), is_own_time(slot.key)
    return Slot(slot.key, start, end, day, kind, is_whole)  # type: ignore[arg-type]


def _session(
    one: SessionPlan, plan: ProgrammePlan, focuses: Mapping[str, EngineFocus], frame: Frame
) -> Session:
    lasts, begins = _fitting(one, plan.slots)
    circles = tuple(
        Circle(frozenset(circle.function_ids), circle.weight)
        for circle in (frame.circles if one.format == CIRCLE_TIME else ())
    )
    size = one.table_size or (CIRCLE_TABLE if circles else 0)
    tables = Tables(size, one.table_rounds or 1, circles) if size else None
    rooms = {room.key for room in plan.rooms}
    return Session(
        id=one.key,
        hosts=frozenset(one.leaders),
        unavailable_slots=frozenset(one.key for one in plan.slots if not one.is_break) - begins,
        duration=lasts,
        is_must_run=one.is_must_run,
        pin_slot=one.pin_slot,
        pin_room=one.pin_room,
        roles=frozenset(one.roles),
        track=one.track,
        focus=focuses.get(one.track or ""),
        equipment=frozenset(one.equipment),
        forbidden_rooms=frozenset(rooms.intersection(one.forbidden_rooms)),
        preferred_rooms=frozenset(rooms.intersection(one.preferred_rooms)),
        tables=tables,
    )


def _fitting(one: SessionPlan, slots: tuple[SlotPlan, ...]) -> tuple[int, frozenset[str]]:
    """Return how many slots in a row a session fills, and all slots that it may be in.

    A guest's session has a time of its own, in which everybody is together; what all come to may
    have one; topics never stand there. A session begins where its minutes fit.
    """
    allowed = [slot for slot in slots if not slot.is_break and _is_for(one, slot)]
    lasts, wanted = 1, one.minutes or 0
    fits = [slot for slot in allowed if slot.minutes >= wanted or slot.key == one.pin_slot]
    if fits or not allowed:
        return 1, frozenset(slot.key for slot in fits)
    rows = _in_a_row(allowed)
    lasts = min((len(row) for row in rows if _minutes(row) >= wanted), default=len(slots))
    found: frozenset[str] = frozenset()
    for row in rows:
        with_row = found | {slot.key for slot in row}
        inside = [one for one in rows if len(one) == lasts and with_row.issuperset(_keys(one))]
        if len(row) == lasts and all(_minutes(one) >= wanted for one in inside):
            found = with_row
    return lasts, found


def shorter_slots(one: SessionPlan, slots: tuple[SlotPlan, ...]) -> frozenset[str]:
    """Return the slots that are too short for a session, and at least half as long as it wants.

    A session that fills several slots in a row is not cut short.
    """
    lasts, begins = _fitting(one, slots)
    wanted = one.minutes or 0
    if lasts > 1 or not wanted:
        return frozenset()
    return frozenset(
        slot.key
        for slot in slots
        if not slot.is_break
        and slot.key not in begins
        and _is_for(one, slot)
        and wanted / 2 <= slot.minutes < wanted
    )


def with_length(problem: Problem, plan: ProgrammePlan, one: SessionPlan) -> Problem:
    """Return a problem in which a session is as long as a plan says it is now; times of its own stay open to it."""
    lasts, begins = _fitting(one, plan.slots)
    closed = frozenset(slot.key for slot in plan.slots if not slot.is_break) - begins
    own = frozenset(slot.key for slot in plan.slots if is_own_time(slot.key))
    return replace(
        problem,
        sessions=tuple(
            replace(
                session,
                duration=lasts,
                unavailable_slots=closed - (own - session.unavailable_slots),
            )
            if session.id == one.key
            else session
            for session in problem.sessions
        ),
    )


def time_at(
    plan: ProgrammePlan, runs: Iterable[Run], key: str, room: str, starts_at: datetime
) -> SlotPlan:
    """Return the time in which a session would be that begins at any moment in a room.

    It is one of the programme's own where that begins then and holds the session and nothing else in
    the room is in its way; else a new one, as long as the session.

    Raises:
        ConflictError: when the moment is on no day of the programme, or in a break.
    """
    times = {slot.key: slot for slot in plan.slots}
    stands = {run.session: run for run in runs}
    here = [run for run in stands.values() if run.room == room and run.session != key]
    for run in here:
        if times[run.slot].starts_at == starts_at:
            return times[run.slot]
    one, now = plan.session(key), stands.get(key)
    then = next((x for x in plan.slots if x.starts_at <= starts_at < x.ends_at), None)
    if (
        one is None
        or starts_at.minute % STEP
        or to_local(starts_at).date() not in {to_local(x.starts_at).date() for x in plan.slots}
        or room not in {x.key for x in plan.rooms}
    ):
        raise ConflictError("Det finns ingen sådan tid eller lokal i förslaget.")
    usual = times[now.slot] if now else then
    made = own_time(starts_at, one.minutes or (usual.minutes if usual else UNSAID_LENGTH))
    if to_local(made.ends_at).date() != to_local(starts_at).date():
        raise ConflictError("Passet skulle sluta efter midnatt. Välj en annan tid.")
    if not is_open_then(plan, made):
        raise ConflictError("Passet skulle gå in i en rast. Välj en annan tid.")
    for slot in plan.slots:
        is_free = not any(_meet(slot, times[run.slot]) for run in here)
        if is_own_time(slot.key) and (slot.starts_at, slot.ends_at) == (
            made.starts_at,
            made.ends_at,
        ):
            return slot
        if slot.starts_at == starts_at and slot.minutes >= made.minutes and is_free:
            return slot
    while made.key in times:  # a time that has moved with its meeting
        made = replace(made, key=f"{made.key}_")
    return made


def is_open_then(plan: ProgrammePlan, slot: SlotPlan) -> bool:
    """Whether a time of its own can stand among a programme's times: on one of its days, and in no break."""
    days = {to_local(one.starts_at).date() for one in plan.slots}
    in_break = any(one.is_break and _meet(one, slot) for one in plan.slots)
    return to_local(slot.starts_at).date() in days and not in_break


def _meet(one: SlotPlan, other: SlotPlan) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def with_own_times(
    problem: Problem, plan: ProgrammePlan, made: Mapping[str, Sequence[SlotPlan]]
) -> tuple[Problem, ProgrammePlan]:
    """Return a problem and its content with times of their own for sessions: session -> its times.

    No other session is ever planned into one; who is in one is nowhere else while it lasts, and
    whatever else is held then goes on.
    """
    mine = {key: {slot.key: slot for slot in slots} for key, slots in made.items()}
    wanted = {key: slot for slots in mine.values() for key, slot in slots.items()}
    known = {slot.key for slot in plan.slots}
    new = {key: slot for key, slot in wanted.items() if key not in known}
    slots = sorted((*plan.slots, *new.values()), key=_in_time) if new else plan.slots
    by_id = {slot.id: slot for slot in problem.slots} | {key: _slot(new[key]) for key in new}
    sessions = tuple(
        replace(
            one,
            unavailable_slots=(one.unavailable_slots | new.keys()) - mine.get(one.id, {}).keys(),
        )
        for one in problem.sessions
    )
    ordered = tuple(by_id[slot.key] for slot in slots if slot.key in by_id)
    return (
        replace(problem, slots=ordered if new else problem.slots, sessions=sessions),
        replace(plan, slots=tuple(slots)),
    )


def _in_time(slot: SlotPlan) -> tuple[datetime, bool, datetime]:
    """Order times as they begin; of those that begin together the programme's own comes first."""
    return slot.starts_at, is_own_time(slot.key), slot.ends_at


def opened(problem: Problem, short: Mapping[str, frozenset[str]]) -> Problem:
    """Return a problem in which sessions may also stand in slots too short for them."""
    return replace(
        problem,
        sessions=tuple(
            replace(one, unavailable_slots=one.unavailable_slots - short.get(one.id, frozenset()))
            for one in problem.sessions
        ),
    )


def _is_for(one: SessionPlan, slot: SlotPlan) -> bool:
    if slot.key == one.pin_slot:
        return True
    if is_own_time(slot.key):
        return False
    if one.roles:
        return slot.is_plenary
    return one.audience == "all" or not slot.is_plenary


def _in_a_row(slots: list[SlotPlan]) -> list[list[SlotPlan]]:
    """Return every stretch of slots of which each begins when the one before ends."""
    rows = []
    for first in range(len(slots)):
        for last in range(first, len(slots)):
            if last > first and slots[last].starts_at != slots[last - 1].ends_at:
                break
            rows.append(slots[first : last + 1])
    return rows


def _minutes(row: list[SlotPlan]) -> int:
    return sum(slot.minutes for slot in row)


def _keys(row: list[SlotPlan]) -> list[str]:
    return [slot.key for slot in row]


def _people(sessions: tuple[SessionPlan, ...], wishes: Wishes, frame: Frame) -> list[Person]:
    asked = {person.id: person for person in wishes.people}
    held = frozenset(one.key for one in sessions)
    for_all = frozenset(one.key for one in sessions if one.audience == "all")
    sent = _must_of_delegates(wishes, frame)
    everybody = [
        Person(
            id=delegate.function_id,
            wishes=_wished(asked[delegate.wish_key].weights, frame, held)
            if delegate.wish_key in asked
            else {},
            must=for_all | (held & sent.get(delegate.function_id, set())),
            body=delegate.rc_id,
            group=delegate.phase,
        )
        for delegate in frame.delegates
    ]
    guests = [
        Person(id=one.function_id, roles=frozenset({one.role}))
        for one in frame.guests
        if any(one.role in session.roles for session in sessions)
    ]
    known = {one.id for one in (*everybody, *guests)}
    leading = [function_id for function_id, _ in frame.leaders]
    leading += [host for session in sessions for host in session.leaders]
    leaders = [Person(id=one) for one in dict.fromkeys(leading) if one not in known]
    return [*everybody, *leaders, *guests]


def _wished(weights: Mapping[str, float], frame: Frame, held: frozenset[str]) -> dict[str, float]:
    """Return the wishes by session: what is asked of a guest's subject is wished of each such guest."""
    guests = guest_themes(frame)
    return {
        session: weight
        for theme, weight in weights.items()
        for session in guests.get(theme, (theme,))
        if session in held
    }


def _must_of_delegates(wishes: Wishes, frame: Frame) -> dict[str, set[str]]:
    """Return function -> the sessions that it has to attend for its RC.

    They are what the RC may not miss, and the sessions of the guests whose subject it asked for;
    for each, the function goes that wishes for it most.
    """
    guests = guest_themes(frame)
    asked = {person.id: person for person in wishes.people}
    coming: dict[str, list[Delegate]] = {}
    for delegate in frame.delegates:
        if delegate.wish_key in asked:
            coming.setdefault(delegate.rc_id, []).append(delegate)
    sent: dict[str, set[str]] = {}
    for mine in coming.values():
        wished = {theme for one in mine for theme in asked[one.wish_key].weights}
        musts = {must for one in mine if (must := asked[one.wish_key].must)}
        for theme in sorted(musts | (wished & guests.keys())):
            goes = max(mine, key=lambda one: asked[one.wish_key].weights.get(theme, 0.0))
            sent.setdefault(goes.function_id, set()).update(guests.get(theme, [theme]))
    return sent


def _bodies(sessions: tuple[SessionPlan, ...], wishes: Wishes, frame: Frame) -> list[Body]:
    """An RC's own wishes: the largest weight that any of its functions gives a topic."""
    held = frozenset(one.key for one in sessions)
    gathered: dict[str, dict[str, float]] = {}
    for person in wishes.people:
        mine = gathered.setdefault(person.rc_id, {})
        for session, weight in _wished(person.weights, frame, held).items():
            mine[session] = max(weight, mine.get(session, 0.0))
    return [Body(id=rc_id, wishes=weights) for rc_id, weights in sorted(gathered.items())]
