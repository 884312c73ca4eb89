"""A meeting to plan: slots, rooms, tracks, topics and people with their wishes; knows no solver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from matcher.documents.fields import (
    FLAG,
    TEXT,
    TIME,
    count,
    ids,
    list_of,
    number,
    one_id,
    one_of,
    record_of,
    said,
    stands,
)

SlotKind = Literal["parallel", "plenary", "break"]
Focus = Literal["organisation", "subject"]
Form = Literal["on_site", "digital"]

LARGEST_WEIGHT: Final = 1e6


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the day that holds sessions side by side; half-open [start, end), local time.

    A `plenary` slot holds at most one session, a `break` none. `day` groups slots whose times are
    not yet set; with times it is the date. What begins in an `is_whole` one fills that one alone,
    however many slots it fills elsewhere.
    """

    id: str
    start: datetime | None = stands(TIME, "first minute")
    end: datetime | None = stands(TIME, "end, not included")
    day: str = stands(TEXT, "label of the day, where times are not set", "")
    kind: SlotKind = stands(
        one_of(*get_args(SlotKind)),
        "what may stand here: sessions side by side, one session, none",
        "parallel",
    )
    is_whole: bool = stands(
        FLAG,
        "a session that begins here fills this slot alone, however many it fills elsewhere",
        default=False,
        name="whole",
    )


@dataclass(frozen=True, slots=True)
class Room:
    """A place for one session at a time; `capacity` counts people, None means no limit."""

    id: str
    capacity: int | None = stands(count(0, 1_000_000), "people; without it no limit")
    is_digital: bool = stands(FLAG, "people can attend from afar", default=False, name="digital")
    is_accessible: bool = stands(
        FLAG, "can be reached and used by everyone", default=False, name="accessible"
    )
    equipment: frozenset[str] = stands(ids(), "what stands in the room", frozenset())
    unavailable_slots: frozenset[str] = stands(
        ids("slots"), "slots in which the room is taken", frozenset()
    )


@dataclass(frozen=True, slots=True)
class Track:
    """A line of sessions with one stated focus: start-up and organisation, or subject matters."""

    id: str
    focus: Focus | None = stands(one_of("organisation", "subject"), "what the track is about")


@dataclass(frozen=True, slots=True)
class Role:
    """An audience that comes for a short while: its sessions fit `window` slots in a row of a day."""

    id: str
    window: int | None = stands(
        count(1, 1000), "the role's sessions fit this many slots in a row of one day"
    )


@dataclass(frozen=True, slots=True)
class Circle:
    """People who are to sit together at a table of their own, and how much that is worth (>= 0)."""

    people: frozenset[str] = field(metadata=said(ids(), "people who are to sit together"))
    weight: float = stands(number(0, LARGEST_WEIGHT), "how much that is worth, 1 when absent", 1.0)


@dataclass(frozen=True, slots=True)
class Tables:
    """How a session is seated: at most `size` people a table, reseated in each of `rounds`.

    With `circles` each round seats as many of them as can be, the heaviest first to be served: a
    person who is in several sits with one of them a round. Without, tables are mixed.
    """

    size: int = field(metadata=said(count(2, 100), "most people at a table"))
    rounds: int = stands(count(1, 10), "how often people change tables", 1)
    circles: tuple[Circle, ...] = stands(list_of(record_of(Circle), 0), default=())


@dataclass(frozen=True, slots=True)
class Session:
    """A topic that may run, once or (`repeats`) several times; lasts `duration` slots in a row.

    `not_before` is an embargo: local time before which it must not start; by `ends_by` it must have
    ended. `pin_slot` and `pin_room` bind its first run. `needs_*`, `equipment` say what its room must
    have; it is never in one of `forbidden_rooms`, and in one of `preferred_rooms` (none: all alike)
    where that can be.
    """

    id: str
    hosts: frozenset[str] = stands(
        ids(), "people who must be there; need not stand under people", frozenset()
    )
    unavailable_slots: frozenset[str] = stands(
        ids("slots"), "slots in which it cannot run", frozenset(), closes=True
    )
    duration: int = stands(count(1, 100), "slots in a row of one day", 1)
    repeats: int = stands(count(1, 20), "most times it may run", 1)
    is_must_run: bool = stands(FLAG, "it has to run", default=False, name="must_run")
    pin_slot: str | None = None
    pin_room: str | None = None
    roles: frozenset[str] = stands(ids("roles"), "audiences that it is for", frozenset())
    track: str | None = stands(one_id("tracks"), "the track it belongs to")
    focus: Focus | None = stands(
        one_of("organisation", "subject"), "its track must have the same focus"
    )
    prerequisites: frozenset[str] = stands(
        ids("sessions"), "sessions that run, and are attended, before this one", frozenset()
    )
    not_before: datetime | None = stands(TIME, "embargo: it must not start earlier", closes=True)
    ends_by: datetime | None = stands(TIME, "it must have ended by then", closes=True)
    needs_digital: bool = False
    needs_accessible: bool = False
    equipment: frozenset[str] = frozenset()
    forbidden_rooms: frozenset[str] = frozenset()
    preferred_rooms: frozenset[str] = frozenset()
    tables: Tables | None = stands(record_of(Tables))


@dataclass(frozen=True, slots=True)
class Person:
    """A delegate or guest: what is wished (weight >= 0 per topic) and when and how he or she comes.

    `arrives` and `departs` are local times: only slots inside [arrives, departs] can be attended.
    `must` are topics that this person has to attend. `group` (say, the phase) mixes the tables.
    """

    id: str
    wishes: Mapping[str, float] = field(default_factory=dict)
    must: frozenset[str] = stands(
        ids("sessions"), "sessions that this person has to attend", frozenset()
    )
    roles: frozenset[str] = stands(
        ids("roles"), "audiences that this person belongs to", frozenset()
    )
    body: str | None = stands(one_id(), "the RC or other body that this person comes from")
    group: str | None = stands(TEXT, "say, the phase: tables mix groups")
    arrives: datetime | None = stands(TIME, "first moment here")
    departs: datetime | None = stands(TIME, "last moment here")
    unavailable_slots: frozenset[str] = stands(
        ids("slots"), "slots in which this person cannot attend", frozenset()
    )
    form: Form = stands(one_of("on_site", "digital"), "how this person takes part", "on_site")
    needs_accessible: bool = stands(
        FLAG, "needs an accessible room", default=False, name="accessible"
    )
    deputy: str | None = stands(one_id(), "who comes instead")


@dataclass(frozen=True, slots=True)
class Body:
    """An RC or another body that sends delegates; its wishes are covered when one of them is there."""

    id: str
    wishes: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a session runs: its first slot and its room."""

    session: str = field(metadata=said(one_id("sessions"), "session id"))
    slot: str = field(metadata=said(one_id("slots"), "slot id"))
    room: str = field(metadata=said(one_id("rooms"), "room id"))


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a programme is made from; slots stand in the order of time.

    `walking` gives minutes on foot between two rooms (unordered pairs; absent = none).
    `met` counts how often two people have met before (unordered pairs), for the tables.
    `published` holds the runs of the version that people already know. `leader_pause` is the least
    number of minutes between two sessions that one person leads on a day.
    """

    slots: tuple[Slot, ...]
    rooms: tuple[Room, ...]
    sessions: tuple[Session, ...]
    people: tuple[Person, ...]
    tracks: tuple[Track, ...] = ()
    roles: tuple[Role, ...] = ()
    bodies: tuple[Body, ...] = ()
    walking: Mapping[frozenset[str], float] = field(default_factory=dict)
    met: Mapping[frozenset[str], float] = field(default_factory=dict)
    published: tuple[Run, ...] = ()
    leader_pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Attendance:
    """One line of an agenda: in this slot (the run's first) the person is in this session."""

    slot: str
    session: str


Agendas = Mapping[str, tuple[Attendance, ...]]
"""Person id -> agenda in the order of time."""

TableRound = tuple[tuple[str, ...], ...]
"""One round of a case round: the people at each table."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """What is decided: runs, tracks (session id -> track id), agendas and tables.

    `tables` maps a run to its rounds, each a tuple of tables of person ids.
    """

    runs: tuple[Run, ...]
    tracks: Mapping[str, str] = field(default_factory=dict)
    agendas: Agendas = field(default_factory=dict)
    tables: Mapping[Run, tuple[TableRound, ...]] = field(default_factory=dict)

    def run_of(self, session: str) -> Run | None:
        """Return the first run of a session, None where it has none."""
        return next((run for run in self.runs if run.session == session), None)

    def attendance(self, run: Run) -> tuple[str, ...]:
        """Return the ids of the people whose agenda holds this run, in the agendas' order."""
        line = Attendance(run.slot, run.session)
        return tuple(person for person, agenda in self.agendas.items() if line in agenda)


def wished_weight(problem: Problem) -> float:
    """Return the sum of all wishes of all people."""
    return sum(weight for person in problem.people for weight in person.wishes.values())
