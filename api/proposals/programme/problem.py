"""From a needs survey's wishes to a programme problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from api.programme.models import Focus
from api.programme.service import TrackPlan
from api.surveys.wishes import TopicWish, Wishes
from matcher.programme.problem import (
    Body,
    Person,
    Problem,
    Role,
    Room,
    Session,
    Slot,
    SlotKind,
    Tables,
    Track,
)

# A topic that few want still has a place in small rooms; these two tracks are stated beforehand.
TRACKS = (
    TrackPlan("start_up", "Uppstart och organisation", "Start-up and organisation", Focus.START_UP),
    TrackPlan("subject_matters", "Sakfrågor", "Subject matters", Focus.SUBJECT),
)
ENGINE_FOCUS = {Focus.START_UP: "organisation", Focus.SUBJECT: "subject"}
GUEST_WINDOW_SLOTS = 1
OPENING = "opening"
CLOSING = "closing"
# The theme that an agency's session is about: who asks for it is to be in the room.
GUEST_THEMES = {
    "police": "police_prosecutor_role",
    "prosecutor": "police_prosecutor_role",
    "region": "region_health",
}
GUEST_MINUTES = 30

# Four at a table have a quarter of an hour each; changing tables once in the hour doubles the eyes.
CASE_TABLES = Tables(size=4, rounds=2)


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A room at the venue; capacity in persons."""

    key: str
    name: str
    capacity: int
    is_digital: bool = False


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
    # How often is stored with the problem, not with the frame.
    met: Annotated[Mapping[frozenset[str], int], Field(exclude=True)] = field(default_factory=dict)


# One day as people manage it: an opening, passes of an hour, and breaks in which people meet.
DAY: tuple[tuple[str, time, time, SlotKind], ...] = (
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
}
AFTER_LUNCH = "3"
# Cases are led by those who keep them safe, and nobody answers for NCH but NCH.
NCH_LEADS = ("case_round", "question_time")


def build(wishes: Wishes, frame: Frame) -> Problem:
    """Return the programme problem of a survey's wishes inside a meeting's frame."""
    slots = tuple(_slots(frame))
    return Problem(
        slots=slots,
        rooms=tuple(
            Room(id=room.key, capacity=room.capacity, is_digital=room.is_digital)
            for room in frame.rooms
        ),
        tracks=tuple(Track(id=track.key, focus=_focus(track.focus)) for track in TRACKS),
        roles=tuple(Role(id=guest.role, window=GUEST_WINDOW_SLOTS) for guest in frame.guests),
        sessions=(
            *_plenaries(frame),
            *_topics(wishes, frame, _guest_slots(slots)),
            *_agencies(frame, slots),
        ),
        people=tuple(_people(wishes, frame)),
        bodies=tuple(_bodies(wishes, frame)),
        met=dict(frame.met),
    )


def _slots(frame: Frame) -> list[Slot]:
    """Return the slots of all days; each guest has half an hour alone, in which all may be there.

    From the second day on that is first thing in the morning, when everybody is on the spot; what
    is left over comes after lunch, and the rest of that day half an hour later.
    """
    mornings, lunches = _guests_by_day(len(frame.guests), len(frame.days))
    found = []
    for number, day in enumerate(frame.days, start=1):
        later = timedelta(0)
        for count in range(mornings[number - 1], 0, -1):
            start = datetime.combine(day, DAY[1][1]) - count * timedelta(minutes=GUEST_MINUTES)
            found.append(_slot(number, f"guest{count}", day, start, timedelta(0), "plenary"))
        for key, begins, ends, kind in DAY:
            if (key == OPENING and number > 1) or (key == CLOSING and number < len(frame.days)):
                continue
            if key == AFTER_LUNCH:
                for count in range(lunches[number - 1]):
                    start = datetime.combine(day, begins) + later
                    name = f"afternoon{count + 1}"
                    found.append(_slot(number, name, day, start, timedelta(0), "plenary"))
                    later += timedelta(minutes=GUEST_MINUTES)
            start, end = datetime.combine(day, begins), datetime.combine(day, ends)
            found.append(_slot(number, key, day, start + later, end - start, kind))
    return found


def _slot(
    number: int, key: str, day: date, start: datetime, length: timedelta, kind: SlotKind
) -> Slot:
    """Return a slot; without a length it is a guest's."""
    end = start + (length or timedelta(minutes=GUEST_MINUTES))
    return Slot(id=f"d{number}-{key}", start=start, end=end, day=day.isoformat(), kind=kind)


def _guests_by_day(guests: int, days: int) -> tuple[list[int], list[int]]:
    """Return how many guests come in the morning and after lunch of each day: spread, mornings first."""
    mornings, lunches = [0] * days, [0] * days
    places = [(mornings, day) for day in range(1, days)] + [(lunches, day) for day in range(days)]
    for number in range(guests):
        row, day = places[number % len(places)]
        row[day] += 1
    return mornings, lunches


def _guest_slots(slots: tuple[Slot, ...]) -> frozenset[str]:
    return frozenset(
        slot.id
        for slot in slots
        if slot.kind == "plenary" and slot.id.partition("-")[2] not in (OPENING, CLOSING)
    )


def _plenaries(frame: Frame) -> tuple[Session, ...]:
    """The opening and the closing, which everybody comes to, in the largest room."""
    return tuple(
        Session(
            id=name,
            is_must_run=True,
            pin_slot=slot,
            pin_room=_largest(frame).key,
            hosts=frozenset({frame.leaders[0][0]}),
        )
        for name, slot in _ends(frame).items()
    )


def _ends(frame: Frame) -> dict[str, str]:
    """Return the sessions with which a meeting opens and closes, each with its slot."""
    return {OPENING: f"d1-{OPENING}", CLOSING: f"d{len(frame.days)}-{CLOSING}"}


def _largest(frame: Frame) -> RoomChoice:
    return max(frame.rooms, key=lambda room: room.capacity)


def _topics(wishes: Wishes, frame: Frame, guest_slots: frozenset[str]) -> list[Session]:
    """Return a session for each topic that no guest's session is about."""
    topics = [one for one in wishes.topics if one.theme.id not in guest_themes(frame)]
    by_rc = _rc_leaders(topics, frame)
    ours = [topic for topic in topics if topic.theme.id not in by_rc]
    nch = {
        topic.theme.id: frame.leaders[number % len(frame.leaders)][0]
        for number, topic in enumerate(ours)
    }
    return [
        Session(
            id=topic.theme.id,
            hosts=frozenset({{**nch, **by_rc}[topic.theme.id]}),
            track=Focus(topic.track.value).value,
            focus=_focus(Focus(topic.track.value)),
            unavailable_slots=frozenset(_ends(frame).values()) | guest_slots,
            tables=frame.tables if _is_case_round(topic) else None,
        )
        for topic in topics
    ]


def _rc_leaders(topics: Sequence[TopicWish], frame: Frame) -> dict[str, str]:
    """Return topic -> the function that leads it, of the RC that offered to: one topic each.

    The topics that the fewest offered are given first, and NCH leads what is left.
    """
    of_rc: dict[str, str] = {}
    for delegate in frame.delegates:
        of_rc.setdefault(delegate.rc_id, delegate.function_id)
    led: dict[str, str] = {}
    for topic in sorted(topics, key=lambda one: (len(one.offered_by), -one.weight)):
        free = [rc for rc in topic.offered_by if rc in of_rc and of_rc[rc] not in led.values()]
        if free and topic.theme.format not in NCH_LEADS:
            led[topic.theme.id] = of_rc[free[0]]
    return led


def guest_themes(frame: Frame) -> dict[str, list[str]]:
    """Return theme -> the sessions of guests that are about it."""
    found: dict[str, list[str]] = {}
    for guest in frame.guests:
        if guest.role in GUEST_THEMES:
            found.setdefault(GUEST_THEMES[guest.role], []).append(agency_key(guest))
    return found


def _is_case_round(topic: TopicWish) -> bool:
    return topic.theme.format == "case_round"


def _agencies(frame: Frame, slots: tuple[Slot, ...]) -> list[Session]:
    """Return a session for each guest: half an hour in the largest room, when nothing else runs."""
    others = frozenset(slot.id for slot in slots) - _guest_slots(slots)
    return [
        Session(
            id=agency_key(guest),
            hosts=frozenset({guest.function_id}),
            is_must_run=True,
            pin_room=_largest(frame).key,
            roles=frozenset({guest.role}),
            track=TRACKS[1].key,
            focus=_focus(TRACKS[1].focus),
            unavailable_slots=others,
        )
        for guest in frame.guests
    ]


def agency_key(guest: GuestChoice) -> str:
    """Return the session in which a guest tells what the agency needs."""
    return f"agency_{guest.role}"


def _people(wishes: Wishes, frame: Frame) -> list[Person]:
    asked = {person.id: person for person in wishes.people}
    sent = _must_of_delegates(wishes, frame)
    everybody = [
        Person(
            id=delegate.function_id,
            wishes=_wished(asked[delegate.wish_key].weights, frame)
            if delegate.wish_key in asked
            else {},
            must=frozenset({OPENING, CLOSING, *sent.get(delegate.function_id, ())}),
            body=delegate.rc_id,
            group=delegate.phase,
        )
        for delegate in frame.delegates
    ]
    leaders = [Person(id=function_id) for function_id, _ in frame.leaders]
    guests = [Person(id=one.function_id, roles=frozenset({one.role})) for one in frame.guests]
    return [*everybody, *leaders, *guests]


def _wished(weights: Mapping[str, float], frame: Frame) -> dict[str, float]:
    """Return the wishes by session: what is asked of a guest's subject is wished of each such guest."""
    guests = guest_themes(frame)
    return {
        session: weight
        for theme, weight in weights.items()
        for session in guests.get(theme, (theme,))
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


def _bodies(wishes: Wishes, frame: Frame) -> list[Body]:
    """An RC's own wishes: the largest weight that any of its functions gives a topic."""
    gathered: dict[str, dict[str, float]] = {}
    for person in wishes.people:
        mine = gathered.setdefault(person.rc_id, {})
        for session, weight in _wished(person.weights, frame).items():
            mine[session] = max(weight, mine.get(session, 0.0))
    return [Body(id=rc_id, wishes=weights) for rc_id, weights in sorted(gathered.items())]


def _focus(focus: Focus):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the engine's literal
    return ENGINE_FOCUS[focus]
