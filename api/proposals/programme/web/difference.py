"""What sets two versions of a programme apart: sessions in words, and what each agenda loses and gains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.kit.i18n import Speaker, swedish_order
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan
from api.programme.models import Seat
from api.programme.seating import in_words, seats_of
from api.proposals.programme.answer import Notice
from api.proposals.programme.web.names import Names
from api.proposals.programme.words import MISSED


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who must be told of a repair: what moves and what is lost."""

    who: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A session of one version: when and where it runs, and who goes to it (function ids).

    `tables` holds function -> table in each round of a case round.
    """

    title: str
    starts_at: datetime
    room: str
    where: str
    people: frozenset[str]
    tables: Mapping[str, tuple[int, ...]]


Placing = Mapping[str, Placed]
"""Session key -> where it runs; a session that does not run is not there."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whose agenda is another: what it gains, loses, keeps elsewhere, and at another table."""

    function_id: str
    who: str
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    moves: tuple[str, ...]
    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is another: sessions in words, and whose agenda."""

    sessions: tuple[str, ...]
    people: tuple[Concerned, ...]


def placing_of(plan: ProgrammePlan, names: Names) -> Placing:
    """Return where a plan's sessions run."""
    starts = {slot.key: slot.starts_at for slot in plan.slots}
    return {
        one.key: Placed(
            title=names[one.key],
            starts_at=starts[one.slot],
            room=names[one.room],
            where=names.place(one.slot, one.room),
            people=one.function_ids,
            tables=_tables(seats_of("", one.tables)),
        )
        for one in plan.sessions
        if one.slot and one.room
    }


def published_placing(session: Session, meeting_id: str, names: Names, say: Speaker) -> Placing:
    """Return where the sessions of a meeting's published programme run."""
    now = programmes.programme(session, meeting_id)
    slots = {slot.id: slot for slot in now.slots}
    rooms = {room.id: room.name for room in now.rooms}
    coming: dict[str, set[str]] = {}
    for attendance in now.attendances:
        coming.setdefault(attendance.session_id, set()).add(attendance.function_id)
    seats: dict[str, list[Seat]] = {}
    for seat in now.seats:
        seats.setdefault(seat.session_id, []).append(seat)
    placing = {}
    for one in now.sessions:
        if one.slot_id is None:
            continue
        slot, room = slots[one.slot_id], rooms.get(one.room_id or "", "")
        where = f"{names.get(slot.key, say.moment(slot.starts_at))}, {room}"
        title = say.either(one.title_sv, one.title_en)
        people = frozenset(coming.get(one.id, ()))
        tables = _tables(seats.get(one.id, ()))
        placing[one.key] = Placed(title, slot.starts_at, room, where, people, tables)
    return placing


def _tables(seats: Iterable[Seat]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for seat in sorted(seats, key=lambda one: one.round_number):
        found[seat.function_id] = (*found.get(seat.function_id, ()), seat.table_number)
    return found


def difference(old: Placing, new: Placing, names: Mapping[str, str], say: Speaker) -> Difference:
    """Return what sets a newer version apart from an older one."""
    said, moved = [], {}
    for key in (*new, *(key for key in old if key not in new)):
        text = _change(old.get(key), new.get(key), say)
        if text:
            said.append(text)
        if text and key in old and key in new:
            moved[key] = text
    everybody = {one for placing in (old, new) for run in placing.values() for one in run.people}
    people = (_concerned(one, old, new, moved, names, say) for one in everybody)
    changed = [one for one in people if one.gains or one.loses or one.moves or one.seats]
    return Difference(tuple(said), tuple(sorted(changed, key=lambda one: swedish_order(one.who))))


def _concerned(
    function_id: str,
    old: Placing,
    new: Placing,
    moved: Mapping[str, str],
    names: Mapping[str, str],
    say: Speaker,
) -> Concerned:
    was = {key for key, run in old.items() if function_id in run.people}
    will = {key for key, run in new.items() if function_id in run.people}
    reseated = [
        key
        for key, run in new.items()
        if key in was & will
        and function_id in run.tables
        and run.tables[function_id] != old[key].tables.get(function_id)
    ]
    return Concerned(
        function_id,
        names.get(function_id, function_id),
        gains=tuple(run.title for key, run in new.items() if key in will - was),
        loses=tuple(run.title for key, run in old.items() if key in was - will),
        moves=tuple(text for key, text in moved.items() if key in was & will),
        seats=tuple(_new_table(new[key], function_id, say) for key in reseated),
    )


def _new_table(run: Placed, function_id: str, say: Speaker) -> str:
    tables = in_words(run.tables[function_id], say)
    return say.text("Ny plats på ”%(title)s”: %(table)s.", title=run.title, table=tables)


def _change(old: Placed | None, new: Placed | None, say: Speaker) -> str:
    if old is None and new is not None:
        return say.text("”%(title)s” är nytt: %(place)s.", title=new.title, place=new.where)
    if old is not None and new is None:
        return say.text("”%(title)s” ställs in.", title=old.title)
    if old is None or new is None or (old.starts_at, old.room) == (new.starts_at, new.room):
        return ""
    return say.text(
        "”%(title)s” flyttas från %(old)s till %(new)s.",
        title=new.title,
        old=old.where,
        new=new.where,
    )


def told(notices: Iterable[Notice], names: "Names", say: Speaker) -> list[Told]:
    """Return whom a repair concerns, from the engine's notices."""
    found = []
    for notice in notices:
        changes = []
        for key, old, new in notice.moves:
            title = names.get(key, key)
            if new is None or old is None:
                changes.append(say.text("”%(title)s” ställs in.", title=title))
            else:
                changes.append(
                    say.text(
                        "”%(title)s” flyttas från %(old)s till %(new)s.",
                        title=title,
                        old=names.place(*old),
                        new=names.place(*new),
                    )
                )
        for key, why in notice.lost:
            title, reason = names.get(key, key), say.text(MISSED[why])
            changes.append(say.text("Missar ”%(title)s”: %(why)s.", title=title, why=reason))
        changes += [
            say.text("Nytt bord på ”%(title)s”.", title=names.get(key, key))
            for key in notice.reseated
        ]
        found.append(Told(names.get(notice.person, notice.person), tuple(changes)))
    return found
