"""What is made of the form of a new meeting: who meets, and a meeting, a series, a poll or times to take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Function, FunctionKind, Matter
from api.accounts.policy import Viewer
from api.availability import asking
from api.availability import service as availability
from api.availability.models import Poll
from api.availability.service import PollDraft, Time
from api.availability.web.forms import LENGTHS, ROWS, USUAL_LENGTH, Row, time_from
from api.calendar import queries as calendar
from api.calendar.days import holiday_name, holiday_said
from api.calendar.models import Event
from api.calendar.recurrence import Every
from api.invitations.service import invite, limit_seats, to_be_invited
from api.kit.clock import clock_in, day_in, from_local, to_local
from api.kit.errors import FieldFault, FormError
from api.meetings import queries as meetings
from api.meetings import service
from api.meetings.groups import GroupDraft, attending, can_be_unmade, make_group, posts_of
from api.meetings.models import MeetingForm, MeetingGroup, MeetingKind
from api.meetings.series import SeriesDraft, create_series, moments_of
from api.meetings.service import MeetingDraft
from api.meetings.video import video_url_from

RC, POST, NAMED = "rc-", "post-", "fn-"  # fields of a tick each
GROUP = "grupp_id"  # of a saved group, as it is
LONGEST_NAME, MOST_SEATS = 120, 500
SPANS = 4  # rows of times to take
SLOTS = ("15", "20", "30", "45", "60", "90")  # minutes

Fields = Mapping[str, str]
T = TypeVar("T")


class How(StrEnum):
    """How the time is found."""

    ONCE = "once"
    AGAIN = "again"
    POLL = "poll"
    PICK = "pick"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says, read."""

    name: str
    name_en: str
    focus: str
    form: MeetingForm
    town: str
    video_url: str
    how: How
    times: tuple[Time, ...]
    every: Every
    last_day: date
    answer_by: date | None
    seats: int


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: `event` is what the posts are invited to, `poll` what they are asked."""

    wanted: Wanted
    group: MeetingGroup
    path: str
    event: Event | None = None
    poll: Poll | None = None
    moments: tuple[datetime, ...] = ()  # of a series
    left_out: tuple[date, ...] = ()


def make(session: Session, viewer: Viewer, fields: Fields, at: datetime) -> Made:
    """Make what the form says, for those who are chosen; nobody hears of it by this.

    Raises:
        FormError: with a fault for each field that cannot be used.
    """
    faults: list[FieldFault] = []
    wanted = _read(fields, at, faults)
    posts = chosen(session, fields)
    if not posts:
        faults.append(FieldFault("rcs", "Välj minst ett RC eller en funktion som någon har."))
    per_year = _number(fields, "per_year", 0, 12, faults)
    if faults or wanted is None:
        raise FormError(*faults)
    group = meetings.group(session, fields.get(GROUP, "")) if fields.get(GROUP) else None
    if group is None:
        is_saved = "save" in fields
        draft_of_group = GroupDraft(
            [one.id for one in posts],
            name=fields.get("group_name", "") if is_saved else "",
            purpose=wanted.focus if is_saved else "",
            per_year=per_year if is_saved else 0,
            is_saved=is_saved,
        )
        try:
            group = make_group(session, draft_of_group, viewer.person_id, at)
        except FieldFault as fault:
            raise FormError(fault) from fault
        can_be_unmade(session, group)
    if wanted.how in {How.POLL, How.PICK}:
        return _ask(session, viewer, wanted, group, at)
    if wanted.how is How.AGAIN:
        return _series(session, viewer, wanted, group, at)
    draft = MeetingDraft(
        kind=MeetingKind.OTHER,
        group_id=group.id,
        name_sv=wanted.name,
        name_en=wanted.name_en,
        focus_sv=wanted.focus,
        focus_en=wanted.focus,
        form=wanted.form,
        town=wanted.town,
        video_url=wanted.video_url,
        starts_at=wanted.times[0].starts_at,
        ends_at=wanted.times[0].ends_at,
    )
    meeting = service.create(session, draft, viewer.person_id, at)
    service.can_be_unmade(session, meeting)
    event = calendar.event_of(session, "meeting", meeting.id)
    return Made(wanted, group, f"/traffar/{meeting.id}", _with_seats(session, event, wanted, at))


def tell(session: Session, made: Made, actor: str, at: datetime) -> None:
    """Invite those whom the meeting is for, or ask them when they can."""
    if made.poll is not None:
        asking.ask(session, made.poll, None, actor, at)
    if made.event is not None:
        for function in to_be_invited(session, made.event):
            invite(session, made.event, function, at)


def chosen(session: Session, fields: Fields) -> list[Function]:
    """Return the posts that the form chooses and somebody holds, each once.

    A saved group as it is; else those that come from each RC ticked, and those ticked by name.
    """
    if fields.get(GROUP):
        return [one for one, _ in posts_of(session, fields[GROUP]) if one.holder_id]
    homes = [one for one in accounts.bodies(session) if f"{RC}{one.rc_id}" in fields]
    found = attending(session, homes, _matter(fields), chosen_kinds(fields))
    named = {name.removeprefix(NAMED) for name in fields if name.startswith(NAMED)}
    found += [one for one, _ in accounts.functions_with_bodies(session, named)]
    return list({one.id: one for one in found if one.holder_id}.values())


def chosen_kinds(fields: Fields) -> frozenset[FunctionKind]:
    """Return which posts at the RC are chosen."""
    return frozenset(kind for kind in FunctionKind if f"{POST}{kind.value}" in fields)


def _matter(fields: Fields) -> Matter | None:
    said = fields.get("matter", "")
    return Matter(said) if said in list(Matter) else None


def _read(fields: Fields, at: datetime, faults: list[FieldFault]) -> Wanted | None:
    def read(value: Callable[[], T], otherwise: T) -> T:
        try:
            return value()
        except FieldFault as fault:
            faults.append(fault)
            return otherwise

    name = " ".join(fields.get("name", "").split())
    if not 0 < len(name) <= LONGEST_NAME:
        faults.append(FieldFault("name", "Skriv vad träffen heter."))
    focus = fields.get("focus_sv", "").strip()
    if not focus:
        faults.append(FieldFault("focus_sv", "Skriv vad träffen handlar om."))
    typed = fields.get("form", "")
    form = MeetingForm(typed) if typed in list(MeetingForm) else MeetingForm.DIGITAL
    town = fields.get("town", "").strip()
    if form is not MeetingForm.DIGITAL and not town:
        faults.append(
            FieldFault("town", "Skriv vilken ort ni ska ses på, eller välj att ses digitalt.")
        )
    room = read(lambda: video_url_from(fields.get("video_url", "")), "")
    how = How(fields["how"]) if fields.get("how") in list(How) else How.ONCE
    none: tuple[Time, ...] = ()
    times = read(lambda: _TIMES[how](fields, at), none)
    last_day = read(lambda: day_in(fields, "last_day"), date.max) if how is How.AGAIN else date.max
    answer_by = None
    if how in {How.POLL, How.PICK} and fields.get("answer_by"):
        answer_by = read(lambda: day_in(fields, "answer_by"), None)
    seats = _number(fields, "seats", 1, MOST_SEATS, faults) if how is How.ONCE else 0
    if faults:
        return None
    return Wanted(
        name=name,
        name_en=fields.get("name_en", "").strip() or name,
        focus=focus,
        form=form,
        town="" if form is MeetingForm.DIGITAL else town,
        video_url=room,
        how=how,
        times=times,
        every=Every(fields["every"]) if fields.get("every") in list(Every) else Every.MONTH,
        last_day=last_day,
        answer_by=answer_by,
        seats=seats,
    )


def _number(fields: Fields, name: str, least: int, most: int, faults: list[FieldFault]) -> int:
    """Return a whole number, 0 where nothing is typed."""
    text = fields.get(name, "").strip()
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most:
        return int(text)
    message = "Skriv ett helt tal från %(least)s till %(most)s."
    faults.append(FieldFault(name, message, least=least, most=most))
    return 0


def _once(fields: Fields, at: datetime) -> tuple[Time, ...]:
    return (_span(fields, "", at),)


def _span(fields: Fields, number: str, at: datetime) -> Time:
    day = day_in(fields, f"day{number}")
    clocks = [clock_in(fields, f"{name}{number}") for name in ("starts", "ends")]
    start, end = (from_local(datetime.combine(day, clock)) for clock in clocks)
    if start <= at:
        raise FieldFault(f"day{number}", "Tiden har redan varit.")
    if (holiday := holiday_said(day)) is not None:
        raise FieldFault(f"day{number}", "Den dagen är helgdag: %(name)s.", name=holiday)
    if end <= start:
        raise FieldFault(f"ends{number}", "Träffen måste sluta efter att den har börjat.")
    return Time(start, end)


def _to_choose(fields: Fields, _at: datetime) -> tuple[Time, ...]:
    """Return the times that a poll asks about: what is wrong with them the poll says itself."""
    length = fields.get("length", USUAL_LENGTH)
    rows = [
        Row(n, fields.get(f"pday{n}", ""), fields.get(f"pclock{n}", "")) for n in range(1, ROWS + 1)
    ]
    typed = [row for row in rows if row.day or row.clock]
    if not typed:
        raise FieldFault("pday1", "Föreslå minst en tid.")
    found = []
    for row in typed:
        try:
            found.append(time_from(row, length if length in LENGTHS else USUAL_LENGTH))
        except FieldFault as fault:
            raise FieldFault(f"p{fault.field}", fault.message, **fault.values) from fault
    return tuple(found)


def _to_take(fields: Fields, at: datetime) -> tuple[Time, ...]:
    """Return the times to take: each span cut into as many as it holds, after one another."""
    slot = fields.get("slot", "30")
    step = timedelta(minutes=int(slot if slot in SLOTS else "30"))
    found: list[Time] = []
    for number in map(str, range(1, SPANS + 1)):
        if not fields.get(f"day{number}") and number != "1":
            continue
        span = _span(fields, number, at)
        start = span.starts_at
        while start + step <= span.ends_at:
            found.append(Time(start, start + step))
            start += step
    if not found:
        raise FieldFault("ends1", "Så kort tid rymmer ingen avstämning.")
    return tuple(found)


_TIMES: dict[How, Callable[[Fields, datetime], tuple[Time, ...]]] = {
    How.ONCE: _once,
    How.AGAIN: _once,
    How.POLL: _to_choose,
    How.PICK: _to_take,
}


def _with_seats(
    session: Session, event: Event | None, wanted: Wanted, at: datetime
) -> Event | None:
    if event is not None and wanted.seats:
        limit_seats(session, event.id, wanted.seats, at, first_come=True)
    return event


def _series(
    session: Session, viewer: Viewer, wanted: Wanted, group: MeetingGroup, at: datetime
) -> Made:
    draft = SeriesDraft(
        network_id=None,
        group_id=group.id,
        name_sv=wanted.name,
        name_en=wanted.name_en,
        focus_sv=wanted.focus,
        focus_en=wanted.focus,
        form=wanted.form,
        town=wanted.town,
        video_url=wanted.video_url,
        starts_at=wanted.times[0].starts_at,
        ends_at=wanted.times[0].ends_at,
        every=wanted.every,
        last_day=wanted.last_day,
    )
    try:
        moments = moments_of(draft, at)
        days = [to_local(one).date() for one in moments]
        off = frozenset(day for day in days if holiday_name(day) is not None)
        made = create_series(session, replace(draft, left_out=off), viewer.person_id, at)
    except FieldFault as fault:
        raise FormError(fault) from fault
    kept = tuple(one for one in moments if to_local(one).date() not in off)
    event = calendar.event_of(session, "series", made.id)
    return Made(
        wanted, group, f"/serie/{made.id}", event, moments=kept, left_out=tuple(sorted(off))
    )


def _ask(
    session: Session, viewer: Viewer, wanted: Wanted, group: MeetingGroup, at: datetime
) -> Made:
    draft = PollDraft(
        theme=wanted.name,
        focus=wanted.focus,
        form=wanted.form,
        times=wanted.times,
        town=wanted.town,
        video_url=wanted.video_url,
        answer_by=wanted.answer_by,
        each_picks=wanted.how is How.PICK,
    )
    try:
        poll = availability.propose(session, group, draft, viewer.person_id, at)
    except FieldFault as fault:
        field = (
            "p" + fault.field
            if wanted.how is How.POLL and fault.field != "answer_by"
            else fault.field
        )
        raise FormError(FieldFault(field, fault.message, **fault.values)) from fault
    if poll.each_picks:
        nch = {body.id for body in accounts.bodies(session) if body.kind is BodyKind.NCH}
        own = [one for one in viewer.posts if one.body_id in nch and one.is_holder]
        poll.asked_by = own[0].function_id if own else ""
        session.add(poll)
        session.flush()
    return Made(wanted, group, f"/tidsval/{poll.id}", poll=poll)
