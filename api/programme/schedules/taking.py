"""Whatever holds a schedule becomes the content of a programme: what a file is shows in its bytes, not in its name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from api.kit.clock import to_local
from api.kit.i18n import Said, later
from api.kit.table_file import CellFault, insist_on_bytes, read_lines, read_sheets
from api.programme.content import ProgrammePlan
from api.programme.outlines import later_by
from api.programme.schedules import cosplib, frab, pretalx, sheets
from api.programme.schedules.faults import insist_on_size
from api.programme.schedules.schedule import Schedule, plan_of
from api.programme.words import format_named


class Form(StrEnum):
    """In which form a schedule came."""

    JSON = "json"
    XML = "xml"
    COSPLIB = "cosplib"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read: the content, and each thing that was read otherwise than it stood."""

    form: Form
    plan: ProgrammePlan
    notes: tuple[CellFault, ...] = ()


def read(content: bytes) -> Taken:
    """Return what a file holds.

    Raises:
        TableFileError: naming each row, field and value that cannot be used.
    """
    insist_on_bytes(content)
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in {b"{", b"["}:
        return _of_schedule(Form.JSON, pretalx.read(content.removeprefix(b"\xef\xbb\xbf")))
    if start == b"<":
        return _of_schedule(Form.XML, frab.read(content))
    if content.startswith(b"PK\x03\x04"):
        found_sheets = read_sheets(content)
        if cosplib.is_workbook(found_sheets):
            return Taken(Form.COSPLIB, insist_on_size(cosplib.read(found_sheets)))
        return _of_schedule(Form.TABLE, sheets.read(found_sheets))
    return _of_schedule(Form.TABLE, sheets.read({"": read_lines(content)}))


def _of_schedule(form: Form, schedule: Schedule) -> Taken:
    plan = insist_on_size(plan_of(schedule))
    return Taken(form, plan, tuple(_notes(schedule)))


def _notes(schedule: Schedule) -> Iterable[CellFault]:
    """Yield what a schedule calls a form that we have no word for: such a session is read as a talk."""
    for number, one in enumerate(schedule.talks, 1):
        if one.type and format_named(one.type) is None:
            yield CellFault(number, "type", one.type, Said(later("en form som Samkrets har")))


def moved_to(plan: ProgrammePlan, starts_at: datetime) -> ProgrammePlan:
    """Return content whose first day is a meeting's: every clock time as it was."""
    first = min(one.starts_at for one in plan.slots)
    days = timedelta(days=(to_local(starts_at).date() - to_local(first).date()).days)
    if not days:
        return plan
    slots = tuple(
        replace(one, starts_at=later_by(one.starts_at, days), ends_at=later_by(one.ends_at, days))
        for one in plan.slots
    )
    return replace(plan, slots=slots)
