"""What a planner sees of a programme proposal: the grid, the figures in words, and what publishing changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session

from api.accounts import queries as accounts
from api.clock import to_local
from api.i18n import Speaker, swedish_order
from api.programme import queries as programmes
from api.programme.service import ProgrammePlan, SessionPlan, SlotPlan
from api.proposals import programme_service as service
from api.proposals.lifecycle import CAN_BE_REVIEWED
from api.proposals.models import Proposal, ProposalState
from api.proposals.programme_engine import Look, read_document
from api.proposals.programme_words import BROKEN, MISSED
from api.proposals.review import STATES
from api.registry import queries as registry

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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A topic without a place, and why."""

    key: str
    title: str
    reason: str
    demand: int


@dataclass(frozen=True, slots=True)
class RcRow:
    """How an RC fares."""

    name: str
    covered: int
    asked: int
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who must be told of a repair: what moves and what is lost."""

    who: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What publishing changes: sessions in words, and whose agenda is another."""

    sessions: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The programme itself and everything that is said of it."""

    attended_percent: str
    covered: int
    asked: int
    running: int
    worst: str
    violations: tuple[str, ...]
    rooms: tuple[str, ...]
    days: tuple[Day, ...]
    left_out: tuple[LeftOut, ...]
    rcs: tuple[RcRow, ...]
    sessions: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    difference: Difference
    told: tuple[Told, ...]
    is_smallest: bool | None
    leaders: tuple[tuple[str, str], ...]
    room_keys: tuple[tuple[str, str], ...]
    slots: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """A programme proposal as a planner looks at it."""

    id: str
    meeting_id: str
    title: str
    state: str
    version: int
    job_id: str | None
    is_solving: bool
    is_open: bool
    is_reviewed: bool
    is_published: bool
    is_in_force: bool
    may_undo: bool
    has_moved: bool
    conflict: tuple[str, ...]
    draft: Draft | None
    chosen: str


def programme_page(
    session: Session, proposal: Proposal, say: Speaker, chosen: str = ""
) -> ProgrammePage:
    """Return the page of one proposal; `chosen` is the session that is about to be moved."""
    document = read_document(proposal.solution)
    return ProgrammePage(
        id=proposal.id,
        meeting_id=proposal.meeting_id or "",
        title=proposal.title,
        state=say.text(STATES[proposal.state]),
        version=proposal.version,
        job_id=proposal.job_id,
        is_solving=proposal.state == ProposalState.SOLVING,
        is_open=proposal.state in CAN_BE_REVIEWED and "timetable" in document,
        is_reviewed=proposal.state == ProposalState.REVIEWED,
        is_published=proposal.state == ProposalState.PUBLISHED,
        is_in_force=service.is_in_force(session, proposal),
        may_undo=bool(document.get("past")),
        has_moved=bool(document.get("moved")),
        conflict=tuple(document.get("conflict", ())),
        draft=_draft(session, proposal, say) if "timetable" in document else None,
        chosen=chosen,
    )


def _draft(session: Session, proposal: Proposal, say: Speaker) -> Draft:
    document, found = service.answer_of(proposal), service.look_at(proposal)
    plan = service.plan_of(session, proposal)
    names = _Names.of(session, plan, say)
    wished = found.scores.wished_weight
    share = found.scores.attended_weight / wished if wished else 1.0
    rcs = _rc_rows(session, found, names, say)
    worst = min(rcs, key=lambda row: row.covered / max(row.asked, 1), default=None)
    moved = set(document.get("moved", ()))
    return Draft(
        attended_percent=say.number(100 * share, 0),
        covered=sum(row.covered for row in rcs),
        asked=sum(row.asked for row in rcs),
        running=sum(one.slot is not None for one in plan.sessions),
        worst=worst.name if worst else "",
        violations=tuple(
            f"{say.text(BROKEN[one.rule])}: {names.listing(one.subjects)}"
            for one in found.violations
        ),
        rooms=tuple(f"{room.name}, {room.capacity}" for room in plan.rooms),
        days=_days(plan, names, moved, say),
        left_out=tuple(
            LeftOut(one.key, names[one.key], say.either(one.reason_sv, one.reason_en), one.demand)
            for one in plan.sessions
            if one.slot is None
        ),
        rcs=rcs,
        sessions=tuple(
            sorted(
                ((one.key, names[one.key]) for one in plan.sessions),
                key=lambda pair: swedish_order(pair[1]),
            )
        ),
        places=_places(plan, names, say),
        difference=_difference(session, proposal, plan, names, say),
        told=tuple(_told(document.get("notices", ()), names, say)),
        is_smallest=document.get("is_smallest"),
        leaders=service.frame_of(proposal).leaders,
        room_keys=tuple((room.key, room.name) for room in plan.rooms),
        slots=tuple((one.key, names[one.key]) for one in plan.slots if not one.is_break),
    )


class _Names(dict[str, str]):
    """What every id of a programme is called: sessions, slots, rooms, tracks and functions."""

    say: Speaker

    @classmethod
    def of(cls, session: Session, plan: ProgrammePlan, say: Speaker) -> "_Names":
        made = cls({one.key: say.either(one.title_sv, one.title_en) for one in plan.sessions})
        made.say = say
        made.update((room.key, room.name) for room in plan.rooms)
        made.update((one.key, say.either(one.name_sv, one.name_en)) for one in plan.tracks)
        days = sorted({to_local(slot.starts_at).date() for slot in plan.slots})
        for slot in plan.slots:
            day = days.index(to_local(slot.starts_at).date()) + 1
            clock = say.clock(slot.starts_at)
            made[slot.key] = say.text("dag %(day)s kl. %(clock)s", day=day, clock=clock)
        bodies = {body.id: body.name for body in accounts.bodies(session)}
        for function, _, _ in accounts.functions_with_people(session):
            made[function.id] = f"{bodies[function.body_id]}, {function.title}"
        return made

    def listing(self, ids: tuple[str, ...]) -> str:
        """Name some ids one after the other."""
        return self.say.listing([self.get(one, one) for one in ids])

    def place(self, slot: str | None, room: str | None) -> str:
        """Name a slot and a room."""
        return f"{self[slot]}, {self[room]}" if slot and room else ""


def _days(
    plan: ProgrammePlan, names: Mapping[str, str], moved: set[str], say: Speaker
) -> tuple[Day, ...]:
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
                    )
                )
            time = f"{say.clock(slot.starts_at)}–{say.clock(slot.ends_at)}"
            pause = say.either(slot.name_sv, slot.name_en) if slot.is_break else ""
            rows.append(Row(time, pause, tuple(cells)))
        days.append(Day(say.date(date), tuple(rows)))
    return tuple(days)


def _places(plan: ProgrammePlan, names: "_Names", say: Speaker) -> tuple[tuple[str, str], ...]:
    taken = {(one.slot, one.room): names[one.key] for one in plan.sessions if one.slot}
    options = [("", say.text("välj tid och lokal"))]
    for slot in plan.slots:
        for room in plan.rooms if not slot.is_break else ():
            label = names.place(slot.key, room.key)
            there = taken.get((slot.key, room.key))
            swap = say.text("byter plats med %(title)s", title=there) if there else ""
            options.append((f"{slot.key}|{room.key}", f"{label} ({swap})" if swap else label))
    return (*options, (NOT_RUN, say.text("Kör inte passet")))


def _rc_rows(session: Session, found: Look, names: "_Names", say: Speaker) -> tuple[RcRow, ...]:
    rcs = {rc.id: rc.name for rc in registry.rcs(session)}
    rows = [
        RcRow(
            name=rcs.get(one.body, one.body),
            covered=one.covered,
            asked=one.asked,
            missed=tuple(
                f"{names.get(topic, topic)}: {say.text(MISSED[why])}" for topic, why in one.missed
            ),
        )
        for one in found.coverage
    ]
    return tuple(sorted(rows, key=lambda row: swedish_order(row.name)))


def _difference(
    session: Session, proposal: Proposal, plan: ProgrammePlan, names: "_Names", say: Speaker
) -> Difference:
    """Compare a proposal with what is published now."""
    now = programmes.programme(session, proposal.meeting_id or "")
    slots = {slot.id: slot.key for slot in now.slots}
    rooms = {room.id: room.key for room in now.rooms}
    starts = {slot.key: slot.starts_at for slot in now.slots}
    before = {one.key: one for one in now.sessions if one.slot_id}
    coming: dict[str, set[str]] = {}
    for attendance in now.attendances:
        coming.setdefault(attendance.session_id, set()).add(attendance.function_id)
    times = {slot.key: slot for slot in plan.slots}
    said, people = [], set()
    for one in plan.sessions:
        old = before.pop(one.key, None)
        was = set(coming.get(old.id, ())) if old else set()
        place = (slots.get(old.slot_id or ""), rooms.get(old.room_id or "")) if old else None
        text = _change(one, place, starts, times, names, say)
        if text:
            said.append(text)
        will = one.function_ids if one.slot else frozenset()
        people |= (was | will) if text else was ^ will
    for old in before.values():
        said.append(say.text("%(title)s utgår.", title=say.either(old.title_sv, old.title_en)))
        people |= coming.get(old.id, set())
    listed = sorted((names.get(one, one) for one in people), key=swedish_order)
    return Difference(tuple(said), tuple(listed))


def _change(
    one: SessionPlan,
    old: tuple[str | None, str | None] | None,
    starts: Mapping[str, object],
    times: Mapping[str, SlotPlan],
    names: "_Names",
    say: Speaker,
) -> str:
    title = names[one.key]
    if old is None or old[0] is None:
        if one.slot is None:
            return ""
        place = names.place(one.slot, one.room)
        return say.text("%(title)s är nytt: %(place)s.", title=title, place=place)
    if one.slot is None:
        return say.text("%(title)s utgår.", title=title)
    same_time = old[0] in starts and starts[old[0]] == times[one.slot].starts_at
    if same_time and old[1] == one.room:
        return ""
    return say.text(
        "%(title)s flyttas från %(old)s till %(new)s.",
        title=title,
        old=f"{names.get(old[0], old[0])}, {names.get(old[1] or '', old[1] or '')}",
        new=names.place(one.slot, one.room),
    )


def _told(notices: object, names: "_Names", say: Speaker) -> list[Told]:
    if not isinstance(notices, list):
        return []
    told = []
    for notice in notices:
        changes = []
        for key, old, new in notice["moves"]:
            title = names.get(key, key)
            if new is None:
                changes.append(say.text("%(title)s utgår.", title=title))
            else:
                changes.append(
                    say.text(
                        "%(title)s flyttas från %(old)s till %(new)s.",
                        title=title,
                        old=names.place(*old),
                        new=names.place(*new),
                    )
                )
        for key, why in notice["lost"]:
            title, reason = names.get(key, key), say.text(MISSED[why])
            changes.append(say.text("Missar %(title)s: %(why)s.", title=title, why=reason))
        told.append(Told(names.get(notice["person"], notice["person"]), tuple(changes)))
    return told
