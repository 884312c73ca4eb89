"""The page where a meeting's materials are added and taken away."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.policy import insist
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import address, language_of, render, speaker_of
from api.library import service
from api.library.models import Material
from api.meetings.audience import may_add_material
from api.meetings.models import Meeting
from api.meetings.service import meeting_for

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class MaterialsPage:
    """A meeting's links, and the form for one more."""

    meeting_id: str
    meeting: str
    materials: tuple[Material, ...]
    title: str = ""
    address: str = ""
    faults: tuple[FieldFault, ...] = ()


@pages.get("/traffar/{meeting_id}/material")
def materials(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show the links, and the form for one more."""
    return _page(request, session, _meeting(session, viewer, meeting_id))


@pages.post("/traffar/{meeting_id}/material", dependencies=[ACTS_ONCE])
def add_material(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    title: Annotated[str, Form()] = "",
    link: Annotated[str, Form(alias="address")] = "",
) -> Response:
    """Add a link."""
    meeting = _meeting(session, viewer, meeting_id)
    try:
        service.add(session, meeting, title, link, viewer.person_id, now())
    except FieldFault as fault:
        return _page(request, session, meeting, (title, link), fault)
    return _back(request, meeting_id)


@pages.post("/traffar/{meeting_id}/material/{material_id}/ta-bort")
def remove_material(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    material_id: str,
) -> Response:
    """Take a link away."""
    meeting = _meeting(session, viewer, meeting_id)
    service.remove(session, meeting, material_id, viewer.person_id)
    return _back(request, meeting_id)


def _meeting(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> Meeting:
    meeting = meeting_for(session, viewer, meeting_id)
    insist(may_add_material(session, viewer, meeting))
    return meeting


def _page(
    request: Request,
    session: Transaction,
    meeting: Meeting,
    typed: tuple[str, str] = ("", ""),
    fault: FieldFault | None = None,
) -> Response:
    name = speaker_of(request).either(meeting.name_sv, meeting.name_en)
    found = service.materials_of(session, meeting.id)
    page = MaterialsPage(meeting.id, name, found, *typed, faults=(fault,) if fault else ())
    return render(request, "library/materials.html", page, status=fault.status if fault else 200)


def _back(request: Request, meeting_id: str) -> Response:
    where = address(language_of(request), f"/traffar/{meeting_id}/material")
    return RedirectResponse(where, status_code=303)
