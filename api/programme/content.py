"""What a programme holds: times, rooms, tracks and sessions with their texts; one form from first draft to published."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import TypeAdapter

from api.kit.clock import to_local
from api.programme.models import Focus
from api.programme.seating import SeatedRound

Audience = Literal["wish", "all"]


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """A line of sessions with a name of its own and a stated focus."""

    key: str
    name_sv: str
    name_en: str
    focus: Focus


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """A stretch of time; times are aware, the end is exclusive. In a plenary one everybody is together."""

    key: str
    starts_at: datetime
    ends_at: datetime
    is_break: bool = False
    name_sv: str = ""
    name_en: str = ""
    is_plenary: bool = False

    @property
    def minutes(self) -> int:
        """How long it is."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


OWN_TIME = "at-"  # begins the key of a time that a planner made for what was put there


def is_own_time(key: str) -> bool:
    """Whether a time was made by putting a session where none began: nothing else is planned into it."""
    return key.startswith(OWN_TIME)


def own_time(starts_at: datetime, minutes: int) -> SlotPlan:
    """Return a time that begins where no other does."""
    ends_at = starts_at + timedelta(minutes=minutes)
    key = f"{OWN_TIME}{to_local(starts_at):%m%d-%H%M}-{minutes}"
    return SlotPlan(key, starts_at, ends_at)


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room; capacity in persons, equipment in the planner's own words."""

    key: str
    name: str
    capacity: int
    is_digital: bool = False
    is_accessible: bool = False
    equipment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """A session: its texts, what it needs and, once it is placed, its slot, room and track by key.

    `leaders` are functions that lead it, `could_lead` those that can take over. `audience` says
    whether all come or those who wish. `revision` counts changes by hand.
    """

    key: str
    theme_id: str
    title_sv: str
    title_en: str
    purpose_sv: str
    purpose_en: str
    task_sv: str
    task_en: str
    leader: str
    preparation_sv: str
    preparation_en: str
    format: str
    slot: str | None = None
    room: str | None = None
    track: str | None = None
    gives_guest_sv: str = ""
    gives_guest_en: str = ""
    reason_sv: str = ""
    reason_en: str = ""
    demand: int = 0
    function_ids: frozenset[str] = frozenset()
    tables: tuple[SeatedRound, ...] = ()  # the rounds of a case round
    method_sv: str = ""
    method_en: str = ""
    link: str = ""
    minutes: int | None = None  # None: the whole slot
    leaders: tuple[str, ...] = ()
    could_lead: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    audience: Audience = "wish"
    is_must_run: bool = False
    is_off: bool = False  # the planner has taken it out
    pin_slot: str | None = None
    pin_room: str | None = None
    equipment: tuple[str, ...] = ()
    forbidden_rooms: tuple[str, ...] = ()
    preferred_rooms: tuple[str, ...] = ()
    table_size: int = 0  # people at a table; 0 = no tables
    table_rounds: int = 0
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """A whole programme, placed or not; `leader_pause`: minutes between two sessions that one leads."""

    tracks: tuple[TrackPlan, ...]
    slots: tuple[SlotPlan, ...]
    rooms: tuple[RoomPlan, ...]
    sessions: tuple[SessionPlan, ...]
    leader_pause: int = 0

    def session(self, key: str) -> SessionPlan | None:
        """Return a session by its key."""
        return next((one for one in self.sessions if one.key == key), None)

    def with_session(self, changed: SessionPlan) -> "ProgrammePlan":
        """Return the programme with one session as it is now; a new one stands last."""
        if self.session(changed.key) is None:
            return replace(self, sessions=(*self.sessions, changed))
        kept = (changed if one.key == changed.key else one for one in self.sessions)
        return replace(self, sessions=tuple(kept))

    def with_texts_of(self, other: "ProgrammePlan") -> "ProgrammePlan":
        """Return the programme with the texts as they stand in another; what that one lacks is kept."""
        theirs = {one.key: one for one in other.sessions}
        return replace(
            self,
            sessions=tuple(
                replace(one, **{name: getattr(theirs[one.key], name) for name in TEXTS})
                if one.key in theirs
                else one
                for one in self.sessions
            ),
        )


# What is said of a session: changed in place, also when it is published.
TEXTS = (
    "title_sv",
    "title_en",
    "purpose_sv",
    "purpose_en",
    "task_sv",
    "task_en",
    "method_sv",
    "method_en",
    "preparation_sv",
    "preparation_en",
    "gives_guest_sv",
    "gives_guest_en",
    "format",
    "link",
)
_STORED: Final = TypeAdapter(ProgrammePlan)


def write(plan: ProgrammePlan) -> str:
    """Return a programme's content as JSON text; where it is placed stands in a timetable, not here."""
    return _STORED.dump_json(unplaced(plan)).decode()


def read(text: str) -> ProgrammePlan:
    """Return the content that `write` wrote."""
    return _STORED.validate_json(text)


def unplaced(plan: ProgrammePlan) -> ProgrammePlan:
    """Return the content of a programme without where its sessions are placed."""
    return replace(
        plan,
        sessions=tuple(
            replace(
                one,
                slot=None,
                room=None,
                reason_sv="",
                reason_en="",
                function_ids=frozenset(),
                tables=(),
            )
            for one in plan.sessions
        ),
    )


def ends_at(slot_starts: datetime, slot_ends: datetime, minutes: int | None) -> datetime:
    """Return when a session ends that begins with a slot; without a length of its own, with the slot."""
    return slot_ends if minutes is None else slot_starts + timedelta(minutes=minutes)
