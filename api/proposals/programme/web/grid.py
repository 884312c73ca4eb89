"""A programme as a planner's time grid: as high as it is long, rooms side by side, and where a session can go."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

from api.kit.clock import to_local
from api.kit.i18n import Speaker
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, is_own_time
from api.proposals.programme.web.names import Names

NOT_RUN = "-"
_STEP, _LONGEST = 5, 240  # the heights that the style sheet has, in minutes


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the grid: what runs there and for how long, who leads, how many come, and what is wrong.

    rows: how many rows it stands over. height: minutes, in the steps that the style sheet knows.
    until: when it ends, where that is after its row. crowded: that the room is too small, in short and whole.
    is_dim: it is not what the planner looks for.
    """

    place: str
    label: str  # where it is, in words
    room: str
    key: str
    title: str
    leader: str
    minutes: int
    track: int  # 0 = none
    track_name: str
    coming: int
    capacity: int
    full: int  # percent of the seats, at most 100
    is_moved: bool
    is_held: bool
    clashes: tuple[str, ...]
    crowded: tuple[str, ...]
    height: int
    rows: int = 1
    until: str = ""
    is_dim: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """What a planner looks for: a track, whoever leads, sessions in a clash; rooms left out; and what has no place.

    text: what a session without a place is to be called, or led by. order: how those are sorted.
    """

    track: str = ""
    leader: str = ""
    clashes: bool = False
    hidden: tuple[str, ...] = ()
    text: str = ""
    order: str = ""

    def shows(self, one: SessionPlan, *, is_clash: bool) -> bool:
        """Whether a session is among what is looked for."""
        return (
            self.track in {"", one.track or ""}
            and self.leader in {"", *one.leaders}
            and (is_clash or not self.clashes)
        )

    def names(self, *texts: str) -> bool:
        """Whether one of some texts holds what is looked for among sessions without a place."""
        return any(self.text.casefold() in one.casefold() for one in texts)


@dataclass(frozen=True, slots=True)
class Row:
    """A time, a break, or time in which nothing is planned (neither name nor cells).

    begins: the local moment as a form sends it. minutes: how long it is.
    """

    time: str
    begins: str
    minutes: int
    height: int
    pause: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the grid; short is its name on a phone's tab, date as a form sends it."""

    id: str
    date: str
    name: str
    short: str
    clashes: int
    rows: tuple[Row, ...]


def days_of(plan: ProgrammePlan, names: Names, marks: "Marks", say: Speaker) -> tuple[Day, ...]:
    """Return a plan's days, each with its times and, room by room, what runs there."""
    made = _Grid(plan, names, marks, say)
    by_day = groupby(plan.slots, key=lambda slot: to_local(slot.starts_at).date())
    return tuple(made.day(date, list(slots)) for date, slots in by_day)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is said of sessions: moved or locked by hand, slots in a row, clashes, and too small rooms."""

    moved: Collection[str]
    held: Collection[str]
    lasts: Mapping[str, int]
    clashes: Mapping[str, tuple[str, ...]]
    crowded: Mapping[str, tuple[str, str]]
    looks_for: Filter = Filter()

    def is_clash(self, key: str) -> bool:
        """Whether something is wrong with a session where it stands."""
        return key in self.clashes or key in self.crowded


class _Grid:
    """A plan while its grid is made."""

    def __init__(self, plan: ProgrammePlan, names: Names, marks: Marks, say: Speaker) -> None:
        self.plan, self.names, self.marks, self.say = plan, names, marks, say
        self.at = {(one.slot, one.room): one for one in plan.sessions if one.slot}
        self.tracks = {track.key: number for number, track in enumerate(plan.tracks, start=1)}

    def day(self, date: date, slots: list[SlotPlan]) -> Day:
        """Return one day."""
        rows: list[Row] = []
        below: dict[str, int] = {}  # room -> rows that what stands above still takes
        parts = _parts(slots)
        for number, part in enumerate(parts):
            rows.append(self._row(part, parts[number:], below) if part.slots else self._empty(part))
        clashing = {cell.key for row in rows for cell in row.cells if cell.clashes}
        begins = slots[0].starts_at
        short = f"{self.say.weekday(begins)} {self.say.brief_day(begins)}"
        return Day(
            f"dag-{date.isoformat()}",
            date.isoformat(),
            self.say.date(date),
            short,
            len(clashing),
            tuple(rows),
        )

    def _empty(self, part: "_Part") -> Row:
        return Row("", _moment(part.starts_at), part.minutes, height_of(part.minutes), "", ())

    def _row(self, part: "_Part", left: list["_Part"], below: dict[str, int]) -> Row:
        cells = []
        slot = part.slots[0]
        for room in rooms_shown(self.plan, self.marks.looks_for) if not slot.is_break else ():
            if below.get(room.key, 0) > 0:
                below[room.key] -= 1
                continue
            one = self._begins(part, room)
            over = self._over(one, left) if one else self._free(room, left)
            below[room.key] = len(over) - 1
            cells.append(self._cell(over, room, one))
        clock = self.say.clock
        time = f"{clock(part.starts_at)}–{clock(part.ends_at)}"
        pause = self.say.either(slot.name_sv, slot.name_en) if slot.is_break else ""
        height = height_of(part.minutes)
        return Row(time, _moment(part.starts_at), part.minutes, height, pause, tuple(cells))

    def _begins(self, part: "_Part", room: RoomPlan) -> SessionPlan | None:
        """Return what begins in a room then."""
        found = (self.at.get((slot.key, room.key)) for slot in part.beginning)
        return next((one for one in found if one), None)

    def _over(self, one: SessionPlan, left: list["_Part"]) -> list["_Part"]:
        """Return the parts that a session stands over: all of its times that follow without a pause, free in its room."""
        room = next(room for room in self.plan.rooms if room.key == one.room)
        own = next(slot for slot in left[0].beginning if slot.key == one.slot)
        ends_at, lasts = own.ends_at, self.marks.lasts.get(one.key, 1)
        if not is_own_time(own.key):
            times = [slot for part in left for slot in part.beginning if not is_own_time(slot.key)]
            for before, after in pairwise(times[times.index(own) :][:lasts]):
                if before.ends_at != after.starts_at or after.is_break:
                    break
                ends_at = after.ends_at
        over = [left[0]]
        for part in left[1:]:
            if part.starts_at >= ends_at or part.is_break or self._begins(part, room):
                break
            over.append(part)
        return over

    def _free(self, room: RoomPlan, left: list["_Part"]) -> list["_Part"]:
        """Return the parts of one time that are free in a room, one after the other."""
        slot = left[0].programmes
        over = [left[0]]
        for part in left[1:]:
            if not part.slots or part.programmes is not slot or self._begins(part, room):
                break
            over.append(part)
        return over

    def _cell(self, over: list["_Part"], room: RoomPlan, one: SessionPlan | None) -> Cell:
        """Return one cell; `over` are the parts of the day that it stands over."""
        slot, rows, capacity = over[0].slot_of(one), len(over), room.capacity
        coming = len(one.function_ids) if one else 0
        long = sum(part.minutes for part in over)
        minutes = (one.minutes if one else None) or (slot.minutes if one and slot else long)
        is_whole = slot is not None and (one is not None or slot.minutes == long)
        begins = over[0].starts_at
        return Cell(
            place=f"{slot.key if slot and is_whole else _moment(begins)}|{room.key}",
            label=f"{self.names.time(begins)}, {room.name}",
            room=room.name,
            key=one.key if one else "",
            title=self.names[one.key] if one else "",
            leader=one.leader if one else "",
            minutes=minutes,
            track=self.tracks.get(one.track or "", 0) if one else 0,
            track_name=self.names.get(one.track or "", "") if one else "",
            coming=coming,
            capacity=capacity,
            full=min(round(100 * coming / capacity), 100) if capacity else 0,
            is_moved=one is not None and one.key in self.marks.moved,
            is_held=one is not None and one.key in self.marks.held,
            clashes=self.marks.clashes.get(one.key, ()) if one else (),
            crowded=self.marks.crowded.get(one.key, ()) if one else (),
            height=height_of(min(minutes, long) if one else long),
            rows=rows,
            until=self.say.clock(over[-1].ends_at) if one and rows > 1 else "",
            is_dim=one is not None
            and not self.marks.looks_for.shows(one, is_clash=self.marks.is_clash(one.key)),
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a day in which nothing begins or ends: the times that it is a part of, none between times."""

    starts_at: datetime
    ends_at: datetime
    slots: tuple[SlotPlan, ...]

    @property
    def minutes(self) -> int:
        """How long it is."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def is_break(self) -> bool:
        """Whether nothing is held then."""
        return not self.slots or self.slots[0].is_break

    @property
    def beginning(self) -> list[SlotPlan]:
        """The times that begin with it."""
        return [slot for slot in self.slots if slot.starts_at == self.starts_at]

    @property
    def programmes(self) -> SlotPlan | None:
        """The time of the programme that it is a part of; None where only a session's own time is."""
        return next((slot for slot in self.slots if not is_own_time(slot.key)), None)

    def slot_of(self, one: SessionPlan | None) -> SlotPlan | None:
        """Return the time that a session begins with; without one the programme's, where that begins here."""
        if one is not None:
            return next(slot for slot in self.slots if slot.key == one.slot)
        found = self.programmes
        return found if found is not None and found.starts_at == self.starts_at else None


def _parts(slots: list[SlotPlan]) -> list[_Part]:
    """Cut a day wherever a time begins or ends."""
    bounds = sorted({moment for slot in slots for moment in (slot.starts_at, slot.ends_at)})
    return [
        _Part(start, end, tuple(x for x in slots if x.starts_at < end and start < x.ends_at))
        for start, end in pairwise(bounds)
    ]


def _moment(at: datetime) -> str:
    """Return a moment as a form sends it: local, to the minute."""
    return f"{to_local(at):%Y-%m-%dT%H:%M}"


def rooms_shown(plan: ProgrammePlan, looks_for: Filter) -> tuple[RoomPlan, ...]:
    """Return the rooms that are not left out; all where none would be left."""
    shown = tuple(room for room in plan.rooms if room.key not in looks_for.hidden)
    return shown or plan.rooms


def height_of(minutes: int) -> int:
    """Return a length in the steps that the style sheet has a height for."""
    return min(max(_STEP * round(minutes / _STEP), _STEP), _LONGEST)
