"""What people type about times, read into what the service takes, with a fault per field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.availability.models import AnswerValue
from api.availability.service import PollDraft, Time
from api.kit.clock import clock_from, day_from, day_in, from_local
from api.kit.errors import FieldFault, FormError
from api.meetings.models import MeetingForm

ROWS = 5
LENGTHS = ("1", "1.5", "2", "3", "4", "6")
USUAL_LENGTH = "2"
MARK = "tid-"

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form: a day and a clock time, as typed."""

    number: int
    day: str
    clock: str


def rows_of(fields: Fields) -> tuple[Row, ...]:
    """Return the form's lines as they were typed."""
    return tuple(
        Row(n, fields.get(f"day{n}", ""), fields.get(f"clock{n}", "")) for n in range(1, ROWS + 1)
    )


def draft_from(fields: Fields) -> PollDraft:
    """Read a proposal.

    Raises:
        FormError: with a fault for each field that cannot be read.
    """
    faults: list[FieldFault] = []
    times: list[Time] = []
    for row in rows_of(fields):
        if row.day or row.clock:
            try:
                times.append(time_from(row, fields.get("length", USUAL_LENGTH)))
            except FieldFault as fault:
                faults.append(fault)
    answer_by = None
    if fields.get("answer_by"):
        try:
            answer_by = day_in(fields, "answer_by")
        except FieldFault as fault:
            faults.append(fault)
    if faults:
        raise FormError(*faults)
    form = fields.get("form", "")
    return PollDraft(
        theme=fields.get("theme", ""),
        form=MeetingForm(form) if form in list(MeetingForm) else MeetingForm.DIGITAL,
        times=tuple(times),
        town=fields.get("town", ""),
        video_url=fields.get("video_url", ""),
        meeting_id=fields.get("meeting_id") or None,
        answer_by=answer_by,
    )


def time_from(row: Row, length: str) -> Time:
    """Read a day, a clock time in Sweden and a length in hours.

    Raises:
        FieldFault: naming the field that cannot be read.
    """
    try:
        day = day_from(row.day)
    except ValueError as error:
        raise FieldFault(f"day{row.number}", "Välj en dag.") from error
    try:
        clock = clock_from(row.clock)
    except ValueError as error:
        raise FieldFault(f"clock{row.number}", "Välj ett klockslag.") from error
    hours = float(length) if length in LENGTHS else float(USUAL_LENGTH)
    start = from_local(datetime.combine(day, clock))
    return Time(start, start + timedelta(hours=hours))


def faults_of(error: FieldFault | FormError) -> tuple[FieldFault, ...]:
    """Return a form's faults, one or several."""
    return error.faults if isinstance(error, FormError) else (error,)


def marks_from(fields: Fields) -> dict[str, AnswerValue]:
    """Return what was said of each time; other fields are not marks."""
    return {
        name.removeprefix(MARK): AnswerValue(value)
        for name, value in fields.items()
        if name.startswith(MARK) and value in list(AnswerValue)
    }
