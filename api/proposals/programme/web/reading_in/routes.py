"""Pages where a schedule is read in: pretalx, frab, CoSPLib, or the tables that a meeting itself is given out as."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, speaker_of
from api.kit.table_file import MOST_BYTES, TableFileError
from api.meetings.models import Meeting
from api.outbox.acts import begin_act, with_receipt
from api.programme import outlines
from api.programme.schedules.taking import Taken, read
from api.proposals.programme.store import national_meeting
from api.proposals.programme.web.reading_in.page import as_faults, read_in_page, shown_page
from api.proposals.programme.writing import taking_in

pages = APIRouter()

PATH = "/planera/program/innehall/{meeting_id}/schema"
Sent = Taken | tuple[FieldFault, ...]


def sent_file(
    request: Request, viewer: SignedInViewer, file: Annotated[UploadFile | None, File()] = None
) -> Sent:
    """Read what a planner sends before the first statement: nobody who saves waits for a file."""
    insist(may_plan(viewer))
    content = file.file.read(MOST_BYTES + 1) if file is not None else b""
    if not content:
        return (FieldFault("file", "Välj en fil."),)
    try:
        return apart(read, content)
    except TableFileError as error:
        return as_faults(error.faults, speaker_of(request))
    except TooMuchError:
        return (FieldFault("file", TOO_MUCH_TO_READ),)


@pages.get(PATH)
def form(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Ask for the file."""
    meeting = national_meeting(session, viewer, meeting_id)
    page = read_in_page(meeting, speaker_of(request))
    return render(request, "proposals/schedule_read.html", page)


@pages.post(PATH, dependencies=[Depends(sent_file), ACTS_ONCE])
def read_in(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    sent: Annotated[Sent, Depends(sent_file)],
    plan: Annotated[str, Form()] = "",
    take: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Show what a file holds and keep nothing; with `take` what was shown, or the file itself, becomes the content."""
    meeting = national_meeting(session, viewer, meeting_id)
    key = request.app.state.settings.signing_key
    try:
        if take and plan:
            seen = taking_in.unpack(plan, viewer.person_id, key)
            insist(seen.meeting_id == meeting.id)
            return _take(request, session, viewer.person_id, meeting, seen)
        if isinstance(sent, tuple):
            return _refused(request, meeting, sent)
        found = outlines.outline_of(session, meeting.id)
        made = taking_in.fitted(session, meeting, sent.plan)
        seen = taking_in.Seen(meeting.id, found.version if found else 0, made)
        if take:
            return _take(request, session, viewer.person_id, meeting, seen)
    except FieldFault as fault:
        undo(session)
        return _refused(request, meeting, (fault,))
    before = outlines.content_of(found) if found else None
    packed = taking_in.pack(seen, viewer.person_id, key)
    page = shown_page(meeting, sent, made, before, packed, speaker_of(request))
    return render(request, "proposals/schedule_read.html", page)


def _take(
    request: Request, session: Transaction, actor: str, meeting: Meeting, seen: taking_in.Seen
) -> Response:
    page = f"/planera/program/innehall/{meeting.id}"
    number = len(seen.plan.sessions)
    said = Said(later("Schemat är inläst. Antal pass: %(number)s."), number=number)
    begin_act(session, actor, now(), said, page)
    taking_in.take_in(session, meeting, seen.plan, seen.version, actor, now())
    return lead_to(request, with_receipt(session, page))


def _refused(request: Request, meeting: Meeting, faults: tuple[FieldFault, ...]) -> Response:
    page = read_in_page(meeting, speaker_of(request), faults)
    return render(request, "proposals/schedule_read.html", page, status=422)
