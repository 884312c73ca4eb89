"""Reads of the API about meeting: polls, series, groups, invitations and materials."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api.accounts import queries as accounts
from api.accounts.policy import insist, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.availability import queries as polls
from api.availability.models import AnswerValue, PollState
from api.availability.service import poll_for
from api.calendar import queries as calendar
from api.invitations import queries as invitations
from api.invitations.meeting import may_invite
from api.invitations.models import Partstat, Place
from api.kit.clock import now
from api.kit.errors import MissingError
from api.kit.paging import Paged
from api.library import service as library
from api.library.models import Material, ReadBy, Sort
from api.meetings import forums
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingState
from api.meetings.series import series_for

api = APIRouter()


class MarkOut(BaseModel):
    """What one answer says of a time."""

    name: str
    value: AnswerValue


class TimeOut(BaseModel):
    """A time that a poll asks about."""

    id: str
    starts_at: datetime
    ends_at: datetime
    marks: list[MarkOut]


class PollOut(BaseModel):
    """A question to a network or a group: when do we meet?"""

    model_config = ConfigDict(from_attributes=True)

    id: str
    network_id: str | None
    group_id: str | None
    meeting_id: str | None
    theme: str
    form: MeetingForm
    town: str
    state: PollState
    answer_by: date | None
    each_picks: bool
    is_example: bool
    version: int


class PollWithTimesOut(PollOut):
    """A poll with its times and who can."""

    times: list[TimeOut]
    answered: list[str]


class SeriesOut(BaseModel):
    """Recurring meetings: what they share, and the rule."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    network_id: str | None
    group_id: str | None
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm
    town: str
    starts_at: datetime
    ends_at: datetime
    rule: str
    state: MeetingState
    is_example: bool
    version: int


class GroupOut(BaseModel):
    """A forum by role, or a saved group of posts."""

    key: str
    name: str
    purpose: str
    functions: int


class InvitationOut(BaseModel):
    """A function's place at a meeting, and what it has answered."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    function_id: str
    name: str
    address: str
    place: Place
    partstat: Partstat
    answered_at: datetime | None
    is_optional: bool
    version: int


class MaterialOut(BaseModel):
    """A link or a document; a document's file is at /materials/{id}/file."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    address: str
    sort: Sort
    read_by: ReadBy
    is_file: bool
    meeting_id: str | None
    network_id: str | None
    theme_id: str | None
    added_at: datetime


@api.get("/polls/{poll_id}", summary="A poll, with who can when", tags=["polls"])
def get_poll(session: Transaction, viewer: SignedInViewer, poll_id: str) -> PollWithTimesOut:
    """Return a poll with its times; for those whom it asks, and planners."""
    found = poll_for(session, viewer, poll_id)
    names = {one.id: one.name for one in polls.answers(session, poll_id)}
    marks = polls.marks(session, poll_id)
    return PollWithTimesOut(
        **PollOut.model_validate(found).model_dump(),
        answered=sorted(names.values()),
        times=[
            TimeOut(
                id=option.id,
                starts_at=option.starts_at,
                ends_at=option.ends_at,
                marks=[
                    MarkOut(name=names[mark.answer_id], value=mark.value)
                    for mark in marks
                    if mark.option_id == option.id and mark.answer_id in names
                ],
            )
            for option in polls.options(session, poll_id)
        ],
    )


@api.get("/series/{series_id}", summary="A series of meetings", tags=["series"])
def get_series(session: Transaction, viewer: SignedInViewer, series_id: str) -> SeriesOut:
    """Return a series; its meetings are among /meetings."""
    return SeriesOut.model_validate(series_for(session, viewer, series_id))


@api.get("/groups", summary="Forums and saved groups", tags=["groups"])
def list_groups(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[GroupOut]:
    """Return the forums and groups that you are in; a planner gets all."""
    found = forums.forums_for(session, viewer)
    return [
        GroupOut(key=one.key, name=one.name, purpose=one.purpose, functions=number)
        for one, number in page.part(found)
    ]


@api.get("/groups/{key}", summary="A forum or a saved group", tags=["groups"])
def get_group(session: Transaction, viewer: SignedInViewer, key: str) -> GroupOut:
    """Return a forum or group; 404 when you are not in it."""
    found, functions = forums.forum_for(session, viewer, key)
    return GroupOut(key=found.key, name=found.name, purpose=found.purpose, functions=len(functions))


@api.get("/groups/{key}/meetings", summary="A group's meetings to come", tags=["groups"])
def list_group_meetings(
    session: Transaction, viewer: SignedInViewer, key: str, page: Paged
) -> list[str]:
    """Return the ids of a forum's or group's meetings that have not ended, earliest first."""
    found, _ = forums.forum_for(session, viewer, key)
    return [one.id for one in page.part(forums.meetings_of(session, found, now()))]


@api.get(
    "/meetings/{meeting_id}/invitations", summary="Who is invited to a meeting", tags=["meetings"]
)
def list_invitations(
    session: Transaction, viewer: SignedInViewer, meeting_id: str, page: Paged
) -> list[InvitationOut]:
    """Return the places of a meeting with their answers; for those who invite to it."""
    insist(may_invite(session, viewer, meeting_id))
    meeting = meetings.meeting(session, meeting_id)
    if meeting is None:
        raise MissingError
    event = calendar.event_of(session, "meeting", meeting.id)
    found = invitations.of_event(session, event.id) if event is not None else []
    return [InvitationOut.model_validate(one) for one in page.part(found)]


@api.get("/invitations", summary="Your own invitations", tags=["invitations"])
def list_own_invitations(
    session: Transaction, viewer: SignedInViewer, page: Paged
) -> list[InvitationOut]:
    """Return the places that you have yourself at meetings to come."""
    person = accounts.person(session, viewer.person_id)
    if person is None:
        raise MissingError
    found = [
        one
        for function_id in sorted(viewer.function_ids)
        for one in invitations.coming_of_function(session, function_id)
        if one.address == person.email
    ]
    return [InvitationOut.model_validate(one) for one in page.part(found)]


@api.get("/materials", summary="The library", tags=["materials"])
def list_materials(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[MaterialOut]:
    """Return the links and documents that you may see."""
    insist(may_read_register(viewer))
    return [MaterialOut.model_validate(one) for one in page.part(library.seen(session, viewer))]


@api.get("/meetings/{meeting_id}/materials", summary="A meeting's material", tags=["meetings"])
def list_meeting_materials(
    session: Transaction, viewer: SignedInViewer, meeting_id: str, page: Paged
) -> list[MaterialOut]:
    """Return the links and documents of a meeting; for those who may add to them."""
    place = library.at_meeting(session, viewer, meeting_id)
    insist(library.may_add(session, viewer, place))
    found: tuple[Material, ...] = library.at(session, viewer, place)
    return [MaterialOut.model_validate(one) for one in page.part(found)]
