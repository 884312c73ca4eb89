"""A programme as a planner's grid: slots by rooms, and the places that a session can be moved to."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from api.kit.clock import to_local
from api.kit.i18n import Speaker
from api.programme.content import ProgrammePlan
from api.proposals.programme.web.names import Names

NOT_RUN = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the grid: what runs there, how many come of how many that fit."""

    place: str
    key: str
    title: str
    track: int  # 0 = none
    coming: int
    capacity: int
    is_moved: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A slot: a break, or one cell per room."""

    time: str
    pause: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the grid."""

    name: str
    rows: tuple[Row, ...]


def days_of(
    plan: ProgrammePlan, names: Mapping[str, str], moved: set[str], held: set[str], say: Speaker
) -> tuple[Day, ...]:
    """Return a plan's days, each with its slots and, room by room, what runs there."""
    at = {(one.slot, one.room): one for one in plan.sessions if one.slot}
    tracks = {track.key: number for number, track in enumerate(plan.tracks, start=1)}
    days = []
    for date, slots in groupby(plan.slots, key=lambda slot: to_local(slot.starts_at).date()):
        rows = []
        for slot in slots:
            cells = []
            for room in plan.rooms:
                one = at.get((slot.key, room.key))
                cells.append(
                    Cell(
                        place=f"{slot.key}|{room.key}",
                        key=one.key if one else "",
                        title=names[one.key] if one else "",
                        track=tracks.get(one.track or "", 0) if one else 0,
                        coming=len(one.function_ids) if one else 0,
                        capacity=room.capacity,
                        is_moved=one is not None and one.key in moved,
                        is_held=one is not None and one.key in held,
                    )
                )
            time = f"{say.clock(slot.starts_at)}–{say.clock(slot.ends_at)}"
            pause = say.either(slot.name_sv, slot.name_en) if slot.is_break else ""
            rows.append(Row(time, pause, tuple(cells)))
        days.append(Day(say.date(date), tuple(rows)))
    return tuple(days)


def places_of(plan: ProgrammePlan, names: Names, say: Speaker) -> tuple[tuple[str, str], ...]:
    """Return where a session can be moved: every slot and room, who is there now, and nowhere."""
    taken = {(one.slot, one.room): names[one.key] for one in plan.sessions if one.slot}
    options = [("", say.text("välj tid och lokal"))]
    for slot in plan.slots:
        for room in plan.rooms if not slot.is_break else ():
            label = names.place(slot.key, room.key)
            there = taken.get((slot.key, room.key))
            swap = say.text("byter plats med %(title)s", title=there) if there else ""
            options.append((f"{slot.key}|{room.key}", f"{label} ({swap})" if swap else label))
    return (*options, (NOT_RUN, say.text("Kör inte passet")))
