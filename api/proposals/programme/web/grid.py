"""A programme as a planner's time grid: as high as it is long, rooms side by side, and where a session can go."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from api.kit.clock import to_local
from api.kit.i18n import Speaker
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan
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
    """What a planner looks for in the grid: a track, whoever leads, sessions in a clash; and rooms left out."""

    track: str = ""
    leader: str = ""
    clashes: bool = False
    hidden: tuple[str, ...] = ()

    def shows(self, one: SessionPlan, *, is_clash: bool) -> bool:
        """Whether a session is among what is looked for."""
        return (
            self.track in {"", one.track or ""}
            and self.leader in {"", *one.leaders}
            and (is_clash or not self.clashes)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A slot, a break, or time in which nothing is planned (neither name nor cells)."""

    time: str
    begins: str
    height: int
    pause: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the grid; short is its name on a phone's tab."""

    id: str
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
        below: dict[str, int] = {}  # room -> rows that a session above still stands over
        for number, slot in enumerate(slots):
            before = slots[number - 1] if number else slot
            between = round((slot.starts_at - before.ends_at).total_seconds() / 60)
            if number and between > 0:
                rows.append(Row("", "", height_of(between), "", ()))
            rows.append(self._row(slot, slots[number:], below))
        clashing = {cell.key for row in rows for cell in row.cells if cell.clashes}
        begins = slots[0].starts_at
        short = f"{self.say.weekday(begins)} {self.say.brief_day(begins)}"
        return Day(
            f"dag-{date.isoformat()}", self.say.date(date), short, len(clashing), tuple(rows)
        )

    def _row(self, slot: SlotPlan, left: list[SlotPlan], below: dict[str, int]) -> Row:
        cells = []
        for room in rooms_shown(self.plan, self.marks.looks_for):
            if below.get(room.key, 0) > 0:
                below[room.key] -= 1
                continue
            one = self.at.get((slot.key, room.key))
            rows = self._rows(one, left) if one else 1
            below[room.key] = rows - 1
            cells.append(self._cell(left[:rows], room, one))
        begins = self.say.clock(slot.starts_at)
        time = f"{begins}–{self.say.clock(slot.ends_at)}"
        pause = self.say.either(slot.name_sv, slot.name_en) if slot.is_break else ""
        return Row(time, begins, height_of(slot.minutes), pause, tuple(cells))

    def _rows(self, one: SessionPlan, left: list[SlotPlan]) -> int:
        """Return how many rows a session stands over: slots that follow without a pause, free in its room."""
        rows = 1
        for before, after in pairwise(left[: self.marks.lasts.get(one.key, 1)]):
            is_next = before.ends_at == after.starts_at and not after.is_break
            if not is_next or (after.key, one.room) in self.at:
                break
            rows += 1
        return rows

    def _cell(self, over: list[SlotPlan], room: RoomPlan, one: SessionPlan | None) -> Cell:
        """Return one cell; `over` are the slots that it stands over."""
        slot, rows, capacity = over[0], len(over), room.capacity
        coming = len(one.function_ids) if one else 0
        minutes = (one.minutes if one else None) or slot.minutes
        return Cell(
            place=f"{slot.key}|{room.key}",
            label=self.names.place(slot.key, room.key),
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
            height=height_of(minutes if rows > 1 else min(minutes, slot.minutes)),
            rows=rows,
            until=self.say.clock(over[-1].ends_at) if rows > 1 else "",
            is_dim=one is not None
            and not self.marks.looks_for.shows(one, is_clash=self.marks.is_clash(one.key)),
        )


def rooms_shown(plan: ProgrammePlan, looks_for: Filter) -> tuple[RoomPlan, ...]:
    """Return the rooms that are not left out; all where none would be left."""
    shown = tuple(room for room in plan.rooms if room.key not in looks_for.hidden)
    return shown or plan.rooms


def height_of(minutes: int) -> int:
    """Return a length in the steps that the style sheet has a height for."""
    return min(max(_STEP * round(minutes / _STEP), _STEP), _LONGEST)
