"""From a needs survey's wishes to a programme problem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from api.programme.models import Focus
from api.programme.service import TrackPlan
from api.programme.texts import format_of
from api.surveys.wishes import TopicWish, Wishes
from matcher.programme.problem import (
    Body,
    Person,
    Problem,
    Role,
    Room,
    Session,
    Slot,
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
    """A function that comes: its key in the wishes ("rc:function"), its id here and its RC."""

    wish_key: str
    function_id: str
    rc_id: str
    phase: str


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
    met: Mapping[frozenset[str], int] = field(default_factory=dict)


# One day as people manage it: an opening, passes of an hour, and breaks in which people meet.
DAY = (
    ("opening", time(9, 30), time(10, 0), "plenary", "Samling", "Opening"),
    ("1", time(10, 0), time(11, 0), "parallel", "", ""),
    ("coffee", time(11, 0), time(11, 20), "break", "Fika", "Coffee"),
    ("2", time(11, 20), time(12, 20), "parallel", "", ""),
    ("lunch", time(12, 20), time(13, 20), "break", "Lunch", "Lunch"),
    ("3", time(13, 20), time(14, 20), "parallel", "", ""),
    ("pause", time(14, 20), time(14, 40), "break", "Paus", "Break"),
    ("4", time(14, 40), time(15, 40), "parallel", "", ""),
)


def build(wishes: Wishes, frame: Frame) -> Problem:
    """Return the programme problem of a survey's wishes inside a meeting's frame."""
    return Problem(
        slots=tuple(_slots(frame)),
        rooms=tuple(
            Room(id=room.key, capacity=room.capacity, is_digital=room.is_digital)
            for room in frame.rooms
        ),
        tracks=tuple(Track(id=track.key, focus=_focus(track.focus)) for track in TRACKS),
        roles=tuple(Role(id=guest.role, window=GUEST_WINDOW_SLOTS) for guest in frame.guests),
        sessions=(*_plenaries(frame), *_topics(wishes, frame), *_agencies(frame)),
        people=tuple(_people(wishes, frame)),
        bodies=tuple(_bodies(wishes)),
        met=dict(frame.met),
    )


def _slots(frame: Frame) -> list[Slot]:
    return [
        Slot(
            id=f"d{number}-{key}",
            start=datetime.combine(day, start),
            end=datetime.combine(day, end),
            day=day.isoformat(),
            kind=kind,  # type: ignore[arg-type]  # the table above holds the three kinds only
        )
        for number, day in enumerate(frame.days, start=1)
        for key, start, end, kind, _, _ in DAY
        if kind != "plenary" or number == 1
    ]


def _plenaries(frame: Frame) -> tuple[Session, ...]:
    """One opening that everybody comes to, in the largest room."""
    largest = max(frame.rooms, key=lambda room: room.capacity)
    return (
        Session(
            id=OPENING,
            is_must_run=True,
            pin_slot="d1-opening",
            pin_room=largest.key,
            hosts=frozenset({frame.leaders[0][0]}),
        ),
    )


def _topics(wishes: Wishes, frame: Frame) -> list[Session]:
    return [
        Session(
            id=topic.theme.id,
            hosts=frozenset({frame.leaders[number % len(frame.leaders)][0]}),
            track=Focus(topic.track.value).value,
            focus=_focus(Focus(topic.track.value)),
            unavailable_slots=frozenset({"d1-opening"}),
            tables=frame.tables if _is_case_round(topic) else None,
        )
        for number, topic in enumerate(wishes.topics)
    ]


def _is_case_round(topic: TopicWish) -> bool:
    return format_of(topic.theme.id, topic.theme.category) == "case_round"


def _agencies(frame: Frame) -> list[Session]:
    return [
        Session(
            id=agency_key(guest),
            hosts=frozenset({guest.function_id}),
            is_must_run=True,
            roles=frozenset({guest.role}),
            track=TRACKS[1].key,
            focus=_focus(TRACKS[1].focus),
            unavailable_slots=frozenset({"d1-opening"}),
        )
        for guest in frame.guests
    ]


def agency_key(guest: GuestChoice) -> str:
    """Return the session in which a guest tells what the agency needs."""
    return f"agency_{guest.role}"


def _people(wishes: Wishes, frame: Frame) -> list[Person]:
    weights = {person.id: person.weights for person in wishes.people}
    everybody = [
        Person(
            id=delegate.function_id,
            wishes=dict(weights.get(delegate.wish_key, {})),
            must=frozenset({OPENING}),
            body=delegate.rc_id,
            group=delegate.phase,
        )
        for delegate in frame.delegates
    ]
    leaders = [Person(id=function_id) for function_id, _ in frame.leaders]
    guests = [Person(id=one.function_id, roles=frozenset({one.role})) for one in frame.guests]
    return [*everybody, *leaders, *guests]


def _bodies(wishes: Wishes) -> list[Body]:
    """An RC's own wishes: the largest weight that any of its functions gives a topic."""
    gathered: dict[str, dict[str, float]] = {}
    for person in wishes.people:
        mine = gathered.setdefault(person.rc_id, {})
        for theme, weight in person.weights.items():
            mine[theme] = max(weight, mine.get(theme, 0.0))
    return [Body(id=rc_id, wishes=weights) for rc_id, weights in sorted(gathered.items())]


def _focus(focus: Focus):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the engine's literal
    return ENGINE_FOCUS[focus]
