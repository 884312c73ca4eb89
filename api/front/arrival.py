"""The page on which a planner writes how guests get in, and whom they ring."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.session import SignedInViewer, Transaction
from api.front.meeting import name_of
from api.kit.clock import now
from api.kit.errors import FieldFault, FormError
from api.kit.pages import Seen, lead_to, render, shows, speaker_of
from api.meetings.models import Meeting
from api.programme.arrival import queries, service
from api.programme.service import to_calendars
from api.proposals.programme.store import national_meeting

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    """The form."""

    meeting_id: str
    meeting: str
    way_in: str
    contact: str
    contacts: Sequence[tuple[str, str]]
    version: int
    longest: int = service.LONGEST
    faults: tuple[FieldFault, ...] = ()


@pages.get("/traffar/{meeting_id}/vagen-in")
@shows(ArrivalPage)
def way_in(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show what is written."""
    meeting = national_meeting(session, viewer, meeting_id)
    found = queries.arrival(session, meeting_id)
    typed = (found.way_in, found.contact_id or "") if found else ("", "")
    version = found.version if found else 0
    return render(request, "front/arrival.html", _page(request, session, meeting, typed, version))


@pages.post("/traffar/{meeting_id}/vagen-in")
def write(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    version: Seen = 0,
    way_in: Annotated[str, Form()] = "",
    contact: Annotated[str, Form()] = "",
) -> Response:
    """Keep it, and bring guests' calendars to it."""
    meeting = national_meeting(session, viewer, meeting_id)
    try:
        service.write(session, meeting, way_in, contact, version, viewer.person_id)
    except FormError as error:
        page = _page(request, session, meeting, (way_in, contact), version, error.faults)
        return render(request, "front/arrival.html", page, status=error.status)
    to_calendars(session, meeting, now())
    return lead_to(request, f"/traffar/{meeting_id}")


def _page(
    request: Request,
    session: Transaction,
    meeting: Meeting,
    typed: tuple[str, str],
    version: int,
    faults: tuple[FieldFault, ...] = (),
) -> ArrivalPage:
    say = speaker_of(request)
    contacts = [("", say.text("Ingen vald")), *service.possible_contacts(session)]
    return ArrivalPage(meeting.id, name_of(say, meeting), *typed, contacts, version, faults=faults)
