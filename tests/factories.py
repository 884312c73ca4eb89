"""Bodies, people, functions and viewers for tests; every name says that it is made up."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import directory
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Person, Role
from api.accounts.policy import Viewer
from api.accounts.service import viewer_for
from api.calendar.days import holiday_name, is_squeeze_day
from api.calendar.recurrence import Every
from api.kit.clock import now, to_local, today
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.series import SeriesDraft
from api.meetings.service import MeetingDraft, create

_numbers = itertools.count(1)

KINDS = {
    Role.PLANNER: (BodyKind.NCH, FunctionKind.PLANNER),
    Role.RC_MEMBER: (BodyKind.RC, FunctionKind.COORDINATOR),
    Role.GUEST: (BodyKind.GUEST, FunctionKind.PROSECUTOR),
    Role.READER: (BodyKind.COUNTY_BOARD, FunctionKind.MANAGER),
}


@dataclass(frozen=True)
class Member:
    """A person in a function of a body, and the rights that follow."""

    body: Body
    person: Person
    function: Function
    viewer: Viewer


def make_body(
    session: Session, kind: BodyKind = BodyKind.RC, name: str = "", rc_id: str | None = None
) -> Body:
    return directory.create_body(session, kind, name or f"Exempel {next(_numbers)}", rc_id=rc_id)


def make_person(session: Session, name: str = "", email: str = "") -> Person:
    number = next(_numbers)
    return directory.create_person(
        session, name or f"Exempel Person {number}", email or f"exempel.{number}@example.org"
    )


def make_function(
    session: Session,
    body: Body,
    holder: Person | None = None,
    role: Role = Role.RC_MEMBER,
    deputy: Person | None = None,
) -> Function:
    title = f"Exempel funktion {next(_numbers)}"
    kind = KINDS[role][1]
    return directory.create_function(session, body, kind, title, role, holder=holder, deputy=deputy)


def make_member(session: Session, role: Role, rc_id: str | None = None) -> Member:
    """A body, a person and the function that joins them, with this role."""
    body = make_body(session, KINDS[role][0], rc_id=rc_id)
    person = make_person(session)
    function = make_function(session, body, person, role)
    session.flush()
    return Member(body, person, function, viewer_for(session, person))


def open_day(after: int) -> date:
    """Return the first day, so many from today, on which people are at work."""
    day = today() + timedelta(days=after)
    while day.isoweekday() > 5 or holiday_name(day) or is_squeeze_day(day):
        day += timedelta(days=1)
    return day


def make_meeting(session: Session, form: MeetingForm = MeetingForm.IN_PERSON) -> Meeting:
    """A published national meeting in a month."""
    start = now() + timedelta(days=30)
    draft = MeetingDraft(
        kind=MeetingKind.NATIONAL,
        name_sv=f"Exempel träff {next(_numbers)}",
        name_en="Example meeting",
        focus_sv="Exempel på fokus",
        focus_en="Example of a focus",
        form=form,
        starts_at=start,
        ends_at=start + timedelta(hours=6),
        town="" if form is MeetingForm.DIGITAL else "Linköping",
        is_example=True,
    )
    return create(session, draft, "system", now())


def series_draft(
    network_id: str, start: datetime, town: str = "", word: str = "Exempel"
) -> SeriesDraft:
    """Return an hour a week for four weeks, in a room where a town is given."""
    return SeriesDraft(
        network_id=network_id,
        name_sv=f"{word} serie",
        name_en=f"{word} series",
        focus_sv=word,
        focus_en=word,
        form=MeetingForm.IN_PERSON if town else MeetingForm.DIGITAL,
        town=town,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        every=Every.WEEK,
        last_day=to_local(start + timedelta(weeks=3)).date(),
        is_example=word == "Exempel",
    )
