"""What the page of a schedule that is read in shows: the file's faults, or what it holds."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later
from api.kit.table_file import CellFault
from api.meetings.models import Meeting
from api.programme.content import ProgrammePlan, SlotPlan
from api.programme.schedules.faults import as_fault
from api.programme.schedules.taking import Form, Taken

FORMS = {
    Form.JSON: later("pretalx- eller frab-schema (JSON)"),
    Form.XML: later("pretalx- eller frab-schema (XML)"),
    Form.COSPLIB: later("arbetsbok från CoSPLib"),
    Form.TABLE: later("tabell med pass"),
}


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A session as it was read."""

    title: str
    when: str
    room: str
    track: str
    leader: str
    minutes: str


@dataclass(frozen=True, slots=True)
class ReadInPage:
    """The form, and once a file is read, what it holds; `plan` is carried to the second press."""

    meeting_id: str
    meeting: str
    faults: tuple[FieldFault, ...] = ()
    plan: str = ""
    form: str = ""
    is_unplaced: bool = False
    sessions: tuple[ReadLine, ...] = ()
    times: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    moved: str = ""  # the day that the file itself begins, when the meeting begins another
    replaced: int = 0  # sessions of the content that its place is taken of
    has_content: bool = False


def read_in_page(meeting: Meeting, say: Speaker, faults: Iterable[FieldFault] = ()) -> ReadInPage:
    """Return the empty form."""
    name = say.either(meeting.name_sv, meeting.name_en)
    return ReadInPage(meeting.id, name, tuple(faults))


def shown_page(
    meeting: Meeting,
    taken: Taken,
    plan: ProgrammePlan,
    before: ProgrammePlan | None,
    packed: str,
    say: Speaker,
) -> ReadInPage:
    """Return what was read; plan: as the meeting would have it."""
    slots = {one.key: one for one in plan.slots}
    rooms = {one.key: one.name for one in plan.rooms}
    tracks = {one.key: say.either(one.name_sv, one.name_en) for one in plan.tracks}
    first = min(one.starts_at for one in taken.plan.slots)
    has_moved = first != min(one.starts_at for one in plan.slots)
    return ReadInPage(
        meeting_id=meeting.id,
        meeting=say.either(meeting.name_sv, meeting.name_en),
        plan=packed,
        form=say.text(FORMS[taken.form]),
        is_unplaced=not any(one.pin_slot for one in plan.sessions),
        sessions=tuple(
            ReadLine(
                title=say.either(one.title_sv, one.title_en),
                when=_when(slots[one.pin_slot], say) if one.pin_slot else "",
                room=rooms.get(one.pin_room or "", ""),
                track=tracks.get(one.track or "", ""),
                leader=one.leader,
                minutes=str(one.minutes or (slots[one.pin_slot].minutes if one.pin_slot else "")),
            )
            for one in plan.sessions
        ),
        times=tuple(_when(one, say) for one in plan.slots),
        rooms=tuple(rooms.values()),
        tracks=tuple(tracks.values()),
        notes=sentences(taken.notes, say),
        moved=say.date(to_local(first).date()) if has_moved else "",
        replaced=len(before.sessions) if before else 0,
        has_content=before is not None,
    )


def sentences(faults: Iterable[CellFault], say: Speaker) -> tuple[str, ...]:
    """Return what is wrong, a sentence each: the row, the field, the value, and what is expected."""
    return tuple(say.text(one.message, **one.values) for one in as_faults(faults, say))


def as_faults(
    faults: Iterable[CellFault], say: Speaker, field: str = "file"
) -> tuple[FieldFault, ...]:
    """Return what is wrong with a file as faults of the field that it came in."""
    return tuple(as_fault(one, say, field) for one in faults)


def _when(slot: SlotPlan, say: Speaker) -> str:
    return say.brief(slot.starts_at, slot.ends_at)
