"""A meeting's programme as a schedule, given out and taken in."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, FormError
from api.kit.exports import Format, download, file_name
from api.kit.i18n import Speaker
from api.kit.pages import speaker_of
from api.kit.table_file import CellFault, TableFileError
from api.programme import outlines
from api.programme.content import ProgrammePlan
from api.programme.reading import programme_for, visible_meeting
from api.programme.schedules import frab, pretalx, sheets
from api.programme.schedules.faults import as_fault, insist_on_size
from api.programme.schedules.schedule import plan_of, schedule_of
from api.proposals.programme.store import national_meeting
from api.proposals.programme.writing import taking_in

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
    name = file_name(meeting.name_sv, format)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(octets, media_type=kind, headers=headers)


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
    return download(
        sheets.write(say.either(meeting.name_sv, meeting.name_en), found, say), kind, say
    )


def read_plan(format: str, octets: bytes) -> ProgrammePlan:  # noqa: A002 - the body's own word
    """Return a programme's content from a schedule."""
    return insist_on_size(plan_of(FORMATS[format][0].read(octets)))


def look_through(request: Request, viewer: SignedInViewer, wanted: ScheduleIn) -> ProgrammePlan:
    """Read a planner's schedule apart, before anybody waits for our transaction."""
    insist(may_plan(viewer))
    try:
        return apart(read_plan, wanted.format, wanted.text.encode())
    except TableFileError as error:
        say = speaker_of(request)
        raise FormError(*(_fault(one, say) for one in error.faults)) from None
    except TooMuchError:
        raise FieldFault("text", TOO_MUCH_TO_READ) from None


def _fault(one: CellFault, say: Speaker) -> FieldFault:
    where = ["body", "text", *([str(one.line)] if one.line else []), *filter(None, [one.column])]
    return as_fault(one, say, "/".join(where))


@api.post(
    "/meetings/{meeting_id}/content/import", summary="Begin a programme's content from a schedule"
)
def take_schedule(
    viewer: SignedInViewer,
    plan: Annotated[ProgrammePlan, Depends(look_through)],
    session: Transaction,
    meeting_id: str,
) -> TakenIn:
    """Make a schedule the content of a meeting that has none: every talk stands fast where it stood; for planners.

    It begins on the meeting's first day. `POST /meetings/{meeting_id}/content/read` takes files, tables
    and CoSPLib's workbooks, and puts another content in its place.
    """
    meeting = national_meeting(session, viewer, meeting_id)
    if outlines.outline_of(session, meeting.id) is not None:
        raise ConflictError("Programmet har redan ett innehåll.")
    made = taking_in.fitted(session, meeting, plan)
    taking_in.take_in(session, meeting, made, 0, viewer.person_id, now())
    return TakenIn(
        slots=len(plan.slots),
        rooms=len(plan.rooms),
        tracks=len(plan.tracks),
        sessions=len(plan.sessions),
    )
