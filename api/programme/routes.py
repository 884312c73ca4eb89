"""The API of meetings and their programmes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.i18n import Said, later
from api.kit.paging import Paged
from api.meetings.ending import LONGEST_REASON
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import (
    cancel,
    confirm,
    meeting_for,
    meetings_for,
    move_and_tell,
)
from api.meetings.service import insist_on_change as insist_on_meeting_change
from api.outbox.acts import begin_act
from api.programme.models import Focus
from api.programme.reading import (
    lines,
    programme_for,
    visible_meeting,
)

api = APIRouter(tags=["meetings"])

Moment = Annotated[datetime, Field(examples=["2027-02-16T08:30:00Z"])]


class MeetingOut(BaseModel):
    """A meeting; times are UTC, the end is exclusive."""

    id: Annotated[str, Field(examples=["6ae9e273-b16a-4723-b3d6-71d2687aa5da"])]
    kind: MeetingKind
    name_sv: str
    name_en: str
    focus_sv: Annotated[str, Field(description="What the meeting is about; never empty.")]
    focus_en: str
    form: MeetingForm
    town: Annotated[str, Field(examples=["Linköping"], description="Empty when digital.")]
    starts_at: Moment
    ends_at: Moment
    state: MeetingState
    network_id: str | None
    is_example: bool
    version: Annotated[int, Field(examples=[1], description="Send it back with a change.")]


class SessionOut(BaseModel):
    """A session of a programme; those that do not run have no slot and say why."""

    id: str
    title_sv: str
    title_en: str
    purpose_sv: str
    task_sv: str
    leader: str
    preparation_sv: str
    format: Annotated[str, Field(examples=["workshop"])]
    starts_at: datetime | None
    ends_at: datetime | None
    room: str | None
    track: str | None
    reason_sv: Annotated[str, Field(description="Why it does not run; empty when it does.")]
    reason_en: str


class TrackOut(BaseModel):
    """A track and its stated focus."""

    id: str
    name_sv: str
    name_en: str
    focus: Focus


class ProgrammeOut(BaseModel):
    """A meeting's programme as far as you may see it."""

    tracks: list[TrackOut]
    sessions: list[SessionOut]


class MoveIn(BaseModel):
    """Where to move a meeting; `version` is the one you saw."""

    starts_at: Moment
    ends_at: Annotated[datetime, Field(examples=["2027-02-16T14:00:00Z"])]
    version: Annotated[int, Field(examples=[1], ge=1, le=2**31 - 1)]


class VersionIn(BaseModel):
    """The version that you saw."""

    version: Annotated[int, Field(examples=[1], ge=1, le=2**31 - 1)]


class CancelIn(VersionIn):
    """The version that you saw, and why the meeting is called off."""

    reason: Annotated[
        str,
        Field(
            max_length=LONGEST_REASON,
            description="Said in the mails to those invited; nothing about individual cases.",
            examples=["Lokalen är vattenskadad"],
        ),
    ] = ""


@api.get("/meetings", summary="The meetings to come that you may see")
def list_meetings(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[MeetingOut]:
    """Return meetings that have not ended, earliest first."""
    return [_meeting(found) for found in page.part(meetings_for(session, viewer, now()))]


@api.get("/meetings/{meeting_id}", summary="One meeting")
def get_meeting(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> MeetingOut:
    """Return a meeting; 404 when there is none or it is not for you."""
    return _meeting(visible_meeting(session, viewer, meeting_id)[0])


@api.get("/meetings/{meeting_id}/programme", summary="A meeting's programme")
def get_programme(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> ProgrammeOut:
    """Return the programme; a guest gets only the sessions invited to."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    programme = programme_for(session, viewer, meeting)
    placed = {line.session.id: line for line in lines(programme, meeting)}
    return ProgrammeOut(
        tracks=[
            TrackOut(id=one.id, name_sv=one.name_sv, name_en=one.name_en, focus=one.focus)
            for one in programme.tracks
        ],
        sessions=[
            SessionOut(
                **one.model_dump(include=_TEXTS),
                starts_at=line.slot.starts_at if (line := placed.get(one.id)) else None,
                ends_at=line.ends_at if line else None,
                room=line.room.name if line and line.room else None,
                track=line.track.name_sv if line and line.track else None,
            )
            for one in programme.sessions
        ],
    )


@api.post("/meetings/{meeting_id}/move", summary="Move a meeting", deprecated=True)
def move_meeting(
    session: Transaction, viewer: SignedInViewer, meeting_id: str, wish: MoveIn
) -> MeetingOut:
    """Move a meeting, as `/change-time` and its page do. 409 when somebody changed it since `version`."""
    found = _to_change(session, viewer, meeting_id)
    _begin(session, viewer, found, Said(later("Träffen är flyttad.")))
    move_and_tell(
        session, found, wish.starts_at, wish.ends_at, wish.version, viewer.person_id, now()
    )
    return _meeting(found)


@api.post("/meetings/{meeting_id}/confirm", summary="Decide on a proposed meeting", deprecated=True)
def confirm_meeting(
    session: Transaction, viewer: SignedInViewer, meeting_id: str, wish: VersionIn
) -> MeetingOut:
    """Turn a proposed meeting into a decided one, as `/decide` and its page do."""
    found = _to_change(session, viewer, meeting_id)
    _begin(session, viewer, found, Said(later("Träffen är bestämd.")))
    confirm(session, found, wish.version, viewer.person_id, now())
    return _meeting(found)


@api.post("/meetings/{meeting_id}/cancel", summary="Call a meeting off", deprecated=True)
def cancel_meeting(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, wish: CancelIn
) -> MeetingOut:
    """Call a meeting off, as `/call-off` and its page do: whoever is invited is told why."""
    found = _to_change(session, viewer, meeting_id)
    request.app.state.insist_on_reason(session, found, wish.reason)
    _begin(session, viewer, found, Said(later("Träffen är inställd.")))
    cancel(session, found, wish.version, viewer.person_id, now(), wish.reason)
    return _meeting(found)


_TEXTS = {
    "id",
    "title_sv",
    "title_en",
    "purpose_sv",
    "task_sv",
    "leader",
    "preparation_sv",
    "format",
    "reason_sv",
    "reason_en",
}


def _to_change(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> Meeting:
    found = meeting_for(session, viewer, meeting_id)
    insist_on_meeting_change(session, viewer, found)
    return found


def _begin(session: Transaction, viewer: SignedInViewer, meeting: Meeting, said: Said) -> None:
    begin_act(session, viewer.person_id, now(), said, f"/traffar/{meeting.id}")


def _meeting(meeting: Meeting) -> MeetingOut:
    return MeetingOut.model_validate(meeting.model_dump(exclude={"answer_by", "is_protected"}))
