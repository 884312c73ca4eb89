"""A meeting's programme as a schedule, given out and taken in."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault
from api.kit.exports import Format, Table, download
from api.kit.pages import speaker_of
from api.programme import outlines
from api.programme.content import ProgrammePlan
from api.programme.reading import programme_for, visible_meeting
from api.proposals.programme.store import national_meeting
from api.v1.schedules import frab, pretalx
from api.v1.schedules.schedule import plan_of, schedule_of

api = APIRouter(tags=["meetings"])

FORMATS = {"json": (pretalx, "application/json"), "xml": (frab, "application/xml")}
FILE: Mapping[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/xml": {"schema": {"type": "string"}},
        }
    }
}


class ScheduleIn(BaseModel):
    """A schedule as pretalx, frab or Samkrets export it."""

    format: Literal["json", "xml"] = "json"
    text: Annotated[str, Field(max_length=200_000, description="The document itself.")]


class TakenIn(BaseModel):
    """What of a schedule became the content of the meeting's next programme."""

    slots: int
    rooms: int
    tracks: int
    sessions: int


@api.get(
    "/meetings/{meeting_id}/schedule.{format}",
    summary="A meeting's programme as a schedule of pretalx and frab",
    response_class=Response,
    responses=dict(FILE),
)
def get_schedule(
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    format: Literal["json", "xml"],  # noqa: A002 - the address's own word
) -> Response:
    """Return the published programme as far as you may see it."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    written, kind = FORMATS[format]
    octets = written.write(schedule_of(meeting, programme_for(session, viewer, meeting)))
    return Response(octets, media_type=kind)


@api.get(
    "/meetings/{meeting_id}/sessions.{kind}",
    summary="A meeting's sessions as a table",
    response_class=Response,
    responses={200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_sessions(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, kind: Format
) -> Response:
    """Return the published sessions as far as you may see them, by time, as CSV or a workbook."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    found = schedule_of(meeting, programme_for(session, viewer, meeting))
    say = speaker_of(request)
    headings = ("Pass", "Börjar", "Slutar", "Lokal", "Spår", "Form", "Leds av", "Syfte")
    table = Table(
        title=say.either(meeting.name_sv, meeting.name_en),
        headings=tuple(say.text(one) for one in headings),
        rows=tuple(
            (
                one.title,
                one.starts_at,
                one.ends_at,
                one.room,
                one.track,
                one.type,
                one.leader,
                one.abstract,
            )
            for one in found.talks
        ),
        is_example=found.is_example,
    )
    return download([table], kind, say)


def read_plan(format: str, octets: bytes) -> ProgrammePlan:  # noqa: A002 - the body's own word
    """Return a programme's content from a schedule."""
    return plan_of(FORMATS[format][0].read(octets))


def look_through(viewer: SignedInViewer, wanted: ScheduleIn) -> ProgrammePlan:
    """Read a planner's schedule apart, before anybody waits for our transaction."""
    insist(may_plan(viewer))
    try:
        return apart(read_plan, wanted.format, wanted.text.encode())
    except TooMuchError:
        raise FieldFault("text", TOO_MUCH_TO_READ) from None


@api.post(
    "/meetings/{meeting_id}/content/import", summary="Begin a programme's content from a schedule"
)
def take_schedule(
    viewer: SignedInViewer,
    plan: Annotated[ProgrammePlan, Depends(look_through)],
    session: Transaction,
    meeting_id: str,
) -> TakenIn:
    """Make a schedule the content of a meeting that has none: every talk stands fast where it stood; for planners."""
    meeting = national_meeting(session, viewer, meeting_id)
    outlines.insist_on_order(plan.slots)
    if outlines.outline_of(session, meeting.id) is not None:
        raise ConflictError("Programmet har redan ett innehåll.")
    outlines.begin(session, meeting, plan, "", viewer.person_id, now())
    return TakenIn(
        slots=len(plan.slots),
        rooms=len(plan.rooms),
        tracks=len(plan.tracks),
        sessions=len(plan.sessions),
    )
