"""From a needs survey's wishes to a programme problem, and from its solution to a plan to publish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from api.clock import from_local
from api.programme.models import Focus
from api.programme.service import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.texts import DRAFTS, format_of
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
    Timetable,
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


def to_plan(
    problem: Problem,
    timetable: Timetable,
    wishes: Wishes,
    frame: Frame,
    reasons: Mapping[str, tuple[str, str]],
    *,
    is_example: bool,
) -> ProgrammePlan:
    """Return what to publish: every topic with its texts, in its slot or with the reason why not."""
    runs = {run.session: run for run in timetable.runs}
    seated = {run.session: rounds for run, rounds in timetable.tables.items()}
    attending = _attending(timetable)
    leaders = dict(frame.leaders)
    topics = {topic.theme.id: topic for topic in wishes.topics}
    agencies = {_agency_key(guest): guest for guest in frame.guests}
    plans = []
    for number, session in enumerate(problem.sessions):
        texts = _texts(session.id, topics, agencies, is_example=is_example)
        run = runs.get(session.id)
        hosts = sorted(session.hosts)
        leader = leaders.get(hosts[0], "") if hosts else ""
        reason = reasons.get(session.id, ("", ""))
        topic = topics.get(session.id)
        plans.append(
            SessionPlan(
                key=session.id,
                theme_id=topic.theme.id if topic else "",
                leader=leader or frame.leaders[number % len(frame.leaders)][1],
                slot=run.slot if run else None,
                room=run.room if run else None,
                track=(timetable.tracks.get(session.id) or session.track) if run else None,
                reason_sv="" if run else reason[0],
                reason_en="" if run else reason[1],
                demand=topic.asking if topic else 0,
                function_ids=attending.get(session.id, frozenset()) | session.hosts
                if run
                else frozenset(),
                tables=seated.get(session.id, ()) if run else (),
                **texts,
            )
        )
    return ProgrammePlan(
        tracks=TRACKS,
        slots=tuple(_slot_plans(frame)),
        rooms=tuple(RoomPlan(r.key, r.name, r.capacity, r.is_digital) for r in frame.rooms),
        sessions=tuple(plans),
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


def _slot_plans(frame: Frame) -> list[SlotPlan]:
    return [
        SlotPlan(
            key=f"d{number}-{key}",
            starts_at=from_local(datetime.combine(day, start)),
            ends_at=from_local(datetime.combine(day, end)),
            is_break=kind == "break",
            name_sv=swedish,
            name_en=english,
        )
        for number, day in enumerate(frame.days, start=1)
        for key, start, end, kind, swedish, english in DAY
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
            id=_agency_key(guest),
            hosts=frozenset({guest.function_id}),
            is_must_run=True,
            roles=frozenset({guest.role}),
            track=TRACKS[1].key,
            focus=_focus(TRACKS[1].focus),
            unavailable_slots=frozenset({"d1-opening"}),
        )
        for guest in frame.guests
    ]


def _agency_key(guest: GuestChoice) -> str:
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


def _attending(timetable: Timetable) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for person, agenda in timetable.agendas.items():
        for line in agenda:
            found.setdefault(line.session, set()).add(person)
    return {session: frozenset(people) for session, people in found.items()}


def _texts(
    session_id: str,
    topics: Mapping[str, TopicWish],
    agencies: Mapping[str, GuestChoice],
    *,
    is_example: bool,
) -> dict[str, str]:
    gives = ("", "")
    if session_id in topics:
        theme = topics[session_id].theme
        kind, names = format_of(theme.id, theme.category), (theme.name_sv, theme.name_en)
    elif session_id in agencies:
        guest = agencies[session_id]
        kind = "agency"
        names = (f"{guest.agency_sv}: det här behöver vi", f"{guest.agency_en}: what we need")
        gives = (
            "Du får berätta vad din myndighet behöver och får frågor från hela landet på en timme.",
            "You tell what your agency needs and meet questions from the whole country in one hour.",
        )
    else:
        kind, names = "plenary", ("Samling och start", "Opening")
    draft = DRAFTS[kind]
    mark = "Exempel: " if is_example else ""
    english_mark = "Exempel: " if is_example else ""
    return {
        "title_sv": f"{mark}{names[0]}",
        "title_en": f"{english_mark}{names[1]}",
        "purpose_sv": _filled(draft.purpose[0], names[0]),
        "purpose_en": _filled(draft.purpose[1], names[1]),
        "task_sv": draft.task[0],
        "task_en": draft.task[1],
        "preparation_sv": _filled(draft.preparation[0], names[0]),
        "preparation_en": _filled(draft.preparation[1], names[1]),
        "format": kind,
        "gives_guest_sv": gives[0],
        "gives_guest_en": gives[1],
    }


def _filled(text: str, theme: str) -> str:
    return text.replace("%s", theme[:1].lower() + theme[1:] if theme[1:2].islower() else theme)


def days_from(first: date, number: int) -> Sequence[date]:
    """Return a meeting's days in a row."""
    return tuple(first + timedelta(days=step) for step in range(number))
