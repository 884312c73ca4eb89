"""From a needs survey's wishes to a first draft of a meeting's content: times, sessions, texts and who leads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from api.kit.clock import from_local
from api.programme import texts as drafts
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.models import Focus
from api.surveys.texts import SessionTexts, said_to
from api.surveys.wishes import TopicWish, Wishes
from matcher.programme.problem import Tables

# Two tracks to begin with; the planner renames them and makes others.
TRACKS = (
    TrackPlan("start_up", "Uppstart och organisation", "Start-up and organisation", Focus.START_UP),
    TrackPlan("subject_matters", "Sakfrågor", "Substantive issues", Focus.SUBJECT),
)
OPENING, CLOSING = "opening", "closing"
# An hour in which circles sit together, after the first day of a meeting of several; its format, too.
CIRCLE_TIME, CIRCLE_SLOT = "circle_time", "circles"
CIRCLE_TABLE = 12  # people; a circle of the largest size with two from each RC is split by nobody
OWN = "own"  # how the keys of sessions begin that a planner has made
# The theme that an agency's session is about: who asks for it is to be in the room.
GUEST_THEMES = {
    "police": "police_prosecutor_role",
    "prosecutor": "police_prosecutor_role",
    "region": "region_health",
}
GUEST_MINUTES = 30

# Four at a table have a quarter of an hour each; changing tables once in the hour doubles the eyes.
CASE_TABLES = Tables(size=4, rounds=2)

RoomChoice = RoomPlan


@dataclass(frozen=True, slots=True)
class Delegate:
    """A function that comes: its key in the wishes ("rc:function"), its id here, its RC and its title."""

    wish_key: str
    function_id: str
    rc_id: str
    phase: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GuestChoice:
    """A guest who comes for one session: the agency, its function and what the session gives it."""

    function_id: str
    role: str
    agency_sv: str
    agency_en: str


@dataclass(frozen=True, slots=True)
class CircleChoice:
    """A circle that can sit together at a meeting: who comes of it, and what an hour in person is worth to it."""

    function_ids: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Frame:
    """What is settled before the topics: days (local dates), rooms, who leads and who is invited.

    `met` counts how often two functions have met: networks that their RC have shared, and tables.
    """

    days: tuple[date, ...]
    rooms: tuple[RoomChoice, ...]
    leaders: tuple[tuple[str, str], ...]  # function id and title, NCH's process leaders
    delegates: tuple[Delegate, ...]
    guests: tuple[GuestChoice, ...] = ()
    tables: Tables = CASE_TABLES
    circles: tuple[CircleChoice, ...] = ()
    # How often is stored with the problem, not with the frame.
    met: Annotated[Mapping[frozenset[str], int], Field(exclude=True)] = field(default_factory=dict)
    # Topic -> the functions of RC that can lead it: leader, deputy leader, reserves. Kept in the content.
    leading: Annotated[Mapping[str, tuple[str, ...]], Field(exclude=True)] = field(
        default_factory=dict
    )


# One day as people manage it: an opening, passes of an hour, and breaks in which people meet.
DAY: tuple[tuple[str, time, time, str], ...] = (
    ("opening", time(9, 30), time(10, 0), "plenary"),
    ("1", time(10, 0), time(11, 0), "parallel"),
    ("coffee", time(11, 0), time(11, 20), "break"),
    ("2", time(11, 20), time(12, 20), "parallel"),
    ("lunch", time(12, 20), time(13, 20), "break"),
    ("3", time(13, 20), time(14, 20), "parallel"),
    ("pause", time(14, 20), time(14, 40), "break"),
    ("4", time(14, 40), time(15, 40), "parallel"),
    ("closing", time(15, 40), time(16, 0), "plenary"),
)
SLOT_NAMES = {
    "opening": ("Samling", "Opening"),
    "coffee": ("Fika", "Coffee"),
    "lunch": ("Lunch", "Lunch"),
    "pause": ("Paus", "Break"),
    "closing": ("Avslutning", "Closing"),
    "circles": ("Kretstid", "Circle time"),
}
AFTER_LUNCH = "3"
# Cases are led by those who keep them safe, and nobody answers for NCH but NCH.
NCH_LEADS = ("case_round", "question_time")


def first_draft(wishes: Wishes, frame: Frame, *, is_example: bool = False) -> ProgrammePlan:
    """Return a meeting's content as a planner finds it first, before anything is changed by hand."""
    slots = tuple(_slots(frame.days, len(frame.guests), has_circles=bool(frame.circles)))
    together = (*_plenaries(frame, slots), *circle_time(frame, slots))
    sessions = (*together, *topics(wishes, frame), *agencies(frame))
    mark = "Exempel: " if is_example else ""
    return ProgrammePlan(
        tracks=TRACKS,
        slots=slots,
        rooms=frame.rooms,
        sessions=tuple(
            replace(one, title_sv=f"{mark}{one.title_sv}", title_en=f"{mark}{one.title_en}")
            for one in sessions
        ),
    )


def grown(
    plan: ProgrammePlan, wishes: Wishes, frame: Frame, *, is_example: bool = False
) -> ProgrammePlan:
    """Return a meeting's content brought up to new wishes, rooms and guests.

    What a planner has changed or added stays as it is; of the rest, what nobody asks for any more
    is left out, and what is new is added.
    """
    draft = first_draft(wishes, frame, is_example=is_example)
    fresh = {one.key: one for one in draft.sessions}
    kept: list[SessionPlan] = []
    for one in plan.sessions:
        new = fresh.pop(one.key, None)
        if is_by_hand(one):
            kept.append(replace(one, demand=new.demand, could_lead=new.could_lead) if new else one)
        elif new is not None:
            kept.append(new)
    untouched = (
        tuple(_slots(frame.days, guests, has_circles=has_circles))
        for guests in range(len(GUEST_THEMES) + len(frame.guests))
        for has_circles in (True, False)
    )
    slots = draft.slots if plan.slots in untouched else plan.slots
    equipment = {room.key: room for room in plan.rooms}
    rooms = tuple(
        replace(
            room,
            equipment=equipment[room.key].equipment,
            is_accessible=equipment[room.key].is_accessible,
        )
        if room.key in equipment
        else room
        for room in frame.rooms
    )
    known = {track.key for track in plan.tracks}
    halls, times = {room.key for room in rooms}, {slot.key for slot in slots}
    return ProgrammePlan(
        tracks=plan.tracks,
        slots=slots,
        rooms=rooms,
        sessions=tuple(
            replace(
                one,
                track=one.track if one.track in known else None,
                pin_room=one.pin_room if one.pin_room in halls else None,
                pin_slot=one.pin_slot if one.pin_slot in times else None,
            )
            for one in (*kept, *fresh.values())
        ),
        leader_pause=plan.leader_pause,
    )


def is_by_hand(one: SessionPlan) -> bool:
    """Whether a planner has made or changed a session."""
    return one.revision > 1 or one.key.startswith(OWN)


def _slots(days: Sequence[date], guests: int, *, has_circles: bool = False) -> list[SlotPlan]:
    """Return the slots of all days; each guest has half an hour alone, in which all may be there.

    From the second day on that is first thing in the morning, when everybody is on the spot; what
    is left over comes after lunch, and the rest of that day half an hour later.
    """
    mornings, lunches = _guests_by_day(guests, len(days))
    found = []
    for number, day in enumerate(days, start=1):
        later = timedelta(0)
        for count in range(mornings[number - 1], 0, -1):
            start = datetime.combine(day, DAY[1][1]) - count * timedelta(minutes=GUEST_MINUTES)
            found.append(_slot(number, f"guest{count}", start, timedelta(0), "plenary"))
        for key, begins, ends, kind in DAY:
            if (key == OPENING and number > 1) or (key == CLOSING and number < len(days)):
                continue
            if key == AFTER_LUNCH:
                for count in range(lunches[number - 1]):
                    start = datetime.combine(day, begins) + later
                    name = f"afternoon{count + 1}"
                    found.append(_slot(number, name, start, timedelta(0), "plenary"))
                    later += timedelta(minutes=GUEST_MINUTES)
            start, end = datetime.combine(day, begins), datetime.combine(day, ends)
            found.append(_slot(number, key, start + later, end - start, kind))
        if has_circles and number == 1 and len(days) > 1:
            start = datetime.combine(day, DAY[-1][1]) + later
            found.append(_slot(number, CIRCLE_SLOT, start, timedelta(hours=1), "plenary"))
    return found


def _slot(number: int, key: str, start: datetime, length: timedelta, kind: str) -> SlotPlan:
    """Return a slot; without a length it is a guest's."""
    end = start + (length or timedelta(minutes=GUEST_MINUTES))
    swedish, english = SLOT_NAMES.get(key, ("", ""))
    return SlotPlan(
        key=f"d{number}-{key}",
        starts_at=from_local(start),
        ends_at=from_local(end),
        is_break=kind == "break",
        name_sv=swedish,
        name_en=english,
        is_plenary=kind == "plenary",
    )


def empty_days(days: Sequence[date], begins: datetime, ends: datetime) -> tuple[SlotPlan, ...]:
    """Return the times of a meeting from when it begins to when it ends, opened and closed together.

    A meeting from lunch to lunch has half a day at each end.
    """
    inside = [
        slot
        for slot in _slots(days, 0)
        if slot.starts_at >= begins and slot.ends_at <= ends and not slot.is_plenary
    ]
    if not inside:
        return (SlotPlan("d1-1", begins, ends),)
    first, last = inside[0], inside[-1]
    half_hour = timedelta(minutes=GUEST_MINUTES)
    opening = _together(1, OPENING, begins, min(begins + half_hour, first.starts_at))
    closing = _together(len(days), CLOSING, last.ends_at, min(last.ends_at + half_hour, ends))
    return tuple(slot for slot in (opening, *inside, closing) if slot.ends_at > slot.starts_at)


def _together(number: int, key: str, begins: datetime, ends: datetime) -> SlotPlan:
    swedish, english = SLOT_NAMES[key]
    key = f"d{number}-{key}"
    return SlotPlan(key, begins, ends, name_sv=swedish, name_en=english, is_plenary=True)


def opening_and_closing(
    slots: Sequence[SlotPlan], rooms: Sequence[RoomPlan], leader: tuple[str, str]
) -> tuple[SessionPlan, ...]:
    """Return the sessions with which a meeting opens and closes, where there is such a time."""
    function, title = leader
    found = []
    for key, names, said in (
        (OPENING, ("Samling och start", "Opening"), drafts.OPENING),
        (CLOSING, ("Avslutning", "Closing"), drafts.CLOSING),
    ):
        slot = next((one for one in slots if one.key.partition("-")[2] == key), None)
        if slot is None:
            continue
        found.append(
            replace(
                _session(key, "plenary", names, said),
                leader=title,
                leaders=(function,) if function else (),
                is_must_run=True,
                audience="all",
                pin_slot=slot.key,
                pin_room=largest(rooms).key,
            )
        )
    return tuple(found)


def circle_time(frame: Frame, slots: Sequence[SlotPlan]) -> tuple[SessionPlan, ...]:
    """Return the hour in which circles sit together, where there is such a time."""
    slot = next((one for one in slots if one.key.partition("-")[2] == CIRCLE_SLOT), None)
    if slot is None:
        return ()
    function, title = frame.leaders[0]
    return (
        replace(
            _session(CIRCLE_TIME, CIRCLE_TIME, ("Kretstid", "Circle time"), drafts.CIRCLE_TIME),
            leader=title,
            leaders=(function,),
            is_must_run=True,
            audience="all",
            pin_slot=slot.key,
            pin_room=largest(frame.rooms).key,
            table_size=CIRCLE_TABLE,
            table_rounds=1,
        ),
    )


def _guests_by_day(guests: int, days: int) -> tuple[list[int], list[int]]:
    """Return how many guests come in the morning and after lunch of each day: spread, mornings first."""
    mornings, lunches = [0] * days, [0] * days
    places = [(mornings, day) for day in range(1, days)] + [(lunches, day) for day in range(days)]
    for number in range(guests):
        row, day = places[number % len(places)]
        row[day] += 1
    return mornings, lunches


def _plenaries(frame: Frame, slots: Sequence[SlotPlan]) -> tuple[SessionPlan, ...]:
    """Return the opening and the closing, which everybody comes to, in the largest room."""
    return opening_and_closing(slots, frame.rooms, frame.leaders[0])


def largest(rooms: Sequence[RoomPlan]) -> RoomPlan:
    """Return the room that holds the most."""
    return max(rooms, key=lambda room: room.capacity)


def topics(wishes: Wishes, frame: Frame) -> list[SessionPlan]:
    """Return a session for each topic that no guest's session is about."""
    asked = [one for one in wishes.topics if one.theme.id not in guest_themes(frame)]
    by_rc = {key: functions[0] for key, functions in frame.leading.items() if functions}
    ours = [topic for topic in asked if topic.theme.id not in by_rc]
    nch = {
        topic.theme.id: frame.leaders[number % len(frame.leaders)][0]
        for number, topic in enumerate(ours)
    }
    titles = dict(frame.leaders) | {one.function_id: one.title for one in frame.delegates}
    return [_topic(topic, {**nch, **by_rc}[topic.theme.id], titles, frame) for topic in asked]


def _topic(topic: TopicWish, leader: str, titles: Mapping[str, str], frame: Frame) -> SessionPlan:
    theme = topic.theme
    of_rc = {one.function_id for one in frame.delegates}
    # There is no good example without an RC that has it.
    is_shown = theme.format != "best_case" or leader in of_rc
    kind = theme.format if is_shown else "workshop"
    made = _session(theme.id, kind, (theme.name_sv, theme.name_en), _said_of(topic))
    tables = frame.tables if theme.format == "case_round" else None
    return replace(
        made,
        theme_id=theme.id,
        leader=titles.get(leader) or frame.leaders[0][1],
        leaders=(leader,),
        could_lead=frame.leading.get(theme.id) or _could_lead(topic, frame),
        track=Focus(topic.track.value).value,
        demand=topic.asking,
        table_size=tables.size if tables else 0,
        table_rounds=tables.rounds if tables else 0,
    )


def _said_of(topic: TopicWish) -> SessionTexts:
    """Return what a topic's session says to those who asked for it."""
    if topic.theme.texts is None:
        return drafts.UNWRITTEN
    return said_to(topic.theme.texts, topic.starting, topic.operating)


def _could_lead(topic: TopicWish, frame: Frame) -> tuple[str, ...]:
    """Return the functions of the RC that offered a topic, one for each RC."""
    if topic.theme.format in NCH_LEADS:
        return ()
    first: dict[str, str] = {}
    for delegate in frame.delegates:
        first.setdefault(delegate.rc_id, delegate.function_id)
    return tuple(first[rc] for rc in topic.offered_by if rc in first)


def guest_themes(frame: Frame) -> dict[str, list[str]]:
    """Return theme -> the sessions of guests that are about it."""
    found: dict[str, list[str]] = {}
    for guest in frame.guests:
        if guest.role in GUEST_THEMES:
            found.setdefault(GUEST_THEMES[guest.role], []).append(agency_key(guest))
    return found


def agencies(frame: Frame) -> list[SessionPlan]:
    """Return a session for each guest: half an hour in the largest room, when nothing else runs."""
    found = []
    for guest in frame.guests:
        texts = drafts.GUESTS.get(guest.role, drafts.OTHER_GUEST)
        names = (f"{guest.agency_sv}: det här behöver vi", f"{guest.agency_en}: what we need")
        found.append(
            replace(
                _session(agency_key(guest), "agency", names, texts.session),
                leader=guest.agency_sv,
                leaders=(guest.function_id,),
                is_must_run=True,
                pin_room=largest(frame.rooms).key,
                roles=(guest.role,),
                minutes=GUEST_MINUTES,
                gives_guest_sv=texts.gives_sv,
                gives_guest_en=texts.gives_en,
            )
        )
    return found


def agency_key(guest: GuestChoice) -> str:
    """Return the session in which a guest tells what the agency needs."""
    return f"agency_{guest.role}"


def _session(key: str, kind: str, names: tuple[str, str], said: SessionTexts) -> SessionPlan:
    """Return a session of a format with the texts that a planner begins from."""
    return SessionPlan(
        key=key,
        theme_id="",
        title_sv=names[0],
        title_en=names[1],
        leader="",
        format=kind,
        **asdict(said),
    )
