"""Another time for a meeting, or half an hour more: read, weighed in words before it is saved, then moved."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.availability.clashes import elsewhere
from api.availability.service import Time, insist_on_time
from api.availability.web.forms import Fields
from api.calendar.days import SchoolBreak, is_squeeze_day, school_break_on
from api.kit.clock import clock_in, day_in, from_local, to_local
from api.kit.errors import ConflictError, FieldFault
from api.kit.i18n import Speaker, later
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.meetings.service import NOTICE, insist_on_change, meeting_for, move_and_tell

HALF_HOUR = timedelta(minutes=30)
ADDED = {"before": (-HALF_HOUR, timedelta()), "after": (timedelta(), HALF_HOUR)}
"""What adding half an hour does to the start and to the end."""

SQUEEZE_DAY = later("Dagen är en klämdag.")
SCHOOL_BREAK = later("Det är skollov då: %(name)s.")
BUSY = later("Har redan en annan träff då: %(names)s.")


@dataclass(frozen=True, slots=True)
class RetimePage:
    """The form with the time as typed, and what the new time would mean."""

    id: str
    name: str
    now: str
    version: int
    day: str
    starts: str
    ends: str
    planned: str = ""
    remarks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # the names of those who get a mail
    faults: tuple[FieldFault, ...] = ()


def meeting_to_move(session: Session, viewer: Viewer, meeting_id: str) -> Meeting:
    """Return a meeting whose time the viewer may change.

    Raises:
        MissingError: when there is none, or not for this viewer.
        ConflictError: when it was called off, or its time is its programme's.
    """
    meeting = meeting_for(session, viewer, meeting_id)
    insist_on_change(session, viewer, meeting)
    if meeting.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")
    if meeting.kind == MeetingKind.NATIONAL:
        raise ConflictError("En nationell träff flyttas med sitt program.")
    return meeting


def has_programme(session: Session, viewer: Viewer, meeting_id: str) -> bool:
    """Whether a meeting is moved where its programme is seen: a national one."""
    meeting = meeting_for(session, viewer, meeting_id)
    insist_on_change(session, viewer, meeting)
    return meeting.kind == MeetingKind.NATIONAL and meeting.state != MeetingState.CANCELLED


def time_of(meeting: Meeting, fields: Fields, at: datetime) -> Time:
    """Read the new time: half an hour more before or after, or a day and two clock times in Sweden.

    Raises:
        FieldFault: naming the field that cannot be read, is past, or is on a public holiday.
    """
    if (added := ADDED.get(fields.get("add", ""))) is not None:
        found = Time(meeting.starts_at + added[0], meeting.ends_at + added[1])
    else:
        day = day_in(fields)
        nights = to_local(meeting.ends_at).date() - to_local(meeting.starts_at).date()
        start = datetime.combine(day, clock_in(fields, "starts"))
        end = datetime.combine(day + nights, clock_in(fields, "ends"))
        if end <= start:
            raise FieldFault("ends", "Träffen måste sluta efter att den har börjat.")
        found = Time(from_local(start), from_local(end))
    insist_on_time(found, at, "day")
    return found


def retime(
    session: Session, meeting: Meeting, fields: Fields, version: int, actor: str, at: datetime
) -> None:
    """Move the meeting; every calendar follows, and all whom a decided one concerns are told by mail."""
    new = time_of(meeting, fields, at)
    move_and_tell(session, meeting, new.starts_at, new.ends_at, version, actor, at)


def retime_page(
    session: Session,
    meeting: Meeting,
    fields: Fields,
    breaks: tuple[SchoolBreak, ...],
    told: tuple[str, ...],
    say: Speaker,
    at: datetime,
) -> RetimePage:
    """Return the form; with a time in it, what that time would mean. `told` are who would get a mail."""
    first, last = to_local(meeting.starts_at), to_local(meeting.ends_at)
    page = RetimePage(
        id=meeting.id,
        name=say.either(meeting.name_sv, meeting.name_en),
        now=say.span(meeting.starts_at, meeting.ends_at),
        version=meeting.version,
        day=fields.get("day", first.date().isoformat()),
        starts=fields.get("starts", f"{first:%H:%M}"),
        ends=fields.get("ends", f"{last:%H:%M}"),
    )
    if not fields:
        return page
    try:
        new = time_of(meeting, fields, at)
    except FieldFault as fault:
        return replace(page, faults=(fault,))
    start, end = to_local(new.starts_at), to_local(new.ends_at)
    return replace(
        page,
        day=start.date().isoformat(),
        starts=f"{start:%H:%M}",
        ends=f"{end:%H:%M}",
        planned=say.span(new.starts_at, new.ends_at),
        remarks=tuple(_remarks(session, meeting, new, breaks, say, at)),
        told=told,
    )


def _remarks(
    session: Session,
    meeting: Meeting,
    new: Time,
    breaks: tuple[SchoolBreak, ...],
    say: Speaker,
    at: datetime,
) -> list[str]:
    day = to_local(new.starts_at).date()
    found = []
    if new.starts_at - at < NOTICE:
        weeks = max(0, (new.starts_at - at).days // 7)
        found.append(
            say.plural("Det är bara en vecka kvar.", "Det är bara %(num)s veckor kvar.", weeks)
            if weeks
            else say.text("Det är mindre än en vecka kvar.")
        )
    if is_squeeze_day(day):
        found.append(say.text(SQUEEZE_DAY))
    if (name := school_break_on(day, breaks)) is not None:
        found.append(say.text(SCHOOL_BREAK, name=name))
    own = audiences(session, [meeting])[meeting.id].occupied
    if busy := elsewhere(session, own, new.starts_at, {meeting.id}).at(new):
        found.append(say.text(BUSY, names=say.listing(busy)))
    return found
